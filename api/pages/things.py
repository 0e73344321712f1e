"""The pages of reforms, actors, articles and statements; each shows one profile."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import SettingsDep, StoreDep
from api.pages.pictures import line_on_page
from api.pages.review import choices
from api.selections import PagingDep, parsed_stance
from api.showing import addresses, wording
from api.showing.marking import paragraphs
from api.showing.rendering import Alternate, alternates, public, render, statements_csv
from graph.asking import questions
from graph.profiles import (
    ON_A_PAGE,
    ON_A_SIDE,
    actor_profile,
    article_profile,
    reform_profile,
    statement_profile,
)
from graph.reading import catalogue
from graph.reviewing.queue import identical
from graph.store.embedded import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS = 150
"""Largest number of rows of a list on one page, which keeps the page under 100 kB."""


@router.get("/reforms")
def reforms(request: Request, store: StoreDep, paging: PagingDep) -> HTMLResponse:
    """Show every reform with the number of actors on each side."""
    listing = catalogue.reforms(store, limit=min(paging.limit, ROWS), offset=paging.offset)
    return render(request, store, "reforms.html", alternates=alternates(request), listing=listing)


@router.get("/reforms/{id:path}")
def reform(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    stance: str = "",
    limit: Annotated[int, Query(ge=1, le=50)] = ON_A_SIDE,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """Show which actors take which side on a reform."""
    side = parsed_stance(stance)
    profile = reform_profile(store, id, stance=side, limit=limit, offset=offset)
    return render(
        request,
        store,
        "reform.html",
        alternates=alternates(request, "reform", id, csv=statements_csv(reform=id)) + feeds(reform=id),
        profile=profile,
        line=line_on_page(store, id) if side is None else None,
        only=side is not None,
        warning=wording.rests_on(
            statements=sum(profile.statements.values()), articles=profile.articles, publishers=profile.publishers
        ),
        sparql=sparql(store, "reform", id),
    )


@router.get("/actors")
def actors(request: Request, store: StoreDep, paging: PagingDep, *, silent: bool = False) -> HTMLResponse:
    """Show the actors that speak, or every actor, with the number of reforms on which each takes each side."""
    listing = catalogue.actors(store, silent=silent, limit=min(paging.limit, ROWS), offset=paging.offset)
    return render(request, store, "actors.html", alternates=alternates(request), listing=listing, silent=silent)


@router.get("/actors/{id:path}")
def actor(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    limit: Annotated[int, Query(ge=1, le=50)] = ON_A_PAGE,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """Show an actor's positions on all reforms."""
    profile = actor_profile(store, id, limit=limit, offset=offset)
    return render(
        request,
        store,
        "actor.html",
        alternates=alternates(request, "actor", id, csv=statements_csv(actor=id)) + feeds(actor=id),
        profile=profile,
        warning=wording.rests_on(
            statements=sum(profile.statements.values()), articles=profile.articles, publishers=profile.publishers
        ),
        sparql=sparql(store, "actor", id),
    )


@router.get("/articles")
def articles(request: Request, store: StoreDep, paging: PagingDep) -> HTMLResponse:
    """Show every article that was read."""
    listing = catalogue.articles(store, limit=min(paging.limit, ROWS), offset=paging.offset)
    return render(request, store, "articles.html", alternates=alternates(request), listing=listing)


@router.get("/articles/{id:path}")
def article(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    statement: str = "",
    part: Annotated[int | None, Query(ge=1, le=10**6)] = None,
) -> HTMLResponse:
    """Show an article with its passages marked in place."""
    profile = article_profile(store, id, part=part, chosen=statement)
    return render(
        request,
        store,
        "article.html",
        alternates=alternates(request, "article", id, csv=statements_csv(article=id)),
        profile=profile,
        article=profile.article,
        paragraphs=paragraphs(profile.text, profile.statements, offset=profile.start, chosen=profile.chosen),
        **choices(store),
    )


@router.get("/statements/{id}")
def statement(request: Request, id: str, store: StoreDep, settings: SettingsDep) -> HTMLResponse:
    """Show one statement at its permanent address."""
    profile = statement_profile(store, id)
    return render(
        request,
        store,
        "statement.html",
        alternates=alternates(request, "statement", id),
        profile=profile,
        item=profile.statement,
        citation=wording.citation(profile.statement, public(request, settings, addresses.page("statement", id))),
        same=identical(store, profile.statement),
        **choices(store),
    )


def feeds(**selected: str) -> list[Alternate]:
    """Return links to the feeds of new statements and changes of position."""
    return [
        Alternate(
            label=label,
            href=addresses.with_query(f"/feeds/{name}.atom", selected),
            type="application/atom+xml",
        )
        for label, name in (("Feed of new statements", "statements"), ("Feed of changed positions", "changes"))
    ]


def sparql(store: Store, kind: str, id: str) -> str:
    """Return the complete stored question behind a page, with which readers can check the page."""
    if kind == "reform":
        return questions.query(store, "who-stands-where", reform=id)
    return questions.query(store, "what-an-actor-thinks", actor=id)
