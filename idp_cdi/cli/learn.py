"""``idp-cdi learn``: learn from the answers of people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from idp_cdi.cli._common import print_json, settings, store

if TYPE_CHECKING:
    from idp_cdi.steps.learn import Lesson

_KINDS = ("confidence", "layout", "spans", "match")


@click.group(invoke_without_command=True, epilog="Documentation: docs/review.md")
@click.option("--only", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, kinds: tuple[str, ...], *, as_json: bool) -> None:
    r"""Learn from every answer given in review.

    Each version is measured on answers that it has not seen before it is switched on.

    \b
    Examples:
      idp-cdi learn
      idp-cdi learn --only layout
      idp-cdi learn list
      idp-cdi learn undo layout
    """
    if ctx.invoked_subcommand is not None:
        return
    from idp_cdi.steps.learn import learn

    with store(ctx) as database:
        lessons = learn(database, settings(ctx), kinds=kinds or _KINDS)
    if as_json:
        print_json([asdict(lesson) for lesson in lessons])
        return
    for lesson in lessons:
        click.echo(_line(lesson))


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    r"""The versions of what was learned.

    \b
    Example:
      idp-cdi learn list
    """
    from idp_cdi.store import models

    with store(ctx) as database, database.reading() as connection:
        found = models.versions(connection)
    if as_json:
        print_json([{k: v for k, v in f._asdict().items() if k != "payload"} for f in found])
        return
    for one in found:
        state = "on " if one.active else "off"
        click.echo(f"{one.kind:11} {one.version:4} {state} {one.created_at[:19]}")
    if not found:
        click.echo("nothing was learned yet", err=True)


@command.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.pass_context
def undo(ctx: click.Context, kind: str) -> None:
    r"""Go back to the version of KIND before the active one.

    \b
    Example:
      idp-cdi learn undo confidence
    """
    from idp_cdi.steps.learn import undo as go_back

    with store(ctx) as database:
        number = go_back(database, settings(ctx), kind)
    click.echo(f"{kind}: version {number} is on" if number else f"{kind}: nothing is on")


def _line(lesson: Lesson) -> str:
    text = f"{lesson.kind:11} {lesson.answers} answers"
    if lesson.held_back:
        text += f", {lesson.held_back} held back: error {lesson.before:.3f} -> {lesson.after:.3f}"
    if lesson.version:
        text += (
            f", version {lesson.version} is {'on' if lesson.active else 'kept, not switched on'}"
        )
    return f"{text} ({lesson.why})" if lesson.why else text
