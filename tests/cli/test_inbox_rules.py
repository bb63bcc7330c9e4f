"""The drop folder checks what came in by the rules, and no wrong rule stops it."""

from __future__ import annotations

from click.testing import CliRunner

from idp_cdi.cli.main import cli
from idp_cdi.store import open_store, questions

BAD = "DE88370400440532013000"


def run(home, folder):
    place = ["--home", str(home), "inbox", "run", str(folder), "--settle", "0.05"]
    return CliRunner().invoke(cli, place)


def test_a_dropped_feed_is_checked_and_a_wrong_rule_does_not_stop_the_folder(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "drop"
    folder.mkdir()
    rules = home / "rules" / "mine.yaml"
    rules.parent.mkdir(parents=True)
    (folder / "crm.csv").write_text(f"id,name,iban,country\n1,Acme GmbH,{BAD},DE\n")
    rules.write_text("rules: [{id: a, what: cross_field, assert: 'nonsense(', message: m}]\n")
    done = run(home, folder)
    assert done.exit_code == 0, done.output
    assert "rule 'a' can't be checked" in done.stderr
    rules.unlink()
    assert run(home, folder).exit_code == 0
    store = open_store(str(home / "customers.db"))
    with store.reading() as connection:
        asked = questions.items(connection, kinds=["rule"])
    assert {i.data["subject"][1] for i in asked} == {"iban.valid"}
    store.close()


def test_what_a_load_failed_is_what_the_results_show(tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text(f"id,name,iban,country\n1,Acme GmbH,{BAD},DE\n")
    place = ["--home", str(tmp_path / "home")]
    done = CliRunner().invoke(cli, [*place, "ingest", str(feed)])
    assert "see `idp-cdi rules results`" in done.output
    shown = CliRunner().invoke(cli, [*place, "rules", "results", "--failed"])
    assert "iban.valid" in shown.stdout
    assert "everything is checked by: idp-cdi rules run" in shown.stderr
    assert CliRunner().invoke(cli, [*place, "rules", "run"]).exit_code == 0
    again = CliRunner().invoke(cli, [*place, "rules", "results", "--failed"])
    assert "iban.valid" in again.stdout
    assert not again.stderr
