"""Draw the pages of a canvas as a PDF, with fonts whose widths are those the page was set with."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from .canvas import Canvas, Run, Shape
from .chance import Chance
from .fonts import FACES, text_width
from .marks import text_of

# Metric twins of the standard fonts, with more characters; the standard ones where they are missing.
_TWINS = {
    "Helvetica": "LiberationSans-Regular", "Helvetica-Bold": "LiberationSans-Bold", "Times-Roman": "LiberationSerif-Regular",
    "Times-Bold": "LiberationSerif-Bold", "Courier": "LiberationMono-Regular", "Courier-Bold": "LiberationMono-Bold",
}  # fmt: skip
_FOLDERS = (
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/liberation",
    "/usr/share/fonts/truetype/liberation2",
)


@cache
def _font(standard: str) -> str:
    """Name of a registered font to draw `standard` with."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for folder in _FOLDERS:
        path = Path(folder) / f"{_TWINS[standard]}.ttf"
        if path.exists():
            pdfmetrics.registerFont(TTFont(_TWINS[standard], str(path)))
            return _TWINS[standard]
    return standard


@cache
def _symbols() -> str:
    """A font that has check boxes, "" where there is none."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    path = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not path.exists():
        return ""
    pdfmetrics.registerFont(TTFont("DejaVuSans", str(path)))
    return "DejaVuSans"


def _draw_run(pdf: Any, run: Run, height: float) -> None:
    from reportlab.pdfbase import pdfmetrics

    style, text = run.style, text_of(run.line)
    face = FACES[style.face]
    font = _font(face.bold if style.bold else face.regular)
    if font in _TWINS:
        text = text.encode("cp1252", "replace").decode("cp1252")
    wanted = text_width(text_of(run.line), style.face, style.size, bold=style.bold)
    if any(sign in text for sign in "☐☒"):
        font = _symbols() or font
    natural = pdfmetrics.stringWidth(text, font, style.size)
    out = pdf.beginText(run.x, height - run.y)
    out.setFont(font, style.size)
    out.setFillGray(style.grey)
    if natural:
        out.setHorizScale(100 * wanted / natural)
    out.textOut(text)
    pdf.drawText(out)


def _draw_shape(pdf: Any, shape: Shape, height: float, chance: Chance) -> None:
    x, y, wide, high = shape.x0, height - shape.y1, shape.x1 - shape.x0, shape.y1 - shape.y0
    pdf.setStrokeGray(shape.grey)
    pdf.setLineWidth(0.6)
    if shape.kind == "line":
        pdf.line(shape.x0, height - shape.y0, shape.x1, height - shape.y1)
    elif shape.kind in ("box", "check"):
        pdf.rect(x, y, wide, high)
    elif shape.kind == "fill":
        pdf.setFillGray(shape.grey)
        pdf.rect(x, y, wide, high, stroke=0, fill=1)
    elif shape.kind == "tick":
        pdf.line(x, y, x + wide, y + high)
        pdf.line(x, y + high, x + wide, y)
    elif shape.kind == "logo":
        for _ in range(3):
            pdf.setFillColorRGB(chance.random(), chance.random(), chance.random())
            size = high * (0.3 + 0.4 * chance.random())
            left = x + chance.random() * max(1.0, wide - size)
            pdf.rect(left, y, size, size, stroke=0, fill=1)
    elif shape.kind == "stamp":
        pdf.saveState()
        pdf.translate(x + wide / 2, y + high / 2)
        pdf.rotate(chance.random() * 30 - 15)
        pdf.setStrokeColorRGB(0.7, 0.1, 0.2)
        pdf.setFillColorRGB(0.7, 0.1, 0.2)
        pdf.setLineWidth(2)
        pdf.roundRect(-wide / 2, -high / 2, wide, high, 5)
        pdf.setFont("Helvetica-Bold", 14)
        pdf.drawCentredString(
            0, -5, chance.pick(["PAID", "COPY", "RECEIVED", "BEZAHLT", "PAYÉ", "ORIGINAL", "KOPIE"])
        )
        pdf.restoreState()
    elif shape.kind == "scrawl":
        path = pdf.beginPath()
        path.moveTo(x, y + high / 2)
        for step in range(6):
            left = x + wide * step / 6
            path.curveTo(
                left,
                y + high * chance.random(),
                left + wide / 12,
                y + high * chance.random(),
                left + wide / 6,
                y + high * chance.random(),
            )
        pdf.setStrokeColorRGB(0.1, 0.1, 0.5)
        pdf.drawPath(path)


def to_pdf(canvas: Canvas, seed: str) -> bytes:
    """The pages as a PDF; the same bytes for the same canvas and seed."""
    from reportlab.pdfgen.canvas import Canvas as PdfCanvas

    chance = Chance(f"drawing {seed}")
    out = io.BytesIO()
    pdf = PdfCanvas(out, pagesize=(canvas.width, canvas.height), invariant=1)
    for sheet in canvas.sheets:
        pdf.setPageSize((sheet.width, sheet.height))
        for shape in sheet.shapes:
            if shape.kind == "fill":
                _draw_shape(pdf, shape, sheet.height, chance)
        for run in sheet.runs:
            _draw_run(pdf, run, sheet.height)
        for shape in sheet.shapes:
            if shape.kind != "fill":
                _draw_shape(pdf, shape, sheet.height, chance)
        pdf.showPage()
    pdf.save()
    return out.getvalue()
