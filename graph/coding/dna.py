"""Write Discourse Network Analyzer 3 files (.dna, SQLite).

The tables are those that DNA 3 makes for a new file; https://github.com/leifeld/dna describes the program. It differs
from us in two ways that are converted in both directions: its offsets count UTF-16 code units, as Java does, and its
texts have line feeds only, as its text pane does.
"""

import base64
import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.coding.tables import coder_of
from graph.debate.columns import Debate, middle
from graph.errors import BadDocument
from graph.model import ActorKind, Article, Stance, Statement
from graph.names import slug

VERSION, RELEASED = "3.0.8", "2022-06-16"
"""The release of DNA that has these tables, and its date."""

LONGEST = 190
"""Longest title, name or label that DNA keeps, in characters."""

PASSWORD = "positions"  # noqa: S105  # DNA asks for one to open any file; the documentation gives this one
ROUNDS = 100_000
CODER, MACHINE = 1, 2
CODER_OF_EXTRACTION = "Extraction"

SIDED = "DNA Statement"
UNSIDED = "Mixed or neutral statement"
"""DNA's agreement is yes or no. Other statements have a type of their own, so that DNA's networks stay right."""

COLOUR = "INTEGER NOT NULL DEFAULT 0 CHECK ({0} BETWEEN 0 AND 255)"
FLAG = "INTEGER NOT NULL DEFAULT 1 CHECK ({0} BETWEEN 0 AND 1)"
SHORT = f"TEXT NOT NULL DEFAULT '' CHECK (LENGTH({{0}}) <= {LONGEST})"
KEY = "INTEGER NOT NULL PRIMARY KEY"
PERMISSIONS = (
    *("AddDocuments", "EditDocuments", "DeleteDocuments", "ImportDocuments", "AddStatements", "EditStatements"),
    *("DeleteStatements", "EditAttributes", "EditRegex", "EditStatementTypes", "EditCoders", "EditCoderRelations"),
    *("ViewOthersDocuments", "EditOthersDocuments", "ViewOthersStatements", "EditOthersStatements"),
)
TABLES: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "SETTINGS": ({"Property": "TEXT PRIMARY KEY", "Value": "TEXT NOT NULL"}, ()),
    "CODERS": (
        {
            "ID": KEY,
            "Name": SHORT,
            **dict.fromkeys(("Red", "Green", "Blue"), COLOUR),
            "Refresh": "INTEGER NOT NULL DEFAULT 0 CHECK ({0} BETWEEN 0 AND 9999)",
            "FontSize": "INTEGER NOT NULL DEFAULT 14 CHECK ({0} BETWEEN 1 AND 99)",
            "Password": SHORT,
            "PopupWidth": "INTEGER DEFAULT 300 CHECK ({0} BETWEEN 100 AND 9999)",
            **dict.fromkeys(("ColorByCoder", "PopupDecoration"), FLAG.replace("DEFAULT 1", "DEFAULT 0")),
            "PopupAutoComplete": FLAG,
            **{f"Permission{may}": FLAG for may in PERMISSIONS},
        },
        (),
    ),
    "DOCUMENTS": (
        {
            "ID": KEY,
            "Title": SHORT,
            "Text": "TEXT NOT NULL",
            "Coder": "INTEGER",
            **dict.fromkeys(("Author", "Source", "Section"), SHORT),
            "Notes": "TEXT NOT NULL DEFAULT ''",
            "Type": SHORT,
            "Date": "INTEGER NOT NULL",
        },
        ("Coder CODERS",),
    ),
    "STATEMENTTYPES": ({"ID": KEY, "Label": SHORT, **dict.fromkeys(("Red", "Green", "Blue"), COLOUR)}, ()),
    "VARIABLES": (
        {
            "ID": KEY,
            "Variable": SHORT,
            "DataType": "TEXT NOT NULL DEFAULT 'short text' "
            "CHECK ({0} IN ('boolean', 'integer', 'long text', 'short text'))",
            "StatementTypeId": "INTEGER",
        },
        ("StatementTypeId STATEMENTTYPES", "UNIQUE (Variable, StatementTypeId)"),
    ),
    "VARIABLELINKS": (
        {"ID": KEY, "SourceVariableId": "INTEGER", "TargetVariableId": "INTEGER"},
        ("SourceVariableId VARIABLES", "TargetVariableId VARIABLES", "CHECK (SourceVariableId != TargetVariableId)"),
    ),
    "REGEXES": (
        {
            "Label": f"TEXT PRIMARY KEY CHECK (LENGTH({{0}}) <= {LONGEST})",
            **dict.fromkeys(("Red", "Green", "Blue"), COLOUR),
        },
        (),
    ),
    "CODERRELATIONS": (
        {
            "ID": KEY,
            "Coder": "INTEGER CHECK ({0} > 0)",
            "OtherCoder": "INTEGER CHECK ({0} > 0)",
            **dict.fromkeys(("viewStatements", "editStatements", "viewDocuments", "editDocuments"), FLAG),
        },
        ("Coder CODERS", "OtherCoder CODERS", "CHECK (Coder != OtherCoder)"),
    ),
    "STATEMENTS": (
        {
            "ID": KEY,
            "StatementTypeId": "INTEGER",
            "DocumentId": "INTEGER",
            "Start": "INTEGER NOT NULL CHECK ({0} >= 0)",
            "Stop": "INTEGER NOT NULL CHECK ({0} >= 0)",
            "Coder": "INTEGER",
        },
        ("StatementTypeId STATEMENTTYPES", "DocumentId DOCUMENTS", "Coder CODERS", "CHECK (Start < Stop)"),
    ),
    "ENTITIES": (
        {
            "ID": KEY,
            "VariableId": "INTEGER NOT NULL",
            "Value": SHORT,
            **dict.fromkeys(("Red", "Green", "Blue"), "INTEGER DEFAULT 0 CHECK ({0} BETWEEN 0 AND 255)"),
            "ChildOf": "INTEGER CHECK ({0} > 0)",
        },
        ("VariableId VARIABLES", "ChildOf ENTITIES", "UNIQUE (VariableId, Value)"),
    ),
    **{
        table: (
            {"ID": KEY, "StatementId": "INTEGER NOT NULL", "VariableId": "INTEGER NOT NULL", **value},
            ("StatementId STATEMENTS", "VariableId VARIABLES", *more, "UNIQUE (StatementId, VariableId)"),
        )
        for table, value, more in (
            ("DATABOOLEAN", {"Value": "INTEGER NOT NULL DEFAULT 1"}, ()),
            ("DATAINTEGER", {"Value": "INTEGER NOT NULL DEFAULT 0"}, ()),
            ("DATASHORTTEXT", {"Entity": "INTEGER NOT NULL"}, ("Entity ENTITIES",)),
            ("DATALONGTEXT", {"Value": "TEXT DEFAULT ''"}, ()),
        )
    },
    "ATTRIBUTEVARIABLES": (
        {"ID": KEY, "VariableId": "INTEGER NOT NULL", "AttributeVariable": SHORT},
        ("VariableId VARIABLES", "UNIQUE (VariableId, AttributeVariable)"),
    ),
    "ATTRIBUTEVALUES": (
        {"ID": KEY, "EntityId": "INTEGER NOT NULL", "AttributeVariableId": "INTEGER NOT NULL", "AttributeValue": SHORT},
        (
            "EntityId ENTITIES",
            "AttributeVariableId ATTRIBUTEVARIABLES",
            "UNIQUE (EntityId, AttributeVariableId)",
        ),
    ),
}
"""The columns of each table, then their references and other constraints."""

