"""One briefing in four formats: verbatim, with working footnotes, and the same bytes for the same data."""

import io
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx as python_docx
import pypdf
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from api.forms import wording
from api.forms.contents import document
from api.forms.document import Document, Heading, Paragraph, Table, references, words
from api.forms.docx import data_date
from api.forms.html import html
from api.forms.markdown import escaped, markdown
from api.forms.pdf import pdf
from api.forms.writing import FORMS, build_of, written
from graph.briefing.findings import briefing
from graph.briefing.material import briefing_for
from graph.briefing.types import (
    Briefing,
    BriefingMaterial,
    Coverage,
    DataBuild,
    Footing,
    Length,
    Scope,
    SectionQuery,
    Shift,
    Silence,
    Subject,
)
from graph.building import build
from graph.errors import BadRequest
from graph.model import Agreement, Article, Cue, Stance, Statement
from graph.positions import claims, positions
from graph.reading.register import Named
from graph.store.embedded import open_store
from graph.versions.builds import keep
from tests import factory

PASSAGES = {
    "council": "The council “welcomed” the *fare cap* & said 3 < 4.",
    "riders": "Riders found the cap fair.\nThey would pay it.",
    "riders-but": "Riders feared_ that [fewer] buses would run.",
    "guild": "The guild backs a cap if drivers are paid for it.",
    "harbour": "Harbour Lines rejected the cap: “it empties our tills”\x0c.",
}
TEXT = "\n\n".join(PASSAGES.values())
STANCES = {
    "council": Stance.SUPPORT,
    "riders": Stance.SUPPORT,
    "riders-but": Stance.OPPOSE,
    "guild": Stance.MIXED,
    "harbour": Stance.OPPOSE,
}
LABELS = {"council": "City Council", "riders": "Riders", "guild": "Drivers' Guild", "harbour": "Harbour <Lines>"}


def statement(who: str, **changes: Any) -> Statement:
    actor = who.partition("-")[0]
    return factory.statement(
        PASSAGES[who],
        article="news",
        start=TEXT.index(PASSAGES[who]),
        actor=actor,
        actor_label=LABELS[actor],
        stance=STANCES[who],
        **changes,
    )


def made(**changes: Any) -> Briefing:
    """A briefing with something of everything."""
    news = factory.article(id="news", text=TEXT, url="javascript:alert(1)")
    said = [
        statement("council", speaker="Ada Quill", concerns=("access",)),
        statement("riders"),
        statement("riders-but", concerns=("cost",)),
        statement("guild", condition="if drivers are paid for it", concerns=("cost",)),
        statement("harbour", cues=(Cue(text="rejected", start=0, end=8, effect="oppose", weight=1.0),)),
        replace(statement("council"), start=0, end=9, quote="Not there"),
    ]
    material = BriefingMaterial(
        scope=Scope(subject=Subject.REFORM, reforms=("fare-cap",)),
        reforms={"fare-cap": "Fare cap"},
        concerns={"cost": "Cost", "access": "Access"},
        positions=[replace(each, reform_label="Fare cap") for each in positions(claims(said, {"news": news}))],
        statements=said,
        articles={"news": news},
        groups=frozenset({"riders"}),
        people=list(factory.domain().actors.values()),
        coverage=Coverage(
            articles=1,
            articles_read=2,
            statements=6,
            publishers=("The Tram Gazette",),
            publisher_count=1,
            first="2031-03-04",
            last="2031-03-04",
        ),
        footings=[Footing(reform="fare-cap", stance=Stance.MIXED, originals=1, publishers=1, confidence=0.4)],
        silent=[Silence(actor=Named(id="port", label="Port Authority"), elsewhere=2)],
        unheard=3,
        shifts=[
            Shift(
                actor=Named(id="council", label="City Council"),
                reform=Named(id="fare-cap", label="Fare cap"),
                before=Stance.OPPOSE,
                after=Stance.SUPPORT,
                date="2031-03-04",
            )
        ],
        agreements=[
            Agreement(a=a, b=b, agree=("fare-cap",) * agree, conflict=("tickets",) * (2 - agree), score=agree - 1)
            for a, b, agree in (("council", "guild", 2), ("council", "harbour", 0), ("guild", "harbour", 1))
        ],
        sources=[Article(id="news", text="", title="A cap | on fares", date="2031-03-04")],
        queries=[SectionQuery(name="positions", title="Who stands where?", text="SELECT * WHERE { ?s ?p ?o }")],
        statements_at="https://buses.example/id/statement/",
        version="0123456789abcdef",
    )
    return briefing(replace(material, **changes))


