"""Find attributed words: by verbs and nouns with their frames, by 'according to', and by quotation marks."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from spacy.tokens import Doc, Token

from extract.lexicon import lemmas_at, table, words, words_at
from extract.marking.quotations import QUOTATIONS
from extract.marking.sections import PARAGRAPHS

SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "expl"})
ACCORDING = frozenset({"according"})
DASHES = frozenset({"-", "–", "—", "―", "--", "~"})
LABEL = re.compile(
    r"""[ \t"“'‘]*(?:Q\d+\.?\s+)?(?P<who>
        (?P<title>(?:
            (?:Mr|Ms|Mrs|Dr|Sen|Rep|Gov|Gen|Prof)\.|Senator|Chairman|Chairwoman|Chair|Secretary|Representative|The
        )\ )?
        (?P<name>[A-Z][\w.'’-]*(?:\ (?:[A-Z][\w.'’-]*|of|de|van|the|and|\([^()\n]{1,40}\))){0,5})
        )(?:\s*:\s+|(?(title)\.\s+(?=[A-Z])|(?!)))(?=\S+\s+\S)""",
    re.VERBOSE,
)
ENDS = frozenset({".", "!", "?", ";"})
FRONT = frozenset({",", ";", ":", "-", "–", "—", "--", ".", ")", "]", "...", "…", " ", "\n", "\n\n"})
NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM", "DET", "ADJ", "X"})
MODIFIERS = frozenset({"DET", "ADJ", "NUM", "PROPN", "NOUN", "PRON", "ADV", "PART", "X", "SYM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The attributing verbs, adjectives and nouns, each with its frames, by lemma."""

    verbs: Mapping[str, frozenset[str]]
    phrasal: Mapping[tuple[str, str], frozenset[str]]
    minds: Mapping[str, frozenset[str]]
    nouns: Mapping[str, frozenset[str]]
    documents: frozenset[str]
    all: frozenset[str]
    """Every lemma that may attribute words."""
    with_particle: frozenset[str]
    views: frozenset[str]
    """Nouns that attribute in the way 'according to' does: 'in the view of'."""
    receiving: frozenset[str]
    giving: frozenset[str]
    received: frozenset[str]
    """Nouns for how a plan is received: 'met with approval', 'gave its backing'."""
    causes: frozenset[str]
    """Verbs that make another actor do something."""
    alone: frozenset[str]
    """Adjectives that state a side with nothing after them: 'was scathing'."""
    sides: frozenset[str]
    compound_sides: frozenset[str]
    favours: frozenset[str]
    """Nouns for the side that an actor takes after 'in': 'in favour'."""


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of attribution, read from `verbs.toml`."""
    data = table("verbs")

    def frames(section: str) -> dict[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for group in data[section]:
            for word in group["words"].split():
                found[word].update(group["frames"].split())
        return {word: frozenset(names) for word, names in found.items()}

    particles = frozenset(entry["verb"] for entry in data["phrasal"])
    return Lexicon(
        all=frozenset(
            {
                *frames("verbs"),
                *frames("minds"),
                *frames("nouns"),
                *particles,
                *words(data["according"]["views"]),
                *words(data["reception"]["receiving"]),
                *words(data["reception"]["giving"]),
                *words(data["sides"]["favours"]),
                "include",
                "be",
            }
        ),
        with_particle=particles,
        views=words(data["according"]["views"]),
        receiving=words(data["reception"]["receiving"]),
        giving=words(data["reception"]["giving"]),
        received=words(data["reception"]["nouns"]),
        causes=words(data["causes"]["words"]),
        verbs=frames("verbs"),
        phrasal={(entry["verb"], entry["particle"]): words(entry["frames"]) for entry in data["phrasal"]},
        minds=frames("minds"),
        nouns=frames("nouns"),
        documents=words(data["documents"]["words"]),
        alone=words(data["alone"]["words"]),
        sides=words(data["sides"]["plain"]),
        compound_sides=frozenset(data["sides"]["compound"]),
        favours=words(data["sides"]["favours"]),
    )


@dataclass(slots=True, kw_only=True)
class Attribution:
    """Attributed words and the mention of their speaker, as tokens of a Doc; ends are exclusive."""

    pieces: list[tuple[int, int]]
    cue: tuple[int, int] | None = None
    mention: tuple[int, int] | None = None
    holder: int | None = None
    """Head of the noun phrase that names the speaker: the mention's own head, or the antecedent of its 'who'."""
    frame: str = ""
    quoted: bool = False
    follows: "Attribution | None" = field(default=None, repr=False)
    """The attribution that these floating words continue."""
    below_heading: int | None = None
    """Number of the paragraph that the floating words begin, if a heading comes directly before it."""


def attributions(doc: Doc, *, transcript: bool = False) -> list[Attribution]:
    """Return all attributions that the journalist makes in a Doc, in text order.

    In a `transcript` the labels already give the speakers, so attributions by label are skipped.
    """
    return _Reading(doc).attributions(transcript=transcript)


