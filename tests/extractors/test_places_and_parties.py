from dataclasses import replace

import pytest
from helpers_pages import document
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.documents import Box, Document, Page, PageSource, Word
from idp_cdi.extractors import find, parties, places
from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._notations import FORMS, compiled
from idp_cdi.extractors._view import View


def scanned(made):
    """The document as if OCR had read it."""
    return replace(made, pages=tuple(replace(p, source=PageSource.OCR) for p in made.pages))


CASES = [
    ("D-80333 München", "80333", "München", "", "DE"),
    ("75371 Paris Cedex 08", "75371", "Paris Cedex 08", "", ""),
    ("1012 AB Amsterdam", "1012 AB", "Amsterdam", "", "NL"),
    ("Seattle, WA 98109-5210", "98109-5210", "Seattle", "WA", "US"),
    ("London SW1A 1AA", "SW1A 1AA", "London", "", "GB"),
    ("20121 Milano (MI)", "20121", "Milano", "MI", ""),
    ("28001 Madrid", "28001", "Madrid", "", ""),
    ("31500 TUDELA (NAVARRA)", "31500", "TUDELA", "NAVARRA", ""),
    ("Toronto ON M5V 2T6", "M5V 2T6", "Toronto", "ON", "CA"),
    ("Sydney NSW 2000", "2000", "Sydney", "NSW", "AU"),
    ("00-950 Warszawa", "00-950", "Warszawa", "", "PL"),
    ("81100 JOHOR BAHRU, JOHOR.", "81100", "JOHOR BAHRU", "", ""),
    ("Mumbai - 400001", "400001", "Mumbai", "", ""),
    ("88802Spielkreis", "88802", "Spielkreis", "", ""),
    ("53004 VILLA FONTANA (VR)", "53004", "VILLA FONTANA", "VR", ""),
    ("Calle Rheis, 201a, 85232 GRANADA", "85232", "GRANADA", "", ""),
    ("17 Falcon Street, S(517138)", "517138", "", "", "SG"),
    ("7085 NW 5th Street, Spokane, DE 04018", "04018", "Spokane", "DE", "US"),
    ("Burhanpur, Delhi 795 884", "795 884", "Burhanpur", "Delhi", "IN"),
    ("12 Lal Nagar, Kochi 682001, India", "682001", "Kochi", "", "IN"),
    ("2514 AB 's-Gravenhage", "2514 AB", "'s-Gravenhage", "", "NL"),
    ("31 Valley Road · Ipswich · Suffolk · IP1 1AA", "IP1 1AA", "Ipswich", "Suffolk", "GB"),
    ("47999,PETALING JAYA", "47999", "PETALING JAYA", "", ""),
]


@pytest.mark.parametrize(("text", "code", "city", "region", "country"), CASES)
def test_reads_postcode_and_city(text, code, city, region, country):
    (found,) = places.find(text)
    assert (found.postal_code, found.city, found.region, found.country) == (
        code, city, region, country,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["GE2020211-471102", "12345 Total", "2018-05-06", "Pos 1000 x", "1080 Oak St",
     "Reg. Imprese RM - 456516", "N. REA: RM - 057863", "LOT P.T. 44102, BATU 7",
     "9767 Anchor Avenue West", "9145 NW Stone Blvd", "BP 68420",
     "Lot 12. 40 205 Boulevard.", "548 Market Street PMB 90210"],
)  # fmt: skip
def test_a_number_is_not_a_place(text):
    assert places.find(text) == []


def test_an_address_is_a_stack_of_lines_under_its_heading():
    page = document("Bill to:", "Muster Handels GmbH", "Frau Eva Beispiel", "Weg 5", "12345 Ort")
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert found.value == "Weg 5, 12345 Ort"
    assert {k: c.value for k, c in found.parts.items()} == {
        "street": "Weg 5", "postal_code": "12345", "city": "Ort",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Ilkley", "West Yorkshire", "LS29 8DE"),
         {"street": "3-5 Brook Street", "city": "Ilkley", "region": "West Yorkshire",
          "postal_code": "LS29 8DE"}),
        (("Newark", "NG24 1BE"),
         {"street": "3-5 Brook Street", "city": "Newark", "postal_code": "NG24 1BE"}),
        (("Tralee", "Co. Kerry", "V92 X5C7"),
         {"street": "3-5 Brook Street", "city": "Tralee", "region": "Co. Kerry",
          "postal_code": "V92 X5C7"}),
    ],
)  # fmt: skip
def test_a_postcode_on_a_line_of_its_own_has_its_town_above(lines, expected):
    page = document("Invoice to:", "The Copper Kettle Ltd", "3-5 Brook Street", *lines)
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert {k: c.value for k, c in found.parts.items()} == expected
    assert found.value == ", ".join(["3-5 Brook Street", *lines])


