"""Find words that a verb, an adjective, a noun or 'according to' attributes to a speaker."""

from collections import defaultdict
from collections.abc import Iterator

from spacy.tokens import Token

from extract.lexicon import grammar, lemmas_at, words_at
from extract.voices.attribution import Attribution
from extract.voices.phrases import Phrases

SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "expl"})


class Cued(Phrases):
    """Finds the attributions that words make."""

    def by_cue(self) -> Iterator[Attribution]:
        verbs, minds, nouns = self.lexicon.verbs, self.lexicon.minds, self.lexicon.nouns
        for i in lemmas_at(self.doc, self.lexicon.all):
            token = self.doc[i]
            if self.whole(token) is not None:
                continue
            pos, lemma = token.pos_, token.lemma_
            if pos in ("VERB", "AUX"):
                if self.caused(token) or self.open_question(token):
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
        for i in words_at(self.doc, self.lexicon.according):
            if self.whole(self.doc[i]) is None:
                yield from self.by_according(self.doc[i])

    def caused(self, verb: Token) -> bool:
        """Return whether a verb describes what an actor is made to do: 'will have operators disclose their costs'."""
        while verb.dep_ == "conj" and verb.tag_ == "VB" and self.subject(verb) is None:
            verb = verb.head
        if verb.tag_ != "VB" or verb.dep_ not in ("ccomp", "xcomp") or self.subject(verb) is None:
            return False
        aux = [c.lower_ for c in verb.children if c.dep_ == "aux"]
        return aux == ["to"] or (not aux and verb.head.lemma_ in self.lexicon.causes)

    def open_question(self, verb: Token) -> bool:
        """Return whether a verb is in a question or is left open: 'asked whether he would back the cap'."""
        return any(child.dep_ == "mark" and child.lower_ in grammar("open") for child in verb.children)

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
        if subject is not None and subject.lower_ not in grammar("nobody"):
            verb = next(c for c in mind.children if c.dep_ == "auxpass")
            mention, holder = self.phrase(subject), subject.i
        elif mind.dep_ in ("acomp", "oprd", "attr") and verb.lemma_ in grammar("copulas"):
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
            by = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ in grammar("sources")), None)
            owner = next((c for c in by.children if c.dep_ == "pobj"), None) if by is not None else None
        if owner is None:
            return
        for child in noun.children:
            piece = None
            if child.dep_ in ("acl", "ccomp", "relcl", "xcomp") and child.i > noun.i:
                marks = {c.lower_ for c in child.children if c.dep_ in ("mark", "aux")}
                if marks & grammar("clause_marks"):
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
        if subject is None or subject.lower_ in grammar("relatives"):
            return
        near = [c for c in verb.children if c.i > verb.i]
        inner = [c for child in near if child.dep_ == "prep" for c in child.children if c.dep_ == "pobj"]
        for noun in [*near, *inner]:
            if noun.dep_ not in ("dobj", "pobj", "attr") or noun.lemma_ not in self.lexicon.received:
                continue
            for by in (*noun.children, *near):
                if by.dep_ == "prep" and by.i > noun.i and by.lower_ in grammar("sources"):
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
                if to.dep_ in ("prep", "dative") and to.i > noun.i and to.lower_ in grammar("recipients"):
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
        if noun.dep_ != "pobj" or inside.lower_ not in grammar("viewpoints") or inside.dep_ != "prep":
            return
        owner = next((c for c in noun.children if c.dep_ == "poss"), None)
        if owner is None:
            of = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == "of"), None)
            owner = next((c for c in of.children if c.dep_ == "pobj"), None) if of is not None else None
        if owner is not None and owner.lower_ not in grammar("own_possessives"):
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
