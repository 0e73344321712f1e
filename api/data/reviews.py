"""Reviews of statements for programs: /api/reviews."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from api.dependencies import StoreDep
from api.serving.networks_kept import keep_soon
from api.serving.users import ReviewerDep
from graph.model import Stance, Statement
from graph.names import UNPRINTABLE
from graph.reading import catalogue
from graph.reviewing import reviews as kept
from graph.reviewing.reviews import Fault, Review, Verdict
from graph.store.embedded import Store

router = APIRouter(prefix="/api/reviews", tags=["reviews"])

AT_ONCE = 1_000


def _printable(text: str) -> str:
    if UNPRINTABLE.search(text):
        raise ValueError("has control characters, or half a surrogate pair; remove them")
    return text


Text = Annotated[str, AfterValidator(_printable)]
Id = Annotated[Text, Field(max_length=kept.LONGEST_NAME)]
Note = Annotated[Text, Field(max_length=kept.LONGEST_NOTE)]


class NewReview(BaseModel):
    """A verdict on a statement."""

    statement: Id = Field(description="Id of the statement", examples=["5a44e28ac2cfdddc"])
    verdict: Verdict = Field(description="right, wrong, corrected, or withdrawn to undo an earlier verdict")
    note: Note = ""
    fault: Fault | None = Field(default=None, description="What is wrong")
    actor: Id | None = Field(default=None, description="The right actor's id, for a corrected statement")
    reform: Id | None = Field(default=None, description="The right reform's id, for a corrected statement")
    stance: Stance | None = Field(default=None, description="The right stance, for a corrected statement")

    def review(self, reviewer: str) -> Review:
        """The verdict, given now by this reviewer."""
        return Review(**self.model_dump(), reviewer=reviewer, time=now())


class KeptReview(BaseModel):
    """A stored verdict."""

    id: str
    number: int
    statement: str
    verdict: Verdict
    reviewer: str
    time: str
    note: str
    fault: Fault | None
    actor: str | None
    reform: str | None
    stance: Stance | None
    article: str
    start: int
    end: int
    quote: str

    @classmethod
    def of(cls, review: Review) -> "KeptReview":
        """Return the fields of the review, its id first."""
        return cls(**{name: getattr(review, name) for name in cls.model_fields})


class MissedStatement(BaseModel):
    """A statement that extraction did not find."""

    article: Id
    start: int = Field(ge=0, description="Place in the article's text, in code points")
    end: int = Field(ge=1)
    actor: Id = Field(description="Id of the actor")
    reform: Id = Field(description="Id of the reform")
    stance: Stance
    speaker: Id | None = None
    note: Note = ""


class Disagreement(BaseModel):
    """A statement on which reviewers disagree."""

    statement: str
    reviews: list[KeptReview]


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@router.get("")
def reviews(
    store: StoreDep, statement: Annotated[str | None, Query(description="Only verdicts on this statement")] = None
) -> list[KeptReview]:
    """The verdicts, oldest first."""
    return [KeptReview.of(review) for review in kept.history(store, statement)]


@router.post("", status_code=201)
def review(request: Request, new: NewReview, store: StoreDep, user: ReviewerDep) -> KeptReview:
    """Store a verdict. Positions, networks, pages and briefings count it at once."""
    made = kept.record(store, new.review(user.name))
    keep_soon(request)
    return KeptReview.of(made)


@router.post("/batch", status_code=201)
def batch(
    request: Request, new: Annotated[list[NewReview], Field(max_length=AT_ONCE)], store: StoreDep, user: ReviewerDep
) -> list[KeptReview]:
    """Store several verdicts, all or none: on the same release in five outlets, or from a spreadsheet."""
    made = kept.record_all(store, [each.review(user.name) for each in new])
    keep_soon(request)
    return [KeptReview.of(one) for one in made]


@router.post("/missed", status_code=201)
def missed(request: Request, new: MissedStatement, store: StoreDep, user: ReviewerDep) -> KeptReview:
    """Store a statement that extraction missed. It counts as checked."""
    made = kept.add_missed(store, _missed(store, new), reviewer=user.name, time=now(), note=new.note)
    keep_soon(request)
    return KeptReview.of(made)


@router.get("/disagreements")
def disagreements(store: StoreDep) -> list[Disagreement]:
    """The statements on which reviewers disagree."""
    return [
        Disagreement(statement=statement, reviews=[KeptReview.of(one) for one in found])
        for statement, found in kept.disagreements(kept.history(store))
    ]


@router.get("/whoami", response_model=None)
def whoami(user: ReviewerDep) -> Response:
    """Whether the token may review: 204 if so, otherwise 401 or 403."""
    return Response(status_code=204, headers={"X-Reviewer-Role": user.role})


def _missed(store: Store, new: MissedStatement) -> Statement:
    text = catalogue.article(store, new.article).text
    return Statement(
        article=new.article,
        start=new.start,
        end=new.end,
        quote=text[new.start : new.end],
        actor=new.actor,
        actor_label=catalogue.actor(store, new.actor).label,
        speaker=new.speaker,
        reform=new.reform,
        stance=new.stance,
    )
