"""Turn a briefing into the document that every format shows: its sections and their order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from api.forms import wording
from api.forms.document import (
    Block,
    Bullets,
    Code,
    Document,
    Heading,
    Inline,
    Line,
    Note,
    Paragraph,
    Picture,
    Quotation,
    Reference,
    Table,
    Text,
    references,
    words,
)
from api.showing.wording import (
    SIDE,
    SIDE_TITLE,
    STANDING,
    capital,
    certainty,
    count,
    counted,
    date,
    listed,
    split,
)
from graph.briefing.types import (
    ALLOWANCES,
    BriefedSide,
    Briefing,
    Footnote,
    GroundFinding,
    Holder,
    Length,
    ReformFindings,
    Subject,
)
from graph.coding.evaluate import Share
from graph.model import Article, Stance
from graph.positions import CONFIRMED
from graph.reading.register import Named

NOTES_TITLE = "Passages"
IN_A_CELL = 6
"""Names, or marks of footnotes, in one cell of a table."""
PAIRS = 20
PAGES = {Length.ONE_PAGE: 1, Length.TWO_PAGES: 2}
DIGEST_SHOWN = 12
"""Hexadecimal digits of a digest that people are shown; the whole of it is in the data of the footnote."""


def document(
    briefing: Briefing, *, picture: Picture | None = None, produced: str = "", annex: bool = False
) -> Document:
    """Return the document of a briefing.

    `picture` is next to the table of agreement, `produced` the day on which the document is written. With `annex`, the
    SPARQL query behind each section follows.
    """
    details = ALLOWANCES[briefing.scope.length].details
    notes = {note.number: note for note in briefing.footnotes}
    title = wording.title(briefing.scope, briefing.subjects)
    blocks = tuple(_blocks(briefing, notes, picture, produced=produced, annex=annex))
    shown = set(references(blocks))
    return Document(
        title=title,
        blocks=blocks,
        notes=tuple(_note(note, details=details) for note in briefing.footnotes if note.number in shown),
        notes_title=NOTES_TITLE,
        date=briefing.coverage.last,
        pages=PAGES.get(briefing.scope.length, 0),
        keywords=tuple(subject.label for subject in briefing.subjects),
    )


def _blocks(
    briefing: Briefing, notes: dict[int, Footnote], picture: Picture | None, *, produced: str, annex: bool
) -> Iterator[Block]:
    several = briefing.scope.subject in (Subject.REFORMS, Subject.COMPARISON, Subject.CAMP)
    yield Paragraph(words(f"{wording.covers(briefing.coverage)} {counted(briefing.standing, briefing.unconfirmed)}"))
    if briefing.scope.subject is Subject.CAMP:
        yield Paragraph(words(wording.members(briefing.subjects, most=ALLOWANCES[Length.FULL].names)))
    yield Heading("In brief")
    yield from _summary(briefing)
    if several:
        yield from _overview(briefing)
    for standing in briefing.standings:
        if several and standing.reform is not None:
            yield Heading(standing.reform.label)
            if standing.warnings:
                yield Bullets(tuple(words(wording.cautioned(warning)) for warning in standing.warnings))
        yield from _standing(briefing, standing, notes, level=3 if several else 2)
    if briefing.untold:
        labels = [reform.label for reform in briefing.untold]
        untold = wording.named(labels, more=briefing.untold_count - len(labels))
        yield Paragraph(words(f"Left out at this length: {untold}."))
    yield from _silence(briefing)
    yield from _changes(briefing)
    yield from _agreement(briefing, picture)
    yield from _sources(briefing.sources, briefing.coverage.articles)
    yield from _made(briefing, notes, produced)
    if annex and briefing.queries:
        yield Heading("Annex: the SPARQL queries")
        for query in briefing.queries:
            yield Code(query.title, query.text)


def _summary(briefing: Briefing) -> Iterator[Block]:
    lines: list[Line] = []
    for standing in briefing.standings:
        if standing.reform is None:
            lines.append(words(wording.held(standing.sides, briefing.subjects[0].label)))
            lines += [_names(side, [holder.reform for holder in _all(side)]) for side in standing.sides]
        elif briefing.scope.subject is Subject.REFORM:
            lines.append(words(wording.tallied(standing.sides, standing.reform.label)))
            lines += [_names(side, [holder.actor for holder in _all(side)]) for side in standing.sides]
            lines += [words(sentence) for sentence in wording.grounds(standing.grounds, by="actor")]
        elif briefing.scope.subject is not Subject.COMPARISON:
            lines.append(words(wording.tallied(standing.sides, standing.reform.label)))
    if briefing.scope.subject is Subject.COMPARISON:
        most = ALLOWANCES[briefing.scope.length].names
        lines += [words(sentence) for sentence in wording.compared(briefing.compared, most=most)]
    if briefing.scope.subject is Subject.REFORM:
        lines += [words(wording.cautioned(warning)) for each in briefing.standings for warning in each.warnings]
    lines += [words(wording.refused(refusal)) for refusal in briefing.refused]
    yield Bullets(tuple(lines))


def _names(side: BriefedSide, things: Sequence[Named]) -> Line:
    return (
        Text(f"{SIDE_TITLE[side.stance]}: ", strong=True),
        Text(f"{wording.named([thing.label for thing in things], more=side.more)}."),
    )


def _overview(briefing: Briefing) -> Iterator[Block]:
    """Yield a table with a row for each reform, and a column for each compared member or each side."""
    if briefing.scope.subject is Subject.COMPARISON:
        header = ("Reform", *(actor.label for actor in briefing.subjects))
        rows = []
        for standing in briefing.standings:
            holders = {holder.actor.id: holder for side in standing.sides for holder in _all(side)}
            cells = (_stance(holders.get(actor.id)) for actor in briefing.subjects)
            rows.append((words(standing.reform.label if standing.reform else ""), *cells))
        yield Table("Positions by reform", header, tuple(rows))
        return
    header = ("Reform", *SIDE_TITLE.values())
    yield Table(
        "Number of actors on each side",
        header,
        tuple(
            (
                words(standing.reform.label if standing.reform else ""),
                *(words(f"{standing.side(stance).count:,}") for stance in SIDE_TITLE),
            )
            for standing in briefing.standings
        ),
    )


def _stance(holder: Holder | None) -> Line:
    if holder is None:
        return words("no statement")
    return (Text(f"{SIDE[holder.stance]} ({split(holder.counts)})"), *_references(holder.passages))


def _standing(
    briefing: Briefing, standing: ReformFindings, notes: dict[int, Footnote], *, level: int
) -> Iterator[Block]:
    by_reform = standing.reform is None
    for side in standing.sides:
        yield Heading(SIDE_TITLE[side.stance], level)
        for holder in side.holders:
            yield Paragraph(
                (
                    Text(holder.actor.label, strong=True),
                    Text(f" {wording.stands(holder, holder.reform.label)} ({wording.evidence(holder)})."),
                )
            )
            for number in holder.passages:
                note = notes[number]
                yield Quotation(note.quote, wording.attributed(note), number)
        if side.others:
            names = [(holder.reform if by_reform else holder.actor).label for holder in side.others]
            quoted = "Also, without a passage here" if side.holders else "Without a passage here"
            yield Paragraph(words(f"{quoted}: {wording.named(names, more=side.more)}."))
    yield from _grounds(briefing, standing, level=level)


def _grounds(briefing: Briefing, standing: ReformFindings, *, level: int) -> Iterator[Block]:
    told = list(_ground_blocks(briefing, standing))
    if told and briefing.scope.length is not Length.ONE_PAGE:
        both = [name for name, found in (("Grounds", standing.grounds), ("conditions", standing.conditions)) if found]
        yield Heading(capital(listed(both)), level)
    yield from told


def _ground_blocks(briefing: Briefing, standing: ReformFindings) -> Iterator[Block]:
    by = "reform" if standing.reform is None else "actor"
    if standing.grounds and ALLOWANCES[briefing.scope.length].details:
        stances = [s for s in SIDE_TITLE if any(s in ground.holders for ground in standing.grounds)]
        yield Table(
            "Which ground is given on which reform, by the side taken"
            if by == "reform"
            else "Who gives which ground, by side",
            ("Ground", *(SIDE_TITLE[stance] for stance in stances), "Passages"),
            tuple(_ground(ground, stances) for ground in standing.grounds),
        )
    elif standing.grounds and briefing.scope.subject is not Subject.REFORM:
        yield Bullets(tuple(words(sentence) for sentence in wording.grounds(standing.grounds, by=by)))
    if standing.conditions:
        yield Paragraph(words("Conditions, in their own words:"))
        yield Bullets(
            tuple(
                (
                    Text(f"{condition.actor.label}: “{condition.words}”"),
                    Reference(condition.passage),
                )
                for condition in standing.conditions
            )
        )


def _ground(ground: GroundFinding, stances: Iterable[Stance]) -> tuple[Line, ...]:
    cells = (_named(ground.holders.get(stance, ())) for stance in stances)
    return (words(ground.concern.label), *cells, _references(ground.passages[:IN_A_CELL]))


def _named(actors: Sequence[Named]) -> Line:
    names = [actor.label for actor in actors[:IN_A_CELL]]
    return words(wording.named(names, more=len(actors) - len(names)) or "–")


def _references(numbers: Iterable[int]) -> Line:
    line: list[Inline] = []
    for number in numbers:
        if line:
            line.append(Text(" "))
        line.append(Reference(number))
    return tuple(line)


def _silence(briefing: Briefing) -> Iterator[Block]:
    told = wording.silence(briefing.silent, briefing.silent_count, briefing.unheard)
    if told and briefing.scope.subject in (Subject.REFORM, Subject.REFORMS):
        yield Heading("Who has said nothing")
        yield Paragraph(words(" ".join(told)))


def _changes(briefing: Briefing) -> Iterator[Block]:
    scope = briefing.scope
    if not briefing.shifts and not scope.changed_since:
        return
    yield Heading(f"What has changed since {date(scope.changed_since)}" if scope.changed_since else "What has changed")
    if not briefing.shifts:
        yield Paragraph(words("No actor has changed position, and none speaks for the first time."))
        return
    if briefing.more_shifts:
        yield Paragraph(words(f"The newest {count(len(briefing.shifts), 'change')}:"))
    yield Bullets(
        tuple((Text(shift.actor.label, strong=True), Text(f" {wording.changed(shift)}.")) for shift in briefing.shifts)
    )


def _agreement(briefing: Briefing, picture: Picture | None) -> Iterator[Block]:
    if not briefing.agreements and picture is None:
        return
    yield Heading("Who agrees with whom")
    if picture is not None:
        yield picture
    if briefing.agreements:
        labels = briefing.names
        yield Table(
            "Pairs of actors: on how many reforms they agree, and on how many they take opposite sides",
            ("Actor", "Actor", "Agree", "Differ"),
            tuple(
                (
                    words(labels.get(pair.a, pair.a)),
                    words(labels.get(pair.b, pair.b)),
                    words(f"{len(pair.agree):,}"),
                    words(f"{len(pair.conflict):,}"),
                )
                for pair in briefing.agreements[:PAIRS]
            ),
        )


def _sources(sources: Sequence[Article], number: int) -> Iterator[Block]:
    if not sources:
        return
    yield Heading("Articles")
    yield Table(
        "Articles on this, oldest first"
        + (f": the newest {len(sources):,} of {number:,}" if number > len(sources) else ""),
        ("Date", "Title", "Publisher"),
        tuple(
            (
                words(date(article.date)),
                (Text(article.title or article.id, href=_web(article.url)),),
                words(article.publisher or "not named"),
            )
            for article in sources
        ),
    )


def _made(briefing: Briefing, notes: Mapping[int, Footnote], produced: str) -> Iterator[Block]:
    yield Heading("How this was made")
    told = wording.made(produced, briefing.build, briefing.version)
    if notes:
        told += (
            " Every number counts statements, articles or actors. Each quotation has been checked, letter for letter, "
            "against the stored text of its article. The strongest passages come first: checked ones, then the most "
            "certain, then direct quotations; each actor once before any actor twice, and never two from one press "
            "release on one side. An actor who worries or warns “has reservations”; only one who says so plainly "
            f"“opposes” or “supports”. {wording.checked(tuple(notes.values()))} "
            f"{wording.read_by(tuple(notes.values()))}"
        ).rstrip()
    yield Paragraph(words(told))
    if briefing.machine is not None:
        yield Paragraph(tuple(_accuracy(briefing, briefing.machine)))


def _accuracy(briefing: Briefing, machine: Share) -> Iterator[Inline]:
    yield Text(wording.machine_right(machine.right, machine.found))
    if briefing.accuracy_at:
        yield Text(" ")
        yield Text(briefing.accuracy_at, href=_web(briefing.accuracy_at))


def _note(note: Footnote, *, details: bool) -> Note:
    line: list[Inline] = [Text(note.actor.label, strong=True)]
    who = ", ".join(part for part in (note.speaker, note.office) if part)
    line.append(Text(f" ({who}), {wording.MANNERS[note.manner]}. " if who else f", {wording.MANNERS[note.manner]}. "))
    line.append(Text(f"“{note.title or note.article}”", href=_web(note.url)))
    line.append(Text("".join(f", {part}" for part in (note.publisher, date(note.date)) if part) + ". Statement "))
    line.append(Text(note.address, href=_web(note.address)))
    review = wording.REVIEWS.get(note.review, note.review)
    line.append(Text(f", {review}." if note.review in CONFIRMED else f", {STANDING[note.standing]}: {review}."))
    if details:
        place = f"Characters {note.proof.start:,} to {note.proof.end:,}"
        digest = note.proof.passage_sha256[:DIGEST_SHOWN]
        sure = certainty(note.confidence, calibrated=note.calibrated)
        line.append(Text(f" {place}, confidence {sure}, SHA-256 {digest}…"))
        if note.reader:
            line.append(Text(f" Read by {note.reader}."))
    return Note(number=note.number, line=tuple(line), sha256=note.proof.passage_sha256)


def _web(address: str) -> str:
    """Return the address if it is a web address. Its table may come from anyone, so it cannot be trusted."""
    return address if address.lower().startswith(("http://", "https://")) else ""


def _all(side: BriefedSide) -> list[Holder]:
    return [*side.holders, *side.others]
