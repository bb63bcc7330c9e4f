"""Ink on forms: lines that are signed or not, boxes that are ticked or not, and look-alikes."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from idp_cdi.documents import Box, Document, Page, PageSource, Word
from idp_cdi.extractors import _ink as inks
from idp_cdi.extractors._view import View
from idp_cdi.readers import read
from idp_cdi.scoring import custom_types, form_ink, form_signed
from idp_cdi.scoring.custom_sheet import Sheet

WIDTH, HEIGHT = 400, 200
FONTS = Path("/usr/share/fonts/truetype/dejavu")


class Paper:
    """A sheet of 400 × 200 points to draw on, with the words that OCR would give."""

    def __init__(self) -> None:
        self.fine = 4  # pixels a point while drawing
        self.picture = Image.new("L", (WIDTH * self.fine, HEIGHT * self.fine), 250)
        self.pen = ImageDraw.Draw(self.picture)
        self.words: list[Word] = []

    def line(self, *points: tuple[float, float], width: float = 0.8) -> Paper:
        at = [(x * self.fine, y * self.fine) for x, y in points]
        self.pen.line(at, fill=20, width=max(1, round(width * self.fine)))
        return self

    def print(self, text: str, x: float, y: float, confidence: float = 0.95) -> Paper:
        for part in text.split():
            wide = 5.5 * len(part)
            self.words.append(Word(part, Box(x, y, x + wide, y + 8), confidence))
            x += wide + 3
        return self

    def box(self, x: float, y: float, side: float = 9, mark: str = "") -> Paper:
        self.line((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))
        if mark in ("x", "/"):
            self.line((x + 1, y + side - 1), (x + side - 1, y + 1), width=1)
        if mark == "x":
            self.line((x + 1, y + 1), (x + side - 1, y + side - 1), width=1)
        if mark == "v":
            self.line((x + 2, y + 4), (x + 4, y + 7), (x + side + 3, y - 3), width=1.2)
        return self

    def scrawl(self, x: float, y: float, wide: float = 90, high: float = 14) -> Paper:
        points = [
            (x + wide * t / 120, y - high / 2 + high / 2 * math.sin(t / 5) * math.cos(t / 17))
            for t in range(121)
        ]
        return self.line(*points, width=1)

    def turned(self, degrees: float) -> Paper:
        self.picture = self.picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=250)
        return self

    def fields(self, language: str = "en", source: PageSource = PageSource.OCR) -> dict[str, str]:
        size = (WIDTH * inks.SCALE, HEIGHT * inks.SCALE)
        ink = inks.ink_of(self.picture.resize(size, Image.Resampling.BOX))
        page = Page(1, WIDTH, HEIGHT, tuple(self.words), source)
        document = Document("a", "0", "image/png", "image", (page,), language=language)
        sheet = Sheet.of(View.of(document), custom_types.load("form"))
        boxes, lines = form_ink.on_page(ink, page, sheet, form_signed.labels(sheet))
        return {f.name: f.value for f in [*form_ink.agreed(boxes), *form_signed.settled(lines)]}


@pytest.mark.parametrize(
    ("label", "language"),
    [("Signature:", "en"), ("Unterschrift", "de"), ("Signature", "fr"), ("Firma", "es"),
     ("Firma", "it"), ("Handtekening", "nl"), ("Unterschrift", ""), ("Signature", "pt")],
)  # fmt: skip
def test_a_scrawl_on_the_line_is_a_signature_and_a_bare_line_none(
    label: str, language: str
) -> None:
    def paper() -> Paper:
        return Paper().print(label, 20, 100).line((100, 108), (260, 108))

    assert paper().scrawl(120, 106).fields(language) == {"extra.signed": "yes"}
    assert paper().fields(language) == {"extra.signed": "no"}


def test_a_caption_belongs_to_the_line_above_it() -> None:
    def paper() -> Paper:
        return Paper().line((40, 100), (220, 100)).print("(Signature)", 90, 103)

    assert paper().scrawl(70, 98).fields() == {"extra.signed": "yes"}
    assert paper().fields() == {"extra.signed": "no"}


@pytest.mark.parametrize("degrees", [1.0, -1.0])
def test_a_line_that_slants_a_little_is_no_signature(degrees: float) -> None:
    paper = Paper().print("Signature:", 150, 96).line((215, 104), (330, 104)).turned(degrees)
    assert paper.fields().get("extra.signed") != "yes"


def test_specks_dots_and_typed_names_are_no_signature() -> None:
    dotted = Paper().print("Signature:", 20, 100)
    for x in range(100, 260, 4):
        dotted.line((x, 108), (x + 1, 108), width=1)
    assert "extra.signed" not in dotted.fields()
    specks = Paper().print("Signature:", 20, 100).line((100, 108), (260, 108))
    for n in range(12):
        x, y = 105 + 12 * n, 92 + 37 * n % 14
        specks.line((x, y), (x + 0.5, y), width=0.5)
    assert specks.fields().get("extra.signed") != "yes"
    typed = Paper().print("Signature:", 20, 100).line((100, 108), (260, 108))
    typed.print("Ann Lee", 110, 98).scrawl(112, 106, 38, 7)  # what OCR read there
    assert "extra.signed" not in typed.fields()


@pytest.mark.parametrize(
    ("label", "language"),
    [("Firma", "de"), ("Firma", ""), ("Date of signature", "en"),
     ("Print name under each signature", "en"),
     ("We have signed this agreement on the day that is given below by us", "en")],
)  # fmt: skip
def test_other_labels_are_not_asked_for_a_signature(label: str, language: str) -> None:
    paper = Paper().print(label, 20, 100).line((20, 96), (200, 96)).scrawl(40, 94)
    assert "extra.signed" not in paper.fields(language)


def test_one_empty_line_of_several_says_nothing() -> None:
    paper = Paper().print("(Signature)", 60, 63).line((40, 60), (180, 60))
    paper.print("(Signature)", 60, 123).line((40, 120), (180, 120)).scrawl(60, 118, 18, 12)
    assert "extra.signed" not in paper.fields()
    assert paper.scrawl(50, 58).fields()["extra.signed"] == "yes"


@pytest.mark.parametrize("degrees", [0.0, 1.0, -1.0])
def test_drawn_boxes_are_ticked_or_empty(degrees: float) -> None:
    paper = Paper()
    for n, (mark, text) in enumerate(
        [("", "Weekly"), ("x", "Monthly"), ("v", "Yearly"), ("/", "Never")]
    ):
        paper.box(180, 60 + 22 * n, mark=mark).print(text, 193, 60 + 22 * n)
    assert paper.turned(degrees).fields() == {
        "extra.weekly": "no", "extra.monthly": "yes", "extra.yearly": "yes", "extra.never": "yes",
    }  # fmt: skip


def test_each_box_of_a_row_has_its_own_words() -> None:
    paper = Paper().box(20, 60, mark="x").print("full time basis", 33, 60)
    paper.box(140, 60).print("part time", 153, 60)
    assert paper.fields() == {"extra.full_time_basis": "yes", "extra.part_time": "no"}


def test_yes_and_no_are_told_with_their_question() -> None:
    paper = Paper().print("Resident abroad", 20, 60).box(130, 60, mark="x").print("yes", 142, 60)
    paper.box(190, 60).print("no", 202, 60)
    paper.box(20, 100).print("Weekly", 33, 100).box(20, 130, mark="x").print("Weekly", 33, 130)
    assert paper.fields() == {"extra.resident_abroad_yes": "yes", "extra.resident_abroad_no": "no"}


def test_cells_and_figures_are_no_boxes() -> None:
    paper = Paper()
    for n in range(12):  # a comb for figures: cells that share their sides
        paper.line((100 + 12 * n, 60), (100 + 12 * n, 72))
    paper.line((100, 60), (232, 60)).line((100, 72), (232, 72)).print("Account", 240, 62)
    paper.line((20, 100), (120, 100), (120, 140), (20, 140), (20, 100)).print("Table", 126, 116)
    paper.box(20, 160).print("7", 21, 160).print("Quantity", 34, 160)
    assert paper.fields() == {}


@pytest.mark.skipif(not FONTS.is_dir(), reason="needs the DejaVu fonts")
@pytest.mark.parametrize("letter", ["o", "O", "D", "0", "B", "Q", "U", "n", "a", "e"])
@pytest.mark.parametrize("size", [9, 12, 16])
def test_letters_are_no_boxes(letter: str, size: int) -> None:
    from PIL import ImageFont

    paper = Paper().print("Section", 134, 60)
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), size * paper.fine)
    paper.pen.text((120 * paper.fine, 58 * paper.fine), letter, fill=20, font=font)
    assert paper.fields() == {}  # not even where OCR missed the letter


def test_a_pdf_with_drawn_boxes_and_ink_is_looked_at(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    from idp_cdi.scoring import Options
    from idp_cdi.steps.extract import extract

    path = tmp_path / "form.pdf"
    pdf = Canvas(str(path), pagesize=(595, 842))
    pdf.drawString(60, 780, "APPLICATION FOR MEMBERSHIP")
    pdf.drawString(60, 740, "Company: Acme Ltd")
    for n, text in enumerate(("Monthly", "Yearly")):
        pdf.rect(60, 700 - 20 * n, 9, 9)
        pdf.drawString(74, 700 - 20 * n, text)
    pdf.line(60, 700, 69, 709)
    pdf.line(60, 709, 69, 700)
    pdf.drawString(60, 600, "Signature")
    pdf.line(125, 598, 300, 598)
    pdf.bezier(140, 600, 170, 640, 180, 580, 210, 612)
    pdf.bezier(210, 612, 230, 590, 240, 630, 270, 602)
    pdf.save()
    document = read(path)
    found = {f.name: f for f in extract(document, Options(type="form")).fields}
    assert {n: found[n].value for n in ("extra.monthly", "extra.yearly", "extra.signed")} == {
        "extra.monthly": "yes", "extra.yearly": "no", "extra.signed": "yes",
    }  # fmt: skip
    assert "Signature" in found["extra.signed"].why
    path.write_bytes(path.read_bytes() + b"\n")  # another file by now: nothing is claimed
    again = {f.name for f in extract(document, Options(type="form")).fields}
    assert not again & {"extra.monthly", "extra.yearly", "extra.signed"}
    assert hashlib.sha256(path.read_bytes()).hexdigest() != document.sha256


def test_noise_and_odd_regions_raise_nothing() -> None:
    chance = np.random.default_rng(5)
    for high, wide in ((1, 1), (5, 300), (64, 9), (300, 420)):
        for share in (0.0, 0.02, 0.5, 1.0):
            ink = chance.random((high, wide)) < share
            assert len(inks.squares(ink)) < 20
            for region in (Box(-9, -9, 900, 900), Box(10, 10, 10, 10), Box(5, 2, 150, 30)):
                inks.rules(ink, region, 20)
                assert inks.strokes(ink, region, [Box(0, 0, 20, 20)]).columns <= 1.0


def test_a_document_without_its_file_keeps_what_its_text_says(tmp_path: Path) -> None:
    page = Page(1, 595, 842, (Word("Signature", Box(60, 60, 110, 70)),), PageSource.OCR)
    document = Document(str(tmp_path / "mail.eml!a.png"), "0", "image/png", "image", (page,))
    sheet = Sheet.of(View.of(document), custom_types.load("form"))
    assert form_ink.look(document, sheet, []) == []
