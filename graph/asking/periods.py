"""Periods in questions: since 2023, before March 2024, in 2025, between 2022 and 2024."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from graph.asking.grammar import grammar

YEAR = re.compile(r"(?:19|20)\d\d")
NUMBER = re.compile(r"\d{1,2}")
LATEST = 8
"""Words of the longest wording of a period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPeriod:
    """A span of time: from the first date on, and before the second. An empty date sets no limit."""

    since: str = ""
    before: str = ""
    says: str = ""
    """The period as the question words it."""


ALWAYS = AskedPeriod()


def periods(tokens: Sequence[str], *, today: date | None = None) -> Iterator[tuple[AskedPeriod, Sequence[str]]]:
    """Yield each way to read a period at the end or the start of a question, with the rest of the question."""
    yield ALWAYS, tokens
    for length in range(2, min(LATEST, len(tokens) - 1) + 1):
        for words, rest in ((tokens[-length:], tokens[:-length]), (tokens[:length], tokens[length:])):
            found = _period(words, today or date.today())
            if found is not None:
                yield found, rest


def _period(words: Sequence[str], today: date) -> AskedPeriod | None:
    for name, wording in grammar().periods.items():
        for slots in wording.matches(words, lambda kind, it: _bounds(it, today) is not None):
            dates = [found for _, it in slots if (found := _bounds(it, today)) is not None]
            first, last = dates[0], dates[-1]
            says = " ".join(words)
            match name:
                case "before":
                    return AskedPeriod(before=first[0], says=says)
                case "since":
                    return AskedPeriod(since=first[0], says=says)
                case "after":
                    return AskedPeriod(since=first[1], says=says)
                case "until":
                    return AskedPeriod(before=first[1], says=says)
                case _:
                    return AskedPeriod(since=first[0], before=last[1], says=says)
    return None


def _bounds(words: Sequence[str], today: date) -> tuple[str, str] | None:
    """Return the first day of a year, month or day, and the first day after it."""
    text = " ".join(words)
    if text in grammar().this_year:
        return str(today.year), str(today.year + 1)
    if text in grammar().last_year:
        return str(today.year - 1), str(today.year)
    months = grammar().months
    match words:
        case (year,) if YEAR.fullmatch(year):
            return year, str(int(year) + 1)
        case (month, year) if YEAR.fullmatch(year) and month in months:
            return _month(int(year), months[month])
        case (year, month) if YEAR.fullmatch(year) and NUMBER.fullmatch(month):
            return _month(int(year), int(month))
        case (year, month, day) if YEAR.fullmatch(year) and NUMBER.fullmatch(month) and NUMBER.fullmatch(day):
            return _day(int(year), int(month), int(day))
        case (day, month, year) if YEAR.fullmatch(year) and month in months and NUMBER.fullmatch(day):
            return _day(int(year), months[month], int(day))
    return None


def _month(year: int, month: int) -> tuple[str, str] | None:
    if not 1 <= month <= 12:
        return None
    return f"{year}-{month:02}", f"{year}-{month + 1:02}" if month < 12 else str(year + 1)


def _day(year: int, month: int, day: int) -> tuple[str, str] | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found.isoformat(), (found + timedelta(days=1)).isoformat()
