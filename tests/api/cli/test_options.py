"""Arguments that several verbs share."""

from pathlib import Path

import pytest

from api.cli import options
from api.settings import SHIPPED_DOMAIN
from graph.errors import BadRequest


def test_the_domain_of_an_installation_is_not_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert options.changeable(SHIPPED_DOMAIN) == SHIPPED_DOMAIN
    monkeypatch.setattr(options, "installed", lambda: True)

    assert options.changeable(tmp_path) == tmp_path
    with pytest.raises(BadRequest, match="an update replaces it; copy it to a folder of yours"):
        options.changeable(SHIPPED_DOMAIN)
