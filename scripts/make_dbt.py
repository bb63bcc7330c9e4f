#!/usr/bin/env python3
"""Make the dbt package in ``dbt/idp_cdi`` from the definitions of star and marts.

    python scripts/make_dbt.py            # writes the files
    python scripts/make_dbt.py --check    # exit code 1 when they are stale

Sources with their tests come from ``idp_cdi/data/star.yaml``, models from ``idp_cdi/data/marts``;
``dbt_project.yml``, macros and the tests in ``dbt/idp_cdi/tests`` are written by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import yaml

from idp_cdi.steps import marts, star

ROOT = Path(__file__).parent.parent / "dbt/idp_cdi"
HEAD = "Made by scripts/make_dbt.py. Don't edit it."
#: Column → the table and column that it must point at.
POINTS = {
    **dict.fromkeys(
        ("sold_to_sk", "bill_to_sk", "ship_to_sk", "payer_sk", "seller_sk", "party_sk"),
        ("dim_customer", "customer_sk"),
    ),
    "source_id": ("dim_source", "source_id"),
    "account_sk": ("dim_account", "account_sk"),
}
INVOICE_PARTS = ("fact_invoice_source", "fact_invoice_line", "fact_instalment",
                 "fact_payment_application")  # fmt: skip
VIEWS = tuple(re.match(r"CREATE VIEW (\w+)", v)[1] for v in star.views())


def files() -> dict[Path, str]:
    """Every generated file and its text."""
    made = {ROOT / "models/sources.yml": sources(), ROOT / "models/marts/marts.yml": about()}
    for mart in (*marts.tables().values(), *marts.marts().values()):
        name = model_name(mart.name)
        made[ROOT / f"models/marts/{name}.sql"] = model(mart)
    return made


def model_name(name: str) -> str:
    """dbt wants words joined by underscores."""
    return name.replace("-", "_")


def model(mart: marts.Mart) -> str:
    """A mart as a dbt model."""
    known = {t.name for t in star.tables()} | set(VIEWS)

    def place(found: re.Match[str]) -> str:
        word, name = found[1], found[2]
        if name in known:
            return f"{word} {{{{ source('idp_cdi', '{name}') }}}}"
        if name in marts.tables():
            return f"{word} {{{{ ref('{name}') }}}}"
        return found[0]

    text = marts.quotients(mart.sql)
    text = re.sub(r"\b(FROM|JOIN)\s+(\w+)", place, text)
    text = text.replace(":as_of", "{{ as_of() }}").replace(":from_date", "{{ from_date() }}")
    return f"-- {HEAD}\n{text}\n"


def sources() -> str:
    """The published star as dbt sources, with tests of keys and references."""
    tables = []
    for table in star.tables():
        columns = []
        for column in table.columns:
            tests: list[object] = ["not_null"] if column.name in table.key else []
            if table.key == (column.name,):
                tests.append("unique")
            points = POINTS.get(column.name)
            if column.name == "invoice_sk" and table.name in INVOICE_PARTS:
                points = ("fact_invoice", "invoice_sk")
            if points and points[0] != table.name:
                to = f"source('idp_cdi', '{points[0]}')"
                tests.append({"relationships": {"to": to, "field": points[1]}})
            entry: dict[str, object] = {"name": column.name, "description": column.about}
            if tests:
                entry["data_tests"] = tests
            columns.append(entry)
        tables.append({"name": table.name, "description": table.about, "columns": columns})
    tables += [{"name": view, "description": "view over the star"} for view in VIEWS]
    source = {
        "name": "idp_cdi",
        "description": "The star schema that `idp-cdi publish` writes.",
        "database": "{{ var('idp_cdi_database') }}",
        "schema": "{{ var('idp_cdi_schema', 'main') }}",
        "tables": tables,
    }
    return _yaml({"version": 2, "sources": [source]})


def about() -> str:
    """What each model answers."""
    models = [
        {"name": model_name(m.name), "description": " ".join(m.about.split())}
        for m in (*marts.tables().values(), *marts.marts().values())
    ]
    return _yaml({"version": 2, "models": models})


def _yaml(value: object) -> str:
    body = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    return f"# {HEAD}\n{body}"


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    made = files()
    there = {*(ROOT / "models").rglob("*.sql"), *(ROOT / "models").rglob("*.yml")}
    stale = [p for p, text in made.items() if not p.exists() or p.read_text("utf-8") != text]
    stale += sorted(there - made.keys())
    if args.check:
        for path in stale:
            print(f"stale: {path.relative_to(ROOT.parent.parent)}", file=sys.stderr)
        return int(bool(stale))
    for path in there - made.keys():
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
