"""The pages: every fact is there without JavaScript, each claim leads to its passage, and hostile text stays text."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Actor, Cue, Reform, Stance
from graph.store.embedded import open_store
from tests import factory

SCRIPT = "<script>alert(1)</script>\u202eevil"
LONG = "W" * 10_000
HOSTILE = f"{SCRIPT} says <b>no</b> to \u202eit & all."
CAP = factory.statement(
    cues=(Cue(text="welcomed", start=12, end=20, effect="support", weight=0.8),), concerns=("access",)
)
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
WITHIN = factory.statement("council welcomed", actor="riders", actor_label="Riders", stance=Stance.MIXED)
LATER = factory.statement(
    article="later", stance=Stance.OPPOSE, condition="the fare cap", speaker="Ada Quill", confidence=0.5
)
TAG = Cue(text="<b>", start=HOSTILE.index("<b>"), end=HOSTILE.index("<b>") + 3, effect=SCRIPT)
EVIL = factory.statement(
    HOSTILE, article="evil", start=0, actor="evil", actor_label=SCRIPT, reform="evil", stance=Stance.OPPOSE,
    speaker=SCRIPT, condition="<b>no</b>", cues=(TAG,),
)  # fmt: skip
LONG_ONE = factory.statement(actor="long", actor_label=LONG, reform="long")
PAGES = (
    *("/", "/reforms", "/reforms/fare-cap", "/reforms/fares", "/reforms/evil", "/reforms/long", "/actors"),
    *("/actors/council", "/actors/evil", "/actors/long", "/actors/ada-quill", "/articles", "/articles/cap-news"),
    *("/articles/evil", f"/statements/{CAP.id}", f"/statements/{EVIL.id}", "/ask?q=who+opposes+the+fare+cap"),
    *("/ask?q=compare+council+and+harbour+lines", "/ask?q=anything+odd+on+capped+fares+from+the+council"),
    *("/ask?q=%3Cscript%3E", "/search", "/search?q=council", "/search?q=%3Cscript%3E&stance=oppose", "/query"),
    *("/compare", "/compare?actor=council&actor=evil&actor=long", "/changes", "/agreement", "/agreement?since=2032"),
    *("/reforms/fare-cap?stance=oppose&limit=1", "/data", "/versions", "/review", "/review/names"),
    "/accuracy",
    "/api/docs",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("pages")
    domain = factory.domain()
    named = {"evil": Actor(id="evil", label=SCRIPT, aliases=(SCRIPT + "2",)), "long": Actor(id="long", label=LONG)}
    reforms = {"evil": Reform(id="evil", label=SCRIPT, definition=HOSTILE), "long": Reform(id="long", label=LONG)}
    domain = factory.domain(actors={**domain.actors, **named}, reforms={**domain.reforms, **reforms}, title=SCRIPT)
    articles = [
        factory.article(),
        factory.article(id="later", date="2032-05", publisher="Harbour Post", title="Second thoughts"),
        factory.article(
            id="evil", text=HOSTILE, title=SCRIPT, publisher=SCRIPT, author=SCRIPT, url="javascript:alert(1)"
        ),
    ]
    with open_store(folder) as store:
        build(store, domain, articles, [CAP, AGAINST, WITHIN, LATER, EVIL, LONG_ONE])
    with TestClient(create_app(Settings(store=str(folder)))) as client:
        client.headers["accept"] = "text/html"
        yield client


class Reading(HTMLParser):
    """The parts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.tags: list[str] = []
        self.words = ""
        self._script = False
        self.inline = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        self.attributes |= set(found)
        if tag in ("a", "link") and "href" in found:
            (self.links if tag == "a" or found.get("rel") == "alternate" else self.loaded).append(found["href"])
        if "src" in found:
            self.loaded.append(found["src"])
        if "id" in found:
            self.ids.append(found["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self._script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._script:
            self.inline += data.strip()
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        self._script = False


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, client: TestClient) -> Reading:
    answer = client.get(request.param)
    assert answer.status_code == (400 if request.param == "/ask?q=%3Cscript%3E" else 200)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert len(answer.content) < 100_000
    return Reading(answer.text)


def test_the_frame_of_every_page(page: Reading) -> None:
    # Marks in pictures have titles too.
    head = page.tags[: page.tags.index("body")]
    assert page.tags.count("main") == page.tags.count("h1") == head.count("title") == 1
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert "<Macro" not in page.words


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(page: Reading) -> None:
    assert page.loaded
    assert all(each.startswith(("/static/", "/api/", "/pictures/")) for each in page.loaded)
    assert not page.inline
    assert "style" not in page.tags
    assert not {name for name in page.attributes if name == "style" or name.startswith("on")}


def test_hostile_text_is_text(page: Reading) -> None:
    assert not {"b", "i"} & set(page.tags) or "/search" in page.links
    assert not [each for each in page.links if each.lower().startswith("javascript:")]
    assert page.tags.count("script") == sum(each.endswith(".js") for each in page.loaded)


def test_every_table_has_a_caption_and_scopes(client: TestClient) -> None:
    for address in PAGES:
        text = client.get(address).text
        for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
            assert "<caption" in table
            assert all("scope=" in each for each in re.findall(r"<th[ >][^>]*>?", table))


def test_every_link_leads_somewhere(client: TestClient) -> None:
    targets: dict[str, tuple[str, str]] = {}
    for address in PAGES:
        page = Reading(client.get(address).text)
        for link in page.links:
            whole = urlsplit(urljoin(address, link))
            if not whole.netloc and not link.startswith("#"):
                targets[f"{whole.path}?{whole.query}"] = (address, whole.fragment)
    assert len(targets) > 100
    broken: dict[str, tuple[str, object]] = {}
    for target, (address, fragment) in targets.items():
        answer = client.get(target)
        if answer.status_code != 200:
            broken[target] = (address, answer.status_code)
        elif fragment and fragment not in Reading(answer.text).ids:
            broken[target] = (address, fragment)
    assert not broken


def test_each_passage_is_one_click_from_its_place_in_its_article(client: TestClient) -> None:
    page = Reading(client.get("/reforms/fare-cap").text)
    for each in (CAP, AGAINST, WITHIN, LATER):
        assert f"/articles/{each.article}?statement={each.id}#s-{each.id}" in page.links
        assert f"s-{each.id}" in Reading(client.get(f"/articles/{each.article}").text).ids


def test_a_reform_page_shows_who_takes_which_side(client: TestClient) -> None:
    words = " ".join(Reading(client.get("/reforms/fare-cap").text).words.split())
    assert (
        "3 actors: 2 on condition or on both sides and 1 against or with reservations (4 statements in 2 articles: "
        in words
    )
    assert re.search("reservations: 1 actor Harbour Lines ?− ?has reservations rests on one statement", words)
    assert "Who has said nothing" in words


def test_narrower_reforms_are_shown_with_the_broader_one(client: TestClient) -> None:
    words = " ".join(Reading(client.get("/reforms/fares").text).words.split())
    assert "no actor has a statement" in words.lower()
    assert "With them: 3 actors: 2 on condition or on both sides and 1 against or with reservations." in words


def test_an_actor_page_shows_positions_and_changes(client: TestClient) -> None:
    words = " ".join(Reading(client.get("/actors/council").text).words.split())
    assert "On condition or on both sides on 1 reform (2 statements in 2 articles: 1 for, 1 critical; 1 sets" in words
    assert "Changed positions" in words
    assert "Ada Quill, chair of transport" in words


def test_the_text_of_an_article_is_whole_whatever_is_marked_in_it(client: TestClient) -> None:
    text = client.get("/articles/cap-news").text
    article = text[text.index('class="article-text"') : text.index("<aside")]
    article = re.sub(r'<a class="marker.*?</a>', "", article, flags=re.DOTALL)
    assert " ".join(Reading(f"<p {article}").words.split()) == factory.TEXT
    assert article.count("<mark") >= 4


def test_overlapping_passages_are_both_marked(client: TestClient) -> None:
    text = client.get("/articles/cap-news").text
    marked = re.findall(r'<mark class="([^"]*)">(.*?)</mark>', text, re.DOTALL)
    assert ("m-mixed m-several", "council ") in marked
    assert [classes for classes, _ in marked if "m-support" in classes]


def test_the_chosen_passage_is_marked(client: TestClient) -> None:
    text = client.get(f"/articles/cap-news?statement={AGAINST.id}").text
    assert re.findall(r'<mark class="m-oppose chosen">(.*?)</mark>', text) == ["Harbour Lines opposed it."]


def test_a_long_article_comes_in_parts_and_a_passage_opens_its_own(tmp_path: Path) -> None:
    filler = "The meeting went on.\n" * 8_000
    text = filler + factory.TEXT
    far = factory.statement(start=len(filler), end=len(filler) + 34)
    with open_store(tmp_path) as store:
        build(store, factory.domain(), [factory.article(text=text)], [far])
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        first, own = client.get("/articles/cap-news").text, client.get(f"/articles/cap-news?statement={far.id}").text
    assert f"s-{far.id}" not in Reading(first).ids
    assert f"s-{far.id}" in Reading(own).ids
    assert max(len(first), len(own)) < 100_000


def test_a_statement_page_shows_how_it_was_read(client: TestClient) -> None:
    words = " ".join(Reading(client.get(f"/statements/{LATER.id}").text).words.split())
    for shown in (
        "Ada Quill",
        "0.50",
        "the fare cap",
        "reported",
        "not checked",
        "Second thoughts",
        "http://testserver/statements/",
    ):
        assert shown in words


def test_an_answer_names_actors_and_passages_and_the_query(client: TestClient) -> None:
    page = Reading(client.get("/ask?q=Who+opposes+the+fare+cap%3F").text)
    assert {"/actors/harbour-lines", "/reforms/fare-cap", f"/statements/{AGAINST.id}"} <= set(page.links)
    assert "SELECT" in page.words


def test_a_comparison_shows_both_sides_and_opens_the_whole(client: TestClient) -> None:
    page = Reading(client.get("/ask?q=Compare+the+council+and+Harbour+Lines").text)
    assert {"/compare?actor=council&actor=harbour-lines", f"/statements/{AGAINST.id}", f"/statements/{CAP.id}"} <= set(
        page.links
    )


def test_a_question_that_is_read_freely_says_so_and_offers_others(client: TestClient) -> None:
    page = Reading(client.get("/ask?q=anything+odd+on+capped+fares").text)
    words = " ".join(page.words.split())
    assert "Who stands where on Fare cap?" in words
    assert "Not used: “odd”" in words
    assert {"/ask?q=Fare+cap", "/ask?q=Who+opposes+Fare+cap%3F"} <= set(page.links)


def test_a_question_that_is_not_understood_leads_to_questions_and_passages(client: TestClient) -> None:
    answer = client.get("/ask?q=what+zeppelins+were+welcomed")
    page = Reading(answer.text)
    assert answer.status_code == 400
    assert {f"/statements/{CAP.id}", "/search?q=zeppelins+welcomed"} <= set(page.links)
    assert any(link.startswith("/ask?q=Who+opposes") for link in page.links)
    assert "REFORM" not in page.words


def test_search_narrows_by_links_and_says_what_is_set(client: TestClient) -> None:
    page = Reading(client.get("/search?q=cap").text)
    assert "/search?q=cap&stance=oppose" in page.links
    narrowed = Reading(client.get("/search?q=cap&stance=oppose").text)
    assert "Side: oppose" in " ".join(narrowed.words.split())
    assert "/search?q=cap" in narrowed.links


def test_the_query_page_shows_a_table_without_javascript(client: TestClient) -> None:
    text = "PREFIX : <https://positions.example/ontology#> SELECT ?s WHERE { ?s a :Statement } ORDER BY ?s"
    page = Reading(client.get("/query", params={"query": text}).text)
    assert f"/statements/{CAP.id}" in page.links
    assert any(link.startswith("/sparql?") and "format=csv" in link for link in page.links)
    assert "6 rows" in " ".join(page.words.split()).lower()


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("ASK { ?s ?p ?o }", 200, "Yes."),
        ("ASK { <urn:no> ?p ?o }", 200, "No."),
        ("CONSTRUCT { <urn:a> <urn:b> ?o } WHERE { BIND('x' AS ?o) }", 200, "urn:a"),
        ("SELEKT", 400, "line 1"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 400, ""),
    ],
)
def test_other_queries(client: TestClient, query: str, status: int, says: str) -> None:
    answer = client.post("/query", data={"query": query})
    assert answer.status_code == status
    assert says in Reading(answer.text).words


