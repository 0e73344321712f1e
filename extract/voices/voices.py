"""Assign the unattributed rest: sections under an actor's heading, own documents, plans and readers' comments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from spacy.tokens import Doc, Span, Token

from extract.lexicon import grammar, lemmas_at, table, words, words_at
from extract.marking.quotations import QUOTATIONS
from extract.marking.sections import PARAGRAPHS
from extract.voices.attribution import Attribution
from extract.voices.frames import lexicon
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from graph.model import ActorKind, Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A sentence, as tokens, in an actor's voice although it attributes nothing."""

    start: int
    end: int
    manner: Manner
    speaker: Speaker | None
    cue: tuple[int, int] | None = None


@cache
def _plans() -> dict[str, frozenset[str]]:
    return {name: words(text) for name, text in table("sections")["plans"].items()}


@cache
def _headings() -> dict[str, Any]:
    data = table("sections")["headings"]
    return {
        "views": re.compile(data["views"], re.IGNORECASE),
        "sayings": re.compile(data["sayings"], re.IGNORECASE),
        "own": frozenset(data["own"]),
    }


class Voices:
    """Finds the voice of each sentence in one article."""

    def __init__(
        self, cast: Cast, known: Sequence[tuple[Attribution, Speaker | None]], *, until: int | None = None
    ) -> None:
        self.cast = cast
        self.known = known
        self.doc: Doc = cast.doc
        self.until = until
        """Token at which a transcript begins; its turns have speakers of their own."""
        self.taken = [False] * len(self.doc)
        """Attributed tokens, with their verb and speaker."""
        self.by_voice: set[int] = set()
        """Cues that attribute words to the article's own voice."""
        self.retold: set[int] = set()
        """Main verbs with which an own document reports what others say."""
        for attribution, speaker in known:
            for start, end in (*attribution.pieces, attribution.cue or (0, 0), attribution.mention or (0, 0)):
                self.taken[start:end] = [True] * (end - start)
            if speaker is not None and cast.voice is not None and attribution.cue:
                if speaker.actor == cast.voice.actor:
                    self.by_voice.add(attribution.cue[0])
                elif self.retells(attribution, speaker):
                    self.retold.add(attribution.cue[0])
        self.quoted = [False] * len(self.doc)
        for quote in self.doc.spans.get(QUOTATIONS, ()):
            if len(quote) > 4:
                self.quoted[quote.start : quote.end] = [True] * len(quote)
        self.paragraphs = list(self.doc.spans.get(PARAGRAPHS, ()))

    def voices(self) -> Iterator[Voice]:
        """Return every sentence that has a voice by its position or its content."""
        views = [self.viewer(p) if p.label_ == "heading" else None for p in self.paragraphs]
        comments = self.comments()
        voice: Speaker | None = None
        # A single such heading marks a section; several separate views from descriptions of another actor's plans.
        own = self.cast.voice if sum(view is not None for view in views) < 2 else None
        for number, paragraph in enumerate(self.paragraphs):
            if self.until is not None and paragraph.end > self.until:
                return
            if paragraph.label_ == "heading":
                voice = views[number]
                continue
            if comments is not None and number >= comments[0]:
                yield from self.sentences(paragraph, Manner.OWN, comments[1])
            elif voice is not None or own is not None:
                yield from self.sentences(paragraph, Manner.OWN, voice or own)
                if own is not None:
                    yield from self.told_of(paragraph, own)
            elif (introduced := self.introduced(number)) is not None:
                yield from self.sentences(paragraph, Manner.REPORTED, introduced)
            else:
                yield from self.planned(paragraph, number, document=self.cast.voice is not None)

    def introduced(self, number: int) -> Speaker | None:
        """Return the speaker of a paragraph that a line with a colon introduces, if a list or unquoted 'we' follows."""
        paragraph = self.paragraphs[number]
        first = number
        goes_on = self.in_list if paragraph.label_ == "bullet" else self.in_first_person
        while first >= 0 and goes_on(self.paragraphs[first]):
            first -= 1
        if first < 0 or first == number or self.quoted[paragraph.start]:
            return None
        before = self.paragraphs[first]
        if before[-1].text != ":":
            return None
        said = [
            speaker
            for attribution, speaker in self.known
            if attribution.cue is not None and before.start <= attribution.cue[0] < before.end
        ]
        return said[-1] if said else self.announced(before)

    def in_list(self, paragraph: Span) -> bool:
        """Return whether a paragraph is an item of a list."""
        return paragraph.label_ == "bullet"

    def in_first_person(self, paragraph: Span) -> bool:
        """Return whether a paragraph says 'we' or 'I' outside quotations and does not introduce another speaker."""
        own = any(roles().pronouns.get(t.lower_) == "own" and not self.quoted[t.i] for t in paragraph)
        return own and paragraph[-1].text != ":"

    def announced(self, line: Span) -> Speaker | None:
        """Return who speaks below a line such as 'Ada Quill, chair of the Riders' Union, said:'."""
        verbs = lexicon().verbs
        for token in reversed(list(line)):
            if token.pos_ == "VERB" and "quote" in verbs.get(token.lemma_, ()):
                subject = next((c for c in token.children if c.dep_ == "nsubj"), None)
                if subject is None:
                    return None
                return self.cast.resolve((subject.left_edge.i, subject.right_edge.i + 1), subject.i)
        return None

    def viewer(self, heading: Span) -> Speaker | None:
        """Return the actor whose view a heading announces."""
        text = heading.text.strip()
        patterns = _headings()
        match = patterns["sayings"].search(text)
        named = match[1] if match else text if patterns["views"].search(text) else None
        if named is None:
            return None
        if named.split()[0].lower() in patterns["own"]:
            return self.cast.voice
        hits = list(self.cast.names.find(named))
        if hits:
            return self.cast.listed(hits[-1].actor)
        name = patterns["views"].sub("", named).strip().removesuffix("’s").removesuffix("'s")
        short = self.cast.by_short_name(name, len(self.doc))
        if short is not None:
            return short
        if not name[:1].isupper() or len(name.split()) < 2:
            return None
        return self.cast.unlisted(name, ActorKind.ORGANISATION)

    def sentences(self, paragraph: Span, manner: Manner, speaker: Speaker | None) -> Iterator[Voice]:
        for sentence in sentences(self.doc, paragraph):
            told = any(i in self.by_voice for i in range(sentence.start, sentence.end)) or self.tells_of_others(
                sentence
            )
            if not told:
                yield Voice(start=sentence.start, end=sentence.end, manner=manner, speaker=speaker)

    def told_of(self, paragraph: Span, teller: Speaker) -> Iterator[Voice]:
        """Return sentences of an own document that describe the government's plans: they are also the government's."""
        government = self.cast.government()
        if government is None or teller.actor == government.actor:
            return
        for sentence in sentences(self.doc, paragraph):
            cue = next((t for t in sentence if not self.quoted[t.i] and self.told(t, government)), None)
            if cue is not None:
                place = (cue.i, cue.i + 1)
                yield Voice(start=sentence.start, end=sentence.end, manner=Manner.PLAN, speaker=government, cue=place)

    def told(self, token: Token, government: Speaker) -> bool:
        """Return whether a word shows the government announcing or carrying out a plan, or states what a plan does."""
        plans = _plans()
        if token.pos_ == "VERB":
            return self.at_work(token) or (token.lemma_ in plans["verbs"] and self.does(token, government))
        if token.pos_ not in ("NOUN", "PROPN") or token.lemma_.lower() not in plans["nouns"]:
            return False
        if token.dep_ != "nsubj" or token.head.dep_ != "ROOT" or token.head.lemma_ not in plans["does"]:
            return False
        owner = self.owner_of(token)
        return owner is None or owner.actor == government.actor

    def does(self, verb: Token, actor: Speaker) -> bool:
        """Return whether the subject of a verb names this actor."""
        subject = next((c for c in verb.children if c.dep_ == "nsubj"), None)
        if subject is None or subject.pos_ == "PRON":
            return False
        found = self.cast.resolve((subject.left_edge.i, subject.right_edge.i + 1), subject.i)
        return found is not None and found.actor == actor.actor

    def retells(self, attribution: Attribution, speaker: Speaker) -> bool:
        """Return whether an attribution is a sentence's main verb with people as subject: not 'the plan says'."""
        if attribution.cue is None or attribution.holder is None or not (speaker.listed or speaker.person is None):
            return False
        government = self.cast.government()
        if government is not None and speaker.actor == government.actor:
            # The document restates the government's announcement in order to judge it.
            return False
        verb, holder = self.doc[attribution.cue[0]], self.doc[attribution.holder]
        things = roles().documents | _plans()["nouns"]
        return (
            verb.dep_ == "ROOT"
            and holder.lemma_.lower() not in things
            and not any(c.tag_ == "MD" or c.dep_ == "mark" for c in verb.children)
        )

    def tells_of_others(self, sentence: Span) -> bool:
        """Return whether a sentence only reports what others say, without a word in the author's own voice."""
        return any(i in self.retold for i in range(sentence.start, sentence.end)) and not any(
            roles().pronouns.get(t.lower_) == "own" and not self.quoted[t.i] for t in sentence
        )

    def comments(self) -> tuple[int, Speaker] | None:
        """Return the paragraph at which readers' comments begin, and the readers as a speaker."""
        if self.cast.voice is not None or self.until is not None:
            return None
        data = table("sections")["comments"]
        pronouns = words(data["pronouns"])
        spoken = [i for i in words_at(self.doc, pronouns) if not self.quoted[i]]
        if len(spoken) < data["at_least"]:
            return None
        personal = [
            n
            for n, paragraph in enumerate(self.paragraphs)
            if any(paragraph.start <= i < paragraph.end for i in spoken)
        ]
        if len(personal) < data["at_least"]:
            return None
        first = personal[0]
        if first < 3:
            # The first person here is the author's, not the readers'.
            return None
        if len(personal) * 2 < len(self.paragraphs) - first:
            return None
        # The comments begin after the last attributed paragraph.
        while (
            first > 0
            and not any(self.quoted[t.i] for t in self.paragraphs[first - 1])
            and not any(
                i < self.paragraphs[first - 1].end and i >= self.paragraphs[first - 1].start
                for i, _ in self.cast.history
            )
        ):
            first -= 1
        speaker = self.cast.unlisted(data["label"], ActorKind.GROUP)
        return (first, speaker) if speaker is not None else None

    # ---- plans

    def planned(self, paragraph: Span, number: int, *, document: bool) -> Iterator[Voice]:
        """Return sentences that state an actor's plans, and the items in lists of plans."""
        plans = _plans()
        listed = paragraph.label_ == "bullet" and (document or self.lead_in(number))
        for sentence in sentences(self.doc, paragraph):
            free = sum(not self.taken[t.i] and not self.quoted[t.i] for t in sentence)
            if free < 0.6 * len(sentence) or len(sentence) < 4:
                continue
            if document and any(roles().pronouns.get(t.lower_) == "own" and not self.quoted[t.i] for t in sentence):
                if not any(i in self.by_voice for i in range(sentence.start, sentence.end)):
                    yield Voice(start=sentence.start, end=sentence.end, manner=Manner.OWN, speaker=self.cast.voice)
                continue
            cue = self.plan_cue(sentence)
            if cue is None and not listed and not document:
                continue
            if cue is not None and any(t.lower_ in plans["unless"] for t in self.doc[sentence.start : cue.i]):
                continue
            for speaker in self.proposers(sentence, cue):
                yield Voice(
                    start=sentence.start,
                    end=sentence.end,
                    manner=Manner.PLAN,
                    speaker=speaker,
                    cue=(cue.i, cue.i + 1) if cue is not None else None,
                )

    def proposers(self, sentence: Span, cue: Token | None) -> Iterator[Speaker | None]:
        """Return the owners of a plan: all actors who announce it together, otherwise the only proposer."""
        if cue is not None and cue.lemma_ in _plans()["verbs"]:
            subject = next((c for c in cue.children if c.dep_ == "nsubj"), None)
            agent = next((c for c in cue.children if c.dep_ == "agent"), None)
            if agent is not None:
                subject = next((c for c in agent.children if c.dep_ == "pobj"), None)
            if subject is not None:
                mention = (subject.left_edge.i, subject.right_edge.i + 1)
                first = self.cast.resolve(mention, subject.i)
                if first is not None:
                    yield first
                    yield from (speaker for _, speaker in self.cast.others(mention, subject.i))
                    return
        yield self.proposer(sentence)

    def plan_cue(self, sentence: Span) -> Token | None:
        """Return the word that makes a sentence a plan: a modal of its main verb, or a plan that does something."""
        plans = _plans()
        for token in sentence:
            if (
                token.dep_ in ("aux",)
                and token.lower_ in plans["modals"]
                and token.head.dep_ in ("ROOT", "conj", "ccomp")
            ):
                return token
            if token.lemma_.lower() in plans["nouns"] and token.pos_ in ("NOUN", "PROPN"):
                # 'the plan includes', 'key features of the plan include'
                whole = token.head.head if token.dep_ == "pobj" and token.head.lower_ == "of" else token
                if whole.dep_ in ("nsubj", "nsubjpass") and (
                    whole.head.lemma_ in plans["does"] or (whole.head.lemma_ == "be" and whole.i == token.i)
                ):
                    return token
                if (
                    token.dep_ == "pobj"
                    and token.head.lower_ in grammar("by_plans")
                    and token.head.i <= sentence.start + 3
                ):
                    return token
            made_known = token.lemma_ in plans["verbs"] and token.pos_ == "VERB" and token.dep_ in ("ROOT", "conj")
            # 'has drawn up proposals'
            if made_known and any(
                c.dep_ in ("dobj", "nsubjpass") and c.lemma_.lower() in plans["nouns"] for c in token.children
            ):
                return token
        root = sentence.root
        if self.at_work(root):
            return root
        # 'fares are to rise', 'the card is being introduced'
        for child in root.children:
            if root.lemma_ == "be" and child.dep_ == "xcomp" and any(c.lower_ == "to" for c in child.children):
                return root
            if child.dep_ == "auxpass" and child.lower_ == "being":
                return child
        return None

    def at_work(self, verb: Token) -> bool:
        """Return whether the government is said to act: 'is expanding the scheme', 'has dropped the rule'."""
        aux = {c.lemma_ for c in verb.children if c.dep_ == "aux"}
        if not (
            (verb.tag_ == "VBG" and "be" in aux)
            or (verb.tag_ == "VBN" and "have" in aux)
            or verb.lemma_ in _plans()["intends"]
        ):
            return False
        government = self.cast.government()
        return (
            any(c.dep_ in ("dobj", "xcomp") for c in verb.children)
            and government is not None
            and not any(c.dep_ == "nsubj" and c.lemma_.lower() in _plans()["nouns"] for c in verb.children)
            and self.does(verb, government)
        )

    def lead_in(self, number: int) -> bool:
        """Return whether the list that contains a paragraph follows a line about plans."""
        plans = _plans()
        while number > 0 and self.paragraphs[number].label_ == "bullet":
            number -= 1
        before = self.paragraphs[number]
        return any(t.lemma_ in plans["nouns"] or t.lemma_ in plans["verbs"] for t in before)

    def proposer(self, sentence: Span) -> Speaker | None:
        """Return a plan's owner: the one named in the sentence, else that of the last plan, else the government."""
        inside = self.owner(sentence.start, sentence.end)
        if inside is not None:
            return inside
        if self.cast.voice is not None and (government := self.cast.government()) is not None:
            return government
        for owner_at, found in reversed(self.owners):
            if owner_at < sentence.start:
                return found
        if self.cast.domain.government:
            return self.cast.government()
        return None

    @cached_property
    def owners(self) -> list[tuple[int, Speaker]]:
        """Return where the article names the owner of a plan: token and owner, in text order."""
        plans = _plans()
        owners = []
        for i in lemmas_at(self.doc, plans["nouns"] | plans["verbs"]):
            token = self.doc[i]
            if token.lemma_ in plans["nouns"] and token.pos_ in ("NOUN", "PROPN") and not self.quoted[i]:
                found = self.owner_of(token)
            elif token.lemma_ in plans["verbs"] and token.pos_ == "VERB" and not self.quoted[i]:
                found = self.announcer(token)
            else:
                continue
            if found is not None and found.listed and found.kind is not ActorKind.GROUP:
                owners.append((i, found))
        return owners

    def owner(self, start: int, end: int) -> Speaker | None:
        """Return the owner of the plan in a stretch. Actors in no table mostly carry plans out or report them."""
        found = self._owner(start, end)
        return found if found is not None and found.listed and found.kind is not ActorKind.GROUP else None

    def _owner(self, start: int, end: int) -> Speaker | None:
        plans = _plans()
        for token in self.doc[start:end]:
            if self.quoted[token.i]:
                continue
            if token.lemma_ in plans["nouns"]:
                found = self.owner_of(token)
                if found is not None:
                    return found
            if token.pos_ == "VERB" and token.lemma_ in plans["verbs"]:
                found = self.announcer(token)
                if found is not None:
                    return found
        subject = next((t for t in self.doc[start:end] if t.dep_ == "nsubj" and t.head.dep_ == "ROOT"), None)
        if subject is not None and subject.pos_ in ("PROPN", "NOUN") and not self.obliged(subject.head):
            found = self.cast.by_name(subject, subject.left_edge.i, subject.right_edge.i + 1)
            if found is not None and found.kind is not ActorKind.GROUP:
                return found
        return None

    def obliged(self, verb: Token) -> bool:
        """Return whether a plan gives its subject a duty or a benefit: 'operators will have to', 'are to get'."""
        for token in (verb, *(c for c in verb.children if c.dep_ in ("xcomp", "acomp"))):
            if token.lemma_ in _plans()["receives"] and any(c.dep_ in ("xcomp", "dobj") for c in token.children):
                return True
        return False

    def owner_of(self, noun: Token) -> Speaker | None:
        """Return the owner of the plan that a noun means: 'the council's plan', 'council plans', 'plans by them'."""
        for child in noun.children:
            if child.dep_ in ("poss", "compound", "amod", "nmod"):
                kind = roles().pronouns.get(child.lower_)
                if child.dep_ == "poss" and kind is not None:
                    return self.cast.by_pronoun(kind, child.i)
                start = child.left_edge.i
                found = self.cast.by_person(child, start, child.i + 1) or self.cast.by_name(child, start, child.i + 1)
                if found is None and child.dep_ == "poss" and child.pos_ in ("PROPN", "NOUN"):
                    found = self.cast.resolve((start, child.i + 1), child.i)
                if found is not None:
                    return found
            if child.dep_ == "prep" and child.lower_ in grammar("owners"):
                inner = next((c for c in child.children if c.dep_ == "pobj"), None)
                if inner is not None:
                    found = self.cast.by_person(inner, inner.left_edge.i, inner.i + 1) or self.cast.by_name(
                        inner, inner.left_edge.i, inner.i + 1
                    )
                    if found is not None and found.kind is not ActorKind.GROUP:
                        return found
            if child.dep_ == "acl":
                found = self.announcer(child)
                if found is not None:
                    return found
        return None

    def announcer(self, verb: Token) -> Speaker | None:
        """Return who announces a plan, if the verb is about a plan."""
        plans = _plans()
        agent = next((c for c in verb.children if c.dep_ == "agent"), None)
        passive = verb.tag_ == "VBN" and verb.dep_ == "acl"
        passive = passive or any(c.dep_ == "nsubjpass" for c in verb.children)
        owner = next((c for c in agent.children if c.dep_ == "pobj"), None) if agent is not None else None
        if owner is None and not passive:
            things = [c for c in verb.children if c.dep_ in ("dobj", "ccomp", "xcomp", "prep")]
            if not any(c.lemma_ in plans["nouns"] or c.dep_ in ("xcomp", "ccomp") for c in things):
                return None
            owner = next((c for c in verb.children if c.dep_ == "nsubj"), None)
        if owner is None:
            return None
        return self.cast.resolve((owner.left_edge.i, owner.right_edge.i + 1), owner.i)


def sentences(doc: Doc, paragraph: Span) -> Iterator[Span]:
    """Return the sentences of a paragraph, without a bullet's mark or trailing white space."""
    start = paragraph.start
    for i in range(paragraph.start, paragraph.end):
        last = i + 1 == paragraph.end
        if last or (doc[i + 1].is_sent_start and i > paragraph.start + 1):
            low, high = start, i + 1
            while low < high and (
                doc[low].is_space or (doc[low].is_punct and low == paragraph.start and doc[low].text not in "\"“'‘")
            ):
                low += 1
            while high > low and doc[high - 1].is_space:
                high -= 1
            if low < high:
                yield doc[low:high]
            start = i + 1
