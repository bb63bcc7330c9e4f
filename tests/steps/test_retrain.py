"""New weights: shown first, measured on decisions held back, switched on and taken back."""

from __future__ import annotations

import itertools

import pytest
from click.testing import CliRunner
from made_up_people import people
from test_unify import NAMES, arrive, groups, mention

from idp_cdi.cli.main import cli
from idp_cdi.errors import UsageError
from idp_cdi.steps import compare, known, retrain
from idp_cdi.store import derived, log, models


@pytest.fixture
def lived(database, settings):
    """A store with people and what a person said of some of them; what they are by truth."""
    known._KNOWN.clear()
    table, truth = people(70, seed=21)
    records = [
        mention(f"{n:04d}", {NAMES.get(f, f): v for f, v in row.items() if v})
        for n, row in enumerate(table.to_pylist())
    ]
    arrive(database, settings, *records)
    pairs = list(itertools.combinations(range(len(truth)), 2))
    twins = [(a, b) for a, b in pairs if truth[a] == truth[b]]
    others = [(a, b) for a, b in pairs if truth[a] != truth[b]]
    with database.writing() as connection:
        ids = log.mention_ids(connection, "crm", [r.key for r in records])
        number = [ids[r.key] for r in records]
        for verdict, judged in (("same", twins[:30]), ("different", others[:60:2])):
            for a, b in judged:
                log.append_decision(connection, number[a], number[b], verdict, person="kim")
    return database


def everything(database):
    with database.reading() as connection:
        return list(derived.all_edges(connection)), groups(database)


def test_a_proposal_changes_nothing_and_counts_what_it_would(lived, settings):
    before = everything(lived)
    found = retrain.propose(lived, settings)
    assert everything(lived) == before
    assert not (settings.home / "models").exists()
    assert found.decisions == 60 and found.held_back == 20
    assert found.before > 0 and found.after > 0
    assert found.better is (found.after < found.before)
    told = "\n".join(retrain.lines(found))
    assert f"customers: {found.customers_before} now, {found.customers_after} then" in told


def test_adopted_weights_are_a_version_and_can_be_taken_back(lived, settings):
    # Decisions that were logged without being followed up are followed by the first derivation.
    found = retrain.propose(lived, settings)
    retrain.adopt(lived, settings, found)
    shipped, first = compare.model_of(settings), everything(lived)
    assert shipped.version == found.model.version
    assert len(first[1]) == found.customers_after
    second = retrain.propose(lived, settings)
    assert (second.united_count, second.parted_count) == (0, 0)
    with lived.reading() as connection:
        stored = [(v.version, v.active) for v in models.versions(connection)]
    assert stored == [(2, True), (1, False)]
    assert retrain.go_back(lived, settings) == 1
    assert compare.model_of(settings).version != found.model.version
    assert everything(lived)[0] != first[0]
    with pytest.raises(UsageError, match="no other weights"):
        retrain.go_back(lived, settings)
    retrain.adopt(lived, settings, found)
    assert everything(lived) == first


def test_nothing_to_learn_from_is_said(database, settings):
    with pytest.raises(UsageError, match="no records to learn from"):
        retrain.propose(database, settings)


def test_the_command_shows_first(lived, settings, monkeypatch):
    monkeypatch.setenv("IDP_CDI_HOME", str(settings.home))
    place = lived.url.render_as_string(hide_password=False)
    monkeypatch.setenv("IDP_CDI_DATABASE_URL", place)
    shown = CliRunner().invoke(cli, ["learn", "weights"])
    assert shown.exit_code == 0, shown.output
    assert "customers:" in shown.output and "nothing was changed" in shown.output
    done = CliRunner().invoke(cli, ["learn", "weights", "--apply", "--json"])
    assert done.exit_code == 0 and '"version": 2' in done.output
    back = CliRunner().invoke(cli, ["learn", "undo", "weights"])
    assert "weights: version 1 is on" in back.output
