"""Find words with the speaker's name before them: turns of a transcript, and headlines such as 'Council: …'."""

from collections.abc import Iterator

from extract.lexicon import pattern
from extract.voices.attribution import Attribution
from extract.voices.phrases import Phrases


class Labelled(Phrases):
    """Finds the attributions of labels."""

    def by_label(self) -> Iterator[Attribution]:
        """Find 'NAME: …' at the start of paragraphs: a transcript if several have it, otherwise a headline."""
        text, label = self.doc.text, pattern("label")
        labels = {
            number: match
            for number, span in enumerate(self.paragraphs)
            if (match := label.match(text, span.start_char, span.end_char))
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
                name = self.doc.char_span(*found.span("who"), alignment_mode="expand")
                rest = self.doc.char_span(found.end(), span.end_char, alignment_mode="expand")
                if name is None or rest is None or rest.start < name.end:
                    continue
                last = Attribution(
                    pieces=[self.trimmed(rest.start, rest.end)],
                    cue=(name.end - 1, name.end) if name.end < 2 else (name.end, max(name.end + 1, rest.start)),
                    mention=(name.start, name.end),
                    holder=name.end - 1,
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
