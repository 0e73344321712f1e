"""Write every possible claim of annotated domains, with its annotation, as one pickle a domain.

    python training/pairs.py OUT DOMAIN...

A domain is a folder with `gold.jsonl` (the fields of `../shared/evaluation`'s annotations: article, actor, reform,
stance, quote or start and end, certainty). Actors are compared by label, as annotators name them.
"""

import argparse
import csv
import json
import pickle
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extract.documents.reading import documents, read
from extract.judging.pairs import Pair, pairs
from extract.judging.targets import Topics
from extract.pipeline import docs, pipeline
from extract.voices.passages import scene
from graph.domain.folder import Domain, read_domain


def key(name: str) -> str:
    """Return a name for comparison: in lower case, without article or punctuation."""
    name = unicodedata.normalize("NFKC", name or "").lower().replace("’", "'").replace("‘", "'")
    name = re.sub(r"^(the|some|many|other)\s+", "", name.strip())
    return re.sub(r"[^a-z0-9' ]+", " ", name).strip()


def known(domain: Domain) -> Mapping[str, str]:
    """Return every name of a domain's actors with its id."""
    names: dict[str, str] = {}
    for actor in domain.actors.values():
        for name in (actor.id, actor.label, *actor.aliases):
            names.setdefault(key(name), actor.id)
    return names


def gold(folder: Path, names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the annotations of a domain by article."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found[record["article"]].append({**record, "who": names.get(key(record["actor"]), key(record["actor"]))})
    return found


def row(pair: Pair, annotated: list[dict[str, Any]], names: Mapping[str, str], domain: Domain) -> dict[str, Any]:
    """Return a possible claim with its annotation."""
    start, end = pair.span.start_char, pair.span.end_char
    length = len(pair.span.text.strip())
    here = [
        g for g in annotated if 2 * (min(end, g["end"]) - max(start, g["start"])) >= min(length, g["end"] - g["start"])
    ]
    speaker = pair.holder.speaker
    who = names.get(key(speaker.actor)) or names.get(key(speaker.label)) or key(speaker.label)
    match = next((g for g in here if g["who"] == who and g["reform"] == pair.reform), None)
    return {
        "s": pair.sentence,
        "start": start,
        "end": end,
        "text": " ".join(pair.span.text.split()),
        "before": pair.before,
        "actor": speaker.actor,
        "label": speaker.label,
        "who": who,
        "reform": pair.reform,
        "rlabel": domain.reforms[pair.reform].label,
        "f": dict(pair.features),
        "y": match["stance"] if match else "none",
        "arguable": bool(match and match.get("certainty") == "arguable"),
        "goldsent": bool(here),
    }


def articles(folder: Path) -> list[dict[str, Any]]:
    """Return the articles of a domain with their possible claims and annotations."""
    domain = read_domain(folder)
    names, topics, nlp = known(domain), Topics(domain), pipeline(domain)
    annotated = gold(folder, names)
    genres: dict[str, str] = {}
    if (folder / "articles.csv").is_file():
        with (folder / "articles.csv").open(encoding="utf-8", newline="") as lines:
            genres = {line["id"]: line.get("genre") or "" for line in csv.DictReader(lines)}
    made = []
    for article, doc in docs((read(path, info) for path, info in documents(domain)), nlp):
        here = annotated[article.id]
        for record in here:
            if record.get("start") is None:
                record["start"] = article.text.find(record["quote"])
                record["end"] = record["start"] + len(record["quote"])
        rows = [row(pair, here, names, domain) for pair in pairs(article, doc, topics, scene(doc, article, domain))]
        made.append({"article": article.id, "genre": genres.get(article.id, ""), "rows": rows, "gold": here})
    return made


def main() -> None:
    """Write the pickles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("domains", type=Path, nargs="+")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for folder in options.domains:
        made = articles(folder)
        (options.out / f"{folder.name}.pkl").write_bytes(pickle.dumps(made))
        print(
            f"{folder.name}: {len(made)} articles, {sum(len(each['rows']) for each in made)} possible claims",
            flush=True,
        )


if __name__ == "__main__":
    main()