# What every form tells


def text_of(found: Briefing) -> str:
    return markdown(document(found)).decode()


def test_a_briefing_names_what_read_its_passages_and_whose_confidence_is_not_calibrated() -> None:
    said = [
        statement("council", reader="local 0.1; model tiny, prompt 1, not calibrated"),
        statement("harbour", reader="model tiny, prompt 1, not calibrated", confidence=0.5),
    ]
    told = text_of(made(statements=said))
    assert "Read by: local 0.1; model tiny, prompt 1, not calibrated." in told
    full = made(statements=said, scope=Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=Length.FULL))
    notes = {note.actor.id: note for note in full.footnotes}
    assert {id: note.calibrated for id, note in notes.items()} == {"council": True, "harbour": False}
    told = text_of(full)
    assert "confidence 0.50 (not calibrated for this model)" in told
    assert "confidence 1.00, SHA-256" in told
    assert "Read by" not in text_of(made())


def test_the_sections_follow_one_another_as_a_reader_asks() -> None:
    headings = [block.text for block in document(made()).blocks if isinstance(block, Heading)]

    assert headings == [
        "In brief",
        "For",
        "On condition, or on both sides",
        "Against, or with reservations",
        "Grounds and conditions",
        "Who has said nothing",
        "What has changed",
        "Who agrees with whom",
        "Articles",
        "How this was made",
    ]


@pytest.mark.parametrize("length", Length)
def test_no_heading_is_empty(length: Length) -> None:
    unconditional = made(scope=Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=length))
    standings = tuple(replace(standing, conditions=()) for standing in unconditional.standings)

    blocks = document(replace(unconditional, standings=standings)).blocks

    for one, following in pairwise(blocks):
        assert not (isinstance(one, Heading) and isinstance(following, Heading) and following.level <= one.level)


def test_every_footnote_is_referred_to_and_every_reference_has_its_footnote() -> None:
    for length in Length:
        told = document(made(scope=Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=length)))

        assert set(references(told.blocks)) == {note.number for note in told.notes}


def test_only_web_addresses_become_links() -> None:
    assert b"javascript:" not in html(document(made()))


@pytest.mark.parametrize("length", Length)
@pytest.mark.parametrize("name", FORMS)
def test_the_same_data_give_the_same_bytes(name: str, length: Length) -> None:
    scope = Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=length)

    assert written(made(scope=scope), name) == written(made(scope=scope), name)


@pytest.mark.parametrize(
    ("call", "told"),
    [(("rtf", None), "md, html, docx, pdf"), (("pdf", Path("office.docx")), "only with docx, not with pdf")],
)
def test_a_form_that_is_not_there_is_refused(call: tuple[str, Path | None], told: str) -> None:
    name, template = call
    with pytest.raises(BadRequest, match=told):
        written(made(), name, template=template)


# Markdown


@given(st.text(alphabet="ab .*_`<>[]()!#-+=&;~|\\1\"'", max_size=40))
def test_markdown_escapes_text(text: str) -> None:
    text = " ".join(text.split())

    tokens = MarkdownIt("commonmark").parse(escaped(text))

    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert [token.type for token in tokens] == (["paragraph_open", "inline", "paragraph_close"] if text else [])
    assert shown == text


