"""Values of a kind in a run of words: what a label may point to.

>>> [v.value for v in find("date", ["01/20/20", "-", "01/31/20"], day_first=False)]
['2020-01-20', '2020-01-31']
>>> [v.value for v in find("amount", ["Net", "$1,505.00"])]
['1505.00']
>>> [v.value for v in find("identifier", ["297922", "/", "5", "(rev)"])]
['297922', '5']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat
from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors import clauses_dates

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXTS = frozenset({"name", "person_name", "text", "street", "city", "region", "address"})
"""Kinds of which any words can be a value."""
_MONEY = re.compile(
    r"^\(?[-−–]?\s?(?:[A-Z]{3}|[$€£¥])?\s?[-−–]?\d{1,3}(?:(?:[.,'’ ]\d{3})+|\d*)"
    r"(?:[.,]\d{1,2})?\s?(?:[A-Z]{3}|[$€£])?[-−–]?\)?$"
)
_FIGURES = re.compile(r"\d")
_EDGE = ":;,.|_*=~“”\"'`-–—"
_SHORT_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})(?!\d)")


_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_SIGNED = re.compile(r"^(?:/\s?[sS5]\s?/|[/Il1|!][sS5][/Il1|!](?=\s?[A-Z])|Is(?= [A-Z])|/s|s/)\s*")
"""The mark of a conformed signature, and what OCR makes of it."""
_LISTED = re.compile(
    r"^(?:(?:\(?\d{1,2}|\(?[a-h])\s?[-.)]{1,2}\s+(?=\S)|\d{1,2}[-.)](?=[A-Z][a-z]))"
)
_SCRAWL = re.compile(
    r"(?<=\w\w)(?:\s+(?:[a-z]{0,2}\d[\w.]{0,3}"
    r"|(?!(?:de|van|von|di|da|la|le|du|del|des|ten|ter)[A-Z])[a-z]+[A-Z]\w*))+$"
)
"""What OCR makes of a signature behind the name: "Ann Lee xenlhmVin", not "Ann deWitt"."""
_NO_NAME = re.compile(
    r"\W*(?:e-?\s?signed|signature|unterschrift|firma|handtekening|n/?a|none|not applicable"
    r"|(?:same as|see)\b.*|(?:siehe|wie) oben|idem|voir\b.*"
    # what a letter ends with
    r"|(?:yours\s+)?(?:sincerely|faithfully|truly)(?:\s+yours)?|respectfully(?:\s+submitted)?"
    r"|(?:kind|best|with)\s+(?:\w+\s+)?regards|mit\s+\w+\s+gr(?:ü|ue)(?:ß|ss)en|hochachtungsvoll"
    r"|(?:bien\s+)?cordialement|(?:muy\s+)?atentamente|(?:distinti|cordiali)\s+saluti"
    r"|met\s+vriendelijke\s+groet(?:en)?|hoogachtend)\W*",
    re.I,
)
_JOB = re.compile(
    r"(?:president|chair(?:man|woman|person)?|officer|director|secretary|treasurer|counsel|manager"
    r"|partner|principal|owner|proprietor|attorney|consultant|representative|trustee|supervisor"
    r"|administrator|coordinator|c[efo]o|geschäftsführer(?:in)?|vorstand|prokurist(?:in)?|inhaber(?:in)?"
    r"|leiter(?:in)?|présidente?|gérante?|direct(?:eur|rice)|responsable|gerente|directora"
    r"|administradora?|apoderad[oa]|presidente|amministrat(?:ore|rice)|dirett(?:ore|rice)|titolare"
    r"|bestuurder|eigenaar)",
    re.I,
)
_RANK = re.compile(
    r"(?:senior|sr|executive|exec|vice|assistant|asst|associate|deputy|managing|general|chief|acting"
    r"|financial|operating|legal|sales|account|regional|national|marketing|office|program|&|and|of)",
    re.I,
)
_PHONE = re.compile(r"(?<!\w)[+(]?\d(?:[ ()./–-]{0,2}\d){5,14}(?!\w)")
_WITH_ADDRESS = re.compile(r"(\D{3,}?[^\W\d_]\.?),\s+(?=[^,]*\d)")
"""A name with its address behind it: "Example Board, 12 Elm St, Troy"."""
_CODE = re.compile(r"(?:[A-Z]{1,3}-)?(?=\D{0,4}\d)[A-Za-z\d]{2,8}(?:[ -][A-Za-z\d]{2,4})?")
_HINT = re.compile(r"^\([^()]{1,40}\)\s+(?=\w)")
"""A remark of the label that stands before the value: "(or agent) Example Board"."""


ITEM_NUMBER = re.compile(r"\(?\d{1,2}[.)],?")


@dataclass(frozen=True, slots=True)
class Value:
    """Words `first` to `last` (exclusive) of the run, normalised to `value`.

    `fit` (0–1) says how much it looks like a value of its kind.
    """

    value: str
    first: int
    last: int
    fit: float = 1.0


def find(
    kind: str,
    texts: Sequence[str],
    *,
    day_first: bool | None = None,
    country: str | None = None,
    scanned: bool = False,
) -> list[Value]:
    """All values of `kind` in the words, in order.

    Args:
        kind: As in ``data/fields.yaml``.
        texts: The words.
        day_first: The order of day and month in digits, where it is known.
        country: ISO 3166-1 alpha-2, for telephone numbers and the like.
        scanned: The words are OCR's, which takes letters for figures and the reverse.
    """
    if kind == "date":
        return _dates([_as_date(t) for t in texts] if scanned else texts, day_first)
    if kind in ("amount", "number"):
        return _amounts(texts)
    if kind in TEXTS:
        return _text(kind, texts)
    if kind in ("identifier", "registration_number", "tax_number"):
        found = _identifiers(texts, scanned=scanned)
        if kind == "tax_number" and (whole := _spaced(texts)) is not None:
            return [whole, *found]
        return _with_register(found, texts)
    if _NO_NAME.fullmatch(" ".join(texts)):
        return []
    return _standard(kind, texts, country)


def _dates(texts: Sequence[str], day_first: bool | None) -> list[Value]:  # noqa: FBT001
    joined = " ".join(texts).translate(_LOOKALIKE)
    ends: list[tuple[int, int]] = []
    at = 0
    for t in texts:
        ends.append((at, at + len(t)))
        at += len(t) + 1
    found = clauses_dates.written(joined)
    taken = [(m.start, m.end) for m in found]
    found += [
        m
        for m in clauses_dates.numeric(joined, day_first=day_first)
        if all(m.end <= a or m.start >= b for a, b in taken)
    ]
    out = []
    for m in sorted(found, key=lambda m: m.start):
        first = next(i for i, (_, b) in enumerate(ends) if b > m.start)
        last = next(i for i in range(len(ends) - 1, -1, -1) if ends[i][0] < m.end) + 1
        expires = first > 0 and texts[first - 1].lower().startswith("expir")
        out.append(Value(m.value, first, last, 0.3 if expires else 1.0))
    return out


_LOOKALIKE = str.maketrans({"|": "1", "‘": " ", "’": "'"})
_AS_FIGURE = str.maketrans(dict(zip("OoQDIl|!iSsBZzGg", "0000111115582266", strict=True)))
"""Letters for which OCR takes figures."""
_AS_LETTER = str.maketrans("015", "OIS")


_SLASHED = re.compile(r"^(\d{1,2})([/71Il|])(\d{1,2})([/71Il|])((?:19|20)\d\d)$")


def _as_date(text: str) -> str:
    """A word of a date as it was most likely printed; as long as before.

    >>> [_as_date(t) for t in ("0CT", "2O10", "l6,", "Order", "10/3072017", "Septemben")]
    ['OCT', '2010', '16,', 'Order', '10/30/2017', 'september']
    """
    bare = text.strip(".,'")
    slashed = _SLASHED.match(text)
    if slashed is not None and "/" in slashed[2] + slashed[4]:
        return f"{slashed[1]}/{slashed[3]}/{slashed[5]}"
    if any(c.isalpha() for c in bare) and any(c.isdigit() for c in bare):
        letters, figures = bare.translate(_AS_LETTER), bare.translate(_AS_FIGURE)
        if letters.lower() in cues.months():
            return text.replace(bare, letters)
        if figures.isdigit() and len(figures) in (1, 2, 4):
            return text.replace(bare, figures)
    month = month_of(bare)
    return text.replace(bare, month) if month else text


@lru_cache(maxsize=1024)
def month_of(word: str) -> str:
    """The month whose name OCR misread by a letter, "" where the word is none.

    >>> month_of("Decemher"), month_of("Apr11"), month_of("March"), month_of("Marsh")
    ('december', 'april', 'march', 'march')
    """
    from rapidfuzz.distance import Levenshtein

    spelled = word.translate(_AS_SMALL).lower()
    if len(spelled) < 5 or not spelled.isalpha():
        return ""
    names = (n for n in cues.months() if len(n) >= 5)
    return next((n for n in names if Levenshtein.distance(spelled, n, score_cutoff=1) <= 1), "")


_AS_SMALL = str.maketrans("015", "ols")


def _amounts(texts: Sequence[str]) -> list[Value]:
    from idp_cdi.standardisers import amount

    out = []
    for i, text in enumerate(texts):
        trimmed = text.strip(":;|_*=")
        if not _FIGURES.search(trimmed) or not _MONEY.match(trimmed):
            continue
        try:
            value = amount.clean(trimmed, decimal=_mark(trimmed))
        except BadFormat:
            continue
        cents = re.search(r"[.,]\d\d\D*$", trimmed) is not None
        sign = re.search(r"[$€£¥]|[A-Z]{3}", " ".join(texts[max(0, i - 1) : i + 2])) is not None
        fit = 1.0 if cents else 0.75 if sign else 0.35
        out.append(Value(value, i, i + 1, fit))
    return out


def _mark(text: str) -> str | None:
    """The decimal mark that the figure itself settles, None where it does not."""
    m = re.search(r"([.,])(\d+)\D*$", text)
    if m is None:
        return None
    if len(m[2]) != 3 or (text.count(m[1]) == 1 and re.search(r"[.,].*[.,]", text)):
        return m[1]
    return "," if m[1] == "." else "."


_GLUED = re.compile(r"^(?:no|nr|num|number)[.:]+(?=\w*\d)", re.I)


def _identifiers(texts: Sequence[str], *, scanned: bool = False) -> list[Value]:
    out: list[Value] = []
    for i, text in enumerate(texts):
        bare = _GLUED.sub("", text.strip(_EDGE + "()[]{}#")).strip(_EDGE)
        repaired = bare.translate(_AS_FIGURE)
        doubt = 1.0
        if scanned and bare != repaired and repaired.isdigit() and _mostly_figures(bare):
            bare, doubt = repaired, 0.8
        letters = re.sub(r"[^0-9A-Za-z]", "", bare)
        few = sum(c.isdigit() for c in letters) < 2 or len(letters) > 30
        if few and not letters.isdigit():
            continue
        if (
            _SHORT_YEAR.fullmatch(bare)
            or _CLOCK.fullmatch(bare)
            or "%" in text
            or re.fullmatch(r"[$€£].*|\d+[.,]\d\d", bare)
        ):
            continue
        place = i > 0 and re.fullmatch(r"[A-Z]{2}|D\.?C\.?,?", texts[i - 1].strip(".,")) is not None
        if (place and len(letters) in (5, 9)) or ITEM_NUMBER.fullmatch(text):
            continue  # a postcode, or the number of the next item
        fit = doubt if len(letters) >= 3 else 0.4
        if out and out[-1].last == i:
            fit *= 0.7
        out.append(Value(bare, i, i + 1, fit))
    return out


_REGISTER = re.compile(r"HR\s?[AB]|GnR|VR|PR|FN|CHE")
"""The part of a register that is printed before an entry's number."""


