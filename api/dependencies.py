"""The dependencies that a handler can ask for."""

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from api.settings import Settings
from graph.errors import BadRequest
from graph.model import Counting
from graph.store.embedded import Store


def settings(request: Request) -> Settings:
    """Return the settings of this application."""
    return cast(Settings, request.app.state.settings)


def counting(name: str) -> Counting:
    """Return which statements `standing` asks to count; checked and likely ones if it is empty. Raise BadRequest."""
    try:
        return Counting(name or Counting.LIKELY)
    except ValueError:
        raise BadRequest(f"standing={name!r} is not one of {', '.join(Counting)}") from None


def store(
    request: Request,
    standing: Annotated[
        str,
        Query(
            description="Which statements count: `checked`, `likely` (checked and likely) or `all`",
            json_schema_extra={"enum": list(Counting)},
        ),
    ] = "",
) -> Store:
    """Return the graph that this application serves, counting the statements that the request asks for."""
    return cast(Store, request.app.state.store).counted(counting(standing))


SettingsDep = Annotated[Settings, Depends(settings)]
StoreDep = Annotated[Store, Depends(store)]