def test_markdown_has_both_sides_with_footnotes() -> None:
    text = markdown(document(made())).decode()

    assert text.startswith("# Fare cap: who stands where\n")
    assert "**Harbour \\<Lines>** opposes Fare cap (1 statement in 1 article of 1 publisher, 4 March 2031)." in text
    assert "**Riders** speak in favour of Fare cap, with reservations (2 statements" in text
    assert "> Riders found the cap fair.\n> They would pay it.\n>\n> — Riders, 4 March 2031[^2]" in text
    assert "[^1]: **City Council** (Ada Quill, chair of transport), reported." in text
    assert "| 4 March 2031 | A cap \\| on fares | not named |" in text
    assert "| City Council | Harbour \\<Lines> | 0 | 2 |" in text


def test_the_queries_are_an_annex_on_request() -> None:
    query = "```sparql\nSELECT * WHERE { ?s ?p ?o }\n```"
    asked = markdown(document(made(), annex=True)).decode()

    assert "SPARQL" not in markdown(document(made())).decode()
    assert query in asked.partition("## Annex: the SPARQL queries")[2]


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (None, "Produced on 5 April 2031 from version 0123456789abcdef of the data."),
        (DataBuild(number=3, date="2031-04-01"), "Produced on 5 April 2031 from build 3 of the data, of 1 April 2031."),
        (
            DataBuild(number=3, date="2031-04-01", changed=True),
            "Produced on 5 April 2031 from build 3 of the data, of 1 April 2031, with changes since then.",
        ),
    ],
)
def test_it_says_when_it_was_produced_and_from_which_build(of: DataBuild | None, words: str) -> None:
    briefed = replace(made(), build=of)

    assert words in markdown(document(briefed, produced="2031-04-05")).decode()


@pytest.mark.parametrize(
    "sentence",
    [
        "4 actors speak of Fare cap: 1 for, 2 on condition or on both sides and 1 against or with reservations.",
        "What is said on condition, or for and against at once, rests on one article.",
        "What is said on condition, or for and against at once, rests on readings with a confidence of 0.40 or less.",
        "A passage of City Council is not quoted: statement",
        "Grounds given: Cost (2 actors) and Access (1 actor).",
        "1 actor that holds a position on other reforms has no statement on this: Port Authority (2 reforms).",
        "3 more actors in the tables have no statement on any reform in the articles read.",
        "No statement is not the same as taking no side.",
        "**City Council** on Fare cap: before critical, now for, 4 March 2031.",
        "Based on version 0123456789abcdef of the data.",
        "here has been checked by a person.",
        "This rests on 6 statements in 1 article from The Tram Gazette, 4 March 2031. 2 articles were read in all.",
    ],
)
def test_numbers_in_the_text_are_counts(sentence: str) -> None:
    assert sentence in markdown(document(made())).decode()


# HTML


