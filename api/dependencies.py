"""What a handler can ask for."""

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from api.settings import Settings
from graph.errors import BadRequest
from graph.model import Counting
from graph.store.embedded import Store


def settings(request: Request) -> Settings:
    """The settings that this application was made with."""
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
    """The graph that this application serves, with the statements counting that the request asks for."""
    return cast(Store, request.app.state.store).counted(counting(standing))


SettingsDep = Annotated[Settings, Depends(settings)]
StoreDep = Annotated[Store, Depends(store)]
