"""Hostile input, derived from valid input by small changes, and what must hold when the program reads it.

`benchmarks/fuzz.py` runs these. The seed and the number of a case determine it, so it can be repeated.
"""

import asyncio
import csv
import hashlib
import io
import json
import random
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api.queries.pool import QueryPool
from api.settings import Settings
from graph.building import build
from graph.coding.coded import read_coding
from graph.coding.dna import write_dna
from graph.coding.tables import ColumnMapping
from graph.debate.columns import Debate
from graph.errors import PositionsError
from graph.records import articles_beside, read_articles, read_statements, record
from graph.store.embedded import memory_store, open_store
from graph.versions.backup import back_up, restore
from graph.versions.builds import keep
from tests import factory
from tests.serving import Server

ODD = (
    *(
        "",
        "\x00",
        "\x01",
        "\ud800",
        "\ufffe",
        "\u202e",
        "'",
        '"',
        "<",
        "]]>",
        "../../x",
        "%00",
        "=1+1",
        "\r\n",
        "\t",
        "a" * 70_000,
    ),
    *(
        "99999-99",
        "2031-13-45",
        "NaN",
        "-1",
        "1e400",
        "9" * 400,
        "null",
        "true",
        "council",
        "fare-cap",
        "oppose",
        "\U0001f6f6",
    ),
)
KNOWN = (
    *(
        "council",
        "harbour-lines",
        "Harbour",
        "fare-cap",
        "night-buses",
        "capped fares",
        "2031",
        "2031-03-04",
        "support",
    ),
    *("who supports the fare cap?", "fare AND cap", factory.statement().id, "ASK { }", "SELECT * { ?s ?p ?o } LIMIT 3"),
)
CHOICES = {"standing": ("checked", "likely", "all"), "stance": ("support", "oppose", None)}
VALUES: tuple[Any, ...] = (
    *ODD,
    *(None, True, -1, 0, 1, 2**63, 10**400, 1.5, float("nan"), float("inf"), [], {}, [[[]]], {"a": {"b": []}}, ["x"]),
)


class Found(Exception):
    """Something that the program must not do."""


def case(seed: int, number: int) -> random.Random:
    """The chances of one case."""
    return random.Random(f"{seed} {number}")


def changed(data: bytes, chance: random.Random) -> bytes:
    """Bytes with a few small changes."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(5):
            case 0 if made:
                made[min(at, len(made) - 1)] = chance.randrange(256)
            case 1:
                made[at:at] = chance.choice(ODD).encode("utf-8", "surrogatepass")
            case 2:
                del made[at : at + chance.choice([1, 2, 10, 1_000])]
            case 3:
                made[at:at] = made[at : at + chance.choice([1, 20, 500])]
            case _:
                made[at:at] = chance.randbytes(chance.choice([1, 3, 30]))
    return bytes(made)


def altered(value: Any, chance: random.Random) -> Any:
    """A JSON value with one part replaced, removed or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        made = dict(value)
        match chance.randrange(6):
            case 0:
                del made[key]
            case 1:
                made[str(chance.choice(ODD))] = chance.choice(VALUES)
            case _:
                made[key] = altered(value[key], chance)
        return made
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        match chance.randrange(5):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, value[at]]
            case _:
                return [*value[:at], altered(value[at], chance), *value[at + 1 :]]
    return chance.choice(VALUES)


# Raw connections


def request(first: str, *headers: str, body: str = "") -> bytes:
    """A request, after whose answer the server closes the connection."""
    lines = [f"{first} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", body]
    return "\r\n".join(lines).encode()


