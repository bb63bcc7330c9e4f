"""``idp-cdi review``: doubtful values as a short list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp_cdi.cli._common import print_json, settings, store

if TYPE_CHECKING:
    from idp_cdi.review.questions import Question
    from idp_cdi.steps.review import Imported

_KINDS = ("value", "missing", "contradiction", "match", "conflict", "duplicate", "unreadable")
_FORMATS = ("csv", "html", "jsonl", "labelstudio", "xlsx")
_SUFFIXES = {".csv": "csv", ".html": "html", ".htm": "html", ".jsonl": "jsonl", ".xlsx": "xlsx"}


@click.group(epilog="Documentation: docs/review.md")
def command() -> None:
    """Doubtful values, possible matches and contradictions as a short list for a person.

    \b
    Examples:
      idp-cdi review list
      idp-cdi review export questions.xlsx
      idp-cdi review import questions.xlsx --person ann
    """


@command.command("list")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only these kinds.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="At most so many, the worthiest first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_(ctx: click.Context, kinds: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """The open questions, the one whose answer is worth most first.

    \b
    Examples:
      idp-cdi review list --kind match --kind duplicate
      idp-cdi review list --limit 5 --json
    """
    from idp_cdi.review.questions import to_json
    from idp_cdi.steps.review import asked

    with store(ctx) as database, database.reading() as connection:
        found = asked(connection, kinds=kinds)
    if as_json:
        print_json([to_json(q) for q in found[:limit]])
        return
    for question in found[:limit]:
        click.echo(_line(question))
    if len(found) > limit:
        click.echo(f"… and {len(found) - limit} more", err=True)
    if not found:
        click.echo("nothing to review", err=True)


@command.command("export")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Default: by the suffix.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only these kinds.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the worthiest first.")
@click.option("--no-pictures", is_flag=True, help="Leave page pictures out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def export(
    ctx: click.Context,
    path: Path,
    form: str | None,
    kinds: tuple[str, ...],
    limit: int | None,
    *,
    no_pictures: bool,
    as_json: bool,
) -> None:
    """Write the open questions to PATH, to be answered there.

    .xlsx for a spreadsheet with pictures, .html for a page that needs no server, .csv, .jsonl;
    Label Studio tasks with --format labelstudio.

    \b
    Examples:
      idp-cdi review export questions.html
      idp-cdi review export tasks.json --format labelstudio
    """
    from idp_cdi.steps.review import export_questions

    form = form or _SUFFIXES.get(path.suffix.casefold())
    if form is None:
        raise click.UsageError(f"which format is {path.name!r}? Say --format.")
    with store(ctx) as database:
        count = export_questions(
            database,
            settings(ctx),
            path,
            form=form,
            kinds=kinds,
            limit=limit,
            pictures=not no_pictures,
        )
    if as_json:
        print_json({"path": str(path), "format": form, "questions": count})
    else:
        click.echo(f"{count} questions in {path}")


@command.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--person", default="", envvar="IDP_CDI_PERSON", help="Who answered.")
@click.option("--take-stale", is_flag=True, help="Also apply answers whose question moved on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def import_(
    ctx: click.Context, paths: tuple[Path, ...], person: str, *, take_stale: bool, as_json: bool
) -> None:
    """Take answers back from exports of any format, however far they are filled in.

    Answers are applied once. Those that are stale, unclear or contradict another person's are
    listed and change nothing; the exit code is 1 then.

    \b
    Examples:
      idp-cdi review import questions.xlsx --person ann
      idp-cdi review import answers-ann.json answers-bob.json
    """
    from idp_cdi.review.exports import read
    from idp_cdi.steps.review import import_answers

    answers = [answer for path in paths for answer in read(path)]
    with store(ctx) as database:
        done = import_answers(
            database, settings(ctx), answers, person=person, take_stale=take_stale
        )
    if as_json:
        print_json(_summary(done))
    else:
        counts = ", ".join(f"{n} {status}" for status, n in done.counts.items())
        click.echo(counts or "no answers in there")
    for outcome in done.listed:
        place = outcome.answer.place or outcome.answer.item
        click.echo(f"{outcome.status}: {place}: {outcome.field}: {outcome.why}", err=True)
    if done.listed:
        ctx.exit(1)


@command.command()
@click.argument("question")
@click.option("--person", default="", envvar="IDP_CDI_PERSON", help="Who takes it back.")
@click.pass_context
def withdraw(ctx: click.Context, question: str, person: str) -> None:
    """Take the answer to QUESTION (its id) back; what followed from it is undone.

    \b
    Example:
      idp-cdi review withdraw 3f0c2a91d7e84b5f9a1c0d2e4f6a8b7c --person ann
    """
    from idp_cdi.steps.review import withdraw as take_back

    if not person:
        raise click.UsageError("who takes it back? Say --person.")
    with store(ctx) as database:
        count = take_back(database, settings(ctx), question, person=person)
    click.echo(f"{count} answers taken back")


def _line(question: Question) -> str:
    """One question as one line."""
    from idp_cdi.steps.explain import spoken

    place = question.name or f"{spoken(question.left)} / {spoken(question.right)}"
    if question.page:
        place += f", page {question.page}"
    said = f"{question.field} = {question.value!r}" if question.field else question.why
    sure = f" ({question.confidence:.0%})" if question.confidence else ""
    return f"{question.kind.value:13} {place}: {said}{sure}"


def _summary(done: Imported) -> dict[str, Any]:
    return {
        "counts": done.counts,
        "documents": done.documents,
        "records": done.mentions,
        "listed": [
            {
                "status": o.status,
                "question": o.answer.item,
                "place": o.answer.place,
                "document": o.document,
                "field": o.field,
                "why": o.why,
            }
            for o in done.listed
        ],
    }
