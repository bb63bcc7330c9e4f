"""``idp-cdi customers``: what the store knows of customers, and what persons decide."""

from __future__ import annotations

import csv
import getpass
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp_cdi.cli import _common

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.steps.customers import Row
    from idp_cdi.steps.forget import Erased, Plan

_EPILOG = """\b
Examples:
  idp-cdi customers list
  idp-cdi customers list --search acme
  idp-cdi customers show C-0000001
  idp-cdi customers explain C-0000001                  why it is one customer
  idp-cdi customers explain C-0000001 C-0000007        … or why these are two
  idp-cdi customers related C-0000001
  idp-cdi customers history C-0000001
  idp-cdi customers export --format jsonl > customers.jsonl
  idp-cdi customers merge C-0000001 C-0000007 --why "same VAT id on the phone"
  idp-cdi customers split C-0000001 crm:A-1001 --why "another branch"
  idp-cdi customers decisions
  idp-cdi customers undo 3
  idp-cdi customers forget C-0000042 --dry-run"""

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PERSON = click.option(
    "--person", default=getpass.getuser, show_default="you", help="Who decides; kept for ever."
)
_WHY = click.option("--why", default="", help="The reason; kept with the decision.")
_COLUMNS = ("name", "street", "postal_code", "city", "country", "vat_id", "email", "phone")


@click.group(cls=_common.Group, epilog=_EPILOG)
def command() -> None:
    """Look at customers, their golden values and where each was seen; merge, split, undo."""


@command.command("list")
@click.option("--search", default="", help="Only customers with this text in any value.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="At most so many; 0 for all.",
)
@_AS_JSON
@click.pass_context
def list_(ctx: click.Context, search: str, limit: int, *, as_json: bool) -> None:
    """List customers."""
    from idp_cdi.steps.customers import customers

    with _common.store(ctx) as database, database.reading() as connection:
        rows = list(customers(connection, search=search, limit=limit))
    if as_json:
        _common.print_json([asdict(r) for r in rows])
        return
    if not rows:
        none = f"no customer has {search!r} in a value" if search else "there are no customers yet"
        click.echo(none, err=True)
        return
    click.echo(f"{'customer':<11}{'name':<40}{'city':<20}{'country':<9}{'mentions':>8}")
    for r in rows:
        name, city, country = (r.values.get(f, "") for f in ("name", "city", "country"))
        click.echo(f"{r.id:<11}{name[:38]:<40}{city[:18]:<20}{country:<9}{r.mentions:>8}")
    if limit and len(rows) == limit:
        click.echo(f"… at most {limit} shown; --limit 0 shows all", err=True)


@command.command()
@click.argument("customer")
@_AS_JSON
@click.pass_context
def show(ctx: click.Context, customer: str, *, as_json: bool) -> None:
    """Show CUSTOMER: every golden value, how sure it is, and where it was seen."""
    from idp_cdi.steps.customers import show as find

    with _common.store(ctx) as database, database.reading() as connection:
        view = find(connection, customer)
    if as_json:
        _common.print_json(asdict(view))
        return
    moved = f" (was {view.asked})" if view.asked != view.id else ""
    click.echo(f"{view.id}{moved}  {view.kind}, {', '.join(view.roles)}, version {view.version}")
    for v in view.values:
        click.echo(f"  {v.field:<20}{v.value:<44}{v.confidence:>5.0%}  {v.rule:<14}{v.where}")
    click.echo("mentioned by")
    for m in view.mentions:
        file = f"  ({m.file})" if m.file else ""
        click.echo(f"  {m.source}:{m.key}  {m.role}  {m.name}{file}")


@command.command()
@click.argument("customer")
@_AS_JSON
@click.pass_context
def history(ctx: click.Context, customer: str, *, as_json: bool) -> None:
    """Show how the golden record of CUSTOMER changed."""
    from idp_cdi.steps.customers import history as find

    with _common.store(ctx) as database, database.reading() as connection:
        versions = find(connection, customer)
    if as_json:
        _common.print_json([asdict(v) for v in versions])
        return
    for v in versions:
        until = v.valid_to or "now"
        click.echo(f"version {v.version}: {v.valid_from} – {until}, {v.mentions} mentions")
        for field, old, new in v.changes:
            click.echo(f"  {field:<20}{old or '–'} → {new or '–'}")


