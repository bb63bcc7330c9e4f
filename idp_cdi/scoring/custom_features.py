"""What a trained scorer of a document type looks at: one row of figures per field and value.

Candidates are the values that labels point to and, since a trained scorer can tell places and
neighbours, every piece of the first pages and the last one that could be of the field's kind. The
words left of and above a value count through `Lexicon`, log-odds learned from the labelled
documents of this type; it stays with the user's model and holds only words that several
documents share.

>>> lexicon = Lexicon({"total": {"L:gross": 2.0}})
>>> lexicon.weigh("total", ("L:gross", "A:date"))
2.0
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues, forms
from idp_cdi.extractors._view import key
from idp_cdi.scoring import custom_sums
from idp_cdi.scoring.custom import Guess, guess
from idp_cdi.scoring.custom_sheet import Evidence, Sheet
from idp_cdi.scoring.custom_values import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from idp_cdi.extractors.forms_labels import Row
    from idp_cdi.scoring.custom_types import DocType, FieldType

_PAGES = 2
"""Pages from the start, besides the last one, on which values without a label are looked for."""
_RELATIONS = ("same", "right", "below", "above", "under", "signed")
_FACTORS = ("label", "exact", "place", "fit", "dx", "dy", "step", "blocked")
_SMOOTH = 0.5


@dataclass(slots=True, eq=False)
class Candidate:
    """A value that a field may have, its row of figures, and the words around it."""

    guess: Guess
    row: dict[str, float]
    around: tuple[str, ...]

    @property
    def value(self) -> str:
        """The normalised value."""
        return self.guess.value


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Log-odds of neighbouring words by field."""

    words: Mapping[str, Mapping[str, float]]

    def weigh(self, name: str, around: Iterable[str]) -> float:
        """The strongest two of the words' log-odds together, 0 where none is known."""
        known = self.words.get(name, {})
        found = sorted((known[w] for w in around if w in known), key=abs, reverse=True)
        return sum(found[:2])


def candidates(sheet: Sheet, kind: DocType) -> dict[str, list[Candidate]]:
    """All candidates of each field of a type in one document."""
    guesses = guess(sheet, kind)
    pieces = list(_pieces(sheet))
    seen = Counter(key(" ".join(r.texts[a:z])) for r, a, z in pieces)
    anywhere: dict[str, list[Evidence]] = {}
    neighbours: dict[tuple[int, int], tuple[str, ...]] = {}
    amounts = any(f.kind == "amount" for f in kind.fields.values())
    sums = custom_sums.parts(sheet) if amounts else {}
    addends = frozenset(v for many in sums.values() for v in many)
    out: dict[str, list[Candidate]] = {}
    for name, f in kind.fields.items():
        if f.kind not in anywhere:
            anywhere[f.kind] = _anywhere(sheet, kind, f, pieces)
        found = _joined(name, guesses.get(name, []), anywhere[f.kind])
        top = max((g.score for g in found), default=0.0)
        ranked = {id(g): n for n, g in enumerate(sorted(found, key=lambda g: -g.score))}
        many = [
            Candidate(g, _row(sheet, g, top, ranked[id(g)], seen), _around(sheet, g, neighbours))
            for g in found
        ]
        _compare(f, many)
        if f.kind == "amount":
            for c in many:
                c.row["sum"] = float(c.value in sums)
                c.row["part"] = float(c.value in addends)
        out[name] = many
    return out


def _pieces(sheet: Sheet) -> Iterable[tuple[Row, int, int]]:
    count = len(sheet.view.document.pages)
    for row in sheet.lines:
        if row.page <= _PAGES or row.page == count:
            for a, b in forms.chunks(row):
                yield row, a, b


def _anywhere(
    sheet: Sheet, kind: DocType, f: FieldType, pieces: Sequence[tuple[Row, int, int]]
) -> list[Evidence]:
    """Everything of a field's kind on the pages that are looked at, label or not."""
    out = []
    for row, a, b in pieces:
        if f.kind not in ("date", "amount", "number") and b - a > 14:
            continue
        for value, spot, fit in values(sheet, kind, f, row, a, b, every=True):
            out.append(Evidence("", value, spot, 0.0, {"fit": fit}))
    return out


