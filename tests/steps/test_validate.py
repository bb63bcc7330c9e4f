"""Rules on the store: results are kept, persons asked, bad rows wait outside, nothing is lost."""

from __future__ import annotations

import csv

import pytest

from idp_cdi.connectors._mapping import SourceSpec
from idp_cdi.review.answers import Action, Answer
from idp_cdi.settings import Settings
from idp_cdi.steps.check_file import check_file
from idp_cdi.steps.collect import collect
from idp_cdi.steps.retry import retry
from idp_cdi.steps.review import import_answers
from idp_cdi.steps.validate import validate, validate_new
from idp_cdi.store import checks, feeds, log, questions

GOOD, BAD = "DE89370400440532013000", "DE88370400440532013000"


@pytest.fixture
def crm(tmp_path):
    def write(*rows):
        path = tmp_path / "crm.csv"
        with path.open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["id", "company", "iban", "land"])
            out.writerows(rows)
        fields = {"name": "company", "iban": "iban", "country": "land"}
        return SourceSpec.model_validate(
            {
                "source": "crm",
                "location": str(path),
                "streams": {"crm": {"key": ["id"], "fields": fields}},
            }
        )

    return write


def rule_file(settings, text):
    (settings.home / "rules").mkdir(parents=True, exist_ok=True)
    (settings.home / "rules" / "mine.yaml").write_text(f"rules:\n{text}")


def open_items(database):
    with database.reading() as connection:
        return questions.items(connection, kinds=["rule"])


def test_every_rules_result_is_a_table_with_examples(database, settings, crm):
    collect(crm(("1", "Acme GmbH", GOOD, "DE"), ("2", "Beta AG", BAD, "DE")), settings, database)
    done = validate(database, settings)
    with database.reading() as connection:
        found = {
            (r.rule, r.source): r
            for r in checks.results(connection, checks.latest(connection, whole=True))
        }
        (number,) = log.mention_ids(connection, "crm", ["2"]).values()
    iban = found["iban.valid", "crm"]
    assert (iban.checked, iban.failed, iban.examples) == (2, 1, (number,))
    assert (iban.owner, iban.severity) == ("treasury", "review")
    assert found["iban.valid", ""].failed == 1  # the golden record as well
    assert done.failed == sum(r.failed for r in found.values())


def test_a_person_is_asked_and_the_question_goes_when_the_row_is_put_right(database, settings, crm):
    collect(crm(("1", "Acme GmbH", BAD, "DE")), settings, database)
    assert validate_new(database, settings).asked == 2
    assert {i.data["value"] for i in open_items(database)} == {
        "an IBAN has the length of its country and right check digits"
    }
    assert validate_new(database, settings).results == ()
    collect(crm(("1", "Acme GmbH", GOOD, "DE")), settings, database)
    validate_new(database, settings)
    assert open_items(database) == []


def test_what_a_person_finds_right_is_not_asked_again(database, settings, crm):
    collect(crm(("1", "Acme GmbH", BAD, "DE")), settings, database)
    validate(database, settings)
    items = open_items(database)
    told = [Answer(i.id, i.data["state"], Action.ACCEPT) for i in items]
    assert import_answers(database, settings, told, person="ann").counts == {"applied": 2}
    assert validate(database, settings).asked == 0
    assert open_items(database) == []


def test_a_row_is_set_aside_with_its_cells_and_comes_in_when_it_is_right(database, settings, crm):
    rule_file(settings, "  - {id: iban.valid, severity: set_aside, scope: [door]}\n")
    spec = crm(("1", "Acme GmbH", GOOD, "DE"), ("2", "Beta AG", BAD, "DE"))
    (report,) = collect(spec, settings, database)
    assert (report.new, report.rejected) == (1, 1)
    with database.reading() as connection:
        (waiting,) = feeds.rejections(connection)
    assert waiting.code == "rule.iban.valid"
    assert waiting.cells == {"id": "2", "company": "Beta AG", "iban": BAD, "land": "DE"}
    assert retry(spec, settings, database).resolved == 0
    mended = {waiting.id: waiting.cells | {"iban": GOOD}}
    assert retry(spec, settings, database, corrections=mended).resolved == 1
    with database.reading() as connection:
        assert len(list(log.current_records(connection))) == 2


def test_a_bad_update_does_not_replace_what_was_right(database, settings, crm):
    rule_file(settings, "  - {id: iban.valid, severity: set_aside, scope: [door]}\n")
    collect(crm(("1", "Acme GmbH", GOOD, "DE")), settings, database)
    collect(crm(("1", "Acme GmbH", BAD, "DE")), settings, database)
    with database.reading() as connection:
        ((_, one),) = log.current_records(connection)
    assert one.values("iban")[0].value == GOOD


def test_a_file_is_checked_before_it_is_taken_in(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(f"id,name,iban,country\n7,Acme GmbH,{BAD},DE\n8,Beta AG,{GOOD},DE\n")
    found, keys = check_file(path, Settings(home=tmp_path / "home"))
    failed = {r.rule.id: [keys[n] for n in r.examples] for r in found if r.failed}
    assert failed["iban.valid"] == ["7"]
    assert not (tmp_path / "home").exists()