def _with_register(found: list[Value], texts: Sequence[str]) -> list[Value]:
    """The numbers with the part of the register before them: "HRB 4711".

    >>> [v.value for v in find("registration_number", ["HRB", "4711"])]
    ['HRB 4711']
    """
    out = []
    for v in found:
        part = texts[v.first - 1].strip(_EDGE) if v.first else ""
        named = _REGISTER.fullmatch(part) is not None
        out.append(Value(f"{part} {v.value}", v.first - 1, v.last, v.fit) if named else v)
    return out


def _spaced(texts: Sequence[str]) -> Value | None:
    """A number that is printed in groups of figures, where nothing else stands there.

    >>> find("tax_number", "054 558 579 47".split())[0].value
    '054 558 579 47'
    """
    groups = [t.strip(_EDGE) for t in texts]
    if len(groups) < 2 or not all(g.isdigit() and len(g) < 6 for g in groups):
        return None
    return Value(" ".join(groups), 0, len(texts), 0.95)


def _mostly_figures(text: str) -> bool:
    """Whether a word is a number in which OCR took some figures for letters."""
    figures = sum(c.isdigit() for c in text)
    return len(text) >= 3 and 2 * figures >= len(text)


def _text(kind: str, texts: Sequence[str]) -> list[Value]:
    first, last = 0, len(texts)
    while first < last and not _worth(texts[first]):
        first += 1
    while last > first and not _worth(texts[last - 1]):
        last -= 1
    if first == last:
        return []
    value = " ".join(texts[first:last]).strip(' :;|_*=~“”"`-–—,')
    if kind in ("name", "person_name"):
        value = _HINT.sub("", _LISTED.sub("", _SIGNED.sub("", value))).strip(" ,;:")
        value = re.sub(r"\s*\W*e-?[Ss]igned\W*$", "", value)
        if kind == "person_name":
            job = _job(value.split())
            value = " ".join(value.split()[: -job or None]).rstrip(" ,;-–/")
            last -= job
            # what OCR makes of the end of a signature
            value = _SCRAWL.sub("", value)
        elif (m := _WITH_ADDRESS.match(value)) is not None:
            value = m[1]
        if _NO_NAME.fullmatch(value):
            return []
    letters = sum(c.isalpha() for c in value)
    digits = sum(c.isdigit() for c in value)
    if kind in ("name", "person_name", "city", "region"):
        if letters < 2 or digits > letters:
            return []
        odd = sum(not (c.isalnum() or c in " .,&'-/()+’") for c in value)
        capital = sum(w[0].isupper() or w[0].isdigit() for w in value.split() if w[0].isalnum())
        share = capital / max(len([w for w in value.split() if w[0].isalnum()]), 1)
        fit = max(0.1, (0.5 + 0.5 * share) * (0.8**odd) * (0.5 if letters < 3 else 1.0))
        if digits:
            fit *= 0.9 if 5 * digits < letters else 0.55
        if len(value.split()) > 9:  # a ministry's name may be long, but its words have capitals
            fit *= 0.8 if share > 0.55 and len(value.split()) < 18 else 0.2
        if value[0].islower() or (value[0] == "(" and value[-1] == ")"):
            fit *= 0.4
        if kind == "person_name":
            fit *= _personal(value)
        return [Value(value, first, last, fit)]
    if letters + digits < 2:
        return []
    fit = 0.9 if len(value.split()) <= 12 else 0.5
    if kind in ("address", "street"):
        fit *= 1.0 if digits and letters else 0.3
    return [Value(value, first, last, fit)]


