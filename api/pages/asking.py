"""The home page, the answer to a question in plain English, and search."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import StoreDep
from api.pages.comparing import actor_options
from api.pages.pictures import network_on_page, small
from api.selections import PagingDep, SelectionDep
from api.showing import addresses, wording
from api.showing.rendering import Alternate, alternates, render, statements_csv
from graph.asking.ask import Answers, ask
from graph.asking.grammar import grammar
from graph.asking.names import RecognisedName
from graph.asking.understanding import NotUnderstood, understand
from graph.debate.options import NetworkOptions
from graph.errors import PositionsError
from graph.model import Selection
from graph.profiles import field_profile
from graph.reading import catalogue
from graph.reading.catalogue import Named
from graph.reading.search import SearchProfile, search
from graph.store.embedded import Store
from graph.store.remembered import remembered
from graph.versions.builds import versions

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

EXAMPLES = 5
OFFERED = 40
"""Largest number of reforms, and of actors, for which the box suggests questions."""
SHOWN = 25
"""Largest number of lines of an answer on its page."""
MOST_SEARCHED = 300
"""Characters of a question that are searched for."""
PASSAGES = 5
"""Passages below a question that is not understood or has no answer."""


@router.get("/")
def home(request: Request, store: StoreDep) -> HTMLResponse:
    """Show a box for questions and an overview of the data."""
    most = [each.id for each in catalogue.actors(store, limit=2).items]
    return render(
        request,
        store,
        "home.html",
        alternates=alternates(request, csv=statements_csv()),
        field=field_profile(store),
        picture=network_on_page(store, NetworkOptions(resamples=0)) if small(store) else None,
        compared=most,
        options=actor_options(store, most),
        builds=versions(store).items[:2],
        asked="",
        examples=examples(store),
        completions=completions(store),
    )


@router.get("/ask")
def answer(request: Request, store: StoreDep, *, q: Annotated[str, Query(max_length=5_000)] = "") -> HTMLResponse:
    """Show the answer to a question, with its passages and its query.

    A question that is not understood, or has no answer, leads to other questions and to passages with its words.
    """
    found, problem = None, ""
    recognised: tuple[RecognisedName, ...] = ()
    others: tuple[str, ...] = ()
    if q.strip():
        try:
            found = ask(store, q)
            recognised, others = found.recognised, found.others
        except NotUnderstood as error:
            problem, recognised, others = error.problem, error.recognised, error.others
        except PositionsError as error:
            problem = str(error)
    passages = _passages(store, q, recognised) if q.strip() and (found is None or not found.answers) else None
    actors = _named(store, found, "actor") if found else []
    return render(
        request,
        store,
        "answer.html",
        alternates=[Alternate(label="JSON", href=f"/api/ask?{request.url.query}", type="application/json")]
        if found
        else (),
        status=400 if problem else 200,
        figures=not problem,
        asked=q,
        answers=found,
        problem=problem,
        recognised=recognised,
        others=others,
        passages=passages,
        searched=_searched(q, recognised),
        heading=_heading(found) if found else "",
        shown=SHOWN,
        page_of_comparison=addresses.with_query("/compare", [("actor", each.id) for each in actors]),
        reforms=_named(store, found, "reform") if found else (),
        actors=actors,
        # Next to an answer they would only distract.
        examples=() if others or (found and found.answers) else examples(store),
        completions=completions(store),
    )


@router.get("/search")
def found(
    request: Request,
    store: StoreDep,
    selection: SelectionDep,
    paging: PagingDep,
    *,
    q: Annotated[str, Query(max_length=5_000)] = "",
) -> HTMLResponse:
    """Show passages and articles with these words, and facets to narrow them down."""
    profile = search(store, q, selection, limit=min(paging.limit, 20), offset=paging.offset)
    parameters = {name: value for name, value in request.query_params.items() if value and name not in ("q", "offset")}
    return render(
        request,
        store,
        "search.html",
        alternates=alternates(request, csv=statements_csv(**parameters) if not q else ""),
        profile=profile,
        listing=profile.passages,
        chosen=_chosen(store, parameters),
        parameters=parameters,
        facet_names=wording.FACET,
    )


def _searched(question: str, recognised: tuple[RecognisedName, ...]) -> dict[str, str]:
    """Return the parameters of the search that a question leads to: its names as filters, or else its words."""
    filters = {each.kind: each.id for each in recognised if each.kind in ("actor", "reform", "concern", "publisher")}
    if filters:
        return filters
    words = grammar().spelling.tokens(question[:MOST_SEARCHED])
    return {"q": " ".join(word for word in words if word not in grammar().passed_over)}


def _passages(store: Store, question: str, recognised: tuple[RecognisedName, ...]) -> SearchProfile | None:
    """Return the passages that a question leads to; None if there are none."""
    asked = _searched(question, recognised)
    words = asked.pop("q", "")
    if not words and not asked:
        return None
    selection = Selection(
        actor=asked.get("actor"),
        reform=asked.get("reform"),
        concern=asked.get("concern"),
        publisher=asked.get("publisher"),
    )
    profile = search(store, words, selection, limit=PASSAGES)
    return profile if profile.passages.items else None


def _chosen(store: Store, parameters: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the filters that are set, each as its parameter, its name and its value in words."""
    told = []
    for name, value in parameters.items():
        if name not in wording.FILTER:
            continue
        label = value
        if name == "reform":
            label = catalogue.reform(store, value).label
        elif name == "actor":
            label = catalogue.actor(store, value).label
        elif name == "concern":
            label = catalogue.concerns(store)[value].label
        told.append((name, wording.FILTER[name], label))
    return told


