"""Compute the same numbers as a model in less time, by reusing what tokens share.

A token's first vector depends only on its form, and most of its attributes on its form, tag and dependency: both are
computed once for each combination and kept. Matrix products use NumPy's linear algebra, which suits the processor.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, LOWER, TAG  # type: ignore[import-not-found]  # compiled, without a stub
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.pipeline import EntityRecognizer
from spacy.pipeline.attributeruler import AttributeRuler
from spacy.tokens import Doc
from spacy.tokens._retokenize import set_token_attrs
from thinc.api import Model, NumpyOps
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from extract.marking.entities import can_be_read_at_once

MOST = 1 << 15
"""Forms that are kept, 13 MB a table; when there are more, the table starts again empty."""
EMBEDDING = ("extract_features", "list2ragged", "with_array", "with_array", "ragged2list")
"""Layers of an embedding that depends only on a token's form."""
RULED = {"LOWER", "TAG", "DEP", "IS_SPACE"}
"""Attributes that rules may use, to be kept by form, tag and dependency."""


class OneByOne(NumpyOps):  # type: ignore[misc]  # compiled, without a stub
    """Multiplies row by row: in one large matrix, a row's last digit depends on its position."""

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """Return the product of two matrices."""
        if trans1 or out is not None:
            return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)
        other = y.T if trans2 else y
        made = np.empty((len(x), other.shape[1]), dtype=x.dtype)
        for row, product in zip(x, made, strict=True):
            np.dot(row, other, out=product)
        return made


def quicken(nlp: Language) -> None:
    """Make a pipeline faster if its parts are of a known kind; its results do not change.

    From then on this process calculates in one thread: the matrices are small, and threads would wait for one another.
    """
    threadpool_limits(limits=1, user_api="blas")
    ops = NumpyOps(use_blis=False)
    for name, part in nlp.pipeline:
        model = getattr(part, "model", None)
        if isinstance(model, Model):
            for layer in list(model.walk()):
                if type(layer.ops) is NumpyOps:
                    layer.ops = ops
                if len(layer.layers) and _is_embedding(layer.layers[0]):
                    layer.layers[0] = remembering(layer.layers[0])
        if isinstance(part, AttributeRuler) and _is_local(part):
            nlp.replace_pipe(name, "remembered_attributes").use(part)  # type: ignore[attr-defined]  # of the factory
        if isinstance(part, EntityRecognizer) and can_be_read_at_once(part):
            nlp.replace_pipe(name, "entities_at_once").use(part)  # type: ignore[attr-defined]  # of the factory


# ---- vectors of forms


def _is_embedding(model: Model[Any, Any]) -> bool:
    names = [layer.name for layer in model.layers]
    return len(names) == len(EMBEDDING) and all(map(str.startswith, names, EMBEDDING))


def remembering(embedding: Model[Any, Any]) -> Model[list[Doc], list[NDArray[np.float32]]]:
    """Return an embedding that computes each form once."""
    features = embedding.layers[0]
    steps = [embedding.layers[2].layers[0], embedding.layers[3].layers[0]]
    ops = OneByOne(use_blis=False)
    for layer in steps[1].walk():
        layer.ops = ops
    width: int = embedding.get_dim("nO")
    kept = np.empty((0, width), dtype=np.float32)
    known: dict[bytes, int] = {}

    def forward(
        model: Model[Any, Any], docs: list[Doc], is_train: bool
    ) -> tuple[list[NDArray[np.float32]], Callable[[Any], Any]]:
        nonlocal kept
        if is_train:
            return embedding(docs, is_train)
        forms: list[NDArray[np.uint64]] = [np.ascontiguousarray(rows) for rows in features.predict(docs)]
        keys = [_keys(rows) for rows in forms]
        missing: dict[bytes, NDArray[np.uint64]] = {}
        for rows, names in zip(forms, keys, strict=True):
            for place, key in enumerate(names):
                if key not in known and key not in missing:
                    missing[key] = rows[place]
        if len(known) + len(missing) > MOST:
            known.clear()
            kept = kept[:0]
            missing = {key: rows[i] for rows, names in zip(forms, keys, strict=True) for i, key in enumerate(names)}
        if missing:
            start = len(known)
            made: Any = np.stack(list(missing.values()))
            for step in steps:
                made = step.predict(made)
            known.update((key, start + place) for place, key in enumerate(missing))
            kept = np.concatenate((kept[:start], made))
        return [kept[[known[key] for key in names]] for names in keys], lambda gradient: []

    return Model("remembering", forward, layers=[embedding], dims={"nO": width})


