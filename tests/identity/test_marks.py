"""What keeps two records apart whatever else they share."""

from __future__ import annotations

from datetime import UTC, datetime

from idp_cdi.identity import marks
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record

AT = datetime(2026, 1, 1, tzinfo=UTC)


def record(*seen, kind=PartyKind.UNKNOWN):
    values = tuple(Observation(f, v, v, c, Origin(table="t")) for f, v, c in seen)
    return Record("crm", "1", kind, PartyRole.CUSTOMER, AT, values)


def test_a_person_and_a_firm_are_never_one():
    assert marks(record(kind=PartyKind.PERSON)) == (("kind", "person"),)
    assert marks(record(kind=PartyKind.ORGANISATION)) == (("kind", "organisation"),)
    assert marks(record()) == ()


def test_only_valid_and_sure_numbers_are_marks():
    assert marks(record(("vat_id", "DE136695976", 0.95))) == (("vat_id:DE", "DE136695976"),)
    assert marks(record(("vat_id", "DE136695978", 0.95))) == ()
    assert marks(record(("vat_id", "DE136695976", 0.5))) == ()
    assert marks(record(("vat_id", "not a number", 0.95), ("name", "Acme", 1.0))) == ()


def test_each_country_and_the_lei_are_kinds_of_their_own():
    found = marks(
        record(
            ("vat_id", "DE136695976", 0.95),
            ("vat_id", "FR40303265045", 0.95),
            ("lei", "HWUPKR0MPOU8FGXBT394", 0.95),
        )
    )
    assert [kind for kind, _ in found] == ["lei", "vat_id:DE", "vat_id:FR"]
