"""Parts of the documentation that are made from the code, so that they stay true."""

from collections.abc import Callable

from api.settings import CHECKOUT, Settings
from graph.rdf.ontology_page import ontology_page

OPERATIONS = CHECKOUT / "docs" / "operations.md"
ONTOLOGY = CHECKOUT / "docs" / "ontology.md"
BEGIN, END = "<!-- settings -->\n", "<!-- end -->\n"


def settings_help() -> str:
    """All settings as lines for `positions serve --help`."""
    lines = [
        f"  {name} [{default}]: {what}" if default else f"  {name}: {what}" for name, default, what in Settings.told()
    ]
    head = "All settings, as POSITIONS_NAME in the environment or as name in positions.toml:"
    # What follows \\b is not wrapped.
    return "\b\n" + "\n".join([head, *lines])


def settings_table() -> str:
    """All settings as a table."""
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {what} |" for name, default, what in Settings.told()]
    return "\n".join(["| setting | default | what it is |", "| --- | --- | --- |", *rows]) + "\n"


def operations(text: str) -> str:
    """The page for operators with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/operations.md": lambda: operations(OPERATIONS.read_text(encoding="utf-8")),
    "docs/ontology.md": ontology_page,
}


def document() -> None:
    """Write the generated parts of docs/ anew."""
    for name, made in PAGES.items():
        (CHECKOUT / name).write_text(made(), encoding="utf-8")
