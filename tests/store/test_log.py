"""The log: only what is new is appended, and what was appended comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select

from idp_cdi.documents import Box
from idp_cdi.errors import StoreBusy, StoreError
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.store import log, open_store, payload
from idp_cdi.store.database import bulk_insert
from idp_cdi.store.schema import record, source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mention(key="1", name="Acme", source="crm", at=NOON):
    origin = Origin(system=source, table="accounts", row=key, column="Name")
    seen = (Observation("name", name, name, 0.95, origin),)
    return Record(source, key, PartyKind.ORGANISATION, PartyRole.CUSTOMER, at, seen)


def append(database, *records):
    with database.writing() as connection:
        return log.append_records(connection, "crm", [log.row_of(r) for r in records])


def current(database):
    with database.reading() as connection:
        return [r for _, r in log.current_records(connection)]


def test_a_record_comes_back_as_it_was(database):
    append(database, mention())
    assert current(database) == [mention()]


def test_the_same_row_again_is_nothing_new(database):
    first = append(database, mention("1"), mention("2"))
    again = append(database, mention("1", at=datetime(2027, 1, 1, tzinfo=UTC)), mention("2"))
    assert len(first.new) == 2
    assert (again.new, again.changed, again.unchanged) == ((), (), 2)


def test_a_changed_row_is_a_new_version_and_the_old_one_stays(database):
    append(database, mention(name="Acme"))
    changed = append(database, mention(name="Acme Ltd"))
    assert len(changed.changed) == 1
    assert [r.values("name")[0].value for r in current(database)] == ["Acme Ltd"]
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(record)).scalar() == 2


def test_going_back_to_an_old_value_is_a_change_too(database):
    for name in ("A", "B", "A"):
        append(database, mention(name=name))
    assert current(database)[0].values("name")[0].value == "A"


def test_a_deleted_row_is_gone_until_it_comes_again(database):
    append(database, mention())
    gone = log.row_of(mention())._replace(deleted=True)
    with database.writing() as connection:
        assert len(log.append_records(connection, "crm", [gone]).deleted) == 1
    assert current(database) == []
    assert len(append(database, mention()).changed) == 1
    assert current(database) == [mention()]


def test_of_several_rows_with_one_key_the_last_one_counts(database):
    appended = append(database, mention(name="A"), mention(name="B"))
    assert len(appended.touched) == 1
    assert current(database)[0].values("name")[0].value == "B"


def test_nothing_of_a_failed_transaction_is_kept(database):
    with pytest.raises(RuntimeError), database.writing() as connection:
        log.append_records(connection, "crm", [log.row_of(mention())])
        raise RuntimeError
    assert current(database) == []


def test_the_same_fact_again_is_nothing_new(database):
    one = log.Fact("invoice", "7", NOON, {"total": "10.00"})
    with database.writing() as connection:
        assert log.append_facts(connection, "billing", [one, one]) == 1
        assert log.append_facts(connection, "billing", [one]) == 0
        other = log.Fact("invoice", "7", NOON, {"total": "11.00"})
        assert log.append_facts(connection, "billing", [other]) == 1


def test_a_decision_is_about_two_records(database):
    append(database, mention("1"), mention("2"))
    with database.writing() as connection:
        assert log.append_decision(connection, 2, 1, "same", person="ann") == 1
        with pytest.raises(ValueError, match="two different"):
            log.append_decision(connection, 1, 1, "same", person="ann")


def test_a_second_writer_is_told_to_wait(tmp_path):
    url = f"sqlite:///{tmp_path / 's.db'}"
    first, second = open_store(url), open_store(url, patience_s=0.1)
    with first.writing(), pytest.raises(StoreBusy, match="another run"), second.writing():
        pass
    with second.writing() as connection:
        log.source_id(connection, "crm")
    first.close()
    second.close()


def test_a_store_of_a_newer_program_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 's.db'}"
    database = open_store(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match="update idp-cdi"):
        open_store(url)


def test_a_missing_store_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="ingest"):
        open_store(str(tmp_path / "none.db"), create=False)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "s.db"
    path.write_bytes(b"hello" * 500)
    with pytest.raises(StoreError, match="can't be opened"):
        open_store(str(path))


texts = st.text(max_size=20)
boxes = st.none() | st.tuples(*[st.integers(0, 9999).map(lambda n: n / 4)] * 4).map(
    lambda t: Box(*t)
)
origins = (
    st.builds(Origin, document=st.just("d" * 64), page=st.integers(1, 99), box=boxes)
    | st.builds(Origin, system=st.just("s"), table=st.just("t"), row=st.just("r"), column=texts)
    | st.builds(Origin, person=st.just("ann"))
)


@given(st.data(), origins)
def test_the_stored_form_of_observations_loses_nothing(data, origin):
    several = data.draw(
        st.lists(
            st.builds(
                Observation,
                field=texts,
                value=texts,
                raw=texts,
                confidence=st.integers(0, 100).map(lambda n: n / 100),
                origin=st.just(origin),
                method=texts,
            ),
            max_size=4,
        )
    )
    assert payload.decode(payload.encode(several)) == tuple(several)


def test_a_batch_is_looked_up_by_its_keys_and_not_among_all_of_its_source(tmp_path):
    database = open_store(f"sqlite:///{tmp_path / 'log.db'}")
    rows = [mention(f"{n:06}") for n in range(400)]
    append(database, *rows)
    plans = []

    def explain(connection, cursor, statement, parameters, context, many):
        if statement.startswith("SELECT") and "wanted_key" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        assert append(database, *rows[:300]).unchanged == 300
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
        database.close()
    assert plans
    assert all("(source_id=? AND key=?)" in plan for plan in plans)


@pytest.mark.parametrize("count", [0, 1, 899, 900, 901, 2000])
def test_many_rows_are_kept_whatever_fits_one_statement(database, count):
    rows = [(n, f"s{n}", "feed", "", "{}") for n in range(1, count + 1)]
    columns = tuple(source.c.keys())
    with database.writing() as connection:
        assert bulk_insert(connection, source, columns, iter(rows)) == count
        with log.key_table(connection, [row[1] for row in rows]) as wanted:
            known = connection.execute(select(wanted.c.key)).scalars().all()
    with database.reading() as connection:
        found = connection.execute(select(source).order_by(source.c.id)).all()
    assert [tuple(row) for row in found] == rows
    assert sorted(known) == sorted(row[1] for row in rows)
