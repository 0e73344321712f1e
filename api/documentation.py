"""The interactive page of the API, its browser code served from the installed package."""

import re
from functools import partial
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
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
START = 'SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#swagger-ui", deepLinking: true });\n'


@router.get("/api/docs", response_class=HTMLResponse)
def page() -> str:
    """Every address of the API, to read and to try."""
    return PAGE


@router.get("/api/docs/start.js")
def start() -> Response:
    """A file of its own, as the content security policy forbids scripts within pages."""
    return Response(START, media_type="text/javascript")


def described(app: FastAPI) -> dict[str, Any]:
    """The description of the API; each address is headed by the first sentence of what is told of it."""
    found = FastAPI.openapi(app)
    for path in found["paths"].values():
        for operation in path.values():
            told = operation.get("description", "")
            operation["summary"] = re.split(r"[.;:](?:\s|$)", told, maxsplit=1)[0] or operation["summary"]
    return found


def mount(app: FastAPI) -> None:
    """Serve the browser code of Swagger UI as its package ships it, and head each address by its first sentence."""
    app.openapi = partial(described, app)  # type: ignore[method-assign]  # as FastAPI documents it
    app.mount("/api/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")))
