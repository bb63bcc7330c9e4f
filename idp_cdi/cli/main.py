"""The command ``idp-cdi``: a click group that loads a command only when it is called.

Each command is one library function with arguments around it. Results go to stdout, everything
else to stderr. The library raises; here errors become text and exit codes (see `EXIT_CODES`).
"""

from __future__ import annotations

import importlib
import logging
import sys

import click

from idp_cdi import __version__

#: name → (module, one line for --help). The module has a click command called `command`.
COMMANDS = {
    "extract": ("extract", "Read documents and print their fields; stores nothing."),
    "ingest": ("ingest", "Take documents and feed files along the whole road into the store."),
    "match": ("match", "Link the records of plain tables, without a store."),
    "inbox": ("inbox", "Work off a drop folder: run, watch, retry, status."),
    "review": ("review", "Doubtful values as a short list: list, export, import."),
    "customers": ("customers", "The customers: list, show, explain, history, merge, split, undo."),
    "connect": ("connect", "System feeds: suggest a mapping, run, list, status."),
    "learn": ("learn", "Learn from the answers of people; measured first, can be undone."),
    "train": ("train", "Improve a document type of your own from labelled documents."),
    "rules": ("rules", "Validation rules and data quality: list, check, run, scorecard."),
    "publish": ("publish", "Publish the star schema: DuckDB, Parquet or PostgreSQL."),
    "audit": ("audit", "Who decided what, on which evidence, when: list, verify, head."),
    "finance": ("finance", "Ageing, DSO, revenue, reconciliation, forecast from the warehouse."),
    "report": ("report", "Write one HTML report of what is in the store."),
    "evaluate": ("evaluate", "Measure extraction on labelled documents."),
    "doctor": ("doctor", "What is installed and what to do about each problem."),
}

EXIT_CODES = """\b
Exit codes:
  0  all done
  1  done, but some input had problems (they are named on stderr)
  2  the call or the settings are wrong
  3  no input could be used
  4  a program, language or optional package is missing
  5  the database can't be used
  130 stopped by Ctrl-C"""


class _Lazy(click.Group):
    """A group whose commands are imported when they are called, so that --help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if _exists(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or not _exists(cmd_name):
            return None
        module = importlib.import_module(f"idp_cdi.cli.{COMMANDS[cmd_name][0]}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(n, COMMANDS[n][1]) for n in self.list_commands(ctx)])


def _exists(name: str) -> bool:
    from pathlib import Path

    return (Path(__file__).parent / f"{COMMANDS[name][0]}.py").exists()


@click.group(
    cls=_Lazy,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="idp-cdi")
@click.option("--home", type=click.Path(file_okay=False), help="Folder of store, caches, exports.")
@click.option("--settings", "settings_file", type=click.Path(dir_okay=False), help="Settings file.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.pass_context
def cli(ctx: click.Context, home: str | None, settings_file: str | None, *, verbose: bool) -> None:
    """Customer data from systems and documents, unified into golden records.

    \b
    Examples:
      idp-cdi extract invoice.pdf
      idp-cdi ingest inbox/ crm.csv
      idp-cdi customers list
    """
    from idp_cdi.cli import _logs

    _logs.start(verbose=verbose)
    ctx.obj = {"home": home, "file": settings_file}


def main() -> None:
    """Run the command line; errors become one line on stderr and an exit code."""
    from idp_cdi.errors import IdpCdiError

    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        code = 130
    except IdpCdiError as error:
        click.echo(f"error [{error.code}]: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        code = 0
    except OSError as error:
        # A path that cannot be read or written; with --verbose the log says where that happened.
        logging.getLogger(__name__).info("stopped by the system", exc_info=True)
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"error [file]: {where}{error.strerror or error}", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
