"""The fast path: determinism, families, spans and sums."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from generator import documents, families, generate, held_back
from generator.chance import Chance
from generator.data_files import LANGUAGES, people
from generator.facts import make
from generator.marks import GeneratedDocument

from idp_cdi.fields import fields


@pytest.fixture(scope="module")
def some() -> list[GeneratedDocument]:
    return list(documents(150, 11, scan=0.0))


@pytest.fixture(scope="module")
def scans() -> list[GeneratedDocument]:
    return list(documents(60, 12, scan=1.0))


def printed(made: GeneratedDocument, span) -> str:
    words = [made.document.pages[span.page - 1].words[w].text for w in span.words]
    words[-1] = words[-1][: span.end]
    words[0] = words[0][span.start :]
    return " ".join(words)


def letters(text: str) -> str:
    return "".join(s for s in text.casefold() if s.isalnum())


def test_there_are_three_hundred_families_and_a_fifth_is_held_back() -> None:
    assert len(families()) >= 300
    assert len(set(families())) == len(families())
    assert sum(map(held_back, families())) * 5 == len(families())


def test_training_never_sees_a_family_held_back(some: list[GeneratedDocument]) -> None:
    assert not any(made.held_back or held_back(made.family) for made in some)
    assert all(made.held_back for made in documents(20, 1, which="held back"))


def test_same_seed_gives_the_same_documents() -> None:
    assert list(documents(15, 5)) == list(documents(15, 5))
    assert list(documents(15, 5)) != list(documents(15, 6))


def test_names_have_an_order_that_every_process_shares() -> None:
    # Some lists of faker are made of sets: without an order of our own each process drew others.
    for country in ("IT", "DE", "FR", "ES", "NL", "US"):
        first, last = people(country)
        assert len(last) > 50
        if country == "IT":
            assert list(first) == sorted(first)
            assert list(last) == sorted(last)


def test_all_types_and_languages_come_up(some: list[GeneratedDocument]) -> None:
    assert {made.type for made in some} == {"invoice", "order", "receipt", "contract", "form"}
    assert {made.language for made in some} == set(LANGUAGES)


def test_each_gold_value_has_a_span_that_prints_it(some: list[GeneratedDocument]) -> None:
    wrong = Counter()
    for made in some:
        assert set(made.gold) & set(made.ignore) == set()
        for name, values in made.gold.items():
            spans = [s for s in made.spans if s.field == name]
            if not spans:
                wrong[name] += 1  # only where a page break cuts the value in two
            for span in spans:
                assert span.words == tuple(sorted(span.words)) or len(span.boxes) >= 1
                spec = name.rpartition(".")[2]
                if spec in ("name", "street", "city", "invoice_number", "customer_number", "iban"):
                    text = letters(printed(made, span))
                    assert any(text == letters(v) for v in values), (made.family, name)
    assert sum(wrong.values()) <= 3, wrong


def test_spans_read_as_their_value(some: list[GeneratedDocument]) -> None:
    for made in some:
        for span in made.spans:
            if span.field in ("total", "net_total", "tax_total", "amount_due"):
                digits = "".join(s for s in printed(made, span) if s.isdigit())
                assert digits == "".join(s for s in span.value if s.isdigit()), made.family
            if span.field in ("issue_date", "due_date"):
                datetime.date.fromisoformat(span.value)
                assert str(int(span.value[-2:])) in printed(made, span)


def test_gold_fields_are_defined(some: list[GeneratedDocument]) -> None:
    unknown = set()
    for made in some:
        for name in made.gold:
            role, _, rest = name.rpartition(".")
            known = fields().party if role else fields().document | fields().party
            if rest not in known or (role and role not in fields().roles):
                unknown.add(name)
    assert not unknown


def test_words_stand_on_the_page_in_reading_order(some: list[GeneratedDocument]) -> None:
    for made in some:
        for page in made.document.pages:
            assert page.words
            for word in page.words:
                assert word.text and not any(s.isspace() for s in word.text)
                assert word.box.x0 < word.box.x1 and word.box.y0 < word.box.y1
            tops = [w.box.middle for w in page.words]
            assert all(b > a - 8 for a, b in pairwise(tops)), made.family


@pytest.mark.parametrize("seed", range(60))
def test_sums_add_up(seed: int) -> None:
    chance = Chance(f"sums {seed}")
    facts = make(
        chance, "invoice", "de", "DE", 1 + seed % 9, dates="dmy_dot", amounts="dot_comma", number=""
    )
    sums = facts.sums
    assert sums.lines == sum(one.net for one in facts.items)
    assert sums.net + sums.tax == sums.total
    assert sums.total - sums.prepaid == sums.due
    assert sum(base for base, _ in sums.taxes.values()) == sums.net
    if not facts.tax_included:
        assert sums.lines - sums.discount + sums.shipping == sums.net
        for rate, (base, tax) in sums.taxes.items():
            assert abs(base * rate / 100 - tax) <= Decimal("0.005")
    assert facts.due > facts.issued
    assert facts.period[0] <= facts.period[1]


def test_line_items_sum_to_the_lines(some: list[GeneratedDocument]) -> None:
    found = 0
    for made in some:
        kind = made.details["kind"]
        plain = made.line_items and kind == "invoice" and "net_total" in made.gold
        if plain and not any(s.field == "prepaid" for s in made.spans):
            total = sum(Decimal(item.net_amount) for item in made.line_items)
            found += abs(total - Decimal(made.gold["net_total"][0])) < 1
    assert found > 20


def test_scans_have_doubts_and_keep_the_gold(scans: list[GeneratedDocument]) -> None:
    confidences = [w.confidence for made in scans for p in made.document.pages for w in p.words]
    assert min(confidences) < 0.6 and max(confidences) <= 1.0
    doubted = sum(c < 0.9 for c in confidences) / len(confidences)
    assert 0.05 < doubted < 0.6
    for made in scans:
        clean = generate(
            made.family, made.document.name.rsplit("-", 1)[1][: -len(".pdf")], made.language
        )
        assert clean.gold == made.gold
        assert made.document.pages[0].words != clean.document.pages[0].words
        for span in made.spans:
            page = made.document.pages[span.page - 1]
            assert all(0 <= w < len(page.words) for w in span.words)
            assert 0 <= span.start < len(page.words[span.words[0]].text)
            assert 0 < span.end <= len(page.words[span.words[-1]].text)


def test_most_scanned_spans_still_read_like_their_value(scans: list[GeneratedDocument]) -> None:
    near = total = 0
    for made in scans:
        for span in made.spans:
            if span.value and span.field.endswith((".name", ".street")):
                a, b = letters(printed(made, span)), letters(span.value)
                total += 1
                near += abs(len(a) - len(b)) <= 2 and sum(
                    x == y for x, y in zip(a, b, strict=False)
                ) >= 0.6 * len(b)
    assert near / total > 0.9


def test_arguments_narrow_what_is_made() -> None:
    some = list(documents(10, 2, types=("receipt",), languages=("nl",)))
    assert {(m.type, m.language) for m in some} == {("receipt", "nl")}
    one = list(documents(4, 2, types=("invoice",), families=("invoice-3",)))
    assert {m.family for m in one} == {"invoice-3"}
