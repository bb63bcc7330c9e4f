"""Which of the lines of a block is the customer's name."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors._view import View
from idp_cdi.scoring import Options, joint_names, joint_parties
from idp_cdi.scoring.context import Context
from idp_cdi.scoring.invoice import decide
from idp_cdi.scoring.joint import Choice
from idp_cdi.scoring.models import FIELDS, Scored
from idp_cdi.scoring.party import Parties

NAMES = FIELDS["name"]
SUMS = ("Netto 100,00 EUR", "19 % MwSt. 19,00 EUR", "Gesamtbetrag 119,00 EUR")


def page_of(*lines: str) -> Document:
    """A page of lines, a word for each word."""
    words = []
    for row, line in enumerate(lines):
        x, y = 40.0, 40.0 + 14.0 * row
        for text in line.split():
            words.append(Word(text, Box(x, y, x + 5.0 * len(text), y + 10.0), 1.0, 10.0))
            x += 5.0 * len(text) + 3.0
    page = Page(1, 595.0, 842.0, tuple(words))
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page,), language="de")


def buyer(*block: str) -> str:
    """The customer's name on an invoice to this block."""
    head = ("Krause Fördertechnik GmbH", "Industriestr. 102, 44147 Dortmund", "", "Rechnung an")
    document = page_of(*head, *block, "", "Rechnung Nr. 90045127 vom 05.03.2026", "", *SUMS)
    found = decide(document, View.of(document), Options(type="invoice")).fields
    return next((f.value for f in found if f.name == "buyer.name"), "")


PLACE = ("Marktring 237", "59067 Hamm")


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (("Petra Holub", "Hafenwerk Logistik GmbH"), "Hafenwerk Logistik GmbH"),
        (("Hafenwerk Logistik GmbH", "Frau Petra Holub"), "Hafenwerk Logistik GmbH"),
        (("Jana Waller", "2. OG"), "Jana Waller"),
        (("Unsere Auftragsnr. 17", "Hafenwerk Logistik"), "Hafenwerk Logistik"),
        (("Comune di Lundo", "Finance Department"), "Comune di Lundo"),
        (("z.Hd. Old Studio Pvt. Ltd.",), "Old Studio Pvt. Ltd."),
        (("Seifert Gartenbau &", "Verwaltung mbH"), "Seifert Gartenbau & Verwaltung mbH"),
    ],
)
def test_a_line_of_the_block_is_the_name(block: tuple[str, ...], wanted: str) -> None:
    assert buyer(*block, *PLACE) == wanted


def chosen(odds: dict[str, dict[str, float]], *lines: str, named: bool = True) -> dict[str, Choice]:
    """What is decided where lines have these log-odds for a role; -9 for all others."""
    document = page_of(*lines)
    context = Context.of(document, View.of(document))
    found = [c for c in context.candidates["name"] if c.value in lines or c.hints.get("joined")]
    table = np.full((len(found), len(NAMES)), -9.0)
    for role, said in odds.items():
        for n, c in enumerate(found):
            table[n, NAMES.index(role)] = said.get(c.value, -9.0)
    scored = Scored(found, NAMES, table)
    out = {r: Choice(r, scored.of(r)[0][1], scored.of(r)[0][0]) for r in odds}
    joint_names.decide(context, Parties.of([], []), scored, {}, out, named=named)
    return out


def test_who_takes_delivery_is_not_billed_by_the_same_line() -> None:
    lines = ("Anna Berg", "Bruno Stahl", "Carla Feld")
    odds = {
        "seller.name": {"Anna Berg": 5.0},
        "buyer.name": {"Bruno Stahl": 2.0, "Carla Feld": -0.5},
        "ship_to.name": {"Bruno Stahl": 4.0},
    }
    found = chosen(odds, *lines)
    assert found["buyer.name"].candidate.value == "Carla Feld"
    assert found["ship_to.name"].candidate.value == "Bruno Stahl"
    # Where nobody else can be the buyer, one block is for both.
    odds["buyer.name"]["Carla Feld"] = -8.0
    assert chosen(odds, *lines)["buyer.name"].candidate.value == "Bruno Stahl"


