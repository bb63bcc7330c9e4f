"""Every export brings back what was answered, unchanged, and none holds a formula."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import need

from idp_cdi.documents import Box
from idp_cdi.errors import UnreadableInput
from idp_cdi.extractions import Alternative
from idp_cdi.review import exports
from idp_cdi.review.answers import Action
from idp_cdi.review.exports import Batch, html, labelstudio, xlsx
from idp_cdi.review.guard import guard, unguard
from idp_cdi.review.questions import Kind, Pair, Question, possible_match, unreadable

if TYPE_CHECKING:
    from pathlib import Path

SHA = "ab" * 32
NASTY = [
    "=1+1",
    "+49 30 1234",
    "-12.50",
    "@SUM(A1)",
    "\t=cmd|' /C calc'!A0",
    "'=1+1",
    "''",
    "007",
    "1e5",
    "2026-01-31",
    "1/2",
    "TRUE",
    "_x0041_",
    "a\r\nb",
    "a\nb",
    " lead and trail ",
    "日本語 🏦 ع\u202e",
    "a,b;c\td\"e'f",
    "\u200b=1",
    "＝1+1",
    "nul\0l",
    "</script><!--",
    "\ufeffmark",
    "",
]
LONG = "x" * 33_000
TEXTS = st.one_of(
    st.text(),
    st.sampled_from(NASTY),
    st.builds("".join, st.tuples(st.sampled_from("=+-@\t\r '0"), st.text())),
)


def question(value="Acme", others=(), name="buyer.name", kind=Kind.VALUE, number=0):
    return Question(
        kind,
        ("field", SHA, name, str(number)),
        SHA,
        "in/=a.pdf",
        1,
        Box(10, 20, 30, 40),
        name,
        "",
        value,
        value,
        0.5,
        0.85,
        tuple(Alternative(o, 0.2, 1, Box(1, 2, 3, 4)) for o in others),
        "=because",
    )


@given(TEXTS)
def test_guarding_can_be_undone_and_leaves_nothing_to_act_on(text):
    held = guard(text)
    assert unguard(held) == text
    assert not re.match(r"[\s\x00-\x20\ufeff]*[=+\-@|%＝＋－＠0-9]", held)


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1))
def test_what_a_person_types_stays_as_typed(text):
    assert unguard(text) == text


class TestEveryFormatOfRows:
    """Filling in the columns of a row as a person would."""

    def fill(self, form: str, path: Path, rows: list[dict[str, str]]) -> None:
        getattr(self, f"fill_{form}")(path, rows)

    def fill_csv(self, path, rows):
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
        for row, said in zip(table, rows, strict=True):
            row |= {k: guard(v) for k, v in said.items()}
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, table[0])
            writer.writeheader()
            writer.writerows(table)

    def fill_jsonl(self, path, rows):
        lines = [json.loads(x) for x in path.read_text("utf-8").split("\n") if x]
        for line, said in zip(lines, rows, strict=True):
            line |= said
        path.write_text("".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    @given(values=st.lists(TEXTS, min_size=1, max_size=4))
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_values_come_back_unchanged(self, form, values, tmp_path):
        path = tmp_path / f"x.{form}"
        asked = tuple(question("old", number=i) for i in range(len(values)))
        exports.way(form).write(path, Batch(asked))
        assert exports.read(path) == []
        self.fill(form, path, [{"right_value": v} for v in values])
        got = {a.item: a for a in exports.read(path)}
        wanted = {q.id: v for q, v in zip(asked, values, strict=True) if v.strip()}
        assert {k: a.value for k, a in got.items()} == wanted
        assert {a.action for a in got.values()} <= {Action.CORRECT}

    @given(value=TEXTS, others=st.lists(TEXTS, max_size=3))
    @settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_cell_of_a_csv_can_be_acted_on(self, value, others, tmp_path):
        path = tmp_path / "x.csv"
        exports.way("csv").write(path, Batch((question(value, others),)))
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [c for c in cells if re.match(r"[\s\x00-\x20\ufeff\u200b]*[=+\-@|%＝＋－＠]", c)]

    def test_a_csv_saved_with_semicolons_is_read(self, tmp_path):
        path = tmp_path / "x.csv"
        exports.way("csv").write(path, Batch((question(),)))
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        rows[0]["answer"] = "Right"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        (answer,) = exports.read(path)
        assert answer.action is Action.ACCEPT


def fill_xlsx(path: Path, said: dict[str, dict[str, str]], person: str = "ann") -> None:
    """Type into the yellow cells, by id of the question."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    book["Start here"]["B3"] = person
    for sheet in book.worksheets:
        titles = [c.value for c in sheet[1]]
        if "id" not in titles:
            continue
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(titles, row, strict=True))
            for title, text in said.get(cells["id"].value, {}).items():
                assert not cells[title].protection.locked
                cells[title].value = text
                cells[title].data_type = "s"
    book.save(path)


