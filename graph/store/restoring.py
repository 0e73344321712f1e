"""Replace the folder of a store by a restored one, and remove what interrupted work has left in it."""

import shutil
from pathlib import Path

LEFT = ("positions-backup-*", "backup-*.positions", "restoring", "versions/.making", "versions/.gone-*")


def tidy(folder: Path) -> None:
    """Remove what an interrupted backup or build has left; no other process has the folder open."""
    for left in (place for pattern in LEFT for place in folder.glob(pattern)):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def replace_folder(folder: Path, working: Path) -> None:
    """Replace the store in the folder by a finished one; after an interruption it is the old one or the new one."""
    working.rename(folder / "restored")
    finish_restoring(folder)


def finish_restoring(folder: Path) -> None:
    """Complete a restore that was interrupted."""
    new = folder / "restored"
    if not new.is_dir():
        return
    if (new / "data").is_dir():
        shutil.rmtree(folder / "data", ignore_errors=True)
        (new / "data").rename(folder / "data")
    if (new / "versions").is_dir():
        shutil.rmtree(folder / "versions", ignore_errors=True)
        (new / "versions").rename(folder / "versions")
    for name in ("format", "version"):
        if (new / name).is_file():
            (new / name).replace(folder / name)
    shutil.rmtree(new)
