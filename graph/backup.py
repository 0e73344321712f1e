"""The whole graph in one file, and back: a ZIP of N-Quads with a manifest that says what has to be in it.

What is written is one moment of the data, taken in milliseconds, so that a server goes on reading and writing.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from graph.errors import BadRequest, StoreError
from graph.migration import FORMAT
from graph.store import Snapshot, Store, open_store, restored_beside

DATA, MANIFEST = "graph.nq", "manifest.json"
CHUNK = 1024 * 1024
A_DATE_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    format: int
    """Of the store, as in `graph.migration`."""
    version: str
    """Of the data when they were written out."""
    quads: int
    graphs: tuple[str, ...]
    """IRIs of the named graphs, also of those without a triple."""
    sha256: str
    """Of the N-Quads, in hexadecimal."""


class Digested:
    """A file that counts and digests what is written to it; takes what `Snapshot.dump` gives."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.lines = 0

    def begin(self, **header: Any) -> None:
        """The header of an answer has no place in a file."""

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.lines += data.count(b"\n")
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def back_up(store: Store, out: Path) -> Manifest:
    """Write what the store holds now into a file, whole or not at all. Raises StoreError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.new")
    try:
        with _moment(store) as (snapshot, version), zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            with file.open(zipfile.ZipInfo(DATA, A_DATE_OF_ZIP), "w", force_zip64=True) as member:
                data = Digested(member)
                snapshot.dump(None, data, format="nquads")
            made = Manifest(
                format=FORMAT,
                version=version,
                quads=data.lines,
                graphs=tuple(snapshot.graphs()),
                sha256=data.sha256,
            )
            file.writestr(zipfile.ZipInfo(MANIFEST, A_DATE_OF_ZIP), json.dumps(asdict(made), indent=2))
        # What is told as saved has been read back.
        verified(beside)
        beside.replace(out)
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return made


def verified(path: Path) -> Manifest:
    """The manifest of a backup whose data are what it says. Raises BadRequest for any other file."""
    try:
        with zipfile.ZipFile(path) as file:
            told = json.loads(file.read(MANIFEST))
            digest, lines = hashlib.sha256(), 0
            with file.open(DATA) as member:
                while chunk := member.read(CHUNK):
                    digest.update(chunk)
                    lines += chunk.count(b"\n")
        manifest = Manifest(**told | {"graphs": tuple(told["graphs"])})
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, NotImplementedError) as error:
        raise BadRequest(f"{path} is no backup, or is cut off; take another one") from error
    if (digest.hexdigest(), lines) != (manifest.sha256, manifest.quads):
        raise BadRequest(f"{path} is damaged: its data are not those that its manifest tells of; take another one")
    if manifest.format > FORMAT:
        raise BadRequest(f"{path} was made by a newer version of the program; restore it with that one")
    return manifest


def restore(path: Path, folder: Path, *, replace: bool = False) -> Manifest:
    """Make the store in the folder hold what a backup holds; `replace` allows for one that holds a graph already.

    All is read into a new store beside and counted before anything is replaced. Raises BadRequest, StoreError.
    """
    manifest = verified(path)
    there = (folder / "data").is_dir()
    if there and not replace:
        raise BadRequest(f"{folder} holds a graph already; name another folder, or say --replace")
    if there:
        open_store(folder).close()  # nobody else has it open
    working = folder / "restoring"
    shutil.rmtree(working, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as file, file.open(DATA) as member, open_store(working) as store:
            store.fill(member, graphs=manifest.graphs)
            count = store.count()
        (working / "format").write_text(str(manifest.format), encoding="ascii")
        if count != manifest.quads:
            raise StoreError(f"{count:,} of {manifest.quads:,} quads came into {working}; the store is as it was")
        restored_beside(folder, working)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}; the store is as it was") from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return manifest


@contextmanager
def _moment(store: Store) -> Iterator[tuple[Snapshot, str]]:
    """The data as they are now, and their version."""
    with tempfile.TemporaryDirectory(prefix="positions-backup-", dir=store.folder) as folder:
        version = store.backup(Path(folder) / "data")
        yield Snapshot.on_disk(str(Path(folder) / "data")), version
