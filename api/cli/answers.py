"""The answers to a plain question as lines of text for the terminal."""

import textwrap
from collections.abc import Iterator

from api.showing.wording import COUNTED, SHORT_DEGREE, count, date
from graph.asking.ask import Answer, Answers
from graph.reading.catalogue import Evidence

WIDTH = 100


def lines(answers: Answers) -> Iterator[str]:
    """Yield the question as understood, each answer with its passages and sources, and the query that was run."""
    yield f"{answers.understood}: {count(len(answers.answers), 'answer')} ({COUNTED[answers.standing]})"
    if answers.note:
        yield answers.note
    for answer in answers.answers:
        yield ""
        yield heading(answer)
        for evidence in answer.evidence:
            yield from passage(evidence)
    yield ""
    yield "The SPARQL that was run:"
    yield ""
    yield answers.query.strip()


def heading(answer: Answer) -> str:
    """Return one line with the actor, reform or concern of an answer, its stance and its counts."""
    about = [thing.label for thing in (answer.actor, answer.reform, answer.concern) if thing is not None]
    parts = [", ".join([answer.person, *about] if answer.person else about)]
    if answer.degree is not None:
        parts.append(SHORT_DEGREE[answer.degree])
    elif answer.stance is not None:
        parts.append(answer.stance)
    if answer.change is not None:
        parts.append(f"{answer.change.before} until {date(answer.change.date)}, then {answer.change.after}")
    if answer.condition:
        parts.append(f"on condition: “{answer.condition}”")
    parts += [f"{number} {what}" for what, number in answer.counts.items()]
    return " · ".join(part for part in parts if part)


def passage(evidence: Evidence) -> Iterator[str]:
    """Yield the lines of a passage, then its speaker and source."""
    words = " ".join(evidence.quote.split())
    yield from textwrap.wrap(f"“{words}”", WIDTH, initial_indent=f"  {evidence.stance:<8}", subsequent_indent=" " * 10)
    source = [evidence.speaker, evidence.title, evidence.publisher, date(evidence.date) if evidence.date else ""]
    parts = (", ".join(part for part in source if part), f"[{evidence.article}]", evidence.url)
    yield " " * 10 + " ".join(part for part in parts if part)
