"""Refuse a parameter that an address does not have: a misspelt filter must not return everything."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

EVERYWHERE = "as_of"
"""The parameter that every address has; it is read before a request reaches its handler."""
UNKNOWN = "extra_forbidden"
"""The type of the fault, by the name that pydantic has for it."""


async def known_only(request: Request) -> None:
    """Raise RequestValidationError if the request has a parameter that its address does not declare."""
    route = request.scope.get("route")
    if request.query_params and isinstance(route, APIRoute) and not _takes_any(route):
        check(request, declared(route))


async def own_parameters(request: Request) -> None:
    """Mark an address whose parameters depend on what it names; its handler calls `check`."""


OwnParameters: Any = Depends(own_parameters)


def check(request: Request, known: tuple[str, ...]) -> None:
    """Raise RequestValidationError that names an unknown parameter and the known ones."""
    faults = [
        {"type": UNKNOWN, "loc": ("query", name), "msg": told(name, known)}
        for name in dict.fromkeys(request.query_params)
        if name not in known
    ]
    if faults:
        raise RequestValidationError(faults)


def told(name: str, known: tuple[str, ...]) -> str:
    """Return the sentence on an unknown parameter."""
    near = get_close_matches(name, known, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no parameter {name!r} here.{meant} The parameters are: {', '.join((*known, EVERYWHERE))}."


def declared(route: APIRoute) -> tuple[str, ...]:
    """Return the names of the query parameters that a route and its dependencies declare."""
    return tuple(dict.fromkeys(_names(route.dependant)))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names(each)


def _takes_any(route: APIRoute) -> bool:
    return any(each.call is own_parameters for each in route.dependant.dependencies)


KnownOnly: Any = Depends(known_only)