FORM = "Content-Type: application/x-www-form-urlencoded"
OPERATOR = "Authorization: Bearer {token}"
REQUESTS = (
    request("GET /reforms", "Accept: text/html"),
    request("GET /search?q=fare+cap&limit=5"),
    request("GET /as-of/1/statements/{statement}?standing=all"),
    request("GET /api/network?format=gexf&mode=actors-reforms&window=30&at=2031-03-04"),
    request("GET /api/briefings/fare-cap?format=md", "If-None-Match: *"),
    request("GET /feeds/statements.atom?actor=council"),
    request("GET /api/export/nquads", "Range: bytes=0-99"),
    request("GET /id/reform/fare-cap", "Accept: text/turtle;q=0.5, */*;q=0.1"),
    request("GET /sparql?query=SELECT%20*%20%7B%20?s%20?p%20?o%20%7D%20LIMIT%201"),
    request("POST /sparql", FORM, "Content-Length: 19", body="query=ASK%7B%7D&a=b"),
    request("POST /review/sign-in", FORM, "Content-Length: 7", "Cookie: positions_session=a", body="token=a"),
    request(
        "PUT /graphs?graph=https://a.example/g",
        "Content-Type: text/turtle",
        "Transfer-Encoding: chunked",
        OPERATOR,
        body="8\r\n<a:a> <b\r\n9\r\n:b> 'c' .\r\n0\r\n\r\n",
    ),
    request(
        "POST /api/reviews",
        "Content-Type: application/json",
        "Content-Length: 53",
        OPERATOR,
        body='{"statement": "{statement}", "verdict": "right"}',
    ),
    request("OPTIONS /sparql", "Origin: https://a.example", "Access-Control-Request-Method: POST"),
)
AT_ONCE = 24
SOON, LATE = 1.0, 15.0
"""Seconds to wait for an answer before a request is ended, because it may be incomplete, and after that."""
END = b"\r\n\r\n" + b"0\r\n\r\n" * 20
GROWTH = 300_000_000
"""Bytes by which the server may grow."""


def sockets(server: Server, cases: int, seed: int, tell: Callable[[str], None]) -> None:
    """Send changed requests over raw connections. Raises Found for a 5xx other than 503 with Retry-After, or growth."""
    asyncio.run(_sockets(server, cases, seed, tell))
    if b"Traceback" in server.store.with_suffix(".log").read_bytes():
        raise Found("a traceback in the log of the server")


async def _sockets(server: Server, cases: int, seed: int, tell: Callable[[str], None]) -> None:
    seen: Counter[str] = Counter()
    numbers = iter(range(cases))
    before = memory(server.pid)

    async def client() -> None:
        for number in numbers:
            request = _request(server, case(seed, number))
            status, head = await _answer(server, request)
            seen[status] += 1
            if status.startswith("5") and not (status == "503" and b"retry-after" in head.lower()):
                raise Found(f"case {number} of seed {seed}: {status} for {request[:500]!r}: {head[-300:]!r}")
            if number % 1_000 == 999:
                tell(f"sockets: {number + 1:,} of {cases:,} cases, {dict(sorted(seen.items()))}")

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(client())
    grown = memory(server.pid) - before
    tell(f"sockets: {seen.total():,} cases, {dict(sorted(seen.items()))}, grown by {grown / 1e6:.0f} MB")
    if grown > GROWTH:
        raise Found(f"the server has grown by {grown:,} bytes")


def _request(server: Server, chance: random.Random) -> bytes:
    made = chance.choice(REQUESTS).replace(b"{token}", server.token.encode())
    return changed(made.replace(b"{statement}", factory.statement().id.encode()), chance)


async def _answer(server: Server, request: bytes) -> tuple[str, bytes]:
    parts = urlsplit(server.address)
    for _ in range(20):
        try:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            break
        except OSError:
            await asyncio.sleep(0.2)
    else:
        raise Found("the server takes no more connections")
    try:
        writer.write(request)
        head = b""
        for patience in (SOON, LATE):
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    while b"\r\n\r\n" not in head and (more := await reader.read(2_000)):
                        head += more
                    break
            writer.write(END)
    except OSError:
        return "none", b""
    finally:
        writer.transport.abort()
    words = head.split(b" ", 2)
    return (words[1].decode("latin-1") if len(words) > 1 and words[0].startswith(b"HTTP/") else "none"), head


def memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    with suppress(FileNotFoundError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


# Backups


def restores(cases: int, seed: int, tell: Callable[[str], None]) -> None:
    """Restore changed backups. Each is restored in full, or refused in one sentence and leaves no files."""
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="restores-") as name:
        folder = Path(name)
        with open_store(folder / "store") as store:
            build(store, factory.domain(), [factory.article()], [factory.statement()])
            keep(store, at_most=2)
            back_up(store, folder / "sound")
        sound = (folder / "sound").read_bytes()
        there = {each.name for each in folder.iterdir()}
        for number in range(cases):
            path, into = folder / "changed", folder / "new" / "store"
            path.write_bytes(_backup(sound, case(seed, number)))
            with _only_known_errors(seen, f"case {number} of seed {seed}"):
                restore(path, into)
                with open_store(into, read_only=True) as made:
                    made.count()
                _emptied(into.parent)
            path.unlink()
            left = {each.name for each in folder.iterdir()} - there
            if left:
                raise Found(f"case {number} of seed {seed} leaves {sorted(left)}")
            if number % 250 == 249:
                tell(f"restore: {number + 1:,} of {cases:,} cases, {dict(seen)}")
    tell(f"restore: {cases:,} cases, {dict(seen)}")


def _backup(sound: bytes, chance: random.Random) -> bytes:
    """A backup with changed bytes, manifest, members or data; the digests match, so that the data are read."""
    if chance.random() < 0.2:
        return changed(sound, chance)
    with zipfile.ZipFile(io.BytesIO(sound)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    what = chance.random()
    if what < 0.4:
        manifest = altered(manifest, chance)
    elif what < 0.8:
        name = chance.choice(sorted(members))
        members[name] = changed(members[name], chance)
        part = manifest if name == "graph.nq" else manifest["versions"][0]
        part["sha256"], part["quads"] = hashlib.sha256(members[name]).hexdigest(), members[name].count(b"\n")
    else:
        name = chance.choice(sorted(members))
        members[chance.choice(["../" + name, "/" + name, name + "\x00", "versions/../" + name, "x"])] = members.pop(
            name
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
        file.writestr("manifest.json", json.dumps(manifest))
    return out.getvalue()


def _emptied(folder: Path) -> None:
    for each in sorted(folder.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    folder.rmdir()


# Hand coding and statement files


def imports(cases: int, seed: int, tell: Callable[[str], None]) -> None:
    """Read changed files of hand coding, and build from changed statement files."""
    seen: Counter[str] = Counter()
    area, article = factory.domain(), factory.article()
    with tempfile.TemporaryDirectory(prefix="imports-") as name:
        folder = Path(name)
        sound = _codings(folder)
        for number in range(cases):
            chance = case(seed, number)
            ending = chance.choice(sorted(sound))
            where = f"case {number} of seed {seed}, {ending}"
            if ending == ".lines":
                with _only_known_errors(seen, where):
                    path = folder / "changed.jsonl"
                    for target, line in zip((path, articles_beside(path)), sound[ending].splitlines(), strict=True):
                        target.write_bytes(_line(line, chance) if chance.random() < 0.6 else line + b"\n")
                    build(memory_store(), area, list(read_articles(articles_beside(path))), read_statements(path))
            else:
                path = folder / f"changed{ending}"
                path.write_bytes(changed(sound[ending], chance))
                with _only_known_errors(seen, where):
                    read_coding(path, area, [article], mapping=ColumnMapping(columns={}))
            if number % 5_000 == 4_999:
                tell(f"import: {number + 1:,} of {cases:,} cases, {dict(seen)}")
    tell(f"import: {cases:,} cases, {dict(seen)}")


def _line(line: bytes, chance: random.Random) -> bytes:
    """A line of JSON with a changed value or changed bytes."""
    if chance.random() < 0.3:
        return changed(line, chance) + b"\n"
    return json.dumps(altered(json.loads(line), chance)).encode() + b"\n"


def _codings(folder: Path) -> dict[str, bytes]:
    """Valid coding in each format, by the ending of its file; `.lines` is a statement and its article."""
    article, statement = factory.article(), factory.statement()
    fields = record(statement)
    row = {name: fields[name] for name in ("article", "start", "end", "quote", "actor", "reform", "stance", "speaker")}
    made = {}
    for ending, delimiter in ((".csv", ","), (".tsv", "\t")):
        text = io.StringIO()
        writer = csv.DictWriter(text, row, delimiter=delimiter)
        writer.writeheader()
        writer.writerow(row)
        made[ending] = text.getvalue().encode()
    made[".jsonl"] = json.dumps(fields).encode() + b"\n"
    write_dna(Debate(statements=[statement], articles={article.id: article}), folder / "a.dna", {article.id: article})
    with closing(sqlite3.connect(folder / "a.dna")) as file:
        file.execute("VACUUM")
    made[".dna"] = (folder / "a.dna").read_bytes()
    made[".lines"] = json.dumps(fields).encode() + b"\n" + json.dumps(asdict(article)).encode()
    return made


# Tools for agents


def agents(cases: int, seed: int, tell: Callable[[str], None]) -> None:
    """Call the tools with changed arguments. Each answers, or tells one known error."""
    asyncio.run(_agents(cases, seed, tell))


async def _agents(cases: int, seed: int, tell: Callable[[str], None]) -> None:
    from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError  # the extra `agents`

    from api.agents.server import mcp_server

    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="agents-") as name, open_store(Path(name) / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
        async with QueryPool(store, Settings().query_bounds) as pool:
            server = mcp_server(store, pool, Settings())
            tools = sorted(await server.list_tools(), key=lambda tool: tool.name)
            for number in range(cases):
                chance = case(seed, number)
                tool = chance.choice(tools)
                given = {
                    name: _argument(name, schema, chance)
                    for name, schema in sorted(tool.input_schema["properties"].items())
                    if chance.random() < 0.7
                }
                try:
                    await server.call_tool(tool.name, given)
                    seen["answered"] += 1
                except UnexpectedToolError as error:
                    raise Found(f"case {number} of seed {seed}: {tool.name} {str(given)[:300]}") from error
                except ToolError:
                    seen["refused"] += 1
                if number % 5_000 == 4_999:
                    tell(f"agents: {number + 1:,} of {cases:,} cases, {dict(seen)}")
    tell(f"agents: {cases:,} cases, {dict(seen)}")


def _argument(name: str, schema: dict[str, Any], chance: random.Random) -> Any:
    """A value that the schema of an argument allows, or more rarely any value."""
    if chance.random() < 0.1:
        return chance.choice(VALUES)
    if schema.get("type") == "array":
        return [chance.choice(ODD if chance.random() < 0.3 else KNOWN) for _ in range(chance.randrange(5))]
    if schema.get("type") == "integer":
        return chance.choice([0, 1, 2, 5, 20])
    if name in CHOICES:
        return chance.choice(CHOICES[name])
    return chance.choice(ODD if chance.random() < 0.4 else KNOWN)


@contextmanager
def _only_known_errors(seen: Counter[str], where: str) -> Iterator[None]:
    """Count what is read and what is refused. Raises Found for any other error."""
    try:
        yield
    except PositionsError as error:
        if "\n" in str(error).strip() and "Traceback" in str(error):
            raise Found(f"{where}: {error}") from error
        seen["refused"] += 1
    except Exception as error:
        raise Found(f"{where}: {type(error).__name__}: {str(error)[:300]}") from error
    else:
        seen["read"] += 1
