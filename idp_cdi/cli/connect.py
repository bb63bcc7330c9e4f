"""``idp-cdi connect``: system feeds in, and golden values back to the systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from idp_cdi.connectors._mapping import SourceSpec
    from idp_cdi.steps.collect import Collected

_EPILOG = """\b
Examples:
  idp-cdi connect suggest crm.csv > crm.yaml     then read crm.yaml and correct it
  idp-cdi connect suggest https://api.example.com/v3/contacts > api.yaml
  idp-cdi connect run crm.yaml erp.yaml
  tap-hubspot | idp-cdi connect run hubspot.yaml
  idp-cdi connect list crm.yaml
  idp-cdi connect status
  idp-cdi connect back crm.yaml --dry-run            golden values into the source
  idp-cdi connect rejected --output rejected.csv     then correct the rows and
  idp-cdi connect retry crm.yaml --corrections rejected.csv"""


@click.group(cls=_common.Group, epilog=_EPILOG)
def command() -> None:
    """System feeds: suggest a mapping, run, list, status, rejected rows, values back."""


@command.command()
@click.argument("location")
@click.option("--source", default="", help="Name of the system; empty: the file's stem.")
@click.option("--way", default="", help="Connector; empty: the one that fits the location.")
@click.option("--json", "as_json", is_flag=True, help="Print what each column is taken for.")
def suggest(location: str, source: str, way: str, *, as_json: bool) -> None:
    """Print a source file (YAML) for a table, worked out from its names and contents.

    LOCATION is a file, the URL of a database or of a REST API's list, or a source file with
    location and options (credentials, say) whose streams are to be mapped. The reasons for each
    column go to stderr.
    """
    from idp_cdi.connectors._mapping import dump
    from idp_cdi.steps.suggest import explain_source, suggest_source

    guesses = explain_source(location, way=way)
    if as_json:
        _common.print_json(guesses)
        return
    for stream, columns in guesses.items():
        click.echo(f"{stream}:", err=True)
        for guess in columns:
            what = guess["target"] or "not used"
            line = f"  {guess['column']:32.32} {what:20} {guess['confidence']:.2f}  {guess['why']}"
            click.echo(line, err=True)
    spec = suggest_source(location, name=source, way=way)
    if spec is None:
        raise click.ClickException("no column says who a customer is; write the mapping by hand")
    for name, resource in (spec.options.get("resources") or {}).items():
        if not resource.get("paging"):
            click.echo(
                f"{name}: the answer names no next page; if there are more, say how in `paging` "
                "(docs/connectors.md)",
                err=True,
            )
    click.echo(dump(spec), nl=False)


@command.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--stream", "streams", multiple=True, help="Only this stream; may be repeated.")
@click.option("--full", is_flag=True, help="Read everything again; nothing is doubled by that.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.pass_context
def run(
    ctx: click.Context,
    sources: tuple[Path, ...],
    streams: tuple[str, ...],
    *,
    full: bool,
    as_json: bool,
) -> None:
    """Run sources (their YAML files, or folders of them) from where they stopped."""
    from idp_cdi.steps.connect import run_source
    from idp_cdi.steps.validate import validate_new

    settings, reports = _common.settings(ctx), []
    with _common.store(ctx, create=True) as database, _common.progress() as progress:
        for spec in _specs(sources):
            reports += run_source(
                spec, settings, database, streams=streams, full=full, progress=progress
            )
        validate_new(database, settings)
    if as_json:
        _common.print_json([r.as_json() for r in reports])
    else:
        for report in reports:
            _print(report)
    ctx.exit(1 if any(r.rejected or r.drift for r in reports) else 0)


@command.command(name="list")
@click.argument("sources", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def list_(ctx: click.Context, sources: tuple[Path, ...], *, as_json: bool) -> None:
    """Name the connectors, and what the given source files map."""
    from idp_cdi.steps.connect import connectors

    known = connectors()
    mapped = [
        {"source": s.source, "owner": s.owner, "trust": s.trust, "streams": ", ".join(s.streams)}
        for s in _specs(sources)
    ]
    if as_json:
        _common.print_json({"connectors": known, "sources": mapped})
        return
    for name, about in known.items():
        click.echo(f"{name:10} {about}")
    for item in mapped:
        click.echo(f"{item['source']}: {item['streams']} ({item['owner'] or 'no owner'})")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Say what came when, how many were new, changed and rejected, and why."""
    from idp_cdi.steps.connect import status as status_of

    with _common.store(ctx) as database:
        found = status_of(database)
    if as_json:
        _common.print_json(found)
        return
    for item in found["streams"]:
        state = ", not matched yet" if item["unfinished"] else ""
        click.echo(f"{item['source']} {item['stream']}: last row came {item['at'][:19]}{state}")
    for past in found["runs"]:
        click.echo(_run_line(past))
    for refused in found["rejected"]:
        click.echo(
            f"waiting: {refused['count']} rows of {refused['source']} {refused['stream']}"
            f" [{refused['code']}] {refused['reason']}"
        )


