"""Who could be a party of a contract: names with what stands around each mention.

The places where parties show themselves: the introduction ("between X, a … company ("Buyer"), and
Y"), the head of a letter, and the signatures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors import clauses_names as names
from idp_cdi.extractors import clauses_standing
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

_DEFINED = re.compile(r"\s*,?\s*\(?[^()\"]{0,45}\"\s*([^\"]{1,60}?)\s*,?\s*\"")
_DEFINED_LATER = re.compile(r"[^()\"]{0,260}\((?:[^()\"]{0,60})\"\s*([^\"]{1,60}?)\s*,?\s*\"")
_PERSON = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|M|Mme|Sr|Sra|Sig|Dhr|Mevr)\.?\s+)?"
    r"(?:[^\W\d_]\.){0,2}[^\W\d_][\w'-]*\.?(?:\s+(?:[^\W\d_]\.?|[^\W\d_][\w'-]+|de|van|von|der|del|di|la))*\s+[^\W\d_][\w'-]+"
    r"(?:,?\s+(?:Jr|Sr|II|III|IV|Ph\.?D|M\.?D|Esq)\b\.?)*"
)
_PLACE_AFTER = re.compile(
    r"\s*,?\s+(?:[A-Z]{2}\b|[A-Z][a-z]+)\.?,?\s+\d{5}|\s*,\s*[A-Z]{2}\b(?!\w|\.)"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the introduction, the greeting of a letter and the signing start.

    -1 where there is none; `closing` is the end of the text then.
    """

    between: int
    greeting: int
    closing: int


