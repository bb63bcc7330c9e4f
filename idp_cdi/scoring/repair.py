"""Put right what OCR misread where only one reading makes sense.

Legal forms at the end of names, and digits within words that are otherwise letters.

>>> legal_form("AMANO MALAYSIA SON BHD"), legal_form("Muster GrnbH"), legal_form("Hardware Store")
('AMANO MALAYSIA SDN BHD', 'Muster GmbH', 'Hardware Store')
>>> letters("H0TEL WorId"), letters("J1n Sagu 10/5B")
('HOTEL World', 'Jln Sagu 10/5B')
"""

from __future__ import annotations

import re

from idp_cdi.extractors._view import key

_ALIKE = (
    (re.compile(r"(?<=[^\W\d_])1(?=[a-z])"), "l"),
    (re.compile(r"(?<=[a-z])I(?=[a-z])"), "l"),
    (re.compile(r"(?<=[A-Z])0(?=[A-Z])"), "O"),
    (re.compile(r"(?<=[a-z])0(?=[a-z])"), "o"),
    (re.compile(r"(?<= )5/B$"), "S/B"),
    (re.compile(r"(?<=[Ss]\.[Rr]\.)[I1](?=\.)"), "l"),
)

_FORMS = ("Sdn Bhd", "GmbH", "Limited", "Berhad", "Pte Ltd", "Pty Ltd", "Private Limited", "SARL",
          "GmbH & Co. KG", "Incorporated", "Corporation", "S.r.l.s.")  # fmt: skip
_BY_KEY = {key(f): f for f in _FORMS}


def repaired(field: str, value: str) -> str:
    """A value that OCR read, put right as its field allows."""
    last = field.rpartition(".")[2]
    if last == "name":
        return legal_form(letters(value))
    return blanks(letters(value)) if last in {"address", "street", "city"} else value


def blanks(text: str) -> str:
    """An address with the blanks that OCR lost: behind a number, and behind a word for street.

    >>> blanks("14JALANMANIS 4, 47400Petaling Jaya"), blanks("Jalan 12B, 3rd Floor")
    ('14 JALAN MANIS 4, 47400 Petaling Jaya', 'Jalan 12B, 3rd Floor')
    """
    return _LEADING.sub(r"\1 ", _NUMBER.sub(r"\1 ", text))


_NUMBER = re.compile(r"(?<!\w)(\d+)(?=[^\W\d_]{4})")
_LEADING = re.compile(
    r"(?<!\w)(jalan|lorong|persiaran|taman|avenue|boulevard|avenida|piazza)(?=[^\W\d_]{3})", re.I
)


def letters(text: str) -> str:
    """The text with look-alikes within words made the letters that they must be.

    Args:
        text: A name or an address as OCR read it.
    """
    for pattern, letter in _ALIKE:
        text = pattern.sub(letter, text)
    return text


def legal_form(name: str) -> str:
    """The name with a legal form at its end that is a letter or so off put right.

    Args:
        name: A company's name as OCR read it.
    """
    from rapidfuzz.distance import Levenshtein

    words = name.split()
    tails = {n: key("".join(words[-n:])) for n in range(1, min(4, len(words)))}
    if any(t in _BY_KEY for t in tails.values()):
        return name
    for n, tail in sorted(tails.items(), reverse=True):
        for known, form in _BY_KEY.items():
            most = 2 if tail.replace("rn", "m") == known else 1
            if len(known) >= 4 and Levenshtein.distance(tail, known) <= most:
                proper = form.upper() if " ".join(words[-n:]).isupper() else form
                return " ".join([*words[:-n], proper])
    return name
