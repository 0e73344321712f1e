"""The format of a store on disk, and the updates that migrate an older one."""

from collections.abc import Iterator
from pathlib import Path

from graph.errors import StoreError

VERSION_FILE = "version.json"
"""Recorded in the folder of a kept version: its number and build date."""

FORMAT = 1
"""Increase this when the ontology or a record changes so that older data would be misread."""

MIGRATIONS: dict[int, str] = {
    # Stores from before the format was recorded differ in nothing else.
    0: "",
}
"""By format: the SPARQL update to the next format; '' if no triple changes."""


def updates(folder: Path) -> Iterator[str]:
    """Return the updates to run on the store in the folder, in order. Raises StoreError for a newer format."""
    found = format_of(folder)
    if found > FORMAT:
        raise StoreError(
            f"the store in {folder} has format {found}, but this version of the program only supports {FORMAT}; "
            "update the program"
        )
    for number in range(found, FORMAT):
        yield MIGRATIONS[number]


def format_of(folder: Path) -> int:
    """Return the number in the store's file `format`; 0 for stores older than that file. Raises StoreError."""
    try:
        return int((folder / "format").read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError as error:
        raise StoreError(
            f"{folder / 'format'} does not contain a number; copy the file from a backup, or restore a backup"
        ) from error


def mark(folder: Path) -> None:
    """Record the current format for the store, in one atomic step."""
    new = folder / "format.new"
    new.write_text(str(FORMAT), encoding="ascii")
    new.replace(folder / "format")


def kept_folders(folder: Path) -> list[Path]:
    """Return the folders of the versions kept with a store, oldest first; each is itself the folder of a store."""
    place = folder / "versions"
    found = [each for each in place.iterdir() if each.name.isdecimal()] if place.is_dir() else []
    return sorted(found, key=lambda each: int(each.name))
