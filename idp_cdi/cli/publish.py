"""``idp-cdi publish``: the unified customers and their business as a star schema."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from idp_cdi.cli import _common

_EPILOG = """\b
Examples:
  idp-cdi publish                                    into warehouse.duckdb in the home folder
  idp-cdi publish --to duckdb:/srv/bi/customers.duckdb
  idp-cdi publish --to parquet:/srv/lake/customers
  idp-cdi publish --to postgresql://bi@db/warehouse  tables in its schema "warehouse"
  idp-cdi publish --schemas schemas/                 JSON Schemas and the data dictionary

Only rows that differ are written, all or nothing; a run that was killed can be run again."""


@click.command(epilog=_EPILOG)
@click.option("--to", "location", default="", help="duckdb:FILE, parquet:FOLDER or postgresql://…")
@click.option("--full", is_flag=True, help="Build and compare even when nothing changed.")
@click.option(
    "--schemas",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write JSON Schemas and the data dictionary into this folder; publishes nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_context
def command(
    ctx: click.Context, location: str, schemas: Path | None, *, full: bool, as_json: bool
) -> None:
    """Publish the star schema to a warehouse: dimensions with their history, and facts."""
    if schemas is not None:
        from idp_cdi.steps.dictionary import write

        for path in write(schemas):
            click.echo(str(path))
        return
    from idp_cdi.steps.publish import publish

    settings = _common.settings(ctx)
    with _common.store(ctx) as database, _common.progress() as progress:
        done = publish(database, settings, location, full=full, progress=progress)
    shown = done.location.rpartition("@")[2]  # a password is nobody's business
    if as_json:
        _common.print_json(asdict(done) | {"location": shown})
        return
    if done.current:
        click.echo(f"{shown}: nothing new")
        return
    for name, change in done.tables.items():
        taken = f", {change.removed} taken out" if change.removed else ""
        click.echo(f"{name:26} {change.rows:>9} rows, {change.written} written{taken}")
    click.echo(f"{shown}: {done.written} rows written in {done.seconds:.1f} s")
