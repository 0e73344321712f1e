"""Dates as documents, databases and spreadsheets write them. A date that can be read two ways is not guessed."""

import calendar
import re
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from graph.domain.tables import is_date

WRITTEN_OUT = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%y", "%d-%b-%Y", "%d-%B-%Y")
MONTHS = ("%B %Y", "%b %Y")
WEEKDAYS = frozenset(name.casefold() for name in (*calendar.day_name, *calendar.day_abbr))
NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,].*)?")
EXCEL = (20000, 80000)
"""Days since 1900 that count as a date of a spreadsheet: 1954 to 2119."""


def iso_date(value: str) -> str:
    """Return a date as ISO 8601, or an empty string if it is not a date or can be read two ways."""
    return read_date(value)[0]


def read_date(value: str, *, day_first: bool | None = None, spreadsheet: bool = False) -> tuple[str, str]:
    """Return a date as ISO 8601, and if there is none, why: the reason ends a sentence that begins with the date.

    `day_first` decides 3/4/2031; `spreadsheet` allows a number of days.
    """
    value = " ".join(value.split())
    if not value:
        return "", ""
    if match := re.match(r"D:(\d{4})(\d\d)?(\d\d)?", value):
        value = "-".join(part for part in match.groups() if part)
    for candidate in (value, value[:10]):
        if re.fullmatch(r"[\d-]{4,10}", candidate) and is_date(candidate):
            return candidate, ""
    if match := NUMBERS.fullmatch(value):
        return _of_numbers(int(match[1]), int(match[3]), int(match[4]), match[2], day_first)
    if spreadsheet and value.isdecimal() and EXCEL[0] < int(value) < EXCEL[1]:
        return (date(1899, 12, 30) + timedelta(days=int(value))).isoformat(), ""
    plain = re.sub(r"(?<=\d)[a-z]{2}\b", "", value.replace(",", " "))
    words = [word for word in plain.split() if word.strip(".").casefold() not in WEEKDAYS]
    while words and re.search(r"\d:\d\d|^(?:[ap]\.?m\.?|[A-Z]{3,4}|UTC)$", words[-1]):
        words.pop()
    for form in WRITTEN_OUT:
        try:
            return datetime.strptime(" ".join(words), form).date().isoformat(), ""
        except ValueError:
            continue
    for form in MONTHS:
        try:
            return datetime.strptime(" ".join(words), form).date().isoformat()[:7], ""
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(value).date().isoformat(), ""
    except (ValueError, TypeError, OverflowError):
        return "", "is not a date that can be read; give it as YYYY-MM-DD"


def _of_numbers(first: int, second: int, year: int, mark: str, day_first: bool | None) -> tuple[str, str]:
    year += (2000 if year < 70 else 1900) if year < 100 else 0
    # With full stops the day always comes first.
    known = True if mark == "." else day_first
    ways = []
    for way, day, month in ((True, first, second), (False, second, first)):
        if known is None or known is way:
            try:
                ways.append(date(year, month, day).isoformat())
            except ValueError:
                continue
    if len(set(ways)) == 1:
        return ways[0], ""
    if ways:
        return "", "can be read two ways; say --dates day-first or --dates month-first"
    return "", "is not a day of the calendar"
