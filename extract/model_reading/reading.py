"""One article through the model: asked, proved, asked once more about what failed, and nothing unproved kept."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from extract.marking.names import Names
from extract.model_reading.answers import NotJson, entries
from extract.model_reading.kept import AnswerFile, ModelAnswer
from extract.model_reading.proving import Confidence, Proved, Prover, RefusedRecord, once
from extract.model_reading.requests import Asking, Request, requests, version
from extract.model_reading.server import Answerer, ServerFailed, ServerRefuses
from extract.voices.passages import names_of
from graph.domain.folder import Domain
from graph.errors import PositionsError
from graph.model import Article, Manner, Statement

FAILURES = 8
"""Requests that may fail one after another before the server counts as gone."""


class NoAnswer(PositionsError):
    """A request that no answer is at hand for, where nothing is sent."""


class Asker:
    """Answers requests: from what is kept, from a batch file, from a server; safe to use from several threads."""

    def __init__(
        self, kept: AnswerFile, answerer: Answerer | None = None, *, batch: Mapping[str, ModelAnswer] | None = None
    ) -> None:
        self.kept = kept
        self.answerer = answerer
        self.batch = dict(batch or {})
        self.used: set[str] = set()
        """Ids of the batch file's answers that belong to a request."""
        self.pending: dict[str, Request] = {}
        """Requests without an answer, by digest."""
        self.sent = self.input = self.output = 0
        self._failures = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> ModelAnswer:
        """The answer to a request. Raises NoAnswer, ServerFailed or ServerRefuses."""
        key = request.digest
        with self._lock:
            if self.batch and request.custom_id in self.batch:
                self.used.add(request.custom_id)
                if self.kept.get(key) is None:
                    self.kept.add(replace(self.batch[request.custom_id], key=key))
            if (known := self.kept.get(key)) is not None:
                return known
            if self.answerer is None:
                self.pending[key] = request
                raise NoAnswer(f"there is no answer to request {request.custom_id}")
        try:
            answer = self.answerer(key, request.body)
        except ServerFailed as error:
            with self._lock:
                self._failures += 1
                if self._failures >= FAILURES:
                    raise ServerRefuses(f"{FAILURES} requests in a row failed; the last: {error}") from error
            raise
        with self._lock:
            self._failures = 0
            self.sent += 1
            self.input += answer.input or request.input
            self.output += answer.output
            self.kept.add(answer)
        return answer

    @property
    def unknown(self) -> tuple[str, ...]:
        """Ids of answers in the batch file that belong to no request: refused."""
        return tuple(sorted(self.batch.keys() - self.used))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """What came of one article."""

    article: Article
    statements: tuple[Statement, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()
    failure: str = ""


class ModelReader:
    """Reads articles of a domain with whatever answers its requests."""

    def __init__(
        self,
        domain: Domain,
        ask: Callable[[Request], ModelAnswer],
        asking: Asking,
        confidence: Confidence | None = None,
    ) -> None:
        self.domain = domain
        self.ask = ask
        self.asking = asking
        self.confidence = confidence or Confidence()
        self.names: Names = names_of(domain)
        self.name = reader_name(asking.model, self.confidence)

    def requests(self, article: Article) -> list[Request]:
        """The first requests about an article."""
        return requests(article, self.domain, self.names, self.asking)

    def read(self, article: Article) -> ReadArticle:
        """The statements of an article. Raises ServerRefuses."""
        prover = Prover(article, self.domain, self.names, reader=self.name, confidence=self.confidence)
        statements: list[Statement] = []
        refused: list[RefusedRecord] = []
        failures = []
        for request in self.requests(article):
            try:
                found = self._answered(prover, request)
            except (NoAnswer, NotJson, ServerFailed) as error:
                failures.append(str(error))
                continue
            statements += _not_told_before(found.statements, statements)
            refused += found.refused
        if failures:
            return ReadArticle(article=article, failure=f"{article.id}: not read by the model: {failures[0]}")
        return ReadArticle(article=article, statements=tuple(once(statements)), refused=tuple(refused))

    def _answered(self, prover: Prover, request: Request) -> Proved:
        """What an answer and, where something in it fails, one retry come to. Raises NotJson."""
        answer = self.ask(request)
        try:
            first = prover.proved(request, entries(answer.text))
        except NotJson as error:
            again = _again(request, f"Your answer could not be used: {error}. Answer with the JSON object only.")
            return prover.proved(again, entries(self.ask(again).text))
        if not first.refused:
            return first
        again = _again(request, _complaint(first.refused))
        try:
            second = prover.proved(again, entries(self.ask(again).text))
        except (NoAnswer, NotJson):
            # What was proved stays; what was refused is left out and told.
            return first
        return Proved(statements=(*first.statements, *second.statements), refused=second.refused)


def _not_told_before(found: Iterable[Statement], before: Iterable[Statement]) -> list[Statement]:
    """Leave out a plan of the government that an earlier part has told: a document announces it once."""
    told = {(each.actor, each.reform, each.stance) for each in before if each.manner is Manner.PLAN}
    return [
        each for each in found if each.manner is not Manner.PLAN or (each.actor, each.reform, each.stance) not in told
    ]


def reader_name(model: str, confidence: Confidence) -> str:
    """Name and version of the model reader, as statements carry it."""
    told = f"model {' '.join(model.replace(';', ' ').split())}, prompt {version()}"
    return told if confidence.calibrated else f"{told}, not calibrated"


def _again(request: Request, complaint: str) -> Request:
    return replace(request, messages=(*request.messages, ("user", complaint)))


def _complaint(refused: Iterable[RefusedRecord]) -> str:
    lines = [f"- {json.dumps(each.entry, ensure_ascii=True, default=str)[:600]}: {each.reason}" for each in refused]
    return "\n".join(
        [
            "These statements of your answer could not be proved:",
            *lines[:30],
            'Answer with {"statements": [...]} that holds only these statements, put right. '
            "Leave out those that cannot be put right.",
        ]
    )


def summary(refused: Iterable[RefusedRecord]) -> dict[str, int]:
    """How many records were refused, by reason."""
    counts: dict[str, int] = {}
    for each in refused:
        counts[str(each.reason)] = counts.get(str(each.reason), 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def bodies(found: Iterable[Request]) -> Iterable[dict[str, Any]]:
    """Requests in the format of a batch file."""
    for request in found:
        yield {
            "custom_id": request.custom_id,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": request.body,
        }
