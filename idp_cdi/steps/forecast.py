"""Cash of the next 13 weeks, from how each customer really pays.

Every open instalment is followed from its due date: on each day it is paid with the hazard of its
customer (Kaplan-Meier: open instalments are censored today, none is thrown away), shrunk to the
hazard of customers who pay alike, and theirs to everybody's. What an instalment of this age will do
in each week follows; a simulation adds the instalments up to P10, P50 and P90. How wide the band
must be is learned from earlier forecasts of the same books. Only open invoices are forecast.

Source: Kaplan and Meier 1958, https://doi.org/10.1080/01621459.1958.10501452. `back_test` repeats
the forecast from past days and compares with what came, and with the naive forecast (everything is
paid on its due date, what is overdue now is paid next week).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from idp_cdi.sinks import Warehouse

WEEKS = 13
#: Days before and after the due date that are told apart.
_EARLY, _LATE = 120, 400
_SIZE = _EARLY + _LATE + 1
_SEGMENTS = 6
#: How many instalments of its segment a customer's own history is worth less.
_CUSTOMER_PRIOR, _SEGMENT_PRIOR = 4.0, 20.0
_SIMULATIONS = 400
_CHUNK = 4_000
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Week:
    """Cash of one week in one currency; `expected` is the mean, `naive` by due dates."""

    currency: str
    week: int
    begin: date
    end: date
    naive: float
    expected: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Score:
    """How past forecasts did: errors as a share of the cash that came, over all weeks.

    `coverage` is the share of weeks between P10 and P90, wanted 0.8; the pinball losses are
    means over P10, P50 and P90, of the forecast and of the naive one taken for all three.
    """

    currency: str
    origins: int
    weeks: int
    wape: float
    naive_wape: float
    pinball: float
    naive_pinball: float
    coverage: float


def forecast(warehouse: Warehouse, as_of: date) -> list[Week]:
    """Forecast the cash of the 13 weeks after a day.

    Args:
        warehouse: Open, with up-to-date mart tables.
        as_of: The last day that is known.
    """
    found: list[Week] = []
    for currency, books in _books(warehouse):
        today = _number(as_of)
        scale = _scale(books, today)
        weeks = _predict(books, today, scale)
        for n in range(WEEKS):
            begin = as_of + timedelta(days=7 * n + 1)
            values = [round(float(part[n]), 2) for part in weeks]
            found.append(Week(currency, n + 1, begin, begin + timedelta(days=6), *values))
    return found


def unlearned(weeks: Sequence[Week]) -> list[str]:
    """Currencies with money due of which no payment is known: their forecast says nothing."""
    naive: dict[str, float] = defaultdict(float)
    p90: dict[str, float] = defaultdict(float)
    for week in weeks:
        naive[week.currency] += week.naive
        p90[week.currency] += week.p90
    return sorted(currency for currency in naive if naive[currency] > 0 and p90[currency] == 0)


def back_test(warehouse: Warehouse, as_of: date, *, origins: int = 10) -> list[Score]:
    """Forecast from past days, four weeks apart, and compare with what came.

    Each forecast knows only what was known on its day, its width included.

    Raises:
        UsageError: The books are too short for that.
    """
    scores = []
    for currency, books in _books(warehouse):
        days = _origins(books, _number(as_of), origins)
        if days:
            scores.append(_score(currency, books, days))
    if not scores:
        raise UsageError(
            "the books are too short for a back-test", action="it takes nine months of payments"
        )
    return scores


@dataclass(frozen=True, slots=True)
class _Books:
    """Instalments of one currency and what settled them; days are numbers since 1970."""

    customer: NDArray[Any]
    issued: NDArray[Any]
    due: NDArray[Any]
    amount: NDArray[Any]
    settled: NDArray[Any]
    part_item: NDArray[Any]
    part_day: NDArray[Any]
    part_amount: NDArray[Any]
    part_cash: NDArray[Any]


_ITEMS = """
SELECT currency, invoice_sk, instalment, customer_key, min(due_date) - DATE '1970-01-01',
    min(CASE WHEN cause = 'issued' THEN moved_on END) - DATE '1970-01-01',
    sum(CASE WHEN cause = 'issued' THEN amount ELSE 0 END),
    CASE WHEN sum(amount) = 0 THEN max(moved_on) - DATE '1970-01-01' END
