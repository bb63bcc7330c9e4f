import pytest
from helpers_pages import document

from idp_cdi.extractors import find
from idp_cdi.extractors.dates import _find, readings

CASES = [
    ("19.05.2014", ["2014-05-19"]),
    ("1. Februar 2024", ["2024-02-01"]),
    ("le 1er février 2024", ["2024-02-01"]),
    ("12 de marzo de 2021", ["2021-03-12"]),
    ("3 maggio 2020", ["2020-05-03"]),
    ("7 mrt 2019", ["2019-03-07"]),
    ("May 5th, 2018", ["2018-05-05"]),
    ("Aug-04-2016", ["2016-08-04"]),
    ("2018-03-05", ["2018-03-05"]),
    ("20180305", ["2018-03-05"]),
    ("13/02/18", ["2018-02-13"]),
    ("02/13/2018", ["2018-02-13"]),
    ("03/04/18", ["2018-04-03", "2018-03-04"]),
    ("30/05/201710:18:02AM", ["2017-05-30"]),
    ("2018/02/2213:34:14", ["2018-02-22"]),
    ("REG 19-18/03/2018 23:02", ["2018-03-18"]),
    ("06/22/20-06/29/20", ["2020-06-22"]),
    ("12-34-56-7890", []),
    ("31.02.2018", []),
    ("1.234.567", []),
    ("12.50", []),
    ("no digits", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_reads_every_usual_notation(text, expected):
    assert readings(text) == expected


def test_an_ambiguous_date_follows_the_unambiguous_ones_of_the_document():
    found = find(document("Invoice date 03/04/2018", "Due 04/25/2018"), kinds={"date"})
    assert [c.value for c in found if c.kind == "date"] == ["2018-03-04", "2018-04-25"]
    found = find(document("Invoice date 03/04/2018", "Due 25/04/2018"), kinds={"date"})
    assert [c.value for c in found if c.kind == "date"] == ["2018-04-03", "2018-04-25"]


def test_an_ambiguous_date_is_american_on_an_american_page():
    found = find(document("Date 03/04/2018", "Seattle, WA 98109 USA", "Total $ 5.00"))
    assert [c.value for c in found if c.kind == "date"] == ["2018-03-04"]


def test_the_day_of_the_next_date_is_no_year():
    assert "2030-04-01" not in readings("April 1 - April 30, 2026")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mar 4 – Apr 4, 2026", ["2026-03-04", "2026-04-04"]),
        ("07.04. – 16.04.2026", ["2026-04-07", "2026-04-16"]),
        ("1 mei - 31 mei 2026", ["2026-05-01", "2026-05-31"]),
    ],
)
def test_a_range_may_leave_the_year_to_its_end(text, expected):
    assert [d[2][0] for d in _find(text)] == expected
