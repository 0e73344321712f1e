"""No word of a message, page or PDF is lost, and none that is not the text's gets in."""

import io
import quopri
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import matplotlib
import pytest
from docx.oxml import parse_xml
from fpdf import FPDF

from extract.documents.reading import read
from graph.errors import BadDocument
from tests.extract.saved import saved

HEAD = "From: Ada <ada@example.org>\nSubject: Fares\nDate: Wed, 05 Mar 2031 09:00:00 +0000\nMIME-Version: 1.0\n"
PLAIN, PAGE = "Content-Type: text/plain; charset=utf-8\n\n", "Content-Type: text/html; charset=utf-8\n\n"
A, B = "Riders said: “We back the cap – it’s fair.”", "Harbour Lines said: “We oppose it.”"
HTML = f"{PAGE}<p>{A}</p><p>{B}</p>"
PICTURE = "Content-Type: image/png\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="
TNEF = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgAA"


def parts(kind: str, *several: str, mark: str = "b") -> str:
    return (
        f"Content-Type: multipart/{kind}; boundary={mark}\n\n"
        + "".join(f"--{mark}\n{p}\n" for p in several)
        + f"--{mark}--\n"
    )


def quoted(kind: str, text: str, charset: str, encoding: str) -> str:
    written = quopri.encodestring(text.encode(encoding)).decode("ascii")
    named = f"; charset={charset}" if charset else ""
    return f"Content-Type: {kind}{named}\nContent-Transfer-Encoding: quoted-printable\n\n{written}"


@pytest.mark.parametrize(
    "body",
    [
        parts("alternative", f"{PLAIN}Please view this message in a browser.", HTML),
        parts("alternative", f"{PLAIN} \n", HTML),
        parts("alternative", PLAIN + f"{A}\n\n{B}", HTML),
        parts("mixed", PLAIN + A, PICTURE, PLAIN + B),
        parts("mixed", PLAIN + A, parts("related", f"{PAGE}<p>{B}</p>", PICTURE, mark="c")),
        parts("mixed", PLAIN + A, f"Content-Type: message/rfc822\n\n{HEAD}{PLAIN}{B}"),
        parts(
            "mixed", PLAIN + A, "Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + HEAD + PLAIN + B
        ),
        quoted("text/plain", f"{A}\n\n{B}\n", "iso-8859-1", "cp1252"),
        quoted("text/plain", f"{A}\n\n{B}\n", "", "cp1252"),
        quoted("text/plain", f"{A}\n\n{B}\n", "us-ascii", "mac_roman"),
        quoted("text/html", f"<p>{A}</p><p>{B}</p>", "iso-8859-1", "cp1252"),
        quoted("text/html", f"<meta charset=windows-1252><p>{A}</p><p>{B}</p>", "", "cp1252"),
    ],
)
def test_all_words_of_a_message(tmp_path: Path, body: str) -> None:
    (tmp_path / "m.eml").write_bytes((HEAD + body).encode())
    assert read(tmp_path / "m.eml").text.split() == f"{A} {B}".split()


def test_a_message_in_outlooks_own_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes((HEAD + parts("mixed", TNEF)).encode())
    with pytest.raises(BadDocument, match=r"m\.eml.*Outlook"):
        read(tmp_path / "m.eml")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One.</p><div hidden='until-found'><p>Two.</p></div><p hidden>No.</p>", "One.\n\nTwo."),
        ("<details><summary>More</summary><p>Two.</p></details>", "More\n\nTwo."),
        ("<p>late<sup>2</sup>, 12<sup>[4]</sup> and 2030<sup><a href='#fn1'>3</a></sup>.</p>", "late, 12 and 2030."),
        ("<p>due<sup>a,b</sup> word<a class='footnote-ref' href='#n4'>4</a> and<a role='doc-noteref'>*</a></p>", None),
        (
            "<p>5 m<sup>2</sup>, CO<sub>2</sub>, the 5<sup>th</sup>, see <a href='#s2'>section 2</a></p>",
            "5 m2, CO2, the 5th, see section 2",
        ),
        ("<p>fran&shy;chis&shy;ing au\u00adthority</p>", "franchising authority"),
        ("<p>She said <q>no, <q>never</q></q>.</p>", "She said “no, ‘never’”."),
        (
            "<blockquote><p>We like it.</p><footer>— <cite>Ada, chair</cite></footer></blockquote>",
            "“We like it.”\n\n— Ada, chair",
        ),
        ("<figure><blockquote>We like it.</blockquote><figcaption>Ada</figcaption></figure>", "“We like it.”\n\nAda"),
        ("<p>Late.</p><figure><img alt='a bus'><figcaption>Riders back it</figcaption></figure>", "Late."),
        (
            "<p>Late.</p><ul><li><a href='/1'>Cap welcomed</a></li><li><a href='/2'>Cap opposed</a></li>"
            "<li><a href='/3'>Night buses</a></li></ul>",
            "Late.",
        ),
        (
            "<ul><li><a href='/1'>We back it.</a></li><li><a href='/2'>It is cheap.</a></li><li><a>Yes.</a></li></ul>",
            "• We back it.\n\n• It is cheap.\n\n• Yes.",
        ),
        ("<blockquote>“Yes.” <cite>Ada</cite></blockquote>", "“Yes.”\n\nAda"),
        (
            "<blockquote><p>One.</p><p>Two.</p><cite>Ada</cite></blockquote><footer>Site</footer>",
            "“One.\n\n“Two.”\n\nAda",
        ),
    ],
)
def test_all_words_of_a_page(tmp_path: Path, page: str, text: str | None) -> None:
    (tmp_path / "p.html").write_text(f"<meta charset=utf-8><body>{page}</body>", encoding="utf-8")
    assert read(tmp_path / "p.html").text == (text or "due word and")