def _keys(rows: NDArray[np.uint64]) -> list[bytes]:
    if not len(rows):
        return []
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel().tolist()  # type: ignore[return-value]  # of void: bytes


# ---- attributes by rule


def _is_local(ruler: AttributeRuler) -> bool:
    return all(set(token) <= RULED for _, pattern in _patterns(ruler) for token in pattern)


def _patterns(ruler: AttributeRuler) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The patterns of a ruler, each with the number of its rule."""
    entries: Any = ruler.patterns
    for number, entry in enumerate(entries):
        for pattern in entry["patterns"]:
            yield number, pattern


class RememberedAttributes:
    """What an attribute ruler sets, looked up by form, tag and dependency if a rule needs only one token."""

    def use(self, ruler: AttributeRuler) -> None:
        """Use the rules of a ruler."""
        self.ruler = ruler
        self.several = Matcher(ruler.vocab, validate=False)
        self.words: set[str] = set()
        """Forms that a rule names."""
        self.shapes: list[re.Pattern[str]] = []
        """Shapes of forms that a rule names."""
        for number, pattern in _patterns(ruler):
            if len(pattern) > 1:
                self.several.add(f"{number}", [pattern])
            for token in pattern:
                self._wanted(token.get("LOWER"))
        self.kinds: dict[int, int] = {}
        """For each form: itself if a rule names it, 1 for white space, otherwise 0."""
        self.found: dict[tuple[int, int, int], list[int]] = {}
        """Numbers of the rules that match a token, by kind of form, tag and dependency."""
        self.merged: dict[tuple[int, int, int], dict[int, int]] = {}
        """The combined attributes that these rules set."""

    def _wanted(self, value: Any) -> None:
        if isinstance(value, str):
            self.words.add(value)
        elif isinstance(value, dict):
            for test, against in value.items():
                if test == "REGEX":
                    self.shapes.append(re.compile(against))
                else:
                    self.words.update([against] if isinstance(against, str) else against)

    def __call__(self, doc: Doc) -> Doc:
        """Set the attributes of each token."""
        if not len(doc):
            return doc
        further = self._further(doc)
        if len(self.kinds) > MOST:
            self.kinds.clear()
        for i, (form, tag, dep) in enumerate(doc.to_array([LOWER, TAG, DEP]).tolist()):
            kind = self.kinds.get(form)
            if kind is None:
                kind = self.kinds[form] = self._kind(form)
            key = kind, tag, dep
            if key not in self.merged:
                self.found[key] = [number for number, _ in self._alone(doc, i)]
                self.merged[key] = self._together(self.found[key])
            if i in further:
                set_token_attrs(doc[i], self._together([*self.found[key], *further[i]]))
            elif held := self.merged[key]:
                set_token_attrs(doc[i], held)
        return doc

    def _kind(self, form: int) -> int:
        text = self.ruler.vocab.strings[form]
        if text.isspace():
            return 1
        return form if text in self.words or any(shape.search(text) for shape in self.shapes) else 0

    def _alone(self, doc: Doc, i: int) -> Iterable[tuple[int, int]]:
        return self._matches(self.ruler.matcher, doc[i : i + 1])

    def _further(self, doc: Doc) -> Mapping[int, list[int]]:
        """Return, by token, the matching rules that span several tokens."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        if len(self.several):
            for number, start in self._matches(self.several, doc):
                index = self.ruler.indices[number]
                found[start + index].append(number)
        return found

    def _matches(self, matcher: Matcher, text: Any) -> Iterable[tuple[int, int]]:
        strings = self.ruler.vocab.strings
        for name, start, _ in matcher(text, allow_missing=True, as_spans=False):
            yield int(strings[name]), start

    def _together(self, numbers: Iterable[int]) -> dict[int, int]:
        """Merge what rules set; later rules override earlier ones."""
        merged: dict[int, int] = {}
        for number in sorted(numbers):
            merged |= self.ruler.attrs[number]
        return merged


@Language.factory("remembered_attributes", assigns=["token.tag", "token.pos", "token.morph", "token.lemma"])
def remembered_attributes(nlp: Language, name: str) -> RememberedAttributes:
    """Create the component, which sets nothing until it has a ruler."""
    return RememberedAttributes()