FROM mart_receivable_movement WHERE item = 'invoice'
GROUP BY currency, invoice_sk, instalment, customer_key
ORDER BY currency, invoice_sk, instalment
"""
_PARTS = """
SELECT currency, invoice_sk, instalment, moved_on - DATE '1970-01-01', -amount, cause = 'payment'
FROM mart_receivable_movement WHERE item = 'invoice' AND cause <> 'issued'
ORDER BY currency, invoice_sk, instalment, moved_on
"""


def _books(warehouse: Warehouse) -> Iterator[tuple[str, _Books]]:
    import numpy as np

    items = warehouse.query(_ITEMS)[1]
    parts = warehouse.query(_PARTS)[1]
    for currency in sorted({r[0] or "" for r in items}):
        mine = [r for r in items if (r[0] or "") == currency]
        place = {(r[1], r[2]): n for n, r in enumerate(mine)}
        paid = [r for r in parts if (r[0] or "") == currency]
        never = np.iinfo(np.int64).max
        yield (
            currency,
            _Books(
                np.unique([r[3] for r in mine], return_inverse=True)[1],
                np.array([r[5] for r in mine], dtype=np.int64),
                np.array([r[4] for r in mine], dtype=np.int64),
                np.array([float(r[6]) for r in mine]),
                np.array([never if r[7] is None else r[7] for r in mine], dtype=np.int64),
                np.array([place[r[1], r[2]] for r in paid], dtype=np.int64),
                np.array([r[3] for r in paid], dtype=np.int64),
                np.array([float(r[4]) for r in paid]),
                np.array([bool(r[5]) for r in paid], dtype=bool),
            ),
        )


def _number(day: date) -> int:
    return (day - _EPOCH).days


# ---------------------------------------------------------------- how customers pay


def _curves(books: _Books, today: int, who: NDArray[Any]) -> Iterator[tuple[Any, Any]]:
    """Log-survival by days past due of the customers `who`, in parts: (customers, curves).

    Row c, column d: log of the share still unpaid at the end of day d - _EARLY past due.
    """
    import numpy as np

    known = books.issued <= today
    customer, due = books.customer[known], books.due[known]
    paid = books.settled[known] <= today
    first = np.clip(books.issued[known] - due, -_EARLY, _LATE) + _EARLY
    last = np.clip(np.where(paid, books.settled[known], today) - due, -_EARLY, _LATE) + _EARLY
    first = np.minimum(first, last)
    total = int(books.customer.max()) + 1
    everybody = _hazard(np.zeros(len(customer), dtype=np.int64), first, last, paid, 1)
    house = everybody[0] / np.maximum(everybody[1], 1.0)
    segment = _segments(customer, last - _EARLY, paid, total)
    events, at_risk = _hazard(segment[customer], first, last, paid, _SEGMENTS)
    alike = (events + _SEGMENT_PRIOR * house) / (at_risk + _SEGMENT_PRIOR)
    order = np.argsort(customer, kind="stable")
    sorted_customer = customer[order]
    for begin in range(0, len(who), _CHUNK):
        some = who[begin : begin + _CHUNK]
        rows = np.concatenate(
            [
                order[a:b]
                for a, b in zip(
                    np.searchsorted(sorted_customer, some),
                    np.searchsorted(sorted_customer, some, side="right"),
                    strict=True,
                )
            ]
            or [order[:0]]
        )
        local = np.searchsorted(some, customer[rows])
        n, r = _hazard(local, first[rows], last[rows], paid[rows], len(some))
        own = (n + _CUSTOMER_PRIOR * alike[segment[some]]) / (r + _CUSTOMER_PRIOR)
        yield some, np.cumsum(np.log1p(-np.clip(own, 0.0, 0.999)), axis=1)


def _hazard(group: Any, first: Any, last: Any, paid: Any, groups: int) -> tuple[Any, Any]:
    """Events and numbers at risk by group and day."""
    import numpy as np

    width = _SIZE + 1
    cells = groups * width
    events = np.bincount(group[paid] * width + last[paid], minlength=cells).astype(float)
    enter = np.bincount(group * width + first, minlength=cells)
    leave = np.bincount(group * width + last + 1, minlength=cells)
    at_risk = np.cumsum((enter - leave).reshape(groups, width), axis=1)
    return events.reshape(groups, width)[:, :_SIZE], at_risk[:, :_SIZE].astype(float)


def _segments(customer: Any, delay: Any, paid: Any, total: int) -> Any:
    """Customers who pay alike: by their mean delay, drawn to everybody's where little is known."""
    import numpy as np

    count = np.bincount(customer[paid], minlength=total)
    whole = np.bincount(customer[paid], weights=delay[paid], minlength=total)
    mean = whole.sum() / max(1, count.sum())
    shrunk = (whole + 2.0 * mean) / (count + 2.0)
    seen = shrunk[count > 0]
    if len(seen) < _SEGMENTS:
        return np.zeros(total, dtype=np.int64)
    edges = np.quantile(seen, np.linspace(0, 1, _SEGMENTS + 1)[1:-1])
    return np.searchsorted(edges, shrunk)


