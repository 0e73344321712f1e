"""Statements that people have coded in tables: each row becomes a statement that is marked as coded by hand."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graph.coding.passages import place
from graph.coding.rows import CodingTable, read_rows
from graph.coding.scale import Scale, number, read_scale
from graph.coding.vocabulary import Vocabulary, bare
from graph.domain.folder import Domain
from graph.domain.tables import is_date
from graph.errors import BadDocument, BadRequest
from graph.model import Actor, Article, Cue, Manner, Reform, Stance, Statement, combine

CODED = "coded by "
"""Start of the effect of the one cue that a statement coded by hand has; the coder's name follows."""

FIELDS = (
    *("article", "quote", "start", "end", "actor", "reform", "stance", "speaker", "concerns", "condition", "manner"),
    *("coder", "text", "title", "publisher", "date", "url"),
)
"""Fields that a column of a coding table can be mapped to; the last five describe the document itself."""

REQUIRED = ("article", "quote", "actor", "reform", "stance")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A row, statement or value that was not taken over, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCoding:
    """The content of a file of hand coding, ready for the graph."""

    articles: tuple[Article, ...] = ()
    statements: tuple[Statement, ...] = ()
    actors: tuple[Actor, ...] = ()
    reforms: tuple[Reform, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    entities: int = 0
    """How many names the file holds, if it keeps them apart."""

    def for_graph(self) -> tuple[Statement, ...]:
        """Return one statement for each place, actor and reform: mixed if coders differ, or if one coded both sides."""
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            found.setdefault(statement.id, []).append(statement)
        return tuple(replace(several[0], stance=combine(s.stance for s in several)) for several in found.values())

    def by_coder(self) -> dict[str, tuple[Statement, ...]]:
        """Return the statements of each coder."""
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            found.setdefault(coder_of(statement) or "", []).append(statement)
        return {coder: tuple(theirs) for coder, theirs in sorted(found.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column of a table is which field, and which of its words mean which stance."""

    columns: Mapping[str, str]
    """From our field to the table's column, or to the variable of a .dna file."""
    stances: Mapping[str, Stance] = field(default_factory=dict)
    """From the table's word, in lower case, to the stance; the stances' own names need no entry."""
    coder: str = ""
    """Who coded, if no column says so."""
    scale: Scale | None = None
    """The scale of stances that are given as numbers."""

    def stance(self, word: str) -> Stance | None:
        """Return the stance that a word or a number of the scale means."""
        plain = word.strip().casefold()
        if plain in self.stances:
            return self.stances[plain]
        if plain in set(Stance):
            return Stance(plain)
        value = number(plain)
        return self.scale.stance(value) if self.scale is not None and value is not None else None


def by_hand(statement: Statement, coder: str) -> Statement:
    """Mark a statement as coded by a person: its one cue is the passage, and the effect names the coder."""
    mark = Cue(text=statement.quote, start=statement.start, end=statement.end, effect=f"{CODED}{coder or 'hand'}")
    return replace(statement, cues=(mark,))


def coder_of(statement: Statement) -> str | None:
    """Return who coded the statement by hand; None if the extraction found it."""
    effects = [cue.effect for cue in statement.cues if cue.effect.startswith(CODED)]
    return effects[0].removeprefix(CODED) if effects else None


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping in TOML: `coder`, `scale`, `[columns]` from field to column, `[stances]` from word to stance.

    Raises BadDocument.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDocument(f"{path}: not a mapping in TOML: {error}") from error
    columns, words = told.get("columns", {}), told.get("stances", {})
    if not isinstance(columns, dict) or not isinstance(words, dict):
        raise BadDocument(f"{path}: `columns` and `stances` each begin with a line [columns] or [stances]")
    unknown = [name for name in columns if name not in FIELDS]
    if unknown:
        raise BadDocument(f"{path}: {unknown[0]!r} is not a field. Use {', '.join(FIELDS)}")
    stances = {}
    for word, stance in words.items():
        if stance not in set(Stance):
            raise BadDocument(f"{path}: {stance!r} is not a stance. Use {', '.join(Stance)}")
        stances[str(word).strip().casefold()] = Stance(stance)
    try:
        scale = read_scale(str(told["scale"])) if "scale" in told else None
    except BadRequest as error:
        raise BadDocument(f"{path}: scale: {error}") from error
    return ColumnMapping(
        columns={name: str(column) for name, column in columns.items()},
        stances=stances,
        coder=str(told.get("coder", "")),
        scale=scale,
    )


def read_table(path: Path, domain: Domain, articles: Iterable[Article] = (), *, mapping: ColumnMapping) -> HandCoding:
    """Read the coded passages of a table, one a row, as MAXQDA, NVivo and spreadsheets export them.

    Actors and reforms may be given by id, name or alias. A passage must be in its article; quotation marks, dashes and
    spaces may differ. If it is there several times, `start` decides. Rows that cannot be taken over are listed with
    their reasons. Raises BadDocument if the file is not a table, or lacks a column that is needed.
    """
    table = read_rows(path)
    columns = _columns(path, table, mapping)
    reader = _Rows(path, columns, Vocabulary(domain), mapping, {article.id: article for article in articles})
    made = [statement for line, row in table.rows if (statement := reader.statement(line, row)) is not None]
    faults = [PassedOver(place=f"{path.name}:{line}", reason=reason) for line, reason in table.faults]
    statements = sorted(made, key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
    quoted = {statement.article for statement in statements}
    return HandCoding(
        articles=tuple(reader.texts[id] for id in sorted(quoted)),
        statements=tuple(statements),
        actors=tuple(reader.known.found[id] for id in sorted(reader.known.found)),
        reforms=tuple(domain.reforms[id] for id in sorted({statement.reform for statement in statements})),
        passed_over=(*faults, *reader.passed),
    )


def _columns(path: Path, table: CodingTable, mapping: ColumnMapping) -> Mapping[str, str]:
    """From our field to the column of the table, however the table spells it. Raises BadDocument."""
    spelt = {bare(column): column for column in table.columns}
    columns = {}
    for name in FIELDS:
        wanted = mapping.columns.get(name, name)
        columns[name] = wanted if wanted in table.columns else spelt.get(bare(wanted), "")
        if table.columns and not columns[name] and (name in REQUIRED or name in mapping.columns):
            raise BadDocument(
                f"{path}: no column {wanted!r}; name the table's own columns in the mapping. "
                f"The table has {', '.join(table.columns)}"
            )
    return columns


class _Rows:
    """Turns the rows of a table into statements, and notes what it passes over."""

    def __init__(
        self,
        path: Path,
        columns: Mapping[str, str],
        known: Vocabulary,
        mapping: ColumnMapping,
        texts: dict[str, Article],
    ) -> None:
        self.path = path
        self.columns = columns
        self.known = known
        self.mapping = mapping
        self.texts = texts
        self.passed: list[PassedOver] = []

    def statement(self, line: int, row: Mapping[str, str]) -> Statement | None:
        fields = {name: (row.get(column) or "").strip() if column else "" for name, column in self.columns.items()}
        self.bring_text(line, row, fields)
        made = self.read(line, fields)
        if isinstance(made, str):
            self.note(line, made)
            return None
        return made

    def bring_text(self, line: int, row: Mapping[str, str], fields: Mapping[str, str]) -> None:
        """Take in the article whose text a row brings along."""
        id, text = fields["article"], row.get(self.columns["text"]) or ""
        if not text or not id or id in self.texts:
            return
        if fields["date"] and not is_date(fields["date"]):
            self.value(line, "date", fields, "not a date. Use YYYY, YYYY-MM or YYYY-MM-DD")
        self.texts[id] = Article(
            id=id,
            text=text,
            title=fields["title"],
            publisher=fields["publisher"],
            date=fields["date"] if is_date(fields["date"]) else "",
            url=fields["url"],
        )

    def read(self, line: int, fields: Mapping[str, str]) -> Statement | str:
        """The statement of a row, or why there is none."""
        article = self.texts.get(fields["article"])
        empty = [name for name in REQUIRED if not fields[name]]
        if empty:
            return f"column {self.columns[empty[0]]!r} is empty"
        if article is None:
            return f"there is no article {fields['article']!r}"
        reform = self.known.reform(fields["reform"])
        if not reform:
            return f"no reform {fields['reform']!r} in the domain; add it to reforms.csv"
        stance = self.mapping.stance(fields["stance"])
        if stance is None:
            column = self.columns["stance"]
            more = ", or give the --scale" if number(fields["stance"]) is not None else ""
            return f"column {column!r}: {fields['stance']!r} is not a stance; say in the mapping which it means{more}"
        found = place(
            fields["quote"], article.text, start=int(fields["start"]) if fields["start"].isdecimal() else None
        )
        if isinstance(found, str):
            where = f"article {article.id!r}; copy its words, or give `start`"
            return f"column {self.columns['quote']!r}: the passage {found} {where}"
        actor, label = self.known.actor(fields["actor"])
        return by_hand(
            Statement(
                article=article.id,
                start=found.start,
                end=found.end,
                quote=article.text[found.start : found.end],
                actor=actor,
                actor_label=label,
                speaker=fields["speaker"] or None,
                reform=reform,
                stance=stance,
                concerns=tuple(dict.fromkeys(self.concerns(line, fields))),
                condition=fields["condition"] or None,
                manner=self.manner(line, fields),
            ),
            fields["coder"] or self.mapping.coder,
        )

    def concerns(self, line: int, fields: Mapping[str, str]) -> Iterator[str]:
        for part in filter(None, (each.strip() for each in re.split(r"[;|]", fields["concerns"]))):
            known = self.known.concern(part)
            if known is None:
                self.note(line, f"column {self.columns['concerns']!r}: no concern {part!r}; add it to concerns.csv")
            else:
                yield known

    def manner(self, line: int, fields: Mapping[str, str]) -> Manner:
        manner = fields["manner"].casefold()
        if manner and manner not in set(Manner):
            self.value(line, "manner", fields, f"not a manner. Use {', '.join(Manner)}")
        return Manner(manner) if manner in set(Manner) else Manner.REPORTED

    def value(self, line: int, name: str, fields: Mapping[str, str], fault: str) -> None:
        """Note a value that is left out, while the rest of its row is kept."""
        self.note(line, f"column {self.columns[name]!r}: {fields[name]!r} is {fault}; the rest of the row is kept")

    def note(self, line: int, reason: str) -> None:
        self.passed.append(PassedOver(place=f"{self.path.name}:{line}", reason=reason))
