"""Is the service alive, can it answer, and what has it done?"""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.dependencies import StoreDep

router = APIRouter(tags=["service"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(store: StoreDep) -> dict[str, str]:
    """The store answers, and at which version of its data."""
    store.ask("ASK {}")
    return {"status": "ok", "version": str(store.version)}


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Counts and times in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