class Page(HTMLParser):
    """Collects what a screen reader finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.targets: list[str] = []
        self.tags: Counter[str] = Counter()
        self.levels: list[int] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        if "id" in given:
            self.ids[str(given["id"])] += 1
        if tag == "a":
            self.targets.append(str(given["href"]))
        if tag == "html":
            self.language = str(given["lang"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.levels.append(int(tag[1]))


@pytest.mark.parametrize(
    ("reviews", "told"),
    [
        ([], ""),
        (["unchecked"], "The passage here has not been checked by a person."),
        (["unchecked"] * 3, "None of the 3 passages here has been checked by a person."),
        (["accepted"], "A person has checked the passage here."),
        (["accepted", "corrected"], "A person has checked all passages here."),
        (["unchecked", "corrected"], "A person has checked 1 of the 2 passages here."),
    ],
)
def test_it_says_how_many_passages_a_person_has_checked(reviews: list[str], told: str) -> None:
    note = made().footnotes[0]

    assert wording.checked([replace(note, review=review) for review in reviews]) == told


def test_a_briefing_on_nothing_says_so() -> None:
    empty = Coverage(articles_read=5)

    assert wording.covers(empty) == "None of the 5 articles contains a statement on this."
    assert wording.covers(Coverage()) == "No article has been read yet."


def test_html_leads_from_each_mark_to_its_passage_and_back() -> None:
    page = Page(html(document(made())).decode())

    assert set(page.ids.values()) == {1}
    inside = [target[1:] for target in page.targets if target.startswith("#")]
    assert len(inside) >= 10
    assert set(inside) <= set(page.ids)


def test_html_needs_nothing_else_and_has_headings_in_order() -> None:
    page = Page(html(document(made())).decode())

    assert page.language == "en"
    assert (page.tags["script"], page.tags["link"], page.tags["img"], page.tags["main"]) == (0, 0, 0, 1)
    assert page.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.levels, page.levels[1:], strict=False))


def test_the_agreement_is_drawn_next_to_its_table() -> None:
    page, word = written(made(), "html").decode(), parts(written(made(), "docx"))
    reader = pypdf.PdfReader(io.BytesIO(written(made(), "pdf")))

    caption = "Network of agreement: 3 actors; 1 ties of agreement, 1 of conflict."
    assert f'<figure role="img" aria-label="{caption}">' in page
    assert "Drivers&#x27; Guild" in page or "Drivers' Guild</text>" in page
    assert caption in word["word/document.xml"].decode()
    assert any(name.endswith(".png") for name in word)
    assert sum(len(each.images) for each in reader.pages) == 1


def test_html_has_the_digest_of_each_passage() -> None:
    briefing = made()

    text = html(document(briefing)).decode()

    assert all(f'data-sha256="{note.proof.passage_sha256}"' in text for note in briefing.footnotes)


# Word


def opened(data: bytes) -> Any:
    return python_docx.Document(io.BytesIO(data))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def footnotes(data: bytes) -> dict[str, str]:
    """Return the text of each footnote by its id."""
    root: Any = python_docx.oxml.parse_xml(parts(data)["word/footnotes.xml"])
    return {
        note.get(qn("w:id")): "".join(t.text or "" for t in note.iter(qn("w:t")))
        for note in root
        if note.get(qn("w:type")) is None
    }


def test_word_has_real_footnotes_where_the_passages_are() -> None:
    data = written(made(), "docx")
    body = opened(data).element.body

    ids = [mark.get(qn("w:id")) for mark in body.iter(qn("w:footnoteReference"))]
    assert ids == list(footnotes(data))
    assert len(ids) == len(made().footnotes)
    assert "City Council (Ada Quill, chair of transport), reported." in footnotes(data)[ids[0]]
    assert b"footnotes+xml" in parts(data)["[Content_Types].xml"]


def test_a_second_mark_of_a_footnote_refers_to_the_first() -> None:
    body = opened(written(made(), "docx")).element.body

    names = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    fields = [field.get(qn("w:instr")).split()[1] for field in body.iter(qn("w:fldSimple"))]
    assert len(fields) >= 3
    assert set(fields) <= names


def test_word_has_styles_headings_and_tables_with_a_header() -> None:
    word = opened(written(made(), "docx"))

    styles = Counter(paragraph.style.name for paragraph in word.paragraphs)
    assert styles["Title"] == 1
    assert styles["Heading 1"] == 10
    assert styles["Quote"] == 5
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in word.tables)
    assert len(word.tables) == sum(isinstance(block, Table) for block in document(made()).blocks)


def test_word_keeps_a_heading_and_a_caption_with_what_follows() -> None:
    word = opened(written(made(), "docx"))

    leading = [each for each in word.paragraphs if each.style.name.startswith(("Heading", "Caption"))]
    assert len(leading) > 10
    assert all(each.paragraph_format.keep_with_next for each in leading)
    for table in word.tables:
        assert all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in table.rows[0].cells)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])


@pytest.mark.parametrize("above", range(36, 48))
def test_pdf_keeps_a_heading_on_the_page_of_its_table(above: int) -> None:
    lines = tuple(Paragraph(words(f"Line {number}.")) for number in range(above))
    table = Table("Caption of the table", ("Column",), ((words("First row"),), (words("Second row"),)))
    content = Document(title="Title", blocks=(*lines, Heading("Last heading"), table), notes=(), notes_title="Passages")
    reader = pypdf.PdfReader(io.BytesIO(pdf(content)))

    pages = [page.extract_text() for page in reader.pages]
    (page,) = [text for text in pages if "Last heading" in text]
    assert "Caption of the table" in page
    assert "First row" in page


def test_word_has_the_date_of_the_data_and_no_author() -> None:
    properties = opened(written(made(), "docx")).core_properties

    assert {(date.year, date.month, date.day) for date in (properties.created, properties.modified)} == {(2031, 3, 4)}
    assert (properties.author, properties.comments) == ("", "")


@pytest.mark.parametrize(
    ("date", "expected"), [("2031-03-04", (2031, 3, 4)), ("2031-03", (2031, 3, 1)), ("2031", (2031, 1, 1))]
)
def test_a_file_is_dated_as_precisely_as_the_data(date: str, expected: tuple[int, int, int]) -> None:
    found = data_date(date)

    assert (found.year, found.month, found.day) == expected


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """An office's own template, which already has a footnote."""
    word = opened(written(made(), "docx"))
    word.styles["Heading 1"].font.name = "Office Grotesk"
    for element in list(word.element.body)[:-1]:
        word.element.body.remove(element)
    word.save(tmp_path / "office.docx")
    return tmp_path / "office.docx"


