"""Relations read from a store."""

from __future__ import annotations

import json

import pytest

from idp_cdi.errors import UsageError
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Settings
from idp_cdi.steps.relate import Related, names, relate, related
from idp_cdi.store import derived, log, open_store


def test_relations_follow_from_golden_values(tmp_path):
    from datetime import UTC, datetime

    settings = Settings(home=tmp_path)
    database = open_store(settings.store_url)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with database.writing() as db:
        for key, kind, field, value in (
            ("1", PartyKind.ORGANISATION, "website", "acme-tools.de"),
            ("2", PartyKind.PERSON, "email", "anna@acme-tools.de"),
            ("3", PartyKind.PERSON, "email", "anna@gmail.com"),
        ):
            place = Origin(system="crm", table="t", row=key, column="c")
            seen = (Observation(field, value, value, 0.9, place),)
            row = log.row_of(Record("crm", key, kind, PartyRole.CUSTOMER, at, seen))
            mention = log.append_records(db, "crm", [row]).new[0]
            number = derived.mint(db, [mention])[mention]
            derived.set_members(db, {mention: number})
            payload = json.dumps({"values": [[field, value, 0.9, mention, "most_trusted"]]})
            found = derived.GoldenRow(kind.value, "customer", 1, key, payload)
            derived.put_golden(db, {number: found})
    with database.reading() as db:
        works = Related("C-0000002", "C-0000001", "works_for", "acme-tools.de")
        assert relate(db) == [works]
        assert related(db, "C-0000001") == [works]
        assert related(db, "C-0000002") == [works]
        assert related(db, "C-0000003") == []
        assert names(db, [works]) == {"C-0000001": "", "C-0000002": ""}
        with pytest.raises(UsageError):
            related(db, "C-0000009")


def test_one_customers_relations_are_those_that_all_have(tmp_path):
    from datetime import UTC, datetime

    settings = Settings(home=tmp_path)
    database = open_store(settings.store_url)
    home = {"street": "Hauptstr. 5", "postal_code": "10115"}
    rows = [
        home | {"name": "Acme Tools GmbH", "email": "a@acme-tools.de", "iban": "DE1"},
        home | {"name": "Acme Tools Holding GmbH"},
        home | {"name": "Zeta KG", "website": "www.zeta.de"},
        {"name": "Zeta Sales", "email": "x@zeta.de", "iban": "DE1"},
        {"name": "Percent %", "website": "zet_.de"},
    ]
    with database.writing() as db:
        for number, values in enumerate(rows, 1):
            key = str(number)
            place = Origin(system="crm", table="t", row=key, column="c")
            seen = tuple(Observation(f, v, v, 0.9, place) for f, v in values.items())
            at = datetime(2026, 1, 1, tzinfo=UTC)
            one = Record("crm", key, PartyKind.ORGANISATION, PartyRole.CUSTOMER, at, seen)
            mention = log.append_records(db, "crm", [log.row_of(one)]).new[0]
            seq = derived.mint(db, [mention])[mention]
            derived.set_members(db, {mention: seq})
            payload = json.dumps(
                {"values": [[f, v, 0.9, mention, "x"] for f, v in values.items()]},
                ensure_ascii=False, separators=(",", ":"),
            )  # fmt: skip
            derived.put_golden(
                db, {seq: derived.GoldenRow("organisation", "customer", 1, key, payload)}
            )
    with database.reading() as db:
        everything = relate(db)
        assert {r.kind for r in everything} == {"same_address", "same_group", "same_account"}
        for number in range(1, len(rows) + 1):
            own = f"C-{number:07d}"
            assert related(db, own) == [r for r in everything if own in (r.left, r.right)]
