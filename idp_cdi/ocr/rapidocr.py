"""RapidOCR's neural models on ONNX Runtime: better on crumpled and faint print, and slower.

Only the models of the ``rapidocr`` wheel are used (PP-OCR, Apache-2.0; they come inside it,
nothing is downloaded): one finds lines of print, one reads a line. The reading model names the
column of every character, so words get boxes and a confidence of their own.

Besides being an engine of its own, it reads single lines again that Tesseract was unsure of
(`read_lines`, 5–25 ms a line).

Source: https://github.com/RapidAI/RapidOCR, https://arxiv.org/abs/2206.03001
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box, Word
from idp_cdi.errors import MissingDependency
from idp_cdi.ocr._upright import turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

    from idp_cdi.ocr._types import Request

NAME = "rapidocr"
HEIGHT = 48  # pixels that the reading model wants a line to be high
_WIDEST = 2400  # pixels of a line at that height
_BATCH = 800  # pixels of width read in one go; more takes memory and no less time
_SIDE = 1280  # longest side, in pixels, of the picture in which lines are looked for
_INK = 0.3  # probability above which a pixel counts as print
_LINE = 0.5  # mean probability above which a region counts as a line
_VOTES = 12  # lines that are asked which way up they stand
_LIKELY = 0.4  # mean probability above which a page may stand on its head
_READ = 5  # lines that are read both ways before it is turned
_CLEAR = 0.98  # probability of a column from which nobody asks what else it may be
_LATIN = 0x24F  # the last character of the Latin blocks
_GROW = 1.6  # the model marks the core of a line; its box is grown by this much


@cache
def available() -> bool:
    """Are the models and their runtime installed?"""
    import importlib.util

    if importlib.util.find_spec("onnxruntime") is None:
        return False
    return bool(_model("rec")) and bool(_model("det"))


def version() -> str:
    """The names of the models."""
    return "+".join(Path(_model(kind)).stem for kind in ("det", "rec"))


def languages() -> frozenset[str]:
    """ISO 639-1 codes it can read: one model for all languages in Latin letters."""
    return frozenset("en de fr es it nl pt pl cs da sv nb no fi hu ro sk sl hr et lv lt ca".split())


@cache
def _model(kind: str) -> str:
    """The file of the model that finds ("det"), turns ("cls") or reads ("rec") lines, or ""."""
    import importlib.util

    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        return ""
    found = sorted((Path(spec.origin).parent / "models").glob(f"*_{kind}_*.onnx"))
    return str(found[-1]) if found else ""


@cache
def _session(kind: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        _model(kind), sess_options=options, providers=["CPUExecutionProvider"]
    )


@cache
def _characters() -> list[str]:
    """What each output of the reading model means; the first is "nothing"."""
    listed = _session("rec").get_modelmeta().custom_metadata_map["character"]
    return ["", *listed.split("\n"), " "]


def recognise(image: Image, request: Request) -> tuple[Word, ...]:
    """Words of `image` with boxes in pixels and confidence 0–1."""
    if not available():
        raise MissingDependency(
            "the OCR engine rapidocr is not installed",
            code="ocr.engine_missing",
            action="pip install 'idp-cdi[rapidocr]'",
        )
    whole = [Box(0, 0, image.width, image.height)]
    boxes = whole if request.line else find_lines(image)
    return tuple(word for line in read_lines(image, boxes) for word in line)


def lies_on_its_side(lines: Sequence[Box]) -> bool:
    """Are lines of print taller than wide?"""
    wide = sum(b.width * b.height for b in lines if b.width > 1.5 * b.height)
    tall = sum(b.width * b.height for b in lines if b.height > 1.5 * b.width)
    return tall > wide


def stands_on_its_head(image: Image, lines: Sequence[Box]) -> bool:
    """Is a page whose lines run across upside down?

    A small model votes on the longest lines; it errs on poor pages, so before a page is turned
    some of the lines are read both ways, and what reads better counts.
    """
    longest = sorted((b for b in lines if b.width > 2 * b.height), key=lambda b: -b.width)[:_VOTES]
    if not longest or not _model("cls") or _upside_down(image, longest) < _LIKELY:
        return False
    few = longest[:_READ]
    width, height = image.size
    flipped = [Box(width - b.x1, height - b.y1, width - b.x0, height - b.y0) for b in few]
    return _surety(turn(image, 180, 0.0), flipped) > _surety(image, few)


def _surety(image: Image, lines: Sequence[Box]) -> float:
    """Mean confidence, by letters, of what is read in `lines`."""
    words = [word for line in read_lines(image, lines) for word in line]
    letters = sum(len(word.text) for word in words)
    return sum(len(w.text) * w.confidence for w in words) / letters if letters else 0.0


def _upside_down(image: Image, lines: Sequence[Box]) -> float:
    """The mean probability that `lines` stand on their heads."""
    import numpy as np

    session = _session("cls")
    name = session.get_inputs()[0].name
    batch = np.zeros((len(lines), 3, HEIGHT, 192), dtype=np.float32)
    for row, box in enumerate(lines):
        middle = (box.x0 + box.x1) / 2
        half = min(box.width / 2, 2 * box.height)  # the model looks at four heights of width
        part = (int(middle - half), int(box.y0), int(middle + half), int(box.y1))
        crop = image.crop(part).convert("RGB").resize((192, HEIGHT))
        pixels = np.asarray(crop, dtype=np.float32)
        batch[row] = ((pixels / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)
    return float(session.run(None, {name: batch})[0][:, 1].mean())


def find_lines(image: Image) -> list[Box]:
    """Boxes of lines of print, in pixels of `image`, top to bottom."""
    import numpy as np

    scale = min(1.0, _SIDE / max(image.size))
    width = max(32, round(image.width * scale / 32) * 32)
    height = max(32, round(image.height * scale / 32) * 32)
    small = image.convert("RGB").resize((width, height))
    pixels = (np.asarray(small, dtype=np.float32) / 255.0 - 0.5) / 0.5
    session = _session("det")
    name = session.get_inputs()[0].name
    heat = session.run(None, {name: pixels.transpose(2, 0, 1)[None]})[0][0, 0]
    boxes = _regions(heat)
    across, down = image.width / width, image.height / height
    scaled = [
        Box(
            max(0.0, b.x0 * across),
            max(0.0, b.y0 * down),
            min(float(image.width), b.x1 * across),
            min(float(image.height), b.y1 * down),
        )
        for b in boxes
    ]
    return sorted(scaled, key=lambda b: (b.y0 + b.y1, b.x0))


def _regions(heat: Any) -> list[Box]:
    """Connected regions of likely print as grown boxes."""
    import cv2
    import numpy as np

    mask = (heat > _INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    del labels
    boxes = []
    for left, top, width, height, area in stats[1:count].tolist():
        if min(width, height) < 3:
            continue
        part = heat[top : top + height, left : left + width]
        if float(part[part > _INK].mean()) < _LINE:
            continue
        grow = area * _GROW / (2 * (width + height))
        boxes.append(Box(left - grow, top - grow, left + width + grow, top + height + grow))
    return boxes


def read_lines(image: Image, boxes: Sequence[Box]) -> list[list[Word]]:
    """The words of each line of `image` in `boxes` (pixels)."""
    import numpy as np

    rgb = image.convert("RGB")
    lines: list[tuple[float, Any, Box]] = []
    for box in boxes:
        crop = rgb.crop((int(box.x0), int(box.y0), int(box.x1 + 0.99), int(box.y1 + 0.99)))
        ratio = max(1, crop.width) / max(1, crop.height)
        width = min(_WIDEST, max(HEIGHT, round(HEIGHT * ratio)))
        lines.append((width, crop.resize((width, HEIGHT)), box))
    found: list[list[Word]] = [[] for _ in lines]
    order = sorted(range(len(lines)), key=lambda i: lines[i][0])
    session = _session("rec")
    name = session.get_inputs()[0].name
    for part in _batches(order, [line[0] for line in lines]):
        widest = int(lines[part[-1]][0])
        batch = np.zeros((len(part), 3, HEIGHT, widest), dtype=np.float32)
        for row, index in enumerate(part):
            pixels = np.asarray(lines[index][1], dtype=np.float32)
            batch[row, :, :, : pixels.shape[1]] = ((pixels / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)
        scores = session.run(None, {name: batch})[0]
        for row, index in enumerate(part):
            found[index] = _decode(scores[row], widest, lines[index][0], lines[index][2])
    return found


def _batches(order: Sequence[int], widths: Sequence[float]) -> Iterator[list[int]]:
    """Lines of `order`, the narrowest first, in batches of so much print; a long line alone."""
    part: list[int] = []
    for index in order:
        if part and (len(part) + 1) * widths[index] > _BATCH:
            yield part
            part = []
        part.append(index)
    if part:
        yield part


def _decode(scores: Any, padded: float, width: float, box: Box) -> list[Word]:
    """Characters from the model's columns: repeats and "nothing" dropped, words cut at blanks."""
    best = scores.argmax(axis=1).tolist()
    sure = scores.max(axis=1).tolist()
    characters = _characters()
    columns = len(best)
    unit = padded / columns * (box.width / width)  # pixels of the picture a column
    doubts = _doubts(scores, best, sure)
    words: list[Word] = []
    text, first, last = "", 0, 0
    marks: list[float] = []

    def flush() -> None:
        if text.strip():
            x0 = box.x0 + max(0.0, (first - 0.5) * unit)
            x1 = min(box.x1, box.x0 + (last + 1.5) * unit)
            least = min(*marks, 1.0 - max(doubts[first : last + 1]))
            mean = sum(marks) / len(marks)
            confidence = min(1.0, max(0.0, 0.5 * (mean + least)))
            words.append(Word(text.strip(), Box(x0, box.y0, max(x0, x1), box.y1), confidence))

    before = -1
    for column, (index, score) in enumerate(zip(best, sure, strict=True)):
        if index != before and index != 0:
            character = characters[index] if index < len(characters) else ""
            if character.isspace():
                flush()
                text = ""
            elif character:
                if not text:
                    first, marks = column, []
                text += character
                marks.append(score)
        elif index != 0 and text:  # the same character goes on: its surest column counts
            marks[-1] = max(marks[-1], score)
        if index != 0 and text:
            last = column
        before = index
    flush()
    return words


