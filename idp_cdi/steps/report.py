"""One self-contained HTML page of what is in the store, and its tables as files.

No server, no network: charts are inline SVG (`idp_cdi.charts`), every chart has its numbers beside
it, and the page follows the reader's light or dark scheme. A part for which there is nothing yet
says what would fill it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from idp_cdi.charts import short
from idp_cdi.steps import _figures, _figures_people, quality
from idp_cdi.steps._figures_finance import finance
from idp_cdi.steps._tables import Table, write_tables
from idp_cdi.store import exported, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.steps._figures import Section
    from idp_cdi.store import Database
    from idp_cdi.store.checks import Measure

#: Sections whose first table is shown at once; those of the others are folded below their charts.
_OPEN = ("sources", "coverage", "documents", "review", "quality", "rules", "largest")


@dataclass(frozen=True, slots=True)
class Report:
    """What goes onto the page: cards (label, number) and sections."""

    cards: tuple[tuple[str, int], ...]
    sections: tuple[Section, ...]

    @property
    def tables(self) -> list[Table]:
        """All tables, in the order of the page."""
        return [t for s in self.sections for t in s.tables]


def write_report(
    database: Database,
    settings: Settings,
    path: Path,
    *,
    tables: Path | None = None,
    pii: bool = True,
) -> Report:
    """Write the report to `path`.

    Args:
        database: The store.
        settings: Thresholds, name of the store.
        path: An HTML file; replaced as a whole.
        tables: Folder for a CSV of each table and a workbook of all; None writes none.
        pii: False leaves out what names a customer.

    Returns:
        What was written.
    """
    measures = quality.keep(database)
    money = finance(database, settings, pii=pii)
    with database.reading() as connection:
        made = gather(connection, settings, measures, money, pii=pii)
    text = _page(made, settings, masked=not pii)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    exported.note(database, path, "report")
    if tables is not None:
        write_tables(tables, made.tables)
        exported.note(database, tables, "tables")
    return made


def gather(
    connection: Connection,
    settings: Settings,
    measures: Sequence[Measure],
    money: Section,
    *,
    pii: bool = True,
) -> Report:
    """The figures of the report.

    Args:
        connection: A reading one.
        settings: Thresholds.
        measures: The scorecard as it is now.
        money: The section about finance.
        pii: False leaves out what names a customer.
    """
    parts: tuple[Callable[[], Section], ...] = (
        partial(_figures.sources, connection),
        partial(_figures.coverage, measures),
        partial(_figures_people.scorecard, connection, measures),
        partial(_figures_people.rules, connection),
        partial(_figures_people.review, connection),
        partial(_figures_people.confidence, connection),
        partial(_figures.matching, connection, settings),
        partial(_figures.documents, connection),
        partial(_figures.largest, connection, pii=pii),
    )
    made = [part() for part in parts]
    sections = (*made[:-1], money, made[-1])
    counts = _figures.totals(connection)
    waiting = sum(
        n
        for (_, status), n in questions.counts(connection).items()
        if status in ("open", "disputed")
    )
    by_id = {s.id: s for s in sections}
    united = sum(r[1] for t in by_id["sources"].tables[1:] for r in t.rows if r[0] != "1")
    failing = len({r[0] for t in by_id["rules"].tables for r in t.rows})
    cards = (
        ("customers", counts["customers"]),
        ("mentions", counts["mentions"]),
        ("united from several", united),
        ("documents", counts["documents"]),
        ("open questions", waiting),
        ("rules failed by something", failing),
    )
    return Report(cards, sections)


def _page(made: Report, settings: Settings, *, masked: bool) -> str:
    from jinja2 import Environment

    from idp_cdi import __version__

    template = (files("idp_cdi") / "data" / "report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["short"] = short
    environment.filters["figure"] = _figure
    names = settings.organisation.names
    return environment.from_string(template).render(
        title="Customers, and where they come from",
        brand=names[0] if names else "Customer data",
        version=__version__,
        store=settings.store_url.rpartition("@")[2].removeprefix("sqlite:///"),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        cards=made.cards,
        sections=[_shown(s) for s in made.sections],
        masked=masked,
    )


def _shown(section: Section) -> dict[str, Any]:
    """A section as the template takes it."""
    shown = [_table(t) for t in section.tables if t.rows]
    opens = section.id in _OPEN and bool(shown)
    return {
        "id": section.id,
        "title": section.title,
        "lead": section.lead,
        "hint": section.hint,
        "bars": section.bars,
        "charts": section.charts,
        "open": shown[0] if opens else None,
        "folded": shown[1:] if opens else shown,
    }


def _table(table: Table) -> dict[str, Any]:
    columns = list(zip(*table.rows, strict=True))
    numeric = [any(_is_number(v) for v in column) for column in columns]
    most = {
        name: max([1e-9, *(float(v) for v in column if _is_number(v))])
        for name, column, number in zip(table.columns, columns, numeric, strict=True)
        if number
    }
    return {
        "title": table.title,
        "columns": table.columns,
        "rows": table.rows,
        "shares": table.shares,
        "numeric": numeric,
        "most": most,
    }


def _figure(value: float | Decimal) -> str:
    """A number in a table: money with its hundredths, all others short."""
    return f"{value:,.2f}" if isinstance(value, Decimal) else short(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
