# ruff: noqa: E501
"""Bank statements and ledgers: who paid, how much, with which sign, and what for."""

from __future__ import annotations

import pytest

from idp_cdi.connectors import Connection, camt, find, mt940, saft
from idp_cdi.errors import HostileInput, UnreadableInput

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{v}"><BkToCstmrStmt><Stmt>
<Id>S1</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">119.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{sts}</Sts>
 <BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt><AcctSvcrRef>R1</AcctSvcrRef>
 <NtryDtls><TxDtls><Refs><EndToEndId>E2E-7</EndToEndId></Refs><RltdPties>
 <Dbtr>{open}<Nm>Acme GmbH</Nm><PstlAdr><StrtNm>Ring</StrtNm><BldgNb>4</BldgNb><PstCd>53111</PstCd>
 <TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr>{close}</Dbtr>
 <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>
 <RltdAgts><DbtrAgt><FinInstnId><{bic}>COBADEFFXXX</{bic}></FinInstnId></DbtrAgt></RltdAgts>
 <RmtInf><Ustrd>Invoice 2026-17</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-03-04</Dt></BookgDt>
 <NtryRef>B9</NtryRef><NtryDtls>
 <TxDtls><Amt Ccy="EUR">10.00</Amt><RltdPties><Cdtr><Nm>Paper Ltd</Nm></Cdtr></RltdPties></TxDtls>
 <TxDtls><Amt Ccy="EUR">20.00</Amt><RltdPties><Cdtr><Nm>Ink Ltd</Nm></Cdtr></RltdPties></TxDtls>
 </NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
OLD = {"v": "02", "sts": "BOOK", "open": "", "close": "", "bic": "BIC"}
NEW = {"v": "08", "sts": "<Cd>BOOK</Cd>", "open": "<Pty>", "close": "</Pty>", "bic": "BICFI"}


def rows(way, path):
    connection = Connection(str(path))
    return {
        s.name: [r for c in way.read(connection, s, {}) for r in c.rows()]
        for s in way.streams(connection)
    }


@pytest.mark.parametrize("form", [OLD, NEW], ids=["camt.053.001.02", "camt.053.001.08"])
def test_camt_tells_party_amount_and_purpose(tmp_path, form):
    path = tmp_path / "s.xml"
    path.write_text(CAMT.format(**form), encoding="utf-8")
    assert find(str(path)).NAME == "camt"
    one, two, three = rows(camt, path)["bookings"]
    assert one["party_key"] == "in:DE89370400440532013000"
    assert (one["party_name"], one["party_street"], one["party_city"]) == (
        "Acme GmbH",
        "Ring 4",
        "Bonn",
    )
    assert (one["amount"], one["currency"], one["status"]) == ("119.00", "EUR", "BOOK")
    assert (one["party_bic"], one["remittance"]) == ("COBADEFFXXX", "Invoice 2026-17")
    assert [two["amount"], three["amount"]] == ["-10.00", "-20.00"]
    assert [two["reference"], three["reference"]] == ["B9/1", "B9/2"]
    assert three["party_key"] == "out:ink ltd"


def test_xml_with_a_doctype_is_refused(tmp_path):
    path = tmp_path / "s.xml"
    path.write_text(
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n' + CAMT.format(**OLD)[39:]
    )
    with pytest.raises(HostileInput):
        rows(camt, path)


def test_a_truncated_statement_gives_what_came_before_the_fault(tmp_path):
    path = tmp_path / "s.xml"
    path.write_text(CAMT.format(**OLD)[:-200])
    with pytest.raises(UnreadableInput, match="not well-formed"):
        rows(camt, path)


MT940 = """{1:F01X}{2:I940X}{4:
:20:STARTUMSE
:25:12030000/202051
:28C:00001/001
:60F:C260301EUR1000,00
:61:2603020302CR119,00NTRFE2E-7//R1
:86:166?00GUTSCHRIFT?20EREF+E2E-7?21SVWZ+Invoice 2026-17 fo
?22r paper?30COBADEFFXXX?31DE89370400440532013000?32Acme?33 GmbH
:61:2612310102DR30,5NMSCNONREF
:86:/TRCD/00100/CNTP/NL91ABNA0417164300/ABNANL2A/Paper BV/AMSTERDAM///REMI/USTD//Inkt 12/EREF/X9/
:61:garbage
:86:whatever
:62F:C260302EUR1088,50
-}
"""


def test_mt940_reads_german_and_dutch_structures(tmp_path):
    path = tmp_path / "s.sta"
    path.write_text(MT940, encoding="utf-8")
    connection = Connection(str(path))
    chunk = next(mt940.read(connection, mt940.streams(connection)[0], {}))
    one, two = chunk.rows()
    assert (one["booking_date"], one["amount"], one["currency"]) == ("2026-03-02", "119.00", "EUR")
    assert (one["party_name"], one["party_iban"]) == ("Acme GmbH", "DE89370400440532013000")
    assert (one["remittance"], one["end_to_end_id"]) == ("Invoice 2026-17 for paper", "E2E-7")
    assert (two["value_date"], two["booking_date"]) == ("2026-12-31", "2027-01-02")
    assert (two["amount"], two["party_name"], two["party_iban"]) == (
        "-30.5",
        "Paper BV",
        "NL91ABNA0417164300",
    )
    assert (two["remittance"], two["end_to_end_id"]) == ("Inkt 12", "X9")
    assert [(r.row, r.code) for r in chunk.rejects] == [(11, "mt940.61")]


