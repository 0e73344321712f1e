"""Add documents to a domain: copy, name and date them, skip known ones, and enter them in articles.csv."""

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from extract.collecting.duplicates import Texts
from extract.collecting.fetching import Fetched, entries, fetch
from extract.documents.downloads import downloaded
from extract.documents.exports import ENDINGS as EXPORTS
from extract.documents.exports import exported
from extract.documents.reading import READERS, documents, known, refusal
from extract.extraction import Outcome, Task, document_reader
from extract.running.workers import Broken, TaskLimits, worked
from graph.domain.edits import add_row
from graph.domain.folder import Domain
from graph.domain.tables import COLUMNS
from graph.errors import BadDocument
from graph.model import Article
from graph.names import slug
from graph.records import whole_file

log = logging.getLogger(__name__)

Fetch = Callable[[str], Fetched]

BOUNDS = TaskLimits(seconds=60.0, memory=2 * 1024**3)
LONGEST_NAME = 80
# Names that a document in a domain's folder cannot have: the first is its table, and others are skipped there.
TAKEN = ("articles", "readme")


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A document that was added."""

    id: str
    source: str
    release: str = ""
    """The article that it repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """The result of adding documents."""

    added: tuple[Added, ...] = ()
    known: tuple[str, ...] = ()
    """One sentence for each document that the domain already had."""
    failures: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()
    """One sentence for each date that could not be read, of documents that were added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document to add: its file, where it comes from, and what is known about it."""

    path: Path
    source: str
    name: str
    """The name from which its id is made."""
    info: Article


@dataclass(slots=True, kw_only=True)
class _Intake:
    """A domain to which documents are added, and what each new one is compared with."""

    domain: Domain
    texts: Texts = field(default_factory=Texts)
    ids: set[str] = field(default_factory=set)
    releases: dict[str, str] = field(default_factory=dict)
    added: list[Added] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def take(self, found: Found, article: Article) -> None:
        """Copy a document and enter it, unless the domain has its text already."""
        if not article.text.strip():
            self.failures.append(f"{found.source}: holds no text")
            return
        same = self.texts.same(article)
        if same:
            self.known.append(f"{found.source}: has the same text as {same}; it is left out")
            return
        id = named(found.name or article.title, self.ids)
        alike = self.texts.alike(article)
        article = replace(article, id=id, release=self.releases.get(alike, "") or alike)
        self.domain.documents.mkdir(parents=True, exist_ok=True)
        with whole_file(self.domain.documents / f"{id}{found.path.suffix.lower()}") as out:
            out.write(found.path.read_bytes())
        told = {name: getattr(article, name) for name in COLUMNS["articles.csv"]}
        values = {name: ("yes" if value else "") if isinstance(value, bool) else value for name, value in told.items()}
        add_row(self.domain.folder / "articles.csv", values, checked=False)
        self.ids.add(id)
        self.releases[id] = article.release
        self.texts.add(article)
        self.added.append(Added(id=id, source=found.source, release=article.release))


def add(
    sources: Iterable[str],
    domain: Domain,
    *,
    feeds: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    fetching: Fetch = fetch,
    on_document: Callable[[], None] | None = None,
) -> Adding:
    """Add files, folders, exports, database downloads and addresses to a domain's folder.

    A document with the same text as a known one is left out; one that is nearly the same becomes its repetition.
    `columns` names the columns of an export, `day_first` decides 3/4/2031. Raises BadDocument for a feed that cannot be
    read.
    """
    made = _Intake(domain=domain, ids={*domain.articles, *TAKEN})
    made.releases = {article.id: article.release for article in domain.articles.values()}
    for task, there in _articles(Task(path=path, info=info) for path, info in documents(domain)):
        made.ids.add(task.info.id)
        if isinstance(there, Article):
            made.texts.add(there)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        waiting: dict[Path, Found] = {}

        how = _How(here=here, columns=columns or {}, day_first=day_first, fetching=fetching)

        def tasks() -> Iterator[Task]:
            for each in _found(sources, feeds, how, made.failures):
                waiting[each.path] = each
                yield Task(path=each.path, info=each.info)

        for task, read in _articles(tasks()):
            each = waiting.pop(task.path)
            if isinstance(read, str):
                made.failures.append(read.replace(str(task.path), each.source))
            else:
                made.take(each, read)
            if each.path.is_relative_to(here):
                each.path.unlink()
            if on_document is not None:
                on_document()
    return Adding(
        added=tuple(made.added), known=tuple(made.known), failures=tuple(made.failures), undated=tuple(how.undated)
    )


