"""``idp-cdi train``: improve a document type of your own from labelled documents."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from idp_cdi.cli import _common

_EPILOG = """\b
Examples:
  idp-cdi train doctypes/claim.yaml labelled/gold.jsonl
  idp-cdi train adbuy labelled/gold.jsonl --json

\b
Each line of the gold file names a document and the values of its fields:
  {"document": "a.pdf", "fields": {"order_number": ["4711"], "total": ["99.00"]}}"""


@click.command(epilog=_EPILOG)
@click.argument("type_name", metavar="TYPE")
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Of the random choices.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def command(ctx: click.Context, type_name: str, gold: Path, seed: int, *, as_json: bool) -> None:
    """Train the document type TYPE on the labelled documents of GOLD (10 to 200 are enough).

    TYPE is a name, or the path of the YAML file that defines it. Prints F1 before and after by
    cross-validation; a model that is no better is not kept.
    """
    from idp_cdi.steps.train import train

    models = _common.settings(ctx).home / "models"
    with _common.progress() as progress:
        report = train(type_name, gold, models=models, seed=seed, progress=progress)
    for skipped in report.skipped:
        click.echo(f"left out: {skipped}", err=True)
    if as_json:
        _common.print_json(asdict(report))
    else:
        click.echo(str(report))
