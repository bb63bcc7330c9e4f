"""Finance marts: SQL files over the star, one text that runs on DuckDB and PostgreSQL.

``data/marts/tables/NN_NAME.sql`` are tables ``mart_NAME``, built in the order of their numbers;
``data/marts/NAME.sql`` are questions. A file begins with comments that say what it answers. Three
marks are put in by `render`: ``:as_of`` and ``:from_date`` are dates, ``{a ÷ b}`` a quotient with
four decimals, empty where b is zero. A new mart is a new file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import StoreError, UsageError
from idp_cdi.sinks import open_warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from idp_cdi.sinks import Warehouse

#: Currencies that have no hundredths; every other one is shown with at least two decimals.
_WHOLE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())


@dataclass(frozen=True, slots=True)
class Mart:
    """A question or a table: its name, what it answers, its SQL."""

    name: str
    about: str
    sql: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a mart; money is `Decimal`, dates are `date`."""

    mart: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[dict[str, Any]]:
        """For JSON: dates and money as text, so that nothing is rounded on the way."""
        return [dict(zip(self.columns, self.texts(row), strict=True)) for row in self.rows]

    def texts(self, row: tuple[Any, ...]) -> list[Any]:
        """The cells of a row as people read them; numbers that are no money stay numbers."""
        currency = dict(zip(self.columns, row, strict=True)).get("currency", "")
        return [_shown(value, str(currency)) for value in row]


@cache
def marts() -> dict[str, Mart]:
    """The questions by name."""
    return {m.name: m for m in _read(_folder())}


@cache
def tables() -> dict[str, Mart]:
    """The tables by their name in the warehouse, in the order in which they are built."""
    return {m.name: m for m in _read(_folder() / "tables")}


@cache
def version() -> str:
    """Changes when a table's SQL does."""
    text = "".join(f"{m.name}{m.sql}" for m in tables().values())
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def render(sql: str, as_of: date, from_date: date | None = None) -> str:
    """The SQL with its marks filled in.

    >>> render("SELECT {a ÷ b} WHERE d <= :as_of", date(2026, 1, 31))
    "SELECT CAST(CAST(a AS FLOAT8) / NULLIF(CAST(b AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) \
WHERE d <= DATE '2026-01-31'"
    """
    start = from_date or _year_before(as_of)
    return (
        quotients(sql).replace(":as_of", f"DATE '{as_of}'").replace(":from_date", f"DATE '{start}'")
    )


def quotients(sql: str) -> str:
    """The SQL with ``{a ÷ b}`` written out."""
    # The two databases round an exact half of a float apart; a billionth decides it.
    return re.sub(
        r"\{([^{}÷]+?) ÷ ([^{}]+)\}",
        r"CAST(CAST(\1 AS FLOAT8) / NULLIF(CAST(\2 AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4))",
        sql,
    )


def build(warehouse: Warehouse) -> bool:
    """Make the mart tables if they are not those of the star that is there.

    Returns:
        Whether anything was done.

    Raises:
        StoreError: Nothing was published there yet.
    """
    note = warehouse.note()
    # The same store gives another star when the star's own SQL changed.
    mark = f"{note.version} {note.mark}"
    if not note.mark:
        raise StoreError(
            "there is no star yet",
            action="run `idp-cdi publish` first, or say where it is with --warehouse",
        )
    if _built(warehouse) == (version(), mark):
        return False
    statements = []
    for mart in tables().values():
        statements += [
            f"DROP TABLE IF EXISTS {mart.name}",
            f"CREATE TABLE {mart.name} AS {mart.sql}",
        ]
    statements += [
        "DROP TABLE IF EXISTS mart_note",
        f"CREATE TABLE mart_note AS SELECT '{version()}' AS version, '{mark}' AS mark",
    ]
    warehouse.run(statements)
    return True


def ask(
    warehouse: Warehouse, name: str, as_of: date | None = None, from_date: date | None = None
) -> Answer:
    """Answer a mart's question.

    Args:
        warehouse: Open, with up-to-date mart tables (`build`).
        name: Of the mart.
        as_of: The day to look from; None: today.
        from_date: Where a period begins, exclusive; None: a year before.

    Raises:
        UsageError: There is no such mart.
    """
    mart = marts().get(name)
    if mart is None:
        raise UsageError(f"there is no mart {name!r}", action=f"there are: {', '.join(marts())}")
    columns, rows = warehouse.query(render(mart.sql, as_of or date.today(), from_date))
    return Answer(name, tuple(columns), tuple(rows))


def answer(
    location: str, name: str, as_of: date | None = None, from_date: date | None = None
) -> Answer:
    """`ask` a warehouse by its location, after bringing its mart tables up to date."""
    with open_warehouse(location) as warehouse:
        build(warehouse)
        return ask(warehouse, name, as_of, from_date)


def answer_of(name: str, found: Sequence[Any]) -> Answer:
    """Dataclasses of one kind as the rows of an answer."""
    columns = tuple(f.name for f in fields(found[0])) if found else ()
    return Answer(name, columns, tuple(tuple(getattr(f, c) for c in columns) for f in found))


def _built(warehouse: Warehouse) -> tuple[str, str]:
    from idp_cdi.errors import IdpCdiError

    query = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'mart_note'"
    try:
        if not warehouse.query(query)[1][0][0]:
            return "", ""
        row = warehouse.query("SELECT version, mark FROM mart_note")[1][0]
    except IdpCdiError:  # another schema's table: ours is not there yet
        return "", ""
    return str(row[0]), str(row[1])


def _read(folder: Traversable) -> list[Mart]:
    found = []
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".sql"):
            continue
        text = path.read_text(encoding="utf-8")
        stem = path.name.removesuffix(".sql")
        name = re.sub(r"^\d+_", "mart_", stem)
        head = re.match(r"(?:--[^\n]*\n)+", text)
        about = re.sub(r"^-- ?", "", head[0], flags=re.MULTILINE).strip() if head else ""
        found.append(Mart(name, about, re.sub(r"--[^\n]*", "", text).strip()))
    return found


def _folder() -> Traversable:
    return files("idp_cdi") / "data" / "marts"


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _shown(value: Any, currency: str) -> Any:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        whole, _, decimals = text.partition(".")
        decimals = decimals.rstrip("0")
        if currency in _WHOLE and not decimals:
            return whole
        return f"{whole}.{decimals:0<2}"
    if isinstance(value, date | timedelta):
        return str(value)
    return value
