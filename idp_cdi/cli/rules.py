"""``idp-cdi rules``: validation rules as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from idp_cdi.rules.check import Result
    from idp_cdi.store.checks import Checked

_EPILOG = """\b
Examples:
  idp-cdi rules list
  idp-cdi rules check crm.csv          # before it is taken in; stores nothing
  idp-cdi rules run                    # everything in the store
  idp-cdi rules results --failed
  idp-cdi rules scorecard              # data quality by source; --by-field"""

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FAILED = click.option("--failed", is_flag=True, help="Only rules that something failed.")


@click.group(cls=_common.Group, epilog=_EPILOG)
def command() -> None:
    """Check records at the door and golden records by rules that are data (docs/governance.md)."""


@command.command("list")
@_AS_JSON
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List the rules in force: shipped ones and yours in rules/*.yaml of the home folder."""
    from idp_cdi.rules.check import Checker
    from idp_cdi.rules.spec import load

    rules = load(_common.settings(ctx).home)
    for scope in ("door", "golden"):
        with Checker(rules, scope):
            pass  # a rule that can't be checked is told now
    if as_json:
        _common.print_json([r.model_dump(by_alias=True, exclude_defaults=True) for r in rules])
        return
    _line("rule", "what", "severity", "where", "owner", "message")
    for r in rules:
        _line(r.id, r.what, r.severity.value, "+".join(r.scope), r.owner, r.message)


@command.command()
@_FAILED
@_AS_JSON
@click.pass_context
def run(ctx: click.Context, *, failed: bool, as_json: bool) -> None:
    """Check every record and golden record, keep the results, ask about what needs a person."""
    from idp_cdi.steps.validate import validate
    from idp_cdi.store import checks

    settings = _common.settings(ctx)
    with _common.store(ctx) as database:
        done = validate(database, settings)
        with database.reading() as connection:
            _show(
                connection,
                checks.results(connection, done.run_id),
                only_failed=failed,
                as_json=as_json,
            )
    if not as_json:
        click.echo(f"{done.failed} failures, {done.asked} new questions in review", err=True)


@command.command()
@_FAILED
@_AS_JSON
@click.pass_context
def results(ctx: click.Context, *, failed: bool, as_json: bool) -> None:
    """Show what the latest check found: of everything (`run`), or of what came in since."""
    from idp_cdi.store import checks

    with _common.store(ctx) as database, database.reading() as connection:
        number = checks.latest(connection, whole=False)
        whole = number == checks.latest(connection, whole=True)
        _show(connection, checks.results(connection, number), only_failed=failed, as_json=as_json)
    if number is None:
        click.echo("the rules were never run: idp-cdi rules run", err=True)
    elif not whole:
        click.echo("of what came in last; everything is checked by: idp-cdi rules run", err=True)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="Name of the system that the feed is from.")
@_AS_JSON
@click.pass_context
def check(ctx: click.Context, file: Path, source: str, *, as_json: bool) -> None:
    """Say which records of FILE (feed or document) fail which rule; exit code 1 if any does."""
    from idp_cdi.steps.check_file import check_file

    found, keys = check_file(file, _common.settings(ctx), source=source)
    if as_json:
        _common.print_json([_plain(r, keys) for r in found])
    else:
        failing = [r for r in found if r.failed]
        if failing:
            click.echo(f"{'rule':<26}{'failed':>8} of {'checked':<9}message: examples")
        for r in failing:
            named = ", ".join(keys[n] for n in r.examples)
            click.echo(f"{r.rule.id:<26}{r.failed:>8} of {r.checked:<9}{r.rule.message}: {named}")
        bad = sum(1 for r in found if r.failed)
        click.echo(f"{len(found)} rules, {bad} with failures", err=True)
    ctx.exit(1 if any(r.failed for r in found) else 0)


@command.command()
@click.option("--by-field", is_flag=True, help="A line for each field of each source.")
@_AS_JSON
@click.pass_context
def scorecard(ctx: click.Context, *, by_field: bool, as_json: bool) -> None:
    """Measure completeness, validity, uniqueness, consistency, timeliness; kept for the trend."""
    from idp_cdi.steps import quality

    with _common.store(ctx) as database:
        measures = quality.keep(database)
    if as_json:
        _common.print_json([m._asdict() for m in measures])
        return
    click.echo(f"{'source':<16}{'field':<22}" + "".join(f"{d:>14}" for d in quality.DIMENSIONS))
    for (source, field), shares in quality.lines(measures, by_field=by_field):
        cells = "".join("             –" if s is None else f"{s:>13.1%} " for s in shares)
        click.echo(f"{source or 'golden':<16}{field:<22}{cells}")


def _line(rule: str, what: str, severity: str, where: str, owner: str, message: str) -> None:
    click.echo(f"{rule:<26}{what:<13}{severity:<10}{where:<12}{owner:<18}{message}")


def _plain(result: Result, keys: dict[int, str]) -> dict[str, Any]:
    return {
        "rule": result.rule.id,
        "message": result.rule.message,
        "severity": result.rule.severity.value,
        "owner": result.rule.owner,
        "source": result.source,
        "checked": result.checked,
        "failed": result.failed,
        "examples": [keys[n] for n in result.examples],
    }


def _show(
    connection: Connection, found: Iterable[Checked], *, only_failed: bool, as_json: bool
) -> None:
    from idp_cdi.steps.explain import spoken
    from idp_cdi.steps.validate import examples

    chosen = [r for r in found if r.failed or not only_failed]
    named = examples(connection, chosen)
    if as_json:
        _common.print_json(
            [r._asdict() | {"examples": n} for r, n in zip(chosen, named, strict=True)]
        )
        return
    shown = [(r, names) for r, names in zip(chosen, named, strict=True) if r.checked]
    if shown:
        head = f"{'rule':<26}{'source':<14}{'failed':>8} of {'checked':<9}"
        click.echo(f"{head}{'severity':<10}{'owner':<18}examples")
    for r, names in shown:
        share = f"{r.failed:>8} of {r.checked:<9}"
        place = r.source or "golden"
        told = ", ".join(spoken(n) for n in names)
        click.echo(f"{r.rule:<26}{place:<14}{share}{r.severity:<10}{r.owner:<18}{told}")