class TestXlsx:
    def export(self, tmp_path, *asked):
        path = tmp_path / "x.xlsx"
        xlsx.write(path, Batch(asked))
        return path

    def xml(self, path, part):
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(n).decode() for n in archive.namelist() if part in n)

    @given(values=st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    @settings(
        max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    def test_a_picked_value_comes_back_in_full(self, values, tmp_path):
        asked = [question("old", [v], number=i) for i, v in enumerate(values)]
        path = self.export(tmp_path, *asked)
        fill_xlsx(
            path, {q.id: {"right value": xlsx.shown(v)} for q, v in zip(asked, values, strict=True)}
        )
        got = {a.item: a.value for a in exports.read(path)}
        assert got == {q.id: v for q, v in zip(asked, values, strict=True) if v.strip()}

    def test_a_picked_value_longer_than_a_cell_comes_back_in_full(self, tmp_path):
        path = self.export(tmp_path, question("old", [LONG]))
        fill_xlsx(path, {question().id: {"right value": xlsx.shown(LONG)}})
        assert exports.read(path)[0].value == LONG

    def test_no_cell_is_a_formula_a_number_or_a_link(self, tmp_path):
        asked = [question(v, [v, "b"], number=i) for i, v in enumerate(NASTY)]
        path = self.export(tmp_path, *asked)
        sheets = self.xml(path, "worksheets/sheet")
        assert "<f>" not in sheets and "hyperlink" not in sheets
        assert set(re.findall(r'<c [^>]*t="(\w+)"', sheets)) <= {"s", "n", "inlineStr"}
        assert not re.findall(r'<c [^>]*t="n"[^>]*><v>', sheets)

    def test_only_the_yellow_cells_can_be_edited_and_offer_choices(self, tmp_path):
        from openpyxl import load_workbook

        path = self.export(tmp_path, question("old", ["a", "b"]))
        sheet = load_workbook(path)["Values"]
        assert sheet.protection.sheet
        assert {c.column_letter for c in sheet[2] if not c.protection.locked} == {"F", "G", "H"}
        lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
        assert lists["F2"] == '"right,not there,unsure"'
        assert lists["G2"] == "'choices'!$A$1:$B$1"

    def test_each_kind_of_question_has_its_sheet(self, tmp_path):
        from openpyxl import load_workbook

        match = possible_match("a␟1", "b␟2", [Pair("name", "=x", "y")], probability=0.7)
        path = self.export(tmp_path, question(), match, unreadable(SHA, "f", code="c", reason="r"))
        names = load_workbook(path).sheetnames
        assert names == ["Start here", "Values", "Matches", "Unreadable", "choices", "full"]

    def test_answers_by_choice_and_name(self, tmp_path):
        match = possible_match("a␟1", "b␟2", [Pair("name", "x", "y")], probability=0.7)
        path = self.export(tmp_path, question(), match)
        fill_xlsx(path, {question().id: {"answer": "right"}, match.id: {"answer": "different"}})
        got = {a.item: a for a in exports.read(path)}
        assert got[question().id].action is Action.ACCEPT
        assert got[match.id].action is Action.DIFFERENT
        assert {a.person for a in got.values()} == {"ann"}

    @pytest.mark.office
    @pytest.mark.slow
    def test_libreoffice_saves_it_unchanged(self, tmp_path):
        need(
            shutil.which("soffice"),
            "LibreOffice is not installed: apt-get install libreoffice-calc",
        )
        asked = [question(v, [v], number=i) for i, v in enumerate(NASTY)]
        path = self.export(tmp_path, *asked)
        said = {
            q.id: {"right value": xlsx.shown(q.value), "remark": re.sub("[\0\r]", "", q.value)}
            for q in asked
        }
        fill_xlsx(path, said, person="ann")
        before = exports.read(path)
        out = tmp_path / "saved"
        home = f"-env:UserInstallation=file://{tmp_path}/profile"
        subprocess.run(
            [
                "soffice",
                home,
                "--headless",
                "--convert-to",
                "xlsx",
                "--outdir",
                str(out),
                str(path),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        after = exports.read(out / "x.xlsx")
        assert [(a.item, a.value, a.person) for a in after] == [
            (a.item, a.value, a.person) for a in before
        ]
        assert len(after) == len([v for v in NASTY if v.strip()])
        sheets = self.xml(out / "x.xlsx", "worksheets/sheet")
        assert not re.findall(r"<f[ >]", sheets)
        assert [a.remark for a in after] == [a.remark for a in before]


class TestLabelStudio:
    def task(self, tmp_path, *asked):
        path = tmp_path / "x.json"
        labelstudio.write(path, Batch(asked))
        return json.loads(path.read_text("utf-8"))

    def done(self, tmp_path, tasks, change=lambda result: result, **more):
        for task in tasks:
            result = change(json.loads(json.dumps(task["predictions"][0]["result"])))
            task["annotations"] = [
                {
                    "completed_by": {"email": "ann@example.com"},
                    "result": result,
                    "updated_at": "2026-01-31T10:00:00Z",
                    **more,
                }
            ]
        path = tmp_path / "done.json"
        path.write_text(json.dumps(tasks), encoding="utf-8")
        return exports.read(path)

    def test_a_submitted_task_accepts_every_value(self, tmp_path):
        (answer,) = self.done(tmp_path, self.task(tmp_path, question("=Acme\n")))
        assert (answer.action, answer.person) == (Action.ACCEPT, "ann@example.com")

    def test_changed_text_is_a_correction(self, tmp_path):
        def change(result):
            result[1]["value"]["text"] = ["Acme GmbH"]
            return result

        (answer,) = self.done(tmp_path, self.task(tmp_path, question()), change)
        assert (answer.action, answer.value) == (Action.CORRECT, "Acme GmbH")

    def test_a_deleted_box_is_a_refusal_but_an_empty_annotation_says_nothing(self, tmp_path):
        two = (question(), question("EUR", name="currency"))
        got = self.done(tmp_path, self.task(tmp_path, *two), lambda r: r[:2])
        assert [a.action for a in got] == [Action.ACCEPT, Action.ABSENT]
        assert not self.done(tmp_path, self.task(tmp_path, *two), lambda r: [])

    def test_a_drawn_box_answers_what_was_missing(self, tmp_path):
        missing = Question(
            Kind.MISSING, ("field", SHA, "due_date", ""), SHA, "a", 0, field="due_date"
        )
        new = [
            {"id": "n", "type": "rectanglelabels", "value": {"rectanglelabels": ["due_date"]}},
            {"id": "n", "type": "textarea", "value": {"text": ["2026-02-01"]}},
        ]
        got = self.done(tmp_path, self.task(tmp_path, question(), missing), lambda r: [*r, *new])
        assert {(a.action, a.value) for a in got} == {
            (Action.ACCEPT, ""),
            (Action.CORRECT, "2026-02-01"),
        }

    def test_boxes_are_percentages_of_the_page(self, tmp_path):
        (task,) = self.task(tmp_path, question())
        box = task["predictions"][0]["result"][0]
        assert box["type"] == "rectanglelabels" and box["from_name"] == "field"
        assert {"x", "y", "width", "height", "rotation", "rectanglelabels"} == set(box["value"])
        assert 'value="buyer.name"' in labelstudio.sidecars(Batch((question(),)))[".config.xml"]


class TestHtml:
    def test_data_can_not_break_out_of_its_element(self, tmp_path):
        path = tmp_path / "x.html"
        html.write(path, Batch((question("</script><script>alert(1)</script><!--"),)))
        text = path.read_text("utf-8")
        assert text.count("</script>") == 2 and "<!--" not in text
        assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")

    @given(value=TEXTS, remark=TEXTS)
    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_saved_file_comes_back_unchanged(self, value, remark, tmp_path):
        one = {"id": "i", "state": "s", "action": "correct", "value": value, "remark": remark}
        body = {"format": "idp-cdi answers", "version": 1, "person": "ann", "answers": [one]}
        path = tmp_path / "answers.json"
        path.write_text(json.dumps(body), encoding="utf-8")
        (answer,) = exports.read(path)
        assert (answer.value, answer.remark, answer.person) == (value, remark, "ann")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.xlsx", b"PK\x03\x04 broken"),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.csv", b"\xff\xfe\x00"),
        ("x.jsonl", b"{"),
        ("x.jsonl", b"[]\n"),
        ("x.json", b"[]"),
        ("x.json", b"[1]"),
        ("x.json", b'{"format": "idp-cdi answers", "answers": [1]}'),
        ("x.html", b"<html>"),
    ],
)
def test_a_file_that_is_no_answers_is_refused_with_a_reason(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableInput):
        exports.read(path)
