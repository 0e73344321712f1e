"""Earlier versions of the data: each build leaves a numbered copy next to the store until newer ones replace it.

A copy lies in `versions/NUMBER` of the store's folder and is the folder of a store itself. It shares its files with the
store until either changes, so that it is made in milliseconds and takes room only for what has changed since.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graph.errors import BadRequest, StoreError, UnknownVersion
from graph.rdf.vocabulary import HEAD, graph_iri, id_of
from graph.reading import index
from graph.store.dataset import base_of
from graph.store.embedded import Store, open_store
from graph.store.migration import FORMAT, VERSION_FILE, kept_folders

COUNTS = (
    HEAD
    + """SELECT
  (COUNT(?article) AS ?articles) (COUNT(?statement) AS ?statements) (COUNT(?position) AS ?positions)
WHERE {
  { ?article a schema:Article } UNION { ?statement a :Statement } UNION { ?position a :Position }
}
"""
)
DIGESTS = (
    HEAD
    + """SELECT ?article ?digest WHERE { ?activity :inputSha256 ?digest ; prov:used ?article } ORDER BY ?article ?digest
"""
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The data set after one build."""

    number: int
    """Counts up; one that has gone is not given again."""
    built: str
    """When, in UTC: ISO 8601 to the second."""
    articles: int
    statements: int
    positions: int
    quads: int
    sha256: str
    """Digest of the sources of the data, the same for the same data; see `digest`."""
    state: str
    """`Store.version` of the store as it was then."""

    @property
    def at(self) -> datetime:
        """When it was built."""
        return self.moment(self.built)

    @staticmethod
    def moment(built: str) -> datetime:
        """The time that `built` gives. Raises ValueError."""
        return datetime.fromisoformat(built)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What can be asked for `as of`."""

    items: tuple[Version, ...]
    """The newest first."""
    changed: bool
    """Whether the data have been written to since the newest was kept, by verdicts or by SPARQL."""


def keep(store: Store, *, at_most: int, now: datetime | None = None) -> Version | None:
    """Store the current data as a version, keep up to `at_most` versions, and return the newest one.

    Data equal to those of the newest version get no new number. Return None if no versions are kept: on a SPARQL
    server, in memory, or with `at_most` 0. Raise StoreError without any change to the versions.
    """
    if store.folder is None or store.read_only:
        return None
    place = store.folder / "versions"
    try:
        with store.writing():
            made = _kept(store, place, now or datetime.now(UTC)) if at_most else None
        for old in kept_folders(store.folder)[: -at_most or None]:
            # Out of the list at once: one that is half gone is no version.
            gone = old.rename(place / f".gone-{old.name}")
            shutil.rmtree(gone)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"no version can be kept in {place}: {error}; the graph itself is as it should be") from error
    return made


def versions(store: Store) -> Versions:
    """Return the versions stored next to the store."""
    found = tuple(map(read, reversed(kept_folders(store.folder)))) if store.folder is not None else ()
    return Versions(items=found, changed=bool(found) and found[0].state != store.version)


def current(store: Store) -> tuple[Version, bool] | None:
    """Return the build that the data come from, and whether they have been written to since; None if none is kept."""
    if store.folder is None:
        return None
    if (store.folder / VERSION_FILE).exists():
        return read(store.folder), False
    found = versions(store)
    return (found.items[0], found.changed) if found.items else None


def read(folder: Path) -> Version:
    """The version in a folder. Raises StoreError where it cannot be read."""
    try:
        return Version(**json.loads((folder / VERSION_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{folder} is no version: {error}; take the folder away") from error


def as_of(store: Store, text: str) -> Version:
    """The version with this number, or the newest that had been built by a day or moment (ISO 8601, UTC).

    Raises BadRequest, UnknownVersion.
    """
    found = versions(store).items
    if text.isascii() and text.isdigit() and len(text) < 10:
        wanted = next((each for each in found if each.number == int(text)), None)
    else:
        until = _moment(text)
        wanted = next((each for each in found if each.at <= until), None)
    if wanted is None:
        numbers = ", ".join(str(each.number) for each in reversed(found)) or "none"
        raise UnknownVersion(f"there is no version {text!r} of the data; those kept are: {numbers}")
    return wanted


def open_version(store: Store, version: Version) -> Store:
    """The data as they were then, for reading. Raises UnknownVersion where they have gone meanwhile."""
    folder = place_of(store, version)
    if folder is None or not folder.is_dir():
        raise UnknownVersion(f"version {version.number} of the data is no longer kept")
    return open_store(folder, read_only=True)


def place_of(store: Store, version: Version) -> Path | None:
    """Where a version lies."""
    return store.folder / "versions" / str(version.number) if store.folder is not None else None


def write(folder: Path, version: Version, *, format: int = FORMAT) -> None:
    """The record in a version's folder, with its format, so that it can be updated."""
    (folder / "version").write_text(version.state, encoding="ascii")
    (folder / "format").write_text(str(format), encoding="ascii")
    path = folder / VERSION_FILE
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(version), indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())


def digest(store: Store, quads: int) -> str:
    """SHA-256, in hexadecimal, of how many quads there are, of each article's digest, and of every other graph.

    Writing all of it out would take longer than building it did. What is worked out from the rest is left aside.
    """
    base = base_of(store)
    found = hashlib.sha256(f"{quads}\n".encode())
    rows = store.select(DIGESTS)
    for row in rows:
        found.update(f"{row['article']} {row['digest']}\n".encode("utf-8", "surrogatepass"))
    made = {graph_iri(base, "article", id_of(row["article"])) for row in rows}
    made |= {graph_iri(base, kind) for kind in ("positions", "networks", "found")}
    for graph in store.graphs():
        if graph not in made:
            found.update(
                f"{graph}\n".encode() + b"\n".join(sorted(store.dump(graph=graph, format="ntriples").splitlines()))
            )
    return found.hexdigest()


def _kept(store: Store, place: Path, now: datetime) -> Version:
    before = versions(store).items
    if before and before[0].state == store.version:
        return before[0]
    quads = store.count()
    sha256 = digest(store, quads)
    if before and before[0].sha256 == sha256:
        newest = before[0]
        # Written to, but with nothing changed in the end.
        return _again(place / str(newest.number), newest, store.version)
    made = Version(
        number=before[0].number + 1 if before else 1,
        built=now.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        quads=quads,
        sha256=sha256,
        state=store.version,
        **store.select(COUNTS)[0],
    )
    working = place / ".making"
    shutil.rmtree(working, ignore_errors=True)
    try:
        store.backup(working / "data")
        index.copy(store, working)
        write(working, made)
        working.rename(place / str(made.number))
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return made


def _again(folder: Path, version: Version, state: str) -> Version:
    changed = Version(**asdict(version) | {"state": state})
    unfinished = folder / f"{VERSION_FILE}.new"
    unfinished.write_text(json.dumps(asdict(changed), indent=2) + "\n", encoding="utf-8")
    unfinished.replace(folder / VERSION_FILE)
    return changed


def _moment(text: str) -> datetime:
    named = "give its number, or a day or moment as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
    if not DAY.match(text):
        raise BadRequest(f"{text!r} names no version: {named}")
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{text!r} names no version: {named}") from error
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    try:
        # A day is meant to its end.
        return found + timedelta(days=1) - timedelta(seconds=1) if DAY.fullmatch(text) else found
    except OverflowError:
        return found
