"""Our scoring rules against the referee's, where its labelled sets are at hand."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest

from idp_cdi.evaluation import score
from idp_cdi.evaluation.same import same
from idp_cdi.evaluation.score import read_gold
from idp_cdi.scoring import calibration

EVAL = Path(__file__).parents[3] / "shared" / "eval"
pytestmark = pytest.mark.skipif(not EVAL.is_dir(), reason="the labelled sets are not at hand")


@pytest.fixture(scope="module")
def referee():
    spec = importlib.util.spec_from_file_location("referee", EVAL / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _sets():
    return sorted(p.parent.name for p in EVAL.glob("dev/*/gold.jsonl"))


def _spoil(value: str, dice: random.Random) -> str:
    """A value as an extractor might give it: right, written otherwise, or wrong."""
    ways = (
        lambda v: v,
        lambda v: v.upper(),
        lambda v: v.replace(".", ","),
        lambda v: v.replace("ü", "ue").replace("&", "und"),
        lambda v: v[:-1],
        lambda v: " ".join(v.split()[:-1]) or v,
        lambda v: "/".join(reversed(v.split("-"))),
        lambda v: v + " GmbH",
    )
    return dice.choice(ways)(value)


@pytest.mark.parametrize("name", _sets())
def test_scores_equal_the_referees(referee, name, tmp_path):
    dice = random.Random(7)
    gold = read_gold(EVAL / "dev" / name / "gold.jsonl")
    pool = [(f, v) for g in gold for f, vs in g.fields.items() for v in vs]
    predictions = {}
    for g in gold:
        found = [(f, _predict(f, v, dice), dice.random()) for f, vs in g.fields.items() for v in vs]
        found += [(f, v, dice.random() / 2) for f, v in dice.sample(pool, 3)]
        predictions[g.document] = found
    ours = score(gold, predictions)
    theirs, errors = referee.score(
        referee.read_gold(EVAL / "dev" / name / "gold.jsonl"),
        {d: _by_field(found) for d, found in predictions.items()},
    )
    wrong = {(e["document"], e["field"], e["predicted"]) for e in errors}
    assert {(m.document, m.field, m.predicted) for m in ours.misses} == wrong
    assert ours.micro.f1 == pytest.approx(theirs["micro"]["f1"])
    confidence = theirs["confidence"]
    assert calibration.ece(ours.all_points) == pytest.approx(confidence["ece"])
    assert calibration.auroc(ours.all_points) == pytest.approx(confidence["auroc"])
    assert ours.straight_through(0.98)[0] == pytest.approx(confidence["straight_through@0.98"])


def _predict(field, value, dice):
    # Our names of countries and currencies are more than the referee's: there, right or wrong.
    if field.endswith(("country", "currency")):
        return dice.choice((value, "XX"))
    return _spoil(value, dice)


def _by_field(found):
    by_field = {}
    for name, value, confidence in found:
        if value.strip():
            by_field.setdefault(name, []).append((value, confidence))
    return by_field


@pytest.mark.parametrize(
    ("field", "left", "right"),
    [
        ("buyer.name", "Müller & Söhne GmbH", "Mueller und Soehne G.m.b.H."),
        ("buyer.name", "Müller GmbH", "Müller"),
        ("issue_date", "5. März 2018", "2018-03-05"),
        ("issue_date", "03/04/2018", "2018-04-03"),
        ("total", "(12,50)", "-12.50"),
        ("total", "1.234", "1234"),
        ("seller.phone", "+49 (0)30 1234567", "0301234567"),
        ("term", "three (3) years", "3 years"),
        ("term", "twenty-four months", "24 months"),
        ("governing_law", "the State of Oregon", "Oregon"),
        ("buyer.postal_code", "D-10115", "10115"),
    ],
)
def test_single_values_are_judged_as_the_referee_does(referee, field, left, right):
    assert same(field, left, right) == referee.match(field, left, right)