def test_an_offices_template_lends_its_styles(template: Path) -> None:
    data = written(made(), "docx", template=template)

    assert opened(data).styles["Heading 1"].font.name == "Office Grotesk"
    ids = [mark.get(qn("w:id")) for mark in opened(data).element.body.iter(qn("w:footnoteReference"))]
    assert set(ids) <= set(footnotes(data))
    assert list(parts(data)).count("word/footnotes.xml") == 1


def test_a_template_that_is_not_a_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "office.docx").write_text("no document")

    with pytest.raises(BadRequest, match=r"give a \.docx file"):
        written(made(), "docx", template=tmp_path / "office.docx")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_reads_the_document_with_its_footnotes(tmp_path: Path) -> None:
    (tmp_path / "briefing.docx").write_bytes(written(made(), "docx"))

    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "briefing.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "briefing.pdf").pages)
    assert "Grounds and conditions" in text
    assert "City Council (Ada Quill, chair of transport), reported" in text


# PDF


def test_pdf_has_outline_links_and_the_passages() -> None:
    reader: Any = pypdf.PdfReader(io.BytesIO(written(made(), "pdf")))

    text = "".join(page.extract_text() for page in reader.pages)
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", ())]
    assert [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)][:2] == ["In brief", "For"]
    assert "The council “welcomed” the *fare cap* & said 3 < 4." in text
    assert sum("/Dest" in link or link.get("/A", {}).get("/S") == "/GoTo" for link in links) >= 10
    assert (reader.metadata.title, reader.trailer["/Root"]["/Lang"]) == ("Fare cap: who stands where", "en")


@pytest.mark.parametrize(("length", "pages"), [(Length.ONE_PAGE, 1), (Length.TWO_PAGES, 2)])
def test_pdf_keeps_to_its_pages(length: Length, pages: int) -> None:
    scope = Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=length)

    assert len(pypdf.PdfReader(io.BytesIO(written(made(scope=scope), "pdf"))).pages) <= pages


# The build


def test_a_briefing_names_the_build_of_its_data(tmp_path: Path) -> None:
    with open_store(tmp_path) as kept:
        build(kept, factory.domain(), [factory.article()], [factory.statement()])
        assert build_of(kept) is None
        keep(kept, at_most=2, now=datetime(2031, 6, 1, 12, tzinfo=UTC))
        assert build_of(kept) == DataBuild(number=1, date="2031-06-01")
        build(kept, factory.domain(), [factory.article()], [])
        assert build_of(kept) == DataBuild(number=1, date="2031-06-01", changed=True)
        scope = Scope(subject=Subject.REFORM, reforms=("fare-cap",))
        assert briefing_for(kept, scope, build=build_of(kept)).build == build_of(kept)
    with open_store(tmp_path / "versions" / "1", read_only=True) as earlier:
        assert build_of(earlier) == DataBuild(number=1, date="2031-06-01")
