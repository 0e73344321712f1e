"""Reviewing in a real browser: every page shows a verdict at once; it lasts and can be withdrawn."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

import uvicorn  # noqa: E402  # nothing to serve where there is no browser
from playwright.sync_api import Browser, Page, expect  # noqa: E402  # likewise

from api.app import create_app  # noqa: E402  # likewise
from api.settings import Settings  # noqa: E402  # likewise
from graph.building import build  # noqa: E402  # likewise
from graph.model import Stance  # noqa: E402  # likewise
from graph.reviewing.reviews import carry_over  # noqa: E402  # likewise
from graph.store.embedded import open_store  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.browser import FLAGS, RULES  # noqa: E402  # likewise

TOKEN = "the token of ann"
SUPPORT = factory.statement(confidence=0.9)
OPPOSE = factory.statement(
    "Harbour Lines opposed it.",
    actor="harbour-lines",
    actor_label="Harbour Lines",
    stance=Stance.OPPOSE,
    confidence=0.4,
)
OPPOSING = """
PREFIX : <https://positions.example/ontology#>
ASK { <https://buses.example/id/actor/harbour-lines> :opposes <https://buses.example/id/reform/fare-cap> }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    users = tmp_path / "users.toml"
    users.write_text(f'[[user]]\nname = "Ann"\nrole = "review"\ntoken = "{TOKEN}"\n')
    fill(tmp_path)
    return tmp_path


def fill(folder: Path, *, text: str = factory.TEXT) -> None:
    """Build as after an extraction, with each statement at its place in the text."""
    found = [
        factory.statement(each.quote, start=text.index(each.quote), **changes)
        for each, changes in (
            (SUPPORT, {"confidence": 0.9}),
            (
                OPPOSE,
                {"actor": "harbour-lines", "actor_label": "Harbour Lines", "stance": Stance.OPPOSE, "confidence": 0.4},
            ),
        )
    ]
    with open_store(folder / "store") as store:
        build(store, factory.domain(), [factory.article(text=text)], found)
        carry_over(store)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(store=str(folder / "store"), users_file=folder / "users.toml")
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/review")
    page.get_by_label("Your token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as Ann")).to_be_visible()


def told(address: str) -> dict[str, bool]:
    """Return which pages say that Harbour Lines opposes the fare cap."""

    def get(path: str, **parameters: str) -> httpx.Response:
        answer = httpx.get(address + path, params=parameters, trust_env=False, timeout=30)
        assert answer.status_code == 200
        return answer

    reform: dict[str, Any] = get("/api/reforms/fare-cap").json()
    nodes = get("/api/network", at_least="1").json()["nodes"]
    return {
        "page": 'aria-label="Harbour Lines has reservations about Fare cap"' in get("/reforms/fare-cap").text,
        "json": bool(reform["actors"].get("oppose")),
        "network": any(node["id"] == "harbour-lines" for node in nodes),
        "briefing": OPPOSE.quote in get("/api/briefings/fare-cap", format="md").text,
        "sparql": get("/sparql", query=OPPOSING, format="json").json()["boolean"],
        "search": "Harbour Lines has reservations" in get("/search", q="opposed").text,
    }


def everywhere(address: str, *, so: bool) -> None:
    said = told(address)
    assert said == dict.fromkeys(said, so)


