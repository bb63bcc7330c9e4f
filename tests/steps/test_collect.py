# ruff: noqa: E501
"""Feeds into the store: only what is new, in any order, after any kill, nothing lost or doubled."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
from itertools import permutations

import pytest
from sqlalchemy import create_engine, func, select, text

from idp_cdi.connectors import csv as csv_way
from idp_cdi.connectors._mapping import parse
from idp_cdi.errors import UnreadableInput, UsageError
from idp_cdi.steps.collect import collect, collect_file
from idp_cdi.steps.connect import read_corrections, rejected, run_source, status, write_rejected
from idp_cdi.steps.retry import retry
from idp_cdi.store import derived, log, open_store
from idp_cdi.store.schema import fact, mention, record

HEADER = "Account ID,Company,VAT,City,Email,Changed\n"
ROWS = [
    f"A{i},{name} GmbH,,Bonn,info@{name.lower()}.example,2026-01-0{i + 1}"
    for i, name in enumerate(("Alder", "Brandt", "Corvin", "Delmas", "Eriksen"))
]
FIELDS = {"name": "Company", "vat_id": "VAT", "city": "City", "email": "Email"}


def crm(path, rows, **stream):
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = {"key": "Account ID", "kind": "organisation", "fields": FIELDS, **stream}
    return parse({"source": "crm", "location": str(path), "streams": {"*": mapping}})


def counts(report):
    return report.new, report.changed, report.unchanged, report.deleted, report.rejected


def count(database, table):
    with database.reading() as db:
        return db.execute(select(func.count()).select_from(table)).scalar_one()


def living(database):
    with database.reading() as db:
        return {r.key: r for _, r in log.current_records(db)}


def test_a_second_run_brings_nothing_and_a_change_only_itself(database, settings, tmp_path):
    path = tmp_path / "crm.csv"
    (first,) = collect(crm(path, ROWS), settings, database)
    assert counts(first) == (5, 0, 0, 0, 0)
    (again,) = collect(crm(path, ROWS), settings, database)
    assert again.new == again.changed == 0
    (other,) = collect(
        crm(path, [*ROWS[1:], ROWS[0].replace("Bonn", "Köln"), "A9,New AG,,Ulm,,"]),
        settings,
        database,
    )
    assert counts(other) == (1, 1, 4, 0, 0)
    assert living(database)["A0"].values("city")[0].value == "Köln"
    (full,) = collect(crm(path, ROWS), settings, database, full=True)
    assert (full.new, full.changed) == (0, 1)


def test_what_a_full_read_lacks_is_deleted_only_when_asked_and_not_in_masses(
    database, settings, tmp_path
):
    path = tmp_path / "crm.csv"
    collect(crm(path, ROWS), settings, database)
    (kept,) = collect(crm(path, ROWS[1:]), settings, database)
    assert kept.deleted == 0
    (gone,) = collect(crm(path, ROWS[1:], deletes="absent"), settings, database)
    assert gone.deleted == 1
    assert "A0" not in living(database)
    (wiped,) = collect(crm(path, ["X,Other AG,,Ulm,,"], deletes="absent"), settings, database)
    assert wiped.deleted == 0
    assert "too many" in wiped.drift[-1]
    (back,) = collect(crm(path, ROWS), settings, database)
    assert back.changed == 1


def test_a_file_without_mapping_is_mapped_by_suggestion_and_one_beside_it_by_that(
    database, settings, tmp_path
):
    path = tmp_path / "crm.csv"
    crm(path, ROWS)
    assert collect_file(path, settings, database).new == 5
    assert living(database)["A0"].values("email")
    (tmp_path / "crm.yaml").write_text(
        "source: other\nstreams: {'*': {key: Account ID, fields: {name: Company}}}\n"
    )
    assert collect_file(path, settings, database).source == "other"
    strange = tmp_path / "colours.csv"
    strange.write_text("colour,weight\nred,7\nblue,8\n")
    with pytest.raises(UnreadableInput, match="connect suggest"):
        collect_file(strange, settings, database)


def test_sheets_of_one_workbook_know_each_other(settings, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Invoices"
    for row in (["Invoice Number", "Customer Number", "Customer Name", "Invoice Date", "Total"],
                ["R1", "C1", "Acme", "2026-01-02", 100], ["R2", "C2", "Brandt", "2026-01-03", 50]):  # fmt: skip
        sheet.append(row)
    other = book.create_sheet("Customers")
    for row in (
        ["Customer Number", "Company", "City"],
        ["C1", "Acme GmbH", "Bonn"],
        ["C2", "Brandt AG", "Ulm"],
    ):
        other.append(row)
    book.save(tmp_path / "erp.xlsx")
    database = open_store(f"sqlite:///{tmp_path / 's.db'}")
    report = collect_file(tmp_path / "erp.xlsx", settings, database)
    assert sorted(living(database)) == ["C1", "C2"]
    assert (report.new, report.facts, report.rejected) == (2, 2, 0)
    database.close()


def test_a_source_without_that_stream_or_location_is_refused(database, settings, tmp_path):
    spec = crm(tmp_path / "crm.csv", ROWS)
    with pytest.raises(UsageError, match="no stream"):
        collect(spec, settings, database, streams=["nope"])
    with pytest.raises(UsageError, match="no location"):
        collect(spec.model_copy(update={"location": ""}), settings, database)


def test_new_and_lost_columns_are_reported(database, settings, tmp_path):
    path = tmp_path / "crm.csv"
    spec = crm(path, ROWS)
    collect(spec, settings, database)
    path.write_text("Account ID,Company,Town\nA0,Alder GmbH,Bonn\n")
    (report,) = collect(spec, settings, database)
    assert 'a new column "Town"' in report.drift
    assert 'the column "City" is gone' in report.drift


INVOICES = (
    "No,Customer,Total,On\nR1,A0,100.00,2026-02-01\nR2,A7,50.00,2026-02-02\nR3,A0,abc,2026-02-03\n"
)


def invoices(path):
    path.write_text(INVOICES, encoding="utf-8")
    rule = {"kind": "invoice", "key": "No", "parties": {"buyer": "Customer"},
            "fields": {"invoice_number": "No", "total": "Total", "issue_date": "On"}}  # fmt: skip
    return parse({"source": "crm", "location": str(path), "streams": {"*": {"facts": [rule]}}})


def test_a_fact_waits_for_its_party_and_comes_in_with_it(database, settings, tmp_path):
    path = tmp_path / "crm.csv"
    bills = invoices(tmp_path / "bills.csv")
    (report,) = collect(bills, settings, database)
    assert (report.facts, report.waiting, report.rejected) == (0, 2, 1)
    collect(crm(path, ROWS), settings, database)
    done = retry(bills, settings, database)
    assert (done.facts, done.resolved, done.waiting) == (1, 1, 2)
    again = retry(bills, settings, database)
    assert (again.facts, again.resolved) == (0, 0)
    assert count(database, fact) == 1


def test_refused_rows_are_kept_corrected_and_come_in(database, settings, tmp_path):
    path = tmp_path / "crm.csv"
    spec = crm(path, [*ROWS, ",Nameless AG,,Ulm,,", "A8,,,Ulm,,", "A9,Too,Many,Cells,=1+1,x,y"])
    (report,) = run_source(spec, settings, database)
    assert report.rejected == 3
    assert report.reasons == {"row.key": 1, "row.empty": 1, "row.long": 1}
    run_source(spec, settings, database, full=True)
    waiting = rejected(database)
    assert len(waiting) == 3  # the same row waits once
    out = tmp_path / "rejected.csv"
    write_rejected(waiting, out)
    assert ",'=1+1" in out.read_text(encoding="utf-8-sig")
    corrected = read_corrections(out)
    for number, cells in corrected.items():
        assert all(
            cells[k] == v for k, v in waiting[[r.id for r in waiting].index(number)].cells.items()
        )
        cells["Account ID"] = cells["Account ID"] or "A7"
        cells["Company"] = cells["Company"] or "Found Ltd"
        cells.pop("+1", None)
    done = retry(spec, settings, database, corrections=corrected)
    assert (done.resolved, done.waiting) == (3, 0)
    assert {"A7", "A8", "A9"} <= living(database).keys()
    told = status(database)
    assert told["rejected"] == []
    assert [r["status"] for r in told["runs"]] == ["problems", "problems"]
    assert told["streams"][0]["source"] == "crm"


def test_a_run_that_fails_is_logged_as_failed(database, settings, tmp_path):
    spec = crm(tmp_path / "crm.csv", ROWS).model_copy(update={"location": str(tmp_path / "no.csv")})
    with pytest.raises(UnreadableInput):
        run_source(spec, settings, database)
    assert status(database)["runs"][0]["status"] == "failed"


@pytest.mark.postgres
def test_a_postgresql_table_is_a_source_with_a_cursor(postgres_url, settings, tmp_path):
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as db:
        db.execute(text("CREATE TABLE c (id INT PRIMARY KEY, firm TEXT, changed TIMESTAMP)"))
        db.execute(
            text(
                "INSERT INTO c SELECT i, 'Firm ' || i || ' GmbH', '2026-01-01'::timestamp + i * interval '1 s' FROM generate_series(1, 500) i"
            )
        )
    mapping = {"key": "id", "kind": "organisation", "cursor": "changed", "fields": {"name": "firm"}}
    spec = parse({"source": "pg", "location": postgres_url, "streams": {"c": mapping}})
    database = open_store(f"sqlite:///{tmp_path / 's.db'}")
    (first,) = collect(spec, settings, database)
    assert first.new == 500
    with engine.begin() as db:
        db.execute(text("UPDATE c SET firm = 'Renamed AG', changed = '2026-03-01' WHERE id = 7"))
    (second,) = collect(spec, settings, database)
    assert (second.rows, second.changed, second.unchanged) == (2, 1, 1)
    database.close()
    engine.dispose()


SYSTEMS = {
    "crm": "id,company,vat,email,city\nC1,Acme Industrie GmbH,DE136695976,info@acme-industrie.example,Bonn\nC2,Brandt AG,,b@brandt.example,Ulm\n",
    "erp": "no,firm,ust,phone,ort\nD7,ACME Industrie GmbH,DE136695976,+49 228 5550101,Bonn\nD8,Corvin Ltd,,,Leeds\n",
    "billing": "invoice,buyer,buyer_vat,total\nR1,Acme Industrie,DE136695976,100.00\nR2,Delmas SARL,,20.00\n",
}  # fmt: skip
MAPPINGS = {
    "crm": {"key": "id", "fields": {"name": "company", "vat_id": "vat", "email": "email", "city": "city"}},
    "erp": {"key": "no", "fields": {"name": "firm", "vat_id": "ust", "phone": "phone", "city": "ort"}},
    "billing": {"key": "invoice", "fields": {"name": "buyer", "vat_id": "buyer_vat"},
                "facts": [{"kind": "invoice", "key": "invoice", "parties": {"buyer": "invoice"}, "fields": {"total": "total"}}]},
}  # fmt: skip


def test_the_same_customer_of_three_systems_is_one_whatever_the_order(settings, tmp_path):
    seen = set()
    for number, order in enumerate(permutations(SYSTEMS)):
        database = open_store(f"sqlite:///{tmp_path / f's{number}.db'}")
        for name in order:
            path = tmp_path / f"{name}.csv"
            path.write_text(SYSTEMS[name], encoding="utf-8")
            stream = {"kind": "organisation", **MAPPINGS[name]}
            spec = parse({"source": name, "location": str(path), "streams": {"*": stream}})
            collect(spec, settings, database)
        with database.reading() as db:
            ids = {
                n: log.mention_ids(db, n, [k])[k]
                for n, k in (("crm", "C1"), ("erp", "D7"), ("billing", "R1"))
            }
            seqs = derived.customers_of(db, ids.values())
            assert len(set(seqs.values())) == 1
            names = derived.mention_names(
                db, derived.members_of(db, seqs.values())[seqs[ids["crm"]]]
            )
            golden = derived.current_golden(db, seqs.values())[seqs[ids["crm"]]][1]
        seen.add((tuple(sorted(names.values())), golden.kind))
        assert count(database, fact) == 2
        database.close()
    assert seen == {((("billing", "R1"), ("crm", "C1"), ("erp", "D7")), "organisation")}


PROGRAM = """
import sys
from pathlib import Path
from idp_cdi.connectors import csv
from idp_cdi.connectors._mapping import load
from idp_cdi.settings import Settings
from idp_cdi.steps import collect as steps
from idp_cdi.steps import unify
from idp_cdi.store import open_store
csv.CHUNK_ROWS = 50
if sys.argv[3] == "count-only":
    unify.unify = lambda *a, **k: None
