"""Replace characters that XML does not allow. The graph may contain them, because texts are kept unchanged."""

import re
from typing import Any, Protocol

INSTEAD = "\ufffd"
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
IN_UTF_8 = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


class Output(Protocol):
    """A sink for an answer: its kind and format first, then its bytes."""

    def begin(self, **header: Any) -> None: ...
    def write(self, data: bytes, /) -> int: ...


def xml_text(text: str) -> str:
    """Return the text with U+FFFD in place of characters that XML does not allow."""
    return NOT_IN_XML.sub(INSTEAD, text)


def xml_bytes(document: bytes) -> bytes:
    """Return a document in UTF-8 with U+FFFD in place of characters that XML does not allow."""
    return IN_UTF_8.sub(INSTEAD.encode(), document)


class WellFormed:
    """Passes XML on in parts, with U+FFFD in place of characters that XML does not allow."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._tail = b""

    def begin(self, **header: Any) -> None:
        self._output.begin(**header)

    def write(self, data: bytes) -> int:
        joined = self._tail + data
        # A part may end within one of the characters of three bytes; a document ends with ">".
        cut = len(joined) - (2 if joined.endswith(b"\xef\xbf") else 1 if joined.endswith(b"\xef") else 0)
        self._tail = joined[cut:]
        self._output.write(xml_bytes(joined[:cut]))
        return len(data)

    def flush(self) -> None:
        """Nothing that is complete is held back."""
