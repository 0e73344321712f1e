"""Fixtures for the tests of `api`."""

from collections.abc import Iterator

import pytest

from tests.serving import Server, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with short limits."""
    options = ("--query-timeout", "2", "--max-rows", "500", "--concurrent-queries", "8")
    with serve(tmp_path_factory.mktemp("server") / "store", *options) as running:
        yield running
