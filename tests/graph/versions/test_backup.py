"""Backups restore exactly what was saved, and nothing else is accepted as a backup."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from graph.building import build
from graph.errors import BadRequest, StoreError, StoreInUse
from graph.rdf.terms import Iri, Literal, Triple
from graph.store import restoring
from graph.store.embedded import Store, memory_store, open_store
from graph.store.migration import FORMAT
from graph.versions.backup import back_up, restore, verified
from graph.versions.manifest import DATA, MANIFEST
from tests import factory

NOTE = Triple(Iri("https://buses.example/note"), Iri("https://buses.example/says"), Literal("A “quoted” line\nand one"))
LATER = Iri("https://buses.example/graph/later")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A small graph, and a named graph without a triple."""
    with open_store(tmp_path / "store") as made:
        build(made, factory.domain(), [factory.article()], [factory.statement()])
        made.replace(Iri("https://buses.example/graph/notes"), [NOTE])
        made.put("https://buses.example/graph/empty", b"", replace=True)
        yield made


@pytest.fixture
def backup(store: Store, tmp_path: Path) -> Path:
    back_up(store, tmp_path / "graph.versions.backup")
    return tmp_path / "graph.versions.backup"


def lines(store: Store) -> list[bytes]:
    return sorted(store.dump().splitlines())


def test_what_is_restored_is_what_was_there(store: Store, backup: Path, tmp_path: Path) -> None:
    manifest = restore(backup, tmp_path / "again")

    with open_store(tmp_path / "again") as again:
        assert lines(again) == lines(store)
        assert again.graphs() == store.graphs()
        assert again.count() == manifest.quads > 50
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["data", "format", "version", "versions"]


def test_a_backup_is_one_moment_of_a_store_that_is_written_to(store: Store, backup: Path, tmp_path: Path) -> None:
    before = lines(store)
    store.replace(LATER, [NOTE])
    restore(backup, tmp_path / "again")

    with open_store(tmp_path / "again") as again:
        assert lines(again) == before
    assert lines(store) != before


def test_the_same_data_make_the_same_file(store: Store, backup: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "second.backup")

    assert (tmp_path / "second.backup").read_bytes() == backup.read_bytes()


def test_a_store_in_memory_can_be_backed_up(tmp_path: Path) -> None:
    store = memory_store()
    store.replace(LATER, [NOTE])

    assert back_up(store, tmp_path / "graph.versions.backup").quads == 1


def test_a_graph_is_replaced_only_on_request(backup: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "other") as other:
        other.replace(LATER, [NOTE])

    with pytest.raises(BadRequest, match="--replace"):
        restore(backup, tmp_path / "other")
    with open_store(tmp_path / "other") as other:
        assert other.graphs() == [LATER]
        version = other.version

    restore(backup, tmp_path / "other", replace=True)
    with open_store(tmp_path / "other") as other:
        assert LATER not in other.graphs()
        assert other.version != version


def test_a_store_in_use_is_not_replaced(store: Store, backup: Path) -> None:
    assert store.folder is not None
    with pytest.raises(StoreInUse):
        restore(backup, store.folder, replace=True)


