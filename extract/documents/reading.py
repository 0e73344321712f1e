"""Read documents as articles: one reader for each file ending."""

import logging
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from extract.documents.downloads import articles_in
from extract.documents.html import html
from extract.documents.mail import mail
from extract.documents.metadata import told as told
from extract.documents.office import docx, odt
from extract.documents.pdf import pdf
from extract.documents.plain import markdown, plain
from extract.documents.rtf import rtf
from graph.domain.folder import Domain
from graph.encoding import decoded as decoded
from graph.errors import BadDocument
from graph.model import Article

log = logging.getLogger(__name__)

Reader = Callable[[bytes, Article], Article]
"""Takes a file's bytes and what is known of the article, and returns the article with its text.

Metadata in the document only fills fields that are not known. Raises BadDocument, without the name of the file.
"""

READERS: dict[str, Reader] = {
    ".txt": plain,
    ".md": markdown,
    ".html": html,
    ".htm": html,
    ".pdf": pdf,
    ".docx": docx,
    ".odt": odt,
    ".rtf": rtf,
    ".eml": mail,
}
"""By file ending, in lower case; a new format is a new line here."""

LARGEST = 50 * 1024**2
"""Most bytes of a document; larger ones are mostly pictures."""
LARGEST_TEXT = 20 * 1024**2
"""Most bytes of a document that is all text, as pages and messages are."""
TEXTS = frozenset([".txt", ".md", ".html", ".htm", ".eml", ".rtf"])


def read(path: Path, info: Article | None = None) -> Article:
    """Read the article in a file. Raises BadDocument if it has no reader, may not be read or holds no text.

    `extract.running.workers` reads documents from strangers, within limits of time and memory.
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
    if (several := articles_in(article.text)) > 1:
        raise BadDocument(
            f"{path}: holds {several} articles of a database download; bring them in with `positions add`"
        )
    if "\ufffd" in article.text:
        log.warning("%s: holds characters that were lost before it was saved; find another copy", path)
    return article


def refusal(path: Path) -> None:
    """Raise BadDocument for what is not opened: no reader, not a plain file, too large, or outside its folder."""
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise BadDocument(f"{path}: no reader for {suffix or 'a name without ending'}; use {known()}")
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadDocument(f"{str(path)!a}: its name is not UTF-8; rename it") from error
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
            raise BadDocument(f"{path}: is a link that leads out of its folder; copy the document itself into it")
        found = path.stat()
    except (OSError, RuntimeError) as error:
        raise BadDocument(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise BadDocument(f"{path}: is not a file")
    largest = LARGEST_TEXT if suffix in TEXTS else LARGEST
    if found.st_size > largest:
        raise BadDocument(f"{path}: {found.st_size:,} bytes, more than {largest:,}; split it, or save its text")


def documents(domain: Domain) -> Iterator[tuple[Path, Article]]:
    """Yield the readable files of a domain in order of their ids, each with its row in the table of articles."""
    if not domain.documents.is_dir():
        return
    taken: dict[str, Path] = {}
    for path in sorted(domain.documents.iterdir(), key=lambda path: (path.stem, path.suffix)):
        if path.is_dir() or path.name.startswith((".", "README")) or path.suffix.lower() == ".csv":
            if path.is_symlink():
                log.warning("%s: skipped, because it is a link to a folder", path)
            continue
        if path.suffix.lower() not in READERS:
            log.warning("%s: skipped, because no reader takes this ending; use %s", path, known())
        elif path.stem in taken:
            log.warning("%s: skipped, because %s has the same id", path, taken[path.stem].name)
        else:
            taken[path.stem] = path
            yield path, domain.articles.get(path.stem, Article(id=path.stem, text=""))


def known() -> str:
    """Return the endings that are read, for messages."""
    return ", ".join(sorted(READERS))
