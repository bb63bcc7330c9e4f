"""``idp-cdi ingest``: documents and feeds along the whole road into the store."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from idp_cdi.settings import Settings
    from idp_cdi.steps.ingest import Summary
    from idp_cdi.store import Database

_EPILOG = """\b
Examples:
  idp-cdi ingest inbox/
  idp-cdi ingest --source crm crm.csv
  idp-cdi ingest --json invoice.pdf debtors.xlsx"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", default="", help="Name of the system that the feeds are from.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], source: str, *, as_json: bool) -> None:
    """Take documents and feed files (or folders of them) along the whole road into the store."""
    from idp_cdi.steps.files import present
    from idp_cdi.steps.ingest import ingest

    settings = _common.settings(ctx)
    paths = tuple(present(paths))  # a wrong path is told before a store is made
    with _common.store(ctx, create=True) as database, _common.progress() as progress:
        summary = ingest(paths, settings, database, source=source, progress=progress)
        outputs = _write_outputs(settings, database, summary.mentions)
    if as_json:
        _common.print_json(asdict(summary) | {k: str(v) for k, v in outputs.items()})
    else:
        _print(summary, settings, outputs)
    ctx.exit(_exit_code(summary))


#: In a larger store the report is made when it is asked for.
_SMALL = 100_000


def _write_outputs(settings: Settings, database: Database, mentions: int) -> dict[str, Path]:
    """What a night batch should leave behind: the review export and the report."""
    from idp_cdi.steps.report import write_report
    from idp_cdi.steps.review import export_questions

    review = settings.home / "review.csv"
    report = settings.home / "report.html"
    export_questions(database, settings, review, form="csv", pictures=False)
    if mentions > _SMALL:
        return {"review": review}
    write_report(database, settings, report)
    return {"review": review, "report": report}


def _exit_code(summary: Summary) -> int:
    if not summary.failures:
        return 1 if summary.refused else 0
    return 1 if summary.documents or summary.known or summary.rows else 3


def _print(summary: Summary, settings: Settings, outputs: dict[str, Path]) -> None:
    echo = click.echo
    for failure in summary.failures:
        hint = f" ({failure.action})" if failure.action else ""
        echo(f"set aside: {failure.name}: {failure.reason}{hint}", err=True)
    for path, reasons in summary.refused.items():
        why = ", ".join(f"{count} {code}" for code, count in sorted(reasons.items()))
        echo(f"rows refused: {path}: {why} (`idp-cdi connect rejected` shows them)", err=True)
    for path in summary.empty:
        echo(f"no rows: {path} has columns and nothing under them", err=True)
    if not summary.is_new:
        echo(f"Nothing new: {len(summary.known)} documents and {summary.feeds} feeds are known.")
    else:
        _print_counts(summary)
    echo(f"{'customers':<12}{summary.customers} from {summary.mentions} mentions", nl=False)
    echo(f", {summary.merged} united from several places")
    echo("")
    echo(f"{'database':<12}{settings.store_url.removeprefix('sqlite:///')}")
    echo(f"{'review':<12}{outputs['review']}")
    echo(f"{'report':<12}{outputs.get('report', 'run `idp-cdi report`')}")
    program = "idp-cdi" if shutil.which("idp-cdi") else sys.argv[0]
    echo("")
    echo(f"Next: {program} --home {settings.home} customers list")


def _print_counts(summary: Summary) -> None:
    echo = click.echo
    known = f", {len(summary.known)} known already" if summary.known else ""
    failed = f", {len(summary.failures)} set aside" if summary.failures else ""
    echo(f"{'documents':<12}{summary.documents} read{known}{failed}")
    echo(f"{'fields':<12}{summary.accepted} accepted, {summary.to_review} sent to review")
    if summary.feeds:
        rejected = f", {summary.rows_rejected} rejected" if summary.rows_rejected else ""
        rows = f"{summary.rows} read, {summary.rows_new} new, {summary.rows_changed} changed"
        echo(f"{'feed rows':<12}{rows}{rejected}")
    if summary.rows_erased:
        echo(f"{'erased':<12}{summary.rows_erased} rows were erased on request: not taken in")
    if summary.rules_failed:
        echo(f"{'rules':<12}{summary.rules_failed} failures, see `idp-cdi rules results`")
    echo(f"{'new':<12}{summary.created:+d} customers in {summary.seconds:.1f} s")
