"""Identifiers with right check digits: VAT, IBAN, tax, register and telephone numbers."""

from __future__ import annotations

from functools import cache

from .chance import Chance
from .data_files import countries

_VAT = {
    "DE": "#########", "AT": "U########", "FR": "###########", "BE": "0#########", "IT": "###########",
    "NL": "#########B##", "ES": "A########", "GB": "#########", "IE": "#######A", "LU": "########",
    "CH": "#########",
}  # fmt: skip
_BBAN = {
    "DE": "##################", "AT": "################", "FR": "#######################",
    "BE": "############", "NL": "AAAA##########", "ES": "####################",
    "IT": "A######################", "GB": "AAAA##############", "CH": "#################",
    "IE": "AAAA##############", "LU": "################",
}  # fmt: skip
_TAX = {
    "DE": ["##/###/#####", "###/####/####", "### ### ### ##", "##/###/####", "### / ### / #####", "###########"],
    "AT": ["## ###/####", "###/####"], "US": ["##-#######"], "GB": ["##########"],
    "FR": ["#############"], "NL": ["#########"], "IT": ["AAAAAA##A##A###A", "###########"],
    "ES": ["A########"], "IN": ["AAAAA####A"], "MY": ["C ##########"], "AU": ["## ### ### ###"],
}  # fmt: skip
_REGISTER = {
    "DE": ["HRB #####", "HRB ####", "HRA ####", "HRB ######", "GnR ###"], "AT": ["FN ######a", "FN ######k"],
    "CH": ["CHE-###.###.###"], "FR": ["### ### ### #####", "##############", "### ### ###"],
    "NL": ["########"], "BE": ["0###.###.###"], "IT": ["MI-#######", "RM - ######"],
    "ES": ["Tomo ####, Folio ##, Hoja B-#####"], "GB": ["########", "0#######", "SC######"],
    "IE": ["######"], "MY": ["######-A", "#######-A", "JM#######-A"], "IN": ["U#####KA####PTC######"],
    "US": ["#######"], "AU": ["## ### ### ###", "### ### ###"], "SG": ["#########A"], "LU": ["B ######"],
    "HK": ["#######"], "CA": ["#########"],
}  # fmt: skip


@cache
def _checker(country: str) -> object:
    import importlib

    path = {"CH": "stdnum.ch.vat"}.get(country, f"stdnum.{country.lower()}.vat")
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        return importlib.import_module("stdnum.eu.vat")


def vat_id(chance: Chance, country: str) -> str:
    """A VAT id that passes its check; "" where the country has none."""
    pattern = _VAT.get(country)
    if pattern is None:
        return ""
    from stdnum.eu import vat as eu
    from stdnum.gb import vat as gb

    for _ in range(2000):
        body = chance.digits(pattern)
        if country == "FR":
            siren = body[2:]
            body = f"{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"
        if country == "BE":
            body = body[:8] + f"{97 - int(body[:8]) % 97:02}"
        if country == "DE":
            body = _mod_11_10(body[:8])
        if country == "ES":
            body = chance.pick("AB") + body[1:]
        text = "CHE" + body if country == "CH" else country + body
        if country == "CH":
            from stdnum.ch import uid

            if uid.is_valid(text):
                return text
        elif (gb if country == "GB" else eu).is_valid(text):
            return text
    return country + chance.digits(pattern)


def _mod_11_10(digits: str) -> str:
    from stdnum.iso7064 import mod_11_10

    return digits + str(mod_11_10.calc_check_digit(digits))


def vat_text(chance: Chance, vat: str) -> str:
    """The VAT id as papers print it: sometimes with blanks, dots or without the prefix."""
    body = vat[2:]
    if vat.startswith("CHE"):
        d = vat[3:]
        return f"CHE-{d[:3]}.{d[3:6]}.{d[6:]}" + chance.pick(["", " MWST", " TVA", " IVA"])
    how = chance.random()
    if how < 0.6 or len(body) < 8:
        return vat
    if how < 0.8:
        return f"{vat[:2]} {body}"
    if how < 0.93:
        return f"{vat[:2]} {body[:3]} {body[3:6]} {body[6:]}"
    return f"{vat[:2]}{body[:3]}.{body[3:6]}.{body[6:]}"


