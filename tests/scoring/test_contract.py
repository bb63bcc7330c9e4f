"""Contracts: values chosen, explained, placed; nothing said that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors._view import View
from idp_cdi.extractors.clauses import Prose
from idp_cdi.scoring import Options, contract, contract_addresses, contract_registers
from idp_cdi.scoring.contract_groups import Group

EVAL = Path(__file__).parents[3] / "shared" / "eval" / "dev" / "nda"

ENGLISH = """MUTUAL CONFIDENTIALITY AGREEMENT
This Mutual Confidentiality Agreement (the "Agreement") is dated and effective as of May 3, 2004,
by and between Example Widgets, Inc., a Delaware corporation having its principal place of business
at 12 Elm Street, Troy, NY 12180 ("Widgets"), and Sample Partners LLC, a Texas limited liability
company ("Sample"). Widgets and Sample wish to exchange confidential information.
1. Term. This Agreement shall remain in effect for a period of two (2) years from the date hereof.
2. Governing Law. This Agreement shall be governed by and construed in accordance with the laws of
the State of Oregon, without regard to conflicts of law.
3. General. Widgets and Sample shall keep all confidential information secret at all times and use
it for no other purpose than the one stated above, under this Agreement and no other.
IN WITNESS WHEREOF, the parties have executed this Agreement as of the date first above written.
EXAMPLE WIDGETS, INC.
By: /s/ Ann Lee
Name: Ann Lee
Title: President
SAMPLE PARTNERS LLC
By: /s/ Bob Stone
Name: Bob Stone
Title: Manager"""

GERMAN = """GEHEIMHALTUNGSVEREINBARUNG
zwischen der Muster Maschinenbau GmbH, mit Sitz in Am Wall 3, 28195 Bremen (im Folgenden "Muster")
und der Beispiel Handels AG, vertreten durch den Vorstand (im Folgenden "Beispiel")
geschlossen am 5. März 2019 mit Wirkung zum 5. März 2019.
1. Laufzeit. Diese Vereinbarung hat eine Laufzeit von drei Jahren ab Unterzeichnung.
2. Anwendbares Recht. Es gilt das Recht der Bundesrepublik Deutschland.
Bremen, den 5. März 2019
MUSTER MASCHINENBAU GMBH
Unterschrift: ____________________
Name: Karin Beispiel
BEISPIEL HANDELS AG
Unterschrift: ____________________
Name: Jonas Muster"""


def typed(text: str) -> Document:
    words = []
    for n, line in enumerate(text.splitlines()):
        x = 50.0
        for word in line.split():
            words.append(Word(word, Box(x, 50 + 14.0 * n, x + 4.5 * len(word), 60 + 14.0 * n)))
            x += 4.5 * len(word) + 4.0
    page = Page(1, 595, 842, tuple(words))
    return Document("a.pdf", "0", "application/pdf", "pdf", (page,))


def values(text: str) -> dict[str, list[str]]:
    document = typed(text)
    out: dict[str, list[str]] = {}
    for f in contract.decide(document, View.of(document), Options(type="contract")).fields:
        out.setdefault(f.name, []).append(f.value)
    return out


def test_an_english_agreement_gives_its_fields() -> None:
    found = values(ENGLISH)
    assert {v.upper() for v in found["party.name"]} == {
        "EXAMPLE WIDGETS, INC.",
        "SAMPLE PARTNERS LLC",
    }
    assert found["effective_date"] == ["2004-05-03"]
    assert found["governing_law"] == ["Oregon"]
    assert found["term"] == ["2 years"]
    assert found["title"] == ["MUTUAL CONFIDENTIALITY AGREEMENT"]
    assert set(found["signer.name"]) == {"Ann Lee", "Bob Stone"}
    assert found["party.address"] == ["12 Elm Street, Troy, NY 12180"]
    assert found["party.postal_code"] == ["12180"]


def test_a_german_agreement_gives_its_fields() -> None:
    found = values(GERMAN)
    names = {v.casefold() for v in found["party.name"]}
    assert names == {"muster maschinenbau gmbh", "beispiel handels ag"}
    assert found["governing_law"] == ["Bundesrepublik Deutschland"]
    assert found["agreement_date"] == ["2019-03-05"]
    assert "Am Wall 3, 28195 Bremen" in found["party.address"]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (", registered in England with company number 01234567, of 3 Elm St", "01234567"),
        (", eingetragen im Handelsregister des Amtsgerichts Ulm unter HRB 8381,", "HRB 8381"),
        (", immatriculée au RCS de Paris sous le numéro 552 032 534, demeurant", "552 032 534"),
        (", ingeschreven in het handelsregister onder nummer 33224455, en", "33224455"),
        (", con NIF B12345678, y", "B12345678"),
        (", whose registered office is at 123 Elm Street, number two,", None),
    ],
)
def test_a_register_number_is_read_behind_a_party_by_its_wording(
    said: str, number: str | None
) -> None:
    found = contract_registers.after(Prose(f"Muster{said}", (), (), (), 1), 6, 400)
    assert (found.value if found else None) == number


def test_register_numbers_belong_to_their_party() -> None:
    told = ENGLISH.replace("a Delaware corporation", "registered under company number 4711123,")
    document = typed(told)
    found = contract.decide(document, View.of(document), Options(type="contract")).fields
    number = next(f for f in found if f.name == "party.registration_number")
    name = next(f for f in found if f.name == "party.name" and f.group == number.group)
    assert (number.value, name.value.upper()) == ("4711123", "EXAMPLE WIDGETS, INC.")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" con sede in Via Po 2, 65483 Moglio (PD), e", "Via Po 2, 65483 Moglio (PD)"),
        (", of 12 Third Ave N, St. Louis, MO 63101 (Owner)", "12 Third Ave N, St. Louis, MO 63101"),
        (", Flat 9, 3 Abbott Court, Leeds LS1 4DY and", "Flat 9, 3 Abbott Court, Leeds LS1 4DY"),
        (", of 22 Oak St, Portland, Oregon\n97204 (A)", "22 Oak St, Portland, Oregon 97204"),
        (", Quai 3, 34500 Béziers\nreprésentée par", "Quai 3, 34500 Béziers"),
    ],
)  # fmt: skip
def test_an_address_keeps_province_saint_and_flat(text: str, address: str) -> None:
    found = contract_addresses.after(Prose(text, (), (), (), 1), 0, 400)
    assert found is not None
    assert found.value == address


def test_every_field_has_page_box_reason_method_and_a_probability() -> None:
    document = typed(ENGLISH)
    for f in contract.decide(document, View.of(document), Options(type="contract")).fields:
        assert f.page == 1
        assert f.box is not None
        assert f.why
        assert f.method
        assert 0.0 <= f.confidence <= 1.0


def test_a_single_field_has_one_value_and_parties_do_not_overlap() -> None:
    groups = [Group(v, []) for v in ("Example Widgets", "Example Widgets, Inc.", "Sample LLC")]
    assert contract.choose("term", groups, [0.5, 0.9, 0.7], 0.2) == [1]
    assert contract.choose("party.name", groups, [0.5, 0.9, 0.7], 0.2) == [1, 2]


def test_nothing_is_chosen_below_the_threshold() -> None:
    assert contract.choose("term", [Group("1 year", [])], [0.1], 0.2) == []


def test_an_empty_document_gives_nothing() -> None:
    document = Document("a.pdf", "0", "application/pdf", "pdf", (Page(1, 595, 842),))
    assert contract.decide(document, View.of(document), Options(type="contract")).fields == ()


def test_text_without_any_agreement_gives_no_parties() -> None:
    assert "party.name" not in values("The quick brown fox\njumps over the lazy dog")


@pytest.mark.slow
def test_real_agreements_stay_above_the_floor() -> None:
    if not EVAL.is_dir():
        pytest.skip("../shared/eval is not here")
    from idp_cdi.evaluation.same import same
    from idp_cdi.readers import read

    right = said = wanted = 0
    for line in (EVAL / "gold.jsonl").read_text(encoding="utf-8").splitlines()[:30]:
        gold = json.loads(line)
        document = read(EVAL / gold["document"])
        found = contract.decide(document, View.of(document), Options(type="contract")).fields
        for name in contract.LEARNED:
            mine = [f.value for f in found if f.name == name]
            theirs = gold["fields"].get(name, [])
            right += sum(any(same(name, m, t) for m in mine) for t in theirs)
            said += len(mine)
            wanted += len(theirs)
    assert 2 * right / (said + wanted) > 0.80
