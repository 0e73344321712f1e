"""Sources of settings, and messages about wrong ones."""

from pathlib import Path

import pytest

from api.cli.options import settings_with
from api.settings import Settings
from graph.errors import BadRequest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "environment", "given", "port"),
    [
        (None, None, None, 8000),
        (8001, None, None, 8001),
        (8001, 8002, None, 8002),
        (None, 8002, None, 8002),
        (8001, 8002, 8003, 8003),
        (8001, None, 8003, 8003),
    ],
)
def test_command_line_goes_before_environment_before_file(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: int | None,
    environment: int | None,
    given: int | None,
    port: int,
) -> None:
    if file is not None:
        (folder / "positions.toml").write_text(f"port = {file}\n", encoding="utf-8")
    if environment is not None:
        monkeypatch.setenv("POSITIONS_PORT", str(environment))

    assert settings_with(**({} if given is None else {"port": given})).port == port


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"port": 70_000}, "setting port: Input should be less than or equal to 65535"),
        ({"query_timeout": 0}, "setting query_timeout: Input should be greater than 0"),
        ({"max_rows": "many"}, "setting max_rows: Input should be a valid integer"),
        ({"colour": "red"}, "setting colour: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_value_is_one_sentence(folder: Path, given: dict[str, object], says: str) -> None:
    with pytest.raises(BadRequest) as error:
        settings_with(**given)

    assert str(error.value).startswith(says)
    assert str(error.value).endswith("see `positions serve --help`")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["colour = 'red'\n", "max_rows = 0\n"])
def test_a_wrong_line_in_the_file_is_reported(folder: Path, text: str) -> None:
    (folder / "positions.toml").write_text(text, encoding="utf-8")

    with pytest.raises(BadRequest, match=text.split()[0]):
        settings_with()


def test_an_invalid_toml_file_is_reported(folder: Path) -> None:
    (folder / "positions.toml").write_text("port 8000\n", encoding="utf-8")

    with pytest.raises(BadRequest, match=r"positions\.toml"):
        settings_with()


def test_the_token_is_not_shown(folder: Path) -> None:
    assert "sesame" not in repr(settings_with(admin_token="sesame"))


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