def _joined(name: str, guesses: Sequence[Guess], anywhere: Sequence[Evidence]) -> list[Guess]:
    """The guesses that labels gave, and one for every other value."""
    found = [Guess(name, g.value, list(g.evidence), g.score) for g in guesses]
    known = {g.value: g for g in found}
    for e in anywhere:
        if e.value in known:
            known[e.value].evidence.append(e)
        else:
            known[e.value] = Guess(name, e.value, [e])
            found.append(known[e.value])
    return found


def _row(
    sheet: Sheet, g: Guess, top: float, rank: int, seen: Mapping[str, int]
) -> dict[str, float]:
    best = g.best
    spot = best.spot
    page = sheet.view.page(spot.page)
    labelled = [e for e in g.evidence if e.strength > 0]
    row = {
        "score": g.score,
        "strength": best.strength,
        "labels": float(len(labelled)),
        "second": labelled[1].strength if len(labelled) > 1 else 0.0,
        "rank": float(min(rank, 20)),
        "of_top": g.score / top if top else 0.0,
        "x": spot.box.x0 / max(page.width, 1.0),
        "x1": spot.box.x1 / max(page.width, 1.0),
        "y": spot.box.y0 / max(page.height, 1.0),
        "page": float(spot.page),
        "last_page": float(spot.page == len(sheet.view.document.pages)),
        "spots": float(len(g.evidence)),
        "repeats": float(seen.get(key(spot.raw), 0)),
        "height": spot.row.height / max(sheet.view.size, 1.0),
        "bold": float(page.words[spot.row.words[spot.pieces[0][1]]].bold),
        "read": min((sheet.certainty.get(w, 1.0) for w in spot.words), default=1.0),
    }
    row |= {name: best.factors.get(name, -1.0) for name in _FACTORS}
    row |= {f"is_{r}": float(best.relation == r) for r in _RELATIONS}
    row |= _shape(g.value)
    return row


def _shape(value: str) -> dict[str, float]:
    letters = sum(c.isalpha() for c in value)
    digits = sum(c.isdigit() for c in value)
    words = value.split()
    return {
        "length": float(len(value)),
        "words": float(len(words)),
        "digits": digits / max(len(value), 1),
        "capitals": sum(c.isupper() for c in value) / max(letters, 1),
        "form": float(bool(clauses_cues.legal_form(value))),
        "slash": float("/" in value),
        "dash": float("-" in value),
        "comma": float("," in value),
        "stop": float(value.endswith((".", ":"))),
    }


def _compare(f: FieldType, many: list[Candidate]) -> None:
    """How a value stands among the others: the largest amount, the earliest date."""
    for c in many:
        c.row["others"] = float(min(len(many), 50))
    if f.kind in ("amount", "number"):
        figures = sorted({abs(float(c.value)) for c in many if _is_number(c.value)}, reverse=True)
        for c in many:
            size = abs(float(c.value)) if _is_number(c.value) else 0.0
            c.row["size"] = math.log10(size + 1.0)
            c.row["size_rank"] = float(min(figures.index(size), 20)) if size in figures else 20.0
            c.row["of_largest"] = size / figures[0] if figures and figures[0] else 0.0
    elif f.kind == "date":
        days = sorted({c.value for c in many})
        for c in many:
            c.row["early"] = days.index(c.value) / max(len(days) - 1, 1)
            c.row["first_day"] = float(c.value == days[0])
            c.row["last_day"] = float(c.value == days[-1])
            spot = c.guess.best.spot
            row, a, z = spot.pieces[0]
            before = row.texts[a - 1] if a else ""
            after = row.texts[z] if z < len(row.texts) else ""
            c.row["range_first"] = float(
                after in ("-", "–", "to", "bis", "au", "thru") or "-" in row.texts[z - 1][8:]
            )
            c.row["range_last"] = float(before in ("-", "–", "to", "bis", "au", "thru"))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _around(
    sheet: Sheet, g: Guess, known: dict[tuple[int, int], tuple[str, ...]]
) -> tuple[str, ...]:
    """The words left of a value on its line and above it, each marked with its side."""
    out: dict[str, None] = {}
    for e in g.evidence[:4]:
        row, a, _ = e.spot.pieces[0]
        place = (row.line, a)
        if place not in known:
            words = [f"L:{w}" for w in _left(row, a)] + [f"A:{w}" for w in _over(sheet, row, a)]
            if a and row.segments[a - 1] == row.segments[a]:
                words.append("in cell")
            known[place] = tuple(words)
        out |= dict.fromkeys(known[place])
    return tuple(out)