class _Near:
    """An index of attributions by position, so that a search in a long text looks only at those nearby."""

    BLOCK = 64
    """Tokens in each block of the index."""

    def __init__(self, known: Iterable[Attribution]) -> None:
        self.numbers: dict[int, int] = {}
        self.blocks: defaultdict[int, dict[int, Attribution]] = defaultdict(dict)
        for attribution in known:
            self.add(attribution)

    def add(self, attribution: Attribution) -> Attribution:
        """Add an attribution, or index the new words of a known one."""
        number = self.numbers.setdefault(id(attribution), len(self.numbers))
        for start, end in attribution.pieces:
            for block in range(start // self.BLOCK, end // self.BLOCK + 1):
                self.blocks[block][number] = attribution
        return attribution

    def nested(self, attribution: Attribution) -> bool:
        """Return whether the speaker is mentioned within words that are attributed to another speaker."""
        mention = attribution.mention
        return mention is not None and any(
            other is not attribution and any(s <= mention[0] and mention[1] <= e for s, e in other.pieces)
            for other in self.blocks.get(mention[0] // self.BLOCK, {}).values()
        )

    def covering(self, start: int, end: int) -> Attribution | None:
        """Return the first attribution that covers at least 60% of these tokens, or None."""
        here = self.blocks.get((start + end) // 2 // self.BLOCK, {})
        for _, attribution in sorted(here.items(), key=lambda entry: entry[0]):
            if any(min(e, end) - max(s, start) >= 0.6 * (end - start) for s, e in attribution.pieces):
                return attribution
        return None


class _Reading:
    """One Doc while it is being read: the quotation and the paragraph of each token."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.lexicon = lexicon()
        self.quotes = [q for q in doc.spans.get(QUOTATIONS, ()) if q.label_ != "single" or len(q) > 6]
        self.quote_at = [-1] * len(doc)
        for number, quote in enumerate(self.quotes):
            self.quote_at[quote.start : quote.end] = [number] * len(quote)
        self.paragraph_at = [-1] * len(doc)
        self.paragraphs = list(doc.spans.get(PARAGRAPHS, ()))
        for number, span in enumerate(self.paragraphs):
            self.paragraph_at[span.start : span.end] = [number] * len(span)
        self.spoken = [False] * len(doc)
        """Whether each token belongs to a labelled turn of a transcript, and so to its speaker."""

    def attributions(self, *, transcript: bool = False) -> list[Attribution]:
        found = [] if transcript else list(self.by_label())
        found += self.by_cue()
        found += self.by_quotation(found)
        found.sort(key=lambda a: a.pieces[0])
        self.carry_on(found)
        return found

    def carry_on(self, found: list[Attribution]) -> None:
        """Give a verb without a subject the speaker of the sentence before."""
        near = _Near(found)
        latest = sorted((a for a in found if a.cue), key=lambda a: a.cue or (0, 0), reverse=True)
        for attribution in found:
            if attribution.mention is not None or attribution.cue is None:
                continue
            at = attribution.cue[0]
            if not self.elided(self.doc[at]):
                continue
            earlier = (a for a in latest if a.cue and a.cue[0] < at and a.mention and not near.nested(a))
            if (last := next(earlier, None)) is not None:
                attribution.follows = last
                attribution.mention, attribution.holder = last.mention, last.holder

    # ---- transcripts, headlines, signatures

    def by_label(self) -> Iterator[Attribution]:
        """Find 'NAME: …' at the start of paragraphs: a transcript if several have it, otherwise a headline."""
        text = self.doc.text
        labels = {
            number: match
            for number, span in enumerate(self.paragraphs)
            if (match := LABEL.match(text, span.start_char, span.end_char))
        }
        formal = {number: match for number, match in labels.items() if match["name"].isupper() or match["title"]}
        if len(formal) < 2 and len(labels) >= 3 and len({match["name"] for match in labels.values()}) >= 2:
            formal = labels
        if len(formal) < 2 and formal != labels:
            formal = {}
        last: Attribution | None = None
        for number, span in enumerate(self.paragraphs):
            match = formal.get(number)
            headline = labels.get(number) if number == 0 and match is None else None
            if match is not None or headline is not None:
                found = match or headline
                if found is None:
                    continue
                label = self.doc.char_span(*found.span("who"), alignment_mode="expand")
                rest = self.doc.char_span(found.end(), span.end_char, alignment_mode="expand")
                if label is None or rest is None or rest.start < label.end:
                    continue
                last = Attribution(
                    pieces=[self.trimmed(rest.start, rest.end)],
                    cue=(label.end - 1, label.end) if label.end < 2 else (label.end, max(label.end + 1, rest.start)),
                    mention=(label.start, label.end),
                    holder=label.end - 1,
                    frame="label",
                    quoted=headline is None,
                )
                if last.pieces[0][0] >= last.pieces[0][1]:
                    last = None
                    continue
                yield last
                if headline is not None:
                    last = None
                    continue
                self.spoken[span.start : span.end] = [True] * len(span)
            elif last is not None and len(formal) >= 3 and span.label_ != "heading":
                last.pieces.append((span.start, span.end))
                self.spoken[span.start : span.end] = [True] * len(span)
            elif span.label_ == "heading":
                last = None

    def signature(self, number: int) -> tuple[int, tuple[int, int], int] | None:
        """Return the dash, speaker and head of a signature after a quotation: '"…" – Name, role'."""
        doc = self.doc
        start = self.quotes[number].end
        while start < len(doc) and (doc[start].is_space or doc[start].text in (",", ".")):
            start += 1
        if start + 1 >= len(doc) or doc[start].text not in DASHES or not doc[start + 1].text[:1].isupper():
            return None
        paragraph = self.paragraph_at[start]
        if paragraph < 0:
            return None
        end = start + 1
        while end < self.paragraphs[paragraph].end and self.quote_at[end] < 0 and "\n" not in doc[end].text:
            end += 1
        goes_on = end < self.paragraphs[paragraph].end and "\n" not in doc[end].text and "\n" not in doc[end - 1].text
        if end - start > 24 or goes_on:
            return None
        if any(t.pos_ in ("VERB", "AUX") and t.dep_ == "ROOT" and t.text[:1].islower() for t in doc[start:end]):
            return None
        stop = start + 1
        while stop < end and doc[stop].text[:1].isupper():
            stop += 1
        return start, (start + 1, stop), stop - 1

    # ---- verbs, minds, nouns

    def by_cue(self) -> Iterator[Attribution]:
        verbs, minds, nouns = self.lexicon.verbs, self.lexicon.minds, self.lexicon.nouns
        for i in lemmas_at(self.doc, self.lexicon.all):
            token = self.doc[i]
            if self.whole(token) is not None:
                continue
            pos, lemma = token.pos_, token.lemma_
            if pos in ("VERB", "AUX"):
                if self.caused(token):
                    continue
                if token.tag_ == "VBN" and token.lower_ in minds and self.passive_mind(token):
                    yield from self.by_mind(token)
                elif lemma in verbs or lemma in self.lexicon.with_particle:
                    yield from self.by_verb(token)
                elif lemma == "include":
                    yield from self.by_list(token)
                elif lemma == "be":
                    yield from self.by_side(token)
                if lemma in self.lexicon.receiving:
                    yield from self.by_reception(token)
                if lemma in self.lexicon.giving:
                    yield from self.by_gift(token)
            elif pos == "ADJ" and lemma in minds:
                yield from self.by_mind(token)
            elif pos == "NOUN":
                if lemma in nouns:
                    yield from self.by_noun(token)
                    yield from self.by_tenet(token)
                if lemma in self.lexicon.views:
                    yield from self.by_view(token)
                if lemma in self.lexicon.favours:
                    yield from self.by_favour(token)
        for i in words_at(self.doc, ACCORDING):
            if self.whole(self.doc[i]) is None:
                yield from self.by_according(self.doc[i])

    def whole(self, token: Token) -> int | None:
        """Return the quotation, if it has several words, that contains a token: those words are the speaker's own."""
        number = self.quote_at[token.i]
        if self.spoken[token.i]:
            return -1
        if number < 0 or len(self.quotes[number]) < 5:
            return None
        return number

    def caused(self, verb: Token) -> bool:
        """Return whether a verb describes what an actor is made to do: 'will have operators disclose their costs'."""
        while verb.dep_ == "conj" and verb.tag_ == "VB" and self.subject(verb) is None:
            verb = verb.head
        if verb.tag_ != "VB" or verb.dep_ not in ("ccomp", "xcomp") or self.subject(verb) is None:
            return False
        aux = [c.lower_ for c in verb.children if c.dep_ == "aux"]
        return aux == ["to"] or (not aux and verb.head.lemma_ in self.lexicon.causes)

    def by_verb(self, verb: Token) -> Iterator[Attribution]:
        frames = self.lexicon.verbs.get(verb.lemma_, frozenset())
        children = list(verb.children)
        cue_end = verb.i + 1
        things: list[Token] = []
        for child in verb.children:
            if child.dep_ in ("prt", "prep", "acomp", "advmod", "oprd", "dative") or child.i == verb.i + 1:
                special = self.lexicon.phrasal.get((verb.lemma_, child.lower_))
                inner = [c for c in child.children if c.dep_ == "pobj"]
                if special and not any(c.ent_type_ in ("DATE", "TIME") for c in inner):
                    frames = special
                    cue_end = max(cue_end, child.i + 1)
                    children += list(child.children)
                    things += inner
        mention, holder = self.source(verb)
        if (
            mention is None
            and verb.tag_ in ("VBD", "VBZ", "VBP")
            and not any(c.dep_ == "nsubjpass" for c in verb.children)
        ):
            mention, holder = self.before(verb)
        content = self.complement(verb, children, frames, things)
        if content is None:
            return
        frame, pieces = content
        if holder is None and frame in ("object", "to", "ing", "as", "person-to"):
            return
        pieces = self.without(pieces, verb, mention)
        if pieces:
            yield Attribution(pieces=pieces, cue=(verb.i, cue_end), mention=mention, holder=holder, frame=frame)

    def complement(
        self, verb: Token, children: list[Token], frames: frozenset[str], things: list[Token]
    ) -> tuple[str, list[tuple[int, int]]] | None:
        """Return the frame that fits a verb's dependents and what it attributes; a clause comes before an object."""
        by_dep = defaultdict(list)
        for child in children:
            by_dep[child.dep_].append(child)
        passive = bool(by_dep["nsubjpass"] or by_dep["auxpass"])
        objects = by_dep["dobj"] + by_dep["dative"] + things
        for clause in by_dep["ccomp"] + by_dep["xcomp"]:
            to = any(child.dep_ == "aux" and child.lower_ == "to" for child in clause.children)
            subject = any(child.dep_ in SUBJECTS for child in clause.children)
            if to and (subject or (objects and clause.dep_ == "xcomp")):
                if "person-to" in frames:
                    start = min([clause.left_edge.i, *(o.left_edge.i for o in objects)])
                    return "person-to", [(start, clause.right_edge.i + 1)]
            elif to:
                if "to" in frames or (passive and "person-to" in frames):
                    return "to", self.stretch(clause)
            elif clause.dep_ == "ccomp" and ("clause" in frames or ("small" in frames and subject)):
                return "clause", self.stretch(clause)
            elif clause.tag_ == "VBG" and "ing" in frames:
                return "ing", self.stretch(clause)
        if "clause" in frames and verb.dep_ == "parataxis":
            return "clause", self.stretch(verb.head, leave=verb)
        if "for" in frames:
            # 'called for the cap to be lifted'
            for clause in by_dep["advcl"]:
                if any(c.dep_ == "mark" and c.lower_ == "for" for c in clause.children):
                    start = next(c.i for c in clause.children if c.dep_ == "mark") + 1
                    return "for", [(start, clause.right_edge.i + 1)]
        if passive:
            agent = bool(by_dep["agent"])
            if agent and "object" in frames and by_dep["nsubjpass"]:
                return "object", self.stretch(by_dep["nsubjpass"][0])
            return None
        roles = by_dep["oprd"] + ([c for c in by_dep["prep"] if c.lower_ == "as"] if "as" in frames else [])
        for thing in objects:
            if ("as" in frames or "small" in frames) and roles and roles[0].i > thing.i:
                return "as", [(thing.left_edge.i, roles[0].right_edge.i + 1)]
            if "object" in frames and thing.dep_ in ("dobj", "pobj") and thing.tag_ not in ("WDT", "WP"):
                return "object", self.stretch(thing)
        for child in children:
            if child.dep_ == "prep" and child.lower_ in frames:
                inner = [c for c in child.children if c.dep_ in ("pobj", "pcomp")]
                if inner:
                    return child.lower_, [(min(c.left_edge.i for c in inner), child.right_edge.i + 1)]
        return None

    def by_list(self, verb: Token) -> Iterator[Attribution]:
        """Attribute to each member of a list: 'Groups opposing the plan include A, B and C'."""
        group = next((c for c in verb.children if c.dep_ == "nsubj"), None)
        end = verb.sent.end
        while end > verb.i + 1 and (self.doc[end - 1].is_punct or self.doc[end - 1].is_space):
            end -= 1
        if group is None or end - verb.i < 2:
            return
        for act in group.children:
            if act.dep_ not in ("acl", "relcl") or act.lemma_ not in self.lexicon.verbs:
                continue
            content = self.complement(act, list(act.children), self.lexicon.verbs[act.lemma_], [])
            if content is not None:
                yield Attribution(
                    pieces=content[1],
                    cue=(act.i, act.i + 1),
                    mention=(verb.i + 1, end),
                    holder=end - 1,
                    frame="list",
                )

    def by_side(self, verb: Token) -> Iterator[Attribution]:
        """Find 'is against the plan' and 'are in favour of waiting'."""
        for child in verb.children:
            if child.dep_ != "prep" or child.i < verb.i:
                continue
            end = child.i + 1
            last = child
            if child.lower_ not in self.lexicon.sides:
                phrase = self.doc[child.i : child.i + 3].text.lower()
                if phrase not in self.lexicon.compound_sides:
                    if any(c.pos_ == "NOUN" and c.lower_ in self.lexicon.favours for c in child.children):
                        yield from self.by_bare_side(verb, child.right_edge.i + 1)
                    continue
                last = self.doc[child.i + 2]
                end = child.i + 3
            elif not any(True for _ in child.children):
                yield from self.by_bare_side(verb, end)
                return
            inner = [c for c in last.children if c.dep_ in ("pobj", "pcomp")]
            mention, holder = self.source(verb)
            if inner and holder is not None:
                piece = (inner[0].left_edge.i, inner[0].right_edge.i + 1)
                yield Attribution(pieces=[piece], cue=(verb.i, end), mention=mention, holder=holder, frame="side")
            return

    def by_bare_side(self, verb: Token, end: int) -> Iterator[Attribution]:
        """Find 'Most were in favour' and 'half are against'."""
        mention, holder = self.source(verb)
        if holder is not None:
            whole = (verb.i, end)
            yield Attribution(pieces=[whole], cue=whole, mention=mention, holder=holder, frame="side")

    def by_favour(self, noun: Token) -> Iterator[Attribution]:
        """Find 'Argued in favour of waiting' and 'spoke in support of the plan'."""
        inside = noun.head
        verb = inside.head
        if inside.dep_ != "prep" or verb.pos_ != "VERB" or verb.lemma_ not in self.lexicon.verbs:
            return
        of = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == "of"), None)
        inner = [c for c in of.children if c.dep_ in ("pobj", "pcomp")] if of is not None else []
        mention, holder = self.source(verb)
        if of is not None and inner and holder is not None and inside.lower_ == "in":
            piece = (inner[0].left_edge.i, of.right_edge.i + 1)
            yield Attribution(pieces=[piece], cue=(verb.i, of.i + 1), mention=mention, holder=holder, frame="side")

    def passive_mind(self, mind: Token) -> bool:
        """Return whether an adjective of opinion was parsed as a passive: 'was worried that', 'were split'."""
        return any(c.dep_ == "auxpass" for c in mind.children) and not any(c.dep_ == "agent" for c in mind.children)

    def by_mind(self, mind: Token) -> Iterator[Attribution]:
        verb = mind.head
        mention: tuple[int, int] | None
        holder: int | None
        subject = self.subject(mind) if self.passive_mind(mind) else None
        if subject is not None and subject.lower_ not in ("who", "which", "that", "it", "there", "this", "what"):
            verb = next(c for c in mind.children if c.dep_ == "auxpass")
            mention, holder = self.phrase(subject), subject.i
        elif mind.dep_ in ("acomp", "oprd", "attr") and verb.lemma_ in ("be", "remain", "become", "seem", "feel"):
            mention, holder = self.source(verb)
        else:
            return
        if holder is None:
            return
        frames = self.lexicon.minds.get(mind.lemma_) or self.lexicon.minds[mind.lower_]
        for child in mind.children:
            if child.dep_ in ("ccomp", "xcomp"):
                yield Attribution(
                    pieces=self.stretch(child), cue=(verb.i, mind.i + 1), mention=mention, holder=holder, frame="mind"
                )
                return
            if child.dep_ == "prep" and child.lower_ in frames:
                inner = [c for c in child.children if c.dep_ in ("pobj", "pcomp")]
                if inner:
                    piece = (inner[0].left_edge.i, child.right_edge.i + 1)
                    yield Attribution(
                        pieces=[piece], cue=(verb.i, child.i + 1), mention=mention, holder=holder, frame="mind"
                    )
                    return
        if mind.lower_ in self.lexicon.alone:
            whole = (verb.i, mind.i + 1)
            yield Attribution(pieces=[whole], cue=whole, mention=mention, holder=holder, frame="mind")

    def by_noun(self, noun: Token) -> Iterator[Attribution]:
        frames = self.lexicon.nouns[noun.lemma_]
        owner = next((child for child in noun.children if child.dep_ == "poss"), None)
        if owner is None:
            by = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ in ("by", "from", "among")), None)
            owner = next((c for c in by.children if c.dep_ == "pobj"), None) if by is not None else None
        if owner is None:
            return
        for child in noun.children:
            piece = None
            if child.dep_ in ("acl", "ccomp", "relcl", "xcomp") and child.i > noun.i:
                marks = {c.lower_ for c in child.children if c.dep_ in ("mark", "aux")}
                if marks & {"that", "to"}:
                    piece = self.stretch(child)
            elif child.dep_ == "prep" and child.lower_ in frames:
                inner = [c for c in child.children if c.dep_ in ("pobj", "pcomp")]
                if inner:
                    piece = [(inner[0].left_edge.i, child.right_edge.i + 1)]
            if piece:
                yield Attribution(
                    pieces=piece,
                    cue=(noun.i, noun.i + 1),
                    mention=self.phrase(owner),
                    holder=owner.i,
                    frame="noun",
                )
                return

    def by_tenet(self, noun: Token) -> Iterator[Attribution]:
        """Find 'The council's view is that fares are high'."""
        verb = noun.head
        owner = next((c for c in noun.children if c.dep_ == "poss"), None)
        if owner is None or verb.lemma_ != "be" or noun.dep_ != "nsubj":
            return
        for child in verb.children:
            that = any(c.dep_ == "mark" and c.lower_ == "that" for c in child.children)
            if child.i > verb.i and child.dep_ == "ccomp" and that:
                yield Attribution(
                    pieces=self.stretch(child),
                    cue=(noun.i, verb.i + 1),
                    mention=self.phrase(owner),
                    holder=owner.i,
                    frame="noun",
                )
                return

    def by_reception(self, verb: Token) -> Iterator[Attribution]:
        """Find 'The plan met with disapproval from riders' and 'won support from operators'."""
        subject = self.subject(verb)
        if subject is None or subject.lower_ in ("who", "which", "that"):
            return
        near = [c for c in verb.children if c.i > verb.i]
        inner = [c for child in near if child.dep_ == "prep" for c in child.children if c.dep_ == "pobj"]
        for noun in [*near, *inner]:
            if noun.dep_ not in ("dobj", "pobj", "attr") or noun.lemma_ not in self.lexicon.received:
                continue
            for by in (*noun.children, *near):
                if by.dep_ == "prep" and by.i > noun.i and by.lower_ in ("from", "by", "among"):
                    owner = next((c for c in by.children if c.dep_ == "pobj"), None)
                    if owner is not None:
                        yield Attribution(
                            pieces=self.stretch(subject),
                            cue=(verb.i, noun.i + 1),
                            mention=self.phrase(owner),
                            holder=owner.i,
                            frame="reception",
                        )
                        return

    def by_gift(self, verb: Token) -> Iterator[Attribution]:
        """Find 'Riders have given a cautious welcome to the plan'."""
        for noun in verb.children:
            if noun.dep_ != "dobj" or noun.lemma_ not in self.lexicon.received:
                continue
            for to in (*noun.children, *verb.children):
                if to.dep_ == "dative" and to.pos_ in ("NOUN", "PROPN") and verb.i < to.i < noun.i:
                    # 'gave the plan a cautious welcome'
                    mention, holder = self.source(verb)
                    if holder is not None:
                        yield Attribution(
                            pieces=self.stretch(to),
                            cue=(verb.i, verb.i + 1),
                            mention=mention,
                            holder=holder,
                            frame="gift",
                        )
                        return
                if to.dep_ in ("prep", "dative") and to.i > noun.i and to.lower_ in ("to", "for", "behind"):
                    inner = [c for c in to.children if c.dep_ in ("pobj", "pcomp")]
                    mention, holder = self.source(verb)
                    if inner and holder is not None:
                        yield Attribution(
                            pieces=[(inner[0].left_edge.i, to.right_edge.i + 1)],
                            cue=(verb.i, noun.i + 1),
                            mention=mention,
                            holder=holder,
                            frame="gift",
                        )
                        return

    def by_view(self, noun: Token) -> Iterator[Attribution]:
        """Find 'In the view of the council' and 'in their words'."""
        inside = noun.head
        if noun.dep_ != "pobj" or inside.lower_ not in ("in", "to") or inside.dep_ != "prep":
            return
        owner = next((c for c in noun.children if c.dep_ == "poss"), None)
        if owner is None:
            of = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == "of"), None)
            owner = next((c for c in of.children if c.dep_ == "pobj"), None) if of is not None else None
        if owner is not None and owner.lower_ not in ("our", "my"):
            yield from self.clause_around(inside, owner, cue=(inside.i, noun.i + 1))

    def by_according(self, token: Token) -> Iterator[Attribution]:
        to = next((child for child in token.children if child.lower_ == "to"), None)
        if to is None and token.i + 1 < len(self.doc) and self.doc[token.i + 1].lower_ == "to":
            to = self.doc[token.i + 1]
        if to is None:
            return
        owner = next((child for child in to.children if child.dep_ == "pobj"), None)
        if owner is None:
            return
        yield from self.clause_around(token, owner, cue=(token.i, to.i + 1))

    def clause_around(self, token: Token, owner: Token, *, cue: tuple[int, int]) -> Iterator[Attribution]:
        """Attribute the clause around a phrase, without the phrase, to the owner that the phrase names."""
        mention = self.phrase(owner)
        root = token.head
        while root.pos_ not in ("VERB", "AUX") and root.head != root:
            root = root.head
        pieces = self.stretch(root, leave=token)
        pieces = [p for p in pieces if p[1] <= token.i or p[0] >= mention[1]]
        pieces = [piece for piece in (self.trimmed(*piece) for piece in pieces) if piece[0] < piece[1]]
        if pieces:
            yield Attribution(pieces=pieces, cue=cue, mention=mention, holder=owner.i, frame="according")

    # ---- who

    def source(self, verb: Token) -> tuple[tuple[int, int] | None, int | None]:
        """Return the mention of a verb's speaker and the head of the noun phrase that names the speaker."""
        seen = 0
        token = verb
        while seen < 6:
            seen += 1
            subject = self.subject(token)
            passive = any(c.dep_ in ("auxpass", "nsubjpass") for c in token.children)
            if token == verb and passive:
                agent = next((c for c in token.children if c.dep_ == "agent"), None)
                owner = next((c for c in agent.children if c.dep_ == "pobj"), None) if agent is not None else None
                return (self.phrase(owner), owner.i) if owner is not None else (None, None)
            if subject is not None:
                if subject.lower_ in ("who", "which", "that") and token.dep_ == "relcl":
                    return (subject.i, subject.i + 1), token.head.i
                if subject.lower_ in ("it", "there", "that", "this", "what") and subject.lower_ != "it":
                    return None, None
                return self.phrase(subject), subject.i
            if token.dep_ == "relcl":
                return None, None
            if token.dep_ == "acl":
                return self.phrase(token.head, until=token.i), token.head.i
            if token.dep_ in ("conj", "xcomp", "advcl", "pcomp", "ccomp", "parataxis") and token.head != token:
                if token.dep_ == "ccomp" and token.tag_ not in ("VBG", "VB"):
                    return None, None
                token = token.head
                if token.dep_ == "prep":
                    token = token.head
                continue
            return None, None
        return None, None

    def subject(self, verb: Token) -> Token | None:
        """Return a verb's subject. Of two, prefer a name ('campaign group the Riders' Union said'); skip dates."""
        subjects = [c for c in verb.children if c.dep_ in ("nsubj", "nsubjpass")]
        if len(subjects) > 1:
            subjects = [c for c in subjects if c.ent_type_ not in ("DATE", "TIME")] or subjects
            first, last = subjects[0], subjects[-1]
            return last if last.i < verb.i and first.right_edge.i + 1 == last.left_edge.i else first
        return subjects[0] if subjects else None

    def elided(self, verb: Token) -> bool:
        """Return whether a sentence omits its subject: 'But added that fares would rise'."""
        if verb.tag_ not in ("VBD", "VBZ", "VBP") or verb.dep_ != "ROOT" or self.subject(verb) is not None:
            return False
        before = self.doc[verb.sent.start : verb.i]
        return any(t.pos_ == "CCONJ" for t in before) and all(
            t.pos_ in ("CCONJ", "ADV", "PUNCT", "SPACE") for t in before
        )

    def phrase(self, head: Token, *, until: int | None = None) -> tuple[int, int]:
        """Return the noun phrase around a head, with appositions and prepositions but without relative clauses."""
        start, end = head.left_edge.i, head.right_edge.i + 1
        for child in head.children:
            if child.dep_ in ("relcl", "acl", "ccomp", "advcl", "parataxis") and child.i > head.i:
                end = min(end, child.left_edge.i)
        if until is not None:
            end = min(end, until)
        end = max(end, head.i + 1)
        while (
            end > head.i + 1
            and (self.doc[end - 1].is_punct or self.doc[end - 1].is_space)
            and self.doc[end - 1].text not in ")]"
        ):
            end -= 1
        while start < head.i and (self.doc[start].is_punct or self.doc[start].is_space):
            start += 1
        return start, end

    # ---- what

    def stretch(self, head: Token, *, leave: Token | None = None) -> list[tuple[int, int]]:
        """Return the words of a clause or phrase, in several pieces if `leave` interrupts them."""
        start, end = head.left_edge.i, head.right_edge.i + 1
        if leave is None:
            return [(start, end)]
        gone = (leave.left_edge.i, leave.right_edge.i + 1)
        pieces = [(start, min(end, gone[0])), (max(start, gone[1]), end)]
        return [piece for piece in pieces if piece[0] < piece[1]]

    def without(
        self, pieces: list[tuple[int, int]], verb: Token, mention: tuple[int, int] | None
    ) -> list[tuple[int, int]]:
        """Return the pieces without the verb and its speaker, trimmed at both ends."""
        left = min(verb.i, mention[0] if mention else verb.i)
        right = max(verb.i + 1, mention[1] if mention else 0)
        if mention and (mention[1] < verb.i - 8 or mention[0] > verb.i + 8):
            left, right = verb.i, verb.i + 1
        cut = []
        for start, end in pieces:
            if start < right and end > left:
                cut += [(start, min(end, left)), (max(start, right), end)]
            else:
                cut.append((start, end))
        return [piece for piece in (self.trimmed(*p) for p in cut) if piece[0] < piece[1]]

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        doc = self.doc
        while start < end and doc[start].text.strip() in FRONT | {""}:
            start += 1
        while start < end and (doc[end - 1].text.strip() in FRONT | {""}):
            end -= 1
        return start, end

    # ---- quotations

    def by_quotation(self, known: Sequence[Attribution]) -> Iterator[Attribution]:
        owner: dict[int, Attribution] = {}
        by_cue = {a.cue[0]: a for a in known if a.cue}
        near = _Near(known)
        coming = deque(
            sorted((a for a in known if a.cue and a.mention and not near.nested(a)), key=lambda a: a.cue or (0, 0))
        )
        last: Attribution | None = None
        for number, quote in enumerate(self.quotes):
            if self.spoken[quote.end - 1]:
                continue
            signed = self.signature(number)
            if signed is not None:
                dash, signatory, head = signed
                new = Attribution(
                    pieces=[(quote.start, quote.end)],
                    cue=(dash, dash + 1),
                    mention=signatory,
                    holder=head,
                    frame="signature",
                    quoted=True,
                )
                owner[number] = last = near.add(new)
                yield new
                continue
            left, right = self.gap_before(number), self.gap_after(number)
            cue = self.quote_cue(left, quote, before=True) or self.quote_cue(right, quote, before=False)
            if cue is not None:
                verb, mention, holder = cue
                existing = by_cue.get(verb)
                if existing is not None:
                    self.extend(existing, quote.start, quote.end)
                    near.add(existing)
                    existing.quoted = True
                    if existing.mention is None:
                        existing.mention, existing.holder = mention, holder
                    owner[number] = last = existing
                    continue
                new = Attribution(
                    pieces=[(quote.start, quote.end)],
                    cue=(verb, verb + 1),
                    mention=mention,
                    holder=holder,
                    frame="quote",
                    quoted=True,
                )
                by_cue[verb] = owner[number] = last = near.add(new)
                yield new
                continue
            held = near.covering(quote.start, quote.end)
            if held is not None:
                owner[number] = last = held
                continue
            if not self.substantial(number) or not self.begins(number, left):
                continue
            while coming and coming[0].cue is not None and coming[0].cue[0] < quote.start:
                reached = coming.popleft()
                if last is None or last.cue is None or reached.cue is None or reached.cue[0] > last.cue[0]:
                    last = reached
            below = self.below_heading(quote.start)
            if last is None:
                if below is not None:
                    yield near.add(
                        Attribution(
                            pieces=[(quote.start, quote.end)], frame="caption", quoted=True, below_heading=below
                        )
                    )
                continue
            at = max(last.pieces[-1][1] - 1, last.cue[0] if last.cue else 0)
            same = self.paragraph_at[quote.start] == self.paragraph_at[at]
            if same and not self.sentence_between(last, quote.start):
                last.pieces.append((quote.start, quote.end))
                near.add(last)
                last.quoted = True
                owner[number] = last
                continue
            new = Attribution(
                pieces=[(quote.start, quote.end)],
                cue=None,
                mention=last.mention,
                holder=last.holder,
                frame="floating",
                quoted=True,
                follows=last,
                below_heading=below,
            )
            owner[number] = last = near.add(new)
            yield new

    def below_heading(self, start: int) -> int | None:
        """Return the paragraph that begins with this token, if the one before is a heading."""
        number = self.paragraph_at[start]
        if number > 0 and self.paragraphs[number].start == start and self.paragraphs[number - 1].label_ == "heading":
            return number
        return None

    def begins(self, number: int, gap: tuple[int, int]) -> bool:
        """Return whether a quotation begins a sentence, and so may continue from the last speaker."""
        quote, doc = self.quotes[number], self.doc
        paragraph = self.paragraph_at[quote.start]
        if paragraph >= 0 and len(quote) < 10:
            whole = self.paragraphs[paragraph]
            if whole.label_ == "heading" and len(whole) <= len(quote) + 1:
                return False
        if gap[0] >= gap[1] or self.paragraph_at[gap[1] - 1] != paragraph:
            return True
        return doc[gap[1] - 1].is_space or doc[gap[1] - 1].text in {".", "!", "?", ":", ";"}

    def sentence_between(self, last: Attribution, start: int) -> bool:
        """Return whether the journalist adds a sentence between the last words and a new quotation."""
        end = max(
            [piece[1] for piece in last.pieces]
            + ([last.cue[1]] if last.cue else [])
            + ([last.mention[1]] if last.mention else [])
        )
        between = self.doc[end:start]
        stops = [t for t in between if t.text in ENDS]
        return len(stops) > 1

    def extend(self, attribution: Attribution, start: int, end: int) -> None:
        """Extend the attributed words to cover a whole quotation."""
        merged = [piece for piece in attribution.pieces if piece[1] <= start or piece[0] >= end]
        touching = [piece for piece in attribution.pieces if piece not in merged]
        low = min([start, *(s for s, _ in touching)])
        high = max([end, *(e for _, e in touching)])
        if attribution.cue and low <= attribution.cue[0] < high:
            low, high = start, end
        attribution.pieces = sorted([*merged, (low, high)])

    def substantial(self, number: int) -> bool:
        quote = self.quotes[number]
        return len(quote) >= 7 or (
            len(quote) > 3 and any(t.pos_ in ("VERB", "AUX") for t in quote) and quote[-2].text in ".,!?"
        )

    def gap_before(self, number: int) -> tuple[int, int]:
        """Return the tokens before a quotation, back to a sentence end, another quotation or the paragraph's start."""
        quote = self.quotes[number]
        end = quote.start
        paragraph = self.paragraph_at[end]
        start = end
        while start > 0 and self.paragraph_at[start - 1] in (paragraph, -1) and self.quote_at[start - 1] < 0:
            if self.paragraph_at[start - 1] == -1 and self.doc[start - 1].text.count("\n") > 0:
                break
            if self.doc[start - 1].text in ENDS and start != end and self.doc[start - 1].text != ";":
                break
            start -= 1
        if start == end and paragraph > 0:
            before = self.paragraphs[paragraph - 1]
            if before.end <= end and before[-1].text == ":" and self.paragraphs[paragraph].start == end:
                start, end = before.start, before.end
                for i in range(end - 2, start, -1):
                    if self.doc[i].text in {".", "!", "?"} or self.quote_at[i] >= 0:
                        return i + 1, end
        return start, end

    def gap_after(self, number: int) -> tuple[int, int]:
        quote = self.quotes[number]
        start = end = quote.end
        paragraph = self.paragraph_at[quote.end - 1]
        while end < len(self.doc) and self.paragraph_at[end] == paragraph and self.quote_at[end] < 0:
            end += 1
            if self.doc[end - 1].text in ENDS:
                break
        return start, end

    def quote_cue(
        self, gap: tuple[int, int], quote: "object", *, before: bool
    ) -> tuple[int, tuple[int, int] | None, int | None] | None:
        """Return the verb in a gap that introduces a quotation, with its speaker."""
        doc = self.doc
        start, end = gap
        while start < end and doc[start].is_space:
            start += 1
        while start < end and doc[end - 1].is_space:
            end -= 1
        if start >= end:
            return None
        if before:
            if doc[end - 1].text in {".", "!", "?"}:
                return None
            colon = doc[end - 1].text == ":"
            order = range(end - 1, start - 1, -1)
        else:
            inner = doc[start - 1].text
            last = doc[start - 2].text if inner in "\"”'’''" and start >= 2 else inner
            if last in {"."} and doc[start].text not in {",", "-", "–", "—"}:
                return None
            if (
                last not in {",", "!", "?", "-", "–", "—", "...", "…"}
                and doc[start].text not in {",", "-", "–", "—"}
                and not doc[start].is_lower
            ):
                return None
            colon = False
            order = range(start, end)
        for i in order:
            token = doc[i]
            if token.pos_ not in ("VERB", "AUX") or not self.quotes_with(token):
                continue
            if before and not colon and i < end - 1 and end - i > 12:
                continue
            if (
                token.tag_ == "VB"
                and self.subject(token) is not None
                and not any(c.tag_ == "MD" for c in token.children)
            ):
                # In 'a change to allow staff to hold …' the verb reports no speech.
                continue
            if self.elided(token):
                return i, None, None
            mention, holder = self.source(token)
            if mention is None or not (start <= mention[0] < end):
                mention, holder = self.beside(token, start, end, mention, holder)
            if mention is None:
                continue
            return i, mention, holder
        if before and colon:
            head = self.nominal(start, end - 1)
            if head is not None:
                return end - 1, self.phrase(head), head.i
        return None

    def quotes_with(self, verb: Token) -> bool:
        """Return whether a verb, alone or with its particle, can introduce a quotation."""
        if "quote" in self.lexicon.verbs.get(verb.lemma_, ()):
            return True
        if verb.i + 1 >= len(self.doc):
            return False
        return "quote" in self.lexicon.phrasal.get((verb.lemma_, self.doc[verb.i + 1].lower_), ())

    def beside(
        self, verb: Token, start: int, end: int, mention: tuple[int, int] | None, holder: int | None
    ) -> tuple[tuple[int, int] | None, int | None]:
        """Return the noun phrase next to a verb of saying, for a quotation that misled the parser."""
        doc = self.doc
        for order in (range(verb.i - 1, start - 1, -1), range(verb.i + 1, end)):
            for i in order:
                token = doc[i]
                if token.is_punct or token.pos_ in ("ADV", "AUX", "PART", "SPACE"):
                    continue
                if token.pos_ in ("NOUN", "PROPN", "PRON"):
                    head = token
                    while (
                        head.head != head
                        and start <= head.head.i < end
                        and head.head.pos_ in ("NOUN", "PROPN", "PRON")
                        and head.dep_ in ("compound", "nmod", "amod", "appos", "poss", "pobj")
                    ):
                        head = head.head
                    return self.phrase(head), head.i
                if i > verb.i and token.pos_ in ("DET", "ADJ", "NUM"):
                    continue
                break
        return mention, holder

    def before(self, verb: Token) -> tuple[tuple[int, int] | None, int | None]:
        """Return the name before a verb without a parsed subject: 'In a statement on Friday Jo Bloggs said …'."""
        end = start = verb.i
        while end > 0 and self.doc[end - 1].pos_ in ("ADV", "AUX"):
            end -= 1
            start = end
        while start > 0 and self.doc[start - 1].text[:1].isupper() and end - start < 6:
            start -= 1
        while (start < end and self.doc[start].pos_ in ("ADP", "DET", "SCONJ", "CCONJ")) or (
            start < end and self.doc[start].ent_type_ in ("DATE", "TIME")
        ):
            start += 1
        if start == end or self.doc[end - 1].pos_ not in ("PROPN", "NOUN", "PRON"):
            return None, None
        return (start, end), end - 1

    def nominal(self, start: int, end: int) -> Token | None:
        """Return the subject of a stretch, or otherwise its last head noun."""
        doc = self.doc
        for i in range(start, end):
            if doc[i].dep_ in ("nsubj", "nsubjpass") and doc[i].pos_ in ("NOUN", "PROPN", "PRON"):
                return doc[i]
        for i in range(end - 1, start - 1, -1):
            if doc[i].pos_ in ("PROPN", "NOUN") and not (
                doc[i].head.i != i and start <= doc[i].head.i < end and doc[i].head.pos_ in ("NOUN", "PROPN")
            ):
                return doc[i]
        return None
