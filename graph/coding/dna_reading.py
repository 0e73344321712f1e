"""Read Discourse Network Analyzer 3 files (.dna, SQLite), ours and those of coders, as hand coding.

Coders give their files variables and notes of their own. Only DNA's own four variables count, however they are spelt,
and those that the mapping names; what our own export adds counts only in a file that our export wrote.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graph.coding.dna import CODER_OF_EXTRACTION, UNSIDED, java_text
from graph.coding.scale import Scale, number, scale_of
from graph.coding.tables import ColumnMapping, HandCoding, PassedOver, by_hand
from graph.coding.vocabulary import Vocabulary, bare, clean, spellings
from graph.domain.folder import Domain
from graph.domain.tables import is_date
from graph.errors import BadDocument
from graph.model import ActorKind, Article, Manner, Stance, Statement
from graph.names import slug

FIELDS: Mapping[str, str] = {
    "actor": "organization",
    "speaker": "person",
    "reform": "concept",
    "stance": "agreement",
    "concerns": "concern",
    "condition": "condition",
    "manner": "manner",
}
"""The variable of each field that a mapping can name."""
OWN = ("stance", "concern", "manner", "condition", "confidence")
"""Variables that our export adds to DNA's own."""

MILLISECONDS = 10**11
"""Seconds of a date after this (the year 5138) are thousandths of a second."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BOOLEAN, WHOLE, LONG, SHORT = "DATABOOLEAN", "DATAINTEGER", "DATALONGTEXT", "DATASHORTTEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """What a statement says for a variable, and the table of the file that says it."""

    text: str
    table: str
    variable: str
    """Its name in the file."""
    id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """A statement of the file, its values by DNA's or our name for the variable."""

    id: int
    document: int
    start: int
    stop: int
    coder: str
    values: Mapping[str, _Value] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values[name].text if name in self.values else ""


def read_dna(
    path: Path, domain: Domain, articles: Iterable[Article] = (), *, mapping: ColumnMapping | None = None
) -> HandCoding:
    """Read the documents, statements, actors and concepts of a DNA 3 file, marked as coded by hand.

    The organisation holds the position and the person speaks; without an organisation, the person holds it. A
    document with the text of a known article is that article. What cannot become a statement is listed with its
    reason. Raises BadDocument if the file is not a DNA 3 file, or its scale of agreement is not clear.
    """
    if not path.is_file():
        raise BadDocument(f"{path}: no such file")
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as file:
            return _Reader(file, path, domain, mapping or ColumnMapping(columns={})).read(articles)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise BadDocument(f"{path}: not a file of Discourse Network Analyzer 3: {error}") from error


def code_point(text: str, offset: int) -> int:
    """Return the place in a text of an offset in UTF-16 code units."""
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    return len(before.decode("utf-16-le", "replace")) + max(
        0, offset - len(text.encode("utf-16-le", "surrogatepass")) // 2
    )


