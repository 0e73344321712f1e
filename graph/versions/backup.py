"""Back up the whole graph into one file, and restore it: a ZIP of N-Quads with a manifest of what must be in it.

A backup holds one moment of the data. Taking that moment costs milliseconds, so a server continues to read and write.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from dataclasses import replace as changed
from pathlib import Path

from graph.errors import BadRequest, StoreError
from graph.store.embedded import Store, open_store
from graph.store.migration import FORMAT, format_of
from graph.store.restoring import replace_folder
from graph.store.snapshot import Digested, Snapshot
from graph.versions import builds as versions
from graph.versions.builds import Version
from graph.versions.manifest import DATA, MANIFEST, Manifest, check_signature, read, sign

CHUNK = 1024 * 1024
A_DATE_OF_ZIP = (1980, 1, 1, 0, 0, 0)
NESTED = 10
"""Triples within triples on one line; the parser would run out of stack on very deep ones."""


def back_up(store: Store, out: Path, *, with_versions: bool = True, sign_key: Path | None = None) -> Manifest:
    """Write the store and its versions into a file, which appears only when complete. Raises StoreError, BadRequest."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.new")
    try:
        with _moment(store) as (snapshot, version), zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
            made = changed(
                _written(snapshot, file, DATA, version),
                versions=tuple(_version(store, each, file) for each in _versions(store)) if with_versions else (),
            )
            file.writestr(zipfile.ZipInfo(MANIFEST, A_DATE_OF_ZIP), json.dumps(asdict(made), indent=2))
        if sign_key is not None:
            sign(unfinished, sign_key)
        # Read it back before saying that it is saved.
        verified(unfinished)
        unfinished.replace(out)
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return made


def verified(path: Path, *, verify_key: Path | None = None) -> Manifest:
    """The manifest of a backup whose data match it, and whose signature matches the key. Raises BadRequest if not."""
    with _opened(path, verify_key=verify_key) as (_, manifest):
        return manifest


@contextmanager
def _opened(path: Path, *, verify_key: Path | None) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A checked backup, kept open so that the file cannot be exchanged after the check."""
    with _unreadable_refused(path), zipfile.ZipFile(path) as file:
        try:
            manifest, content = read(file)
            if verify_key is not None:
                check_signature(file, content, verify_key)
            for each in manifest.parts:
                if _digest(file, each.member) != (each.sha256, each.quads):
                    raise BadRequest("is damaged: its data do not match its manifest; use another backup")
        except BadRequest as error:
            raise BadRequest(f"{path} {error}") from error
        yield file, manifest


@contextmanager
def _unreadable_refused(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadRequest(f"{path} is not a backup, or is incomplete ({error}); use another backup") from error


def restore(path: Path, folder: Path, *, replace: bool = False, verify_key: Path | None = None) -> Manifest:
    """Replace the store in a folder by a backup; `replace` allows that the folder already holds a graph.

    The backup is checked, read into a new store and counted before anything is replaced. If it is refused, nothing of
    it remains. Raises BadRequest, StoreError.
    """
    with _opened(path, verify_key=verify_key) as (file, manifest):
        there = (folder / "data").is_dir()
        if there and not replace:
            raise BadRequest(f"{folder} already holds a graph; name another folder, or add --replace")
        if there:
            open_store(folder).close()  # fails if another process has it open
        new = [each for each in (folder, *folder.parents) if not each.exists()]
        working = folder / "restoring"
        shutil.rmtree(working, ignore_errors=True)
        try:
            _fill_all(file, manifest, working)
            replace_folder(folder, working)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written: {error}; the store is unchanged") from error
        finally:
            shutil.rmtree(working, ignore_errors=True)
            for each in new:
                with suppress(OSError):
                    each.rmdir()  # only if it is still empty
    return manifest


def _fill_all(file: zipfile.ZipFile, manifest: Manifest, working: Path) -> None:
    """Make a store of the data, and one of each version."""
    state = _filled(file, manifest, working)
    place = working / "versions"
    place.mkdir()
    for each in manifest.versions:
        if each.kept is None:
            continue
        number = str(each.kept.number)
        # The manifest has been checked; this holds even if that check should fail one day.
        if (place / number).resolve().parent != place.resolve():
            raise BadRequest(f"{number!r} is not the number of a version")
        _filled(file, each, place / number)
        # If nothing was written since the newest version, that is still so in the restored store.
        now = each is manifest.versions[-1] and each.version == manifest.version
        kept = changed(each.kept, state=state) if now else each.kept
        versions.write(place / number, kept, format=each.format)


@contextmanager
def _moment(store: Store) -> Iterator[tuple[Snapshot, str]]:
    """Yield a copy of the current data, and their version."""
    with tempfile.TemporaryDirectory(prefix="positions-backup-", dir=store.folder) as folder:
        version = store.backup(Path(folder) / "data")
        yield Snapshot.on_disk(str(Path(folder) / "data")), version


def _versions(store: Store) -> tuple[Version, ...]:
    return tuple(reversed(versions.versions(store).items))


def _version(store: Store, version: Version, file: zipfile.ZipFile) -> Manifest:
    place = versions.place_of(store, version)
    if place is None or not place.is_dir():
        raise StoreError(f"version {version.number} was removed during the backup; repeat the backup")
    member = f"versions/{version.number}.nq"
    made = _written(Snapshot.on_disk(str(place / "data")), file, member, version.state)
    return changed(made, format=format_of(place), kept=version)


def _written(snapshot: Snapshot, file: zipfile.ZipFile, name: str, version: str) -> Manifest:
    with file.open(zipfile.ZipInfo(name, A_DATE_OF_ZIP), "w", force_zip64=True) as member:
        data = Digested(member)
        snapshot.dump(None, data, format="nquads")
    return Manifest(
        format=FORMAT, version=version, quads=data.lines, graphs=tuple(snapshot.graphs()), sha256=data.sha256
    )


def _digest(file: zipfile.ZipFile, name: str) -> tuple[str, int]:
    """Digest and number of lines of a member. Raises BadRequest for triples nested too deeply."""
    digest, lines = hashlib.sha256(), 0
    with file.open(name) as member:
        while chunk := member.read(CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            if b"<<(" in chunk and max(line.count(b"<<(") for line in chunk.split(b"\n")) > NESTED:
                raise BadRequest(f"has triples nested more than {NESTED} deep")
    return digest.hexdigest(), lines


def _filled(file: zipfile.ZipFile, manifest: Manifest, folder: Path) -> str:
    """Make a store of a member's data; returns its state. Raises StoreError, BadRequest."""
    with file.open(manifest.member) as member, open_store(folder) as store:
        store.fill(member, graphs=manifest.graphs)
        count, state = store.count(), store.version
    (folder / "format").write_text(str(manifest.format), encoding="ascii")
    if count != manifest.quads:
        raise BadRequest(
            f"{file.filename} holds {count:,} different quads, not {manifest.quads:,} as its manifest says"
        )
    return state