def frame(prose: Prose) -> Frame:
    """Find the parts of a contract by their cues."""
    text = prose.flat
    size = len(text)
    greeting = cues.cue("greeting").search(text[:3500])
    closing = size
    for m in cues.cue("closing").finditer(text, int(size * 0.3)):
        closing = m.start()
        break
    late = [m.start() for m in re.finditer(r"/s/|\bBy\s*:", text)]
    if closing == size and late:
        closing = next((p for p in late if p > size * 0.3), size)
    between = -1
    for m in cues.cue("between").finditer(text[: max(6000, size // 3)]):
        after = text[m.end() : m.end() + 300]
        if re.match(r"\s*:?\s*[\"(]?\S*[A-Z0-9]", after) and re.search(
            r"\(|\"|,\s+an?\s|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b", after
        ):
            between = m.start()
            if '"' in after:
                break
    return Frame(between, greeting.start() if greeting else -1, closing)


def find(prose: Prose, parts: Frame) -> list[Mention]:
    """All names that stand where a party could, with their hints.

    Args:
        prose: The contract.
        parts: Its parts, from `frame`.
    """
    out = []
    size = max(len(prose.text), 1)
    for name, start, end in names.readings(prose.text):
        hints = _shape(name)
        head = start < 4000 or start < 0.12 * size
        tail = start >= parts.closing
        defined = _defined(prose, name, start, end)
        if not (head or tail or hints["form"] or defined["defined"]):
            continue
        hints |= defined
        hints |= _around(prose, start, end, parts)
        if tail or head:
            hints |= clauses_standing.of(prose, start, end)
        hints |= {
            "at": start / size,
            "head": float(head),
            "tail": float(tail),
            "chars": float(start),
        }
        hints["letter_to"] = float(0 <= start < parts.greeting)
        out.append(Mention(name, start, end, hints))
    return out


def _shape(name: str) -> dict[str, float]:
    words = name.split()
    form = cues.legal_form(name)
    letters = [c for c in name if c.isalpha()]
    stop = cues.not_names()
    return {
        "form": float(bool(form)),
        "person": float(not form and 2 <= len(words) <= 6 and _PERSON.fullmatch(name) is not None),
        "words": float(len(words)),
        "capitals": float(sum(c.isupper() for c in letters) > 0.9 * max(len(letters), 1)),
        "initial": float(any(len(w.rstrip(".")) == 1 for w in words)),
        "and": float(any(w.lower() in ("and", "&", "und", "et") for w in words)),
        "has_of": float(any(w.lower() in ("of", "de", "di", "van", "von", "für") for w in words)),
        "dull_words": float(sum(w.lower().strip(".,") in stop for w in words)),
        "place": float(name.lower() in cues.places()),
        "digits": float(any(c.isdigit() for c in name)),
        "the": float(words[0].lower() == "the"),
    }


def _defined(prose: Prose, name: str, start: int, end: int) -> dict[str, float]:
    after = prose.flat[end : end + 340]
    here = _DEFINED.match(after)
    later = None if here else _DEFINED_LATER.match(after)
    hit = here or later
    term = hit[1].strip() if hit else ""
    words = re.findall(r"\w+", term.lower())
    mine = set(names.key(name).split())
    initials = "".join(w[0] for w in names.key(name).split() if w)
    short = bool(words) and (
        words[0] in mine or "".join(words) in initials or term.lower() in name.lower()
    )
    introduced = cues.cue("introduced_as").search(after[: hit.end()] if hit else after[:200])
    return {
        "defined": float(here is not None),
        "defined_later": float(later is not None),
        "defined_role": float(cues.roles().fullmatch(term) is not None),
        "defined_short": float(short),
        "defined_other": float(bool(term) and not short and cues.roles().fullmatch(term) is None),
        "introduced": float(introduced is not None),
        "defined_far": float(later.start(1)) if later else 0.0,
    }


def _around(prose: Prose, start: int, end: int, parts: Frame) -> dict[str, float]:
    text = prose.flat
    before, after = text[max(0, start - 90) : start], text[end : end + 160]
    near = before[-30:]
    since = start - parts.between if parts.between >= 0 else -1
    hints = {
        "between_before": float(
            re.search(
                r"(?:between|among|zwischen|entre|tra|fra|tussen)[\s:,(\w)]{0,8}$", before, re.I
            )
            is not None
        ),
        "in_intro": float(0 <= since < 900),
        "since_between": float(since) if 0 <= since < 3000 else 3000.0,
        "and_before": float(
            re.search(r"(?:[,;)\s](?:and|und|et|y|e|en)|&)[\s(\w)]{0,6}$", near, re.I) is not None
        ),
        "corporate_after": _starts(cues.cue("corporate"), after, 14),
        "comma_after": float(
            after[:2].strip().startswith(",") or text[max(0, end - 1) : end] == ","
        ),
        "copy_before": float(cues.cue("carbon_copy").search(near) is not None),
        "target_before": float(cues.cue("target").search(near) is not None),
        "employer_before": float(cues.cue("employer").search(before[-45:]) is not None),
        "with_before": float(re.search(r"\b(?:with|by|to|from)\s*$", near, re.I) is not None),
        "i_before": float(re.search(r"(?:\bI,|\bme,|undersigned,?)\s*$", near, re.I) is not None),
        "subsidiaries": float(
            re.search(r"subsidiar|affiliate|successors", after[:90], re.I) is not None
        ),
        "dba_before": float(
            re.search(r"\b(?:d/b/a|dba|a/k/a|formerly|f/k/a)\b", near, re.I) is not None
        ),
        "article_before": float(
            re.search(r"\b(?:an?|eine|une|una|uno|een)\s*$", near, re.I) is not None
        ),
        "place_after": float(_PLACE_AFTER.match(after) is not None),
        "number_before": float(re.search(r"\d\s*$", near) is not None),
        "after_paren": float(near.rstrip().endswith("(")),
        "file_header": float(
            re.search(r"\bEX-\d|\.htm", text[max(0, start - 60) : end + 40]) is not None
            and start < 400
        ),
    }
    return hints


def _starts(pattern: re.Pattern[str], text: str, slack: int) -> float:
    hit = pattern.search(text[: slack + 60])
    return float(hit is not None and hit.start() <= slack)