def written(path: Path, *lines: Sequence[str | tuple[str]], notes: Sequence[str] = ()) -> Path:
    """A PDF of one page; a tuple is a raised mark."""
    pdf = FPDF()
    pdf.add_font("D", "", Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    pdf.add_page()
    pdf.set_font("D", size=11)
    for line in lines:
        for piece in line:
            pdf.char_vpos = "SUP" if isinstance(piece, tuple) else "LINE"
            pdf.write(6, piece[0] if isinstance(piece, tuple) else piece)
        pdf.ln(6)
    pdf.char_vpos = "LINE"
    pdf.set_y(-40)
    pdf.set_font("D", size=8)
    for note in notes:
        pdf.write(5, note)
        pdf.ln(5)
    pdf.output(str(path))
    return path


@pytest.mark.parametrize("mark", ["3", "12", "*"])
def test_a_raised_mark_does_not_cut_its_line(tmp_path: Path, mark: str) -> None:
    path = written(
        tmp_path / "a.pdf", ["The guild said: “We oppose it", (mark,), " because of the hours.”"], ["Then they left."]
    )
    assert read(path).text == "The guild said: “We oppose it because of the hours.” Then they left."


def test_footnotes_stay_out_of_the_text(tmp_path: Path) -> None:
    lines: list[list[str | tuple[str]]] = [
        ["The guild opposes it", ("1",), " and the council agrees", ("2",), "."],
        ["All said so."],
    ]
    path = written(tmp_path / "a.pdf", *lines, notes=["1 See the guild's letter.", "2 Minutes of May,", "page four."])
    assert read(path).text == "The guild opposes it and the council agrees. All said so."
    other = written(tmp_path / "b.pdf", ["All said so."], notes=["1 Small print without a mark stays."])
    assert "Small print" in read(other).text


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(runs: str) -> bytes:
    made = docx.Document()
    made.element.body.insert(0, parse_xml(f'<w:p xmlns:w="{WORD}">{runs}</w:p>'))
    return saved(made.save)


def run(text: str, looks: str = "") -> str:
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


RAISED = '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.docx",
            word(run("We run buses late") + run("2", RAISED) + run(" and early.")),
            "We run buses late and early.",
        ),
        ("a.docx", word(run("A stop of 12 m") + run("2", RAISED) + run(" is small.")), "A stop of 12 m2 is small."),
        ("a.docx", word(run("The 5") + run("th", RAISED) + run(" bus.")), "The 5th bus."),
        ("a.docx", word(run("We oppose it") + run(" (draft)", "<w:vanish/>") + run(".")), "We oppose it."),
        ("a.docx", word(run("We oppose") + run(" it", '<w:vanish w:val="false"/>') + run(".")), "We oppose it."),
        ("a.html", b"<main><p>We <del>back</del> <ins>oppose</ins> the cap.</p></main>", "We oppose the cap."),
        ("a.html", b"<main><p>We <s>back</s> oppose the cap.</p></main>", "We oppose the cap."),
        ("a.rtf", rb"{\rtf1\ansi We {\deleted back {\i it}}{\revised oppose} the cap.\par}", "We oppose the cap."),
        (
            "a.rtf",
            rb"{\rtf1\ansi We {\b\fs24 \deleted\revauthdel1 back \} it}oppose the cap.\par}",
            "We oppose the cap.",
        ),
        ("a.rtf", rb"{\rtf1\ansi We {\deleted0 oppose} the cap.\par}", "We oppose the cap."),
    ],
)
def test_text_of_documents_has_no_deleted_or_hidden_words_and_no_raised_marks(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert read(path).text == words


def packed(content: bytes, **parts: bytes) -> bytes:
    """Return a package with some of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


def test_text_of_documents_a_damaged_package_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    whole = word(run("We oppose it."))
    # A character that XML does not allow, and a directory that points before the beginning of the file.
    path.write_bytes(packed(whole, document=b"<w:document xmlns:w='w'>\n\0</w:document>"))
    with pytest.raises(BadDocument) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: is damaged: its XML does not parse")
    assert "\n" not in str(error.value)

    at = whole.index(b"PK\x05\x06") + 16
    path.write_bytes(whole[:at] + (2**31).to_bytes(4, "little") + whole[at + 4 :])
    with pytest.raises(BadDocument, match="is damaged or cut off"):
        read(path)


def test_text_of_documents_a_message_with_an_impossible_date_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(f"Date: Wed, 05 Mar {'9' * 40} 09:00:00 +0000\n{PLAIN}We oppose it.", encoding="utf-8")

    with pytest.raises(BadDocument, match="is a message that does not parse"):
        read(path)
