"""The debate map in a browser: by mouse, by keyboard, by address, without JavaScript, and with many actors."""

import shutil
from collections.abc import Iterator

import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

from playwright.sync_api import Browser, Page, expect  # noqa: E402  # likewise

from graph.building import build  # noqa: E402  # likewise
from graph.model import Stance  # noqa: E402  # likewise
from graph.store.embedded import open_store  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.api.in_a_thread import served  # noqa: E402  # likewise
from tests.browser import FLAGS, RULES, SCHEMES  # noqa: E402  # likewise

TEXT = "".join(f"Sentence number {number:03} on buses. " for number in range(100))
LENGTH = len("Sentence number 000 on buses.")
ROOM = 60_000
"""Milliseconds that a slow machine may take for a page."""
expect.set_options(timeout=ROOM)
SIDES = (
    ("council", "City Council", "fare-cap", Stance.SUPPORT, "early"),
    ("council", "City Council", "night-buses", Stance.SUPPORT, "late"),
    ("riders", "Riders", "fare-cap", Stance.SUPPORT, "early"),
    ("riders", "Riders", "night-buses", Stance.SUPPORT, "late"),
    ("harbour-lines", "Harbour Lines", "fare-cap", Stance.OPPOSE, "late"),
    ("ada-quill", "Ada Quill", "fares", Stance.SUPPORT, "late"),
)


def quote(number: int) -> str:
    return TEXT[number * (LENGTH + 1) :][:LENGTH]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("map")
    articles = [
        factory.article(id=id, date=date, text=TEXT) for id, date in (("early", "2030-02"), ("late", "2031-06"))
    ]
    said = [
        factory.statement(
            quote(number),
            start=number * (LENGTH + 1),
            article=article,
            actor=actor,
            actor_label=label,
            reform=reform,
            stance=side,
        )
        for number, (actor, label, reform, side, article) in enumerate(SIDES)
    ]
    with open_store(folder) as store:
        build(store, factory.domain(), articles, said)
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


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("[data-map][data-ready]")


def actor(page: Page, label: str) -> str:
    return f'g.node[aria-label^="{label}:"]'


@pytest.mark.parametrize("path", ["/", "/agreement", "/pictures/network"])
def test_the_map_is_accessible_and_without_a_fault_on_the_first_and_the_second_visit(
    page: Page, address: str, path: str
) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    for _ in range(2):
        opened(page, address + path)
        expect(page.locator("g.node")).to_have_count(3)
        expect(page.locator("[data-still]")).to_be_hidden()
    page.locator("g.node").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="What is said")).to_be_visible()
    page.evaluate(axe_playwright.Axe().axe_script)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            rules = {"type": "tag", "values": RULES}
            found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
            assert [(each["id"], each["nodes"][0]["target"]) for each in found["violations"]] == []
    assert faults == []


def test_the_keyboard_alone_opens_an_actor_and_a_tie_and_closes_them(page: Page, address: str) -> None:
    opened(page, f"{address}/agreement")
    page.locator('g.node[tabindex="0"]').focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.matches('g.node')")
    page.locator(actor(page, "City Council")).focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name="What is said")
    expect(panel).to_contain_text(quote(0))
    expect(page.get_by_role("status").filter(has_text="City Council is shown.")).to_be_attached()
    panel.get_by_role("button", name="Harbour Lines: conflict").press("Enter")
    expect(panel).to_contain_text("Opposite sides.")
    for number in (0, 4):
        expect(panel).to_contain_text(quote(number))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_click_on_a_tie_of_conflict_shows_the_words_of_both(page: Page, address: str) -> None:
    opened(page, f"{address}/agreement?ties=conflict")
    page.locator(".map-stage line.tie.conflict").first.dispatch_event("click")
    panel = page.get_by_role("region", name="What is said")
    expect(panel).to_contain_text(quote(4))
    expect(panel.get_by_role("heading", name="Fare cap")).to_be_visible()
    expect(page.locator(".map-stage line.tie.agree")).to_have_count(0)


def test_controls_work_without_reload_and_keep_the_address_and_the_layout(page: Page, address: str) -> None:
    opened(page, f"{address}/agreement")
    page.evaluate("window.mark = 'same page'")
    council = page.locator(actor(page, "City Council"))
    before = council.get_attribute("transform")
    page.get_by_label("Ties", exact=True).select_option("agreement")
    expect(page.locator(".map-stage line.tie.conflict")).to_have_count(0)
    page.get_by_label("Sides on one reform").select_option("Fare cap")
    expect(council.locator("text.side")).to_have_text("+")
    assert "ties=agree" in page.url
    assert "highlight=fare-cap" in page.url
    assert council.get_attribute("transform") == before
    assert page.evaluate("window.mark") == "same page"
    expect(page.locator(".map-tray li", has_text="Ada Quill")).to_be_attached()
    opened(page, page.url)
    expect(page.get_by_label("Ties", exact=True)).to_have_value("agree")
    expect(page.locator(".map-stage line.tie.conflict")).to_have_count(0)


def test_playing_ends_with_the_whole_debate(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, f"{address}/agreement")
    page.get_by_label("Until", exact=True).last.fill("2")
    expect(page.locator(".map-stage line.tie")).to_have_count(1)
    assert "until=2030-0" in page.url
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".map-stage line.tie")).to_have_count(3, timeout=ROOM)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=ROOM)


def test_the_search_box_opens_an_actor_and_says_if_there_is_none(page: Page, address: str) -> None:
    opened(page, f"{address}/agreement")
    page.get_by_label("Find an actor").fill("harbour")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("region", name="What is said")).to_contain_text("Harbour Lines")
    expect(page).to_have_url(f"{address}/agreement?chosen=harbour-lines")
    page.get_by_label("Find an actor").fill("an unknown body")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("status").filter(has_text="There is no actor an unknown body on the map.")).to_be_visible()


def test_without_javascript_the_picture_and_the_tables_stay(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/agreement")
    expect(page.locator("[data-map]")).to_be_hidden()
    expect(page.locator("svg.network")).to_be_visible()
    expect(page.locator("table.matrix")).to_be_visible()
