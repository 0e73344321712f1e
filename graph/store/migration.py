"""The format of a store on disk, and what brings an older one up to date."""

from collections.abc import Iterator
from pathlib import Path

from graph.errors import StoreError

VERSION_FILE = "version.json"
"""In the folder of a version that is kept as it was: its number, and when it was built."""

FORMAT = 1
"""Counts up when the ontology or a record changes so that data of before are read wrongly."""

MIGRATIONS: dict[int, str] = {
    # Stores made before the format was written down differ in nothing but that.
    0: "",
}
"""By format: the SPARQL update that makes the next one of it; '' where no triple changes."""


def updates(folder: Path) -> Iterator[str]:
    """What has to be run on the store in the folder, in order. Raises StoreError for a newer format."""
    found = format_of(folder)
    if found > FORMAT:
        raise StoreError(
            f"the store in {folder} has format {found}, this version of the program knows {FORMAT}; update the program"
        )
    for number in range(found, FORMAT):
        yield MIGRATIONS[number]


def format_of(folder: Path) -> int:
    """The number in the store's file `format`; 0 for stores made before there was one. Raises StoreError."""
    try:
        return int((folder / "format").read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError as error:
        raise StoreError(
            f"{folder / 'format'} holds no number; put there the one of a backup, or restore one"
        ) from error


def mark(folder: Path) -> None:
    """Write down that the store has the format of this version, whole or not at all."""
    beside = folder / "format.new"
    beside.write_text(str(FORMAT), encoding="ascii")
    beside.replace(folder / "format")


def kept_folders(folder: Path) -> list[Path]:
    """The folders of the versions kept beside a store, the oldest first; each is the folder of a store itself."""
    place = folder / "versions"
    found = [each for each in place.iterdir() if each.name.isdecimal()] if place.is_dir() else []
    return sorted(found, key=lambda each: int(each.name))
