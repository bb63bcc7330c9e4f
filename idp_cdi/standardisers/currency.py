"""Currency: the ISO 4217 code, from codes, signs and names.

A bare "$" is the US dollar and a bare "¥" the yen unless `country` says otherwise; "kr" needs it.
Source: https://www.iso.org/iso-4217-currency-codes.html

>>> clean("€"), clean("Euros"), clean("usd"), clean("US$"), clean("CHF.")
('EUR', 'EUR', 'USD', 'USD', 'CHF')
>>> clean("$", country="CA"), clean("kr", country="SE")
('CAD', 'SEK')
>>> clean("kr")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: several countries write their currency so (give the country)
"""

from __future__ import annotations

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import fold, required

NAME = "currency"
STRONG = False

CODES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN "
    "ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG "
    "XAU XCD XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWL DEM FRF ITL ESP NLG ATS BEF PTE IEP FIM "
    "GRD LUF SIT SKK EEK LVL LTL CYP MTL".split()
)
_SIGNS = {
    "€": "EUR", "£": "GBP", "₤": "GBP", "us$": "USD", "$us": "USD", "u.s.$": "USD", "usd$": "USD",
    "a$": "AUD", "au$": "AUD", "aud$": "AUD", "c$": "CAD", "ca$": "CAD", "cdn$": "CAD",
    "can$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "sg$": "SGD", "nt$": "TWD",
    "r$": "BRL", "mx$": "MXN", "mex$": "MXN", "cn¥": "CNY", "rmb": "CNY", "元": "CNY", "円": "JPY",
    "jp¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₴": "UAH",
    "฿": "THB", "₫": "VND", "₱": "PHP", "₦": "NGN", "₡": "CRC", "₸": "KZT", "₾": "GEL",
    "rm": "MYR", "sfr": "CHF", "fr": "CHF", "sfr.": "CHF", "zł": "PLN", "zl": "PLN", "kč": "CZK",
    "kc": "CZK", "ft": "HUF", "lei": "RON", "лв": "BGN", "kn": "HRK", "tl": "TRY", "dm": "DEM",
    "руб": "RUB", "грн": "UAH", "eu": "EUR", "stg": "GBP", "rp": "IDR", "дин": "RSD",
}  # fmt: skip
_NAMES = {
    "euro": "EUR", "euros": "EUR", "eurot": "EUR", "us dollar": "USD", "us dollars": "USD",
    "u.s. dollar": "USD", "u.s. dollars": "USD", "united states dollar": "USD",
    "united states dollars": "USD", "us-dollar": "USD", "dollar us": "USD", "dollars us": "USD",
    "dollaro usa": "USD", "dollari usa": "USD", "american dollar": "USD",
    "dolar estadounidense": "USD", "dolares estadounidenses": "USD", "dollar americain": "USD",
    "dollars americains": "USD", "amerikaanse dollar": "USD", "dolar americano": "USD",
    "pound sterling": "GBP", "pounds sterling": "GBP", "sterling": "GBP", "british pound": "GBP",
    "british pounds": "GBP", "gb pound": "GBP", "uk pounds": "GBP", "uk pound": "GBP",
    "britisches pfund": "GBP", "britische pfund": "GBP", "pfund sterling": "GBP",
    "livre sterling": "GBP", "livres sterling": "GBP", "libra esterlina": "GBP",
    "libras esterlinas": "GBP", "sterlina": "GBP", "sterlina britannica": "GBP",
    "britse pond": "GBP", "swiss franc": "CHF", "swiss francs": "CHF", "schweizer franken": "CHF",
    "franken": "CHF", "franc suisse": "CHF", "francs suisses": "CHF", "franco svizzero": "CHF",
    "franchi svizzeri": "CHF", "franco suizo": "CHF", "francos suizos": "CHF",
    "zwitserse frank": "CHF", "zloty": "PLN", "zlotys": "PLN", "polish zloty": "PLN",
    "zlote": "PLN", "zlotych": "PLN", "danish krone": "DKK", "danske kroner": "DKK",
    "danische krone": "DKK", "norwegian krone": "NOK", "norske kroner": "NOK",
    "norwegische krone": "NOK", "swedish krona": "SEK", "svenska kronor": "SEK",
    "schwedische krone": "SEK", "czech koruna": "CZK", "tschechische krone": "CZK",
    "koruna ceska": "CZK", "hungarian forint": "HUF", "forint": "HUF", "romanian leu": "RON",
    "bulgarian lev": "BGN", "yen": "JPY", "japanese yen": "JPY", "japanischer yen": "JPY",
    "yuan": "CNY", "renminbi": "CNY", "chinese yuan": "CNY", "indian rupee": "INR",
    "indian rupees": "INR", "indische rupie": "INR", "ringgit": "MYR", "malaysian ringgit": "MYR",
    "canadian dollar": "CAD", "canadian dollars": "CAD", "kanadischer dollar": "CAD",
    "dollar canadien": "CAD", "dollars canadiens": "CAD", "australian dollar": "AUD",
    "australian dollars": "AUD", "australischer dollar": "AUD", "new zealand dollar": "NZD",
    "singapore dollar": "SGD", "singapore dollars": "SGD", "hong kong dollar": "HKD",
    "real": "BRL", "reais": "BRL", "brazilian real": "BRL", "mexican peso": "MXN",
    "south african rand": "ZAR", "rand": "ZAR", "turkish lira": "TRY", "turk lirasi": "TRY",
    "russian ruble": "RUB", "rubel": "RUB", "roubles": "RUB", "deutsche mark": "DEM",
}  # fmt: skip
_BY_COUNTRY = {
    "$": dict(
        US="USD", CA="CAD", AU="AUD", NZ="NZD", HK="HKD", SG="SGD", TW="TWD", MX="MXN", AR="ARS",
        CL="CLP", CO="COP", UY="UYU", BB="BBD", BS="BSD", BM="BMD", BZ="BZD", FJ="FJD", GY="GYD",
        JM="JMD", KY="KYD", LR="LRD", NA="NAD", TT="TTD", BN="BND", DO="DOP",
    ),
    "¥": dict(JP="JPY", CN="CNY"),
    "kr": dict(SE="SEK", NO="NOK", DK="DKK", IS="ISK", FO="DKK", GL="DKK"),
    "rs": dict(IN="INR", PK="PKR", LK="LKR", NP="NPR", MU="MUR", SC="SCR"),
    "l": dict(RO="RON", HN="HNL", AL="ALL", MD="MDL"),
    "r": dict(ZA="ZAR", BR="BRL"),
    "p": dict(PH="PHP", BW="BWP"),
    "k": dict(MM="MMK", ZM="ZMW", PG="PGK"),
}  # fmt: skip
_ALIASES = {
    "dollar": "$", "dollars": "$", "dolar": "$", "dolares": "$", "dollari": "$", "￥": "¥",
    "krona": "kr", "kronor": "kr", "krone": "kr", "kroner": "kr", "kronen": "kr", "rupees": "rs",
    "rupee": "rs", "₨": "rs", "re": "rs",
}  # fmt: skip
_ELSEWHERE = {"$": "USD", "¥": "JPY", "rs": "INR"}


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the ISO 4217 code.

    Args:
        raw: Code, sign or name.
        country: Where the amount was written; settles "$", "¥", "kr" and "Rs".

    Returns:
        Three capital letters.

    Raises:
        BadFormat: Not a currency, or one that several countries write so (``value.ambiguous``).
    """
    if len(raw) == 3 and raw in CODES:
        return raw
    text = raw.strip().strip(".,:;()[]/-").strip()
    if text.upper() in CODES:
        return text.upper()
    if not text or (text.lower() not in _SIGNS and text not in "$¥￥"):
        text = required(raw, "a currency").strip(".,:;()[]/-").strip()
    low = text.lower().replace(" ", "") if len(text) < 6 else text.lower()
    name = fold(text)
    sign = _ALIASES.get(name, low.rstrip("."))
    found = _SIGNS.get(low) or _SIGNS.get(low.rstrip(".")) or _NAMES.get(name)
    if found:
        return found
    if sign in _BY_COUNTRY:
        code = _BY_COUNTRY[sign].get(country or "", _ELSEWHERE.get(sign))
        if code:
            return code
        raise BadFormat(
            "several countries write their currency so",
            code="value.ambiguous",
            action="give the country",
            value=raw,
        )
    raise BadFormat("this is no currency", value=raw)
