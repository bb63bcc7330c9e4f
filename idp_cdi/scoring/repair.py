"""Put right what OCR misread where only one reading makes sense.

Legal forms at the end of names, and digits within words that are otherwise letters.

>>> legal_form("AMANO MALAYSIA SON BHD"), legal_form("Muster GrnbH"), legal_form("Hardware Store")
('AMANO MALAYSIA SDN BHD', 'Muster GmbH', 'Hardware Store')
>>> legal_form("Officine Brambilla S.r.l."), legal_form("BRASSERIE DU MOULIN SPRL")
('Officine Brambilla S.r.l.', 'BRASSERIE DU MOULIN SPRL')
>>> letters("H0TEL WorId"), letters("J1n Dahlia 10/5B")
('HOTEL World', 'Jln Dahlia 10/5B')
"""

from __future__ import annotations

import re
from functools import lru_cache

from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

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

    >>> blanks("14JALANDAHLIA 4, 47999Petaling Jaya"), blanks("Jalan 12B, 3rd Floor")
    ('14 JALAN DAHLIA 4, 47999 Petaling Jaya', 'Jalan 12B, 3rd Floor')
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


def body(name: str) -> str:
    """The English name of a public body with words put right that OCR misread by a letter or so.

    Only long words that such names are made of: what a firm calls itself could be anything.

    >>> body("Ernbassy of Mexico"), body("National Tourlsm Org."), body("Fairburm Affairs")
    ('Embassy of Mexico', 'National Tourism Org.', 'Fairburm Affairs')
    """
    return " ".join(_body_word(word) for word in name.split())


@lru_cache(maxsize=4096)
def _body_word(word: str) -> str:
    from rapidfuzz.distance import Levenshtein

    bare = word.strip(".,;:()")
    spelled = bare.lower()
    if len(spelled) < _LONG or not spelled.isalpha() or spelled in _BODIES:
        return word
    for known in _BODIES:
        if spelled.startswith(known[:-1]) or known.startswith(spelled):
            continue  # another form of the word
        most = 2 if len(known) >= _LONGER else 1
        if spelled.replace("rn", "m") == known or (
            Levenshtein.distance(spelled, known, score_cutoff=most) <= most
        ):
            right = known.upper() if bare.isupper() else known.capitalize()
            return word.replace(bare, right if bare[0].isupper() else known)
    return word


_LONG, _LONGER = 7, 10
"""Letters of a word of which one may be wrong, and of one of which two may be."""
_BODIES = tuple(
    "administration agricultural agriculture ambassador association authority chamber commerce "
    "commission committee commonwealth consulate council cultural defence defense delegation "
    "democratic department development economic education embassy emirates enterprise exchange "
    "executive federal federation finance foreign foundation general government industrial "
    "industry information institute international investment kingdom maritime ministry mission "
    "national office organisation organization parliament permanent president province regional "
    "registry representative republic secretariat secretary service society technology tourism "
    "tourist trading transport transportation university afghanistan algeria argentina armenia "
    "australia austria azerbaijan bahamas bahrain bangladesh barbados belarus belgium bermuda "
    "bolivia botswana bulgaria cambodia cameroon colombia croatia denmark dominica ecuador "
    "ethiopia finland georgia germany guatemala honduras hungary iceland indonesia ireland jamaica "
    "kazakhstan lebanon liberia lithuania luxembourg macedonia malaysia mauritius mongolia "
    "montenegro morocco mozambique myanmar netherlands nicaragua nigeria pakistan palestine "
    "paraguay philippines portugal romania rwanda scotland senegal singapore slovakia slovenia "
    "somalia sweden switzerland tanzania thailand trinidad tunisia ukraine uruguay uzbekistan "
    "venezuela vietnam zimbabwe columbia".split()
)


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
        if tail in lexicon().legal:
            continue  # "S.r.l." and "SPRL" are a letter off "SARL", and right
        for known, form in _BY_KEY.items():
            most = 2 if tail.replace("rn", "m") == known else 1
            if len(known) >= 4 and Levenshtein.distance(tail, known) <= most:
                proper = form.upper() if " ".join(words[-n:]).isupper() else form
                return " ".join([*words[:-n], proper])
    return name
