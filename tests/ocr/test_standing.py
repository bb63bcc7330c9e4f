"""Print at a right angle to the page: stamps along an edge are read, either way up."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_files import LINES, picture

from idp_cdi.documents import Box
from idp_cdi.ocr import OcrOptions, _standing, read_image, turn
from idp_cdi.ocr import rapidocr as neural

needs_neural = pytest.mark.skipif(not neural.available(), reason="pip install 'idp-cdi[rapidocr]'")
STAMP = "2010 AUG -3 AM 9:48"


def stamped(turned: int) -> Image.Image:
    """A page with a stamp on its right edge, turned clockwise."""
    page = picture(LINES * 3, height=1400)
    font = ImageFont.load_default(34)
    strip = Image.new("L", (420, 50), 250)
    ImageDraw.Draw(strip).text((10, 2), STAMP, fill=20, font=font)
    page.paste(turn(strip, turned, 0.0), (1120, 500))
    return page


@needs_neural
@pytest.mark.ocr
@pytest.mark.parametrize("turned", [90, 270])
def test_a_stamp_along_the_edge_is_read_in_its_order(turned: int) -> None:
    found = read_image(stamped(turned), OcrOptions(dpi=150))
    standing = [w for w in found.words if w.turned]
    assert {w.turned for w in standing} == {turned}
    text = " ".join(w.text for w in standing)
    assert text.startswith("2010 AUG") and "9:48" in text
    middles = [w.box.middle for w in standing]
    assert middles == sorted(middles, reverse=turned == 270)
    for word in standing:
        assert word.box.height > word.box.width * 0.5
        assert 1110 < word.box.x0 < word.box.x1 < 1190 and 480 < word.box.y0 < word.box.y1 < 940
    assert found.rotation == 0


@needs_neural
@pytest.mark.ocr
def test_smudges_and_rules_say_nothing() -> None:
    page = picture(LINES * 3, height=1400)
    draw = ImageDraw.Draw(page)
    draw.line((1150, 300, 1155, 1000), fill=40, width=4)
    draw.rectangle((1100, 400, 1130, 700), fill=120)
    assert not [w for w in read_image(page, OcrOptions(dpi=150)).words if w.turned]


def test_narrow_letters_and_short_lines_read_across() -> None:
    lines = [Box(0, 30 * n, 300, 30 * n + 20) for n in range(6)]
    narrow = Box(400, 30, 410, 50)  # a lone "1"
    across, standing = _standing.apart([*lines, narrow])
    assert across == [*lines, narrow] and standing == []


def test_pieces_of_one_line_are_joined_and_others_are_not() -> None:
    lines = [Box(0, 30 * n, 300, 30 * n + 20) for n in range(6)]
    one = [Box(400, 10, 420, 80), Box(402, 110, 421, 160)]
    beside, far = Box(440, 10, 460, 90), Box(400, 500, 420, 590)
    _, standing = _standing.apart([*lines, *one, beside, far])
    assert standing == [Box(400, 10, 421, 160), beside, far]
