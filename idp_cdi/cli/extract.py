"""``idp-cdi extract``: read documents and print their fields; stores nothing."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp_cdi.cli import _common, _table

if TYPE_CHECKING:
    from idp_cdi.steps.understand import Understood

_EPILOG = """\b
Examples:
  idp-cdi extract invoice.pdf
  idp-cdi extract --format jsonl inbox/ > fields.jsonl
  idp-cdi extract --type contract --format json agreement.docx
  idp-cdi extract --draw seen.pdf invoice.pdf"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    help="How to print; table is for reading.",
)
@click.option("--type", "document_type", default="", help="Document type; overrules recognition.")
@click.option(
    "--no-embedded", is_flag=True, help="Ignore embedded e-invoice XML; read only the page."
)
@click.option(
    "--draw", type=click.Path(dir_okay=False, path_type=Path), help="PDF with boxes drawn on it."
)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    form: str,
    document_type: str,
    draw: Path | None,
    *,
    no_embedded: bool,
) -> None:
    """Read documents (files or folders) and print their fields; nothing is stored."""
    # Nothing here multiplies matrices; numpy's threads for it cost 0.07 s at the start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from idp_cdi.errors import UnreadableInput
    from idp_cdi.steps.files import walk
    from idp_cdi.steps.understand import understand_many

    settings = _common.settings(ctx)
    files = walk(paths)
    if not files:
        raise UnreadableInput("there is no file in it", file=str(paths[0]))
    failures = used = 0
    write = _WRITERS[form]
    found: list[Understood] = []
    if form == "csv":
        click.echo("document,field,value,confidence,page,raw,why")
    with _common.progress(wanted=len(files) > 1) as progress:
        progress.start("reading", len(files))
        for item in understand_many(
            files,
            settings,
            document_type=document_type,
            embedded=not no_embedded,
            progress=progress,
        ):
            parts = list(item.all)
            failures += sum(part.error is not None for part in parts)
            used += any(part.extraction is not None for part in parts)
            found += parts
            if form != "json":
                for part in parts:
                    write(part)
        progress.finish()
    if form == "json":
        _common.print_json([as_dict(item) for item in found])
    if draw is not None:
        from idp_cdi.steps.draw import draw_fields

        draw_fields(found, draw)
        click.echo(f"drawn: {draw}", err=True)
    ctx.exit(0 if not failures else 1 if used else 3)


def as_dict(item: Understood) -> dict[str, object]:
    """The JSON form of one document; the contract of ``--format jsonl``."""
    found = item.extraction
    if found is None:
        problem = item.error
        problems = [] if problem is None else [_problem(problem)]
        return {
            "document": item.name,
            "sha256": item.sha256,
            "type": "",
            "type_confidence": 0.0,
            "language": "",
            "pages": 0,
            "reader": "",
            "seconds": 0.0,
            "fields": [],
            "line_items": [],
            "problems": problems,
        }
    return {
        "document": found.document,
        "sha256": found.sha256,
        "type": found.type,
        "type_confidence": round(found.type_confidence, 4),
        "language": found.language,
        "pages": found.pages,
        "reader": found.reader,
        "seconds": round(found.seconds, 3),
        "fields": [
            {
                "name": f.name,
                "value": f.value,
                "raw": f.raw,
                "confidence": round(f.confidence, 4),
                "page": f.page,
                "bbox": _box(f.box),
                "method": f.method,
                "why": f.why,
                **({"group": f.group} if f.group else {}),
                "alternatives": [
                    {"value": a.value, "confidence": round(a.confidence, 4)} for a in f.alternatives
                ],
            }
            for f in found.fields
        ],
        "line_items": [
            {
                "description": x.description,
                "quantity": x.quantity,
                "unit": x.unit,
                "unit_price": x.unit_price,
                "tax_rate": x.tax_rate,
                "tax_amount": x.tax_amount,
                "net_amount": x.net_amount,
                "confidence": round(x.confidence, 4),
                "page": x.page,
                "bbox": _box(x.box),
            }
            for x in found.line_items
        ],
        "problems": [_problem(p) for p in found.problems],
    }


def _box(box: object) -> list[float] | None:
    return None if box is None else [round(n, 2) for n in box]  # type: ignore[attr-defined]


def _problem(problem: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(problem)  # type: ignore[call-overload,no-any-return]


def _write_jsonl(item: Understood) -> None:
    click.echo(json.dumps(as_dict(item), ensure_ascii=False))


def _write_csv(item: Understood) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    for f in item.extraction.fields if item.extraction else ():
        out.writerow([item.name, f.name, f.value, f"{f.confidence:.3f}", f.page, f.raw, f.why])


def _write_table(item: Understood) -> None:
    found = item.extraction
    if found is None:
        problem = item.error
        said = problem.message if problem else "nothing found"
        click.echo(_table.plain(f"✗ {item.name}: {said}"))
        if problem and problem.action:
            click.echo(f"  {problem.action}")
        return
    kind = f"{found.type} ({found.type_confidence:.0%} sure)"
    pages = f"{found.pages} page{'s' if found.pages != 1 else ''}"
    parts = (found.document, kind, found.language, pages, f"{found.seconds:.2f} s")
    click.secho(_table.plain("  ·  ".join(filter(None, parts))), bold=True)
    rows = [_table.Row(f.name, f.value, f"{f.confidence:.0%}", f.why) for f in found.fields]
    colours = [
        "green" if f.confidence >= 0.9 else "yellow" if f.confidence >= 0.6 else "red"
        for f in found.fields
    ]
    for line in found.line_items:
        amount = line.net_amount or line.unit_price
        rows.append(_table.Row("line", f"{line.quantity} × {line.description}", amount, ""))
        colours.append("")
    if not found.fields:
        click.echo("  no fields found")
    _table.write(rows, colours)
    for p in found.problems:
        click.secho(_table.plain(f"  ! {p.message}"), fg="yellow")
    click.echo()


_WRITERS = {
    "table": _write_table,
    "json": lambda _: None,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}
