"""CSV as programs really write it: every odd row is named by its line, and nothing is lost."""

from __future__ import annotations

import csv as stdlib_csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp_cdi.connectors import Connection, csv
from idp_cdi.errors import UnreadableInput


def write(path, content):
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    path.write_bytes(data)
    return path


def load(path, **options):
    connection = Connection(str(path), options)
    stream = csv.streams(connection)[0]
    rows, rejects, notices, numbers = [], [], [], []
    for chunk in csv.read(connection, stream, {}):
        rows += list(chunk.rows())
        rejects += chunk.rejects
        notices += chunk.notices
        numbers += chunk.numbers
    return stream, rows, rejects, notices, numbers


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_finds_encoding_delimiter_and_line_ends(tmp_path, delimiter, encoding, newline):
    lines = [["No", "Name", "Town"], ["1", "Müller & Söhne", "Köln"], ["2", "Crème Ltd", "Orléans"]]
    text = newline.join(delimiter.join(cells) for cells in lines) + newline
    _, rows, rejects, _, _ = load(write(tmp_path / "a.csv", text.encode(encoding)))
    assert rows == [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
    assert not rejects


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("cp1250", "Żółć Łódź Kraków źródło"), ("cp1251", "Привет Москва Россия улица"),
     ("shift_jis", "株式会社 東京都 大阪府 日本")],
)  # fmt: skip
def test_reads_eastern_encodings(tmp_path, encoding, word):
    text = "id,name\n" + "".join(f"{i},{word}\n" for i in range(50))
    _, rows, _, _, _ = load(write(tmp_path / "a.csv", text.encode(encoding)))
    assert rows[7]["name"] == word


def test_two_encodings_in_one_file_are_read_line_by_line(tmp_path):
    data = "id;name\n1;Köln\n".encode() + "2;Nürnberg\n".encode("cp1252") + "3;Füssen\n".encode()
    _, rows, _, notices, _ = load(write(tmp_path / "a.csv", data))
    assert [r["name"] for r in rows] == ["Köln", "Nürnberg", "Füssen"]
    assert [(n.row, n.code) for n in notices] == [(3, "text.encoding")]


def test_ragged_rows_are_reported_by_line_and_kept(tmp_path):
    text = "id,name,town,zip\n1,A,B,1\n2,C,D\n3,E,F,3,extra\n4\n5,G,H,5,,\n6,I,J,6\n"
    _, rows, rejects, notices, numbers = load(write(tmp_path / "a.csv", text))
    assert [r["id"] for r in rows] == ["1", "2", "5", "6"]
    assert numbers == [2, 3, 6, 7]
    assert [(r.row, r.code) for r in rejects] == [(4, "row.long"), (5, "row.short")]
    assert dict(rejects[0].cells) == {
        "id": "3",
        "name": "E",
        "town": "F",
        "zip": "3",
        "+1": "extra",
    }
    assert [(n.row, n.code) for n in notices] == [(3, "row.short")]


def test_a_line_break_that_was_not_quoted_is_joined(tmp_path):
    text = "id,name,street,zip\n1,A,Main\nStreet 4,53111\n2,B,C,D\n"
    _, rows, rejects, notices, _ = load(write(tmp_path / "a.csv", text))
    assert rows[0] == {"id": "1", "name": "A", "street": "Main\nStreet 4", "zip": "53111"}
    assert len(rows) == 2
    assert not rejects
    assert notices[0].code == "row.broken"


def test_a_quote_never_closed_costs_one_line_not_the_file(tmp_path):
    body = "".join(f"{i},name {i}\n" for i in range(2, 30_000))
    _, rows, rejects, notices, _ = load(write(tmp_path / "a.csv", f'id,name\n1,"Tor 12\n{body}'))
    assert len(rows) == 29_999
    assert rows[0] == {"id": "1", "name": '"Tor 12'}
    assert rows[-1] == {"id": "29999", "name": "name 29999"}
    assert not rejects
    assert [(n.row, n.code) for n in notices] == [(2, "row.quote")]


def test_a_stray_pair_of_quotes_joins_no_rows(tmp_path):
    text = 'id,name\n1,"Inch 5\n2,B\n3,C" pipe\n4,D\n'
    _, rows, _, notices, _ = load(write(tmp_path / "a.csv", text))
    assert [r["id"] for r in rows] == ["1", "2", "3", "4"]
    assert notices[0].row == 2


def test_quoted_line_breaks_and_delimiters_stay_in_their_cell(tmp_path):
    text = 'id,name,x\n1,"A, ""B""\nC",9\n2,D,8\n'
    _, rows, rejects, notices, numbers = load(write(tmp_path / "a.csv", text))
    assert rows[0]["name"] == 'A, "B"\nC'
    assert numbers == [2, 4]
    assert not rejects
    assert not notices


