"""Amounts of money and other numbers, in every national notation.

Which mark is the decimal one is decided for the whole document where a number alone does not say.

>>> read("1.234,56"), read("1,234.56"), read("1 234,56"), read("1'234.50"), read("12,-")
('1234.56', '1234.56', '1234.56', '1234.50', '12.00')
>>> read("1.234", decimal=","), read("1.234", decimal=".")
('1234', '1.234')
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from idp_cdi.extractors._spans import first_and_last, spanned
from idp_cdi.extractors.dates import _find as _dates

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import Segment, View

NAME = "amounts"
KINDS = ("amount", "currency")

CURRENCIES = {
    "€": "EUR", "EUR": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "GBP": "GBP",
    "$": "USD", "US$": "USD", "USD": "USD", "CHF": "CHF", "SFR": "CHF", "FR.": "CHF",
    "RM": "MYR", "MYR": "MYR", "₹": "INR", "RS": "INR", "RS.": "INR", "INR": "INR",
    "KR": "SEK", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "ZŁ": "PLN", "ZL": "PLN",
    "PLN": "PLN", "KČ": "CZK", "CZK": "CZK", "¥": "JPY", "JPY": "JPY", "A$": "AUD",
    "AUD": "AUD", "C$": "CAD", "CAD": "CAD", "S$": "SGD", "SGD": "SGD", "HKD": "HKD",
    "HK$": "HKD", "NZD": "NZD", "NZ$": "NZD", "CNY": "CNY", "RMB": "CNY", "HUF": "HUF",
    "FT": "HUF", "RON": "RON", "LEI": "RON", "BGN": "BGN", "TRY": "TRY", "₺": "TRY",
    "ZAR": "ZAR", "BRL": "BRL", "R$": "BRL", "MXN": "MXN", "AED": "AED", "THB": "THB",
    "IDR": "IDR", "RP": "IDR", "PHP": "PHP", "₱": "PHP", "KRW": "KRW", "₩": "KRW",
}  # fmt: skip
_SIGNS = r"US\$|HK\$|NZ\$|[ACRS]\$|[€£$₹¥₺₱₩]"
_CODE = (
    r"EUROS?|EUR|USD|GBP|CHF|SFr\.?|Fr\.|MYR|RM|INR|Rs\.?|SEK|NOK|DKK|PLN|CZK|JPY|AUD|CAD|SGD|HKD"
    r"|NZD|CNY|RMB|HUF|RON|BGN|TRY|ZAR|BRL|MXN|AED|THB|IDR|Rp|PHP|KRW|zł|Kč|kr\.?"
)
_NUMBER = (
    r"\d{1,3}(?:[.,'’](?=\d{3}(?!\d))\d{3})+(?:[.,]\d{1,4})?"
    r"|\d{1,3}(?:[\s\u00a0\u202f]\d{3})+(?:[.,]\d{2}(?!\d))"
    r"|\d+\s?[.,]\s?\d{2}(?!\d)|\d+[.,]\d{1,6}|\d+[.,](?=[-–—])|\d+|[.,]\d{2}(?!\d)"
)
_AMOUNT = re.compile(
    rf"(?<![\w.,:/-])(?P<open>\()?\s?(?P<minus>[-−–])?\s?(?P<before>{_SIGNS}|(?<!\w)(?:{_CODE}))?\s?"
    rf"(?P<minus2>[-−–])?\s?(?P<number>{_NUMBER})(?P<dash>[-–—]{{1,2}})?\s?(?P<after>{_SIGNS}|(?:{_CODE})(?!\w))?"
    rf"\s?(?P<percent>%)?(?P<credit>\s?(?:CR|Cr)\b)?(?P<close>\))?(?![\w/]|[.,:]\d|-\d)",
)
_PLAIN = re.compile(r"\d+")


def read(text: str, *, decimal: str = "") -> str | None:
    """The plain decimal of a number as printed; None where it is none.

    Args:
        text: Digits with marks, no sign and no currency.
        decimal: The document's decimal mark, for a single mark before three digits.
    """
    body = re.sub(r"[\s\u00a0\u202f'’]", "", text).rstrip("-–—")
    if body.endswith((".", ",")):
        body += "00"
    dot, comma = body.rfind("."), body.rfind(",")
    mark = ""
    if dot >= 0 and comma >= 0:
        mark = "." if dot > comma else ","
    elif max(dot, comma) >= 0:
        one = "." if dot >= 0 else ","
        tail = len(body) - body.rfind(one) - 1
        lead = body.split(one, maxsplit=1)[0]
        if body.count(one) == 1 and (tail != 3 or decimal == one or lead in {"", "0"}):
            mark = one
    if mark:
        whole, _, fraction = body.rpartition(mark)
        whole = whole.replace(".", "").replace(",", "")
        return f"{int(whole or '0')}.{fraction}" if fraction.isdigit() else None
    digits = body.replace(".", "").replace(",", "")
    return str(int(digits)) if digits.isdigit() and digits.isascii() else None


def decimal_mark(view: View) -> str:
    """The mark before two final digits that most numbers of the document have; "" unknown."""
    votes: Counter[str] = Counter()
    for segment in view.segments:
        votes.update(re.findall(r"\d([.,])\d\d(?![\d.,])", segment.text))
    return votes.most_common(1)[0][0] if votes else ""


def candidates(document: Document, view: View) -> list[Candidate]:
    """All numbers that could be amounts, and currency signs and codes."""
    mark = decimal_mark(view)
    found: list[Candidate] = []
    for segment in view.segments:
        text = segment.text
        if not segment.digits:
            _currency_words(segment, found)
            continue
        taken = [(a, b) for a, b, _, _ in _dates(text)]
        for m in _AMOUNT.finditer(text):
            a, b = m.span("number")
            if any(a < y and b > x for x, y in taken):
                continue
            number = m["number"]
            value = read(number + (m["dash"] or ""), decimal=mark)
            money = m["before"] or m["after"]
            plain = _PLAIN.fullmatch(number) is not None and not m["dash"]
            whole = len(text.strip()) == len(m[0].strip())
            if (
                value is None
                or len(value) > 14
                or (plain and not money and not whole and not m["percent"])
            ):
                continue
            if plain and len(number) > 7:
                continue
            found.append(_amount(segment, m, value, money=bool(money), plain=plain))
            _currency(segment, m, found)
        _currency_words(segment, found)
    return found


def _amount(
    segment: Segment, m: re.Match[str], value: str, *, money: bool, plain: bool
) -> Candidate:
    trailing = m["dash"] is not None and not m["number"].endswith((".", ",")) and not plain
    negative = bool(
        m["minus"] or m["minus2"] or m["credit"] or trailing or (m["open"] and m["close"])
    )
    if negative and float(value):
        value = "-" + value
    first, last = first_and_last(segment, *m.span("number"))
    fraction = value.partition(".")[2]
    hints = {
        "decimals": float(len(fraction)),
        "money": float(money),
        "percent": float(m["percent"] is not None),
        "integer": float(plain),
        "negative": float(negative),
        "alone": float(len(m[0].strip()) == len(segment.text.strip())),
    }
    return spanned(
        segment, first, last, kind="amount", value=value, way=NAME, raw=m[0].strip(), hints=hints
    )


def _currency(segment: Segment, m: re.Match[str], found: list[Candidate]) -> None:
    for name in ("before", "after"):
        if m[name]:
            code = CURRENCIES.get(m[name].upper())
            if code:
                first, last = first_and_last(segment, *m.span(name))
                hints = {"beside": 1.0, "code": float(m[name].upper() == code)}
                found.append(
                    spanned(
                        segment, first, last, kind="currency", value=code, way=NAME, raw=m[name],
                        hints=hints,
                    )
                )  # fmt: skip


def _currency_words(segment: Segment, found: list[Candidate]) -> None:
    for n, text in enumerate(segment.texts):
        word = text.strip("()[]:.,;*").strip()
        code = CURRENCIES.get(word) if len(word) != 2 or word == "RM" else None
        if code and not any(
            c.kind == "currency" and c.hints["segment"] == segment.index and c.hints["first"] == n
            for c in found[-8:]
        ):
            hints = {"beside": 0.0, "code": float(word == code)}
            found.append(
                spanned(
                    segment, n, n + 1, kind="currency", value=code, way=NAME, raw=word, hints=hints
                )
            )
