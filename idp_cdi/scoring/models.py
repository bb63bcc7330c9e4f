"""The trained scorer: which models there are, where they lie, and how a document is scored.

Each kind of value has one forest over the kind's features with one model per field. Parties come
in two stages: the roles of blocks first, then everything that belongs to a party.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import MissingDependency
from idp_cdi.scoring import features, party, party_blocks, party_contacts, party_lines, party_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.party import Parties
    from idp_cdi.scoring.trees import Forest

FIELDS: dict[str, tuple[str, ...]] = {
    "date": ("issue_date", "due_date", "period_start", "period_end"),
    "amount": ("net_total", "tax_total", "total", "amount_due", "prepaid"),
    "identifier": (
        "invoice_number", "buyer.customer_number", "purchase_order", "order_number",
        "contract_number", "preceding_invoice",
    ),
    "name": (
        "seller.name", "buyer.name", "seller.contact_name", "buyer.contact_name", "ship_to.name",
        "payee.name",
    ),
    "vat_id": ("seller.vat_id", "buyer.vat_id"),
    "tax_number": ("seller.tax_number", "buyer.tax_number"),
    "registration_number": ("seller.registration_number",),
    "iban": ("seller.iban", "buyer.iban", "payee.iban"),
    "bic": ("seller.bic",),
    "phone": ("seller.phone", "buyer.phone"),
    "email": ("seller.email", "buyer.email"),
    "website": ("seller.website",),
}  # fmt: skip
"""Kind of candidate → the fields that its models score."""

CONTACTS = ("vat_id", "tax_number", "registration_number", "iban", "bic", "phone", "email",
            "website")  # fmt: skip


def feature_names(kind: str) -> list[str]:
    """The columns of a kind's rows."""
    if kind == "block":
        return party_blocks.BLOCK
    if kind == "line":
        return party_lines.LINE
    if kind == "name":
        return party_names.NAME
    if kind in CONTACTS:
        return party_contacts.CONTACT
    return {"date": features.DATE, "amount": features.AMOUNT, "identifier": features.IDENTIFIER}[
        kind
    ]


def rows_of(
    context: Context, kind: str, parties: Parties
) -> tuple[list[Candidate], list[list[float]]]:
    """The candidates of a kind and their feature rows."""
    if kind == "name":
        return party_names.name_rows(context, parties)
    if kind in CONTACTS:
        return party_contacts.contact_rows(context, parties, kind)
    if kind == "identifier":
        return features.identifiers(context, lambda found: party.seller_and_buyer(parties, found))
    return features.dates(context) if kind == "date" else features.amounts(context)


@dataclass(slots=True)
class Scored:
    """The candidates of one kind and the log-odds of each (rows) for each field (columns)."""

    candidates: list[Candidate]
    fields: tuple[str, ...]
    odds: NDArray[Any]

    def of(self, field: str) -> list[tuple[float, Candidate]]:
        """Log-odds and candidate for one field, best first."""
        column = self.fields.index(field)
        pairs = zip(self.odds[:, column].tolist(), self.candidates, strict=True)
        return sorted(pairs, key=lambda p: -p[0])


@cache
def load() -> dict[str, Forest]:
    """The forests of ``models/scorer/invoice.npz``, by kind.

    Raises:
        MissingDependency: The file is not there.
    """
    from idp_cdi.models_path import models_path
    from idp_cdi.scoring import trees

    path = models_path() / "scorer" / "invoice.npz"
    if not path.is_file():
        raise MissingDependency(
            "the trained scorer is not there", action="run scripts/train_scorer.py"
        )
    return trees.load(path)[0]


def score_blocks(context: Context, forest: Forest) -> Parties:
    """The probability of each role for each block."""
    import numpy as np

    rows = party_blocks.block_rows(context)
    table = np.array(rows, dtype=np.float32).reshape(len(rows), len(party_blocks.BLOCK))
    found = forest.probability(table)
    roles = [dict(zip(forest.models, map(float, line), strict=True)) for line in found]
    return party.Parties.of(context.blocks, roles)


def score(context: Context) -> tuple[Parties, dict[str, Scored]]:
    """Score all candidates of a document for all fields."""
    import numpy as np

    forests = load()
    party_lines.choose(context, forests["line"])
    parties = score_blocks(context, forests["block"])
    scored = {}
    for kind, names in FIELDS.items():
        found, rows = rows_of(context, kind, parties)
        table = np.array(rows, dtype=np.float32).reshape(len(rows), len(feature_names(kind)))
        forest = forests[kind]
        assert forest.models == names, "the models are of another version than the program"
        scored[kind] = Scored(found, names, forest.raw(table))
    return parties, scored
