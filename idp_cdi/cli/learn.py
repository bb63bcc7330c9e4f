"""``idp-cdi learn``: learn from the answers of people."""

from __future__ import annotations

from dataclasses import asdict, replace
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
    """Learn from every answer given in review.

    Each version is measured on answers that it has not seen before it is switched on.

    \b
    Examples:
      idp-cdi learn
      idp-cdi learn --only layout
      idp-cdi learn list
      idp-cdi learn undo layout
      idp-cdi learn weights
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
    """The versions of what was learned.

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
@click.option("--apply", "apply_", is_flag=True, help="Switch them on and derive all customers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def weights(ctx: click.Context, *, apply_: bool, as_json: bool) -> None:
    """Learn the matching weights anew, and show what they would change.

    They are learned from all records and from what persons decided about pairs, and measured on
    decisions held back. Nothing changes without --apply; `learn undo weights` goes back.

    \b
    Examples:
      idp-cdi learn weights
      idp-cdi learn weights --apply
    """
    from idp_cdi.steps.retrain import adopt, lines, propose

    with store(ctx) as database:
        found = propose(database, settings(ctx))
        version = adopt(database, settings(ctx), found) if apply_ else 0
    if as_json:
        told = asdict(replace(found, model=None))  # type: ignore[arg-type]
        print_json({**told, "better": found.better, "version": version})
        return
    click.echo("\n".join(lines(found)))
    click.echo(
        f"version {version} of the weights is on"
        if version
        else "nothing was changed: see --apply",
        err=True,
    )


@command.command()
@click.argument("kind", type=click.Choice((*_KINDS, "weights")))
@click.pass_context
def undo(ctx: click.Context, kind: str) -> None:
    """Go back to the version of KIND before the active one.

    \b
    Example:
      idp-cdi learn undo confidence
    """
    from idp_cdi.steps.learn import undo as go_back
    from idp_cdi.steps.retrain import go_back as former_weights

    with store(ctx) as database:
        if kind == "weights":
            number = former_weights(database, settings(ctx))
        else:
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
