"""``idp-cdi audit``: who decided what, on which evidence, when; and the proof of it."""

from __future__ import annotations

from dataclasses import asdict

import click

from idp_cdi.cli import _common

_EPILOG = """\b
Examples:
  idp-cdi audit list --customer C-0000001
  idp-cdi audit list --person ann --json
  idp-cdi audit head                     # note it elsewhere, from time to time
  idp-cdi audit verify --head 120:6f1c…  # … and prove that nothing was changed since"""

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=_common.Group, epilog=_EPILOG)
def command() -> None:
    """The audit trail: a chain of hashes over everything that persons decided."""


@command.command("list")
@click.option("--customer", default="", help="Only decisions about this customer's mentions.")
@click.option("--person", default="", help="Only what this person did.")
@click.option("--limit", default=50, show_default=True, help="The latest so many; 0 for all.")
@_AS_JSON
@click.pass_context
def list_(ctx: click.Context, customer: str, person: str, limit: int, *, as_json: bool) -> None:
    """List what was done, the oldest first."""
    from idp_cdi.steps.trail import trail

    with _common.store(ctx) as database, database.reading() as connection:
        steps = trail(connection, customer=customer, person=person, limit=limit)
    if as_json:
        _common.print_json([asdict(s) for s in steps])
        return
    if not steps:
        narrowed = " that fits" if customer or person else " yet"
        click.echo(f"nobody decided anything{narrowed}", err=True)
    for s in steps:
        said = ", ".join(f"{k} {v}" for k, v in s.detail.items() if v not in ("", [], None))
        about = "  ".join(s.about)
        click.echo(f"{s.seq:>6}  {s.at[:16]}  {s.person:<12}{s.action:<10}{said}  {about}  {s.why}")


@command.command()
@click.option("--head", "heads", multiple=True, help="NUMBER:HASH noted from `audit head`.")
@_AS_JSON
@click.pass_context
def verify(ctx: click.Context, heads: tuple[str, ...], *, as_json: bool) -> None:
    """Prove that no entry was changed, left out or moved; exit code 1 where one was."""
    from idp_cdi.steps.trail import verify as prove

    home = _common.settings(ctx).home
    with _common.store(ctx, seal=False) as database, database.reading() as connection:
        found = prove(connection, home, heads)
    if as_json:
        _common.print_json(
            {"entries": found.entries, "head": found.head, "sealed": found.sealed,
             "faults": [f._asdict() for f in found.faults]}
        )  # fmt: skip
    else:
        for fault in found.faults:
            click.echo(f"entry {fault.seq}: {fault.what}" if fault.seq else fault.what)
        verdict = "nothing is wrong" if not found.faults else f"{len(found.faults)} faults"
        click.echo(f"{found.entries} entries: {verdict}", err=True)
        if found.entries and not found.sealed and not heads:
            click.echo("no head is kept: whether the end was cut off can't be told", err=True)
    ctx.exit(1 if found.faults else 0)


@command.command()
@click.pass_context
def head(ctx: click.Context) -> None:
    """Print NUMBER:HASH of the last entry, to be noted where nobody of this house can change it."""
    from idp_cdi.store import audit

    with _common.store(ctx, seal=False) as database, database.reading() as connection:
        number, value = audit.head(connection)
    click.echo(f"{number}:{value}")
