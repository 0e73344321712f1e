"""The pages that compare actors, and that list changes of position."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import StoreDep
from api.selections import PagingDep
from api.showing import addresses, wording
from api.showing.labels import comparison_sentences
from api.showing.rendering import Alternate, alternates, render
from graph.domain.folder import DATE
from graph.errors import BadRequest
from graph.profiles import ComparisonProfile, changes, comparison_profile
from graph.reading import catalogue
from graph.store.embedded import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MOST_COMPARED = 6
"""Largest number of actors side by side that a table can show readably."""
MOST_REFORMS = 60
"""Largest number of reforms on which only one has spoken, in a comparison on its page."""
MOST_PASSAGES = 60
"""Largest number of passages in a comparison on its page, which keeps the page under 150 kB."""
OFFERED = 200
"""Largest number of actors to choose from: those with most statements, and those already chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A field of a filter form."""

    name: str
    label: str
    value: str = ""
    options: tuple[tuple[str, str], ...] | None = None
    check: bool = False
    hint: str = ""
    pattern: str = ""


def date_filter(name: str, label: str, value: str) -> Filter:
    """Return a field for a year, a month or a day."""
    return Filter(
        name=name, label=label, value=value, pattern=r"\d{4}(-\d{2}(-\d{2})?)?", hint="YYYY, YYYY-MM or YYYY-MM-DD"
    )


def actor_options(store: Store, chosen: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the actors with statements, by name, for a choice."""
    table = catalogue.actor_table(store)
    spoken = [each for each in table.values() if each.statements][:OFFERED]
    spoken += [table[id] for id in chosen if id in table and table[id] not in spoken]
    return tuple((each.id, each.label) for each in sorted(spoken, key=lambda each: each.label.casefold()))


def reform_options(store: Store) -> tuple[tuple[str, str], ...]:
    """Return the reforms, by name, for a choice."""
    return tuple(
        (each.id, each.label) for each in sorted(catalogue.reform_tree(store).values(), key=lambda it: it.label)
    )


@router.get("/compare")
def compare(request: Request, store: StoreDep, *, actor: Annotated[tuple[str, ...], Query()] = ()) -> HTMLResponse:
    """Show actors side by side on all reforms."""
    chosen = list(dict.fromkeys(each for each in actor if each))[:MOST_COMPARED]
    options = actor_options(store, chosen)
    # Without a choice, compare the actors with most statements.
    most = [each.id for each in catalogue.actors(store, limit=2).items if each.statements]
    profile = comparison_profile(store, chosen or most)
    shown = profile.shared[: MOST_PASSAGES // max(len(profile.actors), 1)]
    return render(
        request,
        store,
        "compare.html",
        alternates=_alternates(request, profile),
        profile=profile,
        groups=[
            (each, [row for row in shown if row.verdict is each]) for each in dict.fromkeys(r.verdict for r in shown)
        ],
        left=len(profile.shared) - len(shown),
        titles=wording.ACCORD_TITLE,
        summary=comparison_sentences(profile),
        options=options,
        briefing=[("actor", each.id) for each in profile.actors],
        fields=[*(each.id for each in profile.actors), ""][:MOST_COMPARED],
        counted=wording.compared(profile.counts),
        most=MOST_REFORMS,
    )


def _alternates(request: Request, profile: ComparisonProfile) -> list[Alternate]:
    address = addresses.with_query(
        "/api/compare", [*(("actor", each.id) for each in profile.actors), ("format", "csv")]
    )
    return [*alternates(request), Alternate(label="Passages as CSV", href=address, type="text/csv", download=True)]


@router.get("/changes")
def changed(
    request: Request,
    store: StoreDep,
    paging: PagingDep,
    *,
    actor: str = "",
    reform: str = "",
    since: str = "",
) -> HTMLResponse:
    """Show where actors have moved from one side to another."""
    if since and not DATE.fullmatch(since):
        raise BadRequest(f"since: {since!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
    if actor:
        catalogue.actor(store, actor)
    listing = changes(
        store,
        actor=actor or None,
        reform=reform or None,
        narrower=True,
        since=since,
        limit=min(paging.limit, 20),
        offset=paging.offset,
    )
    return render(
        request,
        store,
        "changes.html",
        alternates=alternates(request),
        listing=listing,
        filters=(
            Filter(name="actor", label="Actor", value=actor, options=actor_options(store)),
            Filter(name="reform", label="Reform, with narrower ones", value=reform, options=reform_options(store)),
            date_filter("since", "Since", since),
        ),
    )
