"""Country: the ISO 3166-1 alpha-2 code, from codes and from names in many languages.

Source: https://www.iso.org/iso-3166-country-codes.html; names see ``data/countries.tsv``.

>>> clean("Deutschland"), clean("Royaume-Uni"), clean("USA"), clean("D"), clean("UK"), clean("el")
('DE', 'GB', 'US', 'DE', 'GB', 'GR')
>>> clean("Atlantis")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: this is no country
"""

from __future__ import annotations

from functools import cache

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import fold, required

NAME = "country"
STRONG = False

CODES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW XK ".split()
)
EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the two-letter code.

    Args:
        raw: Code (two or three letters, or three digits) or name in one of many languages.
        country: Part of the shared signature, not needed here.

    Returns:
        Two capital letters; "XK" for Kosovo.

    Raises:
        BadFormat: Not a country.
    """
    if len(raw) == 2 and raw in CODES:
        return raw
    text = raw.strip(" .,;:()[]-")
    if len(text) == 2 and text.upper() in CODES:
        return text.upper()
    found = _names().get(_key(text)) or _names().get(_key(required(raw, "a country")))
    if found is None:
        raise BadFormat("this is no country", value=raw)
    return found


def _key(text: str) -> str:
    return _bare(fold(text))


def _bare(folded: str) -> str:
    """The letters and digits of a folded text."""
    if folded.isalnum():
        return folded
    folded = folded.replace("&", "and").replace(".", "")
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


@cache
def _names() -> dict[str, str]:
    from importlib.resources import files

    found: dict[str, str] = {}
    text = (files("idp_cdi") / "data" / "countries.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    # Folded all at once: four thousand names one by one take four times as long.
    for line, folded in zip(lines, fold("\n".join(lines)).split("\n"), strict=True):
        _, *codes, names = folded.split("\t")
        for name in (*codes, *names.split("|")):
            found.setdefault(_bare(name), line[:2])
    found.pop("", None)
    return found | {_key(code): code for code in CODES} | {"uk": "GB", "el": "GR"}
