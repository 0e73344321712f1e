"""Damage files of every kind that is read, and count crashes and silent losses.

    .venv/bin/python benchmarks/mutations.py --files 10000
    .venv/bin/python benchmarks/mutations.py --files 1000 --kinds pdf docx --seeds ../shared/reports

Each file is a seed with some bytes changed, removed, repeated or replaced; in packed files (Word, OpenDocument, Excel,
REFI-QDA) a part of the file is damaged as often as the package. It must be read, or refused in one sentence that names
it. These are faults: any other error, a file that ends the process or takes longer than 20 seconds, lost letters
without a warning, and a row of a table that is neither read nor named. Seeds are articles of the tests' bus domain in
every format, and all files of these kinds below `--seeds`. The same number gives the same files.
"""

import argparse
import csv
import io
import json
import logging
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from openpyxl import Workbook  # noqa: E402  # after the path

from extract.documents.exports import exported  # noqa: E402  # likewise
from extract.documents.reading import READERS, read  # noqa: E402  # likewise
from graph.coding.coded import read_coding  # noqa: E402  # likewise
from graph.coding.rows import read_rows  # noqa: E402  # likewise
from graph.coding.tables import ColumnMapping  # noqa: E402  # likewise
from graph.domain.folder import Domain, read_domain  # noqa: E402  # likewise
from graph.errors import PositionsError  # noqa: E402  # likewise
from graph.model import Article  # noqa: E402  # likewise
from graph.records import read_statements  # noqa: E402  # likewise
from tests.extract.converted import FORMATS, blocks  # noqa: E402  # likewise

BUSES = ROOT / "tests" / "domains" / "buses"
SECONDS = 20
"""Longest time for one file."""
PACKED = ("docx", "odt", "xlsx", "qdpx")
KINDS = ("txt", "md", "html", "docx", "odt", "pdf", "eml", "rtf", "csv", "xlsx", "qdpx", "jsonl", "export", "dna")
"""`csv`, `xlsx`, `qdpx` and `dna` are hand coding, `export` is a table of articles, `jsonl` are statements."""
ENDINGS = {"export": "csv"}
TOKENS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\x92", b'"', b"'", b"\\", b"\r", b"\n\n"),
    *(b"<", b">", b"</p>", b"<!--", b"&#xD800;", b"&amp;", b"]]>", b"{", b"}", b"\\u-1?", b"\\bin99999 ", b",,,"),
    *(b";", b"=", b"=?utf-8?B?!!?=", b"\n--b\n", b"Content-Type: text/html; charset=nonsense\n\n", b"stream", b"obj"),
    *(b"9" * 40, b"-1", b"1e999", b"NaN", b"null", b"\xe2\x80\xa8", b"\xc2\xad", b"A" * 5_000),
)


@cache
def domain() -> Domain:
    return read_domain(BUSES)


@cache
def articles() -> tuple[Article, ...]:
    found = sorted((BUSES / "articles").glob("*.txt"))[:6]
    return tuple(Article(id=path.stem, text=path.read_text(encoding="utf-8")) for path in found)


def seeds(kind: str, folder: Path | None) -> list[bytes]:
    """Return whole files of a kind."""
    ending = ENDINGS.get(kind, kind)
    given = sorted(folder.rglob(f"*.{ending}")) if folder else []
    return [*made(kind), *(path.read_bytes() for path in given)]


def made(kind: str) -> list[bytes]:
    """Return seeds of our own."""
    match kind:
        case "rtf":
            return [_rtf(each.text) for each in articles()]
        case "csv":
            return [_table(_coding(), delimiter) for delimiter in ",;\t"]
        case "xlsx":
            return [_workbook(_coding())]
        case "qdpx":
            return [_packed({"project.qde": b"<Project/>", "sources/a.txt": articles()[0].text.encode()})]
        case "jsonl":
            return [b"".join(json.dumps(dict(zip(COLUMNS, row, strict=True))).encode() + b"\n" for row in _records())]
        case "export":
            head: list[object] = ["title", "text", "date", "publisher"]
            rows: list[list[object]] = [[each.id, each.text, "2031-03-04", "The Tram Gazette"] for each in articles()]
            return [_table([head, *rows], delimiter) for delimiter in ",;\t"]
        case "dna":
            return [_dna()]
    return [FORMATS[f".{kind}"](blocks(each.text)) for each in articles()]


COLUMNS = ("article", "start", "end", "quote", "actor", "reform", "stance")


def _records() -> Iterator[list[object]]:
    for number, each in enumerate(articles()):
        for start in range(0, min(len(each.text) - 60, 600), 60):
            quote = each.text[start : start + 50]
            actor = list(domain().actors)[number]
            yield [each.id, start, start + 50, quote, actor, "night-buses", "support"]


def _coding() -> list[list[object]]:
    rows = [[row[0], " ".join(str(row[3]).split()), *row[4:]] for row in _records()]
    return [["article", "quote", "actor", "reform", "stance"], *(row for row in rows if row[1])]


