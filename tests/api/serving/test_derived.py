"""Derived graphs if the mark that they are stale cannot be written."""

import asyncio
from pathlib import Path

import pytest

from api.serving.derived import Derived
from graph.errors import StoreError
from graph.store.embedded import open_store


def test_a_read_only_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def touch(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    async def write() -> None:
        async with Derived(store, asyncio.Lock()).change():
            raise AssertionError("nothing may be written")

    with open_store(tmp_path / "store") as store:
        monkeypatch.setattr(Path, "touch", touch)
        with pytest.raises(StoreError, match="cannot be written: Read-only file system"):
            asyncio.run(write())
