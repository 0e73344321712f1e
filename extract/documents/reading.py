"""Documents become articles: one reader for each ending, found in a table."""

import logging
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from extract.documents.html import html
from extract.documents.mail import mail
from extract.documents.metadata import told as told
from extract.documents.office import docx, odt
from extract.documents.pdf import pdf
from extract.documents.plain import decoded as decoded
from extract.documents.plain import markdown, plain
from graph.domain.folder import Domain
from graph.errors import BadDocument
from graph.model import Article

log = logging.getLogger(__name__)

Reader = Callable[[bytes, Article], Article]
"""Takes a file's bytes and what is known of the article; gives the article with its text.

What the document says of itself fills only what was not known. Raises BadDocument, without the name of the file.
"""

READERS: dict[str, Reader] = {
    ".txt": plain,
    ".md": markdown,
    ".html": html,
    ".htm": html,
    ".pdf": pdf,
    ".docx": docx,
    ".odt": odt,
    ".eml": mail,
}
"""By ending, in small letters; a new format is a new line here."""

LARGEST = 50 * 1024**2
"""Bytes of a document; those of more are mostly pictures."""
LARGEST_TEXT = 20 * 1024**2
"""Bytes of a document that is text through and through, as pages and messages are."""
TEXTS = frozenset([".txt", ".md", ".html", ".htm", ".eml"])


def read(path: Path, info: Article | None = None) -> Article:
    """The article in a file; raises BadDocument where the file has no reader, may not be read or holds no text.

    What strangers send is read by `extract.running.workers`, within bounds of time and memory.
    """
    refusal(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadDocument(f"{path}: cannot be read: {error.strerror}") from error
    try:
        article = READERS[path.suffix.lower()](content, info or Article(id=path.stem, text=""))
    except BadDocument as error:
        raise BadDocument(f"{path}: {error}") from error
    if not article.text.strip():
        raise BadDocument(f"{path}: is empty; remove it, or put its text there")
    return article


def refusal(path: Path) -> None:
    """Raises BadDocument for what is not opened at all: no reader, no plain file, too large, or outside its folder."""
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise BadDocument(f"{path}: no reader for {suffix or 'a name without ending'}; read are {known()}")
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadDocument(f"{str(path)!a}: its name is not UTF-8; rename it") from error
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
            raise BadDocument(f"{path}: is a link that leads out of its folder; copy the document itself there")
        found = path.stat()
    except (OSError, RuntimeError) as error:
        raise BadDocument(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise BadDocument(f"{path}: is no file")
    largest = LARGEST_TEXT if suffix in TEXTS else LARGEST
    if found.st_size > largest:
        raise BadDocument(f"{path}: {found.st_size:,} bytes, more than {largest:,}; split it, or save its text")


def documents(domain: Domain) -> Iterator[tuple[Path, Article]]:
    """The files of a domain that have a reader, in the order of their ids, with what its table says of each."""
    if not domain.documents.is_dir():
        return
    taken: dict[str, Path] = {}
    for path in sorted(domain.documents.iterdir(), key=lambda path: (path.stem, path.suffix)):
        if path.is_dir() or path.name.startswith((".", "README")) or path.suffix.lower() == ".csv":
            if path.is_symlink():
                log.warning("%s: passed over, a link to a folder", path)
            continue
        if path.suffix.lower() not in READERS:
            log.warning("%s: passed over, no reader for this ending; read are %s", path, known())
        elif path.stem in taken:
            log.warning("%s: passed over, %s has the same id", path, taken[path.stem].name)
        else:
            taken[path.stem] = path
            yield path, domain.articles.get(path.stem, Article(id=path.stem, text=""))


def known() -> str:
    """The endings that are read, for messages."""
    return ", ".join(sorted(READERS))
