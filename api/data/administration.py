"""Back up the graph of a running server, for the operator only."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.data.shared_files import TemporaryFileResponse
from api.dependencies import StoreDep
from api.serving.users import AdminDep
from graph.versions.backup import back_up

router = APIRouter(prefix="/api/admin", tags=["service"])


@router.get("/backup", response_class=FileResponse)
def backup(
    store: StoreDep,
    admin: AdminDep,
    *,
    newest: Annotated[bool, Query(description="Leave out the versions of earlier builds")] = False,
) -> FileResponse:
    """The whole graph as one file for `positions restore`. Reading and writing continue meanwhile."""
    # Next to the data, because the system's folder for temporary files may be in memory.
    handle, name = tempfile.mkstemp(prefix="backup-", suffix=".positions", dir=store.folder)
    os.close(handle)
    path = Path(name)
    try:
        made = back_up(store, path, with_versions=not newest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return TemporaryFileResponse(
        path,
        ended=lambda: path.unlink(missing_ok=True),
        media_type="application/zip",
        filename=f"{made.version}.positions",
        headers={"Cache-Control": "no-store"},
    )