def _job(words: Sequence[str]) -> int:
    """How many words at the end of a person's name say what the person does.

    >>> _job("Ann B. Lee, Senior Vice President".split()), _job("Ann Lee".split())
    (3, 0)
    """
    for at in range(2, len(words)):
        end = at
        while end < len(words) - 1 and _RANK.fullmatch(words[end].strip(".,()")):
            end += 1
        if _JOB.fullmatch(words[end].strip(".,()")):
            return len(words) - at
    return 0


_OF_BODIES = frozenset(
    "& the of group office government associates agency department organization organisation board "
    "council tourism bureau ministry embassy consulate association institute foundation commission "
    "international national authority chamber committee corporation company university verband "
    "verein stiftung ministerium behörde amt organisation ministère ambassade conseil fondation "
    "organización ministerio embajada consejo fundación organizzazione ministero ambasciata "
    "fondazione consiglio organisatie ministerie ambassade raad stichting vereniging".split()
)
"""Words that bodies carry in their names and persons do not."""


def _personal(value: str) -> float:
    """How much a name looks like that of a person."""
    words = value.split()
    if cues.legal_form(value) or not 2 <= len(words) <= 6:
        return 0.35
    return 0.3 if _OF_BODIES & {w.strip(".,").lower() for w in words} else 1.0