def test_a_rejected_position_disappears_everywhere_until_the_verdict_is_withdrawn(page: Page, folder: Path) -> None:
    with serving(folder) as address:
        everywhere(address, so=True)
        sign_in(page, address)
        expect(page.get_by_role("heading", level=2).first).to_have_text("Harbour Lines has reservations about Fare cap")
        page.get_by_label("Note").fill("said by a rival")
        page.get_by_role("button", name="Wrong", exact=True).click()
        expect(page.get_by_text("Harbour Lines on Fare cap is rejected by a person")).to_be_visible()
        everywhere(address, so=False)
        page.goto(f"{address}/statements/{OPPOSE.id}")
        expect(page.locator("#history + ul")).to_contain_text("Ann")
        expect(page.locator("#history + ul")).to_contain_text("said by a rival")
    fill(folder)
    with serving(folder) as address:
        everywhere(address, so=False)
    # Another edition of the article: the statement has another id, and the words are the same.
    fill(folder, text="Today: " + factory.TEXT)
    with serving(folder) as address:
        everywhere(address, so=False)
        found = httpx.get(f"{address}/api/reviews", trust_env=False).json()[-1]["statement"]
        assert found != OPPOSE.id
        page.context.clear_cookies()
        sign_in(page, address)
        page.goto(f"{address}/review?done={found}")
        page.get_by_role("button", name="Undo").click()
        everywhere(address, so=True)


def test_a_key_gives_a_verdict_and_shows_the_next(scripted: Page, folder: Path) -> None:
    page = scripted
    with serving(folder) as address:
        sign_in(page, address)
        heading = page.get_by_role("heading", level=2).first
        expect(heading).to_have_text("Harbour Lines has reservations about Fare cap")
        page.keyboard.press("n")
        expect(heading).to_have_text("City Council speaks in favour of Fare cap")
        page.keyboard.press("r")
        expect(page.get_by_text("City Council on Fare cap is checked")).to_be_visible()
        expect(heading).to_have_text("Harbour Lines has reservations about Fare cap")
        page.keyboard.press("2")
        expect(page.get_by_text("Every statement here has been checked.")).to_be_visible()
        kept = httpx.get(f"{address}/api/reviews", trust_env=False).json()
        assert [(each["verdict"], each["stance"]) for each in kept] == [("right", None), ("corrected", "mixed")]
        page.keyboard.press("u")
        expect(heading).to_have_text("Harbour Lines has reservations about Fare cap")


def test_keys_typed_in_a_note_are_not_verdicts(scripted: Page, folder: Path) -> None:
    page = scripted
    with serving(folder) as address:
        sign_in(page, address)
        page.get_by_label("Note").press_sequentially("wrn1")
        assert page.get_by_label("Note").input_value() == "wrn1"
        assert httpx.get(f"{address}/api/reviews", trust_env=False).json() == []


def test_a_missed_passage_is_selected_in_the_text(scripted: Page, folder: Path) -> None:
    page = scripted
    with serving(folder) as address:
        sign_in(page, address)
        page.goto(f"{address}/articles/cap-news")
        page.evaluate(
            "(() => { const walk = document.createTreeWalker(document.querySelector('.article-text'), 4);"
            " for (let node; (node = walk.nextNode());) { const at = node.data.indexOf('Riders were');"
            " if (at >= 0) { const range = document.createRange(); range.setStart(node, at);"
            " range.setEnd(node, node.data.length); getSelection().removeAllRanges();"
            " getSelection().addRange(range); } } })()"
        )
        expect(page.locator("#m-words")).to_have_value("Riders were split on night buses.")
        start = page.locator(".missed [name=start]").input_value()
        assert int(start) == pytest.approx(factory.TEXT.index("Riders"), abs=2)
        page.get_by_label("Actor").fill("Riders")
        page.get_by_label("Reform").select_option("night-buses")
        page.get_by_label("Side").select_option("mixed")
        page.get_by_role("button", name="Add").click()
        expect(page.locator("mark.chosen")).to_have_text("Riders were split on night buses.")


def test_the_pages_of_a_reviewer_are_accessible_and_fit(scripted: Page, folder: Path) -> None:
    page = scripted
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    with serving(folder) as address:
        sign_in(page, address)
        for path in (
            "/review",
            f"/review?done={SUPPORT.id}",
            f"/statements/{OPPOSE.id}",
            "/articles/cap-news",
            "/review/names",
            "/review/names?kind=reform",
        ):
            page.goto(address + path)
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
                found = axe_playwright.Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
                assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == []
    assert not faults
