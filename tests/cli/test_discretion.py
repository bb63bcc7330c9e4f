"""Values of customers are where they belong and nowhere else: not in logs, not in errors."""

from __future__ import annotations

import csv
import io
import json
import logging
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from idp_cdi import pii
from idp_cdi.cli._logs import Formatter
from idp_cdi.cli.main import cli
from idp_cdi.errors import UnreadableInput
from idp_cdi.fields import fields
from idp_cdi.store import open_store
from idp_cdi.store.schema import source

CANARIES = [f"Kanari{i:03d}Qx" for i in range(400)]


def program(home, *arguments):
    command = [sys.executable, "-m", "idp_cdi.cli.main", "-v", "--home", str(home)]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def feeds(folder):
    """Rows good and bad in every way that is told of: no key, bad numbers, ragged, doubled."""
    c = iter(CANARIES)
    rows = [["id", "name", "email", "phone", "iban", "street", "city", "birth date", "country"]]
    for i in range(40):
        key = "" if i % 9 == 8 else f"{i}"
        mail, phone, account = f"{next(c)}@x", f"{next(c)} 12", f"DE{next(c)}"
        place, born, country = [next(c), next(c)], f"31.31.{next(c)}", next(c)
        rows.append([key, next(c), mail, phone, account, *place, born, country])
    rows.append([next(c), next(c)])
    rows.append([next(c)] * 14)
    with (folder / "people.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / "broken.xml").write_text(f"<Invoice><Name>{next(c)}</Name>")
    (folder / "broken.pdf").write_text(f"%PDF-1.7 {next(c)}")
    (folder / "answers.csv").write_text(f"id,state,answer\n{next(c)},x,{next(c)}\n")
    (folder / "wrong.csv").write_text(f"a,b\n{next(c)},{next(c)}\n")


def test_no_value_is_in_a_log_or_an_error(tmp_path):
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    feeds(folder)
    said = ""
    for arguments in (
        ["ingest", folder / "people.csv", folder / "broken.xml", folder / "broken.pdf"],
        ["rules", "check", folder / "people.csv"],
        ["rules", "run"],
        ["review", "import", folder / "answers.csv", "--person", "ann"],
        ["review", "import", folder / "wrong.csv", "--person", "ann"],
        ["audit", "verify"],
        ["customers", "forget", "C-0000001", "--yes", "--person", "ann"],
    ):
        done = program(home, *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        said += done.stderr + (done.stdout if arguments[0] in ("ingest", "customers") else "")
    assert said
    assert [c for c in CANARIES if c.casefold() in said.casefold()] == []


def test_of_a_fault_the_log_has_the_place_and_not_the_words():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Formatter("%(levelname)s %(message)s"))
    logger = logging.Logger("x")
    logger.addHandler(handler)
    try:
        try:
            int(CANARIES[0])
        except ValueError as error:
            raise KeyError(CANARIES[1]) from error
    except KeyError:
        logger.exception("item %d failed", 7)
    text = out.getvalue()
    assert not [c for c in CANARIES if c in text]
    for part in ("ERROR item 7 failed", "test_discretion.py", "ValueError", "KeyError"):
        assert part in text


def test_our_own_errors_are_logged_with_their_reason():
    record = logging.LogRecord("x", 40, "f", 1, "m", (), None)
    try:
        raise UnreadableInput("no pages")
    except UnreadableInput:
        record.exc_info = sys.exc_info()
    assert "UnreadableInput: no pages" in Formatter().format(record)


def test_an_error_of_the_database_does_not_show_what_it_was_given(tmp_path):
    store = open_store(str(tmp_path / "s.db"))
    row = {"id": 1, "name": CANARIES[0], "kind": "feed", "owner": CANARIES[1], "trust": "{}"}
    with pytest.raises(IntegrityError) as error, store.writing() as connection:
        connection.execute(insert(source), [row, row])
    assert not [c for c in CANARIES if c in str(error.value)]
    store.close()


def test_every_field_has_a_class():
    known = fields()
    assert {s.pii for s in (*known.party.values(), *known.document.values())} <= set(pii.CLASSES)
    assert {n for n, s in known.party.items() if s.pii == "none"} == {"lei", "country", "region"}
    assert {s.pii for s in known.document.values() if s.kind == "text"} <= {"text", "none"}


@pytest.mark.parametrize("name", ["name", "email", "phone", "iban", "street", "date_of_birth"])
def test_a_masked_value_does_not_give_itself_away(name):
    for value in ("Ann Lee", "ann.lee@example.com", "+49301234567", "DE89370400440532013000"):
        shown = pii.masked(name, value)
        assert shown != value
        assert value.partition("@")[0] not in shown


def test_exports_mask_or_leave_out_what_is_personal(tmp_path):
    given = tmp_path / "crm.csv"
    given.write_text("id,name,email,country\n1,Ann Lee,ann.lee@example.com,DE\n")
    home = ["--home", str(tmp_path / "home")]
    assert CliRunner().invoke(cli, [*home, "ingest", str(given)]).exit_code == 0
    masked = CliRunner().invoke(cli, [*home, "customers", "export", "--mask-pii"]).stdout
    assert "A•• L••" in masked
    assert "Ann" not in masked
    bare = CliRunner().invoke(
        cli, [*home, "customers", "export", "--without-pii", "--format", "jsonl"]
    )
    assert json.loads(bare.stdout)["values"] == {"country": "DE"}
