#!/usr/bin/env python3
"""Two tables of different systems: is as much found as in one table of one schema?

    scripts/bench_two_tables.py --eval DIR [--set NAME …]

The records of each labelled set are dealt to two CSV files; they are matched as they are, then with
the second file as an ERP or a German form writes it: other names of columns, other ids, semicolons.
Prints a JSON line a set and way: pairwise precision, recall and F1 of the clusters.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
from bench_matching import judge, load

from idp_cdi.steps.match import match

SETS = ("fake_1000", "febrl3", "org_restaurants", "org_childcare")
NAMES = {
    "name": "NAME1", "address": "STRAS", "city": "ORT01", "postcode": "PSTLZ", "phone": "TELF1",
    "email": "SMTP_ADDR", "website": "Homepage", "first_name": "Vorname", "given_name": "Vorname",
    "surname": "Nachname", "dob": "Geburtsdatum", "date_of_birth": "Geburtsdatum",
    "address_1": "Straße", "address_2": "Adresszusatz", "street_number": "Hausnummer",
    "suburb": "Ort", "state": "Bundesland", "soc_sec_id": "SSN", "record_id": "KUNNR",
}  # fmt: skip


def main() -> None:
    """Deal, match twice, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--eval", type=Path, required=True, help="folder with a folder a set")
    parser.add_argument("--set", action="append", choices=SETS, dest="sets")
    asked = parser.parse_args()
    for name in asked.sets or SETS:
        records, gold = load(asked.eval / name)
        first = np.random.default_rng(5).random(records.num_rows) < 0.5
        truth = gold[np.r_[np.flatnonzero(first), np.flatnonzero(~first)]]
        left, right = records.filter(pa.array(first)), records.filter(pa.array(~first))
        numbers = pa.array([f"{n:010}" for n in range(10_001, 10_001 + right.num_rows)])
        other = right.set_column(0, "record_id", numbers)
        other = other.rename_columns([NAMES.get(c, c) for c in right.column_names])
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{n}.csv" for n in ("crm", "same", "erp")]
            csv.write_csv(left, paths[0])
            csv.write_csv(right, paths[1])
            csv.write_csv(other, paths[2], csv.WriteOptions(delimiter=";"))
            for way, path in (("one schema", paths[1]), ("two schemas", paths[2])):
                found = match([paths[0], path])
                quality = {k: round(v, 4) for k, v in judge(truth, found.result.clusters).items()}
                print(json.dumps({"set": name, "way": way, **quality}), flush=True)


if __name__ == "__main__":
    main()
