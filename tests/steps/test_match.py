"""`match` on files: CSV and Parquet in, record_id and cluster_id out."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from idp_cdi.errors import SettingsError, UnreadableInput
from idp_cdi.steps._match_page import block_recall, expected
from idp_cdi.steps.match import match

ROWS = """record_id,name,city,phone
007,Holm Logistik GmbH,Ostau,030 1234567
008,HOLM LOGISTIK G.M.B.H.,Ostau,+49 30 1234567
009,Farn Bau AG,Neueck,040 7654321
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_ids_keep_their_leading_zeros(table):
    found = match([table]).clusters().to_pydict()
    assert found == {"record_id": ["007", "008", "009"], "cluster_id": ["007", "007", "009"]}


def test_csv_and_parquet_give_the_same(table, tmp_path):
    from idp_cdi.steps.match import _read

    parquet.write_table(_read(table), tmp_path / "firms.parquet")
    assert match([tmp_path / "firms.parquet"]).clusters().equals(match([table]).clusters())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableInput, match="no such file"):
        match([tmp_path / "none.csv"])


def test_settings_say_what_a_column_is(table, tmp_path):
    config = tmp_path / "match.yaml"
    config.write_text("columns: {phone: ignored, city: ignored, name: ignored}\n")
    assert len(set(match([table], config=config).clusters()["cluster_id"].to_pylist())) == 3


def test_settings_that_name_no_column_are_refused(table, tmp_path):
    config = tmp_path / "match.yaml"
    config.write_text("columns: {nothing: name}\n")
    with pytest.raises(SettingsError, match="nothing"):
        match([table], config=config)


def test_the_command_writes_clusters_and_pairs(table, tmp_path):
    from idp_cdi.cli.match import command

    out, pairs = tmp_path / "c.csv", tmp_path / "p.csv"
    done = CliRunner().invoke(command, [str(table), "--output", str(out), "--pairs", str(pairs)])
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [r["record_id"] for r in rows] == ["007", "008", "009"]
    first = next(csv.DictReader(pairs.read_text().splitlines()))
    assert {first["left"], first["right"]} == {"007", "008"}
    assert float(first["probability"]) > 0.5


def test_the_report_shows_thresholds_weights_and_what_the_columns_are(table, tmp_path):
    page = tmp_path / "report.html"
    from idp_cdi.cli.match import command

    given = [str(table), "--output", str(tmp_path / "c.csv"), "--report", str(page)]
    assert CliRunner().invoke(command, given).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<td>phone</td><td>phone</td>" in text
    assert text.count('<tr><td class="n">0.') == 12
    assert "same words, misspelt or short" in text
    assert "block recall" in text and "<script" not in text


def test_expected_precision_falls_and_recall_rises_with_more_pairs():
    probability = np.array([0.99, 0.96, 0.9, 0.55, 0.3, 0.02])
    rows = expected(probability, 0.8)
    assert [r.pairs for r in rows] == sorted((r.pairs for r in rows), reverse=True)
    at = {r.threshold: r for r in rows}
    assert at[0.5].precision == pytest.approx((0.99 + 0.96 + 0.9 + 0.55) / 4)
    assert at[0.05].recall == pytest.approx(0.8 * (1 - 0.02 / probability.sum()))


def test_block_recall_counts_matches_that_no_key_found(table, monkeypatch):
    found = match([table])
    whole = block_recall(found.table, found.result)
    monkeypatch.setattr(
        "idp_cdi.steps._match_page.scoring.closed",
        lambda *given: tuple(np.concatenate((c, c)) for c in given[2]),
    )
    assert (whole, block_recall(found.table, found.result)) == (1.0, 0.5)
