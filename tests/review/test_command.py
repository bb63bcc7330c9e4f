"""``idp-cdi review`` and ``learn`` as a person types them."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from idp_cdi.cli.main import cli
from idp_cdi.documents import Box
from idp_cdi.extractions import Extraction, Field
from idp_cdi.review.questions import questions
from idp_cdi.settings import Settings
from idp_cdi.store import documents, open_store
from idp_cdi.store import questions as store_questions

SHA = "ab" * 32


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store with one doubtful value, and nothing to match."""
    monkeypatch.setattr("idp_cdi.steps.unify.unify", lambda *_: None)
    settings = Settings(home=tmp_path / "home")
    database = open_store(settings.store_url)
    fields = (Field("buyer.name", "=Acme", "=Acme", 0.6, 1, Box(1, 2, 3, 4)),)
    made = Extraction("a.pdf", SHA, "invoice", 1.0, "en", 1, "pdf", 0.1, fields)
    with database.writing() as connection:
        documents.append_documents(connection, [documents.Seen(SHA, "a.pdf", "", 1)])
        documents.append_extractions(connection, "test", [(SHA, made, None)])
        store_questions.put(connection, [q.item() for q in questions(made, settings)])
    database.close()
    return settings.home


def call(home, *words):
    done = CliRunner().invoke(cli, ["--home", str(home), *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_from_the_list_to_the_answer_and_back(home, tmp_path):
    assert "buyer.name = '=Acme' (60%)" in call(home, "review", "list").stdout
    (shown,) = json.loads(call(home, "review", "list", "--json").stdout)
    path = tmp_path / "q.csv"
    assert "1 questions" in call(home, "review", "export", str(path)).stdout
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"answer": "right", "person": "ann"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = call(home, "review", "import", str(path))
    assert (done.exit_code, done.stdout.strip()) == (0, "1 applied")
    assert call(home, "review", "import", str(path)).stdout.strip() == "1 known"
    assert json.loads(call(home, "review", "list", "--json").stdout) == []
    told = call(home, "review", "withdraw", shown["id"], "--person", "ann")
    assert "1 answers taken back" in told.stdout
    assert len(json.loads(call(home, "review", "list", "--json").stdout)) == 1


def test_an_answer_that_can_not_be_applied_is_listed_and_the_exit_code_says_so(home, tmp_path):
    path = tmp_path / "q.jsonl"
    call(home, "review", "export", str(path))
    line = json.loads(path.read_text()) | {"answer": "perhaps"}
    path.write_text(json.dumps(line) + "\n")
    done = call(home, "review", "import", str(path), "--person", "ann", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["listed"][0]["status"] == "unclear"


def test_the_format_follows_from_the_suffix_or_has_to_be_said(home, tmp_path):
    path = tmp_path / "tasks.json"
    done = CliRunner().invoke(cli, ["--home", str(home), "review", "export", str(path)])
    assert done.exit_code == 2
    call(home, "review", "export", str(path), "--format", "labelstudio")
    assert (tmp_path / "tasks.config.xml").exists()


def test_learning_says_what_it_did(home):
    told = json.loads(call(home, "learn", "--json").stdout)
    assert [t["kind"] for t in told] == ["confidence", "layout", "spans", "match"]
    assert not any(t["active"] for t in told)
    assert json.loads(call(home, "learn", "list", "--json").stdout) == []


@pytest.mark.parametrize("words", [["review"], ["review", "import"], ["inbox", "run"], ["learn"]])
def test_help_has_examples(words):
    done = CliRunner().invoke(cli, [*words, "--help"])
    assert "idp-cdi" in done.output and "Example" in done.output