def _left(row: Row, first: int) -> list[str]:
    words = [key(t) for t in row.texts[max(0, first - 5) : first]]
    words = [w for w in words if w and not w.isdigit()]
    joined = ["".join(words[-n:]) for n in (1, 2, 3) if len(words) >= n]
    return joined or ["-"]


def _over(sheet: Sheet, row: Row, first: int) -> list[str]:
    left = row.boxes[first].x0
    for other in reversed(sheet.lines[max(0, row.line - 6) : row.line]):
        if other.page != row.page:
            break
        if other.box.y1 > row.boxes[first].y0 + 0.3 * row.height:
            continue
        for a, b in forms.chunks(other):
            if other.boxes[a].x0 - 2 * row.height <= left <= other.boxes[b - 1].x1 + row.height:
                texts = [key(t) for t in other.texts[a:b] if key(t) and not key(t).isdigit()]
                whole = "".join(texts[:5])
                return [t for t in dict.fromkeys((*texts[:2], whole)) if t] or ["#"]
    return ["-"]


def learn(
    documents: Sequence[Mapping[str, Sequence[Candidate]]],
    right: Sequence[Mapping[str, Sequence[bool]]],
) -> Lexicon:
    """Learn which neighbouring words speak for or against a field.

    Args:
        documents: Candidates by field, a document each.
        right: Whether each is right.
    """
    names = sorted({n for d in documents for n in d})
    return Lexicon({n: _log_odds(n, documents, right) for n in names})


def _log_odds(
    name: str,
    documents: Sequence[Mapping[str, Sequence[Candidate]]],
    right: Sequence[Mapping[str, Sequence[bool]]],
) -> dict[str, float]:
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    where: defaultdict[str, set[int]] = defaultdict(set)
    totals = [0, 0]
    for i, d in enumerate(documents):
        for c, ok in zip(d.get(name, ()), right[i].get(name, ()), strict=True):
            (good if ok else bad).update(c.around)
            totals[ok] += 1
            for w in c.around:
                where[w].add(i)
    out = {}
    for w, places in where.items():
        p = (good[w] + _SMOOTH) / (totals[1] + 2 * _SMOOTH)
        q = (bad[w] + _SMOOTH) / (totals[0] + 2 * _SMOOTH)
        weight = math.log(p / q)
        if len(places) > 1 and abs(weight) > 0.7:
            out[w] = round(weight, 3)
    return out


def with_lexicon(c: Candidate, name: str, lexicon: Lexicon) -> dict[str, float]:
    """The row of a candidate with what the lexicon says."""
    left = tuple(w for w in c.around if w.startswith("L:"))
    above = tuple(w for w in c.around if w.startswith("A:"))
    return c.row | {
        "near": lexicon.weigh(name, c.around),
        "left": lexicon.weigh(name, left),
        "above": lexicon.weigh(name, above),
    }


def rightness(
    found: Mapping[str, Sequence[Candidate]],
    gold: Mapping[str, Sequence[str]],
    same: Callable[[str, str, str], bool],
) -> dict[str, list[bool]]:
    """Whether each candidate of each field is one of the gold values.

    Args:
        found: Candidates by field.
        gold: Right values by field.
        same: Whether two values of a field mean the same: (field, value, value).
    """
    return {
        n: [any(same(n, c.value, v) for v in gold.get(n, ())) for c in many]
        for n, many in found.items()
    }
