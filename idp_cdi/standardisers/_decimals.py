"""Numbers as people write them, to plain decimals: shared by amount and number.

>>> plain("1'234.50"), plain("1.234.567,8"), plain("12,34,567.00"), plain("(5)")
('1234.50', '1234567.8', '1234567.00', '-5')
"""

from __future__ import annotations

import re
import unicodedata

from idp_cdi.errors import BadFormat

_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d{1,2})?", re.ASCII)
_NO_CENTS = re.compile(r"[.,]\s*(?:-{1,2}|=|x{2})$|/-$")
_GROUPS = re.compile(
    r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*|\d{1,2}(?:([, ])\d{2})+\2\d{3}", re.ASCII
)
_TABLE = str.maketrans(
    {
        "’": "'", "‘": "'", "`": "'", "´": "'", "˙": "'", "_": " ", "٫": ".", "٬": "'", "·": ".",
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-",
    }
)  # fmt: skip
# Countries that write a decimal point; Switzerland too in amounts. Canada and South Africa do both.
POINT = frozenset(
    "US GB IE AU NZ IN PK LK BD NP MY SG HK CN JP KR TW TH PH IL MX GT SV HN NI PA DO PR CR KE NG "
    "GH UG TZ ZW ZM BW MT CH LI EG JO SA AE KW QA OM BH JM TT BB BS BZ GY MM MO KH MN".split()
)
_BOTH = frozenset("CA ZA LU".split())
_DIGITS = "0123456789"


def plain(text: str, *, country: str | None = None, decimal: str | None = None) -> str:
    """Return the plain decimal.

    Args:
        text: A number with sign, grouping and decimal mark, no unit.
        country: Settles what a single mark before three digits means.
        decimal: The decimal mark, "." or ","; outranks `country`.

    Returns:
        Sign, digits, point, digits. Trailing zeros stay, but for a third decimal that would make
        the result ambiguous when read again ("1.250" becomes "1.25", "1.234" "1.2340").

    Raises:
        BadFormat: Not a number, or two readings are left (``value.ambiguous``).
    """
    if _PLAIN.fullmatch(text) and text != "-0":
        return text
    negative, text = _sign(unicodedata.normalize("NFKC", text).translate(_TABLE).strip())
    text = re.sub(r"\s+", " ", re.sub(r"\s*([.,'])\s*", r"\1", text))
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    whole, fraction = _split(text, country=country, decimal=decimal)
    whole = whole.lstrip("0") or "0"
    if len(fraction) == 3 and len(whole) < 4 and whole != "0":
        fraction = fraction[:2] if fraction[2] == "0" else fraction + "0"
    value = f"{whole}.{fraction}" if fraction else whole
    return f"-{value}" if negative and value.strip("0.") else value


def _sign(text: str) -> tuple[bool, str]:
    """Minus before or behind, or accountants' brackets."""
    text = _NO_CENTS.sub("", text).strip()
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    if text.startswith("-"):
        return True, text[1:].strip()
    if text.endswith("-"):
        return True, text[:-1].strip()
    return False, text.removeprefix("+").removesuffix("+").strip()


def _split(text: str, *, country: str | None, decimal: str | None) -> tuple[str, str]:
    """Digits before and after the decimal mark."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        mark = "." if text.rfind(".") > text.rfind(",") else ","
    elif points + commas == 1:
        mark = _single(text, "." if points else ",", country=country, decimal=decimal)
    else:
        mark = ""
    whole, _, fraction = text.rpartition(mark) if mark else (text, "", "")
    if mark in whole and mark:
        raise BadFormat("two decimal marks", value=text)
    groups = re.sub(r"[.,' ]", "", whole)
    digits = groups + fraction
    if not digits or digits.strip(_DIGITS):
        raise BadFormat("this is no number", value=text)
    if groups != whole and not _GROUPS.fullmatch(whole):
        raise BadFormat("the digits are not in groups of three", value=text)
    return groups, fraction


def _single(text: str, mark: str, *, country: str | None, decimal: str | None) -> str:
    """The mark if the only "." or "," is decimal, "" if it groups thousands."""
    whole, _, fraction = text.partition(mark)
    if len(fraction) != 3 or len(whole) > 3 or not whole.strip("0") or whole.startswith("0"):
        return mark
    if decimal is None and country is not None and country not in _BOTH:
        decimal = "." if country in POINT else ","
    if decimal is None:
        raise BadFormat(
            "thousands or decimals?",
            code="value.ambiguous",
            action="give the decimal hint",
            value=text,
        )
    return mark if mark == decimal else ""
