"""Parts of the documentation that are generated from the code."""

from collections.abc import Callable

from api.settings import Settings
from graph.errors import BadRequest
from graph.rdf.ontology_page import ontology_page
from graph.shipped import CHECKOUT, installed

OPERATIONS = CHECKOUT / "docs" / "operations.md"
ONTOLOGY = CHECKOUT / "docs" / "ontology.md"
BEGIN, END = "<!-- settings -->\n", "<!-- end -->\n"


def settings_help() -> str:
    """Return all settings as lines for `positions serve --help`."""
    lines = [
        f"  {name} [{default}]: {what}" if default else f"  {name}: {what}" for name, default, what in Settings.told()
    ]
    head = "Settings, as POSITIONS_NAME in the environment or as name in positions.toml:"
    # The formatter of the help does not wrap a paragraph that starts with \\b.
    return "\b\n" + "\n".join([head, *lines])


def settings_table() -> str:
    """Return all settings as a Markdown table."""
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {what} |" for name, default, what in Settings.told()]
    return "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows]) + "\n"


def operations(text: str) -> str:
    """Return the page for operators with an updated table of settings."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/operations.md": lambda: operations(OPERATIONS.read_text(encoding="utf-8")),
    "docs/ontology.md": ontology_page,
}


def document() -> None:
    """Rewrite the generated parts of docs/."""
    if installed():
        raise BadRequest("there is no docs/ in an installation; run this in a checkout of the source")
    for name, made in PAGES.items():
        (CHECKOUT / name).write_text(made(), encoding="utf-8")
