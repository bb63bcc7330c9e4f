"""Document types as data: found by labels alone, better after training, explained always."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from idp_cdi.documents import Box, Document, Page, PageSource, Word
from idp_cdi.errors import SettingsError, UsageError
from idp_cdi.evaluation.same import same
from idp_cdi.extractors._view import View
from idp_cdi.scoring import Options, boosting, custom, custom_model, custom_types, trees
from idp_cdi.scoring.custom_sheet import Sheet
from idp_cdi.steps import train as step

if TYPE_CHECKING:
    from pathlib import Path

RAW = Options(type="slip", calibrated=False)
SLIP = {
    "type": "slip",
    "day_first": False,
    "fields": {
        "buyer.name": {"labels": ["Advertiser", "Client"]},
        "order_number": {"labels": ["Order #"]},
        "total": {"labels": ["Gross Total", "Gross > Totals"]},
        "period_start": {"labels": ["Flight Dates"], "take": "first"},
        "period_end": {"labels": ["Flight Dates"], "take": "last"},
        "seller.name": {"labels": []},
    },
}


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_CDI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("IDP_CDI_DOCTYPES", str(tmp_path / "doctypes"))


def paper(*placed: tuple[str, float, float]) -> Document:
    words = []
    for text, x, y in placed:
        for word in text.split():
            words.append(Word(word, Box(x, y, x + 5.0 * len(word), y + 10.0)))
            x += 5.0 * len(word) + 3.0
    page = Page(1, 595, 842, tuple(words))
    return Document("a.pdf", "0", "application/pdf", "pdf", (page,))


def found(document: Document, kind: dict[str, object] | None = None) -> dict[str, str]:
    fields = custom.decide_as(custom_types.parse(kind or SLIP), View.of(document), RAW).fields
    return {f.name: f.value for f in fields}


def test_labels_beside_above_and_in_the_cell_are_enough() -> None:
    document = paper(
        ("Advertiser", 50, 50),
        ("Acme Foods Inc", 200, 50),
        ("Order #: 4711-2", 50, 70),
        ("Gross Total", 300, 90),
        ("$1,250.00", 300, 104),
        ("Flight Dates", 50, 130),
        ("05/26/20 - 06/01/20", 200, 130),
    )
    assert found(document) == {
        "buyer.name": "Acme Foods Inc",
        "order_number": "4711-2",
        "total": "1250.00",
        "period_start": "2020-05-26",
        "period_end": "2020-06-01",
    }


def test_a_row_and_a_column_head_together_name_a_cell() -> None:
    document = paper(
        ("Net", 200, 50), ("Gross", 300, 50), ("Spots", 50, 64), ("80.00", 200, 64),
        ("90.00", 300, 64), ("Totals", 50, 78), ("80.00", 200, 78), ("99.00", 300, 78),
    )  # fmt: skip
    kind = {"fields": {"total": {"labels": ["Totals"]}}}
    assert found(document, kind)["total"] in {"80.00", "99.00"}


def test_the_sum_of_a_column_is_the_total_not_its_first_row() -> None:
    document = paper(
        ("Gross Total", 300, 40),
        ("$3,050.00", 300, 54),
        ("$325.00", 310, 68),
        ("$3,375.00", 300, 82),
    )
    assert found(document)["total"] == "3375.00"


def test_amounts_that_do_not_add_up_leave_the_nearest_one() -> None:
    document = paper(
        ("Gross Total", 300, 40), ("$3,050.00", 300, 54), ("$325.00", 310, 68), ("$9.00", 320, 82)
    )
    assert found(document)["total"] == "3050.00"


def test_what_stands_beside_the_head_of_a_column_is_the_next_head() -> None:
    document = paper(
        ("Client", 50, 50),
        ("Remarks", 200, 50),
        ("Entered", 350, 50),
        ("Acme Foods Inc", 50, 64),
        ("LATE NEWS", 200, 64),
        ("06/23/20", 350, 64),
    )
    assert found(document)["buyer.name"] == "Acme Foods Inc"


def test_a_name_with_a_figure_is_no_part_of_the_address_under_it() -> None:
    kind = {"type": "slip", "fields": {"seller.address": {"labels": ["Send Payment To"]}}}
    document = paper(
        ("Send Payment To:", 50, 50),
        ("Channel-11", 50, 64),
        ("12 Elm Street", 50, 76),
        ("Troy, NY 12180", 50, 88),
    )
    assert found(document, kind) == {"seller.address": "12 Elm Street, Troy, NY 12180"}


def test_a_date_with_a_time_of_day_is_the_day_of_arrival() -> None:
    kind = {"type": "slip", "fields": {"file_date": {"labels": ["Received"]}}}
    assert found(paper(("1998 AUG -7 PM 3:04", 300, 20)), kind) == {"file_date": "1998-08-07"}


def test_a_date_stamped_along_the_edge_is_one_too_and_answers_no_label() -> None:
    kind = {
        "type": "slip",
        "fields": {"file_date": {"labels": ["Received"]}, "ref": {"labels": ["Case"]}},
    }
    stamp = [
        Word(t, Box(80, y, 90, y + 25), turned=90)
        for t, y in (("2010", 60.0), ("AUG", 88.0), ("-3", 116.0))
    ]
    page = Page(1, 595, 842, (*paper(("Case:", 80, 40)).pages[0].words, *stamp), PageSource.OCR)
    document = Document("a.pdf", "0", "application/pdf", "pdf", (page,))
    assert found(document, kind) == {"file_date": "2010-08-03"}


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ("Foote, Cone & Belding", "Advertising, Inc.", "Foote, Cone & Belding Advertising, Inc."),
        ("HARBOUR AUTHORITY", "- RURITANIA", "HARBOUR AUTHORITY - RURITANIA"),
        ("Acme Foods Inc", "Client services", "Acme Foods Inc"),
        ("Acme Foods Inc", "12 Elm Street", "Acme Foods Inc"),
    ],
)
def test_a_name_goes_on_in_the_next_line_only_where_it_is_incomplete(
    first: str, second: str, value: str
) -> None:
    document = paper(("Client", 50, 50), (first, 50, 64), (second, 50, 76))
    assert found(document)["buyer.name"] == value


def test_of_two_readings_of_one_name_the_surer_one_is_its_spelling() -> None:
    kind = {
        "type": "slip",
        "fields": {"signer.name": {"labels": ["Signature", "~Name"], "kind": "person_name"}},
    }
    words = []
    for text, y, sure in (
        ("Name Melissa J. Banas", 50, 0.96),
        ("Signature CMelissa f. Bavas", 90, 0.5),
    ):
        x = 50.0
        for n, word in enumerate(text.split()):
            x += 60.0 if n == 1 else 0.0
            words.append(Word(word, Box(x, y, x + 5.0 * len(word), y + 10.0), sure))
            x += 5.0 * len(word) + 3.0
    page = Page(1, 595, 842, tuple(words), source=PageSource.OCR)
    document = Document("a.pdf", "0", "application/pdf", "pdf", (page,))
    assert found(document, kind) == {"signer.name": "Melissa J. Banas"}


def test_words_that_are_labels_themselves_are_no_values() -> None:
    document = paper(("Advertiser", 50, 50), ("Client:", 200, 50), ("Acme Foods", 50, 64))
    assert found(document)["buyer.name"] == "Acme Foods"


def test_every_value_says_which_label_pointed_to_it() -> None:
    document = paper(("Advertiser", 50, 50), ("Acme Foods", 200, 50))
    (field,) = custom.decide_as(custom_types.parse(SLIP), View.of(document), RAW).fields
    assert 'the label "Advertiser"' in field.why
    assert field.page == 1
    assert field.box is not None


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"fields": []},
        {"fields": {"total": {"label": ["x"]}}},
        {"fields": {"total": {"labels": "x"}}},
        {"fields": {"total": {"labels": ["x"], "take": "some"}}},
        {"fields": {"total": {"below": "nothing"}}},
        {"fields": {}, "filds": {}},
    ],
)
def test_a_wrong_type_file_is_refused_with_the_place_named(data: object) -> None:
    with pytest.raises(SettingsError):
        custom_types.parse(data)


def test_an_unknown_type_says_what_to_do() -> None:
    with pytest.raises(SettingsError, match="doctypes/NAME"):
        custom_types.load("nothing-of-the-kind")


def test_types_can_be_given_by_path_and_labels_by_language(tmp_path: Path) -> None:
    path = tmp_path / "claim.yaml"
    path.write_text("fields:\n  policy: {labels: {en: [Policy], de: [Police]}}\n", encoding="utf-8")
    kind = custom_types.load(str(path))
    assert kind.name == "claim"
    assert [w.text for w in kind.fields["policy"].wordings] == ["Policy", "Police"]
    assert kind.fields["policy"].kind == "text"


@pytest.mark.parametrize("name", ["form"])
def test_the_types_that_ship_are_sound(name: str) -> None:
    kind = custom_types.load(name)
    assert len(kind.fields) > 10
    assert all(f.wordings or f.below for f in kind.fields.values())


def test_trees_grown_here_tell_a_ring_from_its_middle() -> None:
    random_ = np.random.default_rng(0)
    rows = random_.normal(size=(600, 3)).astype(np.float32)
    right = (rows[:, 0] ** 2 + rows[:, 1] ** 2) > 1.2
    grown = boosting.grow(rows[:400], right[:400], boosting.Plan(rounds=80))
    forest = trees.Forest.join({"ring": grown}, ["a", "b", "noise"])
    guess = forest.probability(rows[400:])[:, 0] > 0.5
    assert float((guess == right[400:]).mean()) > 0.88


def test_the_same_seed_grows_the_same_trees() -> None:
    rows = np.arange(200, dtype=np.float32).reshape(100, 2)
    right = rows[:, 0] % 3 == 0
    plan = boosting.Plan(rounds=5, seed=4)
    assert boosting.grow(rows, right, plan) == boosting.grow(rows, right, plan)


def test_a_single_class_gives_a_constant() -> None:
    rows = np.ones((20, 1), np.float32)
    grown = boosting.grow(rows, np.ones(20, bool), boosting.Plan(rounds=3))
    assert trees.Forest.join({"x": grown}, ["one"]).probability(rows)[0, 0] > 0.99


def slips(count: int) -> list[tuple[Document, dict[str, list[str]]]]:
    """Papers whose seller stands without a label at the foot, where no wording finds it."""
    chance = random.Random(3)
    out = []
    for n in range(count):
        first, second = chance.choice(["North", "East", "Blue"]), chance.choice(["Media", "Radio"])
        seller = f"{first} {second} {n}X"
        buyer = f"{chance.choice(['Acme', 'Zenith', 'Omega'])} Foods {chr(65 + n)}"
        number = str(10000 + 37 * n)
        document = paper(
            (buyer, 40, 40 + chance.random() * 5), ("Booking ref", 300, 60), (number, 400, 60),
            ("Your partner for reach", 40, 90), ("sold through", 40, 700), (seller, 200, 700),
            ("Thank you for your business", 40, 760),
        )  # fmt: skip
        out.append((document, {"seller.name": [seller], "order_number": [number]}))
    return out


def labelled(count: int) -> list[custom_model.Labelled]:
    kind = custom_types.parse(SLIP)
    return [
        custom_model.labelled(str(n), Sheet.of(View.of(d), kind), kind, gold, same)
        for n, (d, gold) in enumerate(slips(count))
    ]


def test_training_finds_what_no_label_says() -> None:
    documents = labelled(14)
    before, _ = custom_model.outcomes(None, documents).f1(custom.LEAST)
    after = custom_model.cross_validate(documents)
    assert before < 0.3
    assert after.f1(after.thresholds())[0] > 0.7


def test_train_keeps_a_version_that_extraction_then_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = slips(14)
    by_name = {f"{n}.pdf": d for n, (d, _) in enumerate(papers)}
    monkeypatch.setattr("idp_cdi.readers.read", lambda path, *_: by_name[path.name])
    folder = tmp_path / "doctypes"
    folder.mkdir()
    (folder / "slip.yaml").write_text(json.dumps(SLIP), encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    lines = [json.dumps({"document": f"{n}.pdf", "fields": g}) for n, (_, g) in enumerate(papers)]
    gold.write_text("\n".join(lines), encoding="utf-8")
    report = step.train("slip", gold, models=tmp_path / "models")
    assert report.kept
    assert report.version == 1
    assert report.after > report.before
    assert "seller.name" in str(report)
    new, truth = slips(15)[-1]
    fields = custom.decide(new, View.of(new), Options(type="slip")).fields
    best = {f.name: f for f in fields}
    assert best["seller.name"].value == truth["seller.name"][0]
    assert best["seller.name"].method == "trained, version 1"
    assert best["seller.name"].why
    assert step.train("slip", gold, models=tmp_path / "models").version == 2


def test_train_refuses_too_few_documents_and_broken_gold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "doctypes"
    folder.mkdir()
    (folder / "slip.yaml").write_text(json.dumps(SLIP), encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("not json", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        step.train("slip", gold)
    gold.write_text('{"document": "missing.pdf", "fields": {}}', encoding="utf-8")
    with pytest.raises(UsageError, match="training needs"):
        step.train("slip", gold)
    with pytest.raises(UsageError, match="no such gold"):
        step.train("slip", tmp_path / "none.jsonl")


def test_a_document_without_its_gold_value_does_not_choose_thresholds() -> None:
    gold = {"total": ["9.00"], "order_number": ["A1"]}
    right = {"total": [False, True], "order_number": [False]}
    one = custom_model.Labelled("a", {}, gold, (), right)
    assert not one.lost("total")
    assert one.lost("order_number")  # OCR garbled it, or the label is worded otherwise
    assert not one.lost("buyer.name")
    points = custom_model.Outcomes()
    for _ in range(5):
        points.add("total", 0.4, right=True, wanted=True, lost=False)
        points.add("total", 0.7, right=False, wanted=True, lost=True)
    assert points.f1(0.3)[0] == 0.5
    assert points.telling().f1(0.3)[0] == 1.0
    assert points.telling().thresholds()["total"] <= 0.4
    # But the certainty still knows of them.
    assert points.curve()(0.7) < points.telling().curve()(0.7)
