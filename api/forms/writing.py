"""The formats of a briefing, by the names used in addresses and on the command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.forms.contents import document
from api.forms.document import Document, Picture
from api.forms.html import html
from api.forms.markdown import markdown
from graph.briefing.types import Briefing, DataBuild
from graph.errors import BadRequest
from graph.store.embedded import Store
from graph.versions.builds import current


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingForm:
    """How a briefing is written: its media type, the ending of its file, and what writes it."""

    media_type: str
    ending: str
    write: Callable[[Document, Path | None], bytes]


def _docx(document: Document, template: Path | None) -> bytes:
    # Here and not above, so that a server starts without what only some requests need.
    from api.forms.docx import docx

    return docx(document, template=template)


def _pdf(document: Document, template: Path | None) -> bytes:
    from api.forms.pdf import pdf

    return pdf(document)


def build_of(store: Store) -> DataBuild | None:
    """Return the build that the data of a store come from, as a briefing names it; None if no builds are kept."""
    found = current(store)
    if found is None:
        return None
    version, changed = found
    return DataBuild(number=version.number, date=version.built[:10], changed=changed)


FORMS: Mapping[str, BriefingForm] = {
    "md": BriefingForm(media_type="text/markdown", ending="md", write=lambda document, _: markdown(document)),
    "html": BriefingForm(media_type="text/html", ending="html", write=lambda document, _: html(document)),
    "docx": BriefingForm(
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ending="docx",
        write=_docx,
    ),
    "pdf": BriefingForm(media_type="application/pdf", ending="pdf", write=_pdf),
}


def form(name: str) -> BriefingForm:
    """The form of this name. Raises BadRequest."""
    if name not in FORMS:
        raise BadRequest(f"no format {name!r}; the formats are {', '.join(FORMS)}")
    return FORMS[name]


def written(
    briefing: Briefing, name: str, *, template: Path | None = None, produced: str = "", annex: bool = False
) -> bytes:
    """The briefing in a form: the same briefing on the same day, the same bytes. Raises BadRequest.

    `produced` is the day to give as the date of production. `annex` adds the SPARQL queries.

    A template is a Word document whose styles are used; only `docx` has one.
    """
    if template is not None and name != "docx":
        raise BadRequest(f"a template works only with docx, not with {name}")
    return form(name).write(
        document(briefing, picture=_picture(briefing, name), produced=produced, annex=annex), template
    )


def _picture(briefing: Briefing, name: str) -> Picture | None:
    # Markdown has the table; and only who needs a picture waits for what draws it.
    if name == "md" or not briefing.agreements:
        return None
    from api.forms.picture import agreement_picture

    return agreement_picture(briefing)
