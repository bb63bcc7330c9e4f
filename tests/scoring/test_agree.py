import pytest

from idp_cdi.scoring.agree import same


@pytest.mark.parametrize(
    ("field", "a", "b", "expected"),
    [
        ("total", "12.50", "12.5", True),
        ("total", "12.50", "-12.5", False),
        ("seller.phone", "+49 (0)30 123456", "030 123456", True),
        ("seller.phone", "030 123456", "030 123457", False),
        ("buyer.address", "Weg 5, 12345 Ort", "Weg 5, 12345 Ort, DE", True),
        ("buyer.address", "Weg 5, 12345 Ort", "Gasse 7, 54321 Stadt", False),
        ("seller.name", "Müller GmbH", "MUELLER GmbH", True),
        ("seller.name", "Müller GmbH", "Müller AG", False),
        ("a field of the user", "Ab-1", "ab 1", True),
        ("issue_date", "", "", False),
    ],
)
def test_values_are_compared_by_kind(field, a, b, expected):
    assert same(field, a, b) is expected
