"""E-mail as it is saved (.eml): subject, sender and date, and the words of its body."""

import email
import email.message
import email.policy
import email.utils
from collections.abc import Iterator
from dataclasses import replace
from email.errors import MessageError

from extract.documents.html import main_paragraphs, parsed
from extract.documents.metadata import iso_date, told
from graph.errors import BadDocument
from graph.model import Article

DEEPEST = 20
"""Parts within one another; a message forwarded a few times has fewer."""


def mail(content: bytes, info: Article) -> Article:
    """A .eml file: its plain text, or the words of its HTML; attachments are not read. Raises BadDocument."""
    # Each level of a message costs the parser a generator within a generator.
    if content.lower().count(b"content-type: multipart") > DEEPEST * 5:
        raise BadDocument("has too many parts within one another; save its text")
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = _body(message)
        text = _words(body) if body is not None else ""
        found = {"title": _header(message, "subject"), "date": iso_date(_header(message, "date"))}
        name, address = email.utils.parseaddr(_header(message, "from"))
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        # The standard library's parser answers some broken headers with errors of its own making.
        raise BadDocument(f"is a message that does not parse: {error}") from error
    if not text.strip():
        raise BadDocument("is a message without text; save its attachments and add them")
    return replace(told(info, {**found, "author": name or address}), text=text)


def _header(message: email.message.EmailMessage, name: str) -> str:
    return str(message.get(name) or "")


def _body(message: email.message.EmailMessage) -> email.message.EmailMessage | None:
    """The first part in plain text that is no attachment, else the first in HTML."""
    parts = [part for part in _parts(message) if part.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind:
                return part
    return None


def _parts(message: email.message.EmailMessage, depth: int = 0) -> Iterator[email.message.EmailMessage]:
    if depth > DEEPEST:
        raise BadDocument("has too many parts within one another; save its text")
    if message.is_multipart():
        for part in message.iter_parts():
            if isinstance(part, email.message.EmailMessage):
                yield from _parts(part, depth + 1)
    else:
        yield message


def _words(part: email.message.EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = content.decode(charset, "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    if "\0" in text:
        raise BadDocument("holds NUL bytes, so it is no message; save it again")
    if part.get_content_type() == "text/html":
        return "\n\n".join(main_paragraphs(parsed(text.encode("utf-8", "replace"))))
    return _flowed(text) if part.get_param("format") == "flowed" else text.replace("\r\n", "\n")


def _flowed(text: str) -> str:
    """Lines that end with a space go on in the next (RFC 3676)."""
    joined: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.removeprefix(" ") if line.startswith(" ") else line
        if joined and joined[-1].endswith(" ") and joined[-1] != "-- ":
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)
