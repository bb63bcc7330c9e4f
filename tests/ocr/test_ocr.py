"""OCR: engines under one contract, pages turned upright, doubtful lines read again."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reading_files import LINES, picture

from idp_cdi.documents import Box, Word
from idp_cdi.errors import MissingDependency, UsageError
from idp_cdi.ocr import OcrOptions, Reading, Request, detect_language, read_image, turn
from idp_cdi.ocr import rapidocr as neural
from idp_cdi.ocr._engines import choose, engines
from idp_cdi.ocr._rescue import rescued
from idp_cdi.ocr._tsv import parse
from idp_cdi.ocr._upright import flatten, quarter_turn, skew_of

INSTALLED = [engine for engine in engines().values() if engine.available()]
EXPECTED = re.findall(r"\w+", " ".join(LINES))

pytestmark = pytest.mark.ocr
needs_engine = pytest.mark.skipif(not INSTALLED, reason="apt-get install tesseract-ocr")
needs_neural = pytest.mark.skipif(not neural.available(), reason="pip install 'idp-cdi[rapidocr]'")


def recall(words) -> float:
    seen = set(re.findall(r"\w+", " ".join(w.text for w in words)))
    return sum(word in seen for word in EXPECTED) / len(EXPECTED)


@pytest.mark.parametrize("engine", INSTALLED, ids=lambda e: e.NAME)
def test_every_engine_reads_words_with_boxes_inside_the_picture(engine):
    image = picture()
    words = engine.recognise(image, Request())
    assert recall(words) > 0.9
    for word in words:
        assert 0 <= word.confidence <= 1 and word.text == word.text.strip() != ""
        assert -1 <= word.box.x0 <= word.box.x1 <= image.width + 1
        assert -1 <= word.box.y0 <= word.box.y1 <= image.height + 1
    assert engine.version() and "en" in engine.languages()


@pytest.mark.parametrize("engine", INSTALLED, ids=lambda e: e.NAME)
def test_every_engine_takes_tiny_and_empty_pictures(engine):
    for size in ((1, 1), (40, 3), (60, 400), (300, 200)):
        assert isinstance(engine.recognise(Image.new("L", size, 255), Request()), tuple)


@needs_engine
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_read_upright(rotation):
    image = turn(picture(height=1240), rotation, 0.0)
    reading = read_image(image, OcrOptions(dpi=150))
    assert recall(reading.words) > 0.9
    assert (reading.rotation + rotation) % 360 == 0


@needs_engine
def test_skew_is_found_undone_and_told():
    image = turn(picture(height=900), 0, -4.0)
    reading = read_image(image, OcrOptions(dpi=150))
    assert reading.skew == pytest.approx(4.0, abs=0.5)
    assert recall(reading.words) > 0.9
    upright = turn(image, reading.rotation, reading.skew)
    assert upright.size == (reading.width, reading.height)


@needs_engine
def test_print_on_a_shaded_page_is_read():
    image = picture(height=700)
    shade = Image.linear_gradient("L").resize(image.size).point(lambda v: 60 + v // 2)
    from PIL import ImageChops

    reading = read_image(ImageChops.multiply(image, shade), OcrOptions(dpi=150))
    assert recall(reading.words) > 0.9


@needs_engine
@pytest.mark.parametrize("angle", [3.4, -3.4])
def test_a_poor_and_skewed_page_is_not_turned_over(angle):
    from PIL import ImageFilter

    image = turn(picture(LINES * 3, height=1300), 0, angle).filter(ImageFilter.GaussianBlur(1.2))
    reading = read_image(image.point(lambda v: 90 + v // 2), OcrOptions(dpi=150))
    assert reading.rotation == 0
    assert recall(reading.words) > 0.9


@needs_engine
def test_small_print_is_enlarged_and_its_boxes_are_not():
    image = picture(width=620, size=17)
    reading = read_image(image, OcrOptions(dpi=75, effort="fast"))
    assert recall(reading.words) > 0.7
    assert max(w.box.x1 for w in reading.words) <= 621


@needs_engine
def test_the_language_is_found_and_asked_for():
    lines = (
        "Rechnung für die Lieferung der Geräte",
        "Wir bitten um Zahlung bis zum 3. Mai",
        "Menge und Preis sind geprüft und größer",
    )
    reading = read_image(picture(lines), OcrOptions(dpi=150, effort="fast"))
    assert reading.language == "de"
    assert "ß" in " ".join(w.text for w in reading.words)  # a letter that English has not


def test_a_language_that_is_not_installed_is_named_with_its_command():
    engine = choose("auto") if INSTALLED else None
    if engine is None or engine.NAME == "rapidocr":
        pytest.skip("no Tesseract")
    with pytest.raises(MissingDependency, match="apt-get install tesseract-ocr-"):
        read_image(picture(LINES[:1]), OcrOptions(engine=engine.NAME, languages=("zz",)))


def test_an_unknown_engine_is_a_usage_error():
    with pytest.raises(UsageError):
        choose("magic")


@needs_neural
def test_a_doubtful_line_is_read_again_and_a_sure_one_stays():
    image = picture(LINES[:2])
    lines = neural.find_lines(image)
    assert len(lines) == 2
    sure = Word("SURE", lines[0], 0.99)
    doubtful = Word("H4rb0ur", lines[1], 0.3)
    found = rescued(image, Reading((sure, doubtful), image.width, image.height), lines, "normal")
    text = " ".join(w.text for w in found.words)
    assert "SURE" in text and "Harbour" in text and "H4rb0ur" not in text


@needs_neural
def test_the_neural_reader_gives_each_word_its_own_box():
    (line,) = neural.read_lines(picture(LINES[:1]), neural.find_lines(picture(LINES[:1])))
    assert [w.text for w in line] == LINES[0].split()
    for before, after in pairwise(line):
        assert before.box.x1 <= after.box.x0 + 6


@needs_neural
def test_what_a_word_may_be_instead_makes_it_doubtful():
    """Probabilities of the reading model by column: "TO", a letter perhaps lost in between."""
    import numpy as np

    index = {c: n for n, c in enumerate(neural._characters())}

    def sure(*columns):
        scores = np.zeros((len(columns), len(index)), dtype=np.float32)
        for row, column in zip(scores, columns, strict=True):
            for character, share in column.items():
                row[index[character]] = share
        (word,) = neural._decode(scores, 48.0, 48.0, Box(0, 0, 48, 10))
        assert word.text == "TO"
        return word.confidence

    plain = sure({"T": 1.0}, {"": 1.0}, {"O": 1.0})
    assert plain == pytest.approx(1.0)
    assert sure({"T": 1.0}, {"": 0.6, "N": 0.4}, {"O": 1.0}) == pytest.approx(0.8)
    assert sure({"T": 1.0}, {"": 1.0}, {"O": 0.6, "Ö": 0.4}, {"O": 1.0}) == pytest.approx(1.0)
    assert sure({"T": 0.6, "": 0.4}, {"T": 1.0}, {"O": 1.0}) == pytest.approx(1.0)


@needs_neural
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_lines_of_print_lie_on_the_upright_picture(rotation):
    from idp_cdi.ocr._page import _upright

    image = turn(turn(picture(height=1240), 0, -3.0), rotation, 0.0)
    undone, skew, upright, lines = _upright(image)
    assert (undone + rotation) % 360 == 0 and abs(abs(skew) - 3.0) < 0.5
    words = [word for line in neural.read_lines(upright, lines) for word in line]
    assert recall(words) > 0.9


@given(st.lists(st.integers(1, 2400), max_size=40))
def test_lines_are_read_in_batches_of_bounded_width(widths):
    order = sorted(range(len(widths)), key=lambda i: widths[i])
    batches = list(neural._batches(order, widths))
    assert [i for part in batches for i in part] == order
    assert all(len(p) == 1 or len(p) * widths[p[-1]] <= neural._BATCH for p in batches)


def test_way_up_and_skew_of_made_pages():
    image = picture(height=1240)
    assert quarter_turn(image) == 0
    assert quarter_turn(turn(image, 90, 0.0)) == 90
    assert skew_of(image) == 0
    assert skew_of(turn(image, 0, -3.0)) == pytest.approx(3.0, abs=0.4)


def test_an_even_white_page_is_left_as_it_is():
    image = picture()
    assert flatten(image) is image


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please pay the total amount of this invoice by bank transfer", "en"),
        ("Bitte überweisen Sie den Betrag auf das Konto der Firma", "de"),
        ("Veuillez payer le montant de la facture avant la date", "fr"),
        ("El importe total de la factura se paga en la fecha de vencimiento", "es"),
        ("Il totale della fattura è da pagare entro la data di scadenza", "it"),
        ("Het totaal van de factuur is te betalen voor de vervaldatum", "nl"),
        ("4711 0815 12,50", ""),
        ("", ""),
    ],
)
def test_language_by_common_words(text, language):
    assert detect_language(text) == language


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789\t\n.-abc", max_size=200))
def test_any_table_of_words_is_parsed_or_skipped(table):
    try:
        words = parse("head\n" + table)
    except ValueError:
        return
    assert all(isinstance(w.box, Box) for w in words)


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.binary(min_size=1, max_size=64))
def test_geometry_takes_any_picture(width, height, noise):
    image = Image.frombytes("L", (width, height), (noise * (width * height))[: width * height])
    quarter_turn(image)
    assert -11 < skew_of(image) < 11
    assert flatten(image).size == image.size
