"""The joint decision: sums with and without rounding, what was paid, accounts that check."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.documents import Box
from idp_cdi.extractors import Candidate
from idp_cdi.scoring import joint
from idp_cdi.scoring.models import FIELDS, Scored

BOX = Box(0, 0, 1, 1)


def candidate(kind: str, value: str, word: int, **hints: float) -> Candidate:
    return Candidate(kind, value, value, 1, (word,), BOX, kind, {"segment": 0, **hints})


def scored(kind: str, odds: dict[str, dict[str, float]], **hints: dict[str, float]) -> Scored:
    """Candidates by value with their log-odds by field, −8 where nothing is said."""
    fields = FIELDS[kind]
    found = [candidate(kind, v, n, **hints.get(v, {})) for n, v in enumerate(odds)]
    table = [[by.get(f, -8.0) for f in fields] for by in odds.values()]
    return Scored(found, fields, np.array(table))


def values(odds: dict[str, dict[str, float]], slack: int = 0) -> dict[str, str]:
    found = joint.amounts({"amount": scored("amount", odds)}, joint=True, slack=slack)
    return {name: choice.candidate.value for name, choice in found.items()}


def test_net_and_tax_make_the_total() -> None:
    found = values({
        "100.00": {"net_total": 2.0, "total": 1.5}, "20.00": {"tax_total": 2.0},
        "120.00": {"total": 0.5}, "999.00": {"total": 1.6},
    })  # fmt: skip
    assert (found["net_total"], found["tax_total"], found["total"]) == ("100.00", "20.00", "120.00")


def test_a_total_rounded_to_a_coin_fits_only_where_the_page_rounds() -> None:
    odds = {
        "106.10": {"net_total": 1.0, "total": 1.4}, "6.37": {"tax_total": 2.0},
        "112.45": {"total": 1.0},
    }  # fmt: skip
    assert values(odds, slack=4)["total"] == "112.45"
    assert values(odds)["total"] == "106.10"


def test_that_the_net_is_the_total_proves_less_than_a_sum() -> None:
    odds = {
        "165.60": {"net_total": -1.0, "total": 1.0}, "0.00": {"tax_total": -1.0},
        "155.66": {"net_total": 1.0}, "9.34": {"tax_total": 1.0}, "165.00": {"total": 0.5},
    }  # fmt: skip
    assert values(odds)["total"] == "165.00"


@given(st.decimals(min_value="0.01", max_value="99999", places=2))
def test_what_was_paid_has_no_sign(amount) -> None:
    found = values({f"-{amount}": {"prepaid": 3.0}, "500000.00": {"total": 3.0}})
    assert found["prepaid"] == str(amount)


def test_an_account_whose_digits_check_beats_one_whose_do_not() -> None:
    odds = {"GS60X": {"seller.iban": 3.0}, "NL50INGB0683251309": {"seller.iban": 1.0}}
    good = {"NL50INGB0683251309": {"valid": 1.0}}
    fields = FIELDS["iban"]
    found = joint.apart({"iban": scored("iban", odds, **good)}, "iban", fields, joint=True)
    assert found["seller.iban"].candidate.value == "NL50INGB0683251309"
    neither = joint.apart({"iban": scored("iban", odds)}, "iban", fields, joint=True)
    assert neither["seller.iban"].candidate.value == "GS60X"


def test_words_go_to_the_field_that_would_lose_most() -> None:
    odds = {
        "RE-508": {"invoice_number": 0.9, "purchase_order": 1.0}, "AB321": {"purchase_order": 0.4},
        "2000ml": {"invoice_number": -1.8},
    }  # fmt: skip
    found = joint.apart(
        {"identifier": scored("identifier", odds)}, "identifier", FIELDS["identifier"], joint=True
    )
    assert found["invoice_number"].candidate.value == "RE-508"
    assert found["purchase_order"].candidate.value == "AB321"


def test_a_number_whose_digits_check_is_no_number_of_another_kind() -> None:
    vat = {"DE129273398": {"buyer.vat_id": 3.0}}
    order = {"DE129273398": {"purchase_order": 1.0}, "4500017": {"purchase_order": -0.4}}
    for valid, expected in ((1.0, "4500017"), (0.0, "DE129273398")):
        checked = joint.apart(
            {"vat_id": scored("vat_id", vat, DE129273398={"valid": valid})},
            "vat_id",
            FIELDS["vat_id"],
            joint=True,
        )
        found = joint.apart(
            {"identifier": scored("identifier", order)},
            "identifier",
            FIELDS["identifier"],
            joint=True,
            elsewhere=joint.proven(checked),
        )
        assert found["purchase_order"].candidate.value == expected
