"""Every command explains itself: what it does, its options, an example a person can copy."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from idp_cdi.cli.main import cli

PAGE = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")


def walk(command, ctx, path=()):
    yield " ".join(("idp-cdi", *path)), command, ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            inner = click.Context(found, info_name=name, parent=ctx)
            yield from walk(found, inner, (*path, name))


COMMANDS = list(walk(cli, click.Context(cli, info_name="idp-cdi")))


@pytest.mark.parametrize(("call", "command", "ctx"), COMMANDS, ids=[c[0] for c in COMMANDS])
def test_the_help_of_a_command_tells_all(call, command, ctx):
    told = command.get_help(ctx)
    usage, _, rest = told.partition("\n")
    assert usage.startswith(f"Usage: {call}")
    assert "\\b" not in told, "click wants the character, not backslash and b"
    mute = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not mute
    if " finance " not in f"{call} ":  # its marts are data: those of a kind are called alike
        assert re.search(rf"^ +({call}( |$)|.*\| {call} )", rest, re.MULTILINE), "no example"


def test_an_example_is_a_line_of_its_own():
    told = cli.get_help(click.Context(cli, info_name="idp-cdi"))
    assert "\n    idp-cdi extract invoice.pdf\n" in told


def test_every_command_is_in_the_docs():
    for call, *_ in COMMANDS[1:]:
        name = call.split()[1]
        assert re.search(rf"^\| `{name}\b", PAGE, re.MULTILINE), call
        if len(call.split()) == 3 and name != "finance":
            assert re.search(rf"^\| `{name}[^`]*\b{call.split()[2]}\b", PAGE, re.MULTILINE), call
