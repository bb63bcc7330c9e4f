import hashlib
import re

import pytest

from idp_cdi.models_path import models_path
from idp_cdi.scoring import confidence, models, trees
from idp_cdi.steps import classify

FOLDERS = ("scorer", "doctype")


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_card_names_every_file_with_its_hash(folder):
    place = models_path() / folder
    card = (place / "MODEL_CARD.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"`([\w.]+\.(?:npz|json))`.*?sha256\s`([0-9a-f]{64})`", card, re.S))
    there = {p.name for p in place.iterdir() if p.name != "MODEL_CARD.md"}
    assert set(told) == there
    for name, digest in told.items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest, name


def test_the_scorer_is_of_this_program():
    forests = models.load()
    assert forests["block"].features == tuple(models.feature_names("block"))
    for kind, fields in models.FIELDS.items():
        assert forests[kind].models == fields
        assert forests[kind].features == tuple(models.feature_names(kind))


def test_the_confidence_is_of_this_program():
    forests, _ = trees.load(models_path() / "scorer" / "confidence.npz")
    assert set(forests) == set(confidence.FAMILIES)
    assert all(f.features == tuple(confidence.CUES) for f in forests.values())


def test_the_type_model_is_of_this_program():
    forest = trees.load(models_path() / "doctype" / "doctype.npz")[0]["type"]
    assert forest.features == tuple(classify.FEATURES)
    assert forest.models == classify.TYPES


def test_the_models_are_small():
    total = sum(p.stat().st_size for f in FOLDERS for p in (models_path() / f).iterdir())
    assert total < 2_000_000
