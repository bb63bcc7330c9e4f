"""The star schema: what its tables are (``data/star.yaml``) and how they are built.

The SQL of ``data/star/*.sql`` runs in DuckDB over the staged store, in the order of the file
names, and leaves one table ``build.NAME`` for each table of the star; `build` types them and gives
each row its hash. `audit` asks the questions that must be answered before anything is published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from idp_cdi.errors import StoreError
from idp_cdi.fields import fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from duckdb import DuckDBPyConnection

    from idp_cdi.settings import Settings


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type is one that DuckDB and PostgreSQL both know."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the star; `key` identifies a row and is the order rows are kept in."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, the hash last."""
        return (*(c.name for c in self.columns), "row_hash")

    def ddl(self, name: str = "") -> str:
        """``CREATE TABLE``, the same text on both databases."""
        spec = ", ".join(f"{c.name} {c.type}" for c in self.columns)
        key = ", ".join(self.key)
        return (
            f"CREATE TABLE {name or self.name}"
            f" ({spec}, row_hash BIGINT NOT NULL, PRIMARY KEY ({key}))"
        )


@cache
def tables() -> tuple[Table, ...]:
    """The tables in the order of ``data/star.yaml``."""
    import yaml

    text = (files("idp_cdi") / "data" / "star.yaml").read_text(encoding="utf-8")
    found = []
    for name, spec in yaml.safe_load(text).items():
        columns = [Column(n, *told) for n, told in spec["columns"].items()]
        if spec.get("fields") == "party":
            columns += [
                Column(
                    f.name, "TEXT", f"golden value, {f.term}; kind {f.kind}, personal data: {f.pii}"
                )
                for f in fields().party.values()
            ]
        found.append(Table(name, spec["about"], tuple(spec["key"]), tuple(columns)))
    return tuple(found)


def views() -> tuple[str, ...]:
    """The statements that make the views, the same text on both databases."""
    return tuple(statements((_star() / "views.sql").read_text(encoding="utf-8")))


def build(duck: DuckDBPyConnection, settings: Settings) -> dict[str, int]:
    """Fill schema ``star`` of a workplace that holds the staged store.

    Args:
        duck: The workplace, after `idp_cdi.steps.stage.stage`.
        settings: The currency of the house.

    Returns:
        Table → its rows.
    """
    duck.execute("CREATE SCHEMA build; CREATE SCHEMA star")
    _settle(duck, settings)
    for path in sorted(_star().iterdir(), key=lambda p: p.name):
        if path.name[:1].isdigit():
            for statement in statements(path.read_text(encoding="utf-8")):
                duck.execute(statement.replace("{party_values}", _party_values()))
    return {table.name: _typed(duck, table) for table in tables()}


def audit(duck: DuckDBPyConnection) -> None:
    """Refuse a star that contradicts itself: nothing of it is published then.

    Raises:
        StoreError: Two rows have one key, or a number points at nothing.
    """
    for table in tables():
        key = ", ".join(table.key)
        groups = f"SELECT 1 FROM star.{table.name} GROUP BY {key} HAVING count(*) > 1"
        twice = f"SELECT count(*) FROM ({groups})"
        _refuse(duck, twice, f"{table.name} has two rows with one key")
    for name, query in _AUDITS.items():
        _refuse(duck, query, name)


def statements(text: str) -> Iterator[str]:
    r"""The statements of an SQL text without its comments; no string of ours holds a semicolon.

    >>> list(statements("SELECT 1; -- one; two\nSELECT 2;"))
    ['SELECT 1', 'SELECT 2']
    """
    for part in re.sub(r"--[^\n]*", "", text).split(";"):
        if part.strip():
            yield part.strip()


