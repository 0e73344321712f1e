"""The whole data set over HTTP: the same files as from the command line, and none left behind."""

import dataclasses
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from api.app import create_app
from api.data import exports
from api.data.shared_files import FROM_ONE, SharedFiles
from api.settings import Settings
from graph.building import build
from graph.export.files import FORMATS, export
from graph.store.embedded import open_store
from tests import factory


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "store"
    with open_store(str(folder)) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement(concerns=("cost",))])
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=str(folder))), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("format", sorted(exports.TITLES))
def test_a_file_is_what_the_command_line_writes(client: TestClient, tmp_path: Path, format: str) -> None:
    answer = client.get(f"/api/export/{format}")
    out = tmp_path / "positions"
    export(client.app.state.store, format, out)  # type: ignore[attr-defined]  # the application is ours

    assert answer.headers["content-type"].partition(";")[0] == FORMATS[format].media_type
    assert f'filename="positions.{FORMATS[format].ending}"' in answer.headers["content-disposition"]
    assert sorted(answer.content.splitlines()) == sorted(out.read_bytes().splitlines())


def test_the_package_the_description_and_the_debate(client: TestClient, tmp_path: Path) -> None:
    crate = zipfile.ZipFile(io.BytesIO(client.get("/api/export/rocrate").content))
    debate = tmp_path / "positions.dna"
    debate.write_bytes(client.get("/api/export/dna").content)

    assert {"graph.nq", "statements.csv", "ro-crate-metadata.json", "dataset.ttl"} <= set(crate.namelist())
    assert "dcat:Dataset" in client.get("/api/export/dcat").text
    assert sqlite3.connect(debate).execute("SELECT COUNT(*) FROM STATEMENTS").fetchone() == (1,)


def test_every_format_is_listed_as_data_and_on_the_page(client: TestClient) -> None:
    told = {each["name"]: each["url"] for each in client.get("/api/export").json()}
    page = client.get("/data").text

    assert set(told) == set(exports.EXPORTS)
    assert told["csv"] == "http://127.0.0.1/api/export/csv"
    assert all(f'href="/api/export/{name}"' in page for name in exports.EXPORTS)
    assert 'href="/data"' in client.get("/").text


def test_the_description_of_the_api_names_every_form(client: TestClient) -> None:
    paths = json.loads(client.get("/api/openapi.json").text)["paths"]
    found = paths["/api/export/{format}"]["get"]

    assert found["parameters"][0]["schema"]["enum"] == list(exports.EXPORTS)
    assert set(found["responses"]["200"]["content"]) == {each.media_type for each in exports.EXPORTS.values()}


def test_the_same_is_not_sent_twice_and_no_file_stays(client: TestClient, folder: Path) -> None:
    first = client.get("/api/export/csv")
    again = client.get("/api/export/csv", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert list(folder.glob("export-*")) == []


def test_an_unknown_format_is_refused(client: TestClient) -> None:
    answer = client.get("/api/export/papyrus", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert "rocrate" in answer.json()["detail"]


def test_more_at_once_than_may_be_written_are_asked_to_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports._files, "_writing", {"one", "another"})
    answer = client.get("/api/export/trig")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_full_disk_is_reported_and_leaves_no_file(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    changed = dataclasses.replace(exports.EXPORTS["csv"], write=full)
    monkeypatch.setattr(exports, "EXPORTS", {**exports.EXPORTS, "csv": changed})
    answer = client.get("/api/export/csv")

    assert answer.status_code == 503
    assert "No space left" in answer.json()["detail"]
    assert list(folder.glob("export-*")) == []


def test_downloads_share_a_file_and_a_client_has_a_bound(tmp_path: Path) -> None:
    files = SharedFiles()
    written: list[Path] = []

    def write(path: Path) -> None:
        path.write_bytes(b"all")
        written.append(path)

    paths = {files.take("a", "them", folder=tmp_path, name="x", write=write) for _ in range(FROM_ONE)}
    with pytest.raises(HTTPException) as refused:
        files.take("a", "them", folder=tmp_path, name="x", write=write)
    paths.add(files.take("a", "us", folder=tmp_path, name="x", write=write))

    assert refused.value.status_code == 429
    assert paths == set(written)
    assert len(written) == 1
    for _ in range(FROM_ONE):
        files.give_back("a", "them")
    assert written[0].exists()
    files.give_back("a", "us")
    assert not written[0].exists()
