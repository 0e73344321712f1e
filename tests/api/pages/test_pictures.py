"""Pictures without a browser, the same bytes every time, and the browser's picture from the same numbers."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pictures.colours import DARK_SIDES
from api.pictures.colours import SIDES as SIDE_COLOURS
from api.pictures.drawing import most_discussed
from api.serving.middleware import SECURITY_HEADERS
from api.settings import Settings
from graph.building import build
from graph.debate.agreement import MatrixCell, PositionMatrix
from graph.debate.network import Node
from graph.model import Stance
from graph.store.embedded import open_store
from tests.factory import article, domain, statement

SIDES = [
    ("council", "fare-cap", Stance.SUPPORT),
    ("council", "night-buses", Stance.MIXED),
    ("riders", "fare-cap", Stance.SUPPORT),
    ("harbour-lines", "fare-cap", Stance.OPPOSE),
    ("harbour-lines", "night-buses", Stance.NEUTRAL),
]
SAID = [
    statement(article=f"n{number}", actor=actor, actor_label=f"{actor} & $x_1$ <b>", reform=reform, stance=stance)
    for number, (actor, reform, stance) in enumerate(SIDES)
]
ADDRESSES = [
    "network.{}",
    "matrix.{}",
    "timeline.{}?reform=fare-cap",
    "timeline.{}?reform=fares",
    "polarisation.{}?window=60",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = str(tmp_path_factory.mktemp("pictures") / "store")
    articles = [article(id=each.article, date=f"2031-0{number + 1}") for number, each in enumerate(SAID)]
    with open_store(folder) as store:
        build(store, domain(actors={}), articles, SAID)
    with TestClient(create_app(Settings(store=folder)), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("address", ADDRESSES)
def test_svg_is_sound_and_the_same_every_time(client: TestClient, address: str) -> None:
    answer = client.get(f"/api/pictures/{address.format('svg')}")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(answer.text).tag.endswith("svg")
    client.app.state.store.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")  # type: ignore[attr-defined]  # the application is ours
    assert client.get(f"/api/pictures/{address.format('svg')}").content == answer.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_png_is_a_picture(client: TestClient, address: str) -> None:
    assert client.get(f"/api/pictures/{address.format('png')}").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_browser_gets_what_bokeh_embeds(client: TestClient, address: str) -> None:
    item = client.get(f"/api/pictures/{address.format('json')}").json()
    assert {"target_id", "root_id", "doc", "version"} <= item.keys()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_live_picture_zooms_by_wheel_tells_one_mark_and_shows_no_logo(client: TestClient, address: str) -> None:
    def walked(value: object) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                yield from walked(each)

    models = list(walked(client.get(f"/api/pictures/{address.format('json')}").json()))
    (toolbar,) = [each["attributes"] for each in models if each.get("name") == "Toolbar"]
    assert toolbar["logo"] is None
    assert toolbar["active_scroll"]
    (hover,) = [each["attributes"] for each in models if each.get("name") == "HoverTool"]
    assert hover["limit"] == 1


def test_the_matrix_has_a_legend_in_the_colours_of_the_pages(client: TestClient) -> None:
    style = client.get("/static/site.css").text
    drawn = client.get("/api/pictures/matrix.svg").text
    live = client.get("/api/pictures/matrix.json").text
    assert "+ for" in drawn
    for stance, colour in SIDE_COLOURS.items():
        assert f"--{stance}: {colour};" in style
        assert f"--{stance}: {DARK_SIDES[stance]};" in style
    assert SIDE_COLOURS[Stance.SUPPORT] in drawn
    assert "+ for" in json.dumps(json.loads(live), ensure_ascii=False)
    assert DARK_SIDES[Stance.SUPPORT] not in live
    assert DARK_SIDES[Stance.SUPPORT] in client.get("/api/pictures/matrix.json?dark=true").text


def test_the_most_discussed_reforms_and_actors_are_in_the_part_that_is_shown() -> None:
    def node(id: str) -> Node:
        return Node(id=id, label=id, kind="actor")

    def cell(statements: int) -> MatrixCell | None:
        return MatrixCell(stance=Stance.SUPPORT, statements=statements) if statements else None

    numbers = ((1, 0, 2), (0, 0, 1), (1, 5, 3))
    whole = PositionMatrix(
        options={},
        actors=(node("a"), node("b"), node("c")),
        camps=("camp-1", "camp-1", "camp-2"),
        reforms=(node("x"), node("y"), node("z")),
        cells=tuple(tuple(cell(number) for number in row) for row in numbers),
    )
    part = most_discussed(whole, rows=2, columns=2)
    assert [each.id for each in part.actors] == ["a", "c"]
    assert part.camps == ("camp-1", "camp-2")
    assert [each.id for each in part.reforms] == ["z", "y"]
    assert [[each.statements if each else 0 for each in row] for row in part.cells] == [[2, 0], [3, 5]]


def test_names_are_drawn_unchanged(client: TestClient) -> None:
    assert "riders &amp; $x_1$ &lt;b&gt;" in client.get("/api/pictures/network.svg").text
    assert "riders & $x_1$ <b>" in json.dumps(client.get("/api/pictures/network.json").json())


def test_the_browser_code_comes_from_the_installed_package(client: TestClient) -> None:
    answer = client.get("/pictures/bokeh/bokeh.min.js")
    assert answer.status_code == 200
    assert len(answer.content) > 500_000


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("network.gif", 404),
        ("portrait.svg", 404),
        ("timeline.svg", 400),
        ("timeline.svg?reform=trams", 404),
        ("polarisation.svg", 400),
        ("network.svg?mode=reforms", 400),
    ],
)
def test_what_cannot_be_drawn_is_said(client: TestClient, address: str, status: int) -> None:
    answer = client.get(f"/api/pictures/{address}", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize("what", ["matrix", "timeline?reform=fare-cap", "polarisation?window=60"])
def test_only_the_page_of_a_live_picture_takes_styles_from_scripts(client: TestClient, what: str) -> None:
    answer = client.get(f"/pictures/{what}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "style-src 'self' 'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    for strict in ("/agreement", "/pictures/network"):
        assert "unsafe-inline" not in client.get(strict).headers["content-security-policy"]
    assert 'src="/pictures/bokeh/bokeh.min.js"' in answer.text


def links(page: str, picture: str) -> list[str]:
    """Return the targets of the marks of a picture in a page."""
    drawn = re.search(rf'<svg class="{picture}".*?</svg>\s*(?:</div>|<figcaption|<ul)', page, re.DOTALL)
    assert drawn is not None
    return [html.unescape(each) for each in re.findall(r'<a href="([^"]+)"', drawn[0])]


@pytest.mark.parametrize(
    ("address", "picture", "expected"),
    [
        ("/", "network", {"/actors/council", "/actors/harbour-lines", "/compare?actor=council&actor=riders"}),
        ("/agreement", "network", {"/actors/council", "/compare?actor=council&actor=harbour-lines"}),
        ("/pictures/network", "network", {"/actors/riders"}),
        ("/reforms/fare-cap", "timeline", {"/actors/riders", f"/statements/{SAID[0].id}", f"/statements/{SAID[2].id}"}),
        ("/pictures/timeline?reform=fare-cap", "timeline", {"/actors/riders"}),
        ("/pictures/polarisation?window=60", "timeline", {"/agreement?since=2030-12-16&until=2031-02-14"}),
    ],
)
def test_every_mark_of_a_picture_in_a_page_is_a_link(
    client: TestClient, address: str, picture: str, expected: set[str]
) -> None:
    found = links(client.get(address, headers={"Accept": "text/html"}).text, picture)
    assert expected - set(found) == set()
    for each in list(dict.fromkeys(found))[::4]:
        assert client.get(each, headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "address", ["network?since=2031", "timeline?reform=fare-cap", "polarisation?window=60&step=30&mixed=omit", "matrix"]
)
def test_a_picture_leads_to_its_tables(client: TestClient, address: str) -> None:
    text = client.get(f"/pictures/{address}", headers={"Accept": "text/html"}).text
    found = re.search(r'<a href="([^"]+)">tables</a>', text)

    assert found is not None
    assert client.get(html.unescape(found[1])).status_code == 200


def test_times_are_numbers_for_the_browser(client: TestClient) -> None:
    """Bokeh finds no range for dates as such, and draws nothing."""
    for address in ("timeline.json?reform=fare-cap", "polarisation.json?window=60"):
        assert '["x",["' not in client.get(f"/api/pictures/{address}").text.replace(" ", "")


def test_a_dark_page_gets_a_dark_picture(client: TestClient) -> None:
    light, dark = (client.get(f"/api/pictures/network.json?dark={each}").text for each in ("false", "true"))
    assert "#20262B" in dark
    assert "#20262B" not in light


@pytest.mark.parametrize("address", ["/", "/reforms", "/pictures/network", "/pictures/matrix", "/ask?q=fare+cap"])
def test_a_second_visit_brings_no_other_security_headers(client: TestClient, address: str) -> None:
    first = client.get(address, headers={"Accept": "text/html"})
    again = client.get(address, headers={"Accept": "text/html", "If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert {name for name in again.headers if name.lower() in map(str.lower, SECURITY_HEADERS)} == set()
