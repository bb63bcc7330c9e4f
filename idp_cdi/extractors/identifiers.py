"""Identifiers: VAT ids, tax numbers, IBAN and BIC with their check digits, and numbers at large.

Anything with a digit that is no date and no amount may be an invoice, order or customer number: the
words around it decide that later. Numbers with check digits are told apart here, by python-stdnum
(https://arthurdejong.org/python-stdnum/).

>>> vat("DE 136695976"), vat("NL002455799B11"), vat("NL123456789B01"), vat("XX123")
(('DE136695976', True), ('NL002455799B11', True), ('NL123456789B01', False), None)
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._spans import first_and_last, spanned
from idp_cdi.extractors.dates import _find as _dates
from idp_cdi.standardisers._checks import passes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.documents import Document
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import Segment, View

NAME = "identifiers"
KINDS = ("vat_id", "tax_number", "registration_number", "iban", "bic", "identifier")

_VAT = {
    "AT": r"U\d{8}", "BE": r"[01]?\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}", "FR": r"[A-Z0-9]{2}\d{9}",
    "GB": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})", "HR": r"\d{11}", "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}", "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}",
    "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}",
    "CHE": r"\d{9}(?:MWST|TVA|IVA)?", "NO": r"\d{9}(?:MVA)?", "XI": r"\d{9}",
}  # fmt: skip
_SWISS = re.compile(r"(?:MWST|TVA|IVA)$")
_VAT_SHAPE = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(_VAT)})[\s.-]{{0,2}}(?:[A-Z0-9+*][\s.\-]?){{6,13}}[A-Z0-9]"
    r"(?:\s?(?:MWST|TVA|IVA|MVA))?(?![A-Za-z0-9])"
)
_IBAN = re.compile(r"(?<![A-Z0-9])([A-Z]{2}\s?\d{2}(?:[\s.\-]?[A-Z0-9]){11,30})(?![A-Za-z0-9])")
_BEGUN = re.compile(r"(?<![A-Z0-9])([A-Z]{2}\s?\d{2}(?:[\s.\-]?[A-Z0-9])*)[\s.]*$")
"""What may be the beginning of an IBAN at the end of a line."""
_GOES_ON = re.compile(r"(?:[A-Z0-9]{1,4}\s?)+")
_NEXT = re.compile(r"\s(?=(?:BIC|SWIFT)\b)", re.IGNORECASE)
"""Where the next label begins behind an account."""
_BIC = re.compile(
    r"(?<![A-Z0-9])([A-Z]{4}\s?[A-Z]{2}\s?[A-Z0-9]{2}(?:\s?[A-Z0-9]{3})?)(?![A-Za-z0-9])"
)
_TAX = re.compile(r"(?<![\w/])(\d{2,3}\s?[/ ]\s?\d{3,4}\s?[/ ]\s?\d{4,5})(?![\w/])")
_ITALIAN = re.compile(r"(?<!\w)([A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])(?!\w)")
_NUMBER = re.compile(r"(?<![\w])([A-Z]?[\d][\d .\-/]{5,17}[\dA-Z])(?!\w)")
_REGISTER = re.compile(
    r"(?<!\w)((?:HR|H\.?\s?R\.?|H|FN|PR|GnR|VR|RCS|KvK|REA)\s?[ABab]?\.?"
    r"(?:\s?(?:Nr|No|n°)\.?:?)?\s?[A-Z]{0,2}[\s-]?\d[\d .]{2,12}\d?\s?[a-zA-Z]?)(?!\w)"
)
_LEAD = re.compile(r"^(?:n[°ºo]|nr|no|num)[.:\s]*(?=\d)", re.IGNORECASE)
_DECIMAL = re.compile(r"\d[.,]\d\d$")
_YEAR = re.compile(r"(?:19|20)\d\d(?:\D|$)")
_MONEY = frozenset("€$£¥")
_JUNK = re.compile(r"^[\s(\[#:;,.*\"'“”=|]+|[\s)\]:;,.*\"'“”=|]+$")


@lru_cache(maxsize=4096)
def vat(text: str) -> tuple[str, bool] | None:
    """The VAT id in `text` without blanks and whether its check digits pass; None for none."""
    body = re.sub(r"[\s.\-]", "", text).upper()
    for size in (3, 2):
        prefix, rest = body[:size], body[size:]
        if prefix in _VAT and re.fullmatch(_VAT[prefix], rest):
            return body, _vat_valid(prefix, body)
    return None


def _vat_valid(prefix: str, body: str) -> bool:
    """Whether the check digits pass, by the rules of the country; False where none are known."""
    number = body.removeprefix(prefix)
    if prefix == "CHE":  # a register number, whether or not it says that it is one for VAT
        return passes("CH", "vat", "CHE" + _SWISS.sub("", number)) is True
    if prefix == "NO":
        return number.endswith("MVA") and passes("NO", "vat", number.removesuffix("MVA")) is True
    return passes(prefix, "vat", number) is True


@lru_cache(maxsize=4096)
def iban(text: str) -> tuple[str, bool]:
    """The longest prefix of `text` that is a valid IBAN, else all of it."""
    from stdnum import iban as standard

    body = re.sub(r"[\s.\-]", "", _NEXT.split(text, maxsplit=1)[0]).upper()
    for size in range(len(body), 14, -1):
        if standard.is_valid(body[:size]):
            return body[:size], True
    return body, False


def candidates(document: Document, view: View) -> list[Candidate]:
    """Identifiers with and without check digits; one span may be several kinds."""
    found: list[Candidate] = []
    for segment in view.segments:
        text = segment.text
        if not segment.digits:
            if len(text) < 60:
                _bic(segment, found)
            continue
        if len(text) > 400:
            continue
        _checked(segment, found)
        _bic(segment, found)
        _general(segment, found)
        _wrapped_account(view, segment, found)
    return found


def _wrapped_account(view: View, segment: Segment, found: list[Candidate]) -> None:
    """An IBAN that begins at the end of a line and goes on in the next: only where it is valid."""
    begun = _BEGUN.search(segment.text)
    if begun is None or iban(begun[1])[1] or segment.line + 1 >= len(view.lines):
        return
    for index in view.lines[segment.line + 1]:
        below = view.segments[index]
        if below.page != segment.page or below.box.y0 - segment.box.y1 > segment.box.height:
            continue
        rest = _GOES_ON.match(below.text)
        if rest is None:
            continue
        value, valid = iban(f"{begun[1]} {rest[0]}")
        if not valid:
            continue
        first, _ = first_and_last(segment, *begun.span(1))
        printed = _printed(f"{begun[1]} {rest[0]}", value)
        beyond = len(printed.split()) - len(begun[1].split())
        one = spanned(
            segment, first, len(segment.texts), kind="iban", value=printed, way=NAME, raw=printed,
            hints={"valid": 1.0, "prefix": 1.0},
        )  # fmt: skip
        words = (*one.words, *below.words[:beyond])
        found[:] = [c for c in found if c.kind != "iban" or c.words != one.words]
        found.append(replace(one, words=tuple(dict.fromkeys(words))))
        return


def _checked(segment: Segment, found: list[Candidate]) -> None:
    """Candidates with check digits or a national shape."""
    text = segment.text
    taken: list[tuple[int, int]] = []
    for m in _IBAN.finditer(text):
        value, valid = iban(m[1])
        if valid or (len(value) >= 15 and sum(c.isdigit() for c in value) >= 0.6 * len(value)):
            _add(found, segment, m.start(1), m.end(1), "iban", _printed(m[1], value), valid=valid)
            taken.append(m.span(1))
    for start, end, valid in _vat_ids(text):
        if not any(start < b and end > a for a, b in taken):
            _add(found, segment, start, end, "vat_id", text[start:end].strip(), valid=valid)
            taken.append((start, end))
    for m in _ITALIAN.finditer(text):
        from stdnum.it import codicefiscale

        _add(found, segment, *m.span(1), "tax_number", m[1], valid=codicefiscale.is_valid(m[1]))
    for m in _TAX.finditer(text):
        if not any(m.start() < b and m.end() > a for a, b in taken):
            _add(found, segment, *m.span(1), "tax_number", m[1], valid=False)
    for m in _REGISTER.finditer(text):
        _add(found, segment, *m.span(1), "registration_number", m[1].strip(), valid=False)
    for m in _NUMBER.finditer(text):
        if any(m.start() < b and m.end() > a for a, b in taken):
            continue
        body = re.sub(r"[\s.\-/]", "", m[1])
        valid = _national(body)
        if 8 <= len(body) <= 14:
            for kind in ("vat_id", "tax_number", "registration_number"):
                _add(found, segment, *m.span(1), kind, m[1].strip(), valid=valid)


def _vat_ids(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where VAT ids with their prefix stand, and whether their check digits pass.

    A label in capitals before the number may look like its beginning ("DE VAT DE 811907980"), so
    what is none is looked at again from its next word on.
    """
    at = 0
    while m := _VAT_SHAPE.search(text, at):
        end = m.end()
        got = vat(m[0])
        while got is None and " " in text[m.start() : end]:
            end = m.start() + text[m.start() : end].rfind(" ")
            got = vat(text[m.start() : end])
        if got:
            yield m.start(), end, got[1]
        at = end if got else m.start() + 1


