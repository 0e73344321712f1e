"""What ships with the product besides code: the ontology and a policy area.

In a checkout, these files lie at its top. In a wheel they lie in this package: `pyproject.toml` puts them here.
"""

from importlib import resources
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
"""The folder of `ontology.ttl` and `corpus/`, unless the product was installed from a wheel."""


def shipped(name: str) -> Path:
    """Return the place of a file or folder that ships with the product."""
    packed = resources.files(__name__) / name
    return packed if isinstance(packed, Path) and packed.exists() else CHECKOUT / name


def installed() -> bool:
    """Return whether the product was installed from a wheel: its own folder is then not for a user's data."""
    return shipped("ontology.ttl").parent != CHECKOUT
