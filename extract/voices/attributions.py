"""Find attributed words: by verbs and nouns with their frames, by 'according to', and by quotation marks."""

from spacy.tokens import Doc

from extract.voices.attribution import Attribution, Near
from extract.voices.cued import Cued
from extract.voices.labelled import Labelled
from extract.voices.quoted import Quoted


def attributions(doc: Doc, *, transcript: bool = False) -> list[Attribution]:
    """Return all attributions that the journalist makes in a Doc, in text order.

    In a `transcript` the labels already give the speakers, so attributions by label are skipped.
    """
    return Attributions(doc).attributions(transcript=transcript)


class Attributions(Labelled, Cued, Quoted):
    """All attributions of one text."""

    def attributions(self, *, transcript: bool = False) -> list[Attribution]:
        found = [] if transcript else list(self.by_label())
        found += self.by_cue()
        found += self.by_quotation(found)
        found.sort(key=lambda a: a.pieces[0])
        self.carry_on(found)
        return found

    def carry_on(self, found: list[Attribution]) -> None:
        """Give a verb without a subject the speaker of the sentence before."""
        near = Near(found)
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