NAMED = ("person", "organization", "concept")
TEXTS = ("concern", "manner")
VARIABLES: Mapping[str, str] = {
    **dict.fromkeys(NAMED, "short text"),
    "agreement": "boolean",
    "stance": "short text",
    **dict.fromkeys(TEXTS, "short text"),
    "condition": "long text",
    "confidence": "integer",
}
"""The variables of DNA's own statement type, and those that carry our other fields."""

ATTRIBUTES = ("Type", "Alias", "Notes", "Id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much a file holds."""

    documents: int
    statements: int
    entities: int


def write_dna(debate: Debate, path: Path, articles: Mapping[str, Article]) -> Counts:
    """Write a debate with its articles as a .dna file that DNA 3 opens; the user is Admin, the password PASSWORD.

    Every article becomes a document, with or without statements. Raises BadDocument if the article of a statement is
    missing or does not hold its words.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(fresh)) as file, file:
            file.execute("PRAGMA foreign_keys = ON")
            counts = _DnaWriter(file, debate).write(articles)
        fresh.replace(path)
    except sqlite3.OperationalError as error:
        # A full or broken disk is reported as for every other file.
        number = errno.ENOSPC if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, os.strerror(number), str(path)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return counts


def schema() -> Iterator[str]:
    """Yield the SQL that makes the tables of an empty file."""
    for table, (columns, constraints) in TABLES.items():
        parts = [f"{name} {kind.format(name)}" for name, kind in columns.items()]
        for constraint in constraints:
            if "(" in constraint:
                parts.append(constraint)
            else:
                column, other = constraint.split()
                parts.append(f"FOREIGN KEY ({column}) REFERENCES {other} (ID) ON DELETE CASCADE")
        yield f"CREATE TABLE {table} ({', '.join(parts)})"


def password_hash(password: str) -> str:
    """Hash a password as Jasypt's strong password encryptor does: salt and repeated SHA-256, in Base64."""
    # The password is public. A random salt would protect nothing, and would change the file's bytes each time.
    salt = hashlib.sha256(password.encode()).digest()[:16]
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return base64.b64encode(salt + digest).decode()


class _DnaWriter:
    """Writes one file, and keeps the number of each entity, variable and document."""

    def __init__(self, file: sqlite3.Connection, debate: Debate) -> None:
        self.file = file
        self.debate = debate
        self.variables: dict[tuple[str, str], int] = {}
        self.attributes: dict[tuple[int, str], int] = {}
        self.entities: dict[tuple[int, str], int] = {}
        self.texts: dict[tuple[int, str], int] = {}

    def write(self, articles: Mapping[str, Article]) -> Counts:
        for table in schema():
            self.file.execute(table)
        self._heads()
        documents = {id: self._document(article) for id, article in sorted(articles.items())}
        for statement in self.debate.statements:
            if statement.article not in documents:
                raise BadDocument(f"a statement quotes article {statement.article!r}, whose text is missing")
            self._statement(statement, articles[statement.article], documents[statement.article])
        return Counts(documents=len(documents), statements=len(self.debate.statements), entities=len(self.texts))

    def _insert(self, table: str, **values: object) -> int:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        # The names come from this module, the values are bound.
        done = self.file.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608
        return int(done.lastrowid or 0)

    def _heads(self) -> None:
        self._insert("SETTINGS", Property="version", Value=VERSION)
        self._insert("SETTINGS", Property="date", Value=RELEASED)
        secret = password_hash(PASSWORD)
        self._insert("CODERS", ID=CODER, Name="Admin", Red=255, Green=255, Blue=0, Password=secret)
        self._insert("CODERS", ID=MACHINE, Name=CODER_OF_EXTRACTION, Red=120, Green=160, Blue=220, Password=secret)
        self._insert("CODERRELATIONS", Coder=CODER, OtherCoder=MACHINE)
        self._insert("CODERRELATIONS", Coder=MACHINE, OtherCoder=CODER)
        self._type(SIDED, (239, 208, 51), [name for name in VARIABLES if name != "stance"])
        note = self._insert("STATEMENTTYPES", Label="Annotation", Red=211, Green=211, Blue=211)
        self._insert("VARIABLES", Variable="note", DataType="long text", StatementTypeId=note)
        self._type(UNSIDED, (170, 170, 220), [name for name in VARIABLES if name != "agreement"])

    def _type(self, label: str, colour: tuple[int, int, int], names: Sequence[str]) -> None:
        red, green, blue = colour
        kind = self._insert("STATEMENTTYPES", Label=label, Red=red, Green=green, Blue=blue)
        for name in names:
            variable = self._insert("VARIABLES", Variable=name, DataType=VARIABLES[name], StatementTypeId=kind)
            self.variables[label, name] = variable
            if VARIABLES[name] == "short text":
                for attribute in ATTRIBUTES:
                    self.attributes[variable, attribute] = self._insert(
                        "ATTRIBUTEVARIABLES", VariableId=variable, AttributeVariable=attribute
                    )

    def _document(self, article: Article) -> int:
        told = {
            "id": article.id,
            "date": article.date,
            "url": article.url,
            "voice": article.voice,
            "release": article.release,
        }
        return self._insert(
            "DOCUMENTS",
            Title=_short(article.title or article.id),
            Text=java_text(article.text),
            Coder=CODER,
            Author=_short(article.author),
            Source=_short(article.publisher),
            Section="",
            Notes="\n".join(f"{key}: {value}" for key, value in told.items() if value),
            Type="article",
            Date=_seconds(article.date),
        )

    def _statement(self, statement: Statement, article: Article, document: int) -> None:
        if article.text[statement.start : statement.end] != statement.quote:
            raise BadDocument(f"article {article.id!r} does not hold the words quoted at {statement.start}")
        sided = statement.stance in (Stance.SUPPORT, Stance.OPPOSE)
        kind = SIDED if sided else UNSIDED
        number = self._insert(
            "STATEMENTS",
            StatementTypeId=1 if sided else 3,
            DocumentId=document,
            Start=java_offset(article.text, statement.start),
            Stop=java_offset(article.text, statement.end),
            Coder=MACHINE if coder_of(statement) is None else CODER,
        )
        actor = self.debate.actors.get(statement.actor)
        label = actor.label if actor else statement.actor_label
        alone = actor is not None and actor.kind is ActorKind.PERSON
        who = (statement.actor, label, str(actor.kind) if actor else "")
        speaker = (slug(statement.speaker or ""), statement.speaker or "", "person" if statement.speaker else "")
        reform = self.debate.reforms.get(statement.reform)
        values = {
            "person": who if alone else speaker,
            "organization": ("", "", "") if alone else who,
            "concept": (statement.reform, reform.label if reform else statement.reform, "reform"),
            "stance": (str(statement.stance), str(statement.stance), ""),
            "concern": ("", "; ".join(statement.concerns), ""),
            "manner": (str(statement.manner), str(statement.manner), ""),
        }
        for name, (id, value, type) in values.items():
            if (kind, name) in self.variables:
                variable = self.variables[kind, name]
                entity = self._entity(variable, id, value, type)
                self._insert("DATASHORTTEXT", StatementId=number, VariableId=variable, Entity=entity)
        if sided:
            agree = int(statement.stance is Stance.SUPPORT)
            self._insert("DATABOOLEAN", StatementId=number, VariableId=self.variables[kind, "agreement"], Value=agree)
        condition = self.variables[kind, "condition"]
        self._insert("DATALONGTEXT", StatementId=number, VariableId=condition, Value=_utf8(statement.condition or ""))
        sure = self.variables[kind, "confidence"]
        self._insert("DATAINTEGER", StatementId=number, VariableId=sure, Value=round(statement.confidence * 100))

    def _entity(self, variable: int, id: str, value: str, type: str) -> int:
        """Return the number of a name. Two things with the same name are kept apart by their ids."""
        if (variable, f"{id}\x1f{value}") in self.entities:
            return self.entities[variable, f"{id}\x1f{value}"]
        shown = _short(value)
        if (variable, shown) in self.texts:
            shown = f"{shown[: LONGEST - len(id) - 3]} ({id})"[:LONGEST]
        number = self._insert("ENTITIES", VariableId=variable, Value=shown)
        for attribute, text in (("Type", type), ("Alias", ""), ("Notes", ""), ("Id", _short(id))):
            place = self.attributes[variable, attribute]
            self._insert("ATTRIBUTEVALUES", EntityId=number, AttributeVariableId=place, AttributeValue=text)
        self.texts[variable, shown] = number
        self.entities[variable, f"{id}\x1f{value}"] = number
        return number


def java_offset(text: str, offset: int) -> int:
    """Return where a place in our text is in DNA's: lines end in one character, and some characters count as two."""
    return len(java_text(text[:offset]).encode("utf-16-le", "surrogatepass")) // 2


def java_text(text: str) -> str:
    """Return a text as DNA shows and counts it: lines end in a line feed."""
    return _utf8(text.replace("\r\n", "\n").replace("\r", "\n"))


def _utf8(text: str) -> str:
    """Replace halves of surrogate pairs, which no SQLite file can hold."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if not text.isascii() else text


def _short(text: str) -> str:
    return _utf8(text)[:LONGEST]


def _seconds(written: str) -> int:
    if not written:
        return 0
    day = middle(written)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
