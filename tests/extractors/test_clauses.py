"""Contracts as prose: dates, places of law, durations, names, notices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors import (
    clauses_cues,
    clauses_dates,
    clauses_law,
    clauses_names,
    clauses_notices,
    clauses_parties,
    clauses_rest,
    clauses_terms,
)
from idp_cdi.extractors.clauses import Prose
from idp_cdi.scoring import contract_addresses


def typed(text: str, pages: int = 1) -> Document:
    """A document whose words stand in lines as in `text`; pages split at form feeds."""
    made = []
    for number, part in enumerate(text.split("\f"), 1):
        words = []
        for n, line in enumerate(part.splitlines()):
            x = 50.0
            for word in line.split():
                wide = 5.0 * len(word)
                words.append(Word(word, Box(x, 50 + 14.0 * n, x + wide, 60 + 14.0 * n)))
                x += wide + 4.0
        made.append(Page(number, 595, 842, tuple(words)))
    return Document("a.pdf", "0", "application/pdf", "pdf", tuple(made))


def test_prose_keeps_lines_and_gives_a_page_and_box_for_every_stretch() -> None:
    prose = Prose.of(typed("one two\nthree\fthe “fourth” word"))
    assert prose.text == 'one two\nthree\nthe "fourth" word'
    start = prose.text.index("fourth")
    page, box = prose.place(start, start + 6)
    assert page == 2
    assert box is not None
    assert box.x0 > 60
    assert prose.printed(start, start + 6) == "“fourth”"


@given(st.text(alphabet="ab \n\f“”'’–.", max_size=60))
def test_any_text_becomes_prose_whose_words_can_all_be_found_again(text: str) -> None:
    prose = Prose.of(typed(text))
    for i, start in enumerate(prose.starts):
        first, last = prose.span(start, start + 1)
        assert (first, last) == (i, i + 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("dated as of the 3rd day of May, 2004", "2004-05-03"),
        ("on 5. März 2019 geschlossen", "2019-03-05"),
        ("le 1er juillet 2020", "2020-07-01"),
        ("a 17 de febrero de 1999", "1999-02-17"),
        ("il 2 dicembre 2001", "2001-12-02"),
        ("op 4 augustus 2011", "2011-08-04"),
    ],
)
def test_dates_are_read_in_six_languages(text: str, value: str) -> None:
    assert [m.value for m in clauses_dates.written(text)] == [value]


def test_one_clear_date_settles_how_the_others_in_digits_are_read() -> None:
    found = clauses_dates.numeric("25/12/2018 and 03/04/2018")
    assert [m.value for m in found] == ["2018-12-25", "2018-04-03"]


def test_an_open_order_of_day_and_month_gives_no_date() -> None:
    assert clauses_dates.numeric("03/04/2018") == []


@pytest.mark.parametrize(
    "text",
    ["06/22/20-06/29/20", "06/22/2020 -06/29/2020", "22.6.2020-29.6.2020", "06/22/20 - 06/29/20"],
)
def test_a_period_in_digits_has_two_dates(text: str) -> None:
    found = clauses_dates.numeric(text, day_first=False)
    assert [m.value for m in found] == ["2020-06-22", "2020-06-29"]


@pytest.mark.parametrize(
    "text", ["555-12-10-2020", "12/10/20-4711", "01/02/03/04", "2020-06-22-17"]
)
def test_figures_that_go_on_are_no_dates(text: str) -> None:
    assert clauses_dates.numeric(text, day_first=False) == []


def test_impossible_dates_are_no_dates() -> None:
    assert clauses_dates.written("February 31, 2020") == []
    assert clauses_dates.numeric("31.02.2020") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the laws of the Commonwealth of Virginia", "Virginia"),
        ("Es gilt das Recht der Republik Österreich", "Austria"),
        ("soumis au droit français", "France"),
        ("las leyes de España", "Spain"),
        ("la legge italiana", "Italy"),
        ("Nederlands recht is van toepassing", "Netherlands"),
    ],
)
def test_places_of_law_are_known_in_six_languages(text: str, place: str) -> None:
    assert [m.value for m in clauses_law.mentions(text)] == [place]


def test_the_longer_place_wins() -> None:
    assert [m.value for m in clauses_law.mentions("West Virginia")] == ["West Virginia"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two (2) years", "2 years"),
        ("a twelve-month term", "12 months"),
        ("fünf Jahre", "5 years"),
        ("trois mois", "3 months"),
        ("siete (7) años", "7 years"),
        ("due anni", "2 years"),
        ("drie jaar", "3 years"),
        ("the third anniversary", "3 years"),
    ],
)
def test_durations_are_read_in_six_languages(text: str, value: str) -> None:
    assert [m.value for m in clauses_terms.durations(text)] == [value]


def test_days_of_a_duration_compare_across_units() -> None:
    assert clauses_terms.days("12 months") == pytest.approx(clauses_terms.days("1 year"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("between Example Widgets, Inc., a Delaware corporation", "Example Widgets, Inc."),
        ("zwischen der Muster & Söhne GmbH & Co. KG, Köln", "Muster & Söhne GmbH & Co. KG"),
        ("entre Dupont Frères S.A.R.L. et", "Dupont Frères S.A.R.L."),
        ("with Sample, Roebuck and Co. as a party", "Sample, Roebuck and Co."),
        ("signed by Mr. Ann Q. Lee, Ph.D., who", "Ann Q. Lee"),
    ],
)
def test_names_end_where_they_end(text: str, name: str) -> None:
    assert name in [n for n, *_ in clauses_names.readings(text)]


def test_name_keys_ignore_case_punctuation_and_spelling_of_the_form() -> None:
    assert clauses_names.key("Example & Co., L.L.C.") == clauses_names.key("EXAMPLE AND CO LLC")
    assert clauses_names.core("Example Widgets, Inc.") == "example widgets"


def test_legal_forms_are_known_at_the_end_only() -> None:
    assert clauses_cues.legal_form("Muster GmbH") == "gmbh"
    assert clauses_cues.legal_form("GmbH Muster") == ""


def test_a_party_introduction_gives_its_hints() -> None:
    text = (
        "MUTUAL AGREEMENT\nThis Agreement is made as of May 3, 2004 by and between Example\n"
        'Widgets, Inc., a Delaware corporation ("Widgets"), and Sample GmbH ("Buyer").'
    )
    prose = Prose.of(typed(text))
    found = clauses_parties.find(prose, clauses_parties.frame(prose))
    best = {m.value: m.hints for m in found}
    assert best["Example Widgets, Inc."]["defined_later"] == 1
    assert best["Example Widgets, Inc."]["between_before"] == 1
    assert best["Example Widgets, Inc."]["corporate_after"] == 1
    assert best["Sample GmbH"]["defined_role"] == 1
    assert best["Sample GmbH"]["and_before"] == 1


def test_signers_are_persons_with_a_mark_or_a_label() -> None:
    text = (
        "Body text here.\n" * 12
        + "IN WITNESS WHEREOF the parties sign.\nEXAMPLE WIDGETS, INC.\nBy: /s/ Ann Lee\n"
        + "Name: Ann Lee\nTitle: President"
    )
    prose = Prose.of(typed(text))
    found = clauses_parties.find(prose, clauses_parties.frame(prose))
    assert [m.value for m in clauses_rest.signers(prose, found)] == ["Ann Lee"]


def test_addresses_for_notices_stop_before_the_copy() -> None:
    text = (
        "8. Notices\nNotices must be in writing.\nIf to Buyer:\n1 Elm Street\nTroy, NY 12180\n"
        "with a copy to: Law LLP\nan Verkäufer: Am Wall 3, 28195 Bremen"
    )
    found = [m.value for m in clauses_notices.find(Prose.of(typed(text)))]
    assert found == ["1 Elm Street, Troy, NY 12180", "Am Wall 3, 28195 Bremen"]


@given(st.text(max_size=200))
def test_no_finder_raises_on_any_text(text: str) -> None:
    prose = Prose.of(typed(text))
    parts = clauses_parties.frame(prose)
    dates = clauses_dates.find(prose, closing=parts.closing, intro=parts.between)
    clauses_law.find(prose, closing=parts.closing)
    clauses_terms.find(prose, closing=parts.closing)
    clauses_rest.signers(prose, clauses_parties.find(prose, parts))
    clauses_rest.title(prose, parts)
    clauses_rest.expiry(prose, dates)
    clauses_rest.renewal(prose)
    clauses_notices.find(prose)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Pamplona, 28 de agosto de 2010\nMuestra S.A.\nEstimados señores:", ["2010-08-28"]),
        ("Eisenach, den 01.05.2018\nSehr geehrte Damen und Herren,", ["2018-05-01"]),
        ("It replaces all earlier understandings, including the letter dated 04/11/2013.", []),
    ],
)
def test_the_date_of_a_contract_stands_behind_its_place_and_is_no_older_papers(
    text: str, dates: list[str]
) -> None:
    prose = Prose.of(typed(text + "\n" + "Body text here.\n" * 12))
    found = clauses_dates.find(prose, closing=len(prose.flat), intro=-1)
    frame = clauses_parties.frame(prose)
    assert [m.value for m in clauses_rest.agreement_dates(found, frame)] == dates


def test_a_person_over_a_caption_signs_and_the_office_is_no_part_of_the_name() -> None:
    text = (
        "Body text here.\n" * 12
        + "IN WITNESS WHEREOF the parties sign.\nEXAMPLE WIDGETS, INC.\n__________\nSignature\n"
        + "Ann Lee\nName (printed)\nPresident"
    )
    prose = Prose.of(typed(text))
    found = clauses_parties.find(prose, clauses_parties.frame(prose))
    assert [m.value for m in clauses_rest.signers(prose, found)] == ["Ann Lee"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            " Harbor Way, gevestigd te Beatrixplein 208, 3532 EX Almkerk (",
            "Beatrixplein 208, 3532 EX Almkerk",
        ),
        (" Reims, le 5 octobre 2008 Objet : Accord", None),
    ],
)
def test_an_address_begins_behind_its_wording_and_is_no_date(text: str, value: str | None) -> None:
    found = contract_addresses.after(Prose(text, (), (), (), 1), 0, 400)
    assert (found.value if found else None) == value
