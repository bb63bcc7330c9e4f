"""`match` on files: CSV and Parquet in, record_id and cluster_id out."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.errors import SettingsError, UnreadableInput
from idp_cdi.steps._match_page import block_recall, expected
from idp_cdi.steps._plain_tables import read
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
    parquet.write_table(read(table)[0].data, tmp_path / "firms.parquet")
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
    assert "<td>phone</td><td></td><td>phone</td>" in text
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


FIRMS = (
    ("Holm Logistik GmbH", "Hafenweg 3", "Ostau", "030 1234567"),
    ("Müller & Söhne KG", "Am Markt 17", "Neueck", "040 7654321"),
    ("Farn Bau AG", "Lindenallee 44", "Weststadt", "089 5551212"),
    ("Quell Getränke OHG", "Ringstraße 8", "Südheim", "0711 998877"),
)
HEAD = ("id", "name", "street", "city", "phone")


def delimited(rows, delimiter: str, head=HEAD) -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in (head, *rows))


def clusters_of(*tables) -> dict[str, str]:
    found = match(tables).clusters().to_pydict()
    return dict(zip(found["record_id"], found["cluster_id"], strict=True))


def test_a_table_is_read_whatever_its_encoding_and_delimiter(tmp_path):
    from openpyxl import Workbook

    rows = [(n, *firm) for n, firm in enumerate(FIRMS, 1)]
    plain, office = tmp_path / "plain.csv", tmp_path / "office.csv"
    plain.write_text(delimited(rows, ","), encoding="utf-8")
    office.write_bytes(("sep=;\r\n" + delimited(rows, ";")).encode("cp1252"))
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    lines = [json.dumps(dict(zip(HEAD, row, strict=True))) for row in rows]
    (tmp_path / "lines.jsonl").write_text("\n".join(lines), encoding="utf-8")
    tables = [read(tmp_path / n)[0].data for n in ("office.csv", "book.xlsx", "lines.jsonl")]
    expected = read(plain)[0].data.to_pydict()
    assert [t.to_pydict() for t in tables] == [expected] * 3
    assert expected["name"][1] == "Müller & Söhne KG"


def test_a_row_that_fits_no_column_is_told_and_the_rest_is_read(tmp_path):
    ragged = tmp_path / "ragged.csv"
    rows = [(n, *firm) for n, firm in enumerate(FIRMS * 3, 1)]
    ragged.write_text(delimited(rows, ",") + "13,a,b,c,d,e,f,g\r\n", encoding="utf-8")
    found = match([ragged])
    assert found.clusters().num_rows == 12
    assert any("row 14 was set aside" in n for n in found.notices)


def test_tables_that_both_count_from_one_have_nothing_in_common_by_that(tmp_path):
    left, right = tmp_path / "crm.csv", tmp_path / "erp.csv"
    left.write_text(delimited([(n, *f) for n, f in enumerate(FIRMS, 1)], ","), encoding="utf-8")
    turned = [(n, *f) for n, f in enumerate(reversed(FIRMS), 1)]
    right.write_text(delimited(turned, ";"), encoding="utf-8")
    found = clusters_of(left, right)
    assert set(found) == {f"{t}:{n}" for t in ("crm", "erp") for n in range(1, 5)}
    assert all(found[f"crm:{n}"] == found[f"erp:{5 - n}"] for n in range(1, 5))
    assert len(set(found.values())) == 4


def test_each_table_has_ids_of_its_own_column(tmp_path):
    left, right = tmp_path / "crm.csv", tmp_path / "erp.csv"
    rows = [(f"A-{n}", *f) for n, f in enumerate(FIRMS, 1)]
    left.write_text(delimited(rows, ","), encoding="utf-8")
    rows = [(f"{n:04}", *f) for n, f in enumerate(FIRMS, 1)]
    right.write_text(delimited(rows, ",", ("customer_no", *HEAD[1:])), encoding="utf-8")
    found = clusters_of(left, right)
    assert set(found) == {f"A-{n}" for n in range(1, 5)} | {f"{n:04}" for n in range(1, 5)}
    assert all(found[f"A-{n}"] == found[f"{n:04}"] for n in range(1, 5))


def test_columns_of_other_names_are_compared(tmp_path):
    left, right, page = tmp_path / "crm.csv", tmp_path / "erp.csv", tmp_path / "r.html"
    left.write_text(delimited([(n, *f) for n, f in enumerate(FIRMS, 1)], ","), encoding="utf-8")
    head = ("KUNNR", "NAME1", "STRAS", "ORT01", "TELF1")
    rows = [(f"{n:010}", *f) for n, f in enumerate(FIRMS, 10_001)]
    right.write_text(delimited(rows, ";", head), encoding="utf-8")
    found = match([left, right])
    names = {"KUNNR": "id", "NAME1": "name", "STRAS": "street", "ORT01": "city", "TELF1": "phone"}
    assert found.renamed == names
    assert set(found.table.column_names) == set(HEAD)
    least = min(p for p in found.pairs()["weight"].to_pylist())
    assert least > 8
    page.write_text(found.report(), encoding="utf-8")
    assert "<td>phone</td><td>TELF1</td><td>phone</td>" in page.read_text(encoding="utf-8")


def test_settings_may_name_a_column_by_any_of_its_names(tmp_path):
    left, right = tmp_path / "crm.csv", tmp_path / "erp.csv"
    left.write_text(delimited([(n, *f) for n, f in enumerate(FIRMS, 1)], ","), encoding="utf-8")
    head = ("KUNNR", "NAME1", "STRAS", "ORT01", "TELF1")
    rows = [(f"{n:010}", *f) for n, f in enumerate(FIRMS, 10_001)]
    right.write_text(delimited(rows, ";", head), encoding="utf-8")
    config = tmp_path / "match.yaml"
    config.write_text("columns: {TELF1: ignored}\n")
    kinds = {c.name: c.kind.value for c in match([left, right], config=config).result.columns}
    assert kinds["phone"] == "ignored"


def test_a_table_in_which_nobody_has_a_name_is_matched_all_the_same():
    rows = {"Name": [None] * 12, "phone": ["0711 998877", "030 1234567"] * 6}
    assert match([pa.table(rows, pa.schema([("Name", pa.string()), ("phone", pa.string())]))])


HEADS = (
    "id", "KUNNR", "Name", "NAME1", "Vorname", "last_name", "street", "STRAS", "city", "ORT01",
    "zip", "phone", "TELF1", "mail", "VAT", "STCEG", "customer_no", "dob", "country", "type", "x",
)  # fmt: skip
CELLS = (
    None, "Acme GmbH", "Müller & Söhne", "Hauptstr. 5", "70173", "Stuttgart", "DE136695976", "1",
    "2", "0711/123456", "a@b.example", "2020-01-01", "person", "12,5", "王伟", "-", "x" * 60,
)  # fmt: skip


@st.composite
def tables(draw):
    heads = draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=7, unique=True))
    size = draw(st.integers(0, 14))
    cells = st.lists(st.sampled_from(CELLS), min_size=size, max_size=size)
    return pa.table({h: pa.array(draw(cells), pa.string()) for h in heads})


@settings(max_examples=40, deadline=None)
@given(st.lists(tables(), min_size=1, max_size=3))
def test_whatever_tables_come_each_row_is_in_a_cluster(given_tables):
    found = match(given_tables)
    rows = found.clusters().to_pydict()
    assert len(rows["record_id"]) == sum(t.num_rows for t in given_tables)
    assert set(rows["cluster_id"]) <= set(rows["record_id"])
    if len(given_tables) > 1:
        assert len(set(rows["record_id"])) == len(rows["record_id"])
