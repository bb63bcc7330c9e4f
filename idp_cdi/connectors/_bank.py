"""What all bank statements become: one row a booking, the same columns, one mapping.

The counterparty is a record (known by its account, else its name), a customer when it paid us and
a supplier when we paid it; the booking is a payment.
"""

from __future__ import annotations

from typing import Any

COLUMNS = (
    "account", "statement", "reference", "booking_date", "value_date", "direction", "amount",
    "currency", "party_key", "party_name", "party_iban", "party_bic", "party_street",
    "party_postal_code", "party_city", "party_country", "remittance", "end_to_end_id",
    "mandate", "status",
)  # fmt: skip

MAPPING: dict[str, Any] = {
    "key": "party_key",
    "kind": "auto",
    "role": {"column": "direction", "values": {"in": "customer", "out": "supplier"}},
    "fields": {
        "name": "party_name",
        "iban": "party_iban",
        "bic": "party_bic",
        "street": "party_street",
        "postal_code": "party_postal_code",
        "city": "party_city",
        "country": "party_country",
    },
    "facts": [
        {
            "kind": "payment",
            "key": ["account", "reference"],
            "where": {"direction": way},
            "parties": {role: "party_key"},
            "fields": {
                "payment_date": "booking_date",
                "amount": {"column": "amount", "decimal": "."},
                "currency": "currency",
                "remittance": "remittance",
                "bank_reference": "reference",
                "reference": "end_to_end_id",
                "status": "status",
            },
        }
        for way, role in (("in", "buyer"), ("out", "seller"))
    ],
}


def party_key(direction: str, iban: str, name: str) -> str:
    """One counterparty: by account, else by name; "" where the bank names none.

    >>> party_key("in", "DE89 3704 0044 0532 0130 00", "Acme"), party_key("out", "", "ACME  Ltd")
    ('in:DE89370400440532013000', 'out:acme ltd')
    """
    known = iban.replace(" ", "").upper() or " ".join(name.casefold().split())
    return f"{direction}:{known}" if known else ""
