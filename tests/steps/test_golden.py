"""Golden records: the short way for one member says what the rules say."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.fields import fields
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.steps.golden import _Member, golden_row
from idp_cdi.store.log import stamp
from idp_cdi.store.payload import encode

NAMES = [*fields().party, "of_a_connector"]
ORIGINS = (Origin(system="crm", table="t", row="1", column="c"), Origin(person="ann"))


@given(st.data(), st.sampled_from(ORIGINS))
def test_one_member_alone_gives_what_survivorship_gives(data, origin):
    names = data.draw(st.lists(st.sampled_from(NAMES), max_size=6, unique=True))
    values = st.text(st.characters(categories=["L", "N"]), max_size=6)
    confidence = st.integers(0, 100).map(lambda n: n / 100)
    seen = tuple(
        Observation(n, v := data.draw(values), v, data.draw(confidence), origin) for n in names
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    record = Record("crm", "1", PartyKind.PERSON, PartyRole.CUSTOMER, at, seen)
    member = _Member(7, "crm", "1", "person", "customer", stamp(at), encode(seen))
    assert member.record() == record
    short = member.golden()
    assert short is None or short == golden_row([(7, record)])
    assert short is not None or not all(o.value for o in seen)
