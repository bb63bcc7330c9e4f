"""A cheap model of what OCR does to words: confusions, splits, joins, losses, doubtful boxes.

Confidences go with the errors, as they do for real engines, but neither always nor only.
"""

from __future__ import annotations

from dataclasses import replace

from idp_cdi.documents import Box, Page, PageSource, Word

from .chance import Chance
from .marks import GeneratedDocument, Span

_ALIKE = {
    "0": "OoQ8", "1": "lI|7i", "5": "S$6", "8": "B36", "6": "b85", "2": "Z7", "9": "g4", "3": "8", "7": "1T", "4": "A9",
    "O": "0Q", "I": "l1|", "l": "1I|", "S": "5$", "B": "8", "Z": "2", "G": "6C", "e": "c", "c": "e", "o": "0", "a": "o",
    "ä": "a", "ö": "o", "ü": "u", "ß": "B", "é": "e", "è": "e", ".": ",", ",": ".", ":": ".;", "-": "~_", "€": "EC", "n": "ri",
    "m": "rn", "h": "b", "D": "O", "f": "t", "t": "f", "i": "l!", "'": "`", "/": "7l", "ñ": "n", "à": "a", "E": "F", "u": "v",
}  # fmt: skip


_DIGITS = {
    "0": "8669", "1": "7744", "2": "7331", "3": "8529", "4": "1996", "5": "6639", "6": "8500", "7": "1129",
    "8": "3690", "9": "8034",
}  # fmt: skip
"""Among digits engines that know how print looks read a digit, if a wrong one."""


def _blur(chance: Chance, text: str, rate: float) -> tuple[str, int]:
    out, errors = [], 0
    number = sum(sign.isdigit() for sign in text) * 2 > len(text)
    for sign in text:
        if chance.random() < rate:
            errors += 1
            how = chance.random()
            if number and sign in _DIGITS and chance.maybe(0.7):
                out.append(chance.pick(_DIGITS[sign]))
            elif how < 0.7:
                out.append(chance.pick(_ALIKE.get(sign, "?~.") or "?"))
            elif how < 0.9:
                continue
            else:
                out.append(sign + chance.pick(".'-,|"))
        else:
            out.append(sign)
    return "".join(out), errors


def _jitter(chance: Chance, box: Box, by: float) -> Box:
    shift = [chance.gauss(0, by) for _ in range(4)]
    return Box(
        round(box.x0 + shift[0], 2), round(box.y0 + shift[1], 2),
        round(max(box.x0 + 1, box.x1) + abs(shift[2]), 2), round(max(box.y0 + 1, box.y1) + shift[3], 2),
    )  # fmt: skip


def _sure(chance: Chance, quality: float, *, wrong: bool, wordy: bool) -> float:
    """The engine's certainty of a word, as measured on scans of made-up slips.

    Neural engines are nearly certain of four right words in five and doubt two wrong ones in three;
    the other kind (`wordy`) is never quite certain, doubts many right words and trusts wrong ones.
    """
    if wordy:
        if wrong:
            return 0.2 + 0.76 * chance.random() ** 0.7
        if chance.maybe(0.08 + 0.25 * quality):
            return 0.4 + 0.5 * chance.random()
        return 0.965 - abs(chance.gauss(0, 0.025))
    if wrong:
        return (
            1.0 - abs(chance.gauss(0, 0.02)) if chance.maybe(0.3) else 0.45 + 0.5 * chance.random()
        )
    if chance.maybe(0.05 + 0.1 * quality):
        return 0.97 - 0.35 * chance.random() ** 1.5
    return 1.0 - abs(chance.gauss(0, 0.01))


