"""``idp-cdi report``: one HTML page of what is in the store."""

from __future__ import annotations

from pathlib import Path

import click

from idp_cdi.cli import _common

_EPILOG = """\b
Examples:
  idp-cdi report
  idp-cdi report --output status.html --tables tables/
  idp-cdi report --without-pii --output for-everybody.html"""


@click.command(epilog=_EPILOG)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file; without it report.html in the home folder.",
)
@click.option(
    "--tables",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for a CSV of each table and one workbook.",
)
@click.option("--without-pii", is_flag=True, help="Leave out what names a customer.")
@click.pass_context
def command(
    ctx: click.Context, output: Path | None, tables: Path | None, *, without_pii: bool
) -> None:
    """Write one self-contained HTML report: customers, quality, review, confidence, matching."""
    from idp_cdi.steps.report import write_report

    settings = _common.settings(ctx)
    path = output or settings.home / "report.html"
    with _common.store(ctx) as database:
        write_report(database, settings, path, tables=tables, pii=not without_pii)
    click.echo(str(path))
    if tables is not None:
        click.echo(str(tables), err=True)
