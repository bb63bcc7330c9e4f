"""``idp-cdi report``: one HTML page of what is in the store."""

from __future__ import annotations

from pathlib import Path

import click

from idp_cdi.cli import _common


@click.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file; without it report.html in the home folder.",
)
@click.pass_context
def command(ctx: click.Context, output: Path | None) -> None:
    """Write one self-contained HTML report: customers, sources, completeness, open questions."""
    from idp_cdi.steps.report import write_report

    settings = _common.settings(ctx)
    path = output or settings.home / "report.html"
    with _common.store(ctx) as database:
        write_report(database, settings, path)
    click.echo(str(path))