def test_an_address_may_be_written_part_by_part():
    page = document(
        "Cessionario (cliente)", "Denominazione: Pastificio Rossi S.p.A.",
        "Indirizzo: Via Roma 118", "Comune: Lecco Provincia: LC", "Cap: 23900 Nazione: IT",
        "Telefono: 0341 555012",
    )  # fmt: skip
    found = [c for c in find(page) if c.kind == "address" and "postal_code" in c.parts]
    assert [{k: c.value for k, c in a.parts.items()} for a in found] == [{
        "street": "Via Roma 118", "postal_code": "23900", "city": "Lecco", "region": "LC",
        "country": "IT",
    }]  # fmt: skip


def test_a_sender_line_is_an_address_too():
    page = document("Muster GmbH • Weg 5 • 12345 Ort")
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert found.parts["street"].value == "Weg 5"
    assert "Muster GmbH" in [c.value for c in find(page) if c.kind == "name"]


def test_an_address_without_postcode_hangs_on_its_country():
    page = document("Acme Ltd", "93B Sai Yu Chung", "Yuen Long, N.T.", "Hong Kong")
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert found.parts["country"].value == "HK"
    assert found.parts["city"].value == "Yuen Long"


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        (("Harbour House, Pyrbit Street", "Waterford 6", "Ireland"),
         {"street": "Harbour House, Pyrbit Street", "city": "Waterford", "country": "IE"}),
        (("209 Main Street · Tralee · Ireland",),
         {"street": "209 Main Street", "city": "Tralee", "country": "IE"}),
        (("Room 97, Sun Tower, 23 Lau Road", "Yuen Long, N.T., HK"),
         {"street": "Room 97, Sun Tower, 23 Lau Road", "city": "Yuen Long", "region": "N.T.",
          "country": "HK"}),
        (("143 McKeon Park", "Wexford", "Co. Wexford"),
         {"street": "143 McKeon Park", "city": "Wexford", "region": "Co. Wexford"}),
    ],
)  # fmt: skip
def test_a_town_without_a_postcode_stands_before_its_country_or_above_its_county(lines, parts):
    page = document("Bill to:", "Aritorax & Sons Ltd", *lines)
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert {k: c.value for k, c in found.parts.items()} == parts


@pytest.mark.parametrize(
    ("line", "street"),
    [
        ("9660 Sherman Rd, Suite 26 · Phoenix, AZ 85001", "9660 Sherman Rd, Suite 26"),
        ("Calle de Rivero 164, 2 izq. · 28001 Madrid", "Calle de Rivero 164, 2 izq."),
        ("ZA du Faucon, 10 rue Boulanger · 34500 Béziers", "ZA du Faucon, 10 rue Boulanger"),
        ("1/29, Deol Road, Kochi 682001, India", "1/29, Deol Road"),
        ("Ann Lee, 12 Mill Lane, Flat 3, Leeds LS1 4AP", "12 Mill Lane, Flat 3"),
        ("Muster GmbH, Weg 5, 12345 Ort", "Weg 5"),
        ("Shop 18, Rheik Arcade · Adelaide SA 5000", "Shop 18, Rheik Arcade"),
        ("12 Jalan Satu, Taman Daya, 47999 Petaling Jaya", "12 Jalan Satu"),
    ],
)
def test_parts_of_a_street_in_one_line_are_one_street(line, street):
    above = [] if line.startswith(("Ann", "Muster")) else ["Bill to:", "Torone Ltd"]
    (found,) = [c for c in find(document(*above, line)) if c.kind == "address"]
    assert found.parts["street"].value == street


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (("Livré à | Marora SA", "Dendra SARL | Rue du Lac 114", "Quai 9 | 75008 Paris"), False),
        (("Livré à | Marora SA", " | Rue du Lac 114", " | 75008 Paris"), True),
    ],
)
def test_a_heading_over_lines_of_its_own_is_none_of_the_column_beside_it(rows, told):
    found = document(*rows)
    blocks = parties.blocks_of(found, View.of(found))
    headings = {b.place.value: b.heading for b in blocks}
    assert ("ship_to" in headings["75008 Paris"]) == told


