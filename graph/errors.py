"""All that can go wrong here: each error says what, where, and what to do."""

from pathlib import Path


class PositionsError(Exception):
    """A fault that the user can correct, explained in one sentence: exit code 1, or a 4xx over HTTP."""


class BadDomain(PositionsError):
    """An invalid table or setting of a domain folder."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        self.path = path
        self.line = line
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {message}")


class BadDocument(PositionsError):
    """A document that cannot be read; the run continues without it."""


class BadStatement(PositionsError):
    """A statement record that breaks the contract."""


class BadQuery(PositionsError):
    """A SPARQL query or update that does not parse, or asks for what is refused."""


class NotAcceptable(PositionsError):
    """An answer that has none of the forms that the client takes."""


class TooManyRows(PositionsError):
    """An answer with more rows or triples than one request may have."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"the answer has more than {bound:,} rows or triples; add a LIMIT, or ask in parts")


class BadQuestion(PositionsError):
    """A plain question, or its parameters, that cannot be understood."""


class BadRequest(PositionsError):
    """An option or parameter with a value that is not among the possible ones."""


class Unknown(PositionsError):
    """No such thing in the graph: a 404 over HTTP."""


class UnknownActor(Unknown):
    """No such actor."""


class UnknownReform(Unknown):
    """No such reform."""


class UnknownArticle(Unknown):
    """No such article."""


class UnknownStatement(Unknown):
    """No such statement."""


class UnknownQuestion(Unknown):
    """No such stored question."""


class UnknownVersion(Unknown):
    """No such version of the data is kept."""


class StoreError(PositionsError):
    """The store cannot be opened, read or written."""


class ReadOnly(StoreError):
    """Data that are for reading only, such as those of an earlier version: a 405 over HTTP."""


class StoreInUse(StoreError):
    """Another process holds the store."""


class NotSignedIn(PositionsError):
    """Writing needs to know who writes: a 401 over HTTP."""


class TooManyAttempts(PositionsError):
    """Too many wrong tokens from one address: a 429 over HTTP."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many wrong tokens came from this address; try again in {seconds} seconds")


class NotAllowed(PositionsError):
    """Who asks may not do this: a 403 over HTTP."""


class NotVerbatim(PositionsError):
    """A quotation that is not, letter for letter, in the stored text of its article."""
