"""How numbers, amounts and dates are written, by country and by the habits of an issuer.

>>> amount(Decimal("1234.5"), "dot_comma")
'1.234,50'
>>> amount(Decimal("1234567.5"), "lakh_dot")
'12,34,567.50'
>>> import datetime
>>> date(datetime.date(2024, 3, 5), "d_month_y_dot", "de")
'5. März 2024'
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from .data_files import language

MARKS = {
    "dot_comma": (".", ","), "comma": ("", ","), "blank_comma": (" ", ","), "comma_dot": (",", "."),
    "dot": ("", "."), "quote_dot": ("'", "."), "blank_dot": (" ", "."), "lakh_dot": (",", "."),
}  # fmt: skip
SIGNS = {
    "EUR": "€", "GBP": "£", "USD": "$", "AUD": "$", "CAD": "$", "INR": "₹", "MYR": "RM",
    "CHF": "CHF", "HKD": "HK$", "SGD": "S$",
}  # fmt: skip


def _grouped(whole: str, sign: str, *, lakh: bool) -> str:
    if not sign or len(whole) <= 3:
        return whole
    head, tail = whole[:-3], whole[-3:]
    step = 2 if lakh else 3
    parts = []
    while head:
        parts.append(head[-step:])
        head = head[:-step]
    return sign.join([*reversed(parts), tail])


def amount(value: Decimal, notation: str, places: int = 2) -> str:
    """`value` with two decimals in the notation `notation`."""
    thousands, mark = MARKS[notation]
    text = f"{abs(value):.{places}f}"
    whole, _, rest = text.partition(".")
    whole = _grouped(whole, thousands, lakh=notation == "lakh_dot")
    return ("-" if value < 0 else "") + whole + (mark + rest if rest else "")


def number(value: Decimal, notation: str) -> str:
    """`value` with as many decimals as it has."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return amount(value, notation, places)


def _ordinal(day: int) -> str:
    if 10 <= day % 100 <= 20:
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def date(day: datetime.date, notation: str, code: str) -> str:
    """`day` in `notation` in language `code`."""
    words = language(code)
    month, short = words["months"][day.month - 1], words["months_short"][day.month - 1]
    d, m, y = day.day, day.month, day.year
    match notation:
        case "iso":
            return day.isoformat()
        case "dmy_dot":
            return f"{d:02}.{m:02}.{y}"
        case "dmy_dot_short":
            return f"{d}.{m}.{y}"
        case "dmy_dot_y2":
            return f"{d:02}.{m:02}.{y % 100:02}"
        case "dmy_slash":
            return f"{d:02}/{m:02}/{y}"
        case "dmy_slash_y2":
            return f"{d:02}/{m:02}/{y % 100:02}"
        case "dmy_dash":
            return f"{d:02}-{m:02}-{y}"
        case "dmy_dash_y2":
            return f"{d:02}-{m:02}-{y % 100:02}"
        case "mdy_slash":
            return f"{m:02}/{d:02}/{y}"
        case "mdy_slash_y2":
            return f"{m:02}/{d:02}/{y % 100:02}"
        case "mdy_short":
            return f"{m}/{d}/{y}"
        case "mdy_dash":
            return f"{m:02}-{d:02}-{y}"
        case "d_month_y":
            return f"{d} {month} {y}"
        case "d_month_y_dot":
            return f"{d}. {month} {y}"
        case "d_de_month_de_y":
            return f"{d} de {month} de {y}"
        case "d_mon_y":
            return f"{d:02} {short} {y}"
        case "d_mon_y_dash":
            return f"{d:02}-{short}-{y}"
        case "dth_month_y":
            return f"{_ordinal(d)} {month} {y}"
        case "month_d_y":
            return f"{month} {d}, {y}"
        case "mon_d_y":
            return f"{short} {d}, {y}"
        case "y_slash":
            return f"{y}/{m:02}/{d:02}"
        case "dth_of_month":
            return f"{_ordinal(d)} day of {month}, {y}"
        case "dth_of_month_plain":
            return f"{_ordinal(d)} day of {month} {y}"
    raise ValueError(notation)
