"""The data dictionary in the docs is the one that follows from the definitions."""

from __future__ import annotations

import json
from pathlib import Path

from idp_cdi.fields import fields
from idp_cdi.steps import dictionary, star

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_not_stale():
    stale = "run: idp-cdi publish --schemas FOLDER, and copy data-dictionary.md to docs/"
    assert (ROOT / "docs/data-dictionary.md").read_text(encoding="utf-8") == (
        dictionary.dictionary()
    ), stale


def test_schemas_cover_every_table_and_field(tmp_path):
    paths = dictionary.write(tmp_path / "schemas")
    assert len(paths) == len(star.tables()) + 2
    customer = json.loads((tmp_path / "schemas/dim_customer.schema.json").read_text())
    assert set(fields().party) <= set(customer["properties"])
    assert customer["required"] == ["customer_sk"]
    invoice = json.loads((tmp_path / "schemas/fact_invoice.schema.json").read_text())
    assert invoice["properties"]["gross"]["type"] == ["string", "null"], "money is never binary"
    assert invoice["properties"]["issue_date"]["format"] == "date"