@command.command()
@click.argument("customer")
@click.argument("other", default="")
@click.option(
    "--draw",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a picture of CUSTOMER's mentions and links as SVG.",
)
@_AS_JSON
@click.pass_context
def explain(
    ctx: click.Context, customer: str, other: str, draw: Path | None, *, as_json: bool
) -> None:
    """Say how CUSTOMER came to be, or why it and OTHER are or are not one customer."""
    from idp_cdi.steps._picture import picture
    from idp_cdi.steps.explain import compare_lines, lines
    from idp_cdi.steps.witness import explain_customer, explain_pair

    settings = _common.settings(ctx)
    with _common.store(ctx) as database, database.reading() as connection:
        story = explain_customer(connection, settings, customer)
        pair = explain_pair(connection, settings, customer, other) if other else None
    if draw is not None:
        draw.write_text(picture(story), encoding="utf-8")
    if as_json:
        _common.print_json(asdict(pair or story))
    else:
        click.echo("\n".join(lines(story) if pair is None else compare_lines(pair)))


_RELATIONS = {
    "works_for": "works for",
    "same_group": "is of one group with",
    "same_address": "shares an address with",
    "same_account": "shares a bank account with",
}


@command.command()
@click.argument("customer", default="")
@_AS_JSON
@click.pass_context
def related(ctx: click.Context, customer: str, *, as_json: bool) -> None:
    """Show who CUSTOMER has to do with without being the same; all relations where left out.

    \b
    Examples:
      idp-cdi customers related C-0000001
      idp-cdi customers related --json
    """
    from idp_cdi.steps.relate import names, relate
    from idp_cdi.steps.relate import related as find

    with _common.store(ctx) as database, database.reading() as connection:
        found = find(connection, customer) if customer else relate(connection)
        told = names(connection, found)
    if as_json:
        _common.print_json([asdict(r) for r in found])
        return
    for r in found:
        left, right = (f"{i} {told.get(i, '')}".rstrip() for i in (r.left, r.right))
        click.echo(f"{left}  {_RELATIONS[r.kind]}  {right}  ({r.value})")
    if not found:
        click.echo("nobody", err=True)


@command.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="CSV of the best values, or everything as JSON Lines.",
)
@click.option("--mask-pii", is_flag=True, help="Show of personal values their first letters only.")
@click.option("--without-pii", is_flag=True, help="Leave personal values out.")
@click.pass_context
def export(ctx: click.Context, form: str, *, mask_pii: bool, without_pii: bool) -> None:
    """Print all customers as CSV (best value of each field) or JSON Lines."""
    from idp_cdi.steps.customers import customers

    with _common.store(ctx) as database, database.reading() as connection:
        rows: Iterable[Row] = customers(connection)
        if mask_pii or without_pii:
            rows = (_discreet(r, drop=without_pii) for r in rows)
        if form == "csv":
            _write_csv(rows)
        else:
            for r in rows:
                click.echo(json.dumps(asdict(r), ensure_ascii=False))


def _discreet(row: Row, *, drop: bool) -> Row:
    """`row` with its personal values masked, or without them."""
    from idp_cdi.pii import class_of, masked

    shown = {
        name: masked(name, value)
        for name, value in row.values.items()
        if not drop or class_of(name) == "none"
    }
    return replace(row, values=shown)


def _write_csv(rows: Iterable[Row]) -> None:
    from idp_cdi.fields import fields
    from idp_cdi.review.guard import guard_formula

    names = list(fields().party)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["customer_id", "kind", "roles", "mentions", *names])
    for r in rows:
        values = [guard_formula(r.values.get(n, "")) for n in names]
        out.writerow([r.id, r.kind, r.roles, r.mentions, *values])


@command.command()
@click.argument("first")
@click.argument("second")
@_PERSON
@_WHY
@click.pass_context
def merge(ctx: click.Context, first: str, second: str, person: str, why: str) -> None:
    """Say that customers FIRST and SECOND are one; the older id survives."""
    from idp_cdi.steps.customers import merge as decide

    with _common.store(ctx) as database:
        survivor = decide(database, _common.settings(ctx), first, second, person=person, why=why)
    click.echo(f"{first} and {second} are {survivor} now")


@command.command()
@click.argument("customer")
@click.argument("mentions", nargs=-1, required=True)
@_PERSON
@_WHY
@click.pass_context
def split(
    ctx: click.Context, customer: str, mentions: tuple[str, ...], person: str, why: str
) -> None:
    """Say that MENTIONS (source:key, as `show` prints them) are another customer."""
    from idp_cdi.steps.customers import split as decide

    with _common.store(ctx) as database:
        new = decide(database, _common.settings(ctx), customer, mentions, person=person, why=why)
    click.echo(f"{', '.join(mentions)}: {new} now")