class _Reader:
    """Reads one file, and notes what it passes over."""

    def __init__(self, file: sqlite3.Connection, path: Path, domain: Domain, mapping: ColumnMapping) -> None:
        self.file = file
        self.path = path
        self.mapping = mapping
        self.known = Vocabulary(domain)
        self.passed: list[PassedOver] = []
        self.check_tables()
        labels = {str(label) for (label,) in file.execute("SELECT Label FROM STATEMENTTYPES")}
        self.coders = {number: str(name) for number, name in file.execute("SELECT ID, Name FROM CODERS")}
        self.ours = UNSIDED in labels and CODER_OF_EXTRACTION in self.coders.values()
        """Whether our own export wrote the file, so that its notes and variables are ours."""
        self.roles = "RoleVariableLinkId" in self.columns("DATASHORTTEXT")
        """Whether the file reaches a variable by its role, as files of DNA's development versions do."""
        table, column = ("ROLES", "RoleName") if self.roles else ("VARIABLES", "Variable")
        # The names of tables in these queries are constants of this module.
        self.variables = [str(row[0]) for row in file.execute(f"SELECT DISTINCT {column} FROM {table}")]  # noqa: S608
        self.meaning = self.meanings()

    def check_tables(self) -> None:
        tables = {name.upper() for (name,) in self.file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        needed = {"DOCUMENTS", "STATEMENTS", "VARIABLES", "STATEMENTTYPES", "CODERS", "DATASHORTTEXT", "ENTITIES"}
        if missing := needed - tables:
            raise BadDocument(
                f"{self.path}: not a file of Discourse Network Analyzer 3, because it lacks "
                f"{', '.join(sorted(missing))}. Open an older file in DNA 3 and save it from there"
            )

    def columns(self, table: str) -> set[str]:
        return {row[1] for row in self.file.execute(f"PRAGMA table_info({table})")}

    def meanings(self) -> dict[str, str]:
        """From each variable of the file to DNA's or our name for it. Raises BadDocument for an unknown column."""
        spelt = {bare(name): name for name in self.variables}
        chosen: dict[str, str] = {}
        for name, wanted in self.mapping.columns.items():
            if name not in FIELDS:
                continue
            variable = wanted if wanted in self.variables else spelt.get(bare(wanted))
            if variable is None:
                raise BadDocument(f"{self.path}: no variable {wanted!r}; the file has {', '.join(self.variables)}")
            chosen[variable] = FIELDS[name]
        usual = {bare(name): name for name in OWN} if self.ours else {}
        for name, others in spellings()["variables"].items():
            usual |= {bare(each): name for each in (name, *others)}
        for variable in self.variables:
            meant = usual.get(bare(variable))
            # A mapping takes the place of the usual variable.
            if meant is not None and variable not in chosen and (meant not in chosen.values()):
                chosen[variable] = meant
        return chosen

    def read(self, articles: Iterable[Article]) -> HandCoding:
        documents = self.documents(articles)
        coded = list(self.coded())
        self.mapping = replace(self.mapping, scale=self.mapping.scale or self.scale(coded))
        statements: list[Statement] = []
        for record in coded:
            made = self.statement(record, documents.get(record.document))
            if isinstance(made, str):
                self.note(f"statement {record.id}", made)
            else:
                statements.append(made)
        statements.sort(key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
        used = {each.reform for each in statements}
        entities = self.file.execute("SELECT COUNT(*) FROM ENTITIES WHERE Value != ''").fetchone()[0]
        actors = {**self.known.domain.actors, **self.known.found}
        reforms = {**self.known.domain.reforms, **self.known.new_reforms}
        return HandCoding(
            articles=tuple(documents.values()),
            statements=tuple(statements),
            actors=tuple(actors[id] for id in sorted({each.actor for each in statements})),
            reforms=tuple(reforms[id] for id in sorted(used)),
            passed_over=tuple(self.passed),
            entities=entities,
        )

    def note(self, place: str, reason: str) -> None:
        self.passed.append(PassedOver(place=f"{self.path.name}, {place}", reason=reason))

    # Documents

    def documents(self, articles: Iterable[Article]) -> dict[int, Article]:
        known = {java_text(article.text): article.id for article in articles}
        used: set[str] = set()
        made: dict[int, Article] = {}
        rows = self.file.execute("SELECT ID, Title, Text, Author, Source, Notes, Date FROM DOCUMENTS ORDER BY ID")
        for number_, title, text, author, source, notes, date in rows:
            # DNA shows a line end as one character, and counts it so.
            words, head = java_text(_string(text)), clean(_string(title))
            told = _told(_string(notes)) if self.ours else {}
            id = told.get("id") or known.get(words) or _document_id(head, words)
            while id in used:
                id = f"{id}-{number_}"
            used.add(id)
            made[number_] = Article(
                id=id,
                text=words,
                title=head,
                publisher=clean(_string(source)),
                author=clean(_string(author)),
                date=self.date(told, date, f"document {number_} ({head})"),
                url=told.get("url", ""),
                voice=told.get("voice", ""),
                release=told.get("release", ""),
            )
        return made

    def date(self, told: Mapping[str, str], given: object, place: str) -> str:
        if "id" in told:
            date = told.get("date", "")
            if date and not is_date(date):
                self.note(place, f"Notes: {date!r} is not a date. Use YYYY, YYYY-MM or YYYY-MM-DD; kept without a date")
                return ""
            return date
        # DNA writes 1970 if it has no date.
        if given in (None, "", 0):
            return ""
        written = str(given).strip()
        if is_date(written[:10]):
            return written[:10]
        seconds = given if isinstance(given, int | float) else number(written)
        try:
            day = EPOCH + timedelta(seconds=_seconds(seconds))
        except (TypeError, OverflowError, ValueError):
            self.note(place, f"column Date: {written!r} is not a date; kept without a date")
            return ""
        return day.date().isoformat()

    # Statements

    def coded(self) -> Iterator[_Coded]:
        values = self.values()
        for number_, document, start, stop, coder in self.file.execute(
            "SELECT ID, DocumentId, Start, Stop, Coder FROM STATEMENTS ORDER BY ID"
        ):
            if not isinstance(start, int) or not isinstance(stop, int):
                self.note(
                    f"statement {number_}", f"columns Start and Stop: {start!r} and {stop!r} are not whole numbers"
                )
                continue
            yield _Coded(
                id=number_,
                document=document,
                start=start,
                stop=stop,
                coder=self.coders.get(coder, str(coder)),
                values=values.get(number_, {}),
            )

    def values(self) -> dict[int, dict[str, _Value]]:
        """What each statement says, by the meaning of the variable; of several values the first that is not empty."""
        link, name = "VariableId", "v.Variable"
        variable = "JOIN VARIABLES v ON v.ID = d.VariableId"
        if self.roles:
            link, name = "RoleVariableLinkId", "v.RoleName"
            variable = "JOIN ROLEVARIABLELINKS l ON l.ID = d.RoleVariableLinkId JOIN ROLES v ON v.ID = l.RoleId"
        described = dict(self.described()) if self.ours else {}
        found: dict[int, dict[str, _Value]] = {}
        # The parts of these queries are the constants above.
        short = f"SELECT d.StatementId, {name}, e.Value, e.ID FROM DATASHORTTEXT d {variable} JOIN ENTITIES e ON e.ID = d.Entity ORDER BY d.{link}"  # noqa: E501, S608
        for statement, what, value, entity in self.file.execute(short):
            meant = self.meaning.get(what)
            if value not in (None, "") and meant is not None:
                told = _Value(
                    text=_string(value),
                    table=SHORT,
                    variable=what,
                    id=described.get((entity, "Id"), ""),
                    kind=described.get((entity, "Type"), ""),
                )
                found.setdefault(statement, {}).setdefault(meant, told)
        for table in (BOOLEAN, WHOLE, LONG):
            rows = self.file.execute(f"SELECT d.StatementId, {name}, d.Value FROM {table} d {variable}")  # noqa: S608
            for statement, what, value in rows:
                if value is not None and (meant := self.meaning.get(what)) is not None:
                    told = _Value(text=_string(value), table=table, variable=what)
                    found.setdefault(statement, {}).setdefault(meant, told)
        return found

    def described(self) -> Iterator[tuple[tuple[int, str], str]]:
        rows = self.file.execute(
            "SELECT a.EntityId, v.AttributeVariable, a.AttributeValue FROM ATTRIBUTEVALUES a "
            "JOIN ATTRIBUTEVARIABLES v ON v.ID = a.AttributeVariableId"
        )
        for entity, name, value in rows:
            yield (entity, name), _string(value)

    def scale(self, coded: list[_Coded]) -> Scale | None:
        """The scale of agreement that the file's numbers show. Raises BadDocument if they show none and need one."""
        told = [each.values["agreement"] for each in coded if "agreement" in each.values]
        numbers = {each: value for each in told if each.table == WHOLE and (value := number(each.text)) is not None}
        found = scale_of(numbers.values())
        if found is None and any(self.mapping.stance(each.text) is None for each in numbers):
            least, most = min(numbers.values()), max(numbers.values())
            raise BadDocument(
                f"{self.path}: the variable {told[0].variable!r} is a whole number, here from {least:g} to {most:g}, "
                "and it is not clear which numbers are for and which against. Give the number most against and the "
                "number most in favour, such as --scale 1..5"
            )
        return found

    def statement(self, told: _Coded, article: Article | None) -> Statement | str:
        """The statement, or why there is none."""
        if article is None:
            return "belongs to no document"
        who = "organization" if told.text("organization").strip() else "person"
        for name, what, option in ((who, "actor", "actor"), ("concept", "concept", "reform")):
            if not told.text(name).strip():
                return f"names no {what}{self.lacking(name, option)}"
        stance = self.stance(told)
        if not isinstance(stance, Stance):
            return stance
        start, end = code_point(article.text, max(told.start, 0)), code_point(article.text, max(told.stop, 0))
        if told.start < 0 or not start < end <= len(article.text):
            return f"lies outside its document: {told.start} to {told.stop}"
        holder, concept = told.values[who], told.values["concept"]
        person = ActorKind.PERSON if who == "person" else ActorKind.ORGANISATION
        kind = ActorKind(holder.kind) if holder.kind in set(ActorKind) else person
        actor, label = self.known.actor(holder.text, id=holder.id, kind=kind)
        manner = told.text("manner")
        made = Statement(
            article=article.id,
            start=start,
            end=end,
            quote=article.text[start:end],
            actor=actor,
            actor_label=label,
            speaker=clean(told.text("person")) or None if who == "organization" else None,
            reform=self.known.new_reform(concept.text, id=concept.id),
            stance=stance,
            concerns=tuple(dict.fromkeys(self.concerns(told))),
            condition=told.text("condition") or None,
            manner=Manner(manner) if manner in set(Manner) else Manner.REPORTED,
            confidence=self.confidence(told),
        )
        return made if told.coder == CODER_OF_EXTRACTION and self.ours else by_hand(made, told.coder)

    def lacking(self, name: str, option: str) -> str:
        """What to do if the file has no variable of this meaning."""
        if (FIELDS[option] if option == "actor" else name) in self.meaning.values():
            return ""
        return f"; name its variable in the mapping as {option!r}. The file has {', '.join(self.variables)}"

    def stance(self, told: _Coded) -> Stance | str:
        """The side, or why none can be read."""
        if told.text("stance") in set(Stance):
            return Stance(told.text("stance"))
        if "agreement" not in told.values:
            return f"takes no side{self.lacking('agreement', 'stance')}"
        given = told.values["agreement"]
        if given.table == BOOLEAN and given.text in ("0", "1") and given.text not in self.mapping.stances:
            return Stance.SUPPORT if given.text == "1" else Stance.OPPOSE
        stance = self.mapping.stance(given.text)
        if stance is None:
            return (
                f"variable {given.variable!r}: {given.text!r} is not a stance, nor a number of the scale; "
                "say in the mapping under [stances] which it means, or give the --scale"
            )
        return stance

    def concerns(self, told: _Coded) -> Iterator[str]:
        for part in filter(None, (each.strip() for each in re.split(r"[;|]", told.text("concern")))):
            known = self.known.concern(part)
            if known is None:
                self.note(f"statement {told.id}", f"no concern {part!r}; add it to concerns.csv")
            # In a file of our own an id may be of another domain, and `build` leaves out what it does not know.
            yield known or part

    def confidence(self, told: _Coded) -> float:
        if "confidence" not in told.values:
            return 1.0
        sure = number(told.text("confidence"))
        if sure is None or not 0 <= sure <= 100:
            text = told.text("confidence")
            self.note(f"statement {told.id}", f"confidence {text!r} is not a whole number from 0 to 100; kept as 100")
            return 1.0
        return sure / 100


def _document_id(title: str, text: str) -> str:
    """An id that documents of two files share only if their texts are the same."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug(title, otherwise='document')[:60].strip('-')}-{digest}"


def _told(notes: str) -> dict[str, str]:
    """What our export writes into the notes of a document; of what people add, nothing that comes later."""
    told: dict[str, str] = {}
    for line in notes.splitlines():
        key, colon, value = line.partition(": ")
        if colon:
            told.setdefault(key, value)
    return told


def _seconds(given: float | None) -> float:
    """Seconds since 1970, given in seconds or thousandths. Raises TypeError for None."""
    if given is None:
        raise TypeError
    return given / 1000 if abs(given) > MILLISECONDS else given


def _string(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
