"""Agreements in the graph follow verdicts after a short delay."""

import time
from pathlib import Path

import pytest

from api.serving import networks_kept
from api.serving.networks_kept import NetworkKeeper
from graph.building import build
from graph.debate.triples import keep_network
from graph.rdf.vocabulary import graph_iri
from graph.reviewing.reviews import Review, Verdict, record
from graph.store.embedded import Store, memory_store, open_store
from tests import factory

AGREEMENTS = "ASK { ?agreement a <https://positions.example/ontology#Agreement> }"
SAME = [
    factory.statement(actor=actor, actor_label=actor, reform=reform)
    for actor in ("council", "harbour-lines")
    for reform in ("fare-cap", "night-buses")
]


def rejected(store: Store) -> None:
    for each in SAME[2:]:
        record(store, Review(statement=each.id, verdict=Verdict.WRONG, reviewer="ann", time="2032-01-02T03:04:05Z"))


def test_what_waits_is_done_before_the_end() -> None:
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], SAME)
        keep_network(store)
        assert store.ask(AGREEMENTS)
        keeper = NetworkKeeper(store)
        rejected(store)
        keeper.soon()
        keeper.soon()
        assert store.ask(AGREEMENTS)
        keeper.close()
        assert not store.ask(AGREEMENTS)


def test_a_store_on_disk_is_updated_in_another_process_and_resumed_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path) as store:
        build(store, factory.domain(), [factory.article()], SAME)
        keep_network(store)
        keeper = NetworkKeeper(store)
        rejected(store)
        keeper.soon()
        keeper.close()
        assert store.ask(AGREEMENTS)
        monkeypatch.setattr(networks_kept, "QUIET", 0.0)
        keeper = NetworkKeeper(store)
        until = time.monotonic() + 60
        while (tmp_path / networks_kept.MARK).exists() and time.monotonic() < until:
            time.sleep(0.05)
        keeper.close()
        assert not store.ask(AGREEMENTS)
        here = store.dump(graph=graph_iri(factory.BASE, "networks"), format="ntriples")
        keep_network(store)
        assert sorted(here.splitlines()) == sorted(
            store.dump(graph=graph_iri(factory.BASE, "networks"), format="ntriples").splitlines()
        )
        assert not (tmp_path / networks_kept.COPY).exists()


def test_nothing_waits_where_no_verdict_was_given() -> None:
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], SAME)
        version = store.version
        NetworkKeeper(store).close()
        assert store.version == version
