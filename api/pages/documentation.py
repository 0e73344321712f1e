"""A page that describes the API, and Swagger UI to try it, served from the installed package."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from api.dependencies import SettingsDep, StoreDep
from api.serving.hosts import site
from api.showing.rendering import Alternate, render

router = APIRouter(include_in_schema=False)

TRY = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>API: stakeholder positions</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"><p>The description of the API is at <a href="/api/openapi.json">/api/openapi.json</a>.</p></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script type="module" src="/api/docs/start.js"></script>
</body>
</html>
"""
START = 'SwaggerUIBundle({ url: "../openapi.json", dom_id: "#swagger-ui", deepLinking: true });\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointParameter:
    """A parameter of an address."""

    name: str
    told: str
    values: tuple[str, ...]
    """The possible values, if they are a list."""
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPage:
    """An address with its method and description."""

    method: str
    path: str
    summary: str
    told: str
    parameters: tuple[EndpointParameter, ...]
    media_types: tuple[str, ...]


@router.get("/api/docs", response_class=HTMLResponse)
def page(request: Request, store: StoreDep) -> HTMLResponse:
    """Show every address of the API."""
    groups: dict[str, list[EndpointPage]] = {}
    for group, endpoint in endpoints(request.app.openapi()):
        groups.setdefault(group, []).append(endpoint)
    alternates = [Alternate(label="OpenAPI", href="/api/openapi.json", type="application/json")]
    return render(request, store, "api.html", figures=False, alternates=alternates, groups=groups)


@router.get("/api/docs/try", response_class=HTMLResponse)
def trial() -> str:
    """Show Swagger UI, to try the API."""
    return TRY


@router.get("/api/openapi.json")
def description(request: Request, settings: SettingsDep) -> JSONResponse:
    """Send the description of the API, with the address at which this request found it."""
    mounted = request.scope.get("mounted", "")
    address = site(request.scope, settings) if settings.base_url else mounted
    servers = {"servers": [{"url": address}]} if address else {}
    return JSONResponse(request.app.openapi() | servers)


def endpoints(schema: Mapping[str, Any]) -> Iterator[tuple[str, EndpointPage]]:
    """Yield the addresses in an OpenAPI description, each with the name of its group."""
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            answered: Mapping[str, Any] = next(
                (answer.get("content", {}) for status, answer in told["responses"].items() if status.startswith("2")),
                {},
            )
            yield (
                told.get("tags", ["other"])[0],
                EndpointPage(
                    method=method.upper(),
                    path=path,
                    summary=told["summary"],
                    told=_plain(told.get("description", "")),
                    parameters=tuple(_parameter(each) for each in told.get("parameters", ())),
                    media_types=tuple(answered),
                ),
            )


def _plain(text: str) -> str:
    """Return a description without its code marks."""
    return text.replace("`", "")


def _parameter(told: Mapping[str, Any]) -> EndpointParameter:
    schema = told.get("schema", {})
    inner = schema.get("items", schema)
    return EndpointParameter(
        name=told["name"],
        told=_plain(told.get("description", "")),
        values=tuple(str(each) for each in inner.get("enum", ())),
        required=told.get("required", False),
    )


@router.get("/api/docs/start.js")
def start() -> Response:
    """Send the start script as a file, because the content security policy forbids scripts in pages."""
    return Response(START, media_type="text/javascript")


def described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, with the first sentence of each address's description as its summary."""
    found = FastAPI.openapi(app)
    for path in found["paths"].values():
        for operation in path.values():
            told = operation.get("description", "")
            operation["summary"] = re.split(r"[.;:](?:\s|$)", told, maxsplit=1)[0] or operation["summary"]
    return found


def mount(app: FastAPI) -> None:
    """Serve the browser code of Swagger UI from its package, and summarise each address by its first sentence."""
    app.openapi = partial(described, app)  # type: ignore[method-assign]  # as FastAPI documents it
    app.mount("/api/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")))
