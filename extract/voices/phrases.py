"""Read the grammar of one text: the phrase that names the speaker of a verb, and the words of a clause."""

from spacy.tokens import Doc, Token

from extract.lexicon import grammar
from extract.marking.quotations import QUOTATIONS
from extract.marking.sections import PARAGRAPHS
from extract.voices.frames import lexicon

ENDS = frozenset({".", "!", "?", ";"})
FRONT = frozenset({",", ";", ":", "-", "–", "—", "--", ".", ")", "]", "...", "…", " ", "\n", "\n\n"})


class Phrases:
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

    def whole(self, token: Token) -> int | None:
        """Return the quotation, if it has several words, that contains a token: those words are the speaker's own."""
        number = self.quote_at[token.i]
        if self.spoken[token.i]:
            return -1
        if number < 0 or len(self.quotes[number]) < 5:
            return None
        return number

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
                if subject.lower_ in grammar("relatives") and token.dep_ == "relcl":
                    return (subject.i, subject.i + 1), token.head.i
                if subject.lower_ in grammar("expletives"):
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