def test_a_post_office_box_is_no_purchase_order():
    page = document("Bill to:", "Ben Bryan", "P.O. Box 2653", "Poole", "Dorset", "BH15 1AA")
    (found,) = [c for c in find(page) if c.kind == "address"]
    assert found.value == "P.O. Box 2653, Poole, Dorset, BH15 1AA"


@pytest.mark.parametrize("line", ["PO Box 66477", "P.O. Box 12", "Postfach 1180", "12 Mill Lane"])
def test_a_box_is_as_good_as_a_street(line):
    assert street_score(line) >= 0.5


def test_addresses_without_a_postcode_are_found_by_their_street():
    page = document("Meadow Trading", "12 Mill Lane", "Athlone", "", "", "Bill to:", "Ann Lee",
                    "146 Main Street", "Naas")  # fmt: skip
    found = [c.value for c in find(page) if c.kind == "address"]
    assert found == ["12 Mill Lane, Athlone", "146 Main Street, Naas"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Debitorennummer8", ["Debitorennummer", "8"]),
        ("KdNr.105276", ["KdNr.", "105276"]),
        ("Kundennr.BG7842", ["Kundennr.", "BG7842"]),
        ("Nº clienteC04442", ["Nº", "cliente", "C04442"]),
        ("n° d'abonné85", ["n°", "d'abonné", "85"]),
        ("No.WL8585", ["No.", "WL8585"]),
        ("Kunden-Nr.89023.8", ["Kunden-Nr.", "89023.8"]),
        ("PeugeotP308", ["PeugeotP308"]),
        ("HRB239660", ["HRB239660"]),
        ("INV-284605", ["INV-284605"]),
    ],
)
def test_a_label_that_sticks_to_its_number_is_cut_off(line, words):
    (segment,) = View.of(document(line)).segments
    assert segment.texts == words


def test_ocr_that_lost_its_blanks_is_taken_apart_around_a_label():
    made = document("Rechnung Nr. 471102vom05.03.2018")
    (segment,) = View.of(scanned(made)).segments
    assert segment.texts == ["Rechnung", "Nr.", "471102", "vom", "05.03.2018"]
    (printed,) = View.of(made).segments
    assert printed.texts[-1] == "471102vom05.03.2018"


@given(
    st.lists(
        st.sampled_from(
            ["New York", "Ohio", "TX", "ON", "NSW", "SE-", "Paris", "Bad Ems", "12345", "1234",
             "123 45", "12-345", "1234-567", "K1A 0B1", "1234AB", "123456", "123 456", "Nº", "Aſ",
             "Delhi", "india",
             " ", " ", ",", "-", "–", ".", "(", ")", "AB", "é", "7"]
        ),
        max_size=9,
    ).map("".join)
)  # fmt: skip
def test_no_place_fits_where_what_it_needs_is_missing(text):
    for _, need, pattern, flags in FORMS:
        if compiled(pattern, flags).search(text):
            assert need.search(text), pattern


def test_a_label_that_ocr_gave_a_digit_stays_whole():
    (label, amount) = View.of(scanned(document("Tota1 | 102.40"))).segments
    assert (label.text, amount.text) == ("Tota1", "102.40")
    amounts = [c.value for c in find(scanned(document("Tota1 102.40"))) if c.kind == "amount"]
    assert amounts == ["102.40"]
    (number,) = View.of(scanned(document("Kundennummer:2"))).segments
    assert number.texts == ["Kundennummer:", "2"]


def test_lines_of_a_crumpled_slip_do_not_run_into_each_other():
    """Two lines that climb to the right, each as high as the next one begins."""
    words = []
    for row, line in enumerate(("TAMAN BUKIT INDAH 43999", "KLANG SELANGOR MALAYSIA")):
        x = 20.0
        for text in line.split():
            y = 50.0 + 11 * row - 0.08 * x
            words.append(Word(text, Box(x, y, x + 9 * len(text), y + 24), 0.9))
            x += 9 * len(text) + 6
    slip = Page(1, 285, 600, tuple(words), source=PageSource.OCR)
    view = View.of(Document("a.jpg", "0" * 64, "image/jpeg", "image", (slip,)))
    assert [s.text for s in view.segments] == ["TAMAN BUKIT INDAH 43999", "KLANG SELANGOR MALAYSIA"]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Muster Handels-", "gesellschaft mbH"), "Muster Handelsgesellschaft mbH"),
        (("HUP SENG", "MART (TAMAN", "DESA) SDN BHD"), "HUP SENG MART (TAMAN DESA) SDN BHD"),
    ],
)  # fmt: skip
def test_a_name_may_take_two_or_three_lines(lines, name):
    assert name in [c.value for c in find(document(*lines)) if c.kind == "name"]


