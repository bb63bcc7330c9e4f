"""Region: state codes in the United States, Canada and Australia, else the name as printed.

>>> clean("Ohio", country="US"), clean("N.Y.", country="US"), clean("Bayern")
('OH', 'NY', 'Bayern')
>>> clean("Québec", country="CA")
'QC'
"""

from __future__ import annotations

from idp_cdi.standardisers._text import fold, required

NAME = "region"
STRONG = False

_STATES = {
    "US": "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE "
    "Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN "
    "Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI "
    "Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New "
    "Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|"
    "OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN "
    "Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|"
    "WY Wyoming|PR Puerto Rico|GU Guam|VI Virgin Islands",
    "CA": "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and "
    "Labrador|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward "
    "Island|QC Quebec|SK Saskatchewan|YT Yukon",
    "AU": "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD "
    "Queensland|SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia",
}
_CODES = {
    country: {fold(name): code for code, _, name in (e.partition(" ") for e in text.split("|"))}
    for country, text in _STATES.items()
}


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the code or the name of the region.

    Args:
        raw: Text as found.
        country: ISO 3166-1 alpha-2; codes are used in US, CA and AU only.

    Returns:
        The region.

    Raises:
        BadFormat: Empty, a placeholder, or without any letter or digit.
    """
    text = required(raw, "a region").strip(" ,;")
    codes = _CODES.get(country or "")
    if codes is None:
        return text
    plain = fold(text).replace(".", "")
    if plain.upper() in codes.values():
        return plain.upper()
    return codes.get(plain, text)