# ---------------------------------------------------------------- what they will pay


def _predict(books: _Books, today: int, scale: float) -> tuple[Any, Any, Any, Any, Any]:
    """Naive, expected, P10, P50, P90 of the weeks after `today`."""
    import numpy as np

    open_now, rest = _open(books, today)
    if not len(open_now):
        return (np.zeros(WEEKS),) * 5
    week = np.maximum(books.due[open_now] - today - 1, 0) // 7
    soon = week < WEEKS
    naive = np.bincount(week[soon], weights=rest[soon], minlength=WEEKS)
    chances = np.empty((len(open_now), WEEKS))
    ages = np.clip(today - books.due[open_now], -_EARLY, _LATE) + _EARLY
    owners = books.customer[open_now]
    for some, curves in _curves(books, today, np.unique(owners)):
        mine = np.isin(owners, some)
        row = np.searchsorted(some, owners[mine])
        now = curves[row, ages[mine]]
        left = np.ones(mine.sum())
        for n in range(WEEKS):
            later = np.minimum(ages[mine] + 7 * (n + 1), _SIZE - 1)
            still = np.exp(curves[row, later] - now)
            chances[mine, n] = left - still
            left = still
    sums = _simulate(rest, chances, today)
    p10, p50, p90 = np.quantile(sums, (0.1, 0.5, 0.9), axis=0)
    low, high = p50 - scale * (p50 - p10), p50 + scale * (p90 - p50)
    return naive, rest @ chances, np.maximum(low, 0.0), p50, high


def _open(books: _Books, today: int) -> tuple[Any, Any]:
    """Instalments that are open on a day, and how much of each."""
    import numpy as np

    before = books.part_day <= today
    settled = np.bincount(
        books.part_item[before], weights=books.part_amount[before], minlength=len(books.amount)
    )
    rest = books.amount - settled
    found = np.flatnonzero((books.issued <= today) & (rest > 0.004))
    return found, rest[found]


def _simulate(amounts: Any, chances: Any, seed: int) -> Any:
    """Sums by week, one row a simulation; the same day gives the same numbers."""
    import numpy as np

    random = np.random.default_rng(seed)
    upto = np.cumsum(chances, axis=1)
    sums = np.zeros((_SIMULATIONS, WEEKS))
    for row in sums:
        drawn = random.random(len(amounts))
        week = (drawn[:, None] >= upto).sum(axis=1)
        row[:] = np.bincount(week, weights=amounts, minlength=WEEKS + 1)[:WEEKS]
    return sums