def test_a_register_number_is_no_part_of_a_name_though_ocr_garbled_it():
    page = document("MAJU BESTARI HOLDINGS SDN. BHD. (2:20447-T)")
    assert "MAJU BESTARI HOLDINGS SDN. BHD." in [c.value for c in find(page) if c.kind == "name"]


def test_a_narrow_slip_prints_the_state_on_a_line_of_its_own():
    made = document("Jalan Besar Baru 4", "28999 Kuantan", "Pahang Darul Makmur.")
    narrow = replace(made, pages=(replace(made.pages[0], width=300.0, height=420.0),))
    addresses = [[c.value for c in find(d) if c.kind == "address"] for d in (made, narrow)]
    assert addresses == [
        ["Jalan Besar Baru 4, 28999 Kuantan"],
        ["Jalan Besar Baru 4, 28999 Kuantan, Pahang Darul Makmur."],
    ]


def test_a_name_stands_behind_its_label_even_if_we_do_not_know_the_label():
    page = document("Factura emitida por: Ibervoz Comunicaciones, S.A.U.")
    names = [c.value for c in find(page) if c.kind == "name"]
    assert "Ibervoz Comunicaciones, S.A.U." in names
    assert not any("emitida" in n for n in names)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("SPETT.LE / BILLED TO : Cafarchia-Costruzioni SRL", "Cafarchia-Costruzioni SRL"),
        ("FACTURE À: CONTACT: Gilbert Guillet", "Gilbert Guillet"),
        ("Intestatario fattura Porto & Falco", "Porto & Falco"),
        ("Intestatario fattura c.a. Luna Vernici S.r.l.s.", "Luna Vernici S.r.l.s."),
        ("Atn. Angélica Polo Arce", "Angélica Polo Arce"),
        ("À l'attention de MoneroXL S.A.R.L.", "MoneroXL S.A.R.L."),
    ],
)
def test_a_name_stands_behind_all_its_labels(line, name):
    names = [c.value for c in find(document(line)) if c.kind == "name"]
    assert name in names
    assert not any(
        label in n for n in names if n != line for label in ("BILLED", "CONTACT", "fatt")
    )


def test_a_label_that_may_begin_the_name_stays_in_it():
    names = [c.value for c in find(document("To: Client First Ltd")) if c.kind == "name"]
    assert "Client First Ltd" in names
    assert "First Ltd" not in names


def test_the_legal_form_that_ends_a_name_on_a_line_of_its_own_is_no_name():
    page = document("VAN IMPE AUTOMATISERING & ELEKTRO", "BVBA", "Van Looverenstraat 4")
    names = [c.value for c in find(page) if c.kind == "name"]
    assert "VAN IMPE AUTOMATISERING & ELEKTRO BVBA" in names
    assert "BVBA" not in names


def names(*lines: str) -> set[str]:
    """The lines and parts of lines of a page that may be names."""
    from idp_cdi.extractors import parties

    made = document(*lines)
    return {c.value for c in parties.candidates(made, View.of(made)) if c.kind == "name"}


@pytest.mark.parametrize(
    ("line", "name", "whole"),
    [
        ("Attn Old Studio Pvt. Ltd.", "Old Studio Pvt. Ltd.", False),
        ("c/o Saren eG", "Saren eG", False),
        ("Contact name City of Regina", "City of Regina", False),
        ("Contact M. Thierry Ribeiro", "M. Thierry Ribeiro", False),
        ("Contact Logistics Ltd", "Logistics Ltd", True),  # a firm's name may begin so
        ("AA Logistiek VOF", "Logistiek VOF", True),
    ],
)
def test_a_label_before_a_name_is_no_part_of_it(line, name, whole):
    found = names(line)
    assert name in found
    assert (line in found) == whole


def test_labels_in_two_languages_are_no_name():
    assert not names("Leverancier / Service Provider.")


def test_the_label_of_another_column_ends_a_name():
    assert "Générale Jardin S.à" in names("Générale Jardin S.à Client ID: WKP-659")


def test_a_name_that_wraps_begins_behind_its_label():
    found = names("Buyer: Weber Trading &", "Logistics GmbH")
    assert "Weber Trading & Logistics GmbH" in found


def test_a_storey_is_no_legal_form():
    assert "J. Waller 2. OG" not in names("J. Waller", "2. OG")
