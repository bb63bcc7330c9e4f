#!/usr/bin/env python3
"""Invoices of the made-up company as files: UBL 2.1 XML and PDF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from finance_company import Customer, Invoice

SELLER = "Nordwind Werkzeuge GmbH"
SELLER_VAT = "DE136695976"


def as_ubl(invoice: Invoice, who: Customer, day: date, more: Decimal) -> bytes:
    """The invoice as EN 16931 UBL; `more` is an error in its net and gross."""
    currency = who.currency
    net, gross = invoice.net + more, invoice.gross + more

    def money(tag: str, amount: Decimal) -> str:
        return f'<cbc:{tag} currencyID="{currency}">{amount:.2f}</cbc:{tag}>'

    def party(tag: str, name: str, vat: str, home: dict[str, str]) -> str:
        return (
            f"<cac:{tag}><cac:Party><cac:PostalAddress>"
            f"<cbc:StreetName>{escape(home.get('street', ''))}</cbc:StreetName>"
            f"<cbc:CityName>{escape(home.get('city', ''))}</cbc:CityName>"
            f"<cbc:PostalZone>{escape(home.get('postal_code', ''))}</cbc:PostalZone>"
            f"<cac:Country><cbc:IdentificationCode>{home.get('country', 'DE')}"
            "</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
            f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT"
            "</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>"
            f"<cbc:RegistrationName>{escape(name)}</cbc:RegistrationName></cac:PartyLegalEntity>"
            f"</cac:Party></cac:{tag}>"
        )

    lines = "".join(
        f"<cac:InvoiceLine><cbc:ID>{n}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="C62">{quantity}</cbc:InvoicedQuantity>'
        f"{money('LineExtensionAmount', quantity * price)}<cac:Item><cbc:Name>{text}</cbc:Name>"
        f"</cac:Item><cac:Price>{money('PriceAmount', price)}</cac:Price></cac:InvoiceLine>"
        for n, (text, quantity, price) in enumerate(invoice.lines, 1)
    )
    us = {"street": "Hafenstraße 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
        ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
        ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"
        f"<cbc:ID>{invoice.number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>"
        f"<cbc:DueDate>{invoice.due}</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
        f"<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>"
        f"{party('AccountingSupplierParty', SELLER, SELLER_VAT, us)}"
        f"{party('AccountingCustomerParty', who.home['name'], who.home['vat_id'], who.home)}"
        f"<cac:TaxTotal>{money('TaxAmount', invoice.tax)}</cac:TaxTotal><cac:LegalMonetaryTotal>"
        f"{money('LineExtensionAmount', net)}{money('TaxExclusiveAmount', net)}"
        f"{money('TaxInclusiveAmount', gross)}{money('PayableAmount', gross)}"
        f"</cac:LegalMonetaryTotal>{lines}</Invoice>"
    )
    return xml.encode()


def as_pdf(invoice: Invoice, who: Customer, day: date, more: Decimal) -> bytes:
    """The invoice as a printed page with a text layer."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    home = who.home
    left = [
        f"{SELLER} · Hafenstraße 1 · 20457 Hamburg", "", home["name"], home["street"],
        f"{home['postal_code']} {home['city']}", home["country"], "",
    ]  # fmt: skip
    page.setFont("Helvetica", 10)
    y = 780
    for text in left:
        page.drawString(60, y, text)
        y -= 14
    facts = [
        ("Invoice number", invoice.number), ("Invoice date", f"{day:%d %B %Y}"),
        ("Due date", f"{invoice.due:%d %B %Y}"), ("Customer VAT ID", home["vat_id"]),
    ]  # fmt: skip
    page.setFont("Helvetica-Bold", 14)
    page.drawString(60, y - 10, "Invoice")
    page.setFont("Helvetica", 10)
    y -= 34
    for label, text in facts:
        page.drawString(60, y, f"{label}:")
        page.drawString(170, y, text)
        y -= 14
    y -= 14
    page.drawString(60, y, "Description")
    for x, text in ((320, "Quantity"), (400, "Unit price"), (500, "Amount")):
        page.drawRightString(x, y, text)
    for text, quantity, price in invoice.lines:
        y -= 16
        page.drawString(60, y, text)
        page.drawRightString(320, y, f"{quantity}")
        page.drawRightString(400, y, f"{price:,.2f}")
        page.drawRightString(500, y, f"{quantity * price:,.2f}")
    y -= 10
    rate = "19 %" if invoice.tax else "0 %"
    for label, amount in (
        ("Net total", invoice.net + more), (f"VAT {rate}", invoice.tax),
        ("Total", invoice.gross + more),
    ):  # fmt: skip
        y -= 16
        page.drawString(330, y, f"{label} {who.currency}")
        page.drawRightString(500, y, f"{amount:,.2f}")
    page.drawString(60, 60, f"{SELLER} · VAT ID {SELLER_VAT}")
    page.save()
    return out.getvalue()
