"""The rest of a contract: title, expiry, renewal, signatories.

Each finder names what it found by a cue and says how strong the cue is (0–1); these are wordings,
not a trained model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose
    from idp_cdi.extractors.clauses_parties import Frame

_UNTIL = re.compile(
    r"(?:(?:expir\w+|terminat\w+|ends?|ending|until|through|valid\s+(?:to|until))(?:\s+(?:on|at|upon|as\s+of))?"
    r"|endet(?:\s+am)?|bis(?:\s+zum)?|läuft\s+(?:\w+\s+){0,2}aus(?:\s+am)?"
    r"|jusqu'au|expire(?:ra)?(?:\s+le)?|prend(?:ra)?\s+fin(?:\s+le)?"
    r"|hasta(?:\s+el)?|vence(?:rá)?(?:\s+el)?|finaliza(?:rá)?(?:\s+el)?"
    r"|fino\s+al|scad(?:e|rà)(?:\s+il)?|termina(?:\s+il)?"
    r"|tot(?:\s+en\s+met)?|eindigt(?:\s+op)?)\s*:?\s*(?:the\s+)?$",
    re.I,
)
_NUMBERED = re.compile(r"^\W*(?:\d+[.)]|section|article|§)", re.I)
ADDRESS_CUE = re.compile(
    r"(?:(?:place\s+of\s+business|offices?|headquarters|address|business)\s+(?:is\s+)?(?:located\s+)?(?:at|is|of|in)"
    r"|located\s+at|residing\s+at|(?:mit\s+sitz\s+in|geschäftsansässig(?:\s+in)?|wohnhaft(?:\s+in)?|anschrift:?)"
    r"|(?:siège(?:\s+social)?\s+(?:est\s+)?(?:situé\s+|sis\s+)?(?:au|à|est)?|demeurant(?:\s+(?:au|à))?|sise?\s+(?:au|à)?)"
    r"|(?:con\s+)?domicilio(?:\s+social)?\s+en|domiciliad[oa]\s+en"
    r"|con\s+sede(?:\s+legale)?\s+(?:in|a)|residente\s+(?:in|a)"
    r"|gevestigd(?:\s+te|\s+aan)?|wonende\s+te|kantoorhoudende\s+te)[\s:,]*",
    re.I,
)


def title(prose: Prose, parts: Frame) -> list[Mention]:
    """Headings near the top that name a kind of agreement, strongest first."""
    out: list[Mention] = []
    limit = min(2500, max(parts.between, 0) or 2500)
    sizes = [w.size or w.box.height for w in prose.words[:400]]
    usual = sorted(sizes)[len(sizes) // 2] if sizes else 1.0
    for start, end in prose.lines[:40]:
        line = prose.text[start:end].strip()
        if start > limit + 200 or not 6 <= len(line) <= 90:
            continue
        if not cues.cue("agreement").search(line) or _NUMBERED.match(line):
            continue
        words = re.findall(r"[^\W\d_]+", line)
        capital = sum(w[0].isupper() for w in words) / max(len(words), 1)
        sentence = words and words[0][0].isupper() and len(words) <= 7 and len(line) <= 50
        if line.endswith((".", ",", ";")) or len(words) > 12 or not (capital >= 0.6 or sentence):
            continue
        first, last = prose.span(start, end)
        size = max(w.size or w.box.height for w in prose.words[first:last])
        upper = line.isupper()
        strength = 0.45 + 0.25 * upper + 0.15 * (size > 1.15 * usual) + 0.1 * (len(out) == 0)
        if re.search(r"\bEX-?\d|\.htm|exhibit", line, re.I):
            strength -= 0.3
        value = re.sub(r"^(?:.*\.htm\s+)?(?:EX\S*\s+)?", "", line)
        out.append(Mention(value, start, end, {"strength": strength}))
    return sorted(out, key=lambda m: -m.hints["strength"])


def expiry(prose: Prose, dates: list[Mention]) -> list[Mention]:
    """Dates that a wording of ending stands right before, in a sentence about the contract."""
    out = []
    for m in dates:
        before = prose.flat[max(0, m.start - 160) : m.start]
        if not _UNTIL.search(before[-50:]):
            continue
        subject = cues.cue("this_agreement").search(before) or cues.cue("period").search(before)
        other = cues.cue("employment").search(before[-100:])
        strength = 0.5 + 0.3 * bool(subject) - 0.25 * bool(other)
        out.append(Mention(m.value, m.start, m.end, {"strength": strength}))
    return sorted(out, key=lambda m: -m.hints["strength"])


def renewal(prose: Prose) -> list[Mention]:
    """Sentences that say how the contract goes on by itself."""
    out = []
    for m in cues.cue("renewal").finditer(prose.flat):
        start = max(prose.flat.rfind(". ", 0, m.start()), prose.flat.rfind("; ", 0, m.start())) + 1
        stop = prose.flat.find(". ", m.end())
        end = stop + 1 if 0 <= stop < m.end() + 400 else min(m.end() + 200, len(prose.flat))
        sentence = " ".join(prose.flat[start:end].split())
        itself = re.search(
            r"automatic|tacit|stillschweigend|tácit|tacit|stilzwijgend|telkens|jeweils|successive",
            sentence,
            re.I,
        )
        if len(sentence) > 600 or not (itself or cues.cue("this_agreement").search(sentence)):
            continue
        out.append(Mention(sentence, start, end, {"strength": 0.85 if itself else 0.4}))
    return sorted(out, key=lambda m: -m.hints["strength"])


def signers(prose: Prose, found: list[Mention]) -> list[Mention]:
    """Persons who sign: after "Name:", after "/s/", over a caption, or alone where people sign."""
    best: dict[str, Mention] = {}
    for m in found:
        h = m.hints
        if not h["tail"] or h["form"] or not h["person"] or h["dull_words"]:
            continue
        if "\n" in prose.text[m.start : m.end]:
            continue  # a name and the office under it
        strength = (
            0.35 * h.get("name_label", 0.0)
            + 0.35 * h.get("signed_before", 0.0)
            + 0.2 * h.get("signed_above", 0.0)
            + 0.15 * h.get("title_below", 0.0)
            + 0.1 * h.get("office_below", 0.0)
            + 0.1 * h.get("by_before", 0.0)
            + 0.15 * h.get("role_above", 0.0)
            + 0.25 * h.get("label_below", 0.0) * h.get("alone", 0.0)
            + 0.1 * max(h.get("up_firm", 0.0), h.get("up_role", 0.0))
        )
        key = " ".join(re.findall(r"\w+", m.value.lower()))
        if strength >= 0.3 and (key not in best or best[key].hints["strength"] < strength):
            best[key] = Mention(
                m.value, m.start, m.end, {"strength": min(0.5 + strength / 2, 0.95)}
            )
    kept: list[Mention] = []
    for m in sorted(best.values(), key=lambda m: -m.hints["strength"]):
        words = set(re.findall(r"\w+", m.value.lower()))
        if not any(words <= set(re.findall(r"\w+", k.value.lower())) for k in kept):
            kept.append(m)
    return kept


def agreement_dates(dates: list[Mention], parts: Frame) -> list[Mention]:
    """Dates on which the contract was made: said so, or the date of a letter."""
    out = []
    for m in dates:
        h = m.hints
        strength = 0.0
        if h["superseded"] and not (h["near_label"] or h["alone"]):
            continue
        if h["place_before"] and not h["after_closing"] and h["chars"] < 2500:
            strength = 0.85
        elif h["near_made"] and (h["intro_word"] or h["before_agreement"]) and h["chars"] < 3000:
            strength = 0.9
        elif h["near_label"] and not h["after_closing"]:
            strength = 0.7
        elif h["alone"] and parts.greeting >= 0 and h["chars"] < parts.greeting:
            strength = 0.85
        elif h["before_made"] and h["before_agreement"] and h["chars"] < 1500:
            strength = 0.75
        elif (h["near_made"] and h["chars"] < 3000) or (h["place_before"] and h["after_closing"]):
            strength = 0.6
        if strength:
            out.append(Mention(m.value, m.start, m.end, {"strength": strength}))
    return sorted(out, key=lambda m: -m.hints["strength"])
