"""Relations read from a store."""

from __future__ import annotations

import json

import pytest

from idp_cdi.errors import UsageError
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Settings
from idp_cdi.steps.relate import Related, relate, related
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
        assert related(db, "C-0000003") == []
        with pytest.raises(UsageError):
            related(db, "C-0000009")
