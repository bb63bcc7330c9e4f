"""Documents as files: gold boxes hold the value, scans are pictures, the command writes gold."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from generator.degrade import Picture
from generator.files import as_file
from PIL import Image

from idp_cdi.documents import Box

ROOT = Path(__file__).parents[2]


def letters(text: str) -> str:
    return "".join(s for s in text.casefold() if s.isalnum())


def read_again(content: bytes, page: int, box: list[float]) -> str:
    document = pypdfium2.PdfDocument(content)
    sheet = document[page - 1]
    height = sheet.get_height()
    text = sheet.get_textpage()
    found = text.get_text_bounded(
        box[0] - 0.5, height - box[3] - 0.5, box[2] + 0.5, height - box[1] + 0.5
    )
    document.close()
    return found


@pytest.mark.parametrize(
    "family",
    [
        "invoice-8",
        "invoice-21",
        "order-2",
        "order-5",
        "receipt-7",
        "contract-3",
        "contract-12",
        "form-6",
    ],
)
def test_gold_boxes_hold_the_value_when_the_pdf_is_read_again(family: str) -> None:
    made = as_file(family, 4)
    checked = 0
    for name, places in made.gold["boxes"].items():
        if name.rpartition(".")[2] not in (
            "name",
            "street",
            "city",
            "invoice_number",
            "order_number",
            "iban",
        ):
            continue
        for place in places:
            text = letters(
                "".join(read_again(made.content, place["page"], box) for box in place["bbox"])
            )
            assert any(
                letters(v) in text or text in letters(v) for v in made.gold["fields"][name]
            ), (name, text)
            checked += 1
    assert checked


def test_line_items_have_boxes() -> None:
    made = as_file("invoice-8", 4)
    assert made.gold["line_items"]
    for item in made.gold["line_items"]:
        text = letters(read_again(made.content, item["page"], item["bbox"]))
        assert letters(item["description"])[:5] in text


def test_files_are_the_same_each_time() -> None:
    assert as_file("invoice-9", 1).content == as_file("invoice-9", 1).content
    assert as_file("form-2", 1, scan=True).content == as_file("form-2", 1, scan=True).content


@pytest.mark.parametrize("family", ["receipt-1", "invoice-5", "form-3"])
def test_scans_have_no_text_and_boxes_on_the_picture(family: str) -> None:
    made = as_file(family, 9, scan=True)
    assert made.gold["text_layer"] is False
    if made.name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(made.content)
        assert document[0].get_textpage().get_text_bounded().strip() == ""
        wide, high = document[0].get_size()
        document.close()
    else:
        image = Image.open(io.BytesIO(made.content))
        dpi = made.gold["scan"][0]["dpi"]
        wide, high = image.width * 72 / dpi, image.height * 72 / dpi
    for places in made.gold["boxes"].values():
        for place in places:
            if place["page"] == 1:
                for x0, y0, x1, y1 in place["bbox"]:
                    assert -3 <= x0 < x1 <= wide + 3 and -3 <= y0 < y1 <= high + 3


def test_a_turned_page_turns_its_boxes() -> None:
    image = Image.new("L", (800, 600))
    picture = Picture(image, 72.0, 0.0, 90, (600, 800), "copy")
    assert picture.moved(Box(10, 20, 110, 40)) == Box(20, 490, 40, 590)


def test_the_command_writes_documents_and_gold(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "scripts/generate_documents.py",
        "--out",
        str(tmp_path),
        "--n",
        "6",
        "--seed",
        "2",
    ]
    subprocess.run(
        [*command, "--type", "receipt", "--scan", "0.5", "--held-back"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    lines = [
        json.loads(line)
        for line in (tmp_path / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) == 6
    for line in lines:
        assert (tmp_path / line["document"]).stat().st_size > 0
        assert line["held_back"] and line["type"] == "receipt"
        assert line["fields"]["total"]
