"""The samples from end to end: every document against its golden file, then the whole road.

The golden files hold what the documents say, not what the program found: they are written by
``scripts/make_samples.py`` from the same facts as the documents.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp_cdi.cli.main import cli
from idp_cdi.evaluation import same

SAMPLES = Path(__file__).parents[1] / "samples"
EXPECTED = sorted((SAMPLES / "expected").glob("*.json"))
DOCUMENTS = {p.stem: p for p in (SAMPLES / "inbox").iterdir()}
CUSTOMERS = json.loads((SAMPLES / "expected" / "customers.json").read_text(encoding="utf-8"))

#: Values that a person would be asked about are allowed to be wrong; accepted ones are not.
ASKED_BELOW = 0.85


def run(*arguments, home=None, ok=(0,)):
    settings = ["--settings", str(SAMPLES / "idp-cdi.toml")]
    place = ["--home", str(home)] if home else []
    result = CliRunner().invoke(cli, [*place, *settings, *map(str, arguments)])
    assert result.exit_code in ok, result.output + repr(result.exception)
    return result


def as_json(*arguments, home=None, ok=(0,)):
    return json.loads(run(*arguments, home=home, ok=ok).stdout)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """All sample documents, read from the page alone and as they are, in one call each."""
    home = tmp_path_factory.mktemp("home")
    folder = SAMPLES / "inbox"
    whole = as_json("extract", "--format", "json", folder, home=home, ok=(1,))
    page = as_json("extract", "--format", "json", "--no-embedded", folder, home=home, ok=(1,))
    return {
        "whole": {Path(d["document"]).stem: d for d in whole},
        "page": {Path(d["document"]).stem: d for d in page},
    }


def test_every_document_but_the_broken_one_and_the_copy_has_a_golden_file():
    stems = {p.stem for p in EXPECTED} - {"customers"}
    assert set(DOCUMENTS) - stems == {"broken", "invoice-de-copy"}
    assert stems <= set(DOCUMENTS)


def judge(found, expected):
    """Expected values that were not found, and accepted values that are wrong."""
    missing, wrong = [], []
    for name, wanted in expected["fields"].items():
        wanted = wanted if isinstance(wanted, list) else [wanted]
        values = [f for f in found["fields"] if f["name"] == name]
        missing += [(name, w) for w in wanted if not any(same(name, f["value"], w) for f in values)]
        wrong += [
            (name, f["value"], f["confidence"])
            for f in values
            if f["confidence"] >= ASKED_BELOW and not any(same(name, f["value"], w) for w in wanted)
        ]
    return missing, wrong


@pytest.mark.ocr
@pytest.mark.parametrize(
    "path", [p for p in EXPECTED if p.stem != "customers"], ids=lambda p: p.stem
)
def test_a_document_says_what_its_golden_file_says(extracted, path):
    expected = json.loads(path.read_text(encoding="utf-8"))
    found = extracted["whole"][path.stem]
    missing, wrong = judge(found, expected)
    assert found["type"].replace("credit_note", "invoice") == expected["type"].replace(
        "credit_note", "invoice"
    )
    assert not wrong
    assert len(missing) <= 2, f"too many values were not found: {missing}"


def test_the_page_of_an_einvoice_says_the_same_as_its_data(extracted):
    expected = json.loads((SAMPLES / "expected" / "facturx-nl.json").read_text(encoding="utf-8"))
    missing, wrong = judge(extracted["page"]["facturx-nl"], expected)
    assert not wrong
    assert len(missing) <= 1


def test_every_value_says_where_and_why(extracted):
    for document in extracted["page"].values():
        for field in document["fields"]:
            assert field["why"]
            assert 0 <= field["confidence"] <= 1
            if field["bbox"] is not None:
                x0, y0, x1, y1 = field["bbox"]
                assert x0 <= x1 and y0 <= y1 and field["page"] >= 1


def test_a_broken_file_is_a_problem_with_a_reason_and_no_field(extracted):
    broken = extracted["whole"]["broken"]
    assert broken["fields"] == []
    assert broken["problems"][0]["code"] and broken["problems"][0]["action"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A home folder into which all samples were ingested, and the summary."""
    home = tmp_path_factory.mktemp("store")
    inputs = (SAMPLES / "inbox", SAMPLES / "feeds")
    return home, as_json("ingest", "--json", *inputs, home=home, ok=(1,))


def mentions_of(home):
    """Customer id → its mentions, written as the golden file writes them."""
    import hashlib

    shas = {hashlib.sha256(p.read_bytes()).hexdigest(): s for s, p in sorted(DOCUMENTS.items())}
    shas |= {hashlib.sha256(DOCUMENTS["invoice-de"].read_bytes()).hexdigest(): "invoice-de"}
    found = {}
    for row in as_json("customers", "list", "--limit", 0, "--json", home=home):
        view = as_json("customers", "show", row["id"], "--json", home=home)
        found[row["id"]] = {
            shas[m["key"].partition("#")[0]]
            if m["source"] == "documents"
            else f"{m['source']}:{m['key'].rpartition(':')[2]}"
            for m in view["mentions"]
        }
    return found


@pytest.mark.ocr
def test_the_samples_become_the_customers_that_they_are(store):
    home, _ = store
    customers = mentions_of(home)
    wrong = {}
    for name, wanted in CUSTOMERS.items():
        # A contract has two parties: it may stand in more than one customer.
        homes = [found for found in customers.values() if found & (set(wanted) - {"contract-nda"})]
        if len(homes) != 1 or homes[0] - {"contract-nda"} != set(wanted) - {"contract-nda"}:
            wrong[name] = homes
    assert not wrong


@pytest.mark.ocr
def test_a_second_run_says_that_nothing_is_new_and_changes_nothing(store):
    home, first = store
    before = run("customers", "export", "--format", "jsonl", home=home).stdout
    again = as_json("ingest", "--json", SAMPLES / "inbox", SAMPLES / "feeds", home=home, ok=(0, 1))
    assert (again["documents"], again["rows_new"], again["rows_changed"]) == (0, 0, 0)
    assert again["customers"] == first["customers"]
    assert run("customers", "export", "--format", "jsonl", home=home).stdout == before


@pytest.mark.ocr
def test_the_same_bytes_are_linked_to_the_first_file(store):
    _, summary = store
    assert [Path(p).name for p in summary["known"]] == ["invoice-de.pdf"]


@pytest.mark.ocr
def test_an_order_of_arrival_does_not_matter(store, tmp_path):
    home, _ = store
    files = [*(SAMPLES / "feeds").iterdir(), *(SAMPLES / "inbox").iterdir()]
    for path in sorted(files, reverse=True):
        run("ingest", path, home=tmp_path, ok=(0, 1, 3))
    one, other = (
        sorted(sorted(m) for m in mentions_of(place).values()) for place in (home, tmp_path)
    )
    assert one == other
