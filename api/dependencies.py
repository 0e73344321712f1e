"""What a handler can ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from api.settings import Settings
from graph.store.embedded import Store


def settings(request: Request) -> Settings:
    """The settings that this application was made with."""
    return cast(Settings, request.app.state.settings)


def store(request: Request) -> Store:
    """The graph that this application serves."""
    return cast(Store, request.app.state.store)


SettingsDep = Annotated[Settings, Depends(settings)]
StoreDep = Annotated[Store, Depends(store)]
