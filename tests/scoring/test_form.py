"""Forms: role of the party, title, boxes, signatures, extras, six languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors._view import View
from idp_cdi.scoring import Options, custom, custom_types, form

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.extractions import Field


@pytest.fixture(autouse=True)
def _no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_CDI_MODELS", str(tmp_path / "models"))


def fields(*lines: str) -> dict[str, str]:
    return {f.name: f.value for f in decided(*lines)}


def principals(*lines: str) -> list[str]:
    return sorted(f.value for f in decided(*lines) if f.name == "foreign_principal.name")


def decided(*lines: str) -> tuple[Field, ...]:
    words = []
    for n, line in enumerate(lines):
        for column, part in enumerate(line.split(" | ")):
            x = 40.0 + 220.0 * column
            for word in part.split():
                words.append(Word(word, Box(x, 40 + 16.0 * n, x + 5.0 * len(word), 50 + 16.0 * n)))
                x += 5.0 * len(word) + 3.0
    page = Page(1, 595, 842, tuple(words))
    document = Document("a.pdf", "0", "application/pdf", "pdf", (page,))
    return form.decide(document, View.of(document), Options(type="form")).fields


def test_numbered_items_are_read_below_and_beside() -> None:
    found = fields(
        "REGISTRATION STATEMENT",
        "1. Name of Registrant | 2. Registration No.",
        "Example Trade Office, Inc. | 4711",
        "3. Name of foreign principal",
        "Ministry of Trade of Freedonia",
        "Received by the Unit 10/30/2017 12:06:00 PM",
        "(Date of signature) | (Print or type name under each signature)",
        "October 29, 2017 | /s/ Ann Q. Lee",
    )
    assert found["registrant.name"] == "Example Trade Office, Inc."
    assert found["registration_number"] == "4711"
    assert found["foreign_principal.name"] == "Ministry of Trade of Freedonia"
    assert found["signer.name"] == "Ann Q. Lee"
    assert found["file_date"] in {"2017-10-30", "2017-10-29"}
    assert found["title"] == "REGISTRATION STATEMENT"
    assert found["extra.signed"] == "yes"


def test_what_stands_above_a_caption_may_begin_before_it() -> None:
    words = []
    for text, x, y in (("REGISTRATION STATEMENT", 40, 40), ("10 March 2011", 70, 568),
                       ("(Date of signature)", 150, 581), ("(Signature)", 412, 581)):  # fmt: skip
        at = float(x)
        for word in text.split():
            words.append(Word(word, Box(at, y, at + 5.0 * len(word), y + 10.0)))
            at += 5.0 * len(word) + 3.0
    document = Document("a.pdf", "0", "application/pdf", "pdf", (Page(1, 595, 842, tuple(words)),))
    found = form.decide(document, View.of(document), Options(type="form")).fields
    assert {f.name: f.value for f in found}["file_date"] == "2011-03-10"


def test_a_numbered_list_below_an_item_is_its_answer() -> None:
    kind = "10. List every foreign principal to whom you will render services."
    names = ["Board of Trade", "Harbour Foundation", "Office of the President of Freedonia"]
    one = "1. Office of the President of Freedonia, 2. Harbour Foundation, 3. Board of Trade"
    following = "11. Describe all services which you will render to the foreign principal."
    assert principals("REGISTRATION STATEMENT", kind, one, following) == names
    assert principals("REGISTRATION", "10. Foreign principals", *names, following) == names


def test_an_item_may_leave_room_above_its_answer() -> None:
    lines = ["REGISTRATION STATEMENT", "7. Name of foreign principal", "", "", ""]
    assert principals(*lines, "Harbour Foundation") == ["Harbour Foundation"]


def test_what_a_letter_ends_with_is_no_name() -> None:
    found = fields("REGISTRATION STATEMENT", "Name of company", "Yours sincerely,")
    assert "registrant.name" not in found


def test_the_day_of_an_oath_is_a_date_of_signature() -> None:
    found = fields(
        "AMENDMENT TO REGISTRATION STATEMENT",
        "Name of Registrant: Example Trade Office",
        "Subscribed and sworn to before me at Troy",
        "this 12th day of Decemher,19 85",
    )
    assert found["file_date"] == "1985-12-12"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Neukundenanmeldung", "Firma: Muster GmbH", "Kundennummer: 4711"), "buyer.name"),
        (("Antrag auf Mitgliedschaft", "Firma: Muster GmbH"), "applicant.name"),
        (("Demande d'adhésion", "Raison sociale : Muster GmbH"), "applicant.name"),
        (("Ficha de cliente", "Razón social: Muster GmbH"), "buyer.name"),
        (("Domanda di iscrizione", "Ragione sociale: Muster GmbH"), "applicant.name"),
        (("Inschrijfformulier", "Bedrijfsnaam: Muster GmbH"), "applicant.name"),
    ],
)
def test_the_party_has_the_role_that_the_form_names(lines: tuple[str, ...], name: str) -> None:
    assert fields(*lines)[name] == "Muster GmbH"


def test_an_address_is_given_whole_and_in_parts() -> None:
    found = fields(
        "Membership Application", "Company: Acme Ltd", "Address: 12 Elm St, Troy, NY 12180"
    )
    assert found["applicant.address"] == "12 Elm St, Troy, NY 12180"
    assert found["applicant.postal_code"] == "12180"
    assert found["applicant.city"] == "Troy"


def test_ticked_boxes_and_unknown_labels_are_kept() -> None:
    found = fields(
        "Application", "Company: Acme Ltd", "☒ Monthly | ☐ Yearly", "Favourite colour: green"
    )
    assert found["extra.monthly"] == "yes"
    assert "extra.yearly" not in found
    assert found["extra.favourite_colour"] == "green"


def test_an_empty_form_gives_no_values() -> None:
    found = fields("Application", "Company:", "Address:")
    assert "applicant.name" not in found
    assert "applicant.address" not in found


PRINCIPAL = {
    "type": "slip",
    "fields": {
        "foreign_principal.name": {
            "multi": True,
            "labels": ["every foreign principal", "foreign principal > name"],
        }
    },
}


def _principals(*lines: tuple[str, float]) -> list[str]:
    words = []
    for y, (text, x) in enumerate(lines):
        for word in text.split():
            words.append(Word(word, Box(x, 50.0 + 14 * y, x + 4.0 * len(word), 60.0 + 14 * y)))
            x += 4.0 * len(word) + 3.0
    document = Document("a", "0", "", "pdf", (Page(1, 595, 842, tuple(words)),))
    kind = custom_types.parse(PRINCIPAL)
    found = custom.decide_as(kind, View.of(document), Options(calibrated=False)).fields
    return [f.value for f in found]


def test_words_in_a_sentence_head_no_section() -> None:
    assert not _principals(
        (
            "Each agent who acts for a foreign principal of the person must file this form in time",
            40,
        ),
        ("1. Name", 40),
        ("Ann Q. Lee", 52),
    )


def test_a_long_name_with_capitals_below_a_numbered_sentence_is_found() -> None:
    name = "Bureau of Trade, Ministry of Economic Affairs, Government of the Republic of Ruritania"
    assert _principals(
        ("10. List every foreign principal to whom you will render services here.", 40), (name, 52)
    ) == [name]


def test_labels_set_under_the_answers_are_read_upwards() -> None:
    found = fields(
        "Mitgliedsantrag",
        "Muster Bau GmbH | 32604",
        "Vollständiger Name | Postleitzahl",
        "info@muster.example | 0117 038427",
        "E-Mail | Telefon",
        "DE75512108001245126199 | 01.03.2019",
        "IBAN | Datum der Unterschrift",
    )
    assert found["applicant.name"] == "Muster Bau GmbH"
    assert found["applicant.postal_code"] == "32604"
    assert found["applicant.email"] == "info@muster.example"
    assert found["applicant.phone"] == "0117 038427"
    assert found["applicant.iban"] == "DE75512108001245126199"


def test_an_address_of_two_lines_ends_before_the_next_item() -> None:
    found = fields(
        "Anmeldeformular",
        "1. Firma",
        "Muster Bau GmbH",
        "2. Anschrift",
        "Birkenring 104",
        "23891 Erfurt",
        "Deutschland",
        "3. Kundennummer",
        "682639",
    )
    assert found["applicant.address"] == "Birkenring 104, 23891 Erfurt, Deutschland"
    assert found["applicant.street"] == "Birkenring 104"
    assert found["applicant.city"] == "Erfurt"


def test_a_label_broken_in_its_cell_is_one_label() -> None:
    found = fields(
        "Ficha de cliente",
        "Nombre: Ana Ruiz | (6) Código",
        "Domicilio: Calle Lugo 3 | postal 01732",
    )
    assert "buyer.postal_code" not in found or found["buyer.postal_code"] == "01732"
    words = (
        Word("(6)", Box(40, 40, 55, 50)),
        Word("Código", Box(58, 40, 90, 50)),
        Word("01732", Box(160, 40, 190, 50)),
        Word("postal", Box(58, 51, 85, 61)),
    )
    document = Document("a.pdf", "0", "", "pdf", (Page(1, 595, 842, words),))
    many = form.decide(document, View.of(document), Options(type="form")).fields
    assert [f.value for f in many if f.name.endswith("postal_code")] == ["01732"]


def test_a_label_of_another_language_counts_less() -> None:
    found = fields(
        "Anmeldeformular für die Mitgliedschaft der Kunden",
        "Firma: Muster Bau GmbH",
        "Name des Unterzeichners: Karin Muster",
    )
    assert found["applicant.name"] == "Muster Bau GmbH"
    assert found["signer.name"] == "Karin Muster"  # "firma" is the signature in Spanish


def test_the_number_of_a_party_is_not_that_of_the_register() -> None:
    assert (
        fields("Registration Statement", "Registrant: Acme Ltd", "Registration No.: 4711")[
            "registration_number"
        ]
        == "4711"
    )
    found = fields("Neukunde", "Firma: Muster GmbH", "Register-Nr.: HRB 4711")
    assert found["buyer.registration_number"] == "HRB 4711"