def _doubts(scores: Any, best: Sequence[int], sure: Sequence[float]) -> list[float]:
    """For each column the probability that it holds something else than what was read there.

    A character may begin a column sooner or later, so "nothing" and the characters read before and
    after are no doubt, nor is the same letter with another accent or in the other case. What is
    left tells of a character misread, left out or made up, also in columns where "nothing" won.
    """
    before, after = [0] * len(best), [0] * len(best)
    for column in range(1, len(best)):
        before[column] = best[column - 1] or before[column - 1]
    for column in range(len(best) - 2, -1, -1):
        after[column] = best[column + 1] or after[column + 1]
    out = []
    for column, index in enumerate(best):
        if sure[column] > _CLEAR:
            out.append(0.0)
            continue
        alike = {n for i in (0, index, before[column], after[column]) for n in _alike(i)}
        out.append(max(0.0, 1.0 - float(scores[column, list(alike)].sum())))
    return out


@cache
def _alike(index: int) -> tuple[int, ...]:
    """Outputs of the reading model that are the same letter but for case and accents."""
    characters = _characters()
    letter = _plain(characters[index]) if index < len(characters) else ""
    return _letters().get(letter, (index,))


@cache
def _letters() -> dict[str, tuple[int, ...]]:
    """The outputs for each plain Latin letter."""
    out: dict[str, tuple[int, ...]] = {}
    for index, character in enumerate(_characters()):
        if letter := _plain(character):
            out[letter] = (*out.get(letter, ()), index)
    return out


def _plain(character: str) -> str:
    """A Latin letter without case and accent, "" for any other character."""
    import unicodedata

    if len(character) != 1 or ord(character) > _LATIN or not character.isalpha():
        return ""
    return unicodedata.normalize("NFKD", character)[0].casefold()
