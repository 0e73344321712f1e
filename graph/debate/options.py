"""The options of a network and its camps: how they are named, read from text, checked and written out.

The command line, the pages, the API and the stored networks all use these names and defaults.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from graph.domain.folder import DATE
from graph.errors import BadRequest
from graph.model import Manner

Kind = TypeVar("Kind", bound=StrEnum)


class Mode(StrEnum):
    """The nodes of a network. With two kinds of node it is a two-mode network."""

    ACTORS = "actors"
    REFORMS = "reforms"
    CONCERNS = "concerns"
    ACTORS_REFORMS = "actors-reforms"
    ACTORS_CONCERNS = "actors-concerns"


class Aggregation(StrEnum):
    """What ties two nodes: same sides minus opposite sides, same sides, opposite sides, or any shared subject."""

    SUBTRACT = "subtract"
    CONGRUENCE = "congruence"
    CONFLICT = "conflict"
    IGNORE = "ignore"


class Normalisation(StrEnum):
    """What a tie is divided by, so that actors who speak more are not tied more strongly for that reason."""

    COSINE = "cosine"
    JACCARD = "jaccard"
    ACTIVITY = "activity"
    NONE = "none"


class Unit(StrEnum):
    """What is counted: one position for each actor and reform, or each statement."""

    POSITIONS = "positions"
    STATEMENTS = "statements"


class Mixed(StrEnum):
    """How a mixed stance counts: half for each side, as a side of its own, or not at all."""

    HALF = "half"
    CATEGORY = "category"
    OMIT = "omit"


class Duplicates(StrEnum):
    """The unit in which an actor's repeated statements count once; `all` counts every statement."""

    RELEASE = "release"
    ARTICLE = "article"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


class Kernel(StrEnum):
    """How a statement's weight falls with its distance from the middle of the window."""

    UNIFORM = "uniform"
    EPANECHNIKOV = "epanechnikov"
    TRIANGULAR = "triangular"
    GAUSSIAN = "gaussian"


class Method(StrEnum):
    """How camps are found."""

    LOUVAIN = "louvain"
    WARD = "ward"
    AVERAGE = "average"
    SPECTRAL = "spectral"
    EXACT = "exact"


