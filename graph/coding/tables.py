"""Statements that people have coded: what comes of a table or a file of another program, marked as coded by hand."""

import csv
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graph.domain.folder import Domain
from graph.errors import BadDocument
from graph.model import Actor, Article, Cue, Manner, Reform, Stance, Statement, combine
from graph.names import by_name, slug

CODED = "coded by "
"""How the effect of the one cue begins that a statement coded by hand has; the coder's name follows."""

FIELDS = (
    *("article", "quote", "start", "end", "actor", "reform", "stance", "speaker", "concerns", "condition", "manner"),
    *("coder", "text", "title", "publisher", "date", "url"),
)
"""What a column of a coding table can be mapped to; the last five tell of the document itself."""

REQUIRED = ("article", "quote", "actor", "reform", "stance")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A row or statement that could not be taken over, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCoding:
    """What a file of hand coding holds, ready for the graph."""

    articles: tuple[Article, ...] = ()
    statements: tuple[Statement, ...] = ()
    actors: tuple[Actor, ...] = ()
    reforms: tuple[Reform, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    entities: int = 0
    """Names that the file keeps, where it keeps them apart."""

    def for_graph(self) -> tuple[Statement, ...]:
        """One statement for each place, actor and reform: mixed where coders differ, or where one coded both sides."""
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            found.setdefault(statement.id, []).append(statement)
        return tuple(replace(several[0], stance=combine(s.stance for s in several)) for several in found.values())

    def by_coder(self) -> dict[str, tuple[Statement, ...]]:
        """The statements of each coder."""
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            found.setdefault(coder_of(statement) or "", []).append(statement)
        return {coder: tuple(theirs) for coder, theirs in sorted(found.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column of a table is which field, and which of its words mean which stance."""

    columns: Mapping[str, str]
    """From our field to the table's column."""
    stances: Mapping[str, Stance] = field(default_factory=dict)
    """From the table's word, in lower case, to the stance; the stances' own names need no entry."""
    coder: str = ""
    """Who coded, where no column says so."""


def by_hand(statement: Statement, coder: str) -> Statement:
    """The statement, marked as coded by this person: its one cue is the passage, its effect names the coder."""
    mark = Cue(text=statement.quote, start=statement.start, end=statement.end, effect=f"{CODED}{coder or 'hand'}")
    return replace(statement, cues=(mark,))


def coder_of(statement: Statement) -> str | None:
    """Who coded the statement by hand; None where a machine read it."""
    effects = [cue.effect for cue in statement.cues if cue.effect.startswith(CODED)]
    return effects[0].removeprefix(CODED) if effects else None


def read_mapping(path: Path) -> ColumnMapping:
    """A mapping in TOML: `coder`, `[columns]` from field to column, `[stances]` from word to stance.

    Raises BadDocument.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDocument(f"{path}: no mapping in TOML: {error}") from error
    columns = told.get("columns", {})
    unknown = [name for name in columns if name not in FIELDS]
    if unknown:
        raise BadDocument(f"{path}: {unknown[0]!r} is no field; there are {', '.join(FIELDS)}")
    stances = {}
    for word, stance in told.get("stances", {}).items():
        if stance not in set(Stance):
            raise BadDocument(f"{path}: stance {stance!r} is none of {', '.join(Stance)}")
        stances[str(word).casefold()] = Stance(stance)
    return ColumnMapping(columns=columns, stances=stances, coder=str(told.get("coder", "")))


def read_table(path: Path, domain: Domain, articles: Iterable[Article] = (), *, mapping: ColumnMapping) -> HandCoding:
    """The coded passages of a CSV, TSV or JSON-lines table, one a row, as MAXQDA, NVivo and spreadsheets export them.

    Actors and reforms may stand there by id, name or alias. A passage must be found in its article letter by letter;
    where it stands there several times `start` decides. Rows that cannot be taken over are told with their reasons.
    Raises BadDocument for what is no table, or lacks a column that is needed.
    """
    texts = {article.id: article for article in articles}
    rows = list(_rows(path))
    columns = {name: mapping.columns.get(name, name) for name in FIELDS}
    if rows:
        lacking = [columns[name] for name in REQUIRED if columns[name] not in rows[0][1]]
        if lacking:
            raise BadDocument(
                f"{path}: no column {lacking[0]!r}; name the table's own columns in the mapping, there are "
                f"{', '.join(rows[0][1])}"
            )
    told = _Vocabulary(domain)
    made: list[Statement] = []
    passed: list[PassedOver] = []
    for line, row in rows:
        fields = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        fields["text"] = row.get(columns["text"]) or ""
        id = fields["article"]
        if fields["text"] and id not in texts:
            texts[id] = Article(
                id=id,
                text=fields["text"],
                title=fields["title"],
                publisher=fields["publisher"],
                date=fields["date"],
                url=fields["url"],
            )
        statement = _statement(fields, texts.get(id), told, mapping)
        if isinstance(statement, str):
            passed.append(PassedOver(place=f"{path.name}:{line}", reason=statement))
        else:
            made.append(statement)
    statements = sorted(made, key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
    quoted = {statement.article for statement in statements}
    return HandCoding(
        articles=tuple(texts[id] for id in sorted(quoted)),
        statements=tuple(statements),
        actors=tuple(told.found[id] for id in sorted(told.found)),
        reforms=tuple(domain.reforms[id] for id in sorted({statement.reform for statement in statements})),
        passed_over=tuple(passed),
    )


class _Vocabulary:
    """Actors and reforms by whatever a table may call them."""

    def __init__(self, domain: Domain) -> None:
        self.actors = by_name({a.id: (a.label, *a.aliases) for a in domain.actors.values()})
        self.reforms = by_name({r.id: (r.label, *r.aliases) for r in domain.reforms.values()})
        self.concerns = by_name({c.id: (c.label,) for c in domain.concerns.values()})
        self.labels = {a.id: a.label for a in domain.actors.values()}
        self.found: dict[str, Actor] = {}
        """Actors that the table names and the domain does not know."""

    def actor(self, name: str) -> tuple[str, str]:
        """Id and label; an actor that is not known gets an id from its name."""
        known = self.actors.get(name.strip().casefold())
        if known is not None:
            return known, self.labels[known]
        id = slug(name)
        self.found.setdefault(id, Actor(id=id, label=name))
        return id, name


def _statement(
    fields: Mapping[str, str], article: Article | None, told: _Vocabulary, mapping: ColumnMapping
) -> Statement | str:
    """The statement of a row, or why there is none."""
    if article is None:
        return f"there is no article {fields['article']!r}"
    empty = [name for name in REQUIRED if not fields[name]]
    if empty:
        return f"no {empty[0]}"
    reform = told.reforms.get(fields["reform"].casefold())
    if reform is None:
        return f"no reform {fields['reform']!r} in the domain; add it to reforms.csv"
    word = fields["stance"].casefold()
    stance = mapping.stances.get(word) or (Stance(word) if word in set(Stance) else None)
    if stance is None:
        return f"{fields['stance']!r} is no stance; say in the mapping which it means"
    start = _place(fields, article.text)
    if start is None:
        return f"the passage is not, or more than once, in article {article.id!r}"
    manner = fields["manner"].casefold()
    concerns = (part.strip() for part in re.split(r"[;|]", fields["concerns"]))
    actor, label = told.actor(fields["actor"])
    return by_hand(
        Statement(
            article=article.id,
            start=start,
            end=start + len(fields["quote"]),
            quote=fields["quote"],
            actor=actor,
            actor_label=label,
            speaker=fields["speaker"] or None,
            reform=reform,
            stance=stance,
            concerns=tuple(told.concerns.get(part.casefold(), part) for part in concerns if part),
            condition=fields["condition"] or None,
            manner=Manner(manner) if manner in set(Manner) else Manner.REPORTED,
        ),
        fields["coder"] or mapping.coder,
    )


def _place(fields: Mapping[str, str], text: str) -> int | None:
    quote = fields["quote"]
    if fields["start"].isdigit() and text.startswith(quote, int(fields["start"])):
        return int(fields["start"])
    first = text.find(quote)
    if first < 0 or text.find(quote, first + 1) >= 0:
        return None
    return first


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by their line, every value as text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in (".jsonl", ".ndjson"):
                for line, text in enumerate(file, 1):
                    if text.strip():
                        yield line, {key: _text(value) for key, value in json.loads(text).items()}
                return
            head = file.read(4096)
            file.seek(0)
            delimiter = max(",;\t", key=head.partition("\n")[0].count)
            reader = csv.DictReader(file, delimiter=delimiter, strict=True)
            for row in reader:
                yield reader.line_num, {str(key): value or "" for key, value in row.items() if key is not None}
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, AttributeError) as error:
        raise BadDocument(f"{path}: not a table that can be read: {error}") from error


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)
