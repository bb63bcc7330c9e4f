"""Sentences that say why a value of a contract was chosen, and which mention shows it best.

>>> from idp_cdi.extractors.clauses import Mention
>>> from idp_cdi.scoring.contract_groups import Group
>>> m = Mention("Oregon", 5, 11, {"laws_of": 1.0, "governed": 1.0})
>>> sentence("governing_law", Group("Oregon", [m], {"mentions": 1.0} | m.hints), m, 3)
'after "laws of" in a clause about governing law; named once; page 3'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Mention
    from idp_cdi.scoring.contract_groups import Group

_SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "party.name": (
        (
            "intro_defined",
            "introduced among the parties with the name that the contract uses for it",
        ),
        ("head_after_and", "named in the introduction of the parties"),
        ("head_company", "described in the introduction by its seat or legal form"),
        ("head_addressee", "addressee of the letter"),
        ("tail_firm", "stands above a signature"),
        ("tail_signed", "signs in person"),
        ("tail_named", "signs in person"),
        ("tail_alone", "stands alone where people sign"),
        ("form", "ends in a legal form"),
    ),
    "effective_date": (
        ("near_effective", 'after a wording of "effective"'),
        ("near_made", 'after a wording of "dated" or "made as of"'),
        ("near_label", 'labelled "date"'),
        ("alone", "alone on its line, as the date of a letter"),
        ("after_between", "right before the parties"),
    ),
    "governing_law": (
        ("laws_of", 'after "laws of"'),
        ("governed", "in a clause about governing law"),
        ("courts", "its courts are named"),
    ),
    "term": (
        ("before_period", "in a sentence about how long something lasts"),
        ("before_this_agreement", "which speaks of the agreement itself"),
        ("before_secrecy", "which speaks of confidentiality"),
        ("near_from", "counted from the date of the agreement"),
        ("anniversary", "given as an anniversary"),
    ),
}
_BEST = {
    "party.name": ("defined", "defined_later", "in_intro", "form", "alone", "name_label"),
    "effective_date": ("near_effective", "near_made", "near_label", "alone"),
    "governing_law": ("laws_of", "governed", "governed_near"),
    "term": ("near_from", "before_this_agreement", "before_period"),
}
_WORDED = {
    "title": "heading at the top that names a kind of agreement",
    "agreement_date": 'date after "dated" or "made", or the date of the letter',
    "expiry_date": "date after a wording of ending",
    "renewal": "sentence that says how the agreement goes on by itself",
    "signer.name": "name of a person where people sign",
    "notice_address": 'block of lines behind "to" in the clause about notices',
    "party.registration_number": "stands behind the party's name as its number in a register",
    "party.address": "address behind the party's name in the introduction",
}


def best_mention(name: str, group: Group) -> Mention:
    """The mention of a value that a person should be shown: the one with the strongest cues."""
    wanted = _BEST[name]

    def strength(m: Mention) -> tuple[float, int]:
        weights = range(len(wanted), 0, -1)
        score = sum(m.hints.get(w, 0.0) * k for w, k in zip(wanted, weights, strict=True))
        return score, -m.start

    return max(group.mentions, key=strength)


def sentence(name: str, group: Group, mention: Mention, page: int) -> str:
    """Why `group` was chosen for field `name`."""
    said: list[str] = []
    for hint, words in _SAID[name]:
        if group.row.get(hint, 0.0) and words not in said:
            said.append(words)
    count = int(group.row["mentions"])
    named = "named once" if count == 1 else f"named {count} times"
    head = " ".join(said[:2]) if name == "governing_law" else ", ".join(said[:3])
    return "; ".join(p for p in (head or "best of what was found", named, f"page {page}") if p)


def worded(name: str, page: int) -> str:
    """Why a value was taken that is found by wording."""
    return f"{_WORDED[name]}; page {page}"


def shown(name: str, value: str, mention: Mention, raw: str, text: str) -> str:
    """The value as it is given out.

    Names stay as printed; so does a place of law, unless the page has it in capitals or as an
    adjective ("deutsches Recht"), when the place is named.

    Args:
        name: The field.
        value: The group's value.
        mention: The mention that shows it best.
        raw: The whole words of the mention as printed.
        text: The text that the mention's places refer to.
    """
    if name == "party.name":
        return printed_name(raw, mention.value)
    if name == "governing_law":
        printed = text[mention.start : mention.end]
        noun = cues.place_nouns().get(" ".join(printed.lower().split()))
        if noun is not None:
            return noun
        proper = all(w[0].isupper() for w in printed.split() if len(w) > 3)
        return printed if proper and not printed.isupper() else value
    return value


def printed_name(raw: str, plain: str) -> str:
    """The name with the page's own quotes and apostrophes, without what surrounds it.

    >>> printed_name("(Colt’s Works LLC,", "Colt's Works LLC")
    'Colt’s Works LLC'
    """
    pattern = "".join(
        ".{1,2}" if c in "\"'" else r"[-–—‐‑]" if c == "-" else r"\s+" if c == " " else re.escape(c)
        for c in plain
    )
    hit = re.search(pattern, raw)
    return hit[0] if hit else plain