def test_filters_stay_in_the_address(client: TestClient) -> None:
    text = client.get("/agreement?since=2031&reforms=fare-cap&narrower=true").text
    assert 'name="since" value="2031"' in text
    assert '<option value="fare-cap" selected>' in text
    assert "/api/agreement?since=2031&amp;reforms=fare-cap&amp;narrower=true" in text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/reforms/nothing", 404),
        ("/actors/absent", 404),
        ("/articles/nothing", 404),
        ("/statements/0000", 404),
        ("/search?actor=absent", 404),
        ("/changes?since=March", 400),
        ("/search?stance=maybe", 400),
        ("/agreement?since=March", 400),
        ("/nothing/here", 404),
        ("/reforms?offset=x", 422),
        (f"/actors/{quote(SCRIPT, safe='')}", 404),
    ],
)
def test_errors_are_pages(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    page = Reading(answer.text)
    assert "main" in page.tags
    assert "script" not in page.tags


def test_an_empty_graph_has_pages_too(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        for address in (
            "/",
            "/reforms",
            "/actors",
            "/articles",
            "/search?q=cap",
            "/compare",
            "/changes",
            "/agreement",
            "/query",
        ):
            assert client.get(address).status_code == 200


def test_every_page_has_a_json_version(client: TestClient) -> None:
    for address in PAGES:
        alternates = re.findall(
            r'<link rel="alternate" type="application/json" href="([^"]*)"', client.get(address).text
        )
        for alternate in alternates:
            assert client.get(alternate.replace("&amp;", "&")).headers["content-type"] == "application/json"


def test_the_page_of_agreement_stays_small_where_all_speak_on_everything(tmp_path: Path) -> None:
    actors = {
        id: Actor(id=id, label=f"The Association of the Riders of Line {id}")
        for id in (f"riders-{n}" for n in range(40))
    }
    reforms = {
        id: Reform(id=id, label=f"Better service on the night line {id}") for id in (f"reform-{n}" for n in range(16))
    }
    said = [
        factory.statement(actor=actor, reform=reform, stance=Stance.OPPOSE if (number + place) % 3 else Stance.SUPPORT)
        for number, actor in enumerate(actors)
        for place, reform in enumerate(reforms)
    ]
    with open_store(tmp_path) as store:
        build(store, factory.domain(actors=actors, reforms=reforms), [factory.article()], said)
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        answer = client.get("/agreement?resamples=0")

    assert answer.status_code == 200
    assert '<svg class="network"' in answer.text
    assert len(answer.content) < 100_000


def test_the_description_of_the_api_heads_each_address_with_a_sentence(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]

    assert paths["/api/export"]["get"]["summary"] == "The formats in which the whole data set can be downloaded"
    assert all(" " in found["get"]["summary"] for path, found in paths.items() if "get" in found)


def test_every_address_of_the_api_is_on_its_page(client: TestClient) -> None:
    words = Reading(client.get("/api/docs").text).words
    paths = client.get("/api/openapi.json").json()["paths"]

    assert len(paths) > 40
    assert [f"{method.upper()} {path}" for path, found in paths.items() for method in found if path not in words] == []
    assert 'id="swagger-ui"' in client.get("/api/docs/try").text


def test_a_speaker_is_shown_with_the_office_held(client: TestClient) -> None:
    words = " ".join(Reading(client.get("/actors/council").text).words.split())

    assert "Ada Quill, chair of transport 1 statement" in words


@pytest.mark.parametrize(
    ("address", "links"),
    [
        ("/actors/council", [f"/api/briefings?actor=council&format={form}" for form in ("html", "docx")]),
        (
            "/compare?actor=council&actor=evil",
            [
                "/api/briefings?actor=council&actor=evil&format=html",
                "/api/compare?actor=council&actor=evil&format=docx",
            ],
        ),
    ],
)
def test_a_page_offers_its_briefing(client: TestClient, address: str, links: list[str]) -> None:
    assert set(links) <= set(Reading(client.get(address).text).links)
