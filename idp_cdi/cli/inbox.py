"""``idp-cdi inbox``: the drop folder."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp_cdi.cli._common import print_json, settings, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from idp_cdi.inbox import Report, Standing
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

_DRAIN_S = 8.0
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(epilog="Documentation: docs/inbox.md")
def command() -> None:
    """The drop folder: files that appear in it become customers, each exactly once.

    Files go to FOLDER/done/DATE, those that can't be used to FOLDER/quarantine/DATE with the reason
    beside them. What sub-folders mean is said in FOLDER/inbox.yaml.

    \b
    Examples:
      idp-cdi inbox run incoming/
      idp-cdi inbox watch incoming/
      idp-cdi inbox status incoming/
      idp-cdi inbox retry incoming/
    """


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of rest.")
@click.option("--patience", type=float, default=5.0, show_default=True, help="… if incomplete.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def run(ctx: click.Context, folder: Path, settle: float, patience: float, *, as_json: bool) -> None:
    """Work off what is in FOLDER and end.

    Exit code 0: all done; 1: some files had problems or wait; 3: no file could be used.

    \b
    Example:
      idp-cdi inbox run incoming/ --json
    """
    from idp_cdi.inbox import Pace
    from idp_cdi.inbox import run as work_off

    pace = Pace(settle_s=settle, patience_s=patience)
    with store(ctx, create=True) as database, _told() as progress, _until_signal() as stop:
        report = work_off(folder, settings(ctx), database, pace=pace, progress=progress, stop=stop)
        _check_rules(database, settings(ctx))
    _print(report, _News(), as_json=as_json)
    ctx.exit(report.exit_code)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of rest.")
@click.option("--patience", type=float, default=60.0, show_default=True, help="… if incomplete.")
@click.option("--poll", type=float, default=5.0, show_default=True, help="… on network folders.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end.")
@click.pass_context
def watch(
    ctx: click.Context,
    folder: Path,
    settle: float,
    patience: float,
    poll: float,
    *,
    as_json: bool,
) -> None:
    """Work off FOLDER until stopped (Ctrl-C or SIGTERM; what is in work is finished first).

    \b
    Example:
      idp-cdi inbox watch incoming/

    \b
    Example:
      idp-cdi --home /srv/idp inbox watch /srv/incoming
    """
    from idp_cdi.inbox import Pace
    from idp_cdi.inbox import watch as go_on

    pace = Pace(settle_s=settle, patience_s=patience, poll_s=poll)
    with store(ctx, create=True) as database, _told() as progress, _until_signal() as stop:
        click.echo(f"watching {folder}; stop with Ctrl-C", err=True)
        news = _News()

        def tell(report: Report) -> None:
            _check_rules(database, settings(ctx))
            news.tell(report)
            click.echo(_counts(report), err=True)

        report = go_on(
            folder,
            settings(ctx),
            database,
            pace=pace,
            progress=progress,
            stop=stop,
            told=tell,
        )
    _print(report, news, as_json=as_json)


def _check_rules(database: Database, found: Settings) -> None:
    """Check what came in; a rule that is wrong or a busy store must not stop a watcher."""
    from idp_cdi.errors import IdpCdiError
    from idp_cdi.steps.validate import validate_new

    try:
        validate_new(database, found)
    except IdpCdiError as error:
        click.echo(f"the rules are checked next time: {error}", err=True)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """What is where and why, how fast it goes, what is left.

    \b
    Example:
      idp-cdi inbox status incoming/
    """
    from idp_cdi.inbox import status as standing_of

    with store(ctx) as database:
        standing = standing_of(folder, database)
    if as_json:
        print_json(standing.as_json())
    else:
        _print_standing(standing)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def retry(ctx: click.Context, folder: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Try quarantined files again in the next round: all, or those of NAMES.

    NAMES are file names or codes of reasons.

    \b
    Examples:
      idp-cdi inbox retry incoming/
      idp-cdi inbox retry incoming/ pdf.encrypted scan-7.pdf
    """
    from idp_cdi.inbox import retry as again

    with store(ctx) as database:
        paths = again(folder, database, names=names)
    if as_json:
        print_json({"retried": paths})
        return
    for path in paths:
        click.echo(path)
    click.echo(f"{len(paths)} files will be tried again; `idp-cdi inbox run` does it", err=True)


