"""The whole data set over HTTP: every form that `positions export` writes, and a page that tells of them."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from pydantic import BaseModel
from starlette.background import BackgroundTask

from api.data.rest import MISSING
from api.dependencies import SettingsDep, StoreDep
from api.showing.rendering import public, render
from graph.errors import Unknown
from graph.export.files import FORMATS
from graph.export.files import export as written
from graph.profiles import field_profile
from graph.store.embedded import Store

router = APIRouter(prefix="/api/export", tags=["export"])
page = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

AT_ONCE = 2
"""Files that are written at the same time: each reads the whole graph."""
_writing = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file of the whole: what is in it, its name and media type, and what writes it."""

    title: str
    filename: str
    media_type: str
    write: Callable[[Store, File, str], None]
    """Of a store, into a file; the last is the public address of the service."""


def _format(name: str) -> Callable[[Store, File, str], None]:
    return lambda store, out, site: written(store, name, out)


def _dna(store: Store, out: File, site: str) -> None:
    from graph.coding.dna import write_dna  # with what it draws in, wanted here alone
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
    "csv": "Statements as a table (CSV)",
    "xlsx": "Statements and positions as a workbook (XLSX)",
    "jsonl": "Statements as records, to build from again (JSON lines)",
    "parquet": "Statements as a table (Parquet)",
    "trig": "The whole graph (TriG)",
    "nquads": "The whole graph, a line a triple (N-Quads)",
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
    ),
    "dcat": Export(
        title="The description of the data set alone (DCAT and VoID)",
        filename="dataset.ttl",
        media_type="text/turtle",
        write=_description,
    ),
}


class ExportEntry(BaseModel):
    """A form in which the data set is to be had."""

    name: str
    title: str
    filename: str
    media_type: str
    url: str


@router.get("")
def exports(request: Request, settings: SettingsDep) -> list[ExportEntry]:
    """The forms in which the whole data set is to be had."""
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
        304: {"description": "The same as before"},
        503: {"description": "Others are being written; ask again soon"},
        **MISSING,
    },
)
def export(
    format: Annotated[str, Path(description="Which form", json_schema_extra={"enum": list(EXPORTS)})],
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
) -> Response:
    """The whole data set as one file, sent piece by piece; with its ETag it is not sent again while it is the same."""
    if format not in EXPORTS:
        raise Unknown(f"no export {format!r}; there are {', '.join(EXPORTS)}")
    chosen = EXPORTS[format]
    site = public(request, settings, "")
    tag = f'W/"{hashlib.sha256(f"{store.version} {format} {site}".encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if not _writing.acquire(blocking=False):
        raise HTTPException(503, "other files are being written; ask again soon", headers={"Retry-After": "5"})
    try:
        out = _file(store, chosen, site)
    finally:
        _writing.release()
    return FileResponse(
        out,
        media_type=chosen.media_type,
        filename=chosen.filename,
        headers=headers,
        background=BackgroundTask(out.unlink, missing_ok=True),
    )


def _file(store: Store, chosen: Export, site: str) -> File:
    # Beside the data: the machine's folder for temporary files may be in memory.
    handle, name = tempfile.mkstemp(prefix="export-", suffix=f".{chosen.filename}", dir=store.folder)
    os.close(handle)
    out = File(name)
    try:
        chosen.write(store, out, site)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return out


@page.get("/data")
def data(request: Request, store: StoreDep) -> HTMLResponse:
    """Every way to take the data away: files, addresses, feeds, a door for programs."""
    return render(
        request,
        store,
        "data.html",
        field=field_profile(store),
        exports=EXPORTS,
    )
