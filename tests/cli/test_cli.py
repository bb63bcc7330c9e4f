"""The command line's promises: help, exit codes, stdout for results and stderr for people."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp_cdi.cli.main import COMMANDS, cli

SAMPLES = Path(__file__).parents[2] / "samples"


def run(*arguments, home=None):
    place = ["--home", str(home)] if home else []
    return CliRunner().invoke(cli, [*place, *map(str, arguments)])


def program(*arguments):
    """The real program in a process of its own, with its exit code."""
    command = [sys.executable, "-m", "idp_cdi.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name):
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_every_command_but_the_obvious_shows_examples():
    without = [
        name
        for name in COMMANDS
        if "Example" not in run(name, "--help").output and name not in ("doctor", "report")
    ]
    assert without == []


def test_a_table_of_one_file_is_on_stdout():
    result = program("extract", "--format", "jsonl", SAMPLES / "inbox" / "ubl-it.xml")
    (line,) = result.stdout.splitlines()
    document = json.loads(line)
    assert result.returncode == 0
    assert document["type"] == "invoice"
    assert document["document"].endswith("ubl-it.xml")
    assert {f["name"]: f["value"] for f in document["fields"]}["invoice_number"] == "2026-10533"


def test_reading_one_invoice_loads_no_database_and_no_language_model():
    code = (
        "import sys\n"
        "from idp_cdi.cli.main import cli\n"
        "cli.main(['extract', sys.argv[1]], standalone_mode=False)\n"
        "print(','.join(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    invoice = str(SAMPLES / "inbox" / "invoice-en.pdf")
    command = [sys.executable, "-c", code, invoice]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    slow = {"sqlalchemy", "spacy", "lightgbm", "duckdb", "pandas", "scipy"}
    slow |= {"pydantic", "yaml", "rich", "email", "PIL", "tomllib"}
    assert not slow & set(done.stderr.strip().split(","))
    assert "invoice_number" in done.stdout


def test_a_file_that_cannot_be_read_gives_problems_and_exit_code_3():
    result = program("extract", "--format", "jsonl", SAMPLES / "inbox" / "broken.pdf")
    document = json.loads(result.stdout)
    assert result.returncode == 3
    assert document["fields"] == []
    assert document["problems"]


def test_some_files_with_problems_give_exit_code_1():
    files = (SAMPLES / "inbox" / "broken.pdf", SAMPLES / "inbox" / "ubl-it.xml")
    assert program("extract", "--format", "jsonl", *files).returncode == 1


def test_a_wrong_call_gives_exit_code_2(tmp_path):
    assert program("extract").returncode == 2
    settings = tmp_path / "idp-cdi.toml"
    settings.write_text("matching = 3")
    result = program("--settings", settings, "customers", "list")
    assert result.returncode == 2
    assert "matching" in result.stderr


def test_a_missing_store_gives_exit_code_5_and_says_what_to_do(tmp_path):
    result = program("--home", tmp_path, "customers", "list")
    assert result.returncode == 5
    assert "ingest" in result.stderr
    assert "Traceback" not in result.stderr


def test_asking_makes_no_store_and_neither_does_a_wrong_path(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "in"
    folder.mkdir()
    assert program("--home", home, "inbox", "status", folder).returncode == 5
    assert program("--home", home, "ingest", tmp_path / "nowhere").returncode == 2
    assert not home.exists()


def test_an_empty_list_says_that_it_is_empty(tmp_path):
    from idp_cdi.store import open_store

    open_store(str(tmp_path / "customers.db")).close()
    for command, words in {
        ("customers", "list"): "there are no customers yet",
        ("customers", "list", "--search", "Zab"): "no customer has 'Zab'",
        ("audit", "list"): "nobody decided anything yet",
    }.items():
        result = run(*command, home=tmp_path)
        assert (result.exit_code, result.stdout) == (0, "")
        assert words in result.stderr


def test_a_file_in_quarantine_is_told_once(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more\n%%EOF\n")
    arguments = ("inbox", "run", folder, "--settle", "0.1", "--patience", "0.1")
    result = program("--home", tmp_path / "home", *arguments)
    assert result.returncode == 3
    assert result.stderr.count("quarantine") == 1
    assert "broken.pdf" in result.stderr


def test_csv_has_one_header():
    files = [SAMPLES / "inbox" / "ubl-it.xml"] * 2
    result = program("extract", "--format", "csv", *files)
    assert result.stdout.count("document,field,value") == 1


def test_doctor_names_what_is_there(tmp_path):
    result = run("doctor", "--json", home=tmp_path)
    findings = {f["what"]: f for f in json.loads(result.stdout)}
    assert findings["Python"]["ok"]
    assert findings["spacy"]["ok"]
    assert all(f["ok"] or f["action"] for f in findings.values())


def test_evaluate_prints_what_it_counts(tmp_path):
    gold = tmp_path / "gold.jsonl"
    document = SAMPLES / "inbox" / "ubl-it.xml"
    label = {
        "document": str(document),
        "fields": {"invoice_number": ["2026-10533"], "total": ["1.00"]},
    }
    gold.write_text(json.dumps(label) + "\n", encoding="utf-8")
    result = run("evaluate", "--embedded", "--json", "--errors", 5, gold, home=tmp_path)
    report = json.loads(result.stdout)
    assert report["fields"]["invoice_number"]["right"] == 1
    assert report["micro"]["f1"] == 0.5
    assert report["errors"][0]["field"] == "total"
    assert report["fields"]["total"]["right_interval"][0] == 0.0
    assert sum(b["values"] for b in report["confidence"]["bins"]) == 2
    table = run("evaluate", "--embedded", gold, home=tmp_path).stdout
    assert "said" in table and "reliability, all fields" in table
    diagram = tmp_path / "reliability.svg"
    run("evaluate", "--embedded", "--draw", diagram, gold, home=tmp_path)
    assert diagram.read_text(encoding="utf-8").startswith("<svg")


def test_a_gold_file_that_is_none_is_named_with_its_line(tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text("{}\n")
    result = program("evaluate", gold)
    assert result.returncode == 3
    assert f"{gold}:1" in result.stderr


def test_fields_are_drawn_onto_the_page(tmp_path):
    drawn = tmp_path / "seen.pdf"
    result = run("extract", "--draw", drawn, SAMPLES / "inbox" / "invoice-en.pdf", home=tmp_path)
    assert result.exit_code == 0
    assert drawn.read_bytes().startswith(b"%PDF")


def packed(folder, *names):
    """A ZIP with these samples in it."""
    path = folder / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.write(SAMPLES / name, Path(name).name)
    return path


def test_what_cannot_be_read_inside_an_archive_is_told_and_asked_about(tmp_path):
    path = packed(tmp_path, "inbox/broken.pdf", "feeds/crm.csv", "inbox/invoice-en.pdf")
    assert program("extract", path).returncode == 1
    result = program("--home", tmp_path / "home", "ingest", path)
    assert result.returncode == 1
    for part, word in (("broken.pdf", "broken"), ("crm.csv", "idp-cdi ingest")):
        (line,) = [t for t in result.stderr.splitlines() if f"two.zip!{part}" in t]
        assert word in line
    listed = run("review", "list", home=tmp_path / "home").output
    assert listed.count("unreadable") == 2


def test_an_archive_with_a_broken_part_goes_to_quarantine_with_the_rest_taken_in(tmp_path):
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    packed(folder, "inbox/broken.pdf", "inbox/invoice-en.pdf")
    arguments = ("inbox", "run", folder, "--settle", "0.1", "--patience", "0.1")
    result = program("--home", home, *arguments)
    assert result.returncode == 3 or result.returncode == 1
    assert "broken.pdf" in result.stderr
    assert "C-0000001" in run("customers", "list", home=home).output


def test_a_mail_with_an_invitation_is_no_failure(tmp_path):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Invoice", "a@x.example", "b@y.example"
    mail.set_content("See the invoice.")
    invoice = (SAMPLES / "inbox" / "invoice-en.pdf").read_bytes()
    mail.add_attachment(invoice, maintype="application", subtype="pdf", filename="i.pdf")
    mail.add_attachment(b"\x30\x82\x01", maintype="application", subtype="x-sig", filename="s.p7s")
    (tmp_path / "m.eml").write_bytes(bytes(mail))
    assert program("--home", tmp_path / "home", "ingest", tmp_path / "m.eml").returncode == 0


def test_refused_rows_are_told_and_known_feeds_are_not_empty(tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text("id,name,email\n1,Ann Lee,a@x.example\n2,,\n3,Bob Ray,b@x.example\n")
    first = program("--home", tmp_path / "home", "ingest", feed)
    assert first.returncode == 1
    assert "rows refused" in first.stderr
    assert "connect rejected" in first.stderr
    again = program("--home", tmp_path / "home", "ingest", feed)
    assert again.returncode == 0
    assert "no rows" not in again.stderr
    (tmp_path / "none.csv").write_text("id,name,email\n")
    assert "no rows" in program("--home", tmp_path / "h", "ingest", tmp_path / "none.csv").stderr


def test_an_unknown_type_is_a_wrong_call_and_the_known_ones_are_named():
    result = program("extract", "--type", "nosuch", SAMPLES / "inbox" / "invoice-en.pdf")
    assert result.returncode == 2
    assert "credit_note" in result.stderr
    assert "Traceback" not in result.stderr
    assert "fault" not in result.stderr


def test_a_path_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "note.txt").write_text("x")
    for call in (
        ("extract", "--draw", tmp_path / "no" / "x.pdf", SAMPLES / "inbox" / "invoice-en.pdf"),
        ("--home", tmp_path / "note.txt" / "h", "ingest", SAMPLES / "feeds" / "crm.csv"),
    ):
        result = program(*call)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
        assert str(tmp_path) in result.stderr.splitlines()[-1]


def test_a_customer_export_leaves_numbers_and_dates_as_they_are(tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text(
        "id,name,phone,postal_code,city,country\n1,=cmd() GmbH,+49 431 5550120,01067,Dresden,DE\n"
    )
    assert program("--home", tmp_path, "ingest", feed).returncode == 0
    (row,) = csv.DictReader(io.StringIO(run("customers", "export", home=tmp_path).stdout))
    assert (row["phone"], row["postal_code"]) == ("+494315550120", "01067")
    assert row["name"] == "'=cmd() GmbH"


def test_a_decision_is_undone_once(tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text("id,name,city\n1,Ann Lee,Leeds\n2,Hafenwerk Logistik GmbH,Kiel\n")
    assert program("--home", tmp_path, "ingest", feed).returncode == 0
    assert run("customers", "merge", "C-0000001", "C-0000002", "--person", "a", home=tmp_path)
    assert run("customers", "undo", "1", "--person", "a", home=tmp_path).exit_code == 0
    again = program("--home", tmp_path, "customers", "undo", "1", "--person", "a")
    assert again.returncode == 2
    assert "undone already" in again.stderr


def test_learning_compares_with_the_customers_that_there_are(tmp_path):
    inbox = SAMPLES / "inbox"
    files = [inbox / "invoice-en.pdf", inbox / "contract-nda.pdf", SAMPLES / "feeds"]
    program("--home", tmp_path, "ingest", *files)
    count = len(json.loads(run("customers", "list", "--json", home=tmp_path).stdout))
    told = run("learn", "weights", home=tmp_path).output
    assert f"customers: {count} now, {count} then" in told


def test_the_report_tells_the_rules_that_what_came_in_failed(tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text("id,name,country\n1,Hafenwerk Logistik GmbH,DE\n")
    told = program("--home", tmp_path, "ingest", feed).stdout
    assert "1 failures" in told or "failures" in told
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "what came in" in report
    assert "never run over everything" in report


def test_a_variable_of_a_location_that_is_not_set_is_named(tmp_path):
    source = tmp_path / "crm.yaml"
    source.write_text("source: crm\nlocation: ${IDP_NOT_SET}/crm.csv\n")
    result = program("--home", tmp_path, "connect", "run", source)
    assert result.returncode == 2
    assert "IDP_NOT_SET" in result.stderr


def test_evaluate_names_what_it_could_not_read(tmp_path):
    (tmp_path / "none.jsonl").write_text("")
    assert program("evaluate", tmp_path / "none.jsonl").returncode == 3
    ubl = SAMPLES / "inbox" / "ubl-it.xml"
    label = {"fields": {"invoice_number": ["1"]}}
    rows = [label | {"document": str(ubl)}, label | {"document": "gone.pdf"}]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = program("evaluate", gold)
    assert result.returncode == 1
    told = [line for line in result.stderr.splitlines() if line.startswith("not read")]
    assert ["--embedded" in told[0], "gone.pdf" in told[1]] == [True, True]
    assert program("evaluate", "--type", "nosuch", gold).returncode == 2


def test_a_variable_of_a_location_may_hold_a_whole_folder(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "crm.csv").write_text("id,name\n1,Hafenwerk Logistik GmbH\n")
    monkeypatch.setenv("IDP_DATA", str(tmp_path / "data"))
    source = tmp_path / "crm.yaml"
    text = "source: crm\nlocation: ${IDP_DATA}/crm.csv\nstreams:\n  crm:\n    key: id\n"
    source.write_text(text + "    fields: {name: name}\n")
    result = program("--home", tmp_path / "home", "connect", "run", source)
    assert result.returncode == 0, result.stderr
    assert "Hafenwerk" in run("customers", "list", home=tmp_path / "home").output