@command.command()
@click.option("--source", default="", help="Only of this source.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="CSV to write.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def rejected(ctx: click.Context, source: str, output: Path | None, *, as_json: bool) -> None:
    """List the refused rows with the reason, or write them to a CSV to be corrected."""
    from idp_cdi.steps.connect import rejected as rejected_rows
    from idp_cdi.steps.connect import write_rejected

    with _common.store(ctx) as database:
        rows = rejected_rows(database, source)
    if output is not None:
        write_rejected(rows, output)
        click.echo(f"{len(rows)} rows in {output}", err=True)
    elif as_json:
        _common.print_json([r._asdict() for r in rows])
    else:
        for row in rows:
            click.echo(f"{row.source} {row.stream} row {row.row} [{row.code}]: {row.reason}")


@command.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--corrections",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The CSV of `rejected --output`, corrected.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def retry(ctx: click.Context, source: Path, corrections: Path | None, *, as_json: bool) -> None:
    """Try refused rows again, after the mapping or the rows themselves were put right."""
    from dataclasses import asdict

    from idp_cdi.connectors._mapping import load
    from idp_cdi.steps.connect import read_corrections
    from idp_cdi.steps.retry import retry as retry_rows

    corrected = read_corrections(corrections) if corrections is not None else None
    with _common.store(ctx) as database:
        done = retry_rows(load(source), _common.settings(ctx), database, corrections=corrected)
    if as_json:
        _common.print_json(asdict(done))
    else:
        click.echo(f"{done.resolved} rows came in, {done.waiting} still wait")


@command.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def back(ctx: click.Context, source: Path, *, dry_run: bool, as_json: bool) -> None:
    """Write golden values and our customer ids back to the source, as its policies allow."""
    from idp_cdi.connectors._mapping import load
    from idp_cdi.steps.write_back import write_back

    with _common.store(ctx) as database:
        done = write_back(load(source), _common.settings(ctx), database, dry_run=dry_run)
    if as_json:
        _common.print_json([c.as_json() for c in done])
        return
    for change in done:
        click.echo(f"{change.action:9} {change.key} {change.field}: {change.shown}")


def _specs(paths: tuple[Path, ...]) -> list[SourceSpec]:
    from idp_cdi.connectors._mapping import load

    files = [
        file
        for path in paths
        for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])
    ]
    return [load(file) for file in files]


def _print(report: Collected) -> None:
    click.echo(
        f"{report.source} {report.stream}: {report.rows} rows, {report.new} new, "
        f"{report.changed} changed, {report.unchanged} unchanged, {report.deleted} deleted, "
        f"{report.facts} facts, {report.rejected} rejected, {report.waiting} waiting"
    )
    for text in report.drift:
        click.echo(f"  the source changed: {text}", err=True)
    for (column, code), count in sorted(report.problems.items()):
        rows = ", ".join(map(str, report.examples.get((column, code), [])))
        click.echo(
            f'  {count} values of "{column}" kept as they are [{code}], rows {rows} …', err=True
        )
    for code, count in sorted(report.reasons.items()):
        click.echo(f"  {count} rows rejected [{code}]; see `idp-cdi connect rejected`", err=True)
    for text in report.notices[:5]:
        click.echo(f"  {text}", err=True)
    if report.oddities > 5:
        click.echo(f"  … {report.oddities} oddities in all", err=True)


def _run_line(past: dict[str, Any]) -> str:
    summary = past["summary"]
    begun = f"{past['started_at'][:19]} {summary.get('source', '')} {past['status']}"
    if summary.get("reason"):
        return f"{begun} [{summary.get('code', '')}]: {summary['reason']}"
    counts = ", ".join(
        f"{sum(s.get(name, 0) for s in summary.get('streams', []))} {name}"
        for name in ("rows", "new", "changed", "deleted", "rejected")
    )
    return f"{begun}: {counts}"
