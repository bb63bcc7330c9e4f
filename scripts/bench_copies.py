#!/usr/bin/env python3
"""What a customer with very many mentions costs: documents of one firm, a batch after the other.

    scripts/bench_copies.py [--documents 1280] [--batch 32]

Each document names one seller, always the same, and one of twenty buyers. Printed are processor
seconds of every eighth of them and how many pairs are kept; both should grow with the documents,
not with their square.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from idp_cdi.observations import DOCUMENTS, Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Settings
from idp_cdi.steps.unify import unify
from idp_cdi.store import log, open_store
from idp_cdi.store.schema import edge

BUYERS = [
    "Alpen", "Birke", "Cedern", "Dorn", "Eiche", "Fichte", "Ginster", "Holunder", "Ilex", "Jasmin",
    "Kiefer", "Linde", "Mistel", "Nelke", "Oleander", "Pappel", "Quitte", "Rose", "Salbei", "Tanne",
]  # fmt: skip
SELLER = {
    "name": "Nordlicht Papierhandel GmbH", "street": "Hafenstrasse 12", "postal_code": "24103",
    "city": "Kiel", "country": "DE", "vat_id": "DE136695976",
}  # fmt: skip


def parties(number: int) -> list[Record]:
    """The two parties of one document."""
    name = f"{BUYERS[number % 20]} Handel AG"
    buyer = {"name": name, "street": f"Ring {number % 20 + 1}", "postal_code": "89073"}
    buyer |= {"city": "Ulm", "country": "DE"}
    origin = Origin(document=f"{number:064x}", page=1)
    seen = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    # Confidences differ a little from page to page.
    sure = 0.96 + number % 5 / 100
    return [
        Record(
            DOCUMENTS,
            f"{number:064x}#{role}",
            PartyKind.ORGANISATION,
            role,
            seen,
            tuple(Observation(field, v, v, sure, origin) for field, v in said.items()),
        )
        for role, said in ((PartyRole.SUPPLIER, SELLER), (PartyRole.CUSTOMER, buyer))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1280)
    parser.add_argument("--batch", type=int, default=32, help="documents a transaction")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-copies-") as place:
        settings = Settings(home=Path(place))
        database = open_store(settings.store_url)
        step = max(asked.batch, asked.documents // 8 // asked.batch * asked.batch)
        begin = time.process_time()
        print("documents   CPU s   ms a document   pairs kept")
        for start in range(0, asked.documents, asked.batch):
            numbers = range(start, min(start + asked.batch, asked.documents))
            rows = [log.row_of(r) for n in numbers for r in parties(n)]
            with database.writing() as connection:
                unify(connection, settings, log.append_records(connection, DOCUMENTS, rows).touched)
                pairs = connection.execute(select(func.count()).select_from(edge)).scalar()
            if numbers.stop % step == 0:
                spent, begin = time.process_time() - begin, time.process_time()
                print(f"{numbers.stop:9} {spent:7.2f} {spent / step * 1000:15.1f} {pairs:12}")
        database.close()


if __name__ == "__main__":
    main()
