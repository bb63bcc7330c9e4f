"""``idp-cdi evaluate``: measure extraction on labelled documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from idp_cdi.evaluation import Report
    from idp_cdi.evaluation.score import Count
    from idp_cdi.steps.understand import Understood

_EPILOG = """\b
Examples:
  idp-cdi evaluate labelled/gold.jsonl
  idp-cdi evaluate --errors 20 labelled/gold.jsonl
  idp-cdi evaluate --draw reliability.svg --json labelled/gold.jsonl"""


@click.command(epilog=_EPILOG)
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--embedded", is_flag=True, help="Let embedded e-invoice data answer, too.")
@click.option("--type", "document_type", default="", help="Document type; overrules recognition.")
@click.option("--errors", default=0, help="Also list the first N wrong or missing values.")
@click.option(
    "--predictions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the predictions as JSON Lines.",
)
@click.option(
    "--draw",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reliability diagram as SVG.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    gold: Path,
    document_type: str,
    errors: int,
    predictions: Path | None,
    draw: Path | None,
    *,
    embedded: bool,
    as_json: bool,
) -> None:
    """Extract the documents that GOLD (JSON Lines) labels and count right and wrong values.

    Prints precision, recall and F1 per field with a 95 % interval, the calibration of the
    confidence and the share of values that needs no person.
    """
    from idp_cdi.steps.evaluate import evaluate

    settings = _common.settings(ctx)
    with _common.progress() as progress:
        report, found = evaluate(
            gold, settings, embedded=embedded, document_type=document_type, progress=progress
        )
    if predictions is not None:
        _write_predictions(predictions, gold, found)
    if draw is not None:
        from idp_cdi.evaluation.diagram import reliability_svg

        draw.write_text(reliability_svg(report.all_points), encoding="utf-8")
    if as_json:
        _common.print_json(as_dict(report, errors))
    else:
        _print(report, errors)
    ctx.exit(_tell_unread(found))


def _tell_unread(found: list[Understood]) -> int:
    """Name the documents whose values count as missed for want of a page; returns the exit code."""
    for item in found:
        read = item.extraction
        if item.error is not None:
            click.echo(f"not read: {item.name}: {item.error.message}", err=True)
        elif read is not None and not (read.pages or read.fields):
            click.echo(f"not read: {item.name}: it has no page, see --embedded", err=True)
    return 1 if any(item.error is not None for item in found) else 0


def _write_predictions(path: Path, gold: Path, found: list[Understood]) -> None:
    import json

    from idp_cdi.cli.extract import as_dict as document
    from idp_cdi.evaluation.score import read_gold

    with path.open("w", encoding="utf-8") as file:
        for label, item in zip(read_gold(gold), found, strict=True):
            row = document(item) | {"document": label.document}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def as_dict(report: Report, errors: int = 0) -> dict[str, object]:
    """The result as plain JSON."""
    from dataclasses import asdict

    from idp_cdi.evaluation.diagram import reliability
    from idp_cdi.scoring import calibration

    points = report.all_points
    share, threshold = report.straight_through(0.98)
    return {
        "documents": report.documents,
        "fields": {
            name: _count(count) | _said(report.points.get(name, []))
            for name, count in report.fields.items()
        },
        "micro": _count(report.micro),
        "confidence": {
            "ece": calibration.ece(points),
            "bins": [
                {
                    "from": low,
                    "to": high,
                    "values": n,
                    "right": right,
                    "interval": calibration.wilson(right, n),
                }
                for low, high, n, right in reliability(points)
            ],
            "auroc": calibration.auroc(points),
            "errors_in_least_certain_tenth": calibration.caught(points),
            "straight_through@0.98": share,
            "threshold@0.98": threshold,
        },
        "errors": [asdict(m) for m in report.misses[:errors]],
    }


def _count(count: Count) -> dict[str, object]:
    names = ("gold", "predicted", "right", "precision", "recall", "f1")
    return {name: getattr(count, name) for name in names}


def _said(points: list[tuple[float, bool]]) -> dict[str, object]:
    """What the confidence of a field said on average, and the interval of the share right."""
    from idp_cdi.scoring.calibration import ece, wilson

    if not points:
        return {"said": None, "ece": None, "right_interval": None}
    return {
        "said": sum(c for c, _ in points) / len(points),
        "ece": ece(points),
        "right_interval": wilson(sum(ok for _, ok in points), len(points)),
    }


def _print(report: Report, errors: int) -> None:
    from idp_cdi.evaluation.diagram import reliability
    from idp_cdi.scoring import calibration

    echo = click.echo
    echo(
        f"{'field':<26}{'gold':>6}{'found':>7}{'P':>8}{'R':>8}{'F1':>8}  95 % of R    "
        f"{'said':>6}{'right':>7}  95 % of right"
    )
    for name, count in report.fields.items():
        _print_row(name, count, report.points.get(name, []))
    points = report.all_points
    _print_row("micro", report.micro, points)
    auroc, caught = calibration.auroc(points), calibration.caught(points)
    share, threshold = report.straight_through(0.98)
    echo("")
    echo(f"documents {report.documents}, values {report.micro.gold}")
    echo("reliability, all fields (confidence: values, right, 95 %):")
    for low, high, n, right in reliability(points):
        below, above = calibration.wilson(right, n)
        echo(f"  {low:.1f}–{high:.1f}:{n:>6}  {right / n:.3f}  {below:.3f}–{above:.3f}")
    echo(
        f"confidence: ECE {calibration.ece(points):.3f}, AUROC {_number(auroc)}, "
        f"least certain tenth holds {_number(caught)} of errors"
    )
    echo(f"straight through at 98 % right: {share:.3f} (threshold {_number(threshold)})")
    for miss in report.misses[:errors]:
        sure = "" if miss.confidence is None else f" ({miss.confidence:.2f})"
        echo(f"  {miss.document} {miss.field}: {miss.predicted!r}{sure}, right: {miss.gold}")


def _print_row(name: str, count: Count, points: list[tuple[float, bool]]) -> None:
    """One line: counts, then what the confidence said on average beside the share that is right."""
    from idp_cdi.scoring.calibration import wilson

    low, high = wilson(count.right, count.gold)
    line = (
        f"{name:<26}{count.gold:>6}{count.predicted:>7}{count.precision:>8.3f}"
        f"{count.recall:>8.3f}{count.f1:>8.3f}  {low:.3f}–{high:.3f}"
    )
    if points:
        said, right = sum(c for c, _ in points) / len(points), sum(ok for _, ok in points)
        low, high = wilson(right, len(points))
        line += f"  {said:>6.3f}{right / len(points):>7.3f}  {low:.3f}–{high:.3f}"
    click.echo(line)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
