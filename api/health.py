"""Is the service alive, and can it answer?"""

from fastapi import APIRouter

from api.dependencies import StoreDep

router = APIRouter(tags=["service"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(store: StoreDep) -> dict[str, str]:
    """The store answers, and at which version of its data."""
    return {"status": "ok", "version": str(store.version)}
