"""Discourse Network Analyzer 3 files (.dna, SQLite): written for it, and read from it.

The tables are those that DNA 3 makes for a new file; https://github.com/leifeld/dna describes the program. Two of its
ways differ from ours and are turned on the way out and back: offsets count UTF-16 code units, as Java does, and a text
has line feeds only, as its text pane does.
"""

import base64
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from graph.coding.tables import HandCoding, PassedOver, by_hand, coder_of
from graph.debate.columns import Debate, middle
from graph.errors import BadDocument
from graph.model import Actor, ActorKind, Article, Manner, Reform, Stance, Statement
from graph.names import slug

VERSION, RELEASED = "3.0.8", "2022-06-16"
"""The release of DNA whose tables these are, and its day."""

LONGEST = 190
"""Characters that DNA keeps of a title, a name or a label."""

PASSWORD = "positions"  # noqa: S105  # DNA asks for one to open any file; this one is told in the documentation
ROUNDS = 100_000
CODER, MACHINE = 1, 2
MACHINE_NAME = "Extraction"

SIDED = "DNA Statement"
UNSIDED = "Mixed or neutral statement"
"""DNA's agreement is yes or no: what is neither has a statement type of its own, so that its networks stay right."""

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
"""Of each table its columns, and then what each refers to and other constraints."""

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
"""Those of DNA's own statement, and those that carry the rest of ours."""

