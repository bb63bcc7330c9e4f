"""The columns of matching: all records at once say what they say one by one."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.steps.columns import compared_fields, current_columns
from idp_cdi.store import log, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = st.text(st.sampled_from('ab"\\\n,[]{}:é␟'), max_size=8)
VALUE = st.tuples(
    st.sampled_from(["name", "address", "street", "phone", "vat_id", "bic", 'my "field"']),
    TEXTS,
    TEXTS,
    st.sampled_from([0.475, 0.9, 1.0, 1]),
)
RECORD = st.tuples(
    st.lists(VALUE, max_size=6),
    st.sampled_from(["row", "row", "person", "document"]),
    st.booleans(),
)


def record(key, seen, where, version=0):
    places = {
        "row": Origin(system="a],[", table='"o":[', row=key, column='c"'),
        "person": Origin(person="ann"),
        "document": Origin(document="ab" * 32, page=1),
    }
    values = tuple(Observation(f, v, raw, c, places[where]) for f, v, raw, c in seen)
    values += (Observation("city", f"v{version}", "", 0.9, places[where]),)
    return log.row_of(Record("crm", key, PartyKind.PERSON, PartyRole.CUSTOMER, NOON, values))


class _Enough(Exception):
    """Rolls a transaction back."""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    store = open_store(str(tmp_path_factory.mktemp("store") / "s.db"))
    yield store
    store.close()


@given(st.lists(RECORD, min_size=1, max_size=8))
def test_all_at_once_say_what_each_says(database, drawn):
    rows = [record(str(i), seen, where) for i, (seen, where, _) in enumerate(drawn)]
    deleted = [r for r, d in zip(rows, drawn, strict=True) if d[2]]
    gone = [r._replace(deleted=True, payload='{"o":[]}') for r in deleted]
    with suppress(_Enough), database.writing() as connection:
        log.append_records(connection, "crm", rows)
        log.append_records(connection, "crm", gone)
        ids, whole = current_columns(connection)
        some, parts = current_columns(connection, ids.tolist())
        raise _Enough
    assert ids.tolist() == some.tolist() == list(range(1, len(rows) + 1))
    assert whole.column_names == parts.column_names
    for name in ("entity_type", *compared_fields()):
        assert whole.column(name).to_pylist() == parts.column(name).to_pylist()
        if name != "entity_type":
            sure = f"{name}__confidence"
            assert whole.column(sure).to_pylist() == parts.column(sure).to_pylist()