NO = """<AuditFile xmlns="urn:StandardAuditFile-Taxation-Financial:NO"><MasterFiles>
<Customers><Customer><RegistrationNumber>923609016</RegistrationNumber><Name>Acme AS</Name>
<Address><StreetName>Storgata</StreetName><Number>4</Number><City>Oslo</City><PostalCode>0155</PostalCode>
<Country>NO</Country></Address><CustomerID>C1</CustomerID></Customer></Customers>
<Suppliers><Supplier><Name>Papir AS</Name><SupplierID>S1</SupplierID></Supplier></Suppliers></MasterFiles>
<GeneralLedgerEntries><Journal><JournalID>GL</JournalID>
<Transaction><TransactionID>T1</TransactionID><TransactionDate>2026-01-05</TransactionDate>
<Line><RecordID>1</RecordID><AccountID>1500</AccountID><CustomerID>C1</CustomerID>
<DebitAmount><Amount>125.00</Amount></DebitAmount></Line>
<Line><RecordID>2</RecordID><AccountID>3000</AccountID><CreditAmount><Amount>125.00</Amount></CreditAmount></Line>
</Transaction>
<Transaction><TransactionID>T2</TransactionID><TransactionDate>2026-01-06</TransactionDate>
<Line><RecordID>1</RecordID><AccountID>2400</AccountID><SupplierID>S1</SupplierID>
<CreditAmount><Amount>9.00</Amount></CreditAmount></Line></Transaction>
</Journal></GeneralLedgerEntries></AuditFile>"""
PT = """<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><MasterFiles>
<Customer><CustomerID>C1</CustomerID><CustomerTaxID>500829993</CustomerTaxID><CompanyName>Acme Lda</CompanyName>
<BillingAddress><AddressDetail>Rua 4</AddressDetail><City>Lisboa</City><PostalCode>1000-001</PostalCode>
<Country>PT</Country></BillingAddress></Customer></MasterFiles>
<GeneralLedgerEntries><Journal><JournalID>J</JournalID><Transaction><TransactionID>T1</TransactionID>
<TransactionDate>2026-01-05</TransactionDate><CustomerID>C1</CustomerID><Lines><DebitLine><RecordID>1</RecordID>
<AccountID>21</AccountID><DebitAmount>10.00</DebitAmount></DebitLine></Lines></Transaction></Journal>
</GeneralLedgerEntries><SourceDocuments><SalesInvoices><Invoice><InvoiceNo>FT 1/1</InvoiceNo>
<InvoiceDate>2026-01-05</InvoiceDate><CustomerID>C1</CustomerID><DocumentTotals><TaxPayable>1.87</TaxPayable>
<NetTotal>8.13</NetTotal><GrossTotal>10.00</GrossTotal></DocumentTotals></Invoice></SalesInvoices></SourceDocuments>
</AuditFile>"""


def test_saft_of_two_countries(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(NO, encoding="utf-8")
    assert find(str(path)).NAME == "saft"
    found = rows(saft, path)
    assert found["customers"][0]["street"] == "Storgata"
    assert found["customers"][0]["registration"] == "923609016"
    assert [r["id"] for r in found["suppliers"]] == ["S1"]
    assert [(r["transaction"], r["journal"], r["has"]) for r in found["entries"]] == [
        ("T1", "GL", "customer"), ("T1", "GL", ""), ("T2", "GL", "supplier"),
    ]  # fmt: skip
    path.write_text(PT, encoding="utf-8")
    found = rows(saft, path)
    assert found["customers"][0]["tax_id"] == "500829993"
    assert found["entries"][0]["debit"] == "10.00"
    assert found["invoices"][0]["gross"] == "10.00"


def test_a_statement_is_read_as_it_is_asked_for(tmp_path, monkeypatch):
    path = tmp_path / "s.sta"
    bookings = "".join(f":61:2601020102CR{n},00NTRFNONREF//R{n}\n:86:x\n" for n in range(500))
    path.write_text(
        f":20:X\n:25:1/2\n:28C:1/1\n:60F:C260101EUR0,00\n{bookings}:62F:C260102EUR0,00\n-\n"
    )
    seen, tags = [], mt940._tags
    monkeypatch.setattr(mt940, "CHUNK_ROWS", 2)
    monkeypatch.setattr(mt940, "_tags", lambda lines: (seen.append(t) or t for t in tags(lines)))
    connection = Connection(str(path))
    chunks = mt940.read(connection, mt940.streams(connection)[0], {})
    assert len(next(chunks)) == 2
    assert len(seen) < 15, "a million bookings never are in memory"
    assert sum(map(len, chunks)) == 498