class Choice(StrEnum):
    """What decides how many camps there are."""

    MODULARITY = "modularity"
    SILHOUETTE = "silhouette"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """The options of a network and its camps, with the same names and defaults everywhere.

    Strings are accepted as values of the enumerations. BadRequest names an option that is wrong or that conflicts
    with another.
    """

    mode: Mode = Mode.ACTORS
    aggregation: Aggregation = Aggregation.SUBTRACT
    normalisation: Normalisation = Normalisation.COSINE
    unit: Unit = Unit.POSITIONS
    mixed: Mixed = Mixed.HALF
    duplicates: Duplicates = Duplicates.RELEASE
    at_least: int = 1
    """Least number of reforms on which two actors must both have taken a side to be tied."""
    backbone: float | None = None
    """Significance level of the disparity filter; None keeps every tie."""
    since: str = ""
    until: str = ""
    """Inclusive, in the given precision: an article of '2023-02' is within until='2023'."""
    reforms: tuple[str, ...] = ()
    narrower: bool = False
    """Count statements on narrower reforms for the chosen broader reform, or for the topmost one."""
    concerns: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    manners: tuple[Manner, ...] = ()
    min_confidence: float = 0.0
    reviewed: bool = False
    """Only statements that a person has confirmed or corrected."""
    window: int | None = None
    """Length of a moving window in days; None takes the whole period at once."""
    step: int = 30
    """Days from one window to the next."""
    kernel: Kernel = Kernel.UNIFORM
    at: str = ""
    """Middle of a single window, YYYY-MM-DD."""
    method: Method = Method.LOUVAIN
    number: int | None = None
    """Number of camps; None lets `choose` decide."""
    choose: Choice = Choice.MODULARITY
    resamples: int = 50
    """Number of resamples of the articles to estimate the stability of camps; 0 leaves stability out."""
    seed: int = 1

    def __post_init__(self) -> None:
        for name, kind in ENUMERATIONS.items():
            object.__setattr__(self, name, _one_of(kind, name, getattr(self, name)))
        for name in sorted(LISTS):
            values = getattr(self, name)
            if isinstance(values, str):
                raise BadRequest(f"{name} is a list, not {values!r}")
            object.__setattr__(self, name, tuple(values))
        object.__setattr__(self, "manners", tuple(_one_of(Manner, "manners", value) for value in self.manners))
        for name in ("since", "until", "at"):
            value = getattr(self, name)
            if value and not DATE.fullmatch(value):
                raise BadRequest(f"{name} = {value!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
        _in_range("at_least", self.at_least, 1, None)
        _in_range("window", self.window, 1, None)
        _in_range("step", self.step, 1, None)
        _in_range("number", self.number, 1, None)
        _in_range("resamples", self.resamples, 0, 10_000)
        _in_range("seed", self.seed, 0, None)
        _in_range("min_confidence", self.min_confidence, 0.0, 1.0)
        if self.backbone is not None and not 0.0 < self.backbone <= 1.0:
            raise BadRequest(
                f"backbone = {self.backbone} is not a significance level; it must be above 0 and at most 1"
            )
        self._refuse_what_does_not_go_together()

    def _refuse_what_does_not_go_together(self) -> None:
        if self.at and self.window is None:
            raise BadRequest("`at` is the middle of a window; give the length in days with `window` too")
        if self.at and len(self.at) != len("YYYY-MM-DD"):
            raise BadRequest(f"at = {self.at!r} is not a valid day; use YYYY-MM-DD")
        if self.kernel != Kernel.UNIFORM and self.window is None:
            raise BadRequest(f"the {self.kernel} kernel needs the length of its window in days; give `window`")
        if self.kernel != Kernel.UNIFORM and self.unit == Unit.POSITIONS:
            raise BadRequest(
                f"the {self.kernel} kernel weights statements, and positions have no weight; choose unit=statements"
            )
        if self.two_mode and self.normalisation == Normalisation.JACCARD:
            raise BadRequest(
                "Jaccard compares two nodes of one kind; for a two-mode network choose none, activity or cosine"
            )
        if self.method in (Method.LOUVAIN, Method.EXACT) and self.number is not None:
            raise BadRequest(
                f"{self.method} finds the number of camps itself; to set it, choose ward, average or spectral"
            )
        if self.method in (Method.LOUVAIN, Method.EXACT) and self.choose != Choice.MODULARITY:
            raise BadRequest(f"{self.method} maximises modularity; for {self.choose}, choose ward, average or spectral")

    @property
    def two_mode(self) -> bool:
        """Return whether there are two kinds of node."""
        return self.mode in (Mode.ACTORS_REFORMS, Mode.ACTORS_CONCERNS)

    @property
    def by_concern(self) -> bool:
        """Return whether actors share concerns rather than reforms."""
        return self.mode in (Mode.CONCERNS, Mode.ACTORS_CONCERNS)

    @classmethod
    def read(cls, values: Mapping[str, Sequence[str]]) -> "NetworkOptions":
        """Read options from a command line or an address, by the names of the fields; '' means not set.

        Lists take several values. Raises BadRequest for an unknown name and for what cannot be read.
        """
        known = {option.name: option for option in fields(cls)}
        made: dict[str, Any] = {}
        for name, several in values.items():
            given = [value.strip() for value in several if value.strip()]
            if name not in known:
                raise BadRequest(f"no option {name!r}; use one of {', '.join(known)}")
            if given:
                made[name] = _read(name, given)
        return cls(**made)

    def parameters(self) -> dict[str, str]:
        """Return every option as text, in the form used in files, in the graph and in addresses."""
        return {option.name: _text(getattr(self, option.name)) for option in fields(self)}


LISTS = frozenset({"reforms", "concerns", "actors", "publishers", "manners"})
TRUTHS = frozenset({"narrower", "reviewed"})
WHOLE = frozenset({"at_least", "window", "step", "number", "resamples", "seed"})
FRACTIONS = frozenset({"backbone", "min_confidence"})
ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    "mode": Mode,
    "aggregation": Aggregation,
    "normalisation": Normalisation,
    "unit": Unit,
    "mixed": Mixed,
    "duplicates": Duplicates,
    "kernel": Kernel,
    "method": Method,
    "choose": Choice,
}


def _one_of(kind: type[Kind], name: str, value: str) -> Kind:
    try:
        return kind(value)
    except ValueError:
        raise BadRequest(f"{name} = {str(value)!r} is not one of {', '.join(kind)}") from None


def _read(name: str, given: Sequence[str]) -> Any:
    if name in LISTS:
        return tuple(given)
    if len(given) > 1:
        raise BadRequest(f"{name} takes one value, not {len(given)}")
    value = given[0]
    if name in TRUTHS:
        if value.lower() not in ("true", "false"):
            raise BadRequest(f"{name} = {value!r} is neither true nor false")
        return value.lower() == "true"
    if name not in WHOLE | FRACTIONS:
        return value
    try:
        return int(value) if name in WHOLE else float(value)
    except ValueError:
        raise BadRequest(f"{name} = {value!r} is not a {'whole ' if name in WHOLE else ''}number") from None


def _in_range(name: str, value: float | None, least: float, most: float | None) -> None:
    if value is None:
        return
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"from {least} to {most}"
        raise BadRequest(f"{name} = {value} is out of range: {limits}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)
