"""Try queries and updates without changing the store, and report what is wrong with them."""

import logging

import pyoxigraph

from graph.errors import BadQuery
from graph.store.syntax import explained

log = logging.getLogger(__name__)


def parses(text: str) -> None:
    """Try an update on an empty store. Raises BadQuery if it does not parse."""
    try:
        pyoxigraph.Store().update(text, base_iri="http://localhost/")
    except SyntaxError as error:
        raise BadQuery(f"the update does not parse: {explained(text, update_fault, kind='update')}") from error
    except (RuntimeError, OSError) as error:
        # An empty store lacks the graphs that the update names.
        log.debug("tried on an empty store: %s", error)


def rehearse(text: str, folder: str, *, base: str) -> None:
    """Run an update on a disposable copy. Raises BadQuery if it cannot be run."""
    try:
        pyoxigraph.Store(folder).update(text, base_iri=base)
    except SyntaxError as error:
        raise BadQuery(f"the update does not parse: {explained(text, update_fault, kind='update')}") from error
    except RuntimeError as error:
        raise BadQuery(f"the update cannot be run: {error}") from error


def query_fault(text: str) -> str:
    """Return the engine's report on a query that does not parse, or an empty string."""
    try:
        pyoxigraph.Store().query(text, base_iri="http://localhost/")
    except SyntaxError as error:
        return str(error.msg)
    except RuntimeError as error:
        log.debug("tried on an empty store: %s", error)
    return ""


def update_fault(text: str) -> str:
    """Return the engine's report on an update that does not parse, or an empty string."""
    try:
        pyoxigraph.Store().update(text, base_iri="http://localhost/")
    except SyntaxError as error:
        return str(error.msg)
    except RuntimeError as error:
        log.debug("tried on an empty store: %s", error)
    return ""
