"""What the commands share: settings, the store, a progress bar, JSON output."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database


class Group(click.Group):
    """A group whose examples stand in its epilog; a command without its own shows those of it."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with its examples."""
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            exemplify(self, ctx, found, cmd_name)
        return found


def exemplify(group: click.Group, ctx: click.Context, command: click.Command, name: str) -> None:
    """Give a command the lines of its group's epilog that call it, unless it has its own."""
    call = f"{ctx.command_path} {name} "
    lines = [line for line in (group.epilog or "").splitlines() if call in f"{line} "]
    if lines and not command.epilog and "Example" not in (command.help or ""):
        command.epilog = "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *lines])


def settings(ctx: click.Context) -> Settings:
    """The settings for this call.

    Raises:
        SettingsError: The settings file is wrong.
    """
    from idp_cdi.settings import load

    given = ctx.find_root().obj
    found = load(home=given["home"], file=given["file"])
    if ctx.find_root().meta.setdefault("own_models", not os.environ.get("IDP_CDI_MODELS")):
        # Worker processes find the models that were trained in this home by their environment.
        os.environ["IDP_CDI_MODELS"] = str(found.home / "models")
        ctx.find_root().call_on_close(lambda: os.environ.pop("IDP_CDI_MODELS", None))
    return found


@contextmanager
def store(ctx: click.Context, *, create: bool = False, seal: bool = True) -> Iterator[Database]:
    """The open store of this call's settings; at the end the head of its audit trail is kept."""
    from idp_cdi.store import audit, open_store

    found = settings(ctx)
    database = open_store(found.store_url, create=create)
    try:
        yield database
        if seal:
            with database.reading() as connection:
                audit.seal(connection, found.home)
    finally:
        database.close()


def print_json(value: object) -> None:
    """`value` as indented JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """A progress bar on stderr when a person is watching (and it is `wanted`), else silence."""
    from idp_cdi.progress import SILENT

    if not wanted or not sys.stderr.isatty():
        yield SILENT
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars)


class _Bar:
    """`Progress` on a rich progress bar."""

    def __init__(self, bars: object) -> None:
        self._bars = bars
        self._task: object = None

    def start(self, what: str, total: int | None) -> None:
        self._task = self._bars.add_task(what, total=total)  # type: ignore[attr-defined]

    def advance(self, count: int = 1) -> None:
        self._bars.advance(self._task, count)  # type: ignore[attr-defined]

    def finish(self) -> None:
        self._bars.remove_task(self._task)  # type: ignore[attr-defined]
