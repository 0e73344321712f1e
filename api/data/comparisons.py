"""A comparison of actors as a file: a table with a row for each passage, or a document."""

import csv
import io
from collections.abc import Iterator

from fastapi.responses import Response

from api.forms.comparison import comparison_document
from api.forms.writing import form
from graph.profiles import ComparisonProfile, ComparisonRow, Stand
from graph.reading.catalogue import Evidence
from graph.reading.held import Side
from graph.records import for_spreadsheets

COLUMNS = (
    *("reform", "reform_label", "verdict", "actor", "actor_label", "stance", "degree", "statements"),
    *("grounds", "shared_grounds", "conditions", "statement", "quote", "speaker", "standing", "confidence"),
    *("article", "title", "publisher", "date", "url"),
)
OWN_STYLE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of a document: its own styles, and nothing that loads or runs."""


def comparison_file(profile: ComparisonProfile, format: str, *, statements_at: str) -> Response:
    """Return the comparison as CSV or as a document. Raise BadRequest for an unknown format."""
    if format == "csv":
        return Response(
            comparison_csv(profile),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="comparison.csv"'},
        )
    chosen = form(format)
    shown = "inline" if format in ("html", "pdf") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="comparison.{chosen.ending}"'}
    if format == "html":
        headers["Content-Security-Policy"] = OWN_STYLE
    content = chosen.write(comparison_document(profile, statements_at=statements_at), None)
    return Response(content, media_type=chosen.media_type, headers=headers)


def comparison_csv(profile: ComparisonProfile) -> str:
    """Return a row for each passage, and one without a passage where only one actor has spoken."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    labels = {each.id: each.label for each in profile.actors}
    for row in profile.rows:
        for place, side in enumerate(row.sides):
            if side is not None:
                stand = row.stands[place] if row.stands else None
                for cells in _lines(row, side, stand, labels[side.actor]):
                    writer.writerow(map(for_spreadsheets, cells))
    return file.getvalue()


def _lines(row: ComparisonRow, side: Side, stand: Stand | None, label: str) -> Iterator[tuple[object, ...]]:
    about = (row.reform.id, row.reform.label, str(row.verdict), side.actor, label, str(side.stance))
    shared = ";".join(each.label for each in row.shared_grounds)
    if stand is None:
        yield (*about, "", side.statements, "", shared, "", *[""] * 10)
        return
    grounds, conditions = ";".join(stand.concern_labels), ";".join(stand.position.conditions)
    for each in stand.evidence:
        yield (*about, str(stand.degree), side.statements, grounds, shared, conditions, *_passage(each))


def _passage(of: Evidence) -> tuple[object, ...]:
    return (
        *(of.id, of.quote, of.speaker or "", str(of.standing), f"{of.confidence:.2f}"),
        *(of.article, of.title, of.publisher, of.date, of.url),
    )