@command.command()
@click.argument("customer")
@_PERSON
@click.option("--why", default="", help="The request's number; kept for ever, so no name.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--yes", is_flag=True, help="Don't ask; it can't be undone.")
@_AS_JSON
@click.pass_context
def forget(
    ctx: click.Context,
    customer: str,
    person: str,
    why: str,
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase CUSTOMER on request: everywhere, for good, and prove it (docs/governance.md).

    \b
    Examples:
      idp-cdi customers forget C-0000042 --dry-run
      idp-cdi customers forget C-0000042 --why "request 2026-118"
    """
    from idp_cdi.steps.forget import forget as erase
    from idp_cdi.steps.forget import plan

    settings = _common.settings(ctx)
    with _common.store(ctx) as database:
        if dry_run or not yes:
            found = plan(database, settings, customer)
            if as_json and dry_run:
                _common.print_json(asdict(found))
            else:
                _print_plan(found, err=not dry_run)
        if dry_run:
            return
        if not yes:
            click.confirm("Erase all this? It can't be undone", abort=True, err=True)
        done = erase(database, settings, customer, person=person, why=why)
    if as_json:
        _common.print_json(asdict(done))
    else:
        _print_erased(done)
    ctx.exit(1 if done.left else 0)


@command.command("export-subject")
@click.argument("customer")
@click.pass_context
def export_subject(ctx: click.Context, customer: str) -> None:
    """Print everything known of CUSTOMER as JSON, with where it was seen: an access request.

    \b
    Example:
      idp-cdi customers export-subject C-0000042 > request-118.json
    """
    from idp_cdi.steps.access import access

    with _common.store(ctx) as database, database.reading() as connection:
        _common.print_json(access(connection, _common.settings(ctx), customer))


def _print_plan(found: Plan, *, err: bool) -> None:
    def echo(label: str, what: object) -> None:
        click.echo(f"{label:<12}{what}", err=err)

    echo("customer", ", ".join(found.ids) or found.customer)
    for mention in found.mentions:
        echo("mention", mention)
    echo("records", found.records)
    for name in found.documents:
        echo("document", f"{name}: our copy and what was read of it are erased")
    for name in found.shared:
        echo("document", f"{name}: bytes erased, what it says of others stays")
    for trace in found.files:
        what = "left to its owner" if trace.kind == "work" else "erased"
        echo("file", f"{trace.path} ({trace.kind}): {what}")
    for label, many in (("values", found.fields), ("others have", found.common)):
        if many:
            echo(label, ", ".join(f"{n} {f}" for f, n in many.items()))


def _print_erased(done: Erased) -> None:
    rows = ", ".join(f"{n} {table}" for table, n in done.rows.items())
    click.echo(f"{'erased':<12}{done.customer}: {rows}")
    click.echo(f"{'files':<12}{done.originals} originals, {len(done.files)} others")
    for place in done.tell:
        click.echo(f"{'tell':<12}{place} is still in that system; it is not taken in again")
    for place in done.by_hand:
        click.echo(f"{'by hand':<12}{place}")
    searched = f"{done.values} values in {done.searched} files and every table"
    click.echo(f"{'searched':<12}{searched}; {done.unsearched} short or shared ones were not")
    for place in done.left:
        click.echo(f"{'still in':<12}{place}")
    click.echo(f"{'proof':<12}{'nothing is left' if not done.left else 'see above'}")


@command.command()
@_AS_JSON
@click.pass_context
def decisions(ctx: click.Context, *, as_json: bool) -> None:
    """List what persons decided, with the numbers that `undo` takes."""
    from idp_cdi.steps.customers import decisions as find
    from idp_cdi.store import derived

    with _common.store(ctx) as database, database.reading() as connection:
        found = find(connection)
        places = derived.mention_names(connection, [m for d in found for m in (d.left, d.right)])
    if as_json:
        _common.print_json([d._asdict() for d in found])
        return
    for d in found:
        left, right = (":".join(places[m]) for m in (d.left, d.right))
        click.echo(
            f"{d.id:>5}  {d.at[:16]}  {d.person:<10} {d.verdict:<10} {left}  {right}  {d.why}"
        )


@command.command()
@click.argument("decision", type=int)
@_PERSON
@click.pass_context
def undo(ctx: click.Context, decision: int, person: str) -> None:
    """Undo DECISION (a number that `decisions` lists), however long ago it was made."""
    from idp_cdi.steps.customers import undo as withdraw

    with _common.store(ctx) as database:
        withdraw(database, _common.settings(ctx), decision, person=person)
    click.echo(f"decision {decision} is undone")
