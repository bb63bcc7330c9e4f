"""Features of candidates: numbers that mean the same in every layout and language.

For each kind of value a list of names (`NAMES`) and a function that fills one row per candidate.
Labels enter as the strength with which each concept reaches the candidate from the left ("<total")
and from above ("^total"); places as shares of the page; values as ranks and as what they add up to.
Nothing here is a word, a name or a number of any document.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context

    Near = Callable[[Sequence[Candidate]], list[list[float]]]

CONCEPTS: dict[str, tuple[str, ...]] = {
    "date": (
        "issue_date invoice_number doc_invoice doc_credit_note doc_receipt due_date payment_terms "
        "delivery_date order_date other_date period period_start period_end purchase_order "
        "order_number delivery_number contract_number preceding_invoice discount prepaid page "
        "description customer_number your our"
    ).split(),  # type: ignore[dict-item]
    "amount": (
        "net_total tax_total total amount_due prepaid discount charge rounding cash change "
        "items_total tax_base tax_rate unit_price quantity line_amount description position "
        "currency page vat_id due_date"
    ).split(),  # type: ignore[dict-item]
    "identifier": (
        "invoice_number doc_invoice doc_credit_note doc_receipt customer_number purchase_order "
        "doc_order order_number contract_number delivery_number reference preceding_invoice "
        "supplier_number item_number vat_id tax_number registration_number iban bic bank account "
        "phone fax page position quantity postal_code street buyer seller contact_name issue_date "
        "description unit_price address number your our"
    ).split(),  # type: ignore[dict-item]
    "contact": (
        "phone fax email website contact_name buyer seller ship_to payee agent bank account "
        "vat_id tax_number registration_number customer_number iban invoice_number reference "
        "order_number your our number"
    ).split(),  # type: ignore[dict-item]
    "name": (
        "buyer seller ship_to payee agent contact_name name address bank account doc_invoice "
        "reference customer_number email phone description payment_terms invoice_number city "
        "country"
    ).split(),  # type: ignore[dict-item]
}

_COLUMNS = {kind: {c: n for n, c in enumerate(names)} for kind, names in CONCEPTS.items()}
_NONE = {kind: [0.0] * (2 * len(names)) for kind, names in CONCEPTS.items()}

PLACE = ("left", "right", "top", "bottom", "first_page", "last_page", "pages", "size", "bold",
         "alone", "first_in_line", "last_in_line", "words", "at", "row_other", "column_other",
         "ocr", "sure")  # fmt: skip


def label_names(kind: str) -> list[str]:
    """Names of the label features of a kind."""
    return [f"<{c}" for c in CONCEPTS[kind]] + [f"^{c}" for c in CONCEPTS[kind]]


def place_and_labels(context: Context, candidate: Candidate, kind: str) -> list[float]:
    """The features that every kind has: `PLACE`, then the labels of the kind."""
    segment = context.view.segments[int(candidate.hints["segment"])]
    first, last = int(candidate.hints["first"]), int(candidate.hints["last"])
    row, column = context.labels(segment, first, candidate.box)
    left, right, top, bottom = context.place(candidate.page, candidate.box)
    line = context.view.lines[segment.line]
    where, concepts = _COLUMNS[kind], len(CONCEPTS[kind])
    pages = len(context.document.pages)
    number = context.pages[candidate.page]
    page = context.document.pages[number]
    words = page.words
    sure = min([words[w][2] for w in candidate.words], default=1.0)
    out = [
        left,
        right,
        top,
        bottom,
        float(number == 0),
        float(number == pages - 1),
        float(min(pages, 6)),
        segment.size / max(context.view.size, 1.0),
        float(segment.bold),
        float(last - first == len(segment.texts)),
        float(segment.index == line[0] and first == 0),
        float(segment.index == line[-1] and last == len(segment.texts)),
        float(len(segment.texts)),
        float(first),
        max([s for c, s in row.items() if c not in where], default=0.0),
        max([s for c, s in column.items() if c not in where], default=0.0),
        float(context.ocr),
        sure,
    ]
    # Most concepts reach no candidate: zeros first, then the few that do.
    at = len(out)
    out += _NONE[kind]
    for concept, strength in row.items():
        if (place := where.get(concept)) is not None:
            out[at + place] = strength
    for concept, strength in column.items():
        if (place := where.get(concept)) is not None:
            out[at + concepts + place] = strength
    return out


# --- dates ----------------------------------------------------------------------------------

DATE = [*PLACE, *label_names("date"), "count", "same", "rank", "order", "before_all", "after_all",
        "gap_first", "gap_next", "named", "sure_reading", "ambiguous", "time_after", "prev_date",
        "near_first", "in_title", "title_gap", "size_rank"]  # fmt: skip


def dates(context: Context) -> tuple[list[Candidate], list[list[float]]]:
    """Date candidates and their rows."""
    found = context.candidates.get("date", [])
    values = sorted({c.value for c in found})
    days = {v: _days(v) for v in values}
    counts = Counter(c.value for c in found)
    title = context.title()
    rows = []
    for n, c in enumerate(found):
        row = place_and_labels(context, c, "date")
        rank = values.index(c.value)
        day = days[c.value]
        segment = context.view.segments[int(c.hints["segment"])]
        last = int(c.hints["last"])
        after = segment.texts[last] if last < len(segment.texts) else ""
        twin = n and found[n - 1].hints["segment"] == c.hints["segment"]
        row += [
            float(len(values)),
            float(counts[c.value]),
            rank / max(1, len(values) - 1),
            float(n),
            float(rank == 0),
            float(rank == len(values) - 1),
            min(400.0, day - days[values[0]]),
            min(400.0, (days[values[rank + 1]] - day) if rank + 1 < len(values) else 400.0),
            c.hints["named"],
            c.hints["sure"],
            float(bool(c.others)),
            float(":" in after and any(ch.isdigit() for ch in after)),
            float(bool(twin)),
            min(400.0, abs(day - days[found[0].value])),
            float(title is not None and title.index == segment.index),
            (c.box.y0 - title.box.y0) / 100.0
            if title is not None and title.page == c.page
            else 9.0,
            float(segment.size < 0.9 * context.view.size),
        ]
        rows.append(row)
    return found, rows


def _days(iso: str) -> float:
    year, month, day = (int(p) for p in iso.split("-"))
    return year * 365.25 + month * 30.44 + day


# --- amounts --------------------------------------------------------------------------------

_VALUE = ("decimals", "money", "percent", "integer", "negative", "whole")
AMOUNT = [*PLACE, *label_names("amount"), *_VALUE, "to_max", "is_max", "rank", "same", "order",
          "order_share", "is_sum", "is_part", "is_rest", "vat_share", "next_bigger", "column_sum",
          "aligned", "below_count", "line_count", "line_rank", "cents", "small", "last_amount",
          "sum_below", "times_rate", "coin", "same_line_label"]  # fmt: skip
_RATES = (0.19, 0.2, 0.21, 0.22, 0.07, 0.1, 0.055, 0.09, 0.04, 0.05, 0.06, 0.08, 0.081, 0.077,
          0.23, 0.24, 0.25, 0.18, 0.16, 0.15, 0.12, 0.13, 0.1, 0.14)  # fmt: skip
_LOWEST, _HIGHEST = min(_RATES), max(_RATES)


def amounts(context: Context) -> tuple[list[Candidate], list[list[float]]]:
    """Amount candidates (no percentages) and their rows."""
    found = [c for c in context.candidates.get("amount", []) if not c.hints["percent"]]
    values = [abs(float(c.value)) for c in found]
    sums = _Sums(found, values)
    lines: Counter[int] = Counter()
    for c in found:
        lines[context.view.segments[int(c.hints["segment"])].line] += 1
    right_edges = Counter(round(c.box.x1 / 3) for c in found)
    rows = []
    seen: Counter[int] = Counter()
    for n, c in enumerate(found):
        row = place_and_labels(context, c, "amount")
        line = context.view.segments[int(c.hints["segment"])].line
        row += [
            c.hints[h] for h in ("decimals", "money", "percent", "integer", "negative", "alone")
        ]
        value = values[n]
        row += sums.row(n)
        row += [
            float(sum(right_edges[round(c.box.x1 / 3) + d] for d in (-1, 0, 1))),
            float(len(found) - n - 1),
            float(lines[line]),
            float(seen[line]),
            float(round(value * 100) % 100 == 0),
            float(value < 1.0),
            float(n >= len(found) - 3),
            sums.below(n),
            sums.rate(n),
            sums.coin(n),
            max(row[len(PLACE) : len(PLACE) + 5]),
        ]
        seen[line] += 1
        rows.append(row)
    return found, rows


class _Sums:
    """What amounts add up to: looked up in cents."""

    def __init__(self, found: Sequence[Candidate], values: list[float]) -> None:
        self.values = values
        self.cents = [round(v * 100) for v in values]
        usable = [
            c
            for c, f in zip(self.cents, found, strict=True)
            if c > 0 and (f.hints["decimals"] >= 1 or f.hints["money"])
        ]
        self.counts = Counter(usable)
        self.ranked = sorted(self.counts)
        self.top = self.ranked[-1] if self.ranked else 0
        # Only the larger amounts take part: every total is among them, and it bounds the work.
        self.pairs: Counter[int] = Counter()
        self.parts: Counter[int] = Counter()
        large = self.ranked[-24:]
        for i, a in enumerate(large):
            for b in large[: i + 1]:
                if a + b in self.counts:
                    self.pairs[a + b] += 1
                    self.parts[a] += 1
                    self.parts[b] += 1
        self.prefix = [0]
        for c in self.cents:
            self.prefix.append(self.prefix[-1] + c)

    def row(self, n: int) -> list[float]:
        """Ratio to the largest, ranks, repeats, sums, parts, tax share, column sum."""
        cents = self.cents[n]
        top = max(self.top, 1)
        bigger = [c for c in self.ranked if c > cents]
        smaller_pair = self.parts[cents]
        share = 0.0
        for rate in _RATES:
            if cents and abs(cents * (1 + rate) - top) <= 2:
                share = 1.0
            elif cents and abs(top * rate / (1 + rate) - cents) <= 2:
                share = 2.0
        return [
            min(2.0, cents / top),
            float(cents == self.top and cents > 0),
            float(len(bigger)),
            float(self.counts[cents]),
            float(n),
            n / max(1, len(self.cents) - 1),
            float(min(3, self.pairs[cents])),
            float(min(3, smaller_pair)),
            float(self.top - cents in self.counts),
            share,
            min(3.0, bigger[0] / cents) if bigger and cents else 0.0,
            self._column(n),
        ]

    def _column(self, n: int) -> float:
        """Whether some of the amounts before it, not its own copies, add up to it in a row."""
        cents = self.cents[n]
        if cents <= 0:
            return 0.0
        others = [c for c in self.cents[max(0, n - 40) : n] if 0 < c < cents]
        total = 0
        for count, c in enumerate(reversed(others), 1):
            total += c
            if total == cents and count > 1:
                return 1.0
            if total > cents:
                break
        return 0.0

    def below(self, n: int) -> float:
        """Whether the next amounts hold both a part and the sum of this amount and the part."""
        cents = self.cents[n]
        near = self.cents[n + 1 : n + 7]
        return float(any(cents + a in near[i + 1 :] for i, a in enumerate(near) if a > 0))

    def coin(self, n: int) -> float:
        """Whether it is another amount rounded to five cents (1), or that other amount (-1)."""
        cents = self.cents[n]
        near = [cents + d for d in (-2, -1, 1, 2) if cents + d in self.counts]
        if cents % 5 == 0:
            return float(bool(near))
        return -float(any(c % 5 == 0 for c in near))

    def rate(self, n: int) -> float:
        """Whether one of the neighbours is this amount times a usual tax rate."""
        cents = self.cents[n]
        near = self.cents[max(0, n - 4) : n] + self.cents[n + 1 : n + 5]
        # Most are no part of it at all; only those in the rates' range are tried rate by rate.
        low, high = max(50.0, cents * _LOWEST - 2), cents * _HIGHEST + 2
        return float(any(abs(cents * r - c) <= 1 for c in near if low < c < high for r in _RATES))


# --- identifiers ----------------------------------------------------------------------------

_SHAPE = ("digits", "letters", "length", "pieces", "marks", "decimal", "date", "year",
          "upper_first", "zero_first", "lower")  # fmt: skip
IDENTIFIER = [*PLACE, *label_names("identifier"), *_SHAPE, "same", "order", "is_vat", "is_iban",
              "is_amount", "is_phone", "is_place", "is_tax", "longest", "inside", "before_label",
              "near_title", "table_row", "other_digits",
              "in_seller", "in_buyer", "near_seller", "near_buyer"]  # fmt: skip


def identifiers(context: Context, near: Near) -> tuple[list[Candidate], list[list[float]]]:
    """Identifier candidates and their rows.

    Args:
        context: The document.
        near: How much candidates stand in and near the blocks of seller and buyer.
    """
    found = context.candidates.get("identifier", [])
    parties = near(found)
    spans: dict[str, set[tuple[int, int]]] = {}
    for kind in ("vat_id", "iban", "amount", "phone", "place", "tax_number"):
        strict = [
            c for c in context.candidates.get(kind, [])
            if kind not in {"vat_id", "phone"} or c.hints.get("prefix") or c.hints.get("plus")
        ]  # fmt: skip
        spans[kind] = {(c.page, w) for c in strict for w in c.words}
    counts = Counter(key(c.value) for c in found)
    widest: dict[tuple[int, int], int] = {}
    for c in found:
        for w in c.words:
            at = (c.page, w)
            widest[at] = max(widest.get(at, 0), len(c.words))
    rows = []
    for n, c in enumerate(found):
        row = place_and_labels(context, c, "identifier")
        row += [c.hints[h] for h in _SHAPE]
        segment = context.view.segments[int(c.hints["segment"])]
        last = int(c.hints["last"])
        at = (c.page, c.words[0])
        amounts_on_line = sum(
            context.view.segments[i].digits
            for i in context.view.lines[segment.line]
            if i != segment.index
        )
        row += [
            float(counts[key(c.value)]),
            min(60.0, float(n)),
            float(at in spans["vat_id"]),
            float(at in spans["iban"]),
            float(at in spans["amount"]),
            float(at in spans["phone"]),
            float(at in spans["place"]),
            float(at in spans["tax_number"]),
            float(len(c.words) == widest[at]),
            float(len(c.words) < widest[at]),
            float(any(h.start == last for h in context.hits[segment.index])),
            float(
                any(
                    h.concept.startswith("doc_") and h.start == 0
                    for h in context.hits[segment.index]
                )
            ),
            float(amounts_on_line),
            float(sum(segment.numeric) - c.hints["pieces"]),
            *parties[n],
        ]
        rows.append(row)
    return found, rows
