"""What columns are taken for, whatever they are called; and tables with little in them."""

from __future__ import annotations

from itertools import product

import pyarrow as pa
import pytest
from made_up_people import people, quality

from idp_cdi.engines.local import run
from idp_cdi.matching.columns import Kind, detect
from idp_cdi.matching.row_numbers import Parts

FIRMS = [
    (f"{n:05d}", "organization" if n % 3 else "person",
     f"Firm {chr(65 + n % 26)}{chr(97 + n // 26)}lo Works",
     f"{n % 90 + 3} Mill Street", "Bonn" if n % 2 else "Ulm", f"{53111 + n % 7}", "DE",
     f"a{n}@firm{n}.example", f"0228/47{1100 + n}", f"DE{136695000 + n // 2}")
    for n in range(80)
]  # fmt: skip
KINDS = ("record_id entity_type name street city postcode country email phone identifier").split()
HEADERS = {
    "english": "id,type,company name,address,city,zip code,country,e-mail,phone,VAT number",
    "german": "ID,Art,Firmenname,Anschrift,Wohnort,PLZ,Land,Mailadresse,Rufnummer,USt-IdNr.",
    "french": "Id,Type,Dénomination,Voie,Commune,CP,Pays,Courriel,Téléphone,N° TVA",
    "spanish": "id,tipo,Razón social,Domicilio,Población,C.P.,País,Correo,Teléfono,CIF/NIF",
    "sap": "KUNNR,KTOKD,NAME1,STRAS,ORT01,PSTLZ,LAND1,SMTP_ADDR,TELF1,STCEG",
}


def _table(headers: list[str]) -> pa.Table:
    columns = zip(*FIRMS, strict=True)
    return pa.table({h: list(c) for h, c in zip(headers, columns, strict=True)})


@pytest.mark.parametrize("language", HEADERS)
def test_columns_are_known_by_name_or_contents(language):
    found = detect(_table(HEADERS[language].split(",")))
    assert [c.kind.value for c in found] == KINDS


def test_columns_without_names_are_known_by_contents():
    found = [c.kind.value for c in detect(_table([f"c{i}" for i in range(len(KINDS))]))]
    wanted = list(KINDS)
    wanted[6] = found[6]  # two letters alone may be a country, a state or a class
    assert found == wanted


def test_a_number_of_the_row_is_no_identity():
    table = _table(HEADERS["english"].split(","))
    table = table.append_column("line", pa.array([str(9000 + i) for i in range(len(FIRMS))]))
    assert detect(table)[-1].kind.value in ("ignored", "record_id")


def test_a_birth_date_in_three_columns_is_one_date():
    table, truth = people(200, 3)
    rows = [
        {
            "full name": f"{r['last_name']}, {r['first_name']}",
            "birth year": (r["birth_date"] or "")[:4] or None,
            "birth month": (r["birth_date"] or "")[5:7].lstrip("0") or None,
            "birth day": (r["birth_date"] or "")[8:].lstrip("0") or None,
            "town": r["city"],
        }
        for r in table.to_pylist()
    ]
    result = run(pa.Table.from_pylist(rows))
    assert "date of birth" in result.model.fields
    precision, recall = quality(result.clusters.tolist(), truth)
    assert precision > 0.95
    assert recall > 0.6


@pytest.mark.parametrize(
    ("rows", "clusters"),
    [([], 0), ([("1", "Ann Lee", "x")], 1), ([(str(i), "Ann Lee", "x") for i in range(120)], 1),
     ([(str(i), None, None) for i in range(30)], 30)],
    ids=["empty", "one row", "all the same", "nothing in it"],
)  # fmt: skip
def test_odd_tables(rows, clusters):
    columns = list(zip(*rows, strict=True)) or [[], [], []]
    table = pa.table(
        {n: pa.array(c, pa.string()) for n, c in zip(("id", "name", "note"), columns, strict=True)}
    )
    assert len(set(run(table).clusters.tolist())) == clusters


def test_a_table_of_nothing_but_addresses_for_mail():
    mails = [f"ann{i // 2}@post{i // 2}.example" for i in range(200)]
    labels = run(pa.table({"mail": mails})).clusters.tolist()
    assert sum(labels[i] == labels[i + 1] for i in range(0, 200, 2)) > 90
    assert len(set(labels)) >= 100


@pytest.mark.parametrize(("turned", "kind"), [(False, Kind.IDENTIFIER), (True, Kind.RECORD_ID)])
def test_numbers_of_two_tables_are_shared_only_where_their_rows_say_the_same(turned, kind):
    names = [
        f"{w}{v} Works"
        for w, v in product(("Holm", "Farn", "Quell"), ("au", "by", "eg", "if", "or"))
    ]
    numbers = [str(10_000 + 7 * n) for n in range(len(names))]
    again = names[::-1] if turned else [n.upper() for n in names]
    table = pa.table({"customer_no": numbers * 2, "name": names + again})
    found = {c.name: c.kind for c in detect(table, Parts.of([15, 15]))}
    assert found["customer_no"] is kind
