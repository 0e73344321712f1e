"""Download the whole data set over HTTP in every format of `positions export`, and a page that lists the formats."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from api.data.rest import MISSING
from api.data.shared_files import SharedFiles, TemporaryFileResponse
from api.dependencies import SettingsDep, StoreDep
from api.serving.attempts import network
from api.serving.users import address_of
from api.showing.rendering import public, render
from graph.errors import Unknown
from graph.export.files import FORMATS
from graph.export.files import export as written
from graph.profiles import field_profile
from graph.store.embedded import Store

router = APIRouter(prefix="/api/export", tags=["export"])
page = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_files = SharedFiles()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A format of the whole data set: its title, file name, media type and writer."""

    title: str
    filename: str
    media_type: str
    write: Callable[[Store, File, str], None]
    """Write a store into a file; the last argument is the public address of the service."""
    names_site: bool = False
    """Whether the file contains the public address."""


def _format(name: str) -> Callable[[Store, File, str], None]:
    return lambda store, out, site: written(store, name, out)


def _dna(store: Store, out: File, site: str) -> None:
    from graph.coding.dna import write_dna  # loads much that nothing else needs
    from graph.debate.stored import stored_debate, with_texts

    debate = stored_debate(store)
    write_dna(debate, out, with_texts(store, debate))


def _package(store: Store, out: File, site: str) -> None:
    from graph.export.citation import package  # rdflib takes a second to load

    package(store, out, site=site)


def _description(store: Store, out: File, site: str) -> None:
    from graph.export.citation import description  # likewise

    out.write_bytes(description(store, site=site))


TITLES = {
    "spreadsheet": "Statements as a table for spreadsheets (CSV in which no text is run as a formula)",
    "csv": "Statements as a table for programs (CSV, every text verbatim)",
    "xlsx": "Statements and positions as a workbook (XLSX)",
    "jsonl": "Statements as records, to build from again (JSON lines)",
    "parquet": "Statements as a table (Parquet)",
    "trig": "The whole graph (TriG)",
    "nquads": "The whole graph, one triple per line (N-Quads)",
    "jsonld": "The whole graph (JSON-LD)",
    "turtle": "The whole graph without its named graphs (Turtle)",
}
EXPORTS: Mapping[str, Export] = {
    name: Export(
        title=title,
        filename=f"positions.{FORMATS[name].ending}",
        media_type=FORMATS[name].media_type,
        write=_format(name),
    )
    for name, title in TITLES.items()
} | {
    "dna": Export(
        title="Articles and statements for Discourse Network Analyzer (DNA)",
        filename="positions.dna",
        media_type="application/vnd.sqlite3",
        write=_dna,
    ),
    "rocrate": Export(
        title="All of it with its description, to be cited (RO-Crate)",
        filename="positions.zip",
        media_type="application/zip",
        write=_package,
        names_site=True,
    ),
    "dcat": Export(
        title="The description of the data set alone (DCAT and VoID)",
        filename="dataset.ttl",
        media_type="text/turtle",
        write=_description,
        names_site=True,
    ),
}


class ExportEntry(BaseModel):
    """A format in which the data set can be downloaded."""

    name: str
    title: str
    filename: str
    media_type: str
    url: str


@router.get("")
def exports(request: Request, settings: SettingsDep) -> list[ExportEntry]:
    """The formats in which the whole data set can be downloaded."""
    return [
        ExportEntry(
            name=name,
            title=each.title,
            filename=each.filename,
            media_type=each.media_type,
            url=public(request, settings, f"/api/export/{name}"),
        )
        for name, each in EXPORTS.items()
    ]


@router.get(
    "/{format}",
    response_class=Response,
    responses={
        200: {"content": {each.media_type: {} for each in EXPORTS.values()}, "description": "The file"},
        304: {"description": "Not changed"},
        429: {"description": "Too many downloads from one client at once"},
        503: {"description": "Other files are being written, or the disk is full; try again soon"},
        **MISSING,
    },
)
def export(
    format: Annotated[str, Path(description="Which format", json_schema_extra={"enum": list(EXPORTS)})],
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
) -> Response:
    """The whole data set as one file. With its ETag, an unchanged file is not sent again."""
    if format not in EXPORTS:
        raise Unknown(f"no export {format!r}; there are {', '.join(EXPORTS)}")
    chosen = EXPORTS[format]
    site = public(request, settings, "")
    tag = f'W/"{hashlib.sha256(f"{store.version} {format} {site}".encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    key = f"{store.version} {format} {site if chosen.names_site else ''}"
    client = network(address_of(request))
    out = _files.take(
        key, client, folder=store.folder, name=chosen.filename, write=lambda path: chosen.write(store, path, site)
    )
    return TemporaryFileResponse(
        out,
        ended=lambda: _files.give_back(key, client),
        media_type=chosen.media_type,
        filename=chosen.filename,
        headers=headers,
    )


@page.get("/data")
def data(request: Request, store: StoreDep) -> HTMLResponse:
    """Every way to get the data: files, addresses, feeds and interfaces for programs."""
    return render(
        request,
        store,
        "data.html",
        field=field_profile(store),
        exports=EXPORTS,
    )
