"""Identifiers without a rule of their own: customer, invoice and order numbers, endpoint ids.

The value stays as printed but for white space and a leading "No."; `key` compares.

>>> clean(" Nr.  RE-2024 / 0815 ")
'RE-2024/0815'
>>> key("RE-2024/0815"), key("re 2024 0815")
('RE20240815', 'RE20240815')
>>> key("000123")
'000123'
>>> clean("clientCLT-753"), clean("Kundennr.K-0523"), clean("CLIENT-7")
('CLT-753', 'K-0523', 'CLIENT-7')
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import compact, required

NAME = "identifier"
STRONG = False  # two systems use the same numbers for different customers

_LEAD = re.compile(
    r"^(?:(?:no|nr|nº|n°|№|num|numero|número|number|nummer)\b[.:\s]*|[#:№°.,;\s]+)+(?=\S)",
    re.IGNORECASE,
)
#: A label that the page sets without a blank before the value: in lower case, the value is not.
_STUCK = re.compile(
    r"""^(?i:(?:d['’])?(?:abonn[ée]|client[ei]?|clientnummer|codice|c[óo]digo|compte|conto|cuenta
    |customer|account|debitor(?:en)?|konto|kunden?|klant)(?:[-.\s]?(?:no|nr|nummer|number|id))?
    |no|nr|num(?:m?er|ero|éro)?)(?:[.:]|(?<=[a-zéàè]))(?=[A-Z0-9])""",
    re.VERBOSE,
)
_JOIN = re.compile(r"\s*([-/])\s*")
_TAIL = re.compile(r"[\s,;:.]+$")


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the identifier without label and loose punctuation.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The identifier; case is kept, for some systems tell "a1" from "A1".

    Raises:
        BadFormat: Empty, a placeholder, or without any letter or digit.
    """
    text = _TAIL.sub("", _JOIN.sub(r"\1", required(raw, "an identifier")))
    lead = _LEAD.match(text)
    if lead and any(c.isdigit() for c in text[lead.end() :]):
        text = text[lead.end() :]
    stuck = _STUCK.match(text)
    if stuck and any(c.isdigit() for c in text[stuck.end() :]):
        text = text[stuck.end() :]
    if not any(map(str.isalnum, text)):
        raise BadFormat("an identifier has letters or digits", value=raw)
    return text


def key(value: str) -> str:
    """Upper-case letters and digits only; leading zeros count."""
    return compact(value)
