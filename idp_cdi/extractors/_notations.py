"""How the world writes a postcode with its town: a pattern for each notation."""

from __future__ import annotations

import re
from functools import cache

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ"
    "|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR"
)
_STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia"
    "|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts"
    "|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey"
    "|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|District of Columbia|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont"
    "|Virginia|Washington"
    "|West Virginia|Wisconsin|Wyoming"
)
_INDIAN = (
    "Andhra Pradesh|Arunachal Pradesh|Assam|Bihar|Chhattisgarh|Delhi|Goa|Gujarat|Haryana"
    "|Himachal Pradesh|Jammu and Kashmir|Jharkhand|Karnataka|Kerala|Ladakh|Madhya Pradesh"
    "|Maharashtra|Manipur|Meghalaya|Mizoram|Nagaland|Odisha|Puducherry|Punjab|Rajasthan|Sikkim"
    "|Tamil Nadu|Telangana|Tripura|Uttar Pradesh|Uttarakhand|West Bengal"
)
_PROVINCES = "AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT"
_WORD = r"[^\W\d_][^\s,;|•●·]*"
_CITY = rf"{_WORD}(?:[ -]{{1,2}}(?:{_WORD}|\({_WORD}\)|\d{{1,2}}(?!\w))){{0,7}}"
_CITY_MORE = rf"(?:[ -]{{1,2}}{_WORD}){{0,4}}"
_TOWN = rf"(?P<city>{_CITY})"
_DUTCH = rf"(?P<city>(?:['’][a-zA-Z][- ])?{_CITY})"  # "'s-Gravenhage"
_BEFORE = rf"(?P<city>{_WORD}(?: {_WORD}){{0,3}})"
_START = r"(?<![\w./+-])"
_EDGE = _START + r"(?<!\d,)"
_AHEAD = r"(?!\w)"
_PIN = r"(?P<code>[1-9]\d{5}|[1-9]\d{2} \d{3})"
_ZIP = r"(?P<code>\d{5}(?:-\d{4})?)"
# Name, what any text that fits has in it, and the pattern. Most lines have none of these, and most
# documents only one or two: the long patterns are tried, and compiled, only behind the short ones.
FORMS = tuple(
    (name, re.compile(need), "".join(pattern), flags)
    for name, need, pattern, flags in (
        ("US", r"[A-Z]{2}\.?,?\s+\d{5}",
         (_BEFORE, rf",?\s+(?P<region>{_STATES})\.?,?\s+", _ZIP, _AHEAD), 0),
        ("US", r"[^\W\d_],?\s+\d{5}",
         (_BEFORE, rf",?\s+(?P<region>{_STATE_NAMES}),?\s+", _ZIP, _AHEAD), re.I),
        ("CA", r"[A-Z]\d[A-Z]\s?\d[A-Z]\d",
         (_BEFORE, rf",?\s+\(?(?P<region>{_PROVINCES})\)?,?\s+",
          r"(?P<code>[A-Z]\d[A-Z]\s?\d[A-Z]\d)", _AHEAD), 0),
        ("AU", r"[A-Z]{2},?\s+\d{4}",
         (_BEFORE, r",?\s+(?P<region>NSW|VIC|QLD|SA|WA|TAS|ACT|NT),?\s+",
          r"(?P<code>\d{4})", _AHEAD), 0),
        ("IN", r"\d{6}|\d{3} \d{3}",
         (_BEFORE, rf",?\s+(?P<region>{_INDIAN})\s*[-–,]?\s*", _PIN, _AHEAD), re.I),
        ("IN", r"\d{3},?\s+(?i:India)",
         (_BEFORE, r"\s*[-–,]?\s*", _PIN, r"(?=,?\s+India\b)"), re.I),
        ("NL", r"\d{4}\s?[A-Z]{2}\s",
         (_EDGE, r"(?:NL-?\s?)?(?P<code>\d{4}\s?[A-Z]{2})\s+", _DUTCH), 0),
        ("PT", r"\d{4}-\d{3}\s", (_EDGE, r"(?P<code>\d{4}-\d{3})\s+", _TOWN), 0),
        ("PL", r"\d{2}-\d{3}\s", (_EDGE, r"(?:PL-?\s?)?(?P<code>\d{2}-\d{3})\s+", _TOWN), 0),
        ("SE", r"[A-Z][- ]\d{3}\s\d{2}\s",
         (_EDGE, r"(?P<prefix>SE|S|CZ|SK|GR)[- ](?P<code>\d{3}\s\d{2})\s+", _TOWN), 0),
        ("", r"\d{4}|\d{2} \d{3}",
         (_START, r"(?:(?P<prefix>[A-Z]{1,3})\s?[-–]?\s?|)",
          r"(?P<code>\d{5}|\d{4}|\d{2} \d{3})(?:\s*[-,]?\s+|(?<=\d{5}),)", _TOWN), 0),
        ("SE", r"\d{3}\s\d{2}\s", (_EDGE, r"(?P<code>\d{3}\s\d{2})\s+", _TOWN), 0),
        ("", r"\d{5}[A-ZÄÖÜ]",
         (_EDGE, rf"(?P<code>\d{{5}})(?P<city>[A-ZÄÖÜ][A-Za-zÄÖÜäöüß]{{3,}}{_CITY_MORE})"), 0),
        ("", r"(?:\d{4}|\d{3} \d{3})\s*[.,]?$",
         (_BEFORE, r"\s?[-–,]?\s+(?P<code>\d{6}|\d{3} \d{3}|\d{5}|\d{4})\s*[.,]?$"), 0),
        ("", r"[-–]\s?\d{3}", (_BEFORE, r"\s?[-–]\s?(?P<code>\d{6}|\d{3} \d{3})", _AHEAD), 0),
    )
)  # fmt: skip


@cache
def compiled(pattern: str, flags: int) -> re.Pattern[str]:
    """The pattern of a notation, made at its first use."""
    return re.compile(pattern, flags)
