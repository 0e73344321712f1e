"""The statements coded by hand in the shipped domain agree with its texts and tables."""

import json
from pathlib import Path

from extract.documents.reading import documents, read
from graph.domain.folder import read_domain
from graph.model import Stance

SHIPPED = Path(__file__).parents[2] / "corpus" / "childrens-social-care"


def test_every_coded_statement_is_in_its_article_and_names_known_things() -> None:
    domain = read_domain(SHIPPED)
    texts = {info.id: read(path, info).text for path, info in documents(domain)}
    coded = [json.loads(line) for line in (SHIPPED / "coding.jsonl").read_text(encoding="utf-8").splitlines()]

    assert {record["article"] for record in coded} == texts.keys()
    for record in coded:
        text = texts[record["article"]]
        assert text[record["start"] : record["end"]] == record["quote"]
        assert domain.actors[record["actor"]].label == record["actor_label"]
        assert record["reform"] in domain.reforms
        assert record["stance"] in set(Stance)
        assert set(record["concerns"]) <= domain.concerns.keys()
        assert record["condition"] is None or record["condition"] in record["quote"]
        assert record["certainty"] in ("clear", "arguable")


def test_coded_statements_cover_the_field() -> None:
    coded = [json.loads(line) for line in (SHIPPED / "coding.jsonl").read_text(encoding="utf-8").splitlines()]

    assert len({record["actor"] for record in coded}) >= 45
    assert len({record["reform"] for record in coded}) >= 45
    places = [(record["article"], record["start"], record["actor"], record["reform"]) for record in coded]
    assert len(places) == len(set(places))
