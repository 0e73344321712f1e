"""Turn a comparison of actors into a document: each shared reform with the words of both, side by side in order."""

import hashlib
from collections.abc import Iterator

from api.forms.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Inline,
    Note,
    Paragraph,
    Quotation,
    Reference,
    Table,
    Text,
    words,
)
from api.forms.wording import MANNERS
from api.showing.labels import comparison_sentences, stand_words, standing_words
from api.showing.wording import ACCORD_TITLE, SIDE, compared, count, counted, date, does, listed
from graph.profiles import ComparisonProfile, ComparisonRow, MetCondition, Stand
from graph.reading.catalogue import Evidence


def comparison_document(profile: ComparisonProfile, *, statements_at: str) -> Document:
    """Return the document of a comparison; `statements_at` is the address that the id of a statement follows."""
    notes = _Notes(statements_at)
    blocks = tuple(_blocks(profile, notes))
    return Document(
        title=f"{listed([each.label for each in profile.actors])} compared, in their own words",
        blocks=blocks,
        notes=tuple(notes.made.values()),
        notes_title="Passages",
        date=max((of.date for of in notes.cited), default=""),
        keywords=tuple(each.label for each in profile.actors),
    )


class _Notes:
    """Footnotes in the order in which they are first asked for."""

    def __init__(self, statements_at: str) -> None:
        self.statements_at = statements_at
        self.made: dict[str, Note] = {}
        self.cited: list[Evidence] = []

    def number(self, of: Evidence) -> int:
        if of.id not in self.made:
            self.cited.append(of)
            digest = hashlib.sha256(of.quote.encode("utf-8", "surrogatepass")).hexdigest()
            self.made[of.id] = Note(number=len(self.made) + 1, line=self._line(of), sha256=digest)
        return self.made[of.id].number

    def _line(self, of: Evidence) -> tuple[Inline, ...]:
        speaker = f" ({of.speaker})" if of.speaker else ""
        source = "".join(f", {part}" for part in (of.publisher, date(of.date)) if part)
        address = f"{self.statements_at}{of.id}"
        return (
            Text(of.actor_label, strong=True),
            Text(f"{speaker}, {MANNERS[of.manner]}. "),
            Text(f"“{of.title or of.article}”", href=_web(of.url)),
            Text(f"{source}. Statement "),
            Text(address, href=_web(address)),
            Text(f", {standing_words(of)}."),
        )


def _blocks(profile: ComparisonProfile, notes: _Notes) -> Iterator[Block]:
    yield Paragraph(words(f"{compared(profile.counts)}. {counted(profile.standing)}"))
    sentences = comparison_sentences(profile)
    if sentences:
        yield Bullets(tuple(words(sentence) for sentence in sentences))
    for accord, title in ACCORD_TITLE.items():
        rows = [row for row in profile.shared if row.verdict is accord]
        if rows:
            yield Heading(f"{title}: {count(len(rows), 'reform')}")
        for row in rows:
            yield from _row(row, notes)
    if profile.met_conditions:
        yield Heading("Conditions that name what another already supports")
        yield Bullets(tuple(_met(each, notes) for each in profile.met_conditions))
    if profile.alone:
        yield Heading("Only one has spoken")
        yield _alone(profile)


def _row(row: ComparisonRow, notes: _Notes) -> Iterator[Block]:
    yield Heading(row.reform.label, 3)
    if row.shared_grounds:
        yield Paragraph(words(f"Shared grounds: {listed([each.label for each in row.shared_grounds])}."))
    for stand in row.stands:
        if stand is not None:
            yield from _stand(stand, notes)


def _stand(stand: Stand, notes: _Notes) -> Iterator[Block]:
    held = stand.position
    plural = any(each.plural for each in stand.evidence)
    told = f" {does(stand.degree, held.reform_label, plural=plural)} ({stand_words(stand)})."
    if stand.concern_labels:
        told += f" Grounds: {listed(stand.concern_labels)}."
    yield Paragraph((Text(held.actor_label, strong=True), Text(told)))
    if held.conditions:
        yield Bullets(tuple(words(f"On condition: “{condition}”") for condition in held.conditions))
    for each in stand.evidence:
        who = each.speaker or each.actor_label
        yield Quotation(each.quote, f"{who}, {date(each.date)}" if each.date else who, notes.number(each))


def _met(each: MetCondition, notes: _Notes) -> tuple[Inline, ...]:
    return (
        Text(f"{each.actor.label} on {each.reform.label}: “{each.condition.condition}”"),
        Reference(notes.number(each.condition)),
        Text(f" This names {each.supported.label}, which {each.supporter.label} supports."),
        Reference(notes.number(each.support)),
    )


def _alone(profile: ComparisonProfile) -> Table:
    return Table(
        "Reforms on which only one of them has spoken; no statement does not mean neutral",
        ("Reform", *(each.label for each in profile.actors)),
        tuple(
            (
                words(row.reform.label),
                *(
                    words(f"{SIDE[side.stance]}, {count(side.statements, 'statement')}" if side else "no statement")
                    for side in row.sides
                ),
            )
            for row in profile.alone
        ),
    )


def _web(address: str) -> str:
    """Return the address if it is a web address. Its table may come from anyone, so it cannot be trusted."""
    return address if address.lower().startswith(("http://", "https://")) else ""
