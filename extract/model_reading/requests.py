"""What is sent: instructions, the tables that matter, and one part of an article as numbered sentences."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from extract.marking.names import Names
from extract.model_reading.answers import schema
from extract.model_reading.plausible import met_before, people_in, plausible_actors, plausible_reforms
from extract.model_reading.sentences import NumberedSentence, numbered, one_line
from graph.domain.folder import Domain
from graph.model import Actor, Article, Reform
from graph.names import slug

CONTEXT = 16_000
"""Tokens that a request and its answer may have together."""
TOKENS_A_SENTENCE = 70
"""Tokens that the answer may take for each sentence; a statement takes about this many."""
TOKENS_AT_LEAST = 700
SEED = 7
UNNAMED = "unnamed"
"""The model of a request when no model is named, as for a tool without an API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Everything that shapes a request, apart from the domain and the article."""

    model: str = UNNAMED
    context: int = CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request about a part of an article, and what its answer may name."""

    article: str
    part: int
    messages: tuple[tuple[str, str], ...]
    """Role and text of each message."""
    sentences: tuple[NumberedSentence, ...]
    reforms: tuple[str, ...]
    concerns: tuple[str, ...]
    model: str
    output: int
    """Tokens that the answer may have at most."""

    @property
    def body(self) -> dict[str, Any]:
        """The body of a chat-completions request."""
        first, last = self.sentences[0].number, self.sentences[-1].number
        form = {"name": "statements", "strict": True, "schema": schema(self.reforms, self.concerns, first, last)}
        return {
            "model": self.model,
            "messages": [{"role": role, "content": text} for role, text in self.messages],
            "temperature": 0,
            "seed": SEED,
            "max_tokens": self.output,
            "response_format": {"type": "json_schema", "json_schema": form},
        }

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is sent, in hexadecimal."""
        return digest(self.body)

    @property
    def custom_id(self) -> str:
        """The request's name in a batch file, at most 64 letters, digits and hyphens."""
        name = slug(self.article).encode("ascii", "ignore").decode()[:32]
        return f"{name or 'article'}-{self.part}-{self.digest[:20]}"

    @property
    def input(self) -> int:
        """About how many tokens are sent."""
        return sum(tokens(text) + 4 for _, text in self.messages)


@cache
def instructions() -> str:
    """The instructions without the line that tells their version."""
    return _file().split("\n", 1)[1].strip()


@cache
def version() -> str:
    """The version of the instructions."""
    return _file().split("\n", 1)[0].removeprefix("Version ").strip()


def _file() -> str:
    return files("extract.model_reading").joinpath("instructions.md").read_text(encoding="utf-8")


def digest(body: dict[str, Any]) -> str:
    """SHA-256 of a request's body, in hexadecimal."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    plain = len(text.encode("ascii", "ignore"))
    return -(-plain * 2 // 7) + (len(text) - plain)


def requests(article: Article, domain: Domain, names: Names, asking: Asking) -> list[Request]:
    """The requests about an article: one, or one for each part of a long one."""
    sentences = numbered(article.text)
    actors = plausible_actors(article, domain, names)
    concerns = "".join(f"- {one_line(c.id)} | {one_line(c.label)}\n" for c in domain.concerns.values())
    overhead = tokens(instructions()) + tokens(concerns) + sum(tokens(_actor(actor)) for actor in actors) + 300
    # Which reforms a part is sent with depends on the part; room is kept for what the whole article would take.
    overhead += sum(tokens(_reform(reform)) for reform in plausible_reforms(article.text, article, domain))
    room = max(asking.context - overhead, 1000)
    parts = list(_parts(article.text, sentences, room))
    people = people_in(article.text, names, domain) if len(parts) > 1 else []
    made = []
    for number, part in enumerate(parts, 1):
        text = article.text[part[0].start : part[-1].end]
        reforms = plausible_reforms(f"{article.title}\n{text}", article, domain)
        before = met_before(people, part[0].start)
        head = _head(article, domain, reforms, actors, concerns)
        place = f"Part {number} of {len(parts)}\n" if len(parts) > 1 else ""
        met = f"Named in earlier parts: {'; '.join(map(one_line, before))}\n" if before else ""
        lines = "\n".join(f"[{s.number}] {one_line(article.text[s.start : s.end])}" for s in part)
        made.append(
            Request(
                article=article.id,
                part=number,
                messages=(("system", instructions()), ("user", f"{head}{place}{met}\n# Sentences\n\n{lines}\n")),
                sentences=tuple(part),
                reforms=tuple(reform.id for reform in reforms),
                concerns=tuple(domain.concerns),
                model=asking.model,
                output=max(TOKENS_AT_LEAST, TOKENS_A_SENTENCE * len(part)),
            )
        )
    return made


def _head(article: Article, domain: Domain, reforms: Sequence[Reform], actors: Sequence[Actor], concerns: str) -> str:
    package = domain.package(article.date)
    told = [
        "# Reforms (id | label | part of | definition | also called)\n\n",
        *map(_reform, reforms),
        f"\n'These reforms' as a whole are: {package.id}\n" if package is not None else "",
        "\n# Actors (id | label | kind | also called | belongs to)\n\n",
        *map(_actor, actors),
        f"\nThe government is: {domain.government}\n" if domain.government else "",
        f"\n# Concerns (id | label)\n\n{concerns}" if concerns else "",
        "\n# Document\n\n",
        *(
            f"{name}: {one_line(value)}\n"
            for name, value in (
                ("Title", article.title),
                ("Publisher", article.publisher),
                ("Author", article.author),
                ("Date", article.date),
                ("In the voice of", article.voice),
            )
            if value
        ),
    ]
    return "".join(told)


def _reform(reform: Reform) -> str:
    parts = (reform.id, reform.label, reform.broader, reform.definition, "; ".join(reform.aliases))
    return f"- {' | '.join(map(one_line, parts))}\n"


def _actor(actor: Actor) -> str:
    belongs = "; ".join(f"{m.organisation} ({m.role})" if m.role else m.organisation for m in actor.member_of)
    parts = (actor.id, actor.label, actor.kind.value, "; ".join(actor.aliases), belongs)
    return f"- {' | '.join(map(one_line, parts))}\n"


def _parts(text: str, sentences: Sequence[NumberedSentence], room: int) -> Iterator[list[NumberedSentence]]:
    """The sentences in parts that fit, cut between paragraphs where that leaves a part half full; one overlaps."""
    costs = [tokens(text[s.start : s.end]) + 4 + TOKENS_A_SENTENCE for s in sentences]
    start = 0
    while start < len(sentences):
        end, used = start, 0
        while end < len(sentences) and (used + costs[end] <= room or end == start):
            used += costs[end]
            end += 1
        if end == len(sentences):
            yield list(sentences[start:])
            return
        cuts = [n for n in range(start + (end - start) // 2, end) if n > start and _begins(sentences, n)]
        end = cuts[-1] if cuts else end
        yield list(sentences[start:end])
        # The last paragraph once more, if it is no more than a third of the part.
        again = next((n for n in range(end - 1, start, -1) if _begins(sentences, n)), end)
        start = again if end - again <= (end - start) // 3 else end


def _begins(sentences: Sequence[NumberedSentence], place: int) -> bool:
    return sentences[place].paragraph != sentences[place - 1].paragraph
