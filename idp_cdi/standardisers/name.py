"""Name of an organisation: as printed, but for white space and quotation marks around it.

The display form is kept, legal form and all. `key` is for comparing; `split` takes the legal form
off and names its ISO 20275 class (see ``_legal_forms.py``).

>>> clean('  "Müller & Söhne  GmbH",')
'Müller & Söhne GmbH'
>>> key("Müller & Söhne GmbH"), key("MUELLER UND SOEHNE GMBH")
('mueller soehne', 'mueller soehne')
"""

from __future__ import annotations

import re
from typing import NamedTuple

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _legal_forms
from idp_cdi.standardisers._text import required

NAME = "name"
STRONG = False  # namesakes and sister companies exist

_QUOTES = {
    '"': '"',
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "”": "”",
    "'": "'",
    "‘": "’",
    "‚": "‘’",
}
_EDGES = " ,;:|*"


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the name as printed, on one line.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The name; case, accents, legal form and inner punctuation are kept.

    Raises:
        BadFormat: Empty, a placeholder such as "n/a", or without any letter or digit.
    """
    text = required(raw, "a name").strip(_EDGES)
    while len(text) > 2 and text[-1] in _QUOTES.get(text[0], ""):
        inner = text[1:-1]
        if text[0] in inner or text[-1] in inner:
            break  # '"A" and "B"': the marks are not one pair
        text = inner.strip(_EDGES)
    return text


_ALSO = re.compile(
    r"""[\s,(]+(?:
    (?P<trading>t/a|d/b/a|d\.b\.a\.?|dba|a/k/a|aka|(?:also\ )?trading\ as|doing\ business\ as
      |also\ known\ as|handelnd\ (?:unter|als)|firmierend\ (?:unter|als)|exer[cç]ant\ sous
      |sous\ l['’]enseigne|nom\ commercial|nombre\ comercial|handelend\ onder(?:\ de\ naam)?
      |h\.?o\.?d\.?n\.?|denominazione\ commerciale)
    |(?P<former>f/k/a|fka|formerly(?:\ known\ as)?|vormals|ehemals|vorm\.|anciennement|già
      |voorheen|antes|anteriormente)
    )[\s:]+(?P<name>[^()]+?)\)?$""",
    re.IGNORECASE | re.VERBOSE,
)


class Names(NamedTuple):
    """The names in one line: the name, a trading name, a former name; "" where there is none."""

    name: str
    trading: str = ""
    former: str = ""


def names(value: str) -> Names:
    """Find a trading or former name behind the name.

    Args:
        value: A clean name.

    Returns:
        The names apart, each without quotation marks.

    >>> names("Acme Ltd t/a Happy Feet")
    Names(name='Acme Ltd', trading='Happy Feet', former='')
    >>> names("Beta GmbH (vormals Alpha GmbH)")
    Names(name='Beta GmbH', trading='', former='Alpha GmbH')
    """
    found = _ALSO.search(value)
    if found is None or not value[: found.start()].strip(_EDGES):
        return Names(value)
    try:
        other = clean(found["name"])
    except BadFormat:
        return Names(value)
    first = value[: found.start()].strip(_EDGES)
    return Names(first, other, "") if found["trading"] else Names(first, "", other)


def split(value: str, *, country: str | None = None) -> _legal_forms.NameParts:
    """Take the legal form off; see `_legal_forms.split`."""
    return _legal_forms.split(value, country=country)


def key(value: str) -> str:
    """The distinctive part, folded: no legal form, no "and", umlauts spelled out."""
    return _legal_forms.split(value).core
