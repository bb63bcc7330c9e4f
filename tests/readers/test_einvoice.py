"""E-invoices: what the three syntaxes say, and what they can't do to us."""

# ruff: noqa: E501 (XML is long)

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_files import hostile

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput
from idp_cdi.fields import fields
from idp_cdi.readers import ReadOptions, Source, read, read_source

EVAL = Path(__file__).parents[3] / "shared" / "eval"

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:ram" xmlns:udt="urn:udt">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>R-1</ram:ID><ram:TypeCode>381</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20240503</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>Chair</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>50.00</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">2</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Muster GmbH</ram:Name><ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode>
<ram:LineOne>Hof 3</ram:LineOne><ram:LineTwo>Haus B</ram:LineTwo><ram:CityName>Berlin</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE136695976</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:ID>K7</ram:ID><ram:Name>Beispiel AG</ram:Name></ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:PayeePartyCreditorFinancialAccount><ram:IBANID>DE02120300000000202051</ram:IBANID></ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="USD">21</ram:TaxTotalAmount><ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>
<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount><ram:DuePayableAmount>119.00</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

FATTURA = """<p:FatturaElettronica versione="FPR12" xmlns:p="urn:p"><FatturaElettronicaHeader>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>
<Anagrafica><Nome>Anna</Nome><Cognome>Rossi</Cognome></Anagrafica></DatiAnagrafici></CedentePrestatore></FatturaElettronicaHeader>
{}</p:FatturaElettronica>"""
BODY = """<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD04</TipoDocumento>
<Divisa>EUR</Divisa><Data>2024-05-03</Data><Numero>{}</Numero></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo>
</DatiBeniServizi></FatturaElettronicaBody>"""


def of(text: str | bytes, **options) -> Document:
    data = text.encode() if isinstance(text, str) else text
    return read_source(Source.of_bytes("a.xml", data), ReadOptions(ocr="off", **options))


def values(document: Document) -> dict[str, str]:
    return {v.name: v.value for v in document.embedded.values}


def test_a_cii_credit_note_gives_its_fields_and_lines():
    document = of(CII)
    assert document.reader == "einvoice.cii" and document.embedded.document_type == "credit_note"
    assert document.embedded.profile == "en16931" and document.pages == ()
    found = values(document)
    assert found["invoice_number"] == "R-1" and found["issue_date"] == "2024-05-03"
    assert found["seller.address"] == "Hof 3, Haus B, 10115 Berlin"
    assert found["seller.vat_id"] == "DE136695976" and found["buyer.customer_number"] == "K7"
    assert found["tax_total"] == "19.00" and found["seller.iban"] == "DE02120300000000202051"
    (item,) = document.embedded.line_items
    assert (item.description, item.quantity, item.unit_price) == ("Chair", "2", "50.00")


def test_a_lot_of_several_invoices_gives_children():
    document = of(FATTURA.format(BODY.format("7") + BODY.format("8")))
    assert (
        values(document)["invoice_number"] == "7"
        and document.embedded.document_type == "credit_note"
    )
    assert values(document)["total"] == "122.00" and values(document)["seller.name"] == "Anna Rossi"
    assert [values(c)["invoice_number"] for c in document.children] == ["8"]


def test_every_name_is_a_field_that_is_defined():
    for text in (CII, FATTURA.format(BODY.format("7"))):
        for name in values(of(text)):
            assert fields().get(name)


def test_no_embedded_leaves_the_structured_part_out():
    assert of(CII, embedded=False).embedded is None


def test_an_invoice_attached_to_a_pdf_is_read_beside_its_page():
    data = hostile().attached(CII.encode())
    document = read_source(Source.of_bytes("a.pdf", data), ReadOptions(ocr="off"))
    assert document.reader == "pdf" and document.pages[0].words
    assert values(document)["total"] == "119.00"
    bare = read_source(Source.of_bytes("a.pdf", data), ReadOptions(ocr="off", embedded=False))
    assert bare.embedded is None


def test_encodings_are_respected():
    text = CII.replace("Muster", "Müller")
    for encoding in ("utf-16", "iso-8859-1"):
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        assert values(of((head + text).encode(encoding)))["seller.name"] == "Müller GmbH"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_invoice_raises_only_our_errors(data):
    raw = bytearray(CII.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
    try:
        document = of(bytes(raw))
    except UnreadableInput:
        return
    assert all(v.value for v in (document.embedded.values if document.embedded else ()))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_that_begin_like_xml_raise_only_our_errors(tail):
    with contextlib.suppress(UnreadableInput):
        of(b"<?xml version='1.0'?>" + tail)


@pytest.mark.skipif(not EVAL.is_dir(), reason="the labelled documents are not beside the project")
def test_fields_of_xml_invoices_reach_the_target(tmp_path):
    gold = EVAL / "dev" / "xml" / "gold.jsonl"
    lines = []
    for row in map(json.loads, gold.read_text(encoding="utf-8").splitlines()):
        document = read(gold.parent / row["document"])
        found = [{"name": v.name, "value": v.value} for v in document.embedded.values]
        lines.append(json.dumps({"document": row["document"], "fields": found}))
    predictions = tmp_path / "predictions.jsonl"
    predictions.write_text("\n".join(lines), encoding="utf-8")
    scored = subprocess.run(
        [sys.executable, str(EVAL / "score.py"), str(gold), str(predictions), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"micro"' in scored.stdout
    micro = json.loads(scored.stdout)["micro"]
    assert micro["f1"] >= 0.995
