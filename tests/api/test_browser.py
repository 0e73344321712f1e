"""Pages in a real browser: accessible, without errors, the same with and without JavaScript, by keyboard alone."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

from playwright.sync_api import Browser, Page, Response, expect  # noqa: E402  # likewise

from graph.building import build  # noqa: E402  # likewise
from graph.model import Cue, Stance  # noqa: E402  # likewise
from graph.store.embedded import open_store  # noqa: E402  # likewise
from graph.versions.builds import keep  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.api.in_a_thread import served  # noqa: E402  # likewise
from tests.browser import FLAGS, RULES, SCHEMES  # noqa: E402  # likewise

COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The accessibility rules that depend on colours."""
LONG = "W" * 10_000
CAP = factory.statement(
    cues=(Cue(text="welcomed", start=12, end=20, effect="support", weight=0.8),), concerns=("access",)
)
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
RIDERS = factory.statement(
    "Riders were split on night buses.", actor="riders", actor_label="Riders", reform="night-buses"
)
LATER = factory.statement(article="later", stance=Stance.OPPOSE, condition="the fare cap")
LONG_ONE = factory.statement(article="later", actor="long", actor_label=LONG, reform="night-buses", stance=Stance.MIXED)
PAGES = (
    *("/", "/reforms", "/reforms/fare-cap", "/reforms/fares", "/actors", "/actors/council", "/actors/long"),
    *("/articles", "/articles/cap-news", f"/statements/{CAP.id}", "/ask?q=who+opposes+the+fare+cap", "/search?q=cap"),
    *("/query", "/query?query=SELECT+*+WHERE+%7B+%3Fs+a+%3Ft+%7D+LIMIT+5", "/compare", "/changes", "/agreement"),
    *("/accuracy", "/accuracy?show=missed"),
    *("/versions", "/as-of/1/", "/as-of/1/reforms/fare-cap", "/data", "/agreement?at_least=1&until=2031"),
    "/api/docs",
)
PICTURES = (
    *("/pictures/matrix", "/pictures/timeline?reform=fare-cap"),
    "/pictures/polarisation?window=365",
)
REFUSED = {"/reforms/nothing": 404, "/search?since=abc": 400, "/reforms?limit=x": 422, "/ask?q=what+is+that": 400}


ROOM = 60_000
"""Milliseconds that a slow machine may take for a page or a part of it."""
expect.set_options(timeout=ROOM)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("browser")
    articles = [factory.article(), factory.article(id="later", date="2032-05", title="Second thoughts")]
    with open_store(folder) as store:
        build(store, factory.domain(), articles, [CAP, AGAINST, RIDERS, LATER, LONG_ONE])
        keep(store, at_most=1)
    yield from served(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(ROOM)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", [*PAGES, "/review", "/review/names", *PICTURES, *REFUSED])
def test_a_page_is_accessible_fits_and_loads_without_a_fault(page: Page, address: str, path: str) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on("response", lambda answer: _note(faults, answer, address))
    page.goto(address + path)
    if path in PICTURES:
        expect(page.locator(".live-picture canvas").first).to_be_attached()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page, COLOURS if scheme == "dark" else {"type": "tag", "values": RULES}) == []
    refused = REFUSED.get(path)
    # The browser reports a refusal itself.
    assert [fault for fault in faults if not (refused and str(refused) in fault)] == []


def violations(page: Page, rules: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what axe reports, with the first place of each problem; axe is added to the page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_playwright.Axe().axe_script)
    run = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
    found = page.evaluate(run, dict(rules))
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]


def _note(faults: list[str], answer: Response, address: str) -> None:
    if answer.status >= 400 or not answer.url.startswith(address):
        faults.append(f"{answer.status}: {answer.url}")


def test_from_a_question_to_the_passage_in_its_article_and_away_with_the_briefing(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("combobox", name="Question").fill("Who opposes the fare cap?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Who opposes Fare cap?")
    page.get_by_role("link", name="everything on Fare cap").click()
    expect(page).to_have_url(f"{address}/reforms/fare-cap")
    opposed = page.get_by_role("region", name="Harbour Lines has reservations about Fare cap")
    opposed.get_by_role("link", name="A cap on fares").click()
    expect(page.locator("mark.chosen")).to_have_text("Harbour Lines opposed it.")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="Briefing as DOCX").click()
    assert download.value.path().read_bytes().startswith(b"PK")