def _heading(answers: Answers) -> str:
    passages = sum(len(each.evidence) for each in answers.answers)
    actors = len({each.actor.id for each in answers.answers if each.actor is not None})
    if not answers.answers:
        return "Nothing in these articles answers that. Having no statement is not the same as taking no side."
    parts = [wording.count(actors, "actor")] if actors else [wording.count(len(answers.answers), "answer")]
    if passages:
        parts.append(wording.count(passages, "statement"))
    return f"{wording.capital(', '.join(parts))}."


def _named(store: Store, answers: Answers, kind: str) -> list[Named]:
    """Return the things that a question names."""
    known = catalogue.reform if kind == "reform" else catalogue.actor
    places = ("reform",) if kind == "reform" else ("actor", "with", "one", "other")
    ids = [answers.parameters[place] for place in places if place in answers.parameters]
    return [Named(id=id, label=known(store, id).label) for id in ids]


def examples(store: Store) -> tuple[str, ...]:
    """Return questions that this graph can answer."""
    return remembered(store, "examples", lambda: tuple(_examples(store)))


def _examples(store: Store) -> list[str]:
    reforms = [each.label for each in catalogue.reforms(store, limit=3).items if each.statements]
    short = catalogue.short_names(store)
    listed = [each for each in catalogue.actors(store, limit=3).items if each.statements]
    # A short name reads well with and without an article before it.
    actors = [short.get(("actor", each.id), each.label) for each in listed]
    if not reforms or len(actors) < 2:
        return []
    asked = []
    for number, says in enumerate(dict.fromkeys(each.says for each in grammar().forms)):
        one, other = actors[number % len(actors)], actors[(number + 1) % len(actors)]
        if all(f"{{{place}}}" not in says for place in ("concern", "person", "publisher")):
            text = says.format(reform=reforms[number % len(reforms)], actor=one, one=one, other=other)
            if len(text) <= wording.NAME_LENGTH:
                asked.append(text)
    chosen = []
    for text in asked:
        try:
            understand(store, text)
        except PositionsError:
            # Skip a name that is ambiguous or that the grammar reads differently.
            continue
        chosen.append(text)
    # Take the first of each kind of question. They follow the grammar, which groups the wordings of one question.
    step = max(1, len(chosen) // EXAMPLES)
    return chosen[::step][:EXAMPLES]


def completions(store: Store) -> tuple[str, ...]:
    """Return questions on the reforms and actors with most statements."""

    def make() -> tuple[str, ...]:
        on_reforms = [each.says for each in grammar().forms if each.places == ("reform",)]
        on_actors = [each.says for each in grammar().forms if each.places == ("actor",)]
        reforms = [each.label for each in catalogue.reforms(store, limit=OFFERED).items]
        actors = [each.label for each in catalogue.actors(store, limit=OFFERED).items]
        made = [says.format(reform=label) for label in reforms for says in dict.fromkeys(on_reforms[:3])]
        made += [says.format(actor=label) for label in actors for says in dict.fromkeys(on_actors[:2])]
        return tuple(text for text in made if len(text) <= wording.NAME_LENGTH)

    return remembered(store, "completions", make)
