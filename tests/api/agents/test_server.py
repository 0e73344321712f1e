"""An agent gets the facts that pages show over the Model Context Protocol, and can change nothing."""

import json
import re
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import TypeAdapter

from api.agents.bounds import bounded
from api.queries.pool import QueryPool
from api.settings import Settings
from graph.building import build
from graph.model import Article, Reform, Stance
from graph.profiles import ReformProfile, actor_profile, comparison_profile, reform_profile
from graph.store.embedded import Store, open_store
from tests import factory

mcp = pytest.importorskip("mcp", reason="the extra 'agents' is not installed")

TEXT = "The council welcomed the fare cap. Harbour Lines opposed it."
TOOLS = {
    *("reforms", "actors", "who_stands_where", "positions_of", "compare", "changed_positions", "search_passages"),
    *("statement", "ask", "briefing", "sparql"),
}
Session = Callable[[Any], Coroutine[Any, Any, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as made:
        build(
            made,
            factory.domain(),
            [Article(id="news", text=TEXT, date="2031-03-04")],
            [
                factory.statement("The council welcomed the fare cap.", article="news"),
                replace(
                    factory.statement("Harbour Lines opposed it.", article="news", start=TEXT.index("Harbour")),
                    actor="harbour-lines",
                    actor_label="Harbour Lines",
                    stance=Stance.OPPOSE,
                ),
            ],
        )
        yield made


def within(store: Store, session: Session, *, queries: bool = False) -> Any:
    """Return the result of a client session that is connected to the server in this process."""
    from api.agents.server import mcp_server

    async def run() -> Any:
        chosen = Settings()
        pool = QueryPool(store, chosen.query_bounds)
        async with AsyncExitStack() as open:
            if queries:
                await open.enter_async_context(pool)
            return await session(await open.enter_async_context(mcp.Client(mcp_server(store, pool, chosen))))

    return anyio.run(run)


def called(store: Store, tool: str, **arguments: Any) -> Any:
    """Return the answer of a tool, or the text of its error."""

    async def session(client: Any) -> Any:
        result = await client.call_tool(tool, arguments)
        text = "".join(content.text for content in result.content)
        return text if result.is_error else result.structured_content or json.loads(text)

    return within(store, session, queries=tool == "sparql")


def test_the_tools_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "briefings.md").read_text(encoding="utf-8")
    rows = [line for line in page.partition("| tool |")[2].splitlines() if line.startswith("| `")]

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])} == TOOLS


def test_the_tools_are_listed_as_reading_only(store: Store) -> None:
    async def session(client: Any) -> Any:
        return (await client.list_tools()).tools

    tools = within(store, session)

    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert all("untrusted_text" in tool.description for tool in tools)


def test_a_reform_matches_its_page(store: Store) -> None:
    told = called(store, "who_stands_where", reform="fare-cap")

    expected = TypeAdapter(ReformProfile).dump_python(reform_profile(store, "fare-cap", limit=12), mode="json")
    assert _without_links(told) == expected
    quotes = [it for side in told["sides"] for held in side["stands"]["items"] for it in held["evidence"]]
    assert [it["link"].rpartition("/")[2] for it in quotes] == [it["id"] for it in quotes]
    assert all(set(it["quote"]) == {"untrusted_text"} for it in quotes)
    assert len(quotes) == 2


@pytest.mark.parametrize(
    ("tool", "arguments", "facts"),
    [
        ("positions_of", {"actor": "council"}, lambda store: actor_profile(store, "council", limit=10)),
        (
            "compare",
            {"actors": ["council", "harbour-lines"]},
            lambda store: comparison_profile(store, ["council", "harbour-lines"]),
        ),
    ],
)
def test_an_actor_and_a_comparison_match_their_pages(
    store: Store, tool: str, arguments: dict[str, Any], facts: Callable[[Store], Any]
) -> None:
    expected = facts(store)

    assert _without_links(called(store, tool, **arguments)) == TypeAdapter(type(expected)).dump_python(
        expected, mode="json"
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "found"),
    [
        ("reforms", {}, "fare-cap"),
        ("actors", {"name": "harbour"}, "harbour-lines"),
        ("search_passages", {"words": "welcomed"}, "The council welcomed the fare cap."),
        ("ask", {"question": "Who opposes the fare cap?"}, "Harbour Lines opposed it."),
        ("briefing", {"reform": "fare-cap", "length": "one-page"}, "# Fare cap: who stands where"),
        ("changed_positions", {"reform": "fare-cap"}, '"total": 0'),
        ("sparql", {"query": "ASK { ?s ?p ?o }"}, '"answer": true'),
        (
            "sparql",
            {"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://positions.example/ontology#Statement> }"},
            '"untrusted_text": "2"',
        ),
    ],
)
def test_each_tool_finds_what_it_is_asked_for(store: Store, tool: str, arguments: dict[str, Any], found: str) -> None:
    assert found in json.dumps(called(store, tool, **arguments), ensure_ascii=False)


def test_a_statement_is_found_by_its_id(store: Store) -> None:
    id = called(store, "search_passages", actor="council")["passages"]["items"][0]["id"]

    assert called(store, "statement", id=id)["statement"]["quote"] == {
        "untrusted_text": "The council welcomed the fare cap."
    }


