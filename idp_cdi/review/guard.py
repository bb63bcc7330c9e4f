r"""Text that no spreadsheet takes for a formula, a number or a date, and back again unchanged.

A spreadsheet that opens a CSV runs ``=…``, ``+…``, ``-…`` and ``@…``, drops leading zeros, rounds
long numbers and rewrites dates. Such text gets one apostrophe in front; `unguard` takes just that
one away. Text that a person types needs no apostrophe.
Source: https://owasp.org/www-community/attacks/CSV_Injection

>>> guard("=1+1"), guard("007"), guard("+49 30 123"), guard("Acme, Inc.")
("'=1+1", "'007", "'+49 30 123", 'Acme, Inc.')
>>> unguard("'007"), unguard("007"), unguard("'Ndrangheta"), unguard(guard("'=x"))
('007', '007', "'Ndrangheta", "'=x")
"""

from __future__ import annotations

import re

#: Starts that a spreadsheet acts on, also behind blanks and marks that can't be seen; anything that
#: begins like a number or a date; and the words that become truth values.
_ACTED_ON = (
    r"(?:[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*"
    r"(?:[=+\-@|%\t\r\n\uff1d\uff0b\uff0d\uff20\u2212\u2013]|[.,]?[0-9])"
    r"|\s*(?:true|false|wahr|falsch|vrai|faux|verdadero|falso|vero|waar|onwaar)\s*$)"
)
_TO_GUARD = re.compile(rf"'*{_ACTED_ON}", re.IGNORECASE)
#: What is run as a formula, and what looks like one and is but a number, a telephone's too.
_RUN = re.compile(r"[\s\x00-\x20\u200b-\u200f\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]")
_NUMBER = re.compile(r"[+\-]?[\d\s().,/-]*")
_GUARDED = re.compile(rf"'+{_ACTED_ON}", re.IGNORECASE)


def guard(text: str) -> str:
    """`text` as it can stand in a cell."""
    return f"'{text}" if _TO_GUARD.match(text) else text


def guard_formula(text: str) -> str:
    """`text` for a file that programs read: guarded only where a spreadsheet would run it.

    >>> guard_formula("=1+1"), guard_formula("+49 30 123"), guard_formula("2026-09-14")
    ("'=1+1", '+49 30 123', '2026-09-14')
    """
    return f"'{text}" if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """The inverse of `guard`; leaves alone what was never guarded."""
    return text[1:] if _GUARDED.match(text) else text
