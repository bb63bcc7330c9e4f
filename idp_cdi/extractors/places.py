"""Places: postcode with city in the notations of the world, and countries.

>>> [(p.postal_code, p.city, p.country) for p in find("D-80333 München")]
[('80333', 'München', 'DE')]
>>> [(p.city, p.region, p.postal_code) for p in find("Seattle, WA 98109-5210")]
[('Seattle', 'WA', '98109-5210')]
>>> [(p.postal_code, p.city, p.region) for p in find("20121 Milano (MI)")]
[('20121', 'Milano', 'MI')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat
from idp_cdi.extractors import Candidate
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._notations import FORMS, compiled
from idp_cdi.extractors._spans import box_of, first_and_last, spanned
from idp_cdi.extractors._towns import is_county
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.standardisers import country as _country

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import Segment, View

NAME = "places"
KINDS = ("place", "country")

_UK_AREAS = frozenset(
    ("AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN "
     "DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY "
     "L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S "
     "SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR "
     "WS WV YO ZE").split()
)  # fmt: skip
_UK = re.compile(r"(?<!\w)([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})(?!\w)")
_UK_AREA = re.compile(r"[A-Z]+")
_IRISH = re.compile(r"(?<!\w)([ACDEFHKNPRTVWXY]\d[\dW]\s?[AC-FHKNPRTV-Y\d]{4})(?!\w)")
_PLOT = re.compile(
    r"\b(?:lots?|p\.?\s?t|plots?|parcel|unit|shop|no|km)\b[\s.:#-]*(?:no[\s.:]*)?$",
    re.IGNORECASE,
)
"""What stands before the number of a plot or a shop; it may have as many digits as a postcode."""
_NUMBERED = re.compile(r"(?:^|[\s,])\d{1,5}[A-Za-z]?[\s,]+$")
"""A number right before what may be a city: that of a house, so the words are a street."""
_SINGAPORE = re.compile(
    r"(?<!\w)(?:(?P<city>Singapore)[\s,]+|S\s?\()(?P<code>\d{6})\)?(?!\w)", re.IGNORECASE
)
_PROVINCE = re.compile(
    r"^(.*?)[\s,]*\(([A-Z]{2}|[A-Z][a-zé]+|[A-ZÀ-Ý]{4,})\)$|^(.*?),?\s+([A-Z]{2})$"
)
_NO_CITY = frozenset(
    ("net_total tax_total total amount_due items_total invoice_number issue_date due_date phone "
     "fax "
     "email iban bic page description customer_number order_number vat_id tax_number "
     "registration_number payment_terms quantity unit doc_invoice doc_receipt doc_order").split()
)  # fmt: skip
_NAMESAKES = frozenset(("", "LU", "SG", "MC", "GD", "SM", "PA", "GT", "MX", "KW", "DJ", "GI"))
"""Countries that share their name with a city: "85232 Granada" is no address in Grenada."""
_MOST_WORDS = 16
"""Words of a line that may end in a country's name."""
_UNSAID = frozenset(("US", "CA", "AU", "IN", "NL", "PT", "PL", "SE", "GB", "IE"))
"""Notations that tell the country without a word for it."""
_PARTED = (",", ":", "-", "–", "|", "·", "•", "●")
"""What may end the word before a country's name at the end of a line."""
_DIRECTIONS = frozenset(("N", "S", "E", "W", "NW", "NE", "SW", "SE"))
_TOWARDS = _DIRECTIONS | {"NORTH", "SOUTH", "EAST", "WEST", "S.E", "S.W", "N.E", "N.W"}
_QUICK = re.compile(r"\d{3}|\d{2}[ -]\d{3}|[A-Za-z]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_CUT = re.compile(
    r"\s+(?:tel|phone|fon|fax|tél|tlf|telefon|telefoon|ust|vat|tva|iva|btw|www|e-?mail)\b.*$"
    r"|\s+[-–—|•●·]+\s.*$|[,;|•●·].*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode with its city; `start` and `end` are characters of the text it was found in."""

    postal_code: str
    city: str
    region: str
    country: str
    start: int
    end: int
    code_at: tuple[int, int]
    city_at: tuple[int, int]
    form: str


@lru_cache(maxsize=4096)
def country_of(text: str) -> str:
    """The ISO code of a country's name or code, "" where `text` is none."""
    text = text.strip(" .,;:()[]-–|•●·")
    if not text or len(text) > 40 or any(c.isdigit() for c in text):
        return ""
    if len(text) <= 3 and not text.isupper():
        return ""
    try:
        return _country.clean(text)
    except BadFormat:
        return ""


def find(text: str) -> list[Place]:
    """The places in one line of text, the surest notation first, none overlapping."""
    if _QUICK.search(text) is None:
        return []
    found: list[Place] = []
    for form, need, pattern, flags in FORMS:
        if need.search(text) is None:
            continue
        for m in compiled(pattern, flags).finditer(text):
            place = _place(text, form, m)
            if place and len(place.city) > 1 and country_of(place.city) not in _NAMESAKES:
                place = _before_country(text, place)
            if place and not any(place.start < p.end and place.end > p.start for p in found):
                found.append(place)
    for form, code in (("GB", _UK), ("IE", _IRISH)):
        for m in code.finditer(text):
            if any(m.start() < p.end and m.end() > p.start for p in found):
                continue
            pieces = re.split(r"[,;|•●·]|\s[-–]\s", text[: m.start()].rstrip(" ,;|•●·"))
            before = pieces[-1].strip()
            region = before if len(pieces) > 1 and is_county(before) else ""
            before = pieces[-2].strip() if region else before
            at = text.rfind(before, 0, m.start()) if before else m.start()
            city = before if not any(c.isdigit() or c == ":" for c in before) else ""
            city_at = (at, at + len(before)) if city else (m.start(), m.start())
            if form == "GB" and not city and not _in_uk(m[1]) and m[0] != text.strip():
                continue
            start = at if city else m.start()
            found.append(Place(m[1], city, region, form, start, m.end(), m.span(1), city_at, form))
    for m in _SINGAPORE.finditer(text):
        if not any(m.start() < p.end and m.end() > p.start for p in found):
            named = m.span("city") if m["city"] else (m.start(), m.start())
            found.append(
                Place(m["code"], m["city"] or "", "", "SG", *m.span(), m.span("code"), named, "SG")
            )
    return sorted(found, key=lambda p: p.start)


def _in_uk(code: str) -> bool:
    """Whether a code begins with one of the United Kingdom's postcode areas."""
    area = _UK_AREA.match(code)
    return area is not None and area[0] in _UK_AREAS


def _street_like(words: list[str], code: str, *, ahead: bool) -> bool:
    """Whether what looks like a city is the rest of a street with its number before it.

    "1080 Oak St", "9767 Anchor Avenue West" and "Apartado 14225" are streets, "53004 Villa Fontana"
    is not: five digits `ahead` of a name are hardly ever the number of a house.
    """
    streets = lexicon().streets
    if not ahead and len(words) == 1 and key(words[0]) in streets:
        return True  # "BP 68420"
    towards = len(words) > 2 and words[-1].strip(".").upper() in _TOWARDS
    last, first = key(words[-2 if towards else -1]), key(words[0])
    if len(words) > 1 and (len(last) > 1 and last in streets):
        return True
    if any("".join(key(w) for w in words[:n]) in streets for n in (2, 3) if n <= len(words)):
        return True  # "PO Box 66477"
    whole = ahead and len(code.strip()) > 4 and " " not in code.strip()
    return len(first) > 2 and first in streets and not whole


def _before_country(text: str, place: Place) -> Place | None:
    """The place in "Yuen Long, 0000, HK": what follows the code is the country, not the city."""
    code = country_of(place.city)
    before = re.split(r"[;|•●·]|\s[-–]\s", text[: place.code_at[0]].rstrip(" ,"))[-1]
    city = next((p for p in before.split(",") if p.strip() and not any(c.isdigit() for c in p)), "")
    city = city.strip()
    if not city:
        return None
    at = text.rfind(city, 0, place.code_at[0])
    return Place(
        place.postal_code, city, "", code, at, place.end, place.code_at, (at, at + len(city)), "end"
    )


def _place(text: str, form: str, m: re.Match[str]) -> Place | None:
    groups = m.groupdict()
    city = _CUT.sub("", m["city"]).strip(" .,-")
    words = city.split()
    while words and words[-1].isdigit() and len(words[-1]) > 2:
        words.pop()
    city = " ".join(words)
    if len(city) < 2 or not (city[0].isupper() or (city[0] in "'’" and city[3:4].isupper())):
        return None
    code_at_end = m.start("code") > m.start("city")
    if code_at_end and form == "" and _YEAR.fullmatch(m["code"].strip()):
        return None  # "Juli 2015", "Exchange 2010"
    if any(key(w) in lexicon().months for w in words[:1]):
        return None
    if any(c.isdigit() for w in words[:1] for c in w) or any(
        c.isdigit() for w in words for c in w if not w.isdigit()
    ):
        return None
    first = next((h for h in hits(words[:3]) if h.start == 0), None)
    labelled = first is not None and first.concept in _NO_CITY
    if labelled and first is not None and (len(key(words[0])) > 3 or first.end > 1):
        return None  # "12345 Total" is no place
    if code_at_end and form == "" and first is not None and first.concept in {"phone", "fax"}:
        return None  # "Fon 07121"
    if any(w.endswith(":") or "°" in w for w in words):
        return None
    if form == "" and words[0].upper() in _DIRECTIONS:
        return None  # "7085 NW 5th Street"
    if form in {"", "NL"} and _street_like(words, m["code"], ahead=not code_at_end):
        return None  # "1080 Oak St", "Apartado 14225", "9145 NW Stone Blvd"
    if form == "" and code_at_end and _NUMBERED.search(text[: m.start("city")]):
        return None  # "548 Market Street PMB 90210"
    if form == "" and _PLOT.search(text[: m.start("code")]):
        return None  # "Lot 44102, Batu 7" is a plot of land
    prefix = (groups.get("prefix") or "").strip()
    country = country_of(prefix) if prefix else form
    if prefix and not country:
        return None
    region = groups.get("region") or ""
    province = _PROVINCE.match(city)
    if province and not region:
        one, two = (province[1], province[2]) if province[2] else (province[3], province[4])
        if one and (province[2] or two not in {"AG", "SA", "BV", "NV", "AB", "AS", "SE"}):
            city, region = one.strip(" ,-"), two
            if code_at_end and form == "" and len(m["code"].replace(" ", "")) == 6:
                return None  # "REA: RM - 456516" is a register's number
    at = m.start("city")
    city_at = (at, at + len(city))
    start = min(m.start(), at) if not prefix else m.start()
    tail = at + m["city"].find(region) + len(region) + 1 if region and form == "" else 0
    end = max(m.end("code"), at + len(city), tail)
    return Place(
        m["code"].strip(), city, region, country if len(country) == 2 else "", start,
        min(end, m.end()), m.span("code"), city_at, form or ("prefix" if prefix else "")
    )  # fmt: skip


def candidates(document: Document, view: View) -> list[Candidate]:
    """Places (with their parts) and countries that stand alone or at the end of a line."""
    if view.places is None:
        view.places = []
        for segment in view.segments:
            if len(segment.text) > 250:
                continue
            for place in find(segment.text):
                view.places.append(_candidate(segment, place))
            _countries(segment, view.places)
    return view.places


def _candidate(segment: Segment, place: Place) -> Candidate:
    first, last = first_and_last(segment, place.start, place.end)
    parts = {}
    for kind, value, at in (
        ("postal_code", place.postal_code, place.code_at),
        ("city", place.city, place.city_at),
    ):
        if value:
            a, b = first_and_last(segment, *at)
            parts[kind] = spanned(segment, a, b, kind=kind, value=value, raw=value, way=NAME)
    if place.region:
        parts["region"] = spanned(
            segment, last - 1, last, kind="region", value=place.region, raw=place.region, way=NAME
        )
    if place.form == "end":
        parts["country"] = spanned(
            segment,
            last - 1,
            last,
            kind="country",
            value=place.country,
            raw=place.country,
            way=NAME,
        )
    elif place.country and place.form not in {
        "US",
        "CA",
        "AU",
        "IN",
        "NL",
        "PT",
        "PL",
        "SE",
        "GB",
        "IE",
    }:
        parts["country"] = spanned(
            segment,
            first,
            first + 1,
            kind="country",
            value=place.country,
            raw=place.country,
            way=NAME,
        )
    return Candidate(
        kind="place",
        value=segment.text[place.start : place.end],
        raw=segment.text[place.start : place.end],
        page=segment.page,
        words=tuple(dict.fromkeys(segment.words[first:last])),
        box=box_of(segment, first, last),
        way=NAME,
        hints={
            "segment": segment.index,
            "first": first,
            "last": last,
            "form": float(bool(place.form)),
            "year": float(bool(re.fullmatch(r"(?:19|20)\d\d", place.postal_code))),
        },
        parts=parts,
    )


def _countries(segment: Segment, found: list[Candidate]) -> None:
    texts = segment.texts
    if len(texts) > _MOST_WORDS:
        return
    for size in (4, 3, 2, 1):
        if size > len(texts):
            continue
        first = len(texts) - size
        code = country_of(" ".join(texts[first:]))
        if code and (first == 0 or texts[first - 1].endswith(_PARTED)):
            alone = float(first == 0)
            if len(" ".join(texts[first:])) <= 3 and not alone and size == 1:
                alone = -1.0
            found.append(
                spanned(
                    segment, first, len(texts), kind="country", value=code, way=NAME,
                    hints={"alone": alone},
                )
            )  # fmt: skip
            return