@lru_cache(maxsize=4096)
def _national(body: str) -> bool:
    """Whether a number without country prefix passes some national check."""
    from importlib import import_module

    tests = {
        11: ("it.iva", "de.idnr"), 9: ("fr.siren", "gb.vat", "es.nif", "es.cif"),
        14: ("fr.siret",), 10: ("be.vat",), 8: (), 12: (), 13: (),
    }  # fmt: skip
    return any(import_module(f"stdnum.{name}").is_valid(body) for name in tests.get(len(body), ()))


def _printed(raw: str, value: str) -> str:
    """`raw` cut after as many characters as the checked `value` has."""
    count = 0
    for n, c in enumerate(raw):
        count += c.isalnum()
        if count == len(value):
            return raw[: n + 1].strip()
    return raw.strip()


def _add(
    found: list[Candidate], segment: Segment, start: int, end: int, kind: str, value: str, *,
    valid: bool,
) -> None:  # fmt: skip
    first, last = first_and_last(segment, start, end)
    hints = {"valid": float(valid), "prefix": float(value[:2].isalpha())}
    found.append(
        spanned(segment, first, last, kind=kind, value=value, way=NAME, raw=value, hints=hints)
    )


def _bic(segment: Segment, found: list[Candidate]) -> None:
    for m in _BIC.finditer(segment.text):
        from stdnum import bic

        value = m[1].replace(" ", "")
        if len(value) in {8, 11} and value[:4] != "IBAN" and bic.is_valid(value):
            _add(found, segment, *m.span(1), "bic", value, valid=True)


