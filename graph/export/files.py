"""The whole graph as files: RDF in three syntaxes, and the statements as a table in four."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graph.errors import BadRequest
from graph.extras import needed
from graph.model import Position, Selection, Stance
from graph.rdf.terms import XSD, Literal, Term
from graph.rdf.vocabulary import HEAD, ONTOLOGY, PREFIXES, RDF
from graph.reading.catalogue import EVERY, Evidence, evidence, narrowed, positions
from graph.records import IDS, dumps, for_spreadsheets, id_for_spreadsheets
from graph.store.embedded import Store

COLUMNS = (
    *("id", "article", "start", "end", "quote", "actor", "actor_label", "speaker", "reform", "reform_label", "stance"),
    *("concerns", "condition", "manner", "confidence", "reader", "title", "publisher", "date", "url", "review"),
)
POSITION_COLUMNS = (
    *("actor", "actor_label", "reform", "reform_label", "stance", "first", "last"),
    *("support", "mixed", "oppose", "neutral", "articles", "publishers", "concerns", "conditions"),
)
AT_ONCE = 1_000
"""Statements that are read whole in one step."""
PACKED = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
NOT_IN_SHEET = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A kind of file: its ending, its media type, and what writes it."""

    ending: str
    media_type: str
    write: Callable[[Store, Path], None]


def export(store: Store, format: str, out: Path) -> None:
    """Write the graph, or its statements, into a file. Raises BadRequest for a format that is not there."""
    if format not in FORMATS:
        raise BadRequest(f"no format {format!r}; there are {', '.join(FORMATS)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.new")
    try:
        FORMATS[format].write(store, unfinished)
        # Whole or not at all: a killed run leaves the old file.
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def counted_statements(store: Store) -> Iterator[Evidence]:
    """All statements that count (none that a person has rejected), by article and place; read a thousand at a time."""
    where, bindings = narrowed(store, Selection())
    rows = store.select(HEAD + "SELECT DISTINCT ?statement ?article WHERE {" + where + "}", **bindings)
    iris = [row["statement"] for row in sorted(rows, key=lambda row: (row["article"], row["statement"]))]
    for at in range(0, len(iris), AT_ONCE):
        yield from evidence(store, iris[at : at + AT_ONCE])


# The statements as tables


def write_spreadsheet(store: Store, out: Path) -> None:
    """CSV in which no cell is a formula: see `for_spreadsheets`."""
    _write_csv(store, out, cell=for_spreadsheets, id=id_for_spreadsheets)


def write_csv(store: Store, out: Path) -> None:
    """CSV with every text verbatim, for programs."""
    _write_csv(store, out, cell=str, id=str)


def _write_csv(store: Store, out: Path, *, cell: Callable[[Any], object], id: Callable[[Any], object]) -> None:
    """Write CSV (RFC 4180). Several concerns share a field, separated by ';'."""
    with out.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for each in counted_statements(store):
            writer.writerow([(id if name in IDS else cell)(_cell(getattr(each, name))) for name in COLUMNS])


def write_jsonl(store: Store, out: Path) -> None:
    """The contract's statement record, one a line; the same file can be built from again."""
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for each in counted_statements(store):
            file.write(dumps({"id": each.id, **asdict(each.statement())}) + "\n")