def _table(rows: list[list[object]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def _workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _rtf(text: str) -> bytes:
    body = "".join(f"\\u{ord(each)}?" if ord(each) > 127 else each for each in text).replace("\n", "\\par\n")
    return f"{{\\rtf1\\ansi\\ansicpg1252 {body}}}".encode("ascii")


def _dna() -> bytes:
    from graph.coding.dna import write_dna
    from graph.debate.columns import Debate
    from tests import factory

    debate = Debate(statements=[factory.statement()], articles={"cap-news": factory.article()})
    with tempfile.TemporaryDirectory() as folder:
        write_dna(debate, Path(folder) / "a.dna", {"cap-news": factory.article()})
        return (Path(folder) / "a.dna").read_bytes()


# Damage


def damaged(kind: str, whole: list[bytes], number: int) -> bytes:
    """Return the file of this number."""
    chance = random.Random(f"{kind} {number}")
    content = chance.choice(whole)
    if kind in PACKED and chance.random() < 0.5:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
        except zipfile.BadZipFile:
            return _mutated(content, whole, chance)
        hit = chance.choice(sorted(parts))
        if chance.random() < 0.1:
            del parts[hit]
        else:
            parts[hit] = _mutated(parts[hit], [parts[hit]], chance)
        return _packed(parts)
    return _mutated(content, whole, chance)


def _mutated(content: bytes, whole: list[bytes], chance: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(found) + 1)
        length = chance.choice((1, 1, 2, 8, 64, 512))
        match chance.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length] * chance.choice((1, 2, 20))
            case 3:
                found[at:at] = chance.choice(TOKENS)
            case 4:
                del found[at:]
            case _:
                other = chance.choice(whole)
                begin = chance.randrange(len(other) + 1)
                found[at : at + length] = other[begin : begin + length]
    return bytes(found)


# Reading


class Warnings(logging.Handler):
    """What was logged while a file was read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


def document(path: Path, warned: Warnings) -> str:
    text = read(path).text
    return "lost letters" if "\ufffd" in text and not warned.told else ""


def coding(path: Path, warned: Warnings) -> str:
    found = read_coding(path, domain(), articles(), mapping=ColumnMapping(columns={}))
    if path.suffix == ".dna":
        return ""
    table = read_rows(path)
    named = {each.place for each in found.passed_over}
    return "lost rows" if len(found.statements) + len(named) < len(table.rows) + len(table.faults) else ""


def table_of_articles(path: Path, warned: Warnings) -> str:
    faults: list[str] = []
    texts = [each.text for each in exported(path, faults=faults)]
    content = path.read_bytes()
    # A cell too many is a text that was cut at a delimiter.
    words = sum(len(text.split()) for text in texts)
    whole = len(content.decode("utf-8", "replace").split())
    return "lost rows" if not faults and words < whole // 4 and whole > 100 else ""


def statements(path: Path, warned: Warnings) -> str:
    lines = [line for line in path.read_bytes().split(b"\n") if line.strip()]
    return "lost rows" if sum(1 for _ in read_statements(path)) < len(lines) else ""


CHECKS: dict[str, Callable[[Path, Warnings], str]] = {
    **{ending.removeprefix("."): document for ending in READERS},
    **{"csv": coding, "xlsx": coding, "qdpx": coding, "dna": coding},
    **{"export": table_of_articles, "jsonl": statements},
}


def tried(kind: str, path: Path, warned: Warnings) -> tuple[str, str]:
    """Return what came of a file, and the details of a fault."""
    warned.told.clear()
    signal.alarm(SECONDS)
    try:
        return CHECKS[kind](path, warned) or "read", ""
    except PositionsError as error:
        one = "\n" not in str(error) and path.name in str(error)
        return ("refused", "") if one else ("unnamed", str(error)[:400])
    except TimeoutError:
        return "slow", ""
    except Exception:  # noqa: BLE001  # whatever a reader raises is a fault to report
        return "error", traceback.format_exc(limit=-3)
    finally:
        signal.alarm(0)


def _too_slow(number: int, frame: object) -> None:
    raise TimeoutError


def child(kind: str, begin: int, end: int, folder: Path | None, keep: Path) -> None:
    """Try files of a kind and write one line for each."""
    signal.signal(signal.SIGALRM, _too_slow)
    warned = Warnings()
    logging.getLogger().handlers[:] = [warned]
    whole = seeds(kind, folder)
    path = keep / f"damaged.{ENDINGS.get(kind, kind)}"
    for number in range(begin, end):
        path.write_bytes(damaged(kind, whole, number))
        outcome, details = tried(kind, path, warned)
        print(json.dumps([number, outcome, details]), flush=True)


def parent(kind: str, files: int, given: list[str], *, until: float) -> Counter[str]:
    """Try files of a kind in other processes, and continue after a file that ends its process."""
    found: Counter[str] = Counter()
    number = 0
    with tempfile.TemporaryDirectory() as keep:
        while number < files and time.monotonic() < until:
            last = min(files, number + 5_000)
            words = ["--child", kind, str(number), str(last), keep, *given]
            ran = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
            for line in ran.stdout.splitlines():
                number, outcome, details = json.loads(line)
                number += 1
                if details and found[outcome] < 3:
                    print(f"{kind} {number - 1}: {outcome}\n{details}", flush=True)
                found[outcome] += 1
            if number < last and ran.returncode > 0:
                raise SystemExit(ran.stderr)
            if number < last:
                print(f"{kind} {number}: ended its process ({ran.returncode})\n{ran.stderr[-1_000:]}", flush=True)
                found["crash"] += 1
                number += 1
    return found


FAULTS = ("error", "crash", "slow", "unnamed", "lost letters", "lost rows")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000, help="files of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--seeds", type=Path, help="folder with further seeds")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after this time")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        kind, begin, end, keep = told.child
        child(kind, int(begin), int(end), told.seeds, Path(keep))
        return 0
    given = ["--seeds", str(told.seeds)] if told.seeds else []
    wrong = 0
    begun = time.monotonic()
    for place, kind in enumerate(told.kinds):
        left = begun + told.minutes * 60 - time.monotonic()
        found = parent(kind, told.files, given, until=time.monotonic() + left / (len(told.kinds) - place))
        wrong += sum(found[each] for each in FAULTS)
        print(f"{kind}: {sum(found.values()):,} files, {dict(sorted(found.items()))}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