@pytest.mark.parametrize(
    "query",
    [
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "CLEAR ALL",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ],
)
def test_a_query_that_would_change_or_leave_the_graph_is_refused(store: Store, query: str) -> None:
    before = store.dump()

    answer = called(store, "sparql", query=query)

    assert isinstance(answer, str)
    assert "unexpected" not in answer.lower()
    assert store.dump() == before


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("who_stands_where", {"reform": "nothing"}, "no reform 'nothing' in this graph"),
        ("positions_of", {"actor": "absent"}, "no actor 'absent' in this graph"),
        ("compare", {"actors": ["council"]}, "actors"),
        ("search_passages", {"limit": 1_000}, "limit"),
    ],
)
def test_an_error_keeps_its_message(store: Store, tool: str, arguments: dict[str, Any], message: str) -> None:
    answer = called(store, tool, **arguments)

    assert isinstance(answer, str)
    assert message in answer


def test_an_agent_can_start_it_and_talk_over_standard_input_and_output(store: Store, tmp_path: Path) -> None:
    store.close()
    script = (
        "import anyio\nfrom api.agents.server import serve_stdio\nfrom api.settings import Settings\n"
        "from graph.store.embedded import open_store\n"
        f"with open_store({str(tmp_path / 'store')!r}) as store:\n    anyio.run(serve_stdio, store, Settings())\n"
    )

    async def run() -> Any:
        parameters = mcp.StdioServerParameters(command=sys.executable, args=["-c", script])
        async with mcp.Client(parameters) as client:
            result = await client.call_tool("reforms", {})
            return result.structured_content

    assert {it["id"] for it in anyio.run(run)["items"]} == {"fare-cap", "fares", "night-buses"}


def _without_links(value: Any) -> Any:
    """The answer as the pages have it: without links, and without the marks on text from articles."""
    if isinstance(value, list):
        return [_without_links(each) for each in value]
    if isinstance(value, dict):
        if set(value) == {"untrusted_text"}:
            return value["untrusted_text"]
        return {key: _without_links(each) for key, each in value.items() if key != "link"}
    return value


@pytest.mark.parametrize(
    ("tool", "by_id", "by_name"),
    [
        ("who_stands_where", {"reform": "fare-cap"}, {"reform": "capped fares"}),
        ("positions_of", {"actor": "harbour-lines"}, {"actor": "Harbour"}),
        ("compare", {"actors": ["council", "harbour-lines"]}, {"actors": ["the council", "HARBOUR LINES"]}),
        ("changed_positions", {"reform": "fare-cap"}, {"reform": "Fare caps"}),
        ("search_passages", {"actor": "council"}, {"actor": "City Council"}),
    ],
)
def test_a_tool_takes_any_name_of_a_thing(
    store: Store, tool: str, by_id: dict[str, Any], by_name: dict[str, Any]
) -> None:
    assert called(store, tool, **by_name) == called(store, tool, **by_id)


def test_a_name_that_is_not_known_is_answered_with_similar_ones(store: Store) -> None:
    assert "did you mean Fare cap" in called(store, "who_stands_where", reform="fare cup")


def test_files_out_the_answer_on_a_busy_actor_is_bounded_and_goes_on(tmp_path: Path) -> None:
    quotes = {
        f"plan-{number}": f"The council said of plan {number} that it was welcome in every way that it could think of."
        for number in range(60)
    }
    text = " ".join(quotes.values())
    domain = factory.domain()
    domain = factory.domain(
        reforms={id: Reform(id=id, label=id.capitalize()) for id in quotes},
        actors={**domain.actors, "council": replace(domain.actors["council"], aliases=("the council", "CC"))},
    )
    statements = [
        factory.statement(quote, article="long", start=text.index(quote), reform=reform)
        for reform, quote in quotes.items()
    ]
    seen: list[str] = []
    with open_store(tmp_path / "store") as store:
        build(store, domain, [factory.article(id="long", text=text)], statements)
        while len(seen) < 60:
            told = called(store, "positions_of", actor="CC", limit=100, offset=len(seen))
            items = told["stands"]["items"]
            assert len(json.dumps(told).encode()) < 20_000
            assert told["stands"]["total"] == 60
            assert 3 <= len(items) < 60
            seen += [each["position"]["reform"] for each in items]

    assert sorted(seen) == sorted(quotes)


def test_files_out_lists_are_cut_with_their_number() -> None:
    told = bounded(lambda most: {"items": ["x" * 400] * most, "members": [{"name": "y" * 1_000}] * 50}, 100)

    assert len(json.dumps(told)) < 16_000
    assert told["members_left_out"] == 50 - len(told["members"])


@pytest.mark.parametrize(
    "arguments", [{"offset": 2**63}, {"since": "\ud800"}, {"until": "\ud800"}], ids=["offset", "since", "until"]
)
def test_values_that_no_index_can_hold_are_refused_by_name(store: Store, arguments: dict[str, Any]) -> None:
    from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError

    from api.agents.server import mcp_server

    server = mcp_server(store, QueryPool(store, Settings().query_bounds), Settings())
    with pytest.raises(ToolError, match=next(iter(arguments))) as refused:
        anyio.run(server.call_tool, "search_passages", {"words": "cap", **arguments})

    assert not isinstance(refused.value, UnexpectedToolError)
