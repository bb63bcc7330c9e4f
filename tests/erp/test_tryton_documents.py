"""One customer from CRM rows, parties of a running Tryton and invoices as PDF, in every order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from idp_cdi.connectors._mapping import parse
from idp_cdi.observations import DOCUMENTS
from idp_cdi.settings import load
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.collect import collect_file
from idp_cdi.steps.connect import run_source
from idp_cdi.steps.understand import understand_many
from idp_cdi.store import derived, open_store
from idp_cdi.store.schema import membership

pytestmark = pytest.mark.erp

SAMPLES = Path(__file__).parents[2] / "samples"
#: What the ERP knows of the customers of the samples: name, number, street, postcode, town.
PARTIES = [
    ("Sonnenthal Bäckerei GmbH & Co. KG", "10017", "Mühlenweg 12", "50667", "Köln"),
    ("Harrow and Finch Ltd.", "10023", "Quayside 14", "BS1 4QA", "Bristol"),
    ("Lumière", "10031", None, "69002", "Lyon"),
]
PAPERS = {"invoice-de.pdf": "A-1001", "invoice-en.pdf": "A-1002", "invoice-fr.pdf": "A-1003"}


def fill(erp):
    """Give the ERP the customers; returns their ids there by their number."""
    made = {}
    for name, code, street, postcode, town in PARTIES:
        place = {"street_unstructured": street, "postal_code": postcode, "city": town}
        values = {"name": name, "code": code, "addresses": [["create", [place]]]}
        (made[code],) = erp.call("model.party.party.create", [values], {})
    return made


def lineages(store):
    """The source and key of every mention, customer by customer."""
    with store.reading() as db:
        owner = dict(db.execute(membership.select()).fetchall())
        places = derived.mention_names(db, owner)
    found = {}
    for number, seq in owner.items():
        found.setdefault(seq, set()).add(places[number])
    return {frozenset(group) for group in found.values()}


def test_rows_parties_and_invoices_are_one_customer_whatever_comes_first(erp, tmp_path):
    made = fill(erp)
    settings = load(file=SAMPLES / "idp-cdi.toml", home=tmp_path / "home", environment={})
    papers = list(
        understand_many([SAMPLES / "inbox" / name for name in PAPERS], settings, workers=1)
    )
    source = parse({"source": "erp", "location": erp.location, "trust": 0.9})
    ways = {
        "crm": lambda store: collect_file(SAMPLES / "feeds" / "crm.csv", settings, store),
        "erp": lambda store: run_source(source, settings, store),
        "documents": lambda store: apply_documents(store, settings, papers),
    }
    found = []
    for number, order in enumerate(permutations(ways)):
        store = open_store(f"sqlite:///{tmp_path / f's{number}.db'}")
        for name in order:
            ways[name](store)
        found.append(lineages(store))
        store.close()
    assert all(other == found[0] for other in found)
    for paper, (code, party) in zip(papers, made.items(), strict=True):
        row = PAPERS[Path(paper.name).name]
        whole = {("crm", row), ("erp", str(party)), (DOCUMENTS, f"{paper.sha256}#buyer")}
        assert whole in found[0], code
