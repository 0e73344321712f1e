"""A briefing as one file in a real browser: accessible, and loads nothing."""

import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

from api.forms.writing import written  # noqa: E402  # nothing to look at where there is no browser
from graph.briefing.material import briefing_for  # noqa: E402  # likewise
from graph.briefing.types import Scope, Subject  # noqa: E402  # likewise
from graph.building import build  # noqa: E402  # likewise
from graph.model import Stance  # noqa: E402  # likewise
from graph.store.embedded import memory_store  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.browser import FLAGS, RULES, SCHEMES  # noqa: E402  # likewise


def test_the_page_is_accessible_and_loads_nothing(tmp_path: Path) -> None:
    against = factory.statement(
        "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
    )
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], [factory.statement(concerns=("cost",)), against])
        made = briefing_for(store, Scope(subject=Subject.REFORM, reforms=("fare-cap",)))
    (tmp_path / "briefing.html").write_bytes(written(made, "html"))
    asked: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{tmp_path}/briefing.html")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found = axe_playwright.Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
                assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == []
        browser.close()
    assert asked == [f"file://{tmp_path}/briefing.html"]