def iban(chance: Chance, country: str) -> str:
    """An IBAN with a right checksum; "" where the country has none."""
    pattern = _BBAN.get(country)
    if pattern is None:
        return ""
    bban = chance.digits(pattern)
    digits = "".join(str(int(sign, 36)) for sign in bban + country + "00")
    return f"{country}{98 - int(digits) % 97:02}{bban}"


def iban_text(chance: Chance, iban_: str) -> str:
    """The IBAN in groups of four, or in one piece."""
    if chance.maybe(0.65):
        return " ".join(iban_[at : at + 4] for at in range(0, len(iban_), 4))
    return iban_


def bic(chance: Chance, country: str) -> str:
    """A BIC by its shape."""
    return (
        chance.digits("AAAA")
        + country
        + chance.digits(chance.pick(["AA", "A#", "##", "AAXXX", "#AXXX", "AAA##"]))
    )


def tax_number(chance: Chance, country: str) -> str:
    """A national tax number by its shape; "" where papers show none."""
    patterns = _TAX.get(country)
    return chance.digits(chance.pick(patterns)) if patterns else ""


def register_number(chance: Chance, country: str) -> str:
    """A company register number by its shape."""
    return chance.digits(chance.pick(_REGISTER.get(country, ["#######"])))


def phone(chance: Chance, country: str) -> str:
    """A telephone number as printed, national or international."""
    facts = countries()[country]
    national = chance.digits(chance.pick(facts["phone"]))
    if national.startswith("0") and chance.maybe(0.35):
        rest = national[1:].lstrip("0")
        return chance.pick(
            ["+{c} {r}", "+{c} (0) {r}", "00{c} {r}", "+{c}(0){r}", "+{c}{r}"]
        ).format(c=facts["calling"], r=rest.replace("/", " "))
    if country in ("US", "CA") and chance.maybe(0.1):
        return f"+1 {national}"
    if not national.startswith(("0", "+", "(")) and chance.maybe(0.3):
        return f"+{facts['calling']} {national}"
    return national


_PATTERNS = [
    "######", "#####", "########", "####", "R-#####", "RE-{y}-####", "{y}-####", "{y}/####", "INV-######", "INV####",
    "{yy}####", "F{y}####", "A-####", "#########", "####/{yy}", "{y}{m}###", "RG{y}#####", "V###-######", "##-####",
    "{yy}-#####", "FA{yy}#####", "AB######", "{y}.####", "N° ####", "SI-#####", "A######", "CS########", "#######-#",
    "{y}{m}{d}/###", "FV/{y}/####", "E{y}{m}{d}#####", "####-####-##", "AA####", "{yy}/###", "{m}/{y}-###", "B-{yy}-####",
    "###", "##########", "10#######", "A###-####", "FT {y}/###", "{y}_####", "AA-{y}-###", "AAA/{yy}/####", "##",
]  # fmt: skip


def serial(chance: Chance, year: int, month: int, day: int, pattern: str = "") -> str:
    """A number of a paper: invoice, order, customer …"""
    pattern = pattern or chance.pick(_PATTERNS)
    text = pattern.replace("{yy}", f"{year % 100:02}").replace("{y}", str(year))
    text = text.replace("{m}", f"{month:02}").replace("{d}", f"{day:02}")
    letters = "".join(s if s != "A" else "@" for s in text)
    out = []
    for sign, old in zip(letters, text, strict=True):
        if sign == "#":
            out.append(str(int(chance.random() * 10)))
        elif sign == "@" and "AA" in pattern:
            out.append(chance.pick("ABCDEFGHKLMNPRSTVWX"))
        else:
            out.append(old)
    found = "".join(out).lstrip()
    return found.replace("N° ", "") if found.startswith("N°") else found