def _worth(text: str) -> bool:
    """Whether a word at the edge of a run is part of a text."""
    return any(c.isalnum() for c in text) or text in ("&", "¢")


@lru_cache(maxsize=4096)
def _cleaned(kind: str, text: str, country: str | None) -> str:
    from idp_cdi.standardisers import way

    return way(kind).clean(text, country=country)


def _standard(kind: str, texts: Sequence[str], country: str | None) -> list[Value]:
    """A kind with its own standardiser: the longest piece that it accepts."""
    count = len(texts)
    longest = 2 if kind == "postal_code" else 8
    for length in range(min(count, longest), 0, -1):
        for first in range(count - length + 1):
            piece = " ".join(texts[first : first + length]).strip(" :;,|")
            beside = (*texts[max(0, first - 1) : first], *texts[first + length :][:1])
            if kind == "postal_code" and (
                not _CODE.fullmatch(piece) or any(t.strip(".,-/").isdigit() for t in beside)
            ):
                continue
            try:
                return [Value(_cleaned(kind, piece, country), first, first + length)]
            except (BadFormat, ModuleNotFoundError):
                continue
    if kind == "phone" and (m := _PHONE.search(" ".join(texts))):
        # Without its country a number of a form can't be checked, but the label says what it is.
        return [Value(m[0], 0, count, 0.8)]
    return []
