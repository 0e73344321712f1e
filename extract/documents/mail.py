"""Saved e-mail (.eml): its subject, sender and date, and the text of all its parts."""

import email
import email.message
import email.policy
import email.utils
from collections.abc import Iterator
from dataclasses import replace
from email.errors import MessageError

from extract.documents.html import main_paragraphs, parsed
from extract.documents.metadata import iso_date, told
from graph.encoding import readable
from graph.errors import BadDocument
from graph.model import Article

DEEPEST = 20
"""Most parts within one another; a message that was forwarded a few times has fewer."""
STUB = 0.5
"""Share of the words of the HTML that a plain text must have, or it only says that there is HTML."""
OUTLOOK = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])


def mail(content: bytes, info: Article) -> Article:
    """Read a .eml file: the words of its text parts and of forwarded messages, not of attached files.

    Raises BadDocument.
    """
    # Each level of a message costs the parser a generator within a generator.
    if content.lower().count(b"content-type: multipart") > DEEPEST * 5:
        raise BadDocument("has too many parts within one another; save its text")
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        text = "\n\n".join(_texts(message))
        found = {"title": _header(message, "subject"), "date": iso_date(_header(message, "date"))}
        name, address = email.utils.parseaddr(_header(message, "from"))
        kinds = {part.get_content_type() for part in message.walk()}
    except (MessageError, LookupError, ArithmeticError, ValueError, AttributeError, TypeError, RecursionError) as error:
        # The standard library's parser answers some broken headers with errors of its own making.
        raise BadDocument(f"is a message that does not parse: {error}") from error
    if not text.strip():
        if kinds & OUTLOOK:
            raise BadDocument("is a message in Outlook's own format (winmail.dat); save it as text or HTML")
        raise BadDocument("is a message without text; save its attachments and add them")
    return replace(told(info, {**found, "author": name or address}), text=text)


def _header(message: email.message.EmailMessage, name: str) -> str:
    return str(message.get(name) or "")


def _texts(part: email.message.EmailMessage, depth: int = 0) -> Iterator[str]:
    """The words of each text part in order; of the same words in several forms one."""
    if depth > DEEPEST:
        raise BadDocument("has too many parts within one another; save its text")
    kind = part.get_content_type()
    if kind == "message/rfc822":
        for inner in part.iter_parts():
            if isinstance(inner, email.message.EmailMessage):
                yield from _texts(inner, depth + 1)
    elif part.is_multipart():
        parts = [each for each in part.iter_parts() if isinstance(each, email.message.EmailMessage)]
        inner_texts = [[text for text in _texts(each, depth + 1) if text.strip()] for each in parts]
        if kind == "multipart/alternative":
            yield from _fullest(inner_texts)
        else:
            for texts in inner_texts:
                yield from texts
    elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
        words = _words(part)
        if words.strip():
            yield words


def _fullest(forms: list[list[str]]) -> list[str]:
    """The first form, unless a later one has far more words: mail programs put a stub before HTML."""
    chosen: list[str] = []
    for texts in forms:
        if len("".join(chosen).split()) < STUB * len("".join(texts).split()) or not chosen:
            chosen = texts
    return chosen


def _words(part: email.message.EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or ""
    if part.get_content_type() == "text/html":
        page = readable(content, charset).encode("utf-8", "replace") if charset else content
        return "\n\n".join(main_paragraphs(parsed(page)))
    text = readable(content, charset)
    if "\0" in text:
        raise BadDocument("holds NUL bytes, so it is not a message; save it again")
    return _flowed(text) if part.get_param("format") == "flowed" else text.replace("\r\n", "\n").strip("\n")


def _flowed(text: str) -> str:
    """Join lines that end with a space to the next (RFC 3676)."""
    joined: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.removeprefix(" ") if line.startswith(" ") else line
        if joined and joined[-1].endswith(" ") and joined[-1] != "-- ":
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)
