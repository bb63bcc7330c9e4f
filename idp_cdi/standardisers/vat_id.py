"""VAT identification number: country prefix and number, compact, check digits right.

European numbers carry their prefix ("EL" for Greece, "CHE" for Switzerland, "XI" for Northern
Ireland); others stay as their country writes them, without separators. A number without prefix
needs its country.
Source: https://ec.europa.eu/taxation_customs/vies; check digits by python-stdnum.

>>> clean("USt-IdNr.: DE 136 695 976"), clean("136695976", country="DE")
('DE136695976', 'DE136695976')
>>> clean("CHE-116.281.710 MWST"), clean("NO 974 760 673 MVA"), clean("GR 094259216")
('CHE116281710', 'NO974760673', 'EL094259216')
>>> derive("FR40303265045"), derive("BE0428759497")
((('registration_number', '303265045'), ('country', 'FR')), (('registration_number', '0428759497'), ('country', 'BE')))
>>> clean("DE136695978")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: the check digit of the VAT number is wrong
"""  # noqa: E501

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _checks
from idp_cdi.standardisers._text import compact, required

NAME = "vat_id"
STRONG = True

_SHAPES = {
    country: re.compile(shape, re.ASCII)
    for country, shape in {
        "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]",
        "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}",
        "ES": r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]", "FI": r"\d{8}", "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
        "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}",
        "LT": r"\d{9}|\d{12}", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}",
        "NL": r"\d{9}B\d{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}",
        "SI": r"\d{8}", "SK": r"\d{10}", "GB": r"\d{9}(?:\d{3})?|(?:GD|HA)\d{3}",
        "XI": r"\d{9}(?:\d{3})?|(?:GD|HA)\d{3}", "CH": r"E\d{9}", "LI": r"E\d{9}", "NO": r"\d{9}",
        "IS": r"\d{5,6}", "SM": r"\d{5}", "RS": r"\d{9}",
    }.items()
}  # fmt: skip
_LABEL = re.compile(
    r"^(?:[\W_]*(?:(?:VAT|GST|TVA|IVA|MWST|UST|UID|BTW|MOMS|NIP|CIF|NIF|CVR|ALV|DPH|DIC|PDV|AFA|ABN|"
    r"GSTIN|CNPJ|RFC|KVK|MVA|TAX|SALES|EU|EC|INTRA\w*|PARTITA|PIVA|UMSATZSTEUER\w*|STEUER\w*|NUMBER|"
    r"NUM|NUMERO|NUMMER|NR|NO|N°|Nº|ID|IDENT\w*|IDNR|REG\w*|CODE|COMM\w*|VATNO|USTID\w*|UIDNR|DE LA"
    r"|P\.? ?IVA|C\.I\.F|N\.I\.F|N\.? ?O?)(?=[\W\d_])[\W_]*))+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\W_]*(?:MWST|TVA|IVA|MVA|VAT)[\W_]*$", re.IGNORECASE)
_FAST = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}", re.ASCII)
_SELF_EVIDENT = (("AT", re.compile(r"U\d{8}")), ("NL", re.compile(r"\d{9}B\d{2}")))


def clean(raw: str, *, country: str | None = None, strict: bool = True) -> str:
    """Return the number with its country prefix.

    Args:
        raw: Text as found, with or without label, blanks, dots and prefix.
        country: ISO 3166-1 alpha-2 of the party; used where the number has no prefix.
        strict: Refuse a wrong check digit.

    Returns:
        The compact number.

    Raises:
        BadFormat: Wrong shape, wrong check digit (``value.checksum``), or a number that could be
            of any country (``value.ambiguous``).
    """
    value = raw
    if not _FAST.fullmatch(raw) or _split(raw) is None:
        text = required(raw, "a VAT number")
        text = _TAIL.sub("", text) if text[:1].isdigit() or text[:2].upper() in _PREFIXES else text
        value = _prefixed(text, raw, country)
    if strict and is_valid(value, country=country) is False:
        raise BadFormat(
            "the check digit of the VAT number is wrong", value=raw, code="value.checksum"
        )
    return value


_PREFIXES = frozenset(_SHAPES) | {"GR"}