def _articles(tasks: Iterable[Task]) -> Iterator[tuple[Task, Article | str]]:
    """Each document's article, or why there is none; one at a time, so that they keep their order."""
    for task, found in worked(tasks, document_reader, bounds=BOUNDS):
        if isinstance(found, Article):
            yield task, found
        elif isinstance(found, Outcome):
            yield task, found.failure
        elif isinstance(found, Broken):
            yield task, f"{task.path}: {found.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """How sources are read."""

    here: Path
    """A folder for what is taken out of exports, downloads and the web."""
    columns: Mapping[str, str]
    day_first: bool | None
    fetching: Fetch
    undated: list[str] = field(default_factory=list)


def _found(sources: Iterable[str], feeds: Iterable[str], how: _How, failures: list[str]) -> Iterator[Found]:
    for source in sources:
        try:
            if source.startswith(("http://", "https://")):
                yield _fetched(source, Article(id="", text="", url=source), how)
            elif Path(source).is_dir():
                yield from _in_folder(Path(source), how, failures)
            else:
                yield from _in_file(Path(source), how)
        except BadDocument as error:
            failures.append(str(error))
    for feed in feeds:
        for entry in entries(how.fetching(feed)):
            try:
                yield _fetched(entry.url, entry, how)
            except BadDocument as error:
                failures.append(str(error))


def _in_folder(folder: Path, how: _How, failures: list[str]) -> Iterator[Found]:
    # Folders within are read as well; links to other folders are not followed.
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.suffix.lower() not in READERS:
            log.info("%s: skipped, because no reader takes this ending; use %s", path, known())
            continue
        try:
            yield from _in_file(path, how)
        except BadDocument as error:
            failures.append(str(error))


def _in_file(path: Path, how: _How) -> Iterator[Found]:
    if path.suffix.lower() in EXPORTS:
        if not path.is_file():
            raise BadDocument(f"{path}: no such file")
        yield from _several(path, exported(path, columns=how.columns, day_first=how.day_first, faults=how.undated), how)
        return
    refusal(path)
    parts = downloaded(path, day_first=how.day_first, faults=how.undated)
    if parts:
        yield from _several(path, parts, how)
        return
    yield Found(path=path, source=str(path), name=path.stem, info=Article(id="", text=""))


def _several(path: Path, articles: Iterable[Article], how: _How) -> Iterator[Found]:
    """Each article of one file, as a text of its own."""
    for number, article in enumerate(articles, 1):
        kept = how.here / f"part-{number}.txt"
        kept.write_bytes(article.text.encode("utf-8", "replace"))
        source = f"{path}, article {number}"
        yield Found(path=kept, source=source, name=article.id or article.title, info=replace(article, text=""))


def _fetched(url: str, info: Article, how: _How) -> Found:
    found = how.fetching(url)
    name = unquote(urlsplit(found.url).path).rstrip("/").rpartition("/")[2]
    ending = found.ending or Path(name).suffix.lower()
    if ending not in READERS:
        raise BadDocument(f"{url}: is {found.kind or 'of an unknown kind'}, which is not read; use {known()}")
    # Never the name that the other side gives, so that it cannot choose a place here.
    kept = how.here / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}{ending}"
    kept.write_bytes(found.content)
    stem = name.removesuffix(Path(name).suffix)
    return Found(path=kept, source=url, name=info.title or stem, info=replace(info, url=info.url or found.url))


def named(name: str, taken: Iterable[str]) -> str:
    """Return an id that nothing else has: letters, digits and hyphens only, whatever the name holds."""
    start = slug(name)[:LONGEST_NAME].strip("-_") or "document"
    there = {each.casefold() for each in taken}
    if start not in there:
        return start
    return next(made for number in range(2, len(there) + 3) if (made := f"{start}-{number}") not in there)
