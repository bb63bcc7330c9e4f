r"""What all kinds of text share: white space, invisible characters, folding for comparison.

>>> tidy(" Acme\u00a0 GmbH\u200b\n")
'Acme GmbH'
>>> fold("Müller & Søn – Łódź")
'muller & son - lodz'
"""

from __future__ import annotations

import re
import unicodedata

from idp_cdi.errors import BadFormat

_SPACES = re.compile(r"\s{2,}|[^\S ]")
# Zero-width and directional marks, soft hyphen, byte order mark, control characters.
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+"
)
PLACEHOLDERS = frozenset(
    "n/a|#n/a|n.a|unknown|unbekannt|inconnu|inconnue|desconocido|sconosciuto|onbekend|"
    "desconhecido|tbd|tba|t.b.d|keine angabe|k.a|k. a|not available|not applicable|not provided|"
    "not specified|undefined|(leer)|(blank)|(empty)|(null)|(none)|<null>|\\n|#ref!|#value!|#name?|"
    "#null!|#num!|#div/0!|non renseigné|sin datos".split("|")
)
# What programs write for nothing. Case counts: Nan is a given name, Null a family name.
PROGRAMS = frozenset("nan NaN NAN null NULL none None NONE nil NIL".split())
_EDGES = " ,;:.-|*/'\"“”„«»‘’‚"
_SPECIAL = str.maketrans(
    {
        "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe",
        "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ł": "l", "Ł": "l", "þ": "th", "Þ": "th",
        "ı": "i", "’": "'", "‘": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "‒": "-",
        "–": "-", "—": "-", "−": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    }
)  # fmt: skip


def tidy(raw: str) -> str:
    """The text on one line: composed characters, single blanks, nothing invisible."""
    text = raw
    if not text.isprintable():
        # White space first, or a line break between two words would glue them together.
        text = _INVISIBLE.sub("", _SPACES.sub(" ", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text.strip()


def required(raw: str, what: str) -> str:
    """The tidied text.

    Args:
        raw: Text as found.
        what: The kind of value with its article, for the message.

    Returns:
        The text, never empty.

    Raises:
        BadFormat: Nothing is left, or the text only says that there is no value.
    """
    text = tidy(raw)
    if not text:
        raise BadFormat(f"{what} is empty", code="value.empty", value=raw)
    core = text.strip(_EDGES) if len(text) < 24 else ""
    if core.lower() in PLACEHOLDERS or core in PROGRAMS:
        raise BadFormat(f"{what} is a placeholder", code="value.placeholder", value=raw)
    if not (text.isalnum() or any(map(str.isalnum, text))):
        raise BadFormat(f"{what} has neither letters nor digits", value=raw)
    return text


def fold(text: str) -> str:
    """Lower case without accents, typographic marks as plain ones; for comparing only."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    if any(map(unicodedata.combining, text)):
        text = "".join([c for c in text if not unicodedata.combining(c)])
    return text.casefold()


def compact(text: str) -> str:
    """Upper-case letters and digits only: the form in which identifiers compare."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return (text if text.isalnum() else "".join(filter(str.isalnum, text))).upper()
