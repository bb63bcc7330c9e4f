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


def chosen(
    odds: dict[str, dict[str, float]], *lines: str, named: bool = True, extra: str = ""
) -> dict[str, Choice]:
    """What is decided where lines (or a part of one) have these log-odds; -9 for all others."""
    document = page_of(*lines)
    context = Context.of(document, View.of(document))
    found = [
        c for c in context.candidates["name"] if c.value in (*lines, extra) or c.hints.get("joined")
    ]
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


def test_a_project_is_no_customer() -> None:
    lines = ("Anna Berg", "Projekt-Nr.: Reinigung Linde", "Reinigung Linde", "Bruno Stahl")
    odds = {
        "seller.name": {"Anna Berg": 5.0},
        "buyer.name": {"Reinigung Linde": 0.5, "Bruno Stahl": -1.0},
    }
    found = chosen(odds, *lines[:2], "", *lines[3:], extra=lines[2])
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


def block(*above: str, coded: bool = True) -> object:
    """What stands above an address, nearest first; whether it has a postcode."""
    place = SimpleNamespace(parts={"postal_code": None} if coded else {})
    return SimpleNamespace(above=[SimpleNamespace(text=text) for text in above], place=place)


def told_of(
    blocks: list[object], roles: list[dict[str, float]], names: dict[str, str] | None = None
) -> dict[str, int]:
    """Role → block, as the joint decision gives them."""
    keys = [str(n) for n in range(len(blocks))]
    whole = [dict.fromkeys(("seller", "buyer", "ship_to", "payee"), 0.01) | r for r in roles]
    parties = Parties(blocks, whole, {}, keys)  # type: ignore[arg-type]
    return {r: n for r, (n, _) in joint_parties.blocks(parties, joint=True, names=names).items()}


def test_where_goods_go_is_not_the_address_of_a_buyer_who_shows_none() -> None:
    blocks = [block("Avda. 3", "Nidia Jordá"), block("PO Box 8", "Smart Foods Ltd")]
    roles = [{"seller": 0.98}, {"buyer": 0.12, "ship_to": 0.97}]
    assert told_of(blocks, roles) == {"seller": 0, "ship_to": 1}
    # Without another block for who is billed, and hardly one for goods, it is the buyer's.
    assert told_of(blocks, [{"seller": 0.98}, {"buyer": 0.4, "ship_to": 0.1}])["buyer"] == 1


def test_the_parties_are_found_among_a_long_list_of_addresses() -> None:
    blocks = [block(f"Weg {n}", f"Firma {n}") for n in range(90)]
    roles: list[dict[str, float]] = [{"seller": 0.02, "buyer": 0.03} for _ in blocks]
    roles[41], roles[77] = {"seller": 0.9}, {"buyer": 0.8}
    assert told_of(blocks, roles) == {"seller": 41, "buyer": 77}


def test_who_is_paid_leaves_the_buyer_its_block() -> None:
    blocks = [block("Rue 2", "Foucher"), block("Quai 9", "Berthelot"), block("Allée 6", "Avignon")]
    roles = [{"seller": 0.87, "buyer": 0.09}, {"buyer": 0.4, "payee": 0.99}, {"seller": 0.88}]
    assert told_of(blocks, roles) == {"seller": 2, "buyer": 0, "payee": 1}


def test_the_name_of_who_takes_delivery_says_whose_the_address_is() -> None:
    blocks = [block("Calle 5", "Barón"), block("Calle Faro 1", "Solnorint SL")]
    blocks += [block("Vía 1")]
    roles = [{"seller": 0.3, "buyer": 0.34}, {"buyer": 0.79, "ship_to": 0.3}, {"seller": 0.93}]
    assert told_of(blocks, roles)["buyer"] == 1
    assert told_of(blocks, roles, {"ship_to": "solnorintsl"})["buyer"] == 0
    # A street is nobody's name, whatever was taken for one.
    assert told_of(blocks, roles, {"ship_to": "callefaro1"})["buyer"] == 1


def test_an_address_without_a_postcode_is_of_who_is_named_above_it() -> None:
    roles = [{"seller": 0.9}, {"buyer": 0.01}, {"buyer": 0.1}]
    for coded, found in ((False, 1), (True, 2)):
        blocks = [block("Weg 1"), block("Park 9", "Aritorax Ltd", coded=coded), block("S/N")]
        assert told_of(blocks, roles, {"buyer": "aritoraxltd"}).get("buyer") == found


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