def rewrite(path: Path, **changes: bytes) -> None:
    """Rewrite the backup with other members."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in (members | {MANIFEST if k == "manifest" else DATA: v for k, v in changes.items()}).items():
            file.writestr(name, content)


@pytest.mark.parametrize("data", [b"", b"<https://a.example/a> <https://a.example/b> <https://a.example/c> .\n"])
def test_data_that_differ_from_the_manifest_are_refused(backup: Path, tmp_path: Path, data: bytes) -> None:
    rewrite(backup, data=data)

    with pytest.raises(BadRequest, match="is damaged"):
        restore(backup, tmp_path / "again")
    assert not (tmp_path / "again" / "data").exists()


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[]", b"null", b'{"graphs": [], "more": 1}'])
def test_another_manifest_is_refused(backup: Path, manifest: bytes) -> None:
    rewrite(backup, manifest=manifest)

    with pytest.raises(BadRequest, match="not a backup"):
        verified(backup)


def test_any_cut_of_a_backup_is_refused(backup: Path) -> None:
    content = backup.read_bytes()

    for length in range(0, len(content), max(len(content) // 40, 1)):
        backup.write_bytes(content[:length])
        with pytest.raises(BadRequest, match="not a backup"):
            verified(backup)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        verified(tmp_path / "nothing")


def test_a_backup_of_a_newer_version_is_refused(backup: Path) -> None:
    with zipfile.ZipFile(backup) as file:
        told = json.loads(file.read(MANIFEST))
    rewrite(backup, manifest=json.dumps(told | {"format": FORMAT + 1}).encode())

    with pytest.raises(BadRequest, match="newer version"):
        verified(backup)


@pytest.mark.parametrize("killed", ["before the swap", "after the old data went", "after the data came"])
def test_a_restore_that_was_killed_is_finished_at_the_next_opening(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    folder = tmp_path / "other"
    with open_store(folder) as other:
        other.replace(LATER, [NOTE])
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "finish_restoring", lambda _: None)
        restore(backup, folder, replace=True)
    if killed != "before the swap":
        shutil.rmtree(folder / "data")
    if killed == "after the data came":
        (folder / "restored" / "data").rename(folder / "data")

    with open_store(folder) as other:
        assert LATER not in other.graphs()
        assert other.count() == verified(backup).quads
    assert not (folder / "restored").exists()


def test_a_full_disk_leaves_the_old_backup(store: Store, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = backup.read_bytes()
    store.replace(LATER, [NOTE])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(StoreError, match="No space left on device"):
        back_up(store, backup)

    assert backup.read_bytes() == before
    assert sorted(path.name for path in backup.parent.glob(".*")) == []


# Hostile backups


def forged(path: Path, **changes: object) -> None:
    """Rewrite the backup with a changed manifest and recomputed digests, as an attacker could."""
    with zipfile.ZipFile(path) as file:
        told = json.loads(file.read(MANIFEST))
    rewrite(path, manifest=json.dumps(told | changes).encode())


KEPT = {
    "number": 1,
    "built": "2026-01-01T00:00:00Z",
    "articles": 0,
    "statements": 0,
    "positions": 0,
    "quads": 0,
    "sha256": "0" * 64,
    "state": "0",
}
EMPTY = {
    "format": FORMAT,
    "version": "0",
    "quads": 0,
    "graphs": [],
    "sha256": hashlib.sha256(b"").hexdigest(),
    "versions": [],
}


def everything(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


@pytest.mark.parametrize("number", ["../../../X", "/X", "1/../../X", -1, 0, 1.5, True, "1", 10**9])
def test_a_version_cannot_be_written_outside_the_store(backup: Path, tmp_path: Path, number: object) -> None:
    forged(backup, versions=[EMPTY | {"kept": KEPT | {"number": number}}])
    with zipfile.ZipFile(backup, "a") as file:
        file.writestr(f"versions/{number}.nq", b"")
    before = everything(tmp_path)

    with pytest.raises(BadRequest, match="not a backup"):
        restore(backup, tmp_path / "deep" / "er" / "again")
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"format": -1},
        {"format": "1"},
        {"format": True},
        {"version": "../../X"},
        {"version": "é"},
        {"quads": -1},
        {"graphs": ["not an IRI"]},
        {"graphs": ["https://a.example/> <https://a.example/b"]},
        {"graphs": ["https://a.example/\ud800"]},
        {"graphs": "https://a.example/"},
        {"sha256": None},
        {"kept": KEPT},
        {"unknown": 1},
        {"versions": {}},
        {"versions": [EMPTY]},
        {"versions": [EMPTY | {"kept": KEPT | {"built": "not a date"}}]},
        {"versions": [EMPTY | {"kept": KEPT | {"built": "2026-99-99T00:00:00Z"}}]},
        {"versions": [EMPTY | {"kept": KEPT | {"state": "\ud800"}}]},
        {"versions": [EMPTY | {"kept": KEPT}] * 2},
        {"versions": [EMPTY | {"kept": KEPT, "versions": [EMPTY | {"kept": KEPT}]}]},
    ],
    ids=repr,
)
def test_a_manifest_with_a_wrong_field_is_refused(backup: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    forged(backup, **changes)

    with pytest.raises(BadRequest, match="not a backup"):
        restore(backup, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_deep_manifest_is_refused(backup: Path) -> None:
    rewrite(backup, manifest=b"[" * 200_000)

    with pytest.raises(BadRequest, match="not a backup"):
        verified(backup)


@pytest.mark.parametrize("name", ["other", "../X", "versions/1.nq", MANIFEST])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_the_manifest_does_not_name_is_refused(backup: Path, name: str) -> None:
    with zipfile.ZipFile(backup, "a") as file:
        file.writestr(name, b"")

    with pytest.raises(BadRequest, match="not a backup"):
        verified(backup)


@pytest.mark.parametrize("data", [b"not N-Quads\n", b"<<(" * 5_000 + b"\n"])
def test_nothing_remains_of_data_that_cannot_be_read(backup: Path, tmp_path: Path, data: bytes) -> None:
    rewrite(backup, data=data)
    forged(backup, sha256=hashlib.sha256(data).hexdigest(), quads=1)

    with pytest.raises(BadRequest):
        restore(backup, tmp_path / "deep" / "again")
    assert not (tmp_path / "deep").exists()


def key_pair(folder: Path, name: str) -> tuple[Path, Path]:
    made = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    private.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_a_signature_is_valid_and_cannot_be_forged(store: Store, tmp_path: Path) -> None:
    private, public = key_pair(tmp_path, "ours")
    _, other = key_pair(tmp_path, "other")
    path = tmp_path / "signed.backup"
    back_up(store, path, sign_key=private)

    assert restore(path, tmp_path / "again", verify_key=public) == verified(path)
    with pytest.raises(BadRequest, match="not signed with this key"):
        verified(path, verify_key=other)
    with pytest.raises(BadRequest, match="cannot be used"):
        verified(path, verify_key=private)

    with zipfile.ZipFile(path) as file:
        data = file.read(DATA).replace(b"quoted", b"forged")
    rewrite(path, data=data)
    forged(path, sha256=hashlib.sha256(data).hexdigest())
    assert verified(path).quads
    with pytest.raises(BadRequest, match="changed afterwards"):
        restore(path, tmp_path / "more", verify_key=public)


def test_an_unsigned_backup_is_refused_where_a_key_is_named(backup: Path, tmp_path: Path) -> None:
    _, public = key_pair(tmp_path, "ours")

    with pytest.raises(BadRequest, match="no signature"):
        verified(backup, verify_key=public)
