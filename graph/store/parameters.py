"""Parameters of SPARQL queries, filled in with values from Python."""

import re
from collections.abc import Iterable

from graph.errors import BadQuery
from graph.rdf.terms import Literal, Term, written

Value = Term | str | float | bool
Bound = Value | Iterable[Value] | None
"""A value for a query parameter: one value, several alternatives, or None to leave it free."""
# The names of parameters have no meaning inside a comment, string or IRI, so those are matched first and kept.
PARAMETER = re.compile(
    r"""(?P<kept>\#[^\n]*|<[^<>"{}|^`\\\s]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
    r"""|\bVALUES\s+[?$](?P<name>\w+)\s*\{\s*UNDEF\s*\}""",
    re.DOTALL | re.IGNORECASE,
)


def bound(query: str, **bindings: Bound) -> str:
    """Return the query with its parameters filled in: a complete query that can also be run by hand.

    A parameter is a variable that the query declares as `VALUES ?name { UNDEF }`, as often as needed (also in
    sub-selects), so the text is valid without any value too. A list means any one of its members; None leaves the
    variable free. Raises BadQuery if the query has no such parameter.
    """
    missing = set(bindings)

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        if match["kept"] is not None or name not in bindings:
            return match[0]
        missing.discard(name)
        value = bindings[name]
        if value is None:
            return ""
        terms = [value] if isinstance(value, str | int | float | Literal) else value
        return f"VALUES ?{name} {{ {' '.join(map(written, terms))} }}"

    filled = PARAMETER.sub(fill, query)
    if missing:
        raise BadQuery(f"the query declares no VALUES ?{min(missing)} {{ UNDEF }}")
    return filled
