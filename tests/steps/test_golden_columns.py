"""Golden records of many customers at once are those of one customer after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.steps._golden import Deriver
from idp_cdi.steps.golden import golden_row
from idp_cdi.store.current import Batches
from idp_cdi.store.log import row_of

START = datetime(2024, 1, 1, tzinfo=UTC)
#: A field of each rule; values of which some are the same, valid, empty, or have marks of JSON.
VALUES = {
    "name": ["Acme", "ACME", "Acme, Ltd", 'The "Acme"\\Works\n', "Bé"],
    "vat_id": ["DE136695976", "DE 136695976", "DE136695978", "x"],
    "phone": ["+4930111", "+49 30 111", "+4930222"],
    "trading_name": ["A", "B", "a"],
    "website": ["a.example", "b.example"],
    "contact_name": ["Ann Lee", "Bo Ek"],
    "street": ["Markt 1", "MARKT 1", "Ring 2"],
    "postal_code": ["53111", "10115"],
    "city": ["Bonn", "Berlin"],
    "region": ["NRW", "BE"],
    "country": ["DE", "FR"],
    "of_a_connector": ["x", "y"],
}
SEEN = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda f: st.tuples(
            st.just(f), st.sampled_from([*VALUES[f], ""]), st.sampled_from([0.475, 0.9, 0.95, 1.0])
        )
    ),
    max_size=8,
)
RECORD = st.tuples(
    SEEN,
    st.sampled_from([0, 0, 400, 800]),
    st.sampled_from(["crm", "erp"]),
    st.sampled_from(list(PartyKind)),
    st.sampled_from(list(PartyRole)),
    st.sampled_from(["row", "row", "row", "row", "person", "document"]),
    st.integers(1, 4),
)


def record(number, drawn):
    seen, days, source, kind, role, where, _ = drawn
    key = f"k{(number * 7) % 11}-{number}"
    places = {
        "row": Origin(system=source, table="t", row=key, column="c"),
        "person": Origin(person="ann"),
        "document": Origin(document="ab" * 32, page=1),
    }
    values = tuple(Observation(f, v, f"{v} ", c, places[where]) for f, v, c in seen)
    return Record(source, key, kind, role, START + timedelta(days=days), values)


def columns(records):
    """Records as the store has them, one after the other."""
    rows = [row_of(r) for r in records]
    batches = Batches()
    batches.add(
        None,
        [
            tuple(range(1, len(rows) + 1)),
            tuple(range(101, 101 + len(rows))),
            tuple(1 if r.source == "crm" else 2 for r in records),
            tuple(r.key for r in rows),
            tuple(r.kind for r in rows),
            tuple(r.role for r in rows),
            tuple(r.observed_at for r in rows),
            tuple(False for _ in rows),
            tuple(r.payload for r in rows),
        ],
    )
    return batches.all({1: "crm", 2: "erp"})


@given(st.lists(RECORD, min_size=1, max_size=12))
def test_many_customers_at_once_give_what_each_gives_alone(drawn):
    records = [record(i, d) for i, d in enumerate(drawn)]
    owner = np.array([d[-1] for d in drawn], dtype=np.int64)
    found = {}
    left = set()
    for rows, others in Deriver(columns(records), owner).rows(np.unique(owner)):
        found |= {seq: row for seq, *row in zip(*rows, strict=True)}
        left |= set(others)
    assert found.keys() | left == set(owner.tolist())
    by_machines = {
        seq
        for seq in owner.tolist()
        if all(d[-2] == "row" or not d[0] for d in drawn if d[-1] == seq)
    }
    assert left <= set(owner.tolist()) - {s for s in by_machines if all(d[0] for d in drawn)}
    for seq in found:
        members = [(101 + i, r) for i, r in enumerate(records) if owner[i] == seq]
        members.sort(key=lambda m: (m[1].source, m[1].key))
        wanted = golden_row(members)
        kind, roles, count, content, payload = found[seq]
        assert payload == wanted.payload
        assert (kind, roles, count, content) == wanted[:4]