def test_nul_characters_are_left_out_and_named(tmp_path):
    _, rows, _, notices, _ = load(write(tmp_path / "a.csv", b"id,name\n1,A\x00B\n2,C\n"))
    assert rows[0]["name"] == "AB"
    assert [(n.row, n.code) for n in notices] == [(2, "text.nul")]


def test_duplicate_and_empty_headers_get_names(tmp_path):
    stream, rows, _, notices, _ = load(write(tmp_path / "a.csv", "id,Phone,Phone,\n1,22,33,x\n"))
    assert stream.columns == ("id", "Phone", "Phone (2)", "column_4")
    assert rows[0]["Phone (2)"] == "33"
    assert {n.code for n in notices} == {"header"}


def test_a_cell_of_ten_megabytes_is_a_value(tmp_path):
    big = "x" * (10 << 20)
    _, rows, rejects, _, _ = load(write(tmp_path / "a.csv", f'id,note,n\n1,"{big}",2\n2,b,3\n'))
    assert len(rows[0]["note"]) == 10 << 20
    assert rows[1]["id"] == "2"
    assert not rejects


def test_lone_carriage_returns_inside_a_line_are_blanks(tmp_path):
    _, rows, _, notices, _ = load(write(tmp_path / "a.csv", "id,name\n1,A\rB\n2,C\n"))
    assert [r["name"] for r in rows] == ["A B", "C"]
    assert notices[0].code == "text.return"


def test_titles_above_the_header_and_sep_lines_are_passed_over(tmp_path):
    text = "sep=;\nCustomers as of 1 May\n\nNo;Name;Town\n1;A;Bonn\n2;B;Köln\n"
    stream, rows, _, _, numbers = load(write(tmp_path / "a.csv", text))
    assert stream.columns == ("No", "Name", "Town")
    assert numbers == [5, 6]
    assert rows[1]["Town"] == "Köln"


def test_a_table_without_header_gets_numbered_columns(tmp_path):
    text = "".join(f"{i},a{i}@example.com,2024-01-0{i}\n" for i in range(1, 6))
    stream, rows, _, notices, _ = load(write(tmp_path / "a.csv", text))
    assert stream.columns == ("column_1", "column_2", "column_3")
    assert len(rows) == 5
    assert notices[0].code == "header"


def test_options_overrule_what_is_found(tmp_path):
    path = write(tmp_path / "a.csv", "x;y\na|b;c\n1|2;3\n")
    stream, _, _, _, _ = load(path, delimiter="|", header=2)
    assert stream.columns == ("a", "b;c")


def test_an_empty_or_missing_file_is_an_error_with_its_name(tmp_path):
    for path in (write(tmp_path / "a.csv", ""), tmp_path / "none.csv"):
        with pytest.raises(UnreadableInput, match=path.name):
            csv.streams(Connection(str(path)))


def test_reading_goes_on_after_any_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(csv, "CHUNK_ROWS", 7)
    text = "id,name\n" + "".join(f'{i},"n\n{i}"\n' for i in range(50))
    connection = Connection(str(write(tmp_path / "a.csv", text)))
    stream = csv.streams(connection)[0]
    states = [c.state for c in csv.read(connection, stream, {})]
    for cut in range(len(states)):
        first = [
            r["id"] for c in list(csv.read(connection, stream, {}))[: cut + 1] for r in c.rows()
        ]
        rest = [r["id"] for c in csv.read(connection, stream, states[cut]) for r in c.rows()]
        assert first + rest == [str(i) for i in range(50)]
    assert list(csv.read(connection, stream, states[-1])) == []


def test_a_changed_file_is_read_from_its_start(tmp_path):
    path = write(tmp_path / "a.csv", "id,name\n1,A\n")
    connection = Connection(str(path))
    stream = csv.streams(connection)[0]
    state = next(csv.read(connection, stream, {})).state
    write(path, "id,name\n1,A\n2,B\n")
    assert sum(len(c) for c in csv.read(connection, stream, state)) == 2


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=12)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12))
def test_what_a_csv_writer_writes_comes_back(tmp_path, rows):
    out = io.StringIO()
    writer = stdlib_csv.writer(out, quoting=stdlib_csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["alpha", "beta", "gamma"])
    writer.writerows(rows)
    path = write(tmp_path / "p.csv", out.getvalue())
    _, found, rejects, _, _ = load(path, encoding="utf-8", delimiter=",", quote='"', header=1)
    assert not rejects
    assert [tuple(r.values()) for r in found] == [tuple(r) for r in rows]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.binary(max_size=300))
def test_only_our_errors_escape(tmp_path, junk):
    path = write(tmp_path / "j.csv", b"id,name,town\n1,A,B\n" + junk)
    _, rows, _, _, _ = load(path)
    assert rows
