"""What holds for every standardiser, whatever its kind."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import idp_cdi.standardisers as folder
from idp_cdi.errors import BadFormat, UsageError
from idp_cdi.fields import fields
from idp_cdi.standardisers import standardise, way

KINDS = sorted(
    p.stem for p in Path(folder.__file__).parent.glob("*.py") if not p.stem.startswith("_")
)
SEEDS = [
    "1.234,56 €", "1,234", "(1 234.50)", "12,34,567.00 CR", "-0", "5-", "0,00", "50,--", "500/-",
    "31.01.2024", "Jan 31st, 2024", "le 1er février 2024", "20240131", "01/02/24", "2024年1月31日",
    "Müller & Söhne GmbH & Co. KG", "\"Acme\" Ltd.,", "S.à r.l.", "Smith, Dr. John Jr.", "O'Neill",
    "+49 (0)30 1234-567", "0041 44 668 18 00", "(212) 555-0123 ext. 9", "Tel.: 030/123456",
    "mailto:Ann@EXAMPLE.com", "Ann <ann@x.de>", "https://www.Acme.de/Shop/?q=1", "www.acme.co.uk",
    "DE 136 695 976", "USt-IdNr. DE136695976", "CHE-116.281.710 MWST", "NO974760673MVA",
    "GB82 WEST 1234 5698 7654 32", "BIC: DEUTDEDB101", "LEI 5493 001K JTII GC8Y 1R12",
    "HRB 12345 B Amtsgericht Berlin", "RCS Paris B 732 829 320", "FN 123456 a", "KvK 12345678",
    "D-10115", "sw1a1aa", "1234 ab", "02139 1234", "00-950", "75008 PARIS CEDEX 08",
    "Hauptstr. 5\nD-10115 Berlin", "10 Downing St, London SW1A 2AA", "Ohio", "N.Y.", "U.S.A.",
    "Royaume-Uni", "UK", "€", "US$", "kr", "Rs.", "two (2) years", "18 months", "P1Y6M", "n/a",
    "\u00a0", "\u200b", "", "No. 7", "Nr", "Nr. #1", "١٢٣٫٤٥", "１２３", "²", "½", "İ", "ß", "ﬁ",
    "a\u0301", "\ud800", "E 1", "#", "-", "--", ",5", ".5", "1.", "+", "+49", "00", "0", "1e5",
]  # fmt: skip
COUNTRIES = [
    None,
    "DE",
    "US",
    "GB",
    "FR",
    "CH",
    "CA",
    "NL",
    "AT",
    "IT",
    "SE",
    "BE",
    "FI",
    "GR",
    "ZZ",
]
ALPHABET = st.characters(codec="utf-8") | st.sampled_from("0123456789.,-/ '()+@€$ABDEGHNRSTabc\n")
MUTATED = st.builds(
    lambda seed, cut, put, text: seed[:cut] + text + seed[cut + put :],
    st.sampled_from(SEEDS),
    st.integers(0, 20),
    st.integers(0, 3),
    st.text(ALPHABET, max_size=3),
)
RAW = st.sampled_from(SEEDS) | MUTATED | st.text(ALPHABET, max_size=30)


def test_every_kind_of_the_field_definitions_has_a_standardiser():
    table = fields()
    for spec in (*table.party.values(), *table.document.values()):
        assert spec.kind == way(spec.kind).NAME


@pytest.mark.parametrize("kind", KINDS)
def test_a_module_keeps_to_the_protocol(kind):
    module = way(kind)
    assert kind == module.NAME
    assert isinstance(module.STRONG, bool)
    assert module.__doc__
    assert ">>> clean(" in module.__doc__
    parameters = inspect.signature(module.clean).parameters
    assert next(iter(parameters)) == "raw"
    assert all(
        p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in [*parameters.values()][1:]
    )
    assert "country" in parameters


def test_an_unknown_kind_is_a_usage_error():
    with pytest.raises(UsageError):
        way("no_such_kind")
    with pytest.raises(UsageError):
        way("_text")


@pytest.mark.parametrize("kind", KINDS)
@given(raw=RAW, country=st.sampled_from(COUNTRIES))
@example(raw="N×O0", country=None)
@example(raw="3U/", country="AT")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cleaning_twice_is_cleaning_once_and_only_our_error_escapes(kind, raw, country):
    module = way(kind)
    try:
        value = module.clean(raw, country=country)
    except BadFormat as error:
        assert error.code.startswith("value.")
        assert not any(c.isdigit() for c in raw) or len(raw) < 6 or raw not in str(error)
        return
    assert value
    assert value == value.strip()
    assert "\n" not in value
    assert module.clean(value, country=country) == value


@pytest.mark.parametrize("kind", KINDS)
@given(raw=RAW)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_keys_are_stable_under_cleaning(kind, raw):
    module = way(kind)
    if not hasattr(module, "key"):
        return
    try:
        value = module.clean(raw)
    except BadFormat:
        return
    assert isinstance(module.key(value), str)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", ["", "  ", "\u200b", "\n"])
def test_nothing_is_no_value(kind, raw):
    with pytest.raises(BadFormat):
        way(kind).clean(raw)


@given(kind=st.sampled_from(KINDS), raw=RAW, country=st.sampled_from(COUNTRIES))
@example(kind="iban", raw="DE89 3704 0044 0532 0130 01", country=None)
@settings(max_examples=300, deadline=None)
def test_standardise_never_raises_for_a_value(kind, raw, country):
    cleaned = standardise(kind, raw, country=country)
    assert cleaned.ok == (cleaned.code == "")
    assert isinstance(cleaned.value, str)


@pytest.mark.parametrize("kind", ["tax_number", "vat_id"])
@given(
    raw=st.one_of(
        RAW, st.from_regex(r"(DE|IT|FR|ATU|NL|)[ ]?[0-9]{8,11}(B0[12])?", fullmatch=True)
    ),
    country=st.sampled_from(COUNTRIES),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_checking_after_cleaning_says_what_strict_cleaning_says(kind, raw, country):
    found = standardise(kind, raw, country=country)
    try:
        assert found == (way(kind).clean(raw, country=country), True, "")
    except BadFormat as error:
        assert (found.ok, found.code) == (False, error.code)
        if error.code == "value.checksum":
            assert found.value == way(kind).clean(raw, country=country, strict=False)
