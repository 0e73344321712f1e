"""Check SPARQL text before it is parsed: whether it contacts other servers, how deep it nests, what it names.

The engine cannot switch off SERVICE and LOAD, and a deeply nested text can crash its process. So each text is first
split into the tokens of the SPARQL 1.1 grammar. If the tokens are in doubt, the text is refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.errors import BadQuery

DEEPEST = 200
"""Limit for nested groups, parentheses and negations; the engine's parser needs stack space for each."""

LONGEST_CHAIN = 2_000
"""Limit for unions, path steps or operators in one text; each adds a level to the engine's plan."""

CHAINING = frozenset({"/", "|", "^", "!", "*", "+", "&&", "||", "union", "optional", "minus"})
OUTBOUND = ("service", "load")
VOLATILE = frozenset({"now", "rand", "uuid", "struuid"})
"""Functions whose value changes from call to call; answers that use them are not cached."""

IRI = r"<(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<comment>\#[^\n\r]*)
    | (?P<iri>{IRI})
    | (?P<string>\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<blank>_:[\w\-·]+)
    | (?P<prefixed>(?:[^\W\d_][\w.\-]*)?:[\w\-:%]*)
    | (?P<number>[0-9]+)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[{{(\[])
    | (?P<close>[}})\]])
    | (?P<operator>&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
# After one of these an expression can continue, so '<' may mean 'less than' and not start an IRI.
OPERAND = frozenset({"iri", "string", "variable", "prefixed", "number", "close", "language", "blank", "word"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the tokens of a text show."""

    words: frozenset[str]
    """Keywords and names of functions, in lower case."""
    wheres: tuple[int, ...] = ()
    """Offsets of each WHERE outside all braces: in an update, one for each operation with a pattern."""

    @property
    def names_data_set(self) -> bool:
        """Whether the text itself names its graphs (FROM, USING, WITH)."""
        return not self.words.isdisjoint({"from", "using", "with"})

    @property
    def steady(self) -> bool:
        """Whether the same data always give the same answer."""
        return self.words.isdisjoint(VOLATILE)


def read(text: str) -> Reading:
    """Read a query or update. Raises BadQuery if it contacts other servers or nests too deep."""
    if re.search("|".join(OUTBOUND), text, re.IGNORECASE):
        _refuse_outbound(text, tokens(text))
        # 'FILTER(?a<?b#>' contains a comment or an IRI, depending on the parser; refuse it in both readings.
        _refuse_outbound(text, tokens(text, less_than=True))
    depth = chain = negations = 0
    words: set[str] = set()
    wheres: list[int] = []
    for token in tokens(text):
        kind, value = token.lastgroup, token[0]
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "word":
            value = value.lower()
            words.add(value)
            if value == "where" and depth == 0:
                wheres.append(token.start())
        negations = negations + 1 if value == "!" else 0 if kind != "open" else negations
        if depth > DEEPEST or negations > DEEPEST:
            raise BadQuery(f"{place(text, token.start())}: nested more than {DEEPEST} levels deep; use fewer levels")
        if value in CHAINING:
            chain += 1
            if chain > LONGEST_CHAIN:
                raise BadQuery(
                    f"{place(text, token.start())}: more than {LONGEST_CHAIN} operators, path steps, unions or "
                    "optional parts; use VALUES, or split the query"
                )
    return Reading(words=frozenset(words), wheres=tuple(wheres))


def using(text: str, default_graphs: Iterable[str], named_graphs: Iterable[str]) -> str:
    """Return the update with the graphs of the request inserted before each WHERE, as the protocol requires.

    Raises BadQuery if the update names graphs itself: the protocol allows only one of the two.
    """
    reading = read(text)
    if reading.names_data_set:
        raise BadQuery("the update has USING or WITH: using-graph-uri and using-named-graph-uri cannot be given")
    clauses = "".join(f"USING <{graph}> " for graph in default_graphs)
    clauses += "".join(f"USING NAMED <{graph}> " for graph in named_graphs)
    parts, end = [], 0
    for where in reading.wheres:
        before = text[end:where]
        short = re.search(r"\bDELETE\s*$", before, re.IGNORECASE)
        if short:
            # 'DELETE WHERE { pattern }' does not allow USING; the long form does.
            pattern = _group(text, where + len("WHERE"))
            parts += [before, pattern, " ", clauses]
        else:
            parts += [before, clauses]
        end = where
    return "".join([*parts, text[end:]])


def place(text: str, offset: int) -> str:
    """Return line and column of an offset, counted from one, in the form of the engine's parser."""
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - (text.rfind(chr(10), 0, offset) + 1) + 1}"


def tokens(text: str, *, less_than: bool = False) -> Iterator[re.Match[str]]:
    """Yield the tokens of a text, without spaces and comments."""
    at, before = 0, ""
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:  # pragma: no cover  # 'operator' takes any character
            break
        kind = token.lastgroup or ""
        if less_than and kind == "iri" and "#" in token[0] and before in OPERAND:
            at += 1
            before = "operator"
            continue
        if kind not in {"space", "comment"}:
            before = kind
            yield token
        at = token.end()


def _refuse_outbound(text: str, tokens: Iterable[re.Match[str]]) -> None:
    for token in tokens:
        value = token[0].lower()
        if token.lastgroup == "word":
            # The engine reads 'trueSERVICE' as two words.
            found = next((word for word in OUTBOUND if word in value), None)
        elif token.lastgroup == "prefixed":
            # 'SERVICE:a' is SERVICE followed by a name with the empty prefix if a plain name cannot occur there.
            found = next((word for word in OUTBOUND if value.partition(":")[0].endswith(word)), None)
        else:
            continue
        if found:
            raise BadQuery(
                f"{place(text, token.start())}: {found.upper()} is refused: queries must not contact other servers; "
                "query the other server yourself, and pass its results in VALUES"
            )


def _group(text: str, start: int) -> str:
    """Return the text of the first group in braces from this offset."""
    depth, first = 0, start
    for token in tokens(text[start:]):
        if token[0] == "{":
            if not depth:
                first = start + token.start()
            depth += 1
        elif token[0] == "}":
            depth -= 1
            if not depth:
                return text[first : start + token.end()]
    return ""
