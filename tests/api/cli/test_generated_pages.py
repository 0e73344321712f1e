"""The generated parts of the documentation match the code."""

import pytest

from api.cli.generated_pages import PAGES, settings_help
from api.settings import Settings
from graph.shipped import CHECKOUT


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    written = (CHECKOUT / name).read_text(encoding="utf-8")

    assert written == PAGES[name](), f"{name} is not what the code says: run `positions document`"


def test_the_help_of_serve_lists_every_setting() -> None:
    told = settings_help()

    assert [name for name in Settings.model_fields if f"  {name}" not in told] == []