def _general(segment: Segment, found: list[Candidate]) -> None:
    """Numbers of any make: each word with a digit, and runs of such words."""
    texts, numeric = segment.texts, segment.numeric
    near = _after_label(segment) if len(texts) > 14 else set(range(len(texts)))
    dates = _dates(segment.text)
    run: list[int] = []
    at = 0
    runs: list[list[int]] = []
    for n, text in enumerate(texts):
        in_date = any(at < b and at + len(text) > a for a, b, _, _ in dates)
        core = _JUNK.sub("", text)
        joins = core == "" or (len(core) <= 3 and core.isupper()) or core in {"-", "/"}
        if n in near and not in_date and (numeric[n] or (joins and (run or core.isupper()))):
            run.append(n)
        else:
            runs.append(run)
            run = []
        at += len(text) + 1
    runs.append(run)
    for run in runs:
        _of_run(segment, run, found)
    for a, b, _, mark in dates:
        if mark in {"", "-"} and b - a <= 10:  # 20180305 and 2018-471 may be numbers all the same
            first, last = first_and_last(segment, a, b)
            _identifier(segment, first, last, found, in_date=True)


def _after_label(segment: Segment) -> set[int]:
    """In running text, the words soon after a label."""
    near: set[int] = set()
    for hit in hits(segment.texts):
        near |= set(range(hit.end, hit.end + 3))
    return near


def _of_run(segment: Segment, run: list[int], found: list[Candidate]) -> None:
    digits = [n for n in run if segment.numeric[n]]
    if not digits:
        return
    for n in digits[:6]:
        _identifier(segment, n, n + 1, found)
    first, last = run[0], digits[-1] + 1
    if 1 < last - first <= 7:
        _identifier(segment, first, last, found)
        if first < digits[0] and last - digits[0] > 1:
            _identifier(segment, digits[0], last, found)


def _identifier(
    segment: Segment, first: int, last: int, found: list[Candidate], *, in_date: bool = False
) -> None:
    raw = _LEAD.sub("", _JUNK.sub("", " ".join(segment.texts[first:last])))
    if raw.startswith("(") and raw.endswith(")"):
        raw = raw[1:-1]
    length, digits = sum(map(str.isalnum, raw)), sum(map(str.isdigit, raw))
    if not digits or length > 40 or any(c in _MONEY for c in raw):
        return
    hints = {
        "digits": float(digits),
        "letters": float(length - digits),
        "length": float(length),
        "pieces": float(last - first),
        "marks": float(sum(map(raw.count, "-/_.#"))),
        "decimal": float(_DECIMAL.search(raw) is not None),
        "date": float(in_date),
        "year": float(_YEAR.match(raw) is not None),
        "upper_first": float(raw[0].isupper()),
        "zero_first": float(raw[0] == "0"),
        "lower": float(any(map(str.islower, raw))),
    }
    found.append(
        spanned(segment, first, last, kind="identifier", value=raw, way=NAME, raw=raw, hints=hints)
    )