@contextmanager
def _until_signal() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; after `_DRAIN_S` what still runs is left for later."""
    from idp_cdi.inbox.trouble import Stopped

    stop = threading.Event()

    def asked(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        click.echo("stopping; what is in work is finished first", err=True)
        signal.setitimer(signal.ITIMER_REAL, _DRAIN_S)

    def late(_: int, __: FrameType | None) -> None:
        raise Stopped("out of time")

    before = {s: signal.signal(s, asked) for s in (signal.SIGTERM, signal.SIGINT)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, late)
    try:
        yield stop
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _told() -> Iterator[_Lines]:
    """A line that is redrawn on a terminal, a log line now and then otherwise."""
    import sys

    lines = _Lines(live=sys.stderr.isatty())
    try:
        yield lines
    finally:
        lines.end()


class _Lines:
    """`Progress` as text: how many, how fast, how long still."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._every = 0.2 if live else 10.0
        self._total: int | None = None
        self._done = 0
        self._begin = self._told = 0.0

    def start(self, what: str, total: int | None) -> None:
        """A round begins."""
        import time

        self._total, self._done = total, 0
        self._begin = self._told = time.monotonic()

    def advance(self, count: int = 1) -> None:
        """`count` more files ended."""
        import time

        self._done += count
        now = time.monotonic()
        if now - self._told >= self._every:
            self._told = now
            self._say(now - self._begin)

    def finish(self) -> None:
        """The round is over."""

    def end(self) -> None:
        """Nothing more comes."""
        if self._live:
            click.echo("\r\x1b[K", nl=False, err=True)

    def _say(self, seconds: float) -> None:
        rate = self._done / seconds if seconds else 0.0
        left = max(0, (self._total or 0) - self._done)
        words = f"{self._done} of {self._total} files, {rate:.1f} a second"
        if rate and left:
            words += f", about {left / rate:.0f} s left"
        click.echo(f"\r\x1b[K{words}" if self._live else words, nl=not self._live, err=True)


class _News:
    """Tells of each file that can't be used, and of each known one, once and when it happens."""

    def __init__(self) -> None:
        self._failures = self._duplicates = self._empty = 0

    def tell(self, report: Report) -> None:
        """What was not told yet."""
        for entry in report.failures[self._failures :]:
            todo = f" ({entry.action})" if entry.action else ""
            click.echo(f"quarantined [{entry.code}]: {entry.path}: {entry.reason}{todo}", err=True)
        for entry in report.duplicates[self._duplicates :]:
            click.echo(f"known: {entry.path} has the bytes of {entry.first}", err=True)
        for path in report.empty[self._empty :]:
            click.echo(f"no rows: {path} has columns and nothing under them", err=True)
        self._failures, self._duplicates = len(report.failures), len(report.duplicates)
        self._empty = len(report.empty)


def _print(report: Report, news: _News, *, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
        return
    news.tell(report)
    for path, why in report.waiting.items():
        click.echo(f"waiting: {path}: {why}", err=True)
    click.echo(_counts(report))


def _counts(report: Report) -> str:
    rate = f", {report.files / report.seconds:.1f} a second" if report.seconds > 1 else ""
    return (
        f"{report.done} done, {report.linked} known, {report.quarantined} quarantined{rate}; "
        f"{report.documents} documents, {report.rows} rows ({report.rows_new} new or changed), "
        f"{report.to_review} values to review"
    )


def _print_standing(standing: Standing) -> None:
    runs = {0: "nobody works on it", 1: "one run works on it"}
    click.echo(f"{standing.folder}: {runs.get(standing.running, f'{standing.running} runs')}")
    click.echo("  " + ", ".join(f"{n} {state}" for state, n in standing.counts.items()))
    if standing.last_hour:
        click.echo(f"  last hour: {standing.last_hour}, {standing.per_second:.1f} a second")
    click.echo(f"  left: {standing.left}, of which ready: {len(standing.ready)}")
    for path, why in standing.waiting.items():
        click.echo(f"  waiting: {path}: {why}")
    for entry in standing.working:
        words = f": {entry.reason}; again at {entry.next_at}" if entry.reason else ""
        click.echo(f"  {entry.state}: {entry.path}{words}")
    for entry in standing.quarantined:
        todo = f" ({entry.action})" if entry.action else ""
        click.echo(f"  quarantined [{entry.code}]: {entry.path}: {entry.reason}{todo}")
