"""``idp-cdi doctor``: what is installed, and what to do about each problem."""

from __future__ import annotations

from dataclasses import asdict

import click

from idp_cdi.cli import _common

_EPILOG = """\b
Examples:
  idp-cdi doctor
  idp-cdi doctor --json     for a monitor; exit code 4 where something is missing"""


@click.command(epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Look at programs, languages, models and the database, and say what to do about problems."""
    from idp_cdi.steps.diagnose import diagnose

    findings = diagnose(_common.settings(ctx))
    if as_json:
        _common.print_json([asdict(f) for f in findings])
    else:
        for f in findings:
            mark = "✓" if f.ok else "✗" if f.needed else "–"
            click.echo(f"{mark} {f.what:<28} {f.state}")
            if not f.ok and f.action:
                click.echo(f"    → {f.action}")
    ctx.exit(4 if any(f.needed and not f.ok for f in findings) else 0)
