"""An explanation as one file in a real browser: accessible in light and dark, and loads nothing."""

import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

from api.cli.explained_page import page as explained_page  # noqa: E402  # nothing to look at where there is no browser
from extract.judging.linear import Contribution  # noqa: E402  # likewise
from extract.measuring.explain import Explained, ExplainedReform, Explanation, Mention, Unheard  # noqa: E402  # likewise
from graph.model import Cue, Manner, Stance  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.browser import FLAGS, RULES, SCHEMES  # noqa: E402  # likewise

SIDES = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL, None)


def explanation() -> Explanation:
    """One sentence for each side and a near miss, one after another in the invented article."""
    sentences = tuple(
        Explained(
            start=7 * number,
            end=7 * number + 34,
            quote=factory.TEXT[7 * number : 7 * number + 34],
            actor="council",
            actor_label="City Council",
            speaker="Ada Quill",
            manner=Manner.REPORTED,
            considered=(
                ExplainedReform(
                    reform="fare-cap",
                    stance=stance,
                    statement=0.7,
                    position=0.6,
                    support=0.5,
                    about=(Contribution(name="named", amount=1.0),),
                    side=(Contribution(name="endorses", amount=1.0),),
                    cues=(Cue(text="welcomed", start=12, end=20, effect="support"),),
                    condition="if it lasts",
                ),
            ),
        )
        for number, stance in enumerate(SIDES)
    )
    return Explanation(
        article="cap-news",
        sentences=sentences,
        unheard=(Unheard(start=0, end=3, quote="The", mention="she"),),
        mentions=(
            Mention(start=4, end=11, kind="speaker", label="City Council"),
            Mention(start=25, end=33, kind="reform", label="Fare cap"),
        ),
        left_out=True,
    )


def test_the_page_is_accessible_and_loads_nothing(tmp_path: Path) -> None:
    made = explained_page(factory.article(), explanation(), {"fare-cap": "Fare cap"})
    (tmp_path / "explained.html").write_text(made, encoding="utf-8")
    asked: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(bypass_csp=True)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{tmp_path}/explained.html")
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = axe_playwright.Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == []
        browser.close()
    assert asked == [f"file://{tmp_path}/explained.html"]
