"""The encoding of a file is found, or the file is refused: no letter is lost without a word."""

import pytest

from graph.encoding import decoded, readable
from graph.errors import BadDocument

TEXT = "The riders’ voice said: “We back it – they’re right…” The café owner José paid £2.\n\nIt cost 5 € in all.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"])
def test_the_encoding_of_english_text_is_found(encoding: str) -> None:
    assert decoded(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Он сказал, что автобусы нужны городу, и жители его поддержали на собрании.", "cp1251"),
        ("It’s ‘fair’, she said — “very”.", "cp1252"),
        ("Plain words, and one mark: don’t.", "mac_roman"),
    ],
)
def test_other_encodings_are_recognised(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_windows_bytes_pasted_into_utf_8_are_read() -> None:
    mixed = "“We back it,” she said. ".encode() + "It’s fair.".encode("cp1252")
    assert decoded(mixed) == "“We back it,” she said. It’s fair."


@pytest.mark.parametrize(
    "content", [bytes(range(256)), b"\x00\x01\x02words", "“Cut off”".encode()[:-1], b"\xff\xfe\x00"]
)
def test_what_has_no_clear_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(BadDocument):
        decoded(content)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "utf-8"),
        ("", "cp1252"),
        ("utf-8", "cp1252"),
        ("koi8-r", "koi8-r"),
        ("x-odd", "utf-8"),
    ],
)
def test_what_is_declared_is_read_as_what_it_is(declared: str, encoding: str) -> None:
    text = TEXT if encoding != "koi8-r" else "Жители за автобусы."
    assert readable(text.encode(encoding), declared) == text
