"""``idp-cdi match``: link the records of plain tables."""

from __future__ import annotations

import os
from pathlib import Path

import click

from idp_cdi.cli._common import progress

_EPILOG = """\b
Examples:
  idp-cdi match customers.csv --output clusters.csv
  idp-cdi match crm.csv erp.xlsx --output clusters.csv --pairs pairs.csv --threshold 0.8
  idp-cdi match customers.csv --output clusters.csv --report report.html"""


@click.command("match", epilog=_EPILOG)
@click.argument("tables", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False), help="CSV: record_id,cluster_id."
)
@click.option("--pairs", type=click.Path(dir_okay=False), help="CSV of the compared pairs.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False),
    help="HTML page: what columns are, match weights, precision and recall over the threshold.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Match probability from which records belong together.",
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False), help="YAML: what columns are."
)
@click.option(
    "--labels", type=click.Path(exists=True, dir_okay=False), help="CSV: left,right,verdict."
)
def command(
    tables: tuple[str, ...],
    output: str,
    pairs: str | None,
    report: str | None,
    threshold: float,
    config: str | None,
    labels: str | None,
) -> None:
    """Link the records of TABLES without a store: CSV, Excel, JSON Lines, Parquet.

    What each column is (name, date, address, phone …) is worked out from its name and contents.
    """
    # Arrow's own pool keeps what was freed: a million rows take 200 MB more, and longer.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    import pyarrow.csv as csv

    from idp_cdi.steps.match import match

    with progress() as bar:
        matched = match(tables, threshold=threshold, config=config, labels=labels, progress=bar)
    for notice in matched.notices:
        click.echo(notice, err=True)
    clusters = matched.clusters()
    csv.write_csv(clusters, output, csv.WriteOptions(quoting_style="needed"))
    if pairs:
        csv.write_csv(matched.pairs(), pairs, csv.WriteOptions(quoting_style="needed"))
    if report:
        Path(report).write_text(matched.report(), encoding="utf-8")
    found = len(set(matched.result.clusters.tolist()))
    click.echo(f"{clusters.num_rows} records, {found} clusters: {output}", err=True)
