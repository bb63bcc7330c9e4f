"""Mentions of one value become one row: what a scorer of contract fields looks at.

A date, a place, a duration or a name is usually named several times. A row holds, for one value,
the strongest hint of each kind over all mentions, how often it is named, where first, and how it
stands among the other values of the document. Rows hold no words, so nothing can be memorised.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors import clauses_names as names

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Mention, Prose
    from idp_cdi.extractors.clauses_parties import Frame

_LEAST = frozenset({"at", "rank", "chars", "to_intro", "since_between", "to_end", "line_words"})
"""Hints of which the smallest counts; of all others the largest."""


_TOGETHER: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "tail_firm": ("tail", ("alone", "by_below", "form"), ()),
    "tail_person": ("tail", ("person",), ("title_below", "office_below")),
    "tail_signed": ("tail", ("person", "signed_before"), ("title_below", "office_below")),
    "tail_named": ("tail", ("person", "name_label"), ("title_below",)),
    "tail_officer": ("tail", ("person", "title_below"), ()),
    "tail_personal": ("tail", ("person", "up_role", "signs"), ("witness_up",)),
    "tail_captioned": ("tail", ("person", "down_role"), ("title_below", "witness_up")),
    "tail_bare": (
        "tail",
        ("person", "signs"),
        ("up_firm", "title_below", "office_below", "by_line", "witness_up"),
    ),
    "tail_for_firm": ("tail", ("person", "up_firm"), ()),
    "tail_witness": ("tail", ("person", "witness_up"), ()),
    "head_after_and": ("head", ("in_intro", "and_before"), ("place_after", "article_before")),
    "head_company": ("head", ("in_intro", "corporate_after"), ("article_before",)),
    "head_addressee": ("head", ("alone", "letter_to"), ("copy_before",)),
    "head_firm": ("head", ("alone", "form"), ("copy_before",)),
}
"""Hints that mean something together in one mention: zone, what must be, what must not."""


class _Counted:
    """How often names occur in a folded text, each counted once."""

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._known: dict[str, int] = {}

    def count(self, key: str) -> int:
        if key not in self._known:
            self._known[key] = self._folded.count(f" {key} ")
        return self._known[key]


def _inside_others(keys: list[str], texts: _Counted) -> dict[str, int]:
    """For each key how often it stands inside the longer key that holds it most often."""
    padded = [(f" {k} ", k) for k in sorted(keys, key=len)]
    out = {}
    for i, (inner, key) in enumerate(padded):
        out[key] = max((texts.count(k) for text, k in padded[i + 1 :] if inner in text), default=0)
    return out


@dataclass(slots=True)
class Group:
    """All mentions of one value, and the row of figures about it."""

    value: str
    mentions: list[Mention]
    row: dict[str, float] = field(default_factory=dict)


def gather(mentions: list[Mention], *, strong: tuple[str, ...]) -> list[Group]:
    """Group mentions by value and work out their rows.

    Args:
        mentions: Of one kind, in order of place.
        strong: Hints whose sum over all mentions counts as well.
    """
    by_value: dict[str, Group] = {}
    for m in mentions:
        by_value.setdefault(m.value, Group(m.value, [])).mentions.append(m)
    groups = list(by_value.values())
    for g in groups:
        _strongest(g)
        for name in strong:
            g.row[f"sum_{name}"] = sum(m.hints.get(name, 0.0) for m in g.mentions)
    _compare(groups)
    for name in strong:
        best = max((g.row[f"sum_{name}"] for g in groups), default=0.0)
        for g in groups:
            g.row[f"top_{name}"] = float(g.row[f"sum_{name}"] == best > 0)
    return groups


_NOT_LEARNED = frozenset({"place_before", "superseded"})
"""Hints for fields that are found by wording, not for the trees."""


def _strongest(group: Group) -> None:
    for m in group.mentions:
        for name, value in m.hints.items():
            if name in _NOT_LEARNED:
                continue
            old = group.row.get(name)
            if old is None:
                group.row[name] = value
            else:
                group.row[name] = min(old, value) if name in _LEAST else max(old, value)
    group.row["mentions"] = float(len(group.mentions))


def _compare(groups: list[Group]) -> None:
    total = sum(len(g.mentions) for g in groups)
    for n, g in enumerate(groups):
        g.row["values"] = float(len(groups))
        g.row["order"] = float(n)
        g.row["share"] = len(g.mentions) / max(total, 1)


_OF_KIN = ("tail_personal", "tail_captioned", "tail_bare", "tail_officer", "tail_for_firm",
           "tail_witness", "intro_defined", "head_defined", "in_intro")  # fmt: skip
"""Hints that one spelling of a person's name shares with the others."""


def person_key(name: str) -> str:
    """First letter and last word of a person's name: what its spellings share.

    >>> person_key("/s/ Ann Lee") == person_key("ANN Q. LEE")
    True
    """
    words = [w for w in names.key(name.removeprefix("/s/")).split() if w not in _TITLES]
    return f"{words[0][0]} {words[-1]}" if words else ""


_TITLES = frozenset("mr mrs ms dr jr sr ii iii iv esq phd md prof herr frau mme sig sra".split())