@pytest.mark.parametrize("path", PAGES)
def test_the_same_facts_without_javascript(browser: Browser, address: str, path: str) -> None:
    texts = []
    for enabled in (True, False):
        context = browser.new_context(java_script_enabled=enabled)
        page = context.new_page()
        page.goto(address + path)
        # Features that need a script are mentioned only if scripts run.
        # The debate map takes the place of the picture.
        apart = page.locator("[data-steps], [data-map], [data-still]")
        apart.evaluate_all("some => some.forEach((each) => each.remove())")
        texts.append(" ".join(page.locator("main").inner_text().split()))
        context.close()
    assert texts[0] == texts[1]


def test_the_keyboard_reaches_the_content_and_every_passage(page: Page, address: str) -> None:
    page.goto(f"{address}/articles/cap-news")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for each in (CAP, AGAINST, RIDERS):
        page.keyboard.press("n")
        expect(page.locator(":focus")).to_have_attribute("id", f"s-{each.id}")
    page.keyboard.press("p")
    expect(page.locator(":focus")).to_have_attribute("id", f"s-{AGAINST.id}")
    assert page.url.endswith(f"#s-{AGAINST.id}")


def test_every_control_can_be_reached_and_is_seen_to_have_the_focus(page: Page, address: str) -> None:
    page.goto(f"{address}/agreement?at_least=1&until=2031")
    wanted = page.locator(
        "main a:not([tabindex='-1']):visible, main button:visible, main select:visible, main input:visible, summary"
    ).count()
    seen = set()
    for _ in range(wanted + 40):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "(() => { const e = document.activeElement; e.dataset.n ??= String(Math.random());"
            " return [e.dataset.n, !!e.closest('main'), getComputedStyle(e).outlineStyle, e.className] })()"
        )
        if told[1]:
            assert told[2] != "none" or told[3] == "skip"
            seen.add(told[0])
    assert len(seen) >= wanted


def test_filters_are_kept_by_the_address_and_the_back_button(page: Page, address: str) -> None:
    page.goto(f"{address}/agreement")
    page.get_by_role("textbox", name="Since").fill("2032")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("since=2032"))
    expect(page.get_by_role("textbox", name="Since")).to_have_value("2032")
    assert "Harbour Lines" not in page.locator("main table.matrix").inner_text()
    page.go_back()
    expect(page.get_by_role("textbox", name="Since")).to_have_value("")
    assert "Harbour Lines" in page.locator("main table.matrix").inner_text()


def test_without_javascript_the_filters_change_picture_and_table_alike(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/agreement?at_least=1&until=2031")
    drawn = page.locator("svg.network")
    assert {"Harbour Lines", "City Council"} <= set(drawn.locator("text").all_text_contents())
    drawn.get_by_role("link", name=re.compile("^Harbour Lines: ")).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/actors/harbour-lines")
    page.go_back()
    page.get_by_role("textbox", name="Until").fill("2030")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("until=2030"))
    expect(drawn).to_have_count(0)
    assert "Harbour Lines" not in page.locator("main").inner_text()


def test_the_words_of_two_actors_are_three_choices_from_the_front_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("First actor").select_option(label="City Council")
    page.get_by_label("Second actor").select_option(label="Harbour Lines")
    page.get_by_role("button", name="Compare").click()
    words = page.get_by_role("main")
    expect(words.get_by_role("heading", name="Fare cap")).to_be_visible()
    for quote in ("The council welcomed the fare cap.", "Harbour Lines opposed it."):
        expect(words.get_by_text(quote).first).to_be_visible()


def test_terms_are_completed_in_the_query_editor(page: Page, address: str) -> None:
    page.goto(f"{address}/query")
    editor = page.get_by_label("SPARQL query")
    editor.fill("SELECT * WHERE { ?s skos:pref")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option", name="skos:prefLabel")).to_be_visible()
    page.keyboard.press("Escape")
    editor.fill("SELECT * WHERE { ?s :suppo")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option", name=":supports")).to_be_visible()
    page.keyboard.press("Enter")
    assert "?s :suppo" in editor.input_value()
    assert editor.input_value().split("?s ")[1] in {":supports", ":support", ":supportCount"}


def test_a_page_prints_without_its_controls(page: Page, address: str) -> None:
    page.goto(f"{address}/reforms/fare-cap")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_text("Harbour Lines opposed it.").first).to_be_visible()