def write_parquet(store: Store, out: Path) -> None:
    """Apache Parquet, for data frames; concerns are a list. Needs the extra `parquet`."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise needed(error, "parquet") from error
    kinds = {"start": pyarrow.int64(), "end": pyarrow.int64(), "confidence": pyarrow.float64()}
    kinds["concerns"] = pyarrow.list_(pyarrow.string())
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    with parquet.ParquetWriter(out, schema) as writer:
        for several in _several(counted_statements(store)):
            rows = [{name: _plain(getattr(each, name)) for name in COLUMNS} for each in several]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))


def write_xlsx(store: Store, out: Path) -> None:
    """A workbook with the statements and the positions; every text is text, also one that begins like a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)

    def sheet(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        page = book.create_sheet(title)
        page.freeze_panes = "A2"
        page.append(list(header))
        for row in rows:
            cells = []
            for value in row:
                if isinstance(value, int | float):
                    cell = WriteOnlyCell(page, value=value)
                else:
                    cell = WriteOnlyCell(page, value=NOT_IN_SHEET.sub("\ufffd", str(value))[:LONGEST_CELL])
                    # Past the library's guess, which takes '=' for a formula.
                    cell.data_type = "s"
                cells.append(cell)
            page.append(cells)

    dates: set[str] = set()

    def statement_rows() -> Iterator[list[Any]]:
        for each in counted_statements(store):
            dates.add(each.date)
            yield [_cell(getattr(each, name)) for name in COLUMNS]

    sheet("Statements", COLUMNS, statement_rows())
    sheet("Positions", POSITION_COLUMNS, map(_position_row, positions(store, limit=EVERY).items))
    file = io.BytesIO()
    book.save(file)
    out.write_bytes(_dated(file.getvalue(), max(dates, default="")))


# The graph as RDF


def context() -> dict[str, Any]:
    """The JSON-LD context: own terms by their bare names, others by their prefixes."""
    return {"@context": {"@version": 1.1, "@vocab": ONTOLOGY} | {name: it for name, it in PREFIXES.items() if name}}


def write_jsonld(store: Store, out: Path) -> None:
    """JSON-LD 1.1, a named graph after the other, with its context within."""
    with out.open("w", encoding="utf-8") as file:
        file.write(f'{{"@context": {json.dumps(context()["@context"])},\n"@graph": [\n')
        for place, graph in enumerate(store.graphs()):
            things: dict[str, dict[str, list[Any]]] = {}
            for triple in store.triples(graph):
                about = things.setdefault(triple.subject, {})
                if triple.predicate == RDF.type:
                    about.setdefault("@type", []).append(_compact(str(triple.object)))
                else:
                    about.setdefault(_compact(triple.predicate), []).append(_object(triple.object))
            nodes = [
                {"@id": subject, **{key: sorted(about[key], key=repr) for key in sorted(about)}}
                for subject, about in sorted(things.items())
            ]
            file.write(",\n" if place else "")
            file.write(json.dumps({"@id": graph, "@graph": nodes}, ensure_ascii=False))
        file.write("\n]}\n")


def _written(format: str) -> Callable[[Store, Path], None]:
    def write(store: Store, out: Path) -> None:
        out.write_bytes(store.dump(format=format))

    return write


def write_nquads(store: Store, out: Path) -> None:
    """N-Quads in the order of the alphabet, so that two exports can be compared line by line."""
    lines = sorted(store.dump(format="nquads").splitlines(keepends=True))
    out.write_bytes(b"".join(lines))


def _object(term: Term) -> Any:
    if not isinstance(term, Literal):
        return {"@id": str(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype == XSD + "integer" and str(_whole(term.value)) == term.value:
        return int(term.value)
    return {"@value": term.value, "@type": term.datatype} if term.datatype else term.value


def _whole(value: str) -> int | None:
    return int(value) if value.removeprefix("-").isdecimal() else None


def _compact(it: str) -> str:
    if it.startswith(ONTOLOGY):
        return it[len(ONTOLOGY) :]
    for prefix, start in PREFIXES.items():
        rest = it[len(start) :]
        if prefix and it.startswith(start) and re.fullmatch(r"[A-Za-z][\w-]*", rest):
            return f"{prefix}:{rest}"
    return it


def _cell(value: object) -> Any:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(map(str, value))
    return value if isinstance(value, int | float) else str(value)


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if value is None or isinstance(value, int | float) else str(value)


def _position_row(position: Position) -> list[Any]:
    counts: Mapping[str, int] = {stance.value: position.counts.get(stance, 0) for stance in Stance}
    return [counts[name] if name in counts else _cell(getattr(position, name)) for name in POSITION_COLUMNS]


def _several(statements: Iterator[Evidence]) -> Iterator[list[Evidence]]:
    several: list[Evidence] = []
    for each in statements:
        several.append(each)
        if len(several) == AT_ONCE:
            yield several
            several = []
    if several:
        yield several


def _dated(data: bytes, date: str) -> bytes:
    """The workbook without the time of its making: the same data, the same bytes."""
    moment = f"{(date + '-01-01'[len(date) - 4 :]) if date else '1980-01-01'}T00:00:00Z".encode()
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = MODIFIED.sub(rb"\g<1>" + moment, content)
            new.writestr(zipfile.ZipInfo(name, PACKED), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


FORMATS: Mapping[str, FileFormat] = {
    "csv": FileFormat(ending="csv", media_type="text/csv", write=write_csv),
    "spreadsheet": FileFormat(ending="csv", media_type="text/csv", write=write_spreadsheet),
    "jsonl": FileFormat(ending="jsonl", media_type="application/x-ndjson", write=write_jsonl),
    "parquet": FileFormat(ending="parquet", media_type="application/vnd.apache.parquet", write=write_parquet),
    "xlsx": FileFormat(
        ending="xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write=write_xlsx,
    ),
    "trig": FileFormat(ending="trig", media_type="application/trig", write=_written("trig")),
    "nquads": FileFormat(ending="nq", media_type="application/n-quads", write=write_nquads),
    "jsonld": FileFormat(ending="jsonld", media_type="application/ld+json", write=write_jsonld),
    "turtle": FileFormat(ending="ttl", media_type="text/turtle", write=_written("turtle")),
}