def _kin(groups: list[Group]) -> None:
    """What is known of a person under any spelling, and who of the persons signs first."""
    persons = [g for g in groups if g.row["person"]]
    by_person: dict[str, list[Group]] = {}
    for g in persons:
        by_person.setdefault(person_key(g.value), []).append(g)
    signing = {
        k: min(
            m.start
            for g in many
            for m in g.mentions
            if m.hints["tail"] and m.hints.get("signs", 0.0)
        )
        for k, many in by_person.items()
        if any(m.hints["tail"] and m.hints.get("signs", 0.0) for g in many for m in g.mentions)
    }
    order = {k: n for n, k in enumerate(sorted(signing, key=lambda k: signing[k]))}
    for g in groups:
        kin = by_person.get(person_key(g.value), ()) if g.row["person"] else ()
        for name in _OF_KIN:
            g.row[f"kin_{name}"] = max((k.row[name] for k in kin), default=0.0)
        g.row["sign_order"] = float(order.get(person_key(g.value), 9)) if kin else 9.0
        g.row["signers"] = float(len(order))


def whole(prose: Prose, parts: Frame) -> dict[str, float]:
    """Figures of the document as a whole, the same in every row."""
    words = prose.flat.split()
    english = sum(w in _ENGLISH for w in words[:1500]) / max(len(words[:1500]), 1)
    return {
        "is_letter": float(parts.greeting >= 0),
        "has_between": float(parts.between >= 0),
        "has_closing": float(parts.closing < len(prose.flat)),
        "pages": float(prose.page_count),
        "length": float(len(words)),
        "english": round(english, 3),
    }


_ENGLISH = frozenset(["the", "of", "and", "to", "or", "shall", "this", "any", "by", "with"])


def gather_names(mentions: list[Mention], prose: Prose, parts: Frame) -> list[Group]:
    """Group the mentions of names by spelling key and compare the groups with one another."""
    by_key: dict[str, Group] = {}
    for m in mentions:
        key = names.key(m.value)
        if key:
            by_key.setdefault(key, Group(m.value, [])).mentions.append(m)
    groups = list(by_key.values())
    cores = {id(g): names.core(g.value) for g in groups}
    forms = Counter(cores.values())
    with_form = {cores[id(g)] for g in groups if g.mentions[0].hints["form"]}
    folded = " " + names.key(prose.flat) + " "
    texts = _Counted(folded)
    longest = _inside_others(list(by_key), texts)
    longer: dict[str, list[str]] = {}
    for c in forms:
        longer.setdefault(c.split()[0], []).append(c)
    for g in groups:
        _strongest(g)
        core = cores[id(g)]
        g.row["zones"] = float(
            any(m.hints["head"] for m in g.mentions) + any(m.hints["tail"] for m in g.mentions)
        )
        g.row["core_count"] = float(folded.count(f" {core} "))
        g.row["first_word_count"] = float(folded.count(f" {core.split()[0]} "))
        g.row["spellings"] = float(forms[core])
        g.row["lacks_form"] = float(not g.row["form"] and core in with_form)
        kin = [c for c in longer.get(core.split()[0], ()) if c != core]
        g.row["inside_longer"] = float(any(c.startswith(core + " ") for c in kin))
        g.row["holds_shorter"] = float(any(core.startswith(c + " ") for c in kin))
        g.row["inner"] = float(
            any(f" {core}" in f" {c} " and not c.startswith(core) for c in forms if c != core)
        )
        for name in (
            "defined",
            "defined_later",
            "alone",
            "by_below",
            "name_label",
            "signed_before",
        ):
            g.row[f"sum_{name}"] = sum(m.hints.get(name, 0.0) for m in g.mentions)
        g.row["intro_defined"] = max(
            (
                max(m.hints["defined"], m.hints["defined_later"]) * m.hints["in_intro"]
                for m in g.mentions
            ),
            default=0.0,
        )
        counts = texts.count(names.key(g.value))
        g.row["own_share"] = max(counts - longest[names.key(g.value)], 0) / max(counts, 1)
        for name, (zone, wanted, unwanted) in _TOGETHER.items():
            g.row[name] = float(
                any(
                    m.hints[zone]
                    and all(m.hints.get(w, 0.0) for w in wanted)
                    and not any(m.hints.get(u, 0.0) for u in unwanted)
                    for m in g.mentions
                )
            )
        g.row["tail_alone"] = max(m.hints.get("alone", 0.0) * m.hints["tail"] for m in g.mentions)
        g.row["head_alone"] = max(m.hints.get("alone", 0.0) * m.hints["head"] for m in g.mentions)
        g.row["head_defined"] = max(
            max(m.hints["defined"], m.hints["defined_later"]) * m.hints["head"] for m in g.mentions
        )
    _kin(groups)
    _compare(groups)
    words = folded.split()
    total = max(len(words), 1)
    common = {
        "says_i": 100.0 * sum(w in cues.words("first_person") for w in words) / total,
        "says_you": 100.0 * sum(w in cues.words("second_person") for w in words) / total,
        "says_employee": 100.0 * sum(w in cues.words("worker") for w in words) / total,
        "defined_groups": float(sum(g.row["intro_defined"] for g in groups)),
        "personal_groups": float(
            sum(max(g.row["tail_personal"], g.row["tail_captioned"]) for g in groups)
        ),
        "bare_groups": float(sum(g.row["tail_bare"] for g in groups)),
        "defined_persons": float(sum(g.row["intro_defined"] * g.row["person"] for g in groups)),
        "says_undersigned": float(" undersigned " in folded[:4000]),
        "signed_groups": float(sum(1 for g in groups if g.row["tail_alone"] and g.row["form"])),
    }
    for name in ("since_between", "chars", "core_count"):
        ranked = sorted(groups, key=lambda g: g.row[name], reverse=name == "core_count")
        for n, g in enumerate(ranked):
            g.row[f"rank_{name}"] = float(n)
    for g in groups:
        g.row |= common
    return groups