def test_the_only_line_that_may_be_the_buyer_counts_more_than_it_looks() -> None:
    odds = {"seller.name": {"Anna Berg": 5.0}, "buyer.name": {"Bruno Stahl": -3.0}}
    sure = chosen(odds, "Anna Berg", "Bruno Stahl")["buyer.name"].odds
    assert -0.5 < sure <= 0.0
    doubtful = odds | {"buyer.name": {"Bruno Stahl": -3.0, "Carla Feld": -3.1, "Dora Kuhn": -3.2}}
    assert (
        chosen(doubtful, "Anna Berg", "Bruno Stahl", "Carla Feld", "Dora Kuhn")["buyer.name"].odds
        < sure - 0.5
    )
    slip = chosen(odds, "Anna Berg", "Bruno Stahl", named=False)
    assert slip["buyer.name"].odds == -3.0


@pytest.mark.parametrize("line", ["Finance Department", "Gebäude C", "2. OG", "Ihre Angaben"])
def test_what_is_no_name_gives_way_to_a_line_that_may_be(line: str) -> None:
    odds = {"seller.name": {"Anna Berg": 5.0}, "buyer.name": {line: 1.0, "Bruno Stahl": -1.0}}
    found = chosen(odds, "Anna Berg", line, "Bruno Stahl")
    assert found["buyer.name"].candidate.value == "Bruno Stahl"


def test_two_lines_of_one_name_that_is_no_person() -> None:
    lines = ("Restoran Hui San", "Stationery Sdn Bhd")
    odds = {
        "seller.name": {"Anna Berg": 5.0},
        "buyer.name": {lines[0]: 0.5, lines[1]: 0.4, " ".join(lines): -2.2},
        "buyer.contact_name": {},
    }
    found = chosen(odds, "Anna Berg", "", *lines)
    assert found["buyer.name"].candidate.value == "Restoran Hui San Stationery Sdn Bhd"
    # Where the upper line is no firm's, it is whom to ask for.
    lines = ("Curtis Santiago", "Stationery Sdn Bhd")
    odds["buyer.name"] = {lines[0]: 0.5, lines[1]: 0.4, " ".join(lines): -2.2}
    assert chosen(odds, "Anna Berg", "", *lines)["buyer.name"].candidate.value == lines[1]


def test_the_shape_of_a_document_does_not_matter_where_no_name_is_found() -> None:
    document = replace(page_of("1", "2"), language="")
    context = Context.of(document, View.of(document))
    scored = Scored([], NAMES, np.zeros((0, len(NAMES))))
    out: dict[str, Choice] = {}
    joint_names.decide(context, Parties.of([], []), scored, {}, out, named=True)
    assert out == {}


def block(*above: str) -> object:
    """What stands above an address, nearest first."""
    return SimpleNamespace(above=[SimpleNamespace(text=text) for text in above])


def test_an_address_below_the_other_ones_name_is_not_the_buyers() -> None:
    names = {"seller": "aznarsl", "buyer": "leonoptica"}
    blocks = [block("Paseo 2", "Aznar SL"), block("Calle 7", "León Óptica", "Aznar SL")]
    roles = [{"seller": 0.4, "buyer": 0.6}, {"seller": 0.6, "buyer": 0.3}]
    roles = [r | {"ship_to": 0.0, "payee": 0.0} for r in roles]
    parties = Parties(blocks, roles, {}, ["paseo2", "calle7"])  # type: ignore[arg-type]
    told = {r: n for r, (n, _) in joint_parties.blocks(parties, joint=True).items()}
    assert told == {"seller": 1, "buyer": 0}
    told = {r: n for r, (n, _) in joint_parties.blocks(parties, joint=True, names=names).items()}
    assert told == {"seller": 0, "buyer": 1}
    # A buyer whose name alone is printed has no address.
    alone = Parties(blocks[:1], roles[:1], {}, ["paseo2"])  # type: ignore[arg-type]
    assert "buyer" not in joint_parties.blocks(alone, joint=True, names=names)