def _split(value: str) -> tuple[str, str] | None:
    """Prefix and number of a compact European VAT number."""
    prefix, number = value[:2], value[2:]
    shape = _SHAPES.get(prefix)
    return (prefix, number) if shape and shape.fullmatch(number) else None


def country_of(raw: str) -> str:
    """The country (ISO 3166-1 alpha-2) that a European number names by its prefix, "" for none.

    >>> country_of("DE 136 695 976"), country_of("EL094014201"), country_of("136695976")
    ('DE', 'GR', '')
    """
    found = _split(_compact(raw))
    return {"EL": "GR", "XI": "GB"}.get(found[0], found[0]) if found else ""


def _prefixed(text: str, raw: str, country: str | None) -> str:
    for candidate in (text, _LABEL.sub("", text)):
        value = _compact(candidate)
        if value.startswith("GR"):
            value = "EL" + value[2:]
        if value.startswith("BE") and len(value) == 11:
            value = "BE0" + value[2:]
        if value.startswith(("CHE", "NO")):
            value = re.sub(r"(?:MWST|TVA|IVA|MVA)$", "", value)
        if _split(value):
            return value
    return _national(value, raw, country)


def _compact(text: str) -> str:
    kept = compact(text)
    if "+" in text or "*" in text:  # old Irish numbers
        kept = re.sub(r"[^A-Z0-9+*]", "", text.upper())
    return kept


def _national(value: str, raw: str, country: str | None) -> str:
    """A number without prefix, in the country's own way of writing."""
    if country is None:
        for where, known in _SELF_EVIDENT:
            if known.fullmatch(value):
                return where + value
        if value.isdecimal() and 7 < len(value) < 16:
            raise BadFormat(
                "the VAT number does not say its country",
                code="value.ambiguous",
                action="give the country",
                value=raw,
            )
        raise BadFormat("no country has such a VAT number", value=raw)
    prefix = "EL" if country == "GR" else country
    shape = _SHAPES.get(prefix)
    if shape is None:
        if value.isascii() and 5 <= len(value) <= 20 and any(map(str.isdigit, value)):
            return value
        raise BadFormat("a VAT number has 5 to 20 letters and digits", value=raw)
    body = {"BE": value.zfill(10), "CH": "E" + value, "AT": "U" + value.removeprefix("U")}.get(
        prefix, value
    )
    if prefix == "SE" and len(value) == 10:
        body = value + "01"
    if not shape.fullmatch(body):
        raise BadFormat("the country has no such VAT number", value=raw)
    return prefix + body


def is_valid(value: str, *, country: str | None = None) -> bool:
    """Say whether the check digits are right; True where the country has none that we know."""
    parts = _split(value)
    if parts is None:
        return country is None or _checks.passes(country, "vat", value) is not False
    prefix, number = parts
    if prefix in ("CH", "LI"):
        number = "CHE" + number[1:]
    return _checks.passes(prefix, "vat", number) is not False


def derive(value: str) -> tuple[tuple[str, str], ...]:
    """What the number says besides: the company's registration or tax number, and its country.

    Args:
        value: A clean VAT number.

    Returns:
        Pairs of field and value. Only what is the same number by law is derived.
    """
    parts = _split(value)
    if parts is None:
        return ()
    prefix, number = parts
    country = {"EL": "GR", "XI": "GB"}.get(prefix, prefix)
    found: list[tuple[str, str]] = []
    if prefix == "FR" and number[:2].isdigit():
        found.append(("registration_number", number[2:]))
    elif prefix in ("BE", "DK", "NO", "LV") or (prefix == "BG" and len(number) == 9):
        found.append(("registration_number", number))
    elif prefix == "FI":
        found.append(("registration_number", f"{number[:7]}-{number[7:]}"))
    elif prefix == "SE" and number.endswith("01"):
        found.append(("registration_number", f"{number[:6]}-{number[6:10]}"))
    elif prefix == "CH":
        found.append(("registration_number", f"CHE{number[1:]}"))
    elif prefix == "CZ" and len(number) == 8:
        found.append(("registration_number", number))
    elif prefix in ("IT", "PT", "PL", "ES", "EL", "HR", "RO", "SI", "HU"):
        found.append(("tax_number", number))
    return (*found, ("country", country))
