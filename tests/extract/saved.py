"""The same paragraphs saved in each supported format, with common libraries."""

import html
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import docx as word
from fpdf import FPDF
from matplotlib import get_data_path
from odf.opendocument import OpenDocumentText  # type: ignore[import-untyped]  # has no type information
from odf.text import P  # type: ignore[import-untyped]  # has no type information

# Ships with matplotlib; the fonts within PDF itself have no typographic quotation marks.
FONT = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def text(paragraphs: Sequence[str]) -> bytes:
    return "\n\n".join(paragraphs).encode()


def page(paragraphs: Sequence[str]) -> bytes:
    """Return a saved web page with an article and its surroundings."""
    body = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    return f"""<!doctype html><html lang="en"><head><title>Page</title><script>let a = "<p>no</p>";</script></head>
    <body><div class="cookie-consent"><p>We use cookies.</p></div><header><nav><a href="/">Home</a></nav></header>
    <main><article>{body}</article><aside><p>Read this as well.</p></aside></main><footer>Imprint</footer></body>
    </html>""".encode()


class Paper(FPDF):
    """Return pages with a running head and a page number."""

    heads = True

    def header(self) -> None:
        if not self.heads:
            return
        self.set_font("DejaVu", size=8)
        self.cell(0, 8, "The Tram Gazette, special issue", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        if not self.heads:
            return
        self.set_y(-12)
        self.set_font("DejaVu", size=8)
        self.cell(0, 8, f"Page {self.page_no()}")


def pdf(paragraphs: Sequence[str], *, columns: int = 1) -> bytes:
    paper = Paper()
    # With one page, nothing distinguishes a running head from the text.
    paper.heads = len(paragraphs) > 20
    paper.add_font("DejaVu", fname=str(FONT))
    paper.add_page()
    paper.set_font("DejaVu", size=10)
    with paper.text_columns(ncols=columns, gutter=10, text_align="L") as area:
        for paragraph in paragraphs:
            with area.paragraph(bottom_margin=3) as part:
                part.write(paragraph)
    return bytes(paper.output())


def docx(paragraphs: Sequence[str]) -> bytes:
    made = word.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    return saved(made.save)


def odt(paragraphs: Sequence[str]) -> bytes:
    made = OpenDocumentText()
    for paragraph in paragraphs:
        made.text.addElement(P(text=paragraph))
    return saved(made.save)


def mail(paragraphs: Sequence[str]) -> bytes:
    made = EmailMessage()
    made["From"] = "Ada Quill <ada@council.example>"
    made["Subject"] = "A cap on fares"
    made["Date"] = "Tue, 04 Mar 2031 09:30:00 +0000"
    made.set_content("\n\n".join(paragraphs))
    return bytes(made)


def saved(save: Callable[[BytesIO], object]) -> bytes:
    out = BytesIO()
    save(out)
    return out.getvalue()


FORMATS: dict[str, Callable[[Sequence[str]], bytes]] = {
    ".txt": text,
    ".md": text,
    ".html": page,
    ".pdf": pdf,
    ".docx": docx,
    ".odt": odt,
    ".eml": mail,
}
