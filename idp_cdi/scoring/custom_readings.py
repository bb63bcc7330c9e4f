"""Several readings of one name: which one the page has, when OCR read it twice.

A name that is typed above and signed below is read well once and badly once. Two readings that are
alike enough are one name; the one whose letters are surer is its spelling, with the score of both.

>>> alike("Tano Yamashifa", "Tano Yamashita"), alike("Ann Lee", "Bo Ek")
(True, False)
>>> alike("Nathan Q. Weaver", "Nathan Q. Weaver xenlhmVin", person=True)
True
>>> alike("Movement for Reform (Freedonia)", "Movement for Reform USA")
False
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.scoring.custom import Guess
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType

_ALIKE = 0.75
"""Likeness from which two readings are one name."""
_WORD = 0.4
"""Likeness that each word needs where both have as many: letters are misread, not words."""
_LONG = 10
"""Letters from which a name that begins another one is a reading of it."""
_MOST = 12
"""Guesses of a field that are compared."""


def alike(one: str, other: str, *, person: bool = False) -> bool:
    """Whether two names are most likely two readings of one; a `person` signs behind the name."""
    from rapidfuzz.distance import Levenshtein

    left, right = key(one), key(other)
    short, long = sorted((left, right), key=len)
    if len(short) < 6:
        return False
    if person and len(short) > _LONG and long.startswith(short) and len(long) < 2 * len(short):
        return True  # with a piece of the signature behind it
    if Levenshtein.normalized_similarity(left, right, score_cutoff=_ALIKE) == 0.0:
        return False
    words = [[key(w) for w in name.split()] for name in (one, other)]
    if len(words[0]) != len(words[1]):
        return True
    pairs = zip(*words, strict=True)
    return all(Levenshtein.normalized_similarity(a, b) >= _WORD for a, b in pairs)


def settle(sheet: Sheet, kind: DocType, guesses: Mapping[str, list[Guess]]) -> None:
    """Join the readings of one name under the surest one, on pages that OCR read.

    Args:
        sheet: The document.
        kind: Its type.
        guesses: By field, best first; scores and order change.
    """
    for name, many in guesses.items():
        field = kind.fields[name]
        if field.kind not in ("name", "person_name") or not any(
            g.best.spot.row.scanned for g in many[:1]
        ):
            continue
        top = many[:_MOST]
        for n, g in enumerate(top):
            for other in top[n + 1 :]:
                if alike(g.value, other.value, person=field.kind == "person_name"):
                    _join(sheet, g, other)
        many.sort(key=lambda g: -g.score)


def _join(sheet: Sheet, one: Guess, other: Guess) -> None:
    """Give the score of two readings to the surer one."""
    better, worse = (one, other) if _sure(sheet, one) >= _sure(sheet, other) else (other, one)
    together = max(one.score, other.score)
    better.score = together + (1.0 - together) * 0.3 * min(one.score, other.score)
    worse.score = min(worse.score, 0.5 * together)


def _sure(sheet: Sheet, g: Guess) -> float:
    """How sure the letters of a reading are: the mean over its words."""
    sure = [sheet.certainty.get(w, 1.0) for w in g.best.spot.words]
    return sum(sure) / len(sure)
