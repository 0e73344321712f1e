"""Docs built by hand, a word at a time: rules are tested without a model."""

from collections.abc import Sequence

import spacy
from spacy.tokens import Doc, Span

from extract.marking.quotations import quotations
from extract.marking.sections import paragraphs

VOCAB = spacy.blank("en").vocab
NO_SPACE_BEFORE = frozenset(",.:;!?)”’")
NO_SPACE_AFTER = frozenset("(“‘")


def parsed(*sentences: str, entities: Sequence[tuple[int, int, str]] = ()) -> Doc:
    """A Doc of sentences written as `word|lemma|POS|dep|head`, heads counted in the sentence from 0.

    A finer tag may follow, for rules that ask for one: `said|say|VERB|ROOT|1|VBD`.
    A word that is its own lemma may leave the lemma empty; `\\n\\n` is written `¶`.
    """
    words: list[str] = []
    lemmas: list[str] = []
    pos: list[str] = []
    deps: list[str] = []
    heads: list[int] = []
    starts: list[bool | int | None] = []
    fine: list[str] = []
    for sentence in sentences:
        base = len(words)
        for number, token in enumerate(sentence.split()):
            word, lemma, tag, dep, head, *finer = token.split("|")
            fine.append("".join(finer))
            words.append("\n\n" if word == "¶" else word)
            lemmas.append(lemma or word)
            pos.append(tag)
            deps.append(dep)
            heads.append(base + int(head))
            starts.append(number == 0)
    quoted = 0
    spaces = []
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        closing = following == '"' and (quoted + (word == '"')) % 2 == 1
        opening = word == '"' and quoted % 2 == 0
        quoted += word == '"'
        tight = following[:1] in NO_SPACE_BEFORE or following in ("'s", "’s", "\n\n")
        tight = tight or word in NO_SPACE_AFTER or closing or opening or word == "\n\n"
        spaces.append(bool(following) and not tight)
    doc = Doc(
        VOCAB,
        words=words,
        spaces=spaces,
        lemmas=lemmas,
        pos=pos,
        tags=fine,
        deps=deps,
        heads=heads,
        sent_starts=starts,
    )
    doc.set_ents([Span(doc, start, end, label) for start, end, label in entities])
    return marked(doc)


def marked(doc: Doc) -> Doc:
    """Return the Doc with its paragraphs and quotations marked and its sentences unchanged."""
    bare = Doc(VOCAB, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
    for key, spans in quotations(paragraphs(bare)).spans.items():
        doc.spans[key] = [Span(doc, span.start, span.end, span.label_) for span in spans]
    return doc
