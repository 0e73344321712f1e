"""The whole graph in one file, and back: a ZIP of N-Quads with a manifest that says what has to be in it.

What is written is one moment of the data, taken in milliseconds, so that a server goes on reading and writing.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from pathlib import Path, PurePosixPath
from typing import Any

from graph.errors import BadRequest, StoreError
from graph.store.embedded import Digested, Snapshot, Store, open_store, restored_beside
from graph.store.migration import FORMAT, format_of
from graph.versions import builds as versions
from graph.versions.builds import Version

DATA, MANIFEST = "graph.nq", "manifest.json"
CHUNK = 1024 * 1024
A_DATE_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    format: int
    """Of the store, as in `graph.store.migration`."""
    version: str
    """Of the data when they were written out."""
    quads: int
    graphs: tuple[str, ...]
    """IRIs of the named graphs, also of those without a triple."""
    sha256: str
    """Of the N-Quads, in hexadecimal."""
    versions: "tuple[Manifest, ...]" = ()
    """The data as they were after earlier builds, the oldest first."""
    kept: Version | None = None
    """Of an earlier version: what is told of it."""


def back_up(store: Store, out: Path, *, with_versions: bool = True) -> Manifest:
    """Write what the store holds now, and its versions, into a file, whole or not at all. Raises StoreError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.new")
    try:
        with _moment(store) as (snapshot, version), zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            made = changed(
                _written(snapshot, file, DATA, version),
                versions=tuple(_version(store, each, file) for each in _versions(store)) if with_versions else (),
            )
            file.writestr(zipfile.ZipInfo(MANIFEST, A_DATE_OF_ZIP), json.dumps(asdict(made), indent=2))
        # What is told as saved has been read back.
        verified(beside)
        beside.replace(out)
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return made


def verified(path: Path) -> Manifest:
    """The manifest of a backup whose data are what it says. Raises BadRequest for any other file."""
    try:
        with zipfile.ZipFile(path) as file:
            manifest = _manifest(json.loads(file.read(MANIFEST)))
            found = {name: _digest(file, name) for name, _ in _members(manifest)}
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, NotImplementedError) as error:
        raise BadRequest(f"{path} is no backup, or is cut off; take another one") from error
    if any(found[name] != (each.sha256, each.quads) for name, each in _members(manifest)):
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
        with zipfile.ZipFile(path) as file:
            state = _filled(file, DATA, manifest, working)
            (working / "versions").mkdir()
            for name, each in _members(manifest)[1:]:
                _filled(file, name, each, working / PurePosixPath(name).with_suffix(""))
                if each.kept is not None:
                    # The newest version is still the data of now, where it was.
                    now = each is manifest.versions[-1] and each.version == manifest.version
                    kept = changed(each.kept, state=state) if now else each.kept
                    versions.write(working / "versions" / str(kept.number), kept, format=each.format)
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


def _versions(store: Store) -> tuple[Version, ...]:
    return tuple(reversed(versions.versions(store).items))


def _version(store: Store, version: Version, file: zipfile.ZipFile) -> Manifest:
    place = versions.place_of(store, version)
    if place is None or not place.is_dir():
        raise StoreError(f"version {version.number} went away while it was copied; repeat the backup")
    made = _written(Snapshot.on_disk(str(place / "data")), file, _member(version), version.state)
    return changed(made, format=format_of(place), kept=version)


def _member(version: Version) -> str:
    return f"versions/{version.number}.nq"


def _members(manifest: Manifest) -> list[tuple[str, Manifest]]:
    """The members that hold data, with what they have to be."""
    return [(DATA, manifest), *((_member(each.kept), each) for each in manifest.versions if each.kept is not None)]


def _written(snapshot: Snapshot, file: zipfile.ZipFile, name: str, version: str) -> Manifest:
    with file.open(zipfile.ZipInfo(name, A_DATE_OF_ZIP), "w", force_zip64=True) as member:
        data = Digested(member)
        snapshot.dump(None, data, format="nquads")
    return Manifest(
        format=FORMAT, version=version, quads=data.lines, graphs=tuple(snapshot.graphs()), sha256=data.sha256
    )


def _manifest(told: dict[str, Any]) -> Manifest:
    """Raises KeyError, TypeError where it is none."""
    changes = {
        "graphs": tuple(told["graphs"]),
        "versions": tuple(map(_manifest, told.get("versions", ()))),
        "kept": Version(**told["kept"]) if told.get("kept") else None,
    }
    return Manifest(**told | changes)


def _digest(file: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, lines = hashlib.sha256(), 0
    with file.open(name) as member:
        while chunk := member.read(CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
    return digest.hexdigest(), lines


def _filled(file: zipfile.ZipFile, name: str, manifest: Manifest, folder: Path) -> str:
    """Make a store of a member; the state that it has then."""
    with file.open(name) as member, open_store(folder) as store:
        store.fill(member, graphs=manifest.graphs)
        count, state = store.count(), store.version
    (folder / "format").write_text(str(manifest.format), encoding="ascii")
    if count != manifest.quads:
        raise StoreError(f"{count:,} of {manifest.quads:,} quads came into {folder}; the store is as it was")
    return state
