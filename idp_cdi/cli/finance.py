"""``idp-cdi finance``: answers for finance from the warehouse, one command a mart."""

from __future__ import annotations

import csv
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.steps.marts import Answer

_EPILOG = """\b
Examples:
  idp-cdi publish                                  first: the star schema
  idp-cdi finance ageing --as-of 2026-01-31        what is owed, by age, on any past day
  idp-cdi finance ageing-by-customer --csv > ageing.csv
  idp-cdi finance open-items --limit 20
  idp-cdi finance dso
  idp-cdi finance reconcile                        sub-ledger against general ledger
  idp-cdi finance forecast                         cash of the next 13 weeks, P10 P50 P90
  idp-cdi finance forecast --back-test             how good past forecasts were"""


class _Day(click.ParamType):  # type: ignore[type-arg]
    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date like 2026-01-31", param, ctx)


class _Marts(click.Group):
    """A command for each file of ``data/marts``, beside those written out below."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from idp_cdi.steps.marts import marts

        return sorted({*marts(), *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from idp_cdi.steps.marts import marts

        own = super().get_command(ctx, cmd_name)
        if own is None and cmd_name in marts():
            about = marts()[cmd_name].about
            own = click.Command(cmd_name, params=_options(), callback=_asking(cmd_name), help=about)
        if own is not None:
            _common.exemplify(self, ctx, own, cmd_name)
        return own


def _options() -> list[click.Parameter]:
    said = {
        "--as-of": "The day to look from; without it today.",
        "--from": "Where the period begins, exclusive; without it a year before.",
        "--warehouse": "Where the star is; without it where `publish` puts it.",
        "--limit": "At most so many rows.",
    }
    return [
        click.Option(["--as-of"], type=_Day(), help=said["--as-of"]),
        click.Option(["--from", "from_date"], type=_Day(), help=said["--from"]),
        click.Option(["--warehouse"], default="", help=said["--warehouse"]),
        click.Option(["--limit"], type=int, default=0, help=said["--limit"]),
        click.Option(["--csv", "form"], flag_value="csv", help="Print as CSV."),
        click.Option(["--json", "form"], flag_value="json", help="Print as JSON."),
    ]


def _asking(name: str) -> Any:
    def ask(
        as_of: date | None, from_date: date | None, warehouse: str, limit: int, form: str | None
    ) -> None:
        from dataclasses import replace

        from idp_cdi.steps.marts import answer
        from idp_cdi.steps.publish import default_location

        place = warehouse or default_location(_common.settings(click.get_current_context()))
        found = answer(place, name, as_of, from_date)
        if limit:
            found = replace(found, rows=found.rows[:limit])
        show(found, form)

    return ask


@click.group(cls=_Marts, epilog=_EPILOG)
def command() -> None:
    """Ageing, DSO, revenue, accuracy, reconciliation, forecast: from the published star."""


@command.command(params=_options())
@click.option("--back-test", is_flag=True, help="How good past forecasts were, instead.")
def forecast(
    as_of: date | None,
    from_date: date | None,
    warehouse: str,
    limit: int,
    form: str | None,
    *,
    back_test: bool,
) -> None:
    """Cash of the next 13 weeks from open invoices: P10, P50, P90 and by due dates (naive).

    It follows how each customer really pays. With --back-test: errors of past forecasts against
    what came (WAPE, pinball loss), of the naive forecast, and how often the band held (wanted 0.8).
    """
    from idp_cdi.sinks import open_warehouse
    from idp_cdi.steps import forecast as forecasting
    from idp_cdi.steps import marts
    from idp_cdi.steps.publish import default_location

    del from_date
    place = warehouse or default_location(_common.settings(click.get_current_context()))
    with open_warehouse(place) as opened:
        marts.build(opened)
        day = as_of or date.today()
        found: Sequence[object]
        if back_test:
            found = forecasting.back_test(opened, day)
        else:
            found = weeks = forecasting.forecast(opened, day)
            for currency in forecasting.unlearned(weeks):
                click.echo(
                    f"{currency}: no payment is known, so nothing can be learned of how customers "
                    "pay; only the column by due dates (naive) says something. Bring in payments "
                    "(bank statements, billing) and publish again.",
                    err=True,
                )
    show(marts.answer_of("forecast", found[:limit] if limit else found), form)


def show(found: Answer, form: str | None) -> None:
    """Print an answer as a table, CSV or JSON."""
    if form == "json":
        _common.print_json(found.as_dicts())
        return
    rows = [found.texts(row) for row in found.rows]
    if form == "csv":
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(found.columns)
        out.writerows([["" if v is None else _harmless(v) for v in row] for row in rows])
        return
    cells = [["" if v is None else str(v) for v in row] for row in rows]
    widths = [
        max(len(name), *(len(c[i]) for c in cells), 0) if cells else len(name)
        for i, name in enumerate(found.columns)
    ]
    right = [
        all(not isinstance(r[i], str) or _is_number(r[i]) for r in rows)
        for i in range(len(found.columns))
    ]
    for line in [list(found.columns), *cells]:
        parts = [
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)
        ]
        click.echo("  ".join(parts).rstrip())
    if not cells:
        click.echo("(no rows)", err=True)


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is made harmless; all else stays as it is."""
    from idp_cdi.review.guard import guard_formula

    return guard_formula(value) if isinstance(value, str) else value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
