"""Text from bytes: find the encoding of a file that does not name it, or refuse the file. Never lose a letter."""

import codecs
import re
import unicodedata

from graph.errors import BadDocument

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks. The longer ones come first, because the mark of UTF-32 begins with that of UTF-16."""

WESTERN = ("cp1252", "mac_roman")
"""The two encodings of old English files. Which of them a file has shows in where its quotation marks stand."""

PLAUSIBLE = 0.8
"""Share of a file's special characters that must be in usual places."""
MOST_LETTERS = 0.08
"""Largest share of accented letters in a text in the languages of the Western encodings."""
CHAOS = 0.1
"""Largest disorder, as measured by charset-normalizer, that a guess may have."""


def decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16, Windows-1252, Mac Roman or an encoding that can be recognised.

    Raises BadDocument, without the name of the file, if the encoding is not clear.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return _strictly(content, name)
    if b"\0" in content:
        return _without_mark(content)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not _western(content):
            raise BadDocument("ends in the middle of a character, so it was cut off; copy the file again") from error
    return _mixed(content) or _western(content) or _recognised(content)


def readable(content: bytes, declared: str) -> str:
    """Return text in the encoding that a message or page declares, or in the one that it really has.

    What declares Latin-1 or ASCII is read as Windows-1252 if it holds the bytes of Windows, as browsers do.
    """
    name = _known(declared)
    if name in {"", "utf-8", "ascii", "iso8859-1", "cp1252"}:
        try:
            return content.decode("utf-8" if name != "iso8859-1" else "ascii")
        except UnicodeDecodeError:
            pass
        if name == "iso8859-1" and not any(0x80 <= byte < 0xA0 for byte in content):
            return content.decode("latin-1")
        if name in {"iso8859-1", "cp1252"}:
            try:
                return content.decode("cp1252")
            except UnicodeDecodeError:
                return decoded(content)
        return decoded(content)
    return _strictly(content, name)


def _known(name: str) -> str:
    try:
        return codecs.lookup(name.strip()).name if name.strip() else ""
    except LookupError:
        return ""


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        raise BadDocument(f"is not the {name.upper()} text that it says it is; save it as UTF-8") from error


def _without_mark(content: bytes) -> str:
    """UTF-16 that does not begin with a mark: nearly every second byte of English is NUL."""
    half = max(1, len(content) // 2)
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(content) % 2 == 0 and content[at::2].count(0) > 0.6 * half and content[1 - at :: 2].count(0) == 0:
            return _strictly(content, name)
    raise BadDocument("holds NUL bytes, as binary files do; save it as UTF-8 text")


def _mixed(content: bytes) -> str:
    """Decode UTF-8 that contains some pasted bytes of Windows-1252; return an empty string for anything else."""
    text = content.decode("utf-8", "surrogateescape")
    odd = [char for char in text if "\udc80" <= char <= "\udcff"]
    proper = sum(char > "\x7f" for char in text) - len(odd)
    if proper < max(2, len(odd)):
        return ""
    try:
        turned = {ord(char): bytes([ord(char) - 0xDC00]).decode("cp1252") for char in set(odd)}
    except UnicodeDecodeError:
        return ""
    return text.translate(turned)


def _western(content: bytes) -> str:
    """The text in the one Western encoding that puts marks and letters where people put them; empty if none does."""
    ranked = []
    for name in WESTERN:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        letters = sum(char.isalpha() for char in text)
        if sum(char > "\x7f" and char.isalpha() for char in text) > max(3, MOST_LETTERS * letters):
            continue
        scores = [_fit(text, match.start()) for match in re.finditer(r"[^\x00-\x7f]", text)]
        if scores and sum(score > 0 for score in scores) >= PLAUSIBLE * len(scores):
            ranked.append((sum(scores), text))
    ranked.sort(key=lambda each: each[0], reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return ""
    return ranked[0][1]


def _fit(text: str, at: int) -> int:
    """How well a character fits its place: 2 for punctuation where it belongs, 1 for a letter, below 0 if it is odd."""
    char = text[at]
    before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    if char == "’" and before.isalnum() and after.isalnum():
        return 2
    if char in "“‘„«":
        return 2 if not before.isalnum() and not after.isspace() else -2
    if char in "”’»":
        return 2 if not before.isspace() and not after.isalnum() else -2
    if char in "–—…•·":
        return 2 if before.isspace() == after.isspace() or char in "…•" else 1
    if char in "£€":
        return 2 if after.isdigit() or after.isspace() else -2
    if char in "\u00a0°½¼¾©®™§":
        return 1
    if not char.isalpha() or unicodedata.category(char) == "Lo":
        return -2
    if char.isupper():
        return 1 if not (before.isalpha() and before.islower()) and after.isalpha() else -2
    return 1 if before.isalpha() or after.isalpha() else -2


def _recognised(content: bytes) -> str:
    from charset_normalizer import from_bytes  # a large library that few files need

    best = from_bytes(content).best()
    text = str(best) if best is not None else ""
    controls = any(unicodedata.category(char) == "Cc" and char not in "\t\n\r\f" for char in text)
    if best is None or best.percent_chaos / 100 > CHAOS or controls or "\ufffd" in text:
        raise BadDocument("is not UTF-8 text, and its encoding is not clear; save it as UTF-8")
    return text
