"""Find who says the words in quotation marks: by a nearby verb, a signature, or the words before them."""

from collections import deque
from collections.abc import Iterator, Sequence

from spacy.tokens import Span, Token

from extract.voices.attribution import Attribution, Near
from extract.voices.phrases import ENDS, Phrases

DASHES = frozenset({"-", "–", "—", "―", "--", "~"})


class Quoted(Phrases):
    """Finds the attributions of quotations."""

    def by_quotation(self, known: Sequence[Attribution]) -> Iterator[Attribution]:
        by_cue = {a.cue[0]: a for a in known if a.cue}
        near = Near(known)
        named = [a for a in known if a.cue and a.mention and not near.nested(a)]
        coming = deque(sorted(named, key=lambda a: a.cue or (0, 0)))
        last: Attribution | None = None
        for number, quote in enumerate(self.quotes):
            if self.spoken[quote.end - 1]:
                continue
            signed = self.signature(number)
            if signed is not None:
                signed.pieces = [(quote.start, quote.end)]
                last = near.add(signed)
                yield signed
                continue
            left, right = self.gap_before(number), self.gap_after(number)
            cue = self.quote_cue(left, quote, before=True) or self.quote_cue(right, quote, before=False)
            if cue is not None:
                known_cue = cue[0] in by_cue
                by_cue[cue[0]] = last = near.add(self.introduced(quote, cue, by_cue.get(cue[0])))
                if not known_cue:
                    yield last
                continue
            held = near.covering(quote.start, quote.end)
            if held is not None:
                last = held
                continue
            if not self.substantial(number) or not self.begins(number, left):
                continue
            while coming and coming[0].cue is not None and coming[0].cue[0] < quote.start:
                reached = coming.popleft()
                if last is None or last.cue is None or reached.cue is None or reached.cue[0] > last.cue[0]:
                    last = reached
            caption = self.captioned(number)
            if last is None:
                if caption is not None:
                    last = near.add(
                        Attribution(pieces=[(quote.start, quote.end)], frame="caption", quoted=True, caption=caption)
                    )
                    yield last
                continue
            at = max(last.pieces[-1][1] - 1, last.cue[0] if last.cue else 0)
            same = self.paragraph_at[quote.start] == self.paragraph_at[at]
            if same and not self.sentence_between(last, quote.start):
                last.pieces.append((quote.start, quote.end))
                near.add(last)
                last.quoted = True
                continue
            new = Attribution(
                pieces=[(quote.start, quote.end)],
                cue=None,
                mention=last.mention,
                holder=last.holder,
                frame="floating",
                quoted=True,
                follows=last,
                caption=caption,
            )
            last = near.add(new)
            yield new

    def introduced(
        self, quote: Span, cue: tuple[int, tuple[int, int] | None, int | None], existing: Attribution | None
    ) -> Attribution:
        """Return the attribution by a verb next to a quotation, even if the verb attributes other words too."""
        verb, mention, holder = cue
        if existing is None:
            return Attribution(
                pieces=[(quote.start, quote.end)],
                cue=(verb, verb + 1),
                mention=mention,
                holder=holder,
                frame="quote",
                quoted=True,
            )
        self.extend(existing, quote.start, quote.end)
        existing.quoted = True
        if existing.mention is None:
            existing.mention, existing.holder = mention, holder
        return existing

    def captioned(self, number: int) -> tuple[int, int] | None:
        """Return the first and last paragraph of a quotation, if a line above or below them may name the speaker."""
        start = self.quotes[number].start
        first = self.paragraph_at[start]
        if first < 0 or self.paragraphs[first].start != start:
            return None
        while (
            self.quotes[number].label_ == "open"
            and number + 1 < len(self.quotes)
            and self.paragraph_at[self.quotes[number + 1].start] == self.paragraph_at[self.quotes[number].start] + 1
        ):
            number += 1
        last = self.paragraph_at[self.quotes[number].end - 1]
        filled = not any(token.is_alpha for token in self.doc[self.quotes[number].end : self.paragraphs[last].end])
        lines = [first - 1, *([last + 1] if filled else [])]
        if any(0 <= n < len(self.paragraphs) and self.paragraphs[n].label_ == "heading" for n in lines):
            return first, last
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

    def signature(self, number: int) -> Attribution | None:
        """Return who signs a quotation in the same paragraph: '"…" – Name, role', '"…" (Name)', '"…" Name, role'."""
        doc = self.doc
        start = self.quotes[number].end
        while start < len(doc) and (doc[start].is_space or doc[start].text in (",", ".")):
            start += 1
        marked = start < len(doc) and (doc[start].text in DASHES or doc[start].text == "(")
        name = start + 1 if marked else start
        if name >= len(doc) or not doc[name].text[:1].isupper() or self.paragraph_at[start] < 0:
            return None
        limit = self.paragraphs[self.paragraph_at[start]].end
        end = name
        while end < limit and self.quote_at[end] < 0 and "\n" not in doc[end].text:
            end += 1
        goes_on = end < limit and "\n" not in doc[end].text and "\n" not in doc[end - 1].text
        if end - start > 24 or goes_on:
            return None
        if any(t.pos_ in ("VERB", "AUX") and t.dep_ == "ROOT" and t.text[:1].islower() for t in doc[start:end]):
            return None
        stop = name
        while stop < end and doc[stop].text[:1].isupper():
            stop += 1
        if not marked and not self.is_signed(number, name, stop, end):
            return None
        return Attribution(
            pieces=[],
            cue=(start, start + 1) if marked else None,
            mention=(name, stop),
            holder=stop - 1,
            frame="signature",
            quoted=True,
        )

    def is_signed(self, number: int, name: int, stop: int, end: int) -> bool:
        """Return whether nothing but a full name and a role follows a whole quotation."""
        doc, quote = self.doc, self.quotes[number]
        return (
            quote.start == self.paragraphs[self.paragraph_at[quote.start]].start
            and quote.end == name
            and doc[quote.end - 2].text in ENDS
            and 2 <= stop - name <= 4
            and stop < end - 1
            and doc[stop].text == ","
            and doc[end - 1].text not in ENDS
            and not any(token.pos_ in ("VERB", "AUX") for token in doc[name:end])
        )
