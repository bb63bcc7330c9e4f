"""Small files that the tests make themselves."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]


def script(name: str):
    """``scripts/<name>.py`` as a module."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def hostile():
    """The generator ``scripts/make_hostile.py`` as a module."""
    return script("make_hostile")


def text_pdf(*lines: str, page: bytes = b"", size: int = 12) -> bytes:
    """A page of A4 with `lines` from the top, 72 points from the left."""
    maker = hostile()
    shown = "".join(
        f"BT /F {size} Tf 72 {760 - 20 * i} Td ({line}) Tj ET " for i, line in enumerate(lines)
    )
    return maker.page_pdf(maker.stream(shown.encode("cp1252")), page=page)


LINES = (
    "INVOICE number 4711 of 3 May 2024",
    "Harbour Trading Limited, 12 Mill Lane, Leeds",
    "The amount of 1,250.00 is due on 2 June 2024",
    "Thank you for your order and for the payment",
)


def picture(lines=LINES, *, width=1240, size=34, height=None) -> Image.Image:
    """Print on white paper, as a scan at 150 dpi would be."""
    height = height or 160 + 80 * len(lines)
    image = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    for index, line in enumerate(lines):
        draw.text((80, 80 + 80 * index), line, fill=20, font=font)
    return image