database = open_store(sys.argv[2])
print("ready", flush=True)
steps.collect(load(sys.argv[1]), Settings(home=Path(sys.argv[2]).parent), database)
print("done")
"""


def log_of(path):
    database = open_store(str(path))
    with database.reading() as db:
        rows = db.execute(
            select(mention.c.key, record.c.content, record.c.payload)
            .join(record, record.c.mention_id == mention.c.id)
            .order_by(mention.c.key)
        ).fetchall()
    database.close()
    return [tuple(r) for r in rows]


@pytest.mark.slow
def test_a_run_killed_anywhere_goes_on_without_loss_or_double(tmp_path):
    path = tmp_path / "crm.csv"
    crm(path, [f"A{i},Firm {i} GmbH,,Bonn,i{i}@firm.example," for i in range(1_500)])
    source = tmp_path / "crm.yaml"
    source.write_text(
        "source: crm\nlocation: crm.csv\nstreams: {'*': {key: Account ID, kind: organisation,"
        " fields: {name: Company, city: City, email: Email}}}\n"
    )
    run = [sys.executable, "-c", PROGRAM, str(source)]
    whole = tmp_path / "whole.db"
    subprocess.run([*run, str(whole), "count-only"], check=True, capture_output=True)
    chance, kills, store = random.Random(7), 0, tmp_path / "killed.db"
    for most in [0.4] * 12 + [60]:
        process = subprocess.Popen([*run, str(store), "count-only"], stdout=subprocess.PIPE)
        assert process.stdout.readline().strip() == b"ready"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, most) if most < 1 else most)
        process.send_signal(signal.SIGKILL)
        if process.communicate()[0].strip() == b"done":
            break
        kills += 1
    assert kills
    assert log_of(store) == log_of(whole)


def test_a_run_stopped_between_chunks_and_matching_is_matched_by_the_next(
    database, settings, tmp_path, monkeypatch
):
    from idp_cdi.steps import unify as unify_step

    monkeypatch.setattr(csv_way, "CHUNK_ROWS", 2)
    spec = crm(tmp_path / "crm.csv", ROWS)
    real = unify_step.unify

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(unify_step, "unify", stop)
    with pytest.raises(KeyboardInterrupt):
        collect(spec, settings, database)
    monkeypatch.setattr(unify_step, "unify", real)
    assert count(database, mention) == 5
    with database.reading() as db:
        assert derived.count_customers(db) == 0
    assert status(database)["streams"][0]["unfinished"]
    (report,) = collect(spec, settings, database)
    assert report.new == 0
    with database.reading() as db:
        assert derived.count_customers(db) == 5
    assert not status(database)["streams"][0]["unfinished"]