def _actual(books: _Books, today: int) -> Any:
    """The cash that came in the weeks after `today` for what was open then."""
    import numpy as np

    open_now = np.zeros(len(books.amount), dtype=bool)
    open_now[_open(books, today)[0]] = True
    week = (books.part_day - today - 1) // 7
    mine = books.part_cash & open_now[books.part_item] & (week >= 0) & (week < WEEKS)
    return np.bincount(week[mine], weights=books.part_amount[mine], minlength=WEEKS)


# ---------------------------------------------------------------- how good that was


def _origins(books: _Books, today: int, most: int) -> list[int]:
    """Days to forecast from, four weeks apart, oldest first, with half a year of books before."""
    first = int(books.issued.min()) + 180 if len(books.issued) else today
    days = range(today - 7 * WEEKS, first, -28)
    return sorted(days)[-most:]


def _scale(books: _Books, today: int) -> float:
    """How much wider than simulated the band must be, by forecasts of the last months."""
    import numpy as np

    ratios: list[float] = []
    for day in _origins(books, today, 6):
        ratios += _ratios(_predict(books, day, 1.0), _actual(books, day), WEEKS)
    return _widened(np.array(ratios))


def _ratios(weeks: tuple[Any, Any, Any, Any, Any], actual: Any, known: int) -> list[float]:
    """How far off the median each week was, in widths of its half of the band."""
    _, _, p10, p50, p90 = weeks
    found = []
    for low, middle, high, came in zip(
        p10[:known], p50[:known], p90[:known], actual[:known], strict=True
    ):
        width = high - middle if came > middle else middle - low
        if width > 0:
            found.append(float(abs(came - middle) / width))
    return found


def _widened(ratios: Any) -> float:
    import numpy as np

    if len(ratios) < 10:
        return 1.3  # before anything was learned: instalments are not quite independent
    return float(np.clip(np.quantile(ratios, 0.8), 0.7, 4.0))


def _score(currency: str, books: _Books, days: list[int]) -> Score:
    import numpy as np

    raw = [_predict(books, day, 1.0) for day in days]
    came = [_actual(books, day) for day in days]
    errors = naive_errors = cash = inside = 0.0
    losses: list[float] = []
    naive_losses: list[float] = []
    for place, day in enumerate(days):
        ratios: list[float] = []
        for earlier in range(place):
            known = min(WEEKS, (day - days[earlier]) // 7)
            ratios += _ratios(raw[earlier], came[earlier], known)
        scale = _widened(np.array(ratios))
        naive, _, p10, p50, p90 = raw[place]
        low, high = np.maximum(p50 - scale * (p50 - p10), 0), p50 + scale * (p90 - p50)
        actual = came[place]
        errors += float(np.abs(actual - p50).sum())
        naive_errors += float(np.abs(actual - naive).sum())
        cash += float(actual.sum())
        inside += float(((low <= actual) & (actual <= high)).sum())
        for level, guess in ((0.1, low), (0.5, p50), (0.9, high)):
            losses.append(_pinball(level, actual, guess))
            naive_losses.append(_pinball(level, actual, naive))
    weeks = len(days) * WEEKS
    return Score(
        currency, len(days), weeks, round(errors / max(cash, 0.01), 4),
        round(naive_errors / max(cash, 0.01), 4), round(float(np.mean(losses)), 2),
        round(float(np.mean(naive_losses)), 2), round(inside / weeks, 4),
    )  # fmt: skip


def _pinball(level: float, actual: Any, guess: Any) -> float:
    import numpy as np

    off = actual - guess
    return float(np.mean(np.maximum(level * off, (level - 1) * off)))
