"""List runs of eight words that two training areas share: areas must not repeat each other's sentences.

python training/repeats.py [FOLDER]
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

RUN = 8


def runs(folder: Path) -> dict[tuple[str, ...], set[str]]:
    """Return each run of words with the areas in which it stands, where these are two or more."""
    areas: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for path in sorted(folder.glob("*/articles/*.txt")):
        words = re.findall(r"[a-z0-9’']+", path.read_text(encoding="utf-8").lower())
        for start in range(len(words) - RUN + 1):
            areas[tuple(words[start : start + RUN])].add(path.parts[-3])
    return {run: names for run, names in areas.items() if len(names) > 1}


def main() -> None:
    """Print the shared runs and their number."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "areas"
    shared = runs(folder)
    for run, names in sorted(shared.items()):
        print(f"{' '.join(run)}: {', '.join(sorted(names))}")
    print(f"{len(shared)} runs of {RUN} words occur in more than one area")


if __name__ == "__main__":
    main()
