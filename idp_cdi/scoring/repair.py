"""Put right what OCR misread where only one reading makes sense: legal forms at the end of names.

>>> legal_form("AMANO MALAYSIA SON BHD"), legal_form("Muster GrnbH"), legal_form("Hardware Store")
('AMANO MALAYSIA SDN BHD', 'Muster GmbH', 'Hardware Store')
"""

from __future__ import annotations

from idp_cdi.extractors._view import key

_FORMS = ("Sdn Bhd", "GmbH", "Limited", "Berhad", "Pte Ltd", "Pty Ltd", "Private Limited", "SARL",
          "GmbH & Co. KG", "Incorporated", "Corporation", "S.r.l.s.")  # fmt: skip
_BY_KEY = {key(f): f for f in _FORMS}


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
