"""Say where a SPARQL text does not parse and what was expected there.

The engine reports the furthest place that it looked at, which may lie words behind the mistake. So the text is parsed
again with wide gaps between its tokens: the place that is reported then lies at the token at fault, or in the gap after
it. What was expected there is what the engine asks for if the text ends before that token.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from graph.rdf.sparql_text import OUTBOUND, place, tokens

GAP = " " * 64
"""Longer than any keyword of SPARQL."""
END = "\x01"
"""Stands behind the text: a character that no text may contain."""
APART = frozenset({"open", "close", "iri", "variable"})
"""Kinds of tokens around which there may always be a gap."""
REPORT = re.compile(r"error at \d+:(\d+): expected (?:one of )?(.*)", re.DOTALL)
ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[A-Za-z][^,"\[]*')
NAMED = (
    ("a variable", ('"?"', '"$"')),
    ("an IRI", ('"<"',)),
    ("a name", ('":"',)),
    ("a string", ('"\\""', '"\'"')),
    ("a number", ('"+"', '"-"', "['0'..='9']", "['0' ..= '9']")),
    ("a keyword", ("[_]",)),
)
"""What the engine's literals stand for, in words."""
KEYWORDS = (
    *("SELECT", "CONSTRUCT", "DESCRIBE", "ASK", "WHERE", "PREFIX", "BASE", "FROM", "NAMED", "DISTINCT", "REDUCED"),
    *("OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "GROUP", "ORDER", "BY", "HAVING", "LIMIT"),
    *("OFFSET", "ASC", "DESC", "EXISTS", "NOT", "IN", "AS", "INSERT", "DELETE", "DATA", "WITH", "USING", "CLEAR"),
    *("DROP", "CREATE", "ADD", "MOVE", "COPY", "UNDEF", "COUNT", "SUM", "MIN", "MAX", "AVG"),
)
RULE = re.compile(r"(?!Prefix not found)[A-Z][a-z]+ [A-Za-z]+ ")
CLOSING = '"\\\\"'
"""Expected within a string, where an escape may stand."""
RARE = ('"{|"', '"~"', '"<<"', '"_"')
MOST = 6
"""Number of expected things to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A text with wide gaps between its tokens."""

    text: str
    starts: tuple[int, ...]
    """Where each token begins in it, and where the end is."""
    offsets: tuple[int, ...]
    """Where each of them begins in the original text."""


def explained(text: str, fault: Callable[[str], str], *, kind: str = "query") -> str:
    """Return the place of the mistake and what was expected, as one sentence without its end.

    `fault` returns the engine's report on a text, or an empty string if it parses.
    """
    spread = _spread(text)
    report = REPORT.match(fault(spread.text))
    if report is None:
        return "it ends too early, or has a character that SPARQL does not know"
    at = int(report[1]) - 1
    number = max((index for index, start in enumerate(spread.starts) if start <= at), default=0)
    offset = spread.offsets[number]
    where = place(text, offset)
    found = _found(text, offset)
    if "Prefix not found" in report[2]:
        prefix = found.partition(":")[0]
        return f"{where}: the prefix '{prefix}:' is not declared; add PREFIX {prefix}: <…> at the start"
    if any(word in text.lower() for word in OUTBOUND):
        # What comes before the mistake may be a whole query, which must not contact a server.
        return f"{where}: {found!r} is not expected here" if found else f"{where}: the {kind} ends too early"
    before = fault(spread.text[: spread.starts[number]])
    for item in [item for each in (before, fault(text)) for item in _items(each)]:
        # The engine has a few sentences of its own, such as 'Variables are not allowed in INSERT DATA'.
        if RULE.match(item):
            return f"{where}: {item[0].lower()}{item.strip()[1:]}"
    wanted = _wanted(before, first=number == 0, kind=kind)
    but = f"but found {found!r}" if found else f"but the {kind} ends"
    near = get_close_matches(found.upper(), KEYWORDS, n=1, cutoff=0.75) if found.isalpha() else []
    meant = f"; did you mean {near[0]}?" if near and near[0] != found.upper() else ""
    return f"{where}: expected {wanted}, {but}{meant}"


def _spread(text: str) -> Spread:
    parts: list[str] = []
    starts: list[int] = []
    offsets: list[int] = []
    length = 0
    before: re.Match[str] | None = None
    for token in tokens(text):
        apart = before is not None and (
            before.end() < token.start() or before.lastgroup in APART or token.lastgroup in APART
        )
        if apart:
            parts.append(GAP)
            length += len(GAP)
        if apart or before is None:
            starts.append(length)
            offsets.append(token.start())
        # A line break within a string would begin another line of the report.
        written = token[0].replace("\n", " ").replace("\r", " ")
        parts.append(written)
        length += len(written)
        before = token
    gap = GAP if before is not None else ""
    starts.append(length + len(gap))
    offsets.append(before.end() if before is not None else 0)
    return Spread(text="".join([*parts, gap, END, GAP]), starts=tuple(starts), offsets=tuple(offsets))


def _found(text: str, offset: int) -> str:
    token = next(iter(tokens(text[offset:])), None)
    return token[0][:40] if token is not None else ""


def _items(report: str) -> list[str]:
    match = REPORT.match(report)
    return ITEM.findall(match[2]) if match is not None else []


def _wanted(report: str, *, first: bool, kind: str) -> str:
    if first:
        begins = "SELECT, CONSTRUCT, ASK, DESCRIBE" if kind == "query" else "INSERT, DELETE, CLEAR, WITH"
        return f"{begins} or PREFIX"
    if not report:
        return f"the end of the {kind}"
    wanted = list(dict.fromkeys(_words(_items(report)))) or ["something else"]
    kept = wanted[:MOST]
    return kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} or {kept[-1]}"


def _words(items: list[str]) -> Iterator[str]:
    given = {item.strip() for item in items}
    if CLOSING in given:
        yield "a closing quotation mark"
        return
    for told, literals in NAMED:
        if not given.isdisjoint(literals):
            yield told
    for item in sorted(given):
        if (
            item.startswith('"')
            and item not in RARE
            and not set(item[1:-1]) & {"'", '"'}
            and all(item not in literals for _, literals in NAMED)
        ):
            yield f"'{item[1:-1]}'"
        elif item[:1].isalpha():
            yield item
