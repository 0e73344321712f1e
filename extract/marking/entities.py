"""Find named entities with a spaCy model, for all tokens of a text at once.

The recogniser's choice depends on the token alone if no entity is open, and on the entity's own words if one is. So
the moves at all tokens are scored together, entities are followed from every possible start, and the leftmost are
kept. The result equals that of the recogniser working token by token.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, IS_SPACE, SENT_START  # type: ignore[import-not-found]  # compiled, without a stub
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span
from thinc.api import Model


def can_be_read_at_once(recognizer: EntityRecognizer) -> bool:
    """Return whether a recogniser has the supported form: greedy, three features, vectors of its own."""
    model: Model[Any, Any] = recognizer.model
    return (
        type(recognizer) is EntityRecognizer
        and recognizer.cfg.get("beam_width", 1) == 1
        and bool(model.attrs.get("has_upper"))
        and not model.attrs.get("unseen_classes")
        and model.get_ref("lower").get_dim("nF") == 3
        and model.get_ref("lower").get_dim("nP") >= 2
        and not any("listener" in layer.name for layer in model.walk())
    )


class EntitiesAtOnce:
    """Marks the same entities as a recogniser, in less time."""

    def use(self, recognizer: EntityRecognizer) -> None:
        """Use the weights of a recogniser."""
        self.recognizer = recognizer
        # `move_names` omits one move, so its numbers do not match.
        moves = {recognizer.moves.get_class_name(number): number for number in range(recognizer.moves.n_moves)}
        self.count = len(moves)
        labels = [name[2:] for name in moves if name.startswith("B-") and name[2:]]
        self.begins = {moves[f"B-{label}"]: label for label in labels}
        self.units = {moves[f"U-{label}"]: label for label in labels}
        self.out = moves["O"]
        self.goes_on = np.zeros(self.count, dtype=np.intp)
        """For each move that begins an entity, the move that continues it."""
        self.ends = np.zeros(self.count, dtype=np.intp)
        for number, label in self.begins.items():
            self.goes_on[number], self.ends[number] = moves[f"I-{label}"], moves[f"L-{label}"]

    def __call__(self, doc: Doc) -> Doc:
        """Mark the entities of a Doc."""
        if not len(doc) or doc.to_array(ENT_IOB).any():
            marked: Doc = self.recognizer(doc)
            return marked
        vectors, lower, upper = self.recognizer.model.layers
        features = lower.predict(vectors.predict([doc]))
        bias = lower.get_param("b")
        space = doc.to_array(IS_SPACE).astype(bool)
        # Whether a token is the last of its sentence or of the text.
        starts = np.append(doc.to_array(SENT_START) == 1, True)[1:]
        # The first row of the features stands for a missing word.
        hidden = (features[1:, 0] + features[0, 1] + features[0, 2] + bias).max(axis=-1)
        scores = upper.predict(hidden)
        allowed = np.zeros(scores.shape, dtype=bool)
        allowed[:, self.out] = True
        allowed[:, list(self.units)] = ~space[:, None]
        allowed[:, list(self.begins)] = ~(space | starts)[:, None]
        moves = np.where(allowed, scores, -np.inf).argmax(axis=1)
        beginning = np.flatnonzero(np.isin(moves, list(self.begins)))
        ends = self._followed(features, bias, upper, starts, beginning, moves[beginning])
        found = []
        free = 0
        for start in np.flatnonzero(moves != self.out).tolist():
            if start < free:
                continue
            move = int(moves[start])
            free = ends.get(start, start + 1)
            label = self.begins[move] if start in ends else self.units[move]
            found.append(Span(doc, start, free, label=label))
        doc.set_ents(found, default="outside")
        return doc

    def _followed(
        self,
        features: NDArray[np.float32],
        bias: NDArray[np.float32],
        upper: Model[Any, Any],
        starts: NDArray[np.bool_],
        beginning: NDArray[np.intp],
        moves: NDArray[np.intp],
    ) -> dict[int, int]:
        """Return the ends of the entities that begin at these tokens with these moves."""
        ends: dict[int, int] = {}
        here = beginning + 1
        first = beginning
        while len(here):
            hidden = (features[here + 1, 0] + features[first + 1, 1] + features[here, 2] + bias).max(axis=-1)
            scores = upper.predict(hidden)
            rows = np.arange(len(here))
            more, last = self.goes_on[moves], self.ends[moves]
            onward = scores[rows, more] > scores[rows, last]
            onward |= (scores[rows, more] == scores[rows, last]) & (more < last)
            onward &= ~starts[here]
            ends.update(zip(first[~onward].tolist(), (here[~onward] + 1).tolist(), strict=True))
            here, first, moves = here[onward] + 1, first[onward], moves[onward]
        return ends


@Language.factory("entities_at_once", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def entities_at_once(nlp: Language, name: str) -> EntitiesAtOnce:
    """Create the component, which marks nothing until it has a recogniser."""
    return EntitiesAtOnce()