def _page(chance: Chance, page: Page, quality: float) -> tuple[Page, list[tuple[int, int, int]]]:
    """The noisy page, and for every old word (new index or -1, offset of its start, its new length)."""
    rate = 0.001 + 0.03 * quality**2
    lost, split, joined = 0.004 + 0.03 * quality**2, 0.012 * quality, 0.02 * quality
    wordy = chance.maybe(0.25)
    if chance.maybe(0.15):  # engines that read whole lines lose the blanks between words
        joined = 0.05 + 0.2 * chance.random()
    words: list[Word] = []
    where: list[tuple[int, int, int]] = []
    for word in page.words:
        if chance.random() < lost and len(word.text) < 12:
            where.append((-1, 0, 0))
            continue
        text, errors = _blur(chance, word.text, rate)
        if not text:
            where.append((-1, 0, 0))
            continue
        sure = _sure(chance, quality, wrong=errors > 0, wordy=wordy)
        box = _jitter(chance, word.box, 0.25 + 0.6 * quality)
        # box heights of OCR are those of the ink: words without high or deep letters are flatter
        flat = not any(s.isupper() or s.isdigit() or s in "bdfhklt" for s in word.text)
        if flat:
            box = box._replace(y0=round(box.y0 + 0.18 * box.height, 2))
        new = Word(text, box, round(min(1.0, max(0.02, sure)), 3))
        last = words[-1] if words else None
        near = (
            last is not None
            and abs(last.box.middle - box.middle) < 3
            and 0 <= box.x0 - last.box.x1 < 5
        )
        if last is not None and near and chance.random() < joined:
            words[-1] = Word(
                last.text + text, last.box.union(box), min(last.confidence, new.confidence)
            )
            where.append((len(words) - 1, len(last.text), len(text)))
            continue
        where.append((len(words), 0, len(text)))
        if len(text) > 5 and chance.random() < split:
            cut = chance.pick(range(2, len(text) - 1))
            x = box.x0 + box.width * cut / len(text)
            words.append(new._replace(text=text[:cut], box=box._replace(x1=round(x - 0.5, 2))))
            words.append(new._replace(text=text[cut:], box=box._replace(x0=round(x + 0.5, 2))))
            continue
        words.append(new)
    noisy_page = replace(page, words=tuple(words), source=PageSource.OCR)
    return noisy_page, where


def noisy(made: GeneratedDocument, chance: Chance) -> GeneratedDocument:
    """`made` as OCR of a scan would have it; gold stays what the paper says.

    Args:
        made: A clean document.
        chance: Where the errors come from.

    Returns:
        The document with noisy words; spans follow their words, those lost are dropped.
    """
    quality = chance.random() ** 1.5
    pages, maps = [], {}
    for page in made.document.pages:
        pages.append(_page(chance, page, quality))
    maps = {page.number: (page, where) for page, where in pages}
    spans = [found for span in made.spans if (found := _moved(span, *maps[span.page])) is not None]
    document = replace(
        made.document, pages=tuple(page for page, _ in pages), reader="generator.scan"
    )
    return replace(made, document=document, spans=tuple(spans), scan=True)


def _moved(span: Span, page: Page, where: list[tuple[int, int, int]]) -> Span | None:
    indexes: list[int] = []
    for old in span.words:
        new, _, length = where[old]
        if new < 0:
            continue
        left = length
        while left > 0 and new < len(page.words):
            if new not in indexes:
                indexes.append(new)
            left -= len(page.words[new].text)
            new += 1
    if not indexes or where[span.words[0]][0] < 0 or where[span.words[-1]][0] < 0:
        return None
    start = where[span.words[0]][1] + min(span.start, max(0, where[span.words[0]][2] - 1))
    last = page.words[indexes[-1]].text
    cut = 0
    if len(span.words) == 1 or span.end:
        end_word = where[span.words[-1]]
        cut = end_word[1] + min(span.end, end_word[2])
    first_length = len(page.words[indexes[0]].text)
    return replace(
        span,
        words=tuple(indexes),
        start=min(start, first_length - 1),
        end=min(max(cut, 1), len(last)),
    )
