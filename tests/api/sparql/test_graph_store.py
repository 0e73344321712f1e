"""The graph store over HTTP: reading, replacing, extending and deleting whole graphs."""

from collections.abc import Iterator

import httpx
import pytest

from tests.serving import Server

TURTLE = {"Content-Type": "text/turtle"}
G = {"graph": "http://example.org/store/one"}


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=30, trust_env=False, headers=server.admin) as client:
        yield client
        client.delete("/graphs", params=G)
        client.delete("/graphs", params={"default": ""})


def lines(client: httpx.Client, parameters: dict[str, str]) -> list[str]:
    answer = client.get("/graphs", params=parameters, headers={"Accept": "application/n-triples"})
    return sorted(answer.text.splitlines())


@pytest.mark.parametrize("place", [G, {"default": ""}])
def test_a_graph_is_put_and_added_to_and_deleted(client: httpx.Client, place: dict[str, str]) -> None:
    client.put("/graphs", params=place, content="<urn:a> <urn:b> 1, 2 .", headers=TURTLE)
    client.put("/graphs", params=place, content="<urn:a> <urn:b> <urn:c> .", headers=TURTLE)
    assert lines(client, place) == ["<urn:a> <urn:b> <urn:c> ."]
    client.post("/graphs", params=place, content="<urn:a> <urn:b> <urn:d> .", headers=TURTLE)
    assert lines(client, place) == ["<urn:a> <urn:b> <urn:c> .", "<urn:a> <urn:b> <urn:d> ."]
    assert client.delete("/graphs", params=place).status_code == 204
    assert lines(client, place) != ["<urn:a> <urn:b> <urn:c> .", "<urn:a> <urn:b> <urn:d> ."]


def test_a_new_graph_is_201_an_old_one_204(client: httpx.Client) -> None:
    statuses = [client.put("/graphs", params=G, content="", headers=TURTLE).status_code for _ in range(2)]
    assert statuses == [201, 204]
    assert client.get("/graphs", params=G).status_code == 200


def test_what_is_not_there_is_404(client: httpx.Client) -> None:
    assert client.get("/graphs", params=G).status_code == 404
    assert client.delete("/graphs", params=G).status_code == 404


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("text/turtle", "@prefix : <urn:> . :a :b :c ."),
        ("application/n-triples", "<urn:a> <urn:b> <urn:c> ."),
        ("application/ld+json", '{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}'),
        ("application/trig", "<urn:a> <urn:b> <urn:c> ."),
        (
            "application/rdf+xml",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<rdf:Description rdf:about="urn:a"><u:b rdf:resource="urn:c"/></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_each_format_is_read(client: httpx.Client, media: str, body: str) -> None:
    assert client.put("/graphs", params=G, content=body, headers={"Content-Type": media}).status_code == 201
    assert lines(client, G) == ["<urn:a> <urn:b> <urn:c> ."]


@pytest.mark.parametrize(
    ("parameters", "media", "body", "status"),
    [
        (G, "text/turtle", "<urn:a> <urn:b>", 400),
        (G, "text/turtle", "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 50 + "1" + " )>>" * 50 + " .", 400),
        (G, "image/png", "", 415),
        (G, "text/turtle; charset=latin-1", "", 415),
        ({"graph": "not absolute"}, "text/turtle", "", 400),
        ({"graph": "urn:a", "default": ""}, "text/turtle", "", 400),
        ({}, "text/turtle", "", 400),
    ],
)
def test_what_cannot_be_put(
    client: httpx.Client, parameters: dict[str, str], media: str, body: str, status: int
) -> None:
    answer = client.put("/graphs", params=parameters, content=body, headers={"Content-Type": media})
    assert answer.status_code == status
    assert client.get("/graphs", params=G).status_code == 404


def test_a_deep_document_does_not_end_the_server(client: httpx.Client) -> None:
    body = "<urn:a> <urn:b> " + "[ <urn:b> " * 50_000 + "1" + " ]" * 50_000 + " ."
    answer = client.put("/graphs", params=G, content=body, headers=TURTLE)
    assert answer.status_code in {201, 400}
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_only_the_administrator_writes(server: Server, method: str) -> None:
    answer = httpx.request(method, server.graphs, params=G, headers=TURTLE, trust_env=False)
    assert answer.status_code == 401


def test_the_whole_data_set_goes_out_and_comes_in(client: httpx.Client) -> None:
    quads = "<urn:a> <urn:b> <urn:c> <http://example.org/store/one> .\n"
    client.post("/graphs", content=quads, headers={"Content-Type": "application/n-quads"})
    answer = client.get("/graphs", headers={"Accept": "application/n-quads"})
    assert quads.strip() in answer.text.splitlines()


def test_a_graph_without_a_name_gets_one(client: httpx.Client) -> None:
    answer = client.post("/graphs", content="<urn:a> <urn:b> <urn:c> .", headers=TURTLE)
    assert answer.status_code == 201
    assert client.get(answer.headers["location"], headers={"Accept": "application/n-triples"}).text.startswith(
        "<urn:a>"
    )
    assert client.delete(answer.headers["location"]).status_code == 204


def test_an_unchanged_graph_is_not_sent_again(client: httpx.Client) -> None:
    client.put("/graphs", params=G, content="<urn:a> <urn:b> <urn:c> .", headers=TURTLE)
    tag = client.get("/graphs", params=G).headers["etag"]
    assert client.get("/graphs", params=G, headers={"If-None-Match": tag}).status_code == 304


def test_methods(client: httpx.Client) -> None:
    assert client.patch("/graphs").status_code == 405
    assert "PUT" in client.options("/graphs").headers["allow"]