_AUDITS = {
    "versions of a customer overlap": (
        "SELECT count(*) FROM (SELECT valid_from < lag(valid_to) OVER"
        " (PARTITION BY customer_key ORDER BY valid_from) AS bad FROM star.dim_customer) WHERE bad"
    ),
    "a mention belongs to no or to several customers": (
        "SELECT count(*) FROM (SELECT 1 FROM star.xref_customer GROUP BY mention_key"
        " HAVING count(*) FILTER (is_current) <> 1)"
    ),
    "a crosswalk row names a customer without golden record": (
        "SELECT count(*) FROM star.xref_customer x WHERE is_current AND method <> 'deleted'"
        " AND customer_key NOT IN (SELECT customer_key FROM star.dim_customer WHERE is_current)"
    ),
    "an invoice has a customer that is not there": (
        "SELECT count(*) FROM star.fact_invoice f"
        " ANTI JOIN star.dim_customer c ON c.customer_sk = f.sold_to_sk"
    ),
    "instalments don't add up to their invoices": (
        "SELECT count(*) FROM star.fact_invoice f JOIN (SELECT invoice_sk, sum(amount) AS amount"
        " FROM star.fact_instalment GROUP BY invoice_sk) i USING (invoice_sk)"
        " WHERE i.amount <> f.gross"
    ),
    "more is settled than an invoice is worth": (
        "SELECT count(*) FROM star.fact_invoice f JOIN (SELECT invoice_sk, sum(amount) AS amount"
        " FROM star.fact_payment_application GROUP BY invoice_sk) a USING (invoice_sk)"
        " WHERE abs(a.amount) > abs(f.gross)"
    ),
    "more of a payment is applied than was paid": (
        "SELECT count(*) FROM star.fact_payment p JOIN (SELECT payment_sk, sum(amount) AS amount"
        " FROM star.fact_payment_application GROUP BY payment_sk) a USING (payment_sk)"
        " WHERE abs(a.amount) > abs(p.amount)"
    ),
}


def _refuse(duck: DuckDBPyConnection, query: str, reason: str) -> None:
    row = duck.execute(query).fetchone()
    if row and row[0]:
        raise StoreError(
            f"nothing was published: {reason} ({row[0]} cases)",
            code="publish.audit",
            action="this is a fault of ours; please report it",
        )


def _star() -> Traversable:
    return files("idp_cdi") / "data" / "star"


def _settle(duck: DuckDBPyConnection, settings: Settings) -> None:
    """What the SQL asks of the settings and of the words for accounts."""
    import yaml

    duck.execute("CREATE TABLE build.setting (currency VARCHAR)")
    duck.execute("INSERT INTO build.setting VALUES (?)", [settings.finance.currency])
    duck.execute("CREATE TABLE build.account_word (place INTEGER, class VARCHAR, pattern VARCHAR)")
    text = (files("idp_cdi") / "data" / "accounts.yaml").read_text(encoding="utf-8")
    words = list(enumerate(yaml.safe_load(text).items()))
    duck.executemany(
        "INSERT INTO build.account_word VALUES (?, ?, ?)", [(n, c, p) for n, (c, p) in words]
    )


def _party_values() -> str:
    """One expression a field of a party: its best golden value."""
    each = "v.told[list_position(v.fields, '{0}')] AS {0}"
    return ", ".join(each.format(name) for name in fields().party)


def _typed(duck: DuckDBPyConnection, table: Table) -> int:
    casts = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in table.columns)
    texts = ", ".join(f"coalesce(CAST({c.name} AS VARCHAR), chr(30))" for c in table.columns)
    key = ", ".join(table.key)
    # Half of MD5, positive: a difference is missed once in 2^63.
    hashed = f"CAST(md5_number_lower(concat_ws(chr(31), {texts})) // 2 AS BIGINT) AS row_hash"
    duck.execute(
        f"CREATE TABLE star.{table.name} AS SELECT *, {hashed}"
        f" FROM (SELECT {casts} FROM build.{table.name}) ORDER BY {key}"
    )
    row = duck.execute(f"SELECT count(*) FROM star.{table.name}").fetchone()
    return int(row[0]) if row else 0