ATTRIBUTES = ("Type", "Alias", "Notes", "Id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a file was written with."""

    documents: int
    statements: int
    entities: int


def write_dna(debate: Debate, path: Path, articles: Mapping[str, Article]) -> Counts:
    """Write the debate as a .dna file that DNA 3 opens, with the articles' texts; the user is Admin, see PASSWORD.

    Every article becomes a document, also one without statements. Raises BadDocument where a statement's article is
    missing or does not hold its words.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(fresh)) as file, file:
            file.execute("PRAGMA foreign_keys = ON")
            counts = _Writer(file, debate).write(articles)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return counts


def schema() -> Iterator[str]:
    """The statements of SQL that make an empty file's tables."""
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
    """As Jasypt's strong password encryptor keeps it: salt and repeated SHA-256, in Base64."""
    # The password is told to everybody, so that a salt by chance would hide nothing and change the bytes of the file.
    salt = hashlib.sha256(password.encode()).digest()[:16]
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return base64.b64encode(salt + digest).decode()


class _Writer:
    """One run of writing: which entity, variable and document has which number."""

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
                raise BadDocument(f"the text of article {statement.article!r} is missing, which a statement quotes")
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
        self._insert("CODERS", ID=MACHINE, Name=MACHINE_NAME, Red=120, Green=160, Blue=220, Password=secret)
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
            Text=_java_text(article.text),
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
        """The number of a name; two things of one name are told apart by their ids."""
        if (variable, f"{id}\x1f{value}") in self.entities:
            return self.entities[variable, f"{id}\x1f{value}"]
        shown = _short(value)
        if (variable, shown) in self.texts:
            shown = f"{shown[: LONGEST - len(id) - 3]} ({id})"[:LONGEST]
        number = self._insert("ENTITIES", VariableId=variable, Value=shown)
        for attribute, told in (("Type", type), ("Alias", ""), ("Notes", ""), ("Id", _short(id))):
            place = self.attributes[variable, attribute]
            self._insert("ATTRIBUTEVALUES", EntityId=number, AttributeVariableId=place, AttributeValue=told)
        self.texts[variable, shown] = number
        self.entities[variable, f"{id}\x1f{value}"] = number
        return number


# Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """What a DNA statement holds, by its variables' names."""

    id: int
    document: int
    start: int
    stop: int
    coder: str
    values: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


def read_dna(path: Path) -> HandCoding:
    """The documents, statements, actors and concepts of a DNA 3 file, whoever wrote it, marked as coded by hand.

    The organisation holds the position and the person speaks; where there is no organisation, the person holds it.
    What cannot be a statement (no actor, no concept, no side, words out of range) is passed over with its reason.
    Raises BadDocument for what is no DNA 3 file.
    """
    if not path.is_file():
        raise BadDocument(f"{path}: no such file")
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as file:
            return _read(file, path)
    except sqlite3.DatabaseError as error:
        raise BadDocument(f"{path}: not a file of Discourse Network Analyzer 3: {error}") from error


def _read(file: sqlite3.Connection, path: Path) -> HandCoding:
    tables = {name.upper() for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    missing = {"DOCUMENTS", "STATEMENTS", "VARIABLES", "DATASHORTTEXT", "ENTITIES"} - tables
    if missing:
        raise BadDocument(
            f"{path}: not a file of Discourse Network Analyzer 3, it lacks {', '.join(sorted(missing))}; "
            "open an older file in DNA 3 and save it from there"
        )
    articles = dict(_documents(file))
    statements: list[Statement] = []
    passed: list[PassedOver] = []
    actors: dict[str, Actor] = {}
    reforms: dict[str, Reform] = {}
    for told in _statements(file):
        made = _statement(told, articles, actors, reforms)
        if isinstance(made, str):
            passed.append(PassedOver(place=f"statement {told.id}", reason=made))
        else:
            statements.append(made)
    statements.sort(key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
    entities = file.execute("SELECT COUNT(*) FROM ENTITIES WHERE Value != ''").fetchone()[0]
    return HandCoding(
        articles=tuple(articles.values()),
        statements=tuple(statements),
        actors=tuple(actors[id] for id in sorted(actors)),
        reforms=tuple(reforms[id] for id in sorted(reforms)),
        passed_over=tuple(passed),
        entities=entities,
    )


def _documents(file: sqlite3.Connection) -> Iterator[tuple[int, Article]]:
    used: set[str] = set()
    rows = file.execute("SELECT ID, Title, Text, Author, Source, Notes, Date FROM DOCUMENTS ORDER BY ID")
    for number, title, text, author, source, notes, seconds in rows:
        told = dict(line.partition(": ")[::2] for line in (notes or "").splitlines() if ": " in line)
        id = told.get("id", "") or f"dna-{number}"
        if id in used:
            id = f"{id}-{number}"
        used.add(id)
        # A file that says nothing else has the day that the coder put in; 1970 is what a missing one looks like.
        day = datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
        yield (
            number,
            Article(
                id=id,
                text=text,
                title=title or "",
                publisher=source or "",
                author=author or "",
                date=told.get("date", "" if "id" in told else day),
                url=told.get("url", ""),
                voice=told.get("voice", ""),
                release=told.get("release", ""),
            ),
        )


def _statements(file: sqlite3.Connection) -> Iterator[_Coded]:
    columns = {row[1] for row in file.execute("PRAGMA table_info(DATASHORTTEXT)")}
    # Files of the development versions reach a variable by the role that it plays.
    link, variable = "VariableId", "JOIN VARIABLES v ON v.ID = d.VariableId"
    name = "v.Variable"
    if "RoleVariableLinkId" in columns:
        link = "RoleVariableLinkId"
        variable = "JOIN ROLEVARIABLELINKS l ON l.ID = d.RoleVariableLinkId JOIN ROLES v ON v.ID = l.RoleId"
        name = "v.RoleName"
    values: dict[int, dict[str, str]] = {}
    ids: dict[int, dict[str, str]] = {}
    kinds: dict[int, dict[str, str]] = {}
    described = dict(_described(file))
    # The parts of these queries are the constants above.
    short = f"SELECT d.StatementId, {name}, e.Value, e.ID FROM DATASHORTTEXT d {variable} JOIN ENTITIES e ON e.ID = d.Entity ORDER BY d.{link}"  # noqa: E501, S608
    for statement, what, value, entity in file.execute(short):
        if value and what not in values.setdefault(statement, {}):
            values[statement][what] = value
            ids.setdefault(statement, {})[what] = described.get((entity, "Id"), "")
            kinds.setdefault(statement, {})[what] = described.get((entity, "Type"), "")
    for table in ("DATABOOLEAN", "DATAINTEGER", "DATALONGTEXT"):
        for statement, what, value in file.execute(
            f"SELECT d.StatementId, {name}, d.Value FROM {table} d {variable}"  # noqa: S608
        ):
            values.setdefault(statement, {})[what] = "" if value is None else str(value)
    coders = {number: str(name) for number, name in file.execute("SELECT ID, Name FROM CODERS")}
    rows = file.execute("SELECT ID, DocumentId, Start, Stop, Coder FROM STATEMENTS ORDER BY ID")
    for number, document, start, stop, coder in rows:
        yield _Coded(
            id=number,
            document=document,
            start=start,
            stop=stop,
            coder=coders.get(coder, str(coder)),
            values=values.get(number, {}),
            ids=ids.get(number, {}),
            kinds=kinds.get(number, {}),
        )


def _described(file: sqlite3.Connection) -> Iterator[tuple[tuple[int, str], str]]:
    rows = file.execute(
        "SELECT a.EntityId, v.AttributeVariable, a.AttributeValue FROM ATTRIBUTEVALUES a "
        "JOIN ATTRIBUTEVARIABLES v ON v.ID = a.AttributeVariableId"
    )
    for entity, name, value in rows:
        yield (entity, name), value


def _statement(
    told: _Coded, articles: Mapping[int, Article], actors: dict[str, Actor], reforms: dict[str, Reform]
) -> Statement | str:
    """The statement, or why it is none."""
    article = articles.get(told.document)
    if article is None:
        return "belongs to no document"
    who = "organization" if told.values.get("organization") else "person"
    name, concept = told.values.get(who, ""), told.values.get("concept", "")
    if not name or not concept:
        return f"names no {'actor' if not name else 'concept'}"
    stance = _stance(told.values)
    if stance is None:
        return "takes no side"
    start, end = code_point(article.text, told.start), code_point(article.text, told.stop)
    if not start < end <= len(article.text):
        return f"lies outside its document: {told.start} to {told.stop}"
    actor = told.ids.get(who, "") or slug(name)
    reform = told.ids.get("concept", "") or slug(concept)
    kind = told.kinds.get(who, "")
    person = ActorKind.PERSON if who == "person" else ActorKind.ORGANISATION
    actors.setdefault(actor, Actor(id=actor, label=name, kind=ActorKind(kind) if kind in set(ActorKind) else person))
    reforms.setdefault(reform, Reform(id=reform, label=concept))
    manner = told.values.get("manner", "")
    made = Statement(
        article=article.id,
        start=start,
        end=end,
        quote=article.text[start:end],
        actor=actor,
        actor_label=name,
        speaker=told.values.get("person") if who == "organization" else None,
        reform=reform,
        stance=stance,
        concerns=tuple(part for part in told.values.get("concern", "").split("; ") if part),
        condition=told.values.get("condition") or None,
        manner=Manner(manner) if manner in set(Manner) else Manner.REPORTED,
        confidence=min(max(int(told.values.get("confidence", "100")), 0), 100) / 100,
    )
    return made if told.coder == MACHINE_NAME else by_hand(made, told.coder)


def _stance(values: Mapping[str, str]) -> Stance | None:
    if values.get("stance", "") in set(Stance):
        return Stance(values["stance"])
    # DNA lets a coder use a scale in place of yes and no: below nought is against.
    agreement = values.get("agreement", "")
    if agreement in ("0", "1"):
        return Stance.SUPPORT if agreement == "1" else Stance.OPPOSE
    if agreement.lstrip("-").isdigit():
        return Stance.SUPPORT if int(agreement) > 0 else Stance.OPPOSE
    return None


def java_offset(text: str, offset: int) -> int:
    """Where a place in our text lies in DNA's: lines end in one character, and some characters count for two."""
    return len(_java_text(text[:offset]).encode("utf-16-le", "surrogatepass")) // 2


def code_point(text: str, offset: int) -> int:
    """Where a place told in UTF-16 code units lies in the text."""
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    return len(before.decode("utf-16-le", "replace")) + max(
        0, offset - len(text.encode("utf-16-le", "surrogatepass")) // 2
    )


def _java_text(text: str) -> str:
    return _utf8(text.replace("\r\n", "\n").replace("\r", "\n"))


def _utf8(text: str) -> str:
    """The text with a replacement character for half a surrogate pair, which no SQLite file can hold."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if not text.isascii() else text


def _short(text: str) -> str:
    return _utf8(text)[:LONGEST]


def _seconds(written: str) -> int:
    if not written:
        return 0
    day = middle(written)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
