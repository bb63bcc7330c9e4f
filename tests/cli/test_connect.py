"""``idp-cdi connect`` as people use it: suggest, run, look, correct, retry."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from idp_cdi.cli.main import cli


@pytest.fixture
def call(tmp_path):
    def run(*args, code=0):
        done = CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), *map(str, args)])
        assert done.exit_code == code, (done.output, done.exception)
        return done.stdout

    return run


def test_from_a_suggested_mapping_to_corrected_rows(call, tmp_path):
    feed = tmp_path / "crm.csv"
    feed.write_text("id,company,email\n1,Acme GmbH,a@b.example\n2,,\n3,Brandt AG,c@d.example\n")
    source = tmp_path / "crm.yaml"
    source.write_text(call("connect", "suggest", feed, "--source", "crm"))
    guesses = json.loads(call("connect", "suggest", feed, "--json"))
    assert {g["column"]: g["target"] for g in guesses["crm"]}["email"] == "email"
    report = json.loads(call("connect", "run", source, "--json", code=1))[0]
    assert (report["new"], report["rejected"], report["reasons"]) == (2, 1, {"row.empty": 1})
    assert "waiting: 1 rows of crm" in call("connect", "status")
    assert json.loads(call("connect", "status", "--json"))["runs"][0]["status"] == "problems"
    assert "row 3 [row.empty]" in call("connect", "rejected")
    out = tmp_path / "rejected.csv"
    call("connect", "rejected", "--output", out)
    out.write_text(out.read_text(encoding="utf-8-sig").replace(",2,,", ",2,Corvin Ltd,"))
    assert "1 rows came in, 0 still wait" in call("connect", "retry", source, "--corrections", out)
    again = json.loads(call("connect", "run", source, "--json"))[0]
    assert again["new"] == again["changed"] == again["rejected"] == 0
    assert "crm: *" in call("connect", "list", source)


def test_status_says_why_a_run_failed(call, tmp_path):
    source = tmp_path / "crm.yaml"
    source.write_text(
        "source: crm\nlocation: gone.csv\nstreams: {'*': {key: id, fields: {name: n}}}\n"
    )
    call("connect", "run", source, code=1)
    assert "crm failed [" in call("connect", "status")


def test_the_connectors_are_listed(call):
    known = json.loads(call("connect", "list", "--json"))["connectors"]
    assert {"csv", "sql", "rest", "tryton"} <= known.keys()
