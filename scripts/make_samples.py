#!/usr/bin/env python3
"""Make the documents and feeds under samples/, each with its expected result beside it.

    scripts/make_samples.py [--out samples]

Everything is invented: Nordwind Werkzeuge GmbH sells tools and sends invoices; its CRM and ERP know
some of the same customers under other spellings. The same call gives the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

SELLER = {
    "name": "Nordwind Werkzeuge GmbH",
    "street": "Hafenstraße 27",
    "postal_code": "24103",
    "city": "Kiel",
    "country": "DE",
    "vat_id": "DE136695976",
    "iban": "DE89370400440532013000",
    "phone": "+49 431 5550120",
    "email": "rechnung@nordwind-werkzeuge.example",
}


@dataclass(frozen=True)
class Party:
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    country_name: str
    vat_id: str = ""
    number: str = ""
    contact: str = ""


BAKERY = Party(
    "Bäckerei Sonnenthal GmbH & Co. KG", "Mühlenweg 12", "50667", "Köln", "DE", "Deutschland",
    "DE129273398", "10017", "Anke Petersen",
)  # fmt: skip
HARROW = Party(
    "Harrow & Finch Ltd", "14 Quayside", "BS1 4QA", "Bristol", "GB", "United Kingdom",
    "GB980780684", "10023", "Oliver Finch",
)  # fmt: skip
LUMIERE = Party(
    "Établissements Lumière SARL", "8 rue des Tanneurs", "69002", "Lyon", "FR", "France",
    "FR40303265045", "10031", "Claire Moreau",
)  # fmt: skip
TULIP = Party(
    "Tulip Logistics B.V.", "Kanaalstraat 41", "3531 CJ", "Utrecht", "NL", "Nederland",
    "NL004495445B01", "10044", "Joris de Wit",
)  # fmt: skip
FERRARI = Party(
    "Fratelli Bassani S.r.l.", "Via Garibaldi 19", "37121", "Verona", "IT", "Italia",
    "IT00743110157", "10052", "Paola Bassani",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    description: str
    quantity: int
    price: Decimal

    @property
    def net(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class Invoice:
    number: str
    issued: str
    due: str
    buyer: Party
    lines: tuple[Line, ...]
    rate: int
    currency: str = "EUR"
    order: str = ""
    credit: bool = False
    net: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "net", sum((x.net for x in self.lines), Decimal(0)))

    @property
    def tax(self) -> Decimal:
        return (self.net * self.rate / 100).quantize(Decimal("0.01"))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def lines(*rows: tuple[str, int, str]) -> tuple[Line, ...]:
    return tuple(Line(d, q, Decimal(p)) for d, q, p in rows)


INVOICES = {
    "invoice-de": Invoice(
        "2026-10441", "2026-09-14", "2026-10-14", BAKERY,
        lines(("Teigknetmaschine TK 40", 1, "1849.00"), ("Ersatzhaken Edelstahl", 4, "62.50")), 19,
    ),
    "invoice-en": Invoice(
        "2026-10457", "2026-09-21", "2026-10-21", HARROW,
        lines(("Cordless drill driver CD18", 12, "139.90"), ("Bit set, 32 pieces", 20, "18.40")),
        20, "GBP", "PO-77310",
    ),
    "invoice-fr": Invoice(
        "2026-10460", "2026-09-23", "2026-10-23", LUMIERE,
        lines(("Perceuse à colonne PC 16", 2, "684.00"), ("Jeu de forets HSS", 6, "41.75")), 20,
    ),
    "scan-de": Invoice(
        "2026-10502", "2026-10-05", "2026-11-04", BAKERY,
        lines(("Wartung Knetmaschine", 3, "95.00"), ("Anfahrt", 1, "48.00")), 19,
    ),
    "scan-en": Invoice(
        "2026-10511", "2026-10-08", "2026-11-07", HARROW,
        lines(("Angle grinder AG125", 8, "96.25"), ("Cutting discs, box of 50", 5, "37.60")),
        20, "GBP", "PO-77452",
    ),
    "facturx-nl": Invoice(
        "2026-10519", "2026-10-12", "2026-11-11", TULIP,
        lines(("Steekwagen 250 kg", 10, "112.00"), ("Spanband 5 m", 60, "6.85")), 21,
    ),
    "credit-note-en": Invoice(
        "2026-20012", "2026-10-19", "2026-10-19", HARROW,
        lines(("Cordless drill driver CD18, returned", 2, "139.90"),), 20, "GBP", "PO-77310", True,
    ),
}  # fmt: skip

WORDS = {
    "de": {
        "title": "Rechnung", "credit": "Gutschrift", "number": "Rechnungsnummer:", "issued": "Rechnungsdatum:",
        "due": "Zahlbar bis:", "customer": "Kundennummer:", "vat": "Ihre USt-IdNr.:", "order": "Bestellnummer:",
        "item": "Bezeichnung", "quantity": "Menge", "price": "Einzelpreis", "amount": "Betrag",
        "net": "Nettobetrag", "tax": "zzgl. {} % MwSt.", "total": "Gesamtbetrag", "our_vat": "USt-IdNr.:",
    },
    "en": {
        "title": "Invoice", "credit": "Credit note", "number": "Invoice number:", "issued": "Invoice date:",
        "due": "Payment due:", "customer": "Customer no.:", "vat": "Your VAT no.:", "order": "Purchase order:",
        "item": "Description", "quantity": "Qty", "price": "Unit price", "amount": "Amount",
        "net": "Net total", "tax": "VAT {} %", "total": "Total", "our_vat": "VAT no.:",
    },
    "fr": {
        "title": "Facture", "credit": "Avoir", "number": "Facture n° :", "issued": "Date de facture :",
        "due": "Échéance :", "customer": "N° client :", "vat": "Votre n° TVA :", "order": "N° commande :",
        "item": "Désignation", "quantity": "Qté", "price": "Prix unitaire", "amount": "Montant",
        "net": "Total HT", "tax": "TVA {} %", "total": "Total TTC", "our_vat": "N° TVA :",
    },
    "nl": {
        "title": "Factuur", "credit": "Creditnota", "number": "Factuurnummer:", "issued": "Factuurdatum:",
        "due": "Vervaldatum:", "customer": "Klantnummer:", "vat": "Uw btw-nummer:", "order": "Bestelnummer:",
        "item": "Omschrijving", "quantity": "Aantal", "price": "Prijs", "amount": "Bedrag",
        "net": "Totaal excl. btw", "tax": "{} % btw", "total": "Totaal incl. btw", "our_vat": "Btw-nummer:",
    },
}  # fmt: skip


def money(value: Decimal, language: str) -> str:
    text = f"{value:,.2f}"
    if language == "en":
        return text
    thousands = " " if language == "fr" else "."
    return text.replace(",", "|").replace(".", ",").replace("|", thousands)


def day(iso: str, language: str) -> str:
    y, m, d = iso.split("-")
    if language == "en":
        months = (
            "January February March April May June July August September October November December"
        )
        return f"{int(d)} {months.split()[int(m) - 1]} {y}"
    return (
        f"{d}.{m}.{y}"
        if language == "de"
        else f"{d}/{m}/{y}"
        if language == "fr"
        else f"{d}-{m}-{y}"
    )


def canvas(buffer: io.BytesIO) -> Canvas:
    return Canvas(buffer, pagesize=A4, invariant=1)


def draw_invoice(invoice: Invoice, language: str) -> bytes:
    words, buffer = WORDS[language], io.BytesIO()
    c = canvas(buffer)
    c.setFont("Helvetica-Bold", 15)
    c.drawString(56, 780, SELLER["name"])
    c.setFont("Helvetica", 7)
    c.drawString(
        56, 712, f"{SELLER['name']} · {SELLER['street']} · {SELLER['postal_code']} {SELLER['city']}"
    )
    c.setFont("Helvetica", 10)
    buyer = invoice.buyer
    town = (
        f"{buyer.city} {buyer.postal_code}"
        if buyer.country == "GB"
        else f"{buyer.postal_code} {buyer.city}"
    )
    for i, text in enumerate((buyer.name, buyer.contact, buyer.street, town, buyer.country_name)):
        c.drawString(56, 694 - 13 * i, text)
    c.setFont("Helvetica-Bold", 14)
    c.drawString(56, 590, words["credit" if invoice.credit else "title"])
    c.setFont("Helvetica", 10)
    facts = [
        (words["number"], invoice.number),
        (words["issued"], day(invoice.issued, language)),
        (words["due"], day(invoice.due, language)),
        (words["customer"], buyer.number),
        (words["vat"], buyer.vat_id),
        *([(words["order"], invoice.order)] if invoice.order else []),
    ]
    for i, (label, value) in enumerate(facts):
        c.drawString(340, 694 - 14 * i, label)
        c.drawString(450, 694 - 14 * i, value)
    _table(c, invoice, language)
    _footer(c, words)
    c.save()
    return buffer.getvalue()


def _table(c: Canvas, invoice: Invoice, language: str) -> None:
    words, y = WORDS[language], 550
    c.setFont("Helvetica-Bold", 10)
    c.drawString(56, y, words["item"])
    for x, label in ((360, "quantity"), (450, "price"), (540, "amount")):
        c.drawRightString(x, y, words[label])
    c.line(56, y - 5, 540, y - 5)
    c.setFont("Helvetica", 10)
    for line in invoice.lines:
        y -= 20
        c.drawString(56, y, line.description)
        c.drawRightString(360, y, str(line.quantity))
        c.drawRightString(450, y, money(line.price, language))
        c.drawRightString(540, y, money(line.net, language))
    c.line(56, y - 8, 540, y - 8)
    y -= 8
    sums = (
        (words["net"], invoice.net),
        (words["tax"].format(invoice.rate), invoice.tax),
        (words["total"], invoice.total),
    )
    for i, (label, value) in enumerate(sums):
        c.setFont("Helvetica-Bold" if i == 2 else "Helvetica", 10)
        c.drawString(350, y - 18 * (i + 1), label)
        c.drawRightString(540, y - 18 * (i + 1), f"{money(value, language)} {invoice.currency}")


def _footer(c: Canvas, words: dict[str, str]) -> None:
    c.setFont("Helvetica", 8)
    iban = " ".join(SELLER["iban"][i : i + 4] for i in range(0, 22, 4))
    c.line(56, 92, 540, 92)
    c.drawString(56, 80, SELLER["name"])
    c.drawString(56, 70, f"{SELLER['street']}, {SELLER['postal_code']} {SELLER['city']}")
    c.drawString(230, 80, f"IBAN: {iban}")
    c.drawString(230, 70, f"{words['our_vat']} {SELLER['vat_id']}")
    c.drawString(385, 80, SELLER["phone"])
    c.drawString(385, 70, SELLER["email"])


def expected_invoice(invoice: Invoice) -> dict[str, str]:
    buyer = invoice.buyer
    return {
        "invoice_number": invoice.number,
        "issue_date": invoice.issued,
        "due_date": invoice.due,
        "currency": invoice.currency,
        "net_total": str(invoice.net),
        "tax_total": str(invoice.tax),
        "total": str(invoice.total),
        "buyer.name": buyer.name,
        "buyer.street": buyer.street,
        "buyer.postal_code": buyer.postal_code,
        "buyer.city": buyer.city,
        "buyer.country": buyer.country,
        "buyer.vat_id": buyer.vat_id,
        "buyer.customer_number": buyer.number,
        "seller.name": SELLER["name"],
        "seller.vat_id": SELLER["vat_id"],
        **({"purchase_order": invoice.order} if invoice.order else {}),
    }


def scan(pdf: bytes, *, seed: int, skew: float, turn: int) -> Image.Image:
    """The page as a scanner that is neither clean nor straight sees it."""
    import pypdfium2

    page = pypdfium2.PdfDocument(pdf)[0]
    image = page.render(scale=200 / 72).to_pil().convert("L")
    image = image.rotate(skew, fillcolor=250, resample=Image.Resampling.BICUBIC, expand=False)
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    dice = random.Random(seed)
    noise = _noise(image.size, dice)
    image = Image.blend(image, noise, 0.10)
    return image.rotate(turn, expand=True)


def _noise(size: tuple[int, int], dice: random.Random) -> Image.Image:
    small = Image.frombytes(
        "L", (size[0] // 2, size[1] // 2), dice.randbytes((size[0] // 2) * (size[1] // 2))
    )
    return small.resize(size, Image.Resampling.NEAREST)


def cii(invoice: Invoice) -> bytes:
    """The same invoice as EN 16931 CII, as Factur-X wants it."""
    b = invoice.buyer

    def date(iso: str) -> str:
        return f'<udt:DateTimeString format="102">{iso.replace("-", "")}</udt:DateTimeString>'

    def party(tag: str, name: str, street: str, code: str, city: str, land: str, vat: str) -> str:
        return (
            f"<ram:{tag}><ram:Name>{name}</ram:Name><ram:PostalTradeAddress>"
            f"<ram:PostcodeCode>{code}</ram:PostcodeCode><ram:LineOne>{street}</ram:LineOne>"
            f"<ram:CityName>{city}</ram:CityName><ram:CountryID>{land}</ram:CountryID>"
            f"</ram:PostalTradeAddress><ram:SpecifiedTaxRegistration>"
            f'<ram:ID schemeID="VA">{vat}</ram:ID></ram:SpecifiedTaxRegistration></ram:{tag}>'
        )

    items = "".join(
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{i}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct><ram:Name>{x.description}</ram:Name></ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{x.price}</ram:ChargeAmount></ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="C62">{x.quantity}</ram:BilledQuantity>'
        "</ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement>"
        "<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{invoice.rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{x.net}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
        for i, x in enumerate(invoice.lines, 1)
    )
    s = SELLER
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
        ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
        ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">'
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        f"</rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>{invoice.number}</ram:ID>"
        f"<ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>{date(invoice.issued)}</ram:IssueDateTime>"
        f"</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>{items}"
        "<ram:ApplicableHeaderTradeAgreement>"
        + party(
            "SellerTradeParty",
            s["name"],
            s["street"],
            s["postal_code"],
            s["city"],
            s["country"],
            s["vat_id"],
        )
        + party("BuyerTradeParty", b.name, b.street, b.postal_code, b.city, b.country, b.vat_id)
        + "</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>"
        "<ram:ApplicableHeaderTradeSettlement>"
        f"<ram:InvoiceCurrencyCode>{invoice.currency}</ram:InvoiceCurrencyCode>"
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode>"
        f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{s['iban']}</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{invoice.tax}</ram:CalculatedAmount>"
        f"<ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>{invoice.net}</ram:BasisAmount>"
        "<ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{invoice.rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        f"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{date(invoice.due)}</ram:DueDateDateTime>"
        "</ram:SpecifiedTradePaymentTerms><ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{invoice.net}</ram:LineTotalAmount>"
        f"<ram:TaxBasisTotalAmount>{invoice.net}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="{invoice.currency}">{invoice.tax}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{invoice.total}</ram:GrandTotalAmount>"
        f"<ram:DuePayableAmount>{invoice.total}</ram:DuePayableAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>"
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def ubl() -> tuple[bytes, dict[str, str]]:
    """An invoice to an Italian customer as Peppol UBL."""
    invoice = Invoice(
        "2026-10533", "2026-10-20", "2026-11-19", FERRARI,
        lines(("Sega circolare SC190", 5, "129.00"), ("Lama di ricambio", 15, "21.20")), 0,
    )  # fmt: skip
    b, s = invoice.buyer, SELLER

    def party(tag: str, name: str, street: str, code: str, city: str, land: str, vat: str) -> str:
        return (
            f"<cac:{tag}><cac:Party><cac:PostalAddress><cbc:StreetName>{street}</cbc:StreetName>"
            f"<cbc:CityName>{city}</cbc:CityName><cbc:PostalZone>{code}</cbc:PostalZone>"
            f"<cac:Country><cbc:IdentificationCode>{land}</cbc:IdentificationCode></cac:Country>"
            f"</cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID>"
            "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
            f"<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>"
            f"</cac:PartyLegalEntity></cac:Party></cac:{tag}>"
        )

    def amount(tag: str, value: Decimal) -> str:
        return f'<cbc:{tag} currencyID="EUR">{value:.2f}</cbc:{tag}>'

    items = "".join(
        f"<cac:InvoiceLine><cbc:ID>{i}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="C62">{x.quantity}</cbc:InvoicedQuantity>'
        + amount("LineExtensionAmount", x.net)
        + f"<cac:Item><cbc:Name>{x.description}</cbc:Name></cac:Item><cac:Price>"
        + amount("PriceAmount", x.price)
        + "</cac:Price></cac:InvoiceLine>"
        for i, x in enumerate(invoice.lines, 1)
    )
    base = "urn:oasis:names:specification:ubl:schema:xsd"
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><Invoice xmlns="{base}:Invoice-2"'
        f' xmlns:cac="{base}:CommonAggregateComponents-2" xmlns:cbc="{base}:CommonBasicComponents-2">'
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
        f"</cbc:CustomizationID><cbc:ID>{invoice.number}</cbc:ID>"
        f"<cbc:IssueDate>{invoice.issued}</cbc:IssueDate><cbc:DueDate>{invoice.due}</cbc:DueDate>"
        "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        + party("AccountingSupplierParty", s["name"], s["street"], s["postal_code"], s["city"], s["country"], s["vat_id"])
        + party("AccountingCustomerParty", b.name, b.street, b.postal_code, b.city, b.country, b.vat_id)
        + "<cac:TaxTotal>" + amount("TaxAmount", invoice.tax) + "</cac:TaxTotal><cac:LegalMonetaryTotal>"
        + amount("LineExtensionAmount", invoice.net) + amount("TaxExclusiveAmount", invoice.net)
        + amount("TaxInclusiveAmount", invoice.total) + amount("PayableAmount", invoice.total)
        + f"</cac:LegalMonetaryTotal>{items}</Invoice>"
    )  # fmt: skip
    expected = expected_invoice(invoice)
    expected.pop("buyer.customer_number")
    return xml.encode(), expected


CONTRACT = """MUTUAL NON-DISCLOSURE AGREEMENT

This Mutual Non-Disclosure Agreement (the "Agreement") is entered into as of July 6, 2026 (the
"Effective Date") by and between Tulip Logistics B.V., a company having its registered office at
Kanaalstraat 41, 3531 CJ Utrecht, the Netherlands ("Tulip"), and Orchard Dental Supplies Inc., a
Delaware corporation with its principal place of business at 2200 Maple Avenue, Portland, Oregon
97201 ("Orchard").

1. Purpose. The parties wish to explore a possible business relationship concerning the shipment
of dental equipment and may disclose to each other information that is confidential.

2. Confidential Information. Each party shall hold the confidential information of the other party
in strict confidence and shall use it for the purpose stated above only.

3. Term. This Agreement shall remain in effect for a period of three (3) years from the Effective
Date. The duty of confidence survives the end of this Agreement.

4. Governing Law. This Agreement shall be governed by and construed in accordance with the laws of
the State of Oregon, without regard to its conflict of law provisions.

5. Entire Agreement. This Agreement is the whole agreement of the parties on its subject and may be
amended only in writing, signed by both parties.

IN WITNESS WHEREOF, the parties have executed this Agreement as of the date first written above.


TULIP LOGISTICS B.V.                           ORCHARD DENTAL SUPPLIES INC.

By: ______________________                     By: ______________________
Name: Joris de Wit                             Name: Helen Marsh
Title: Managing Director                       Title: Chief Executive Officer
"""


def draw_text(text: str) -> bytes:
    buffer = io.BytesIO()
    c = canvas(buffer)
    y = 780.0
    for line in text.splitlines():
        c.setFont("Times-Bold" if line.isupper() and y > 770 else "Times-Roman", 11)
        left, _, right = line.partition("          ")
        c.drawString(64, y, left)
        if right.strip():
            c.drawString(310, y, right.strip())
        y -= 15
    c.save()
    return buffer.getvalue()


FORM = (
    ("Company name", "Harrow and Finch Limited"),
    ("Street", "14 Quayside"),
    ("Town / City", "Bristol"),
    ("Postcode", "BS1 4QA"),
    ("Country", "United Kingdom"),
    ("VAT number", "GB980780684"),
    ("Contact person", "Oliver Finch"),
    ("Telephone", "+44 117 496 0123"),
    ("E-mail", "accounts@harrowfinch.example"),
)


def draw_form() -> bytes:
    buffer = io.BytesIO()
    c = canvas(buffer)
    c.setFont("Helvetica-Bold", 16)
    c.drawString(56, 780, "New customer registration")
    c.setFont("Helvetica", 9)
    c.drawString(56, 760, "Please complete all fields and return this form to your sales contact.")
    for i, (label, value) in enumerate(FORM):
        y = 720 - 34 * i
        c.setFont("Helvetica", 9)
        c.drawString(60, y, f"{label}:")
        c.setFont("Courier", 11)
        c.drawString(190, y, value)
        c.line(186, y - 4, 520, y - 4)
    y = 720 - 34 * len(FORM)
    c.setFont("Helvetica", 9)
    c.drawString(60, y, "Invoices by e-mail:")
    for x, label, ticked in ((190, "yes", True), (250, "no", False)):
        c.rect(x, y - 1, 8, 8)
        if ticked:
            c.line(x, y - 1, x + 8, y + 7)
            c.line(x, y + 7, x + 8, y - 1)
        c.drawString(x + 14, y, label)
    c.drawString(60, y - 50, "Date: 3 August 2026")
    c.drawString(300, y - 50, "Signature:")
    c.bezier(360, y - 48, 380, y - 20, 400, y - 70, 450, y - 44)
    c.save()
    return buffer.getvalue()


CRM = """Account ID,Account Name,Billing Street,Billing City,Billing Postal Code,Billing Country,Phone,Email,VAT Number,Last Modified
A-1001,Baeckerei Sonnenthal GmbH & Co KG,Muehlenweg 12,Koeln,50667,Germany,+49 221 5550144,info@sonnenthal.example,DE129273398,2026-05-11
A-1002,Harrow & Finch Limited,14 Quayside,Bristol,BS1 4QA,United Kingdom,+44 117 496 0123,accounts@harrowfinch.example,,2026-06-02
A-1003,Ets Lumiere,8 rue des Tanneurs,Lyon,69002,France,+33 4 72 55 01 20,contact@lumiere.example,FR40303265045,2026-04-27
A-1004,Tulip Logistics,Kanaalstraat 41,Utrecht,3531 CJ,Netherlands,+31 30 555 0155,,,2026-07-15
A-1005,Orchard Dental Supplies Inc,2200 Maple Ave,Portland,97201,United States,+1 503 555 0161,hello@orcharddental.example,,2026-03-30
A-1006,Harrow Garden Centre,2 Station Road,Harrow,HA1 2UH,United Kingdom,+44 20 7946 0188,shop@harrowgarden.example,,2026-02-14
"""

ERP = (
    ("Debitor", "Name 1", "Straße", "PLZ", "Ort", "Land", "USt-IdNr.", "Telefon", "Geändert am"),
    ("10017", "Bäckerei Sonnenthal", "Mühlenweg 12", "50667", "Köln", "DE", "DE129273398", "0221 5550144", "2026-08-01"),
    ("10023", "HARROW AND FINCH LTD", "14 Quay Side", "BS1 4QA", "Bristol", "GB", "GB980780684", "0117 4960123", "2026-08-03"),
    ("10031", "Etablissements Lumière", "8, rue des Tanneurs", "69002", "Lyon", "FR", "FR40303265045", "", "2026-07-19"),
    ("10052", "Fratelli Bassani SRL", "Via Garibaldi, 19", "37121", "Verona", "IT", "IT00743110157", "", "2026-08-20"),
    ("10060", "Sonnenthal Immobilien GmbH", "Domstraße 3", "50668", "Köln", "DE", "DE811569869", "0221 5550190", "2026-01-22"),
)  # fmt: skip

CUSTOMERS = {
    "Bäckerei Sonnenthal": ["crm:A-1001", "erp:10017", "invoice-de", "scan-de"],
    "Harrow & Finch": [
        "crm:A-1002", "erp:10023", "invoice-en", "scan-en", "credit-note-en", "registration-form",
    ],
    "Lumière": ["crm:A-1003", "erp:10031", "invoice-fr"],
    "Tulip Logistics": ["crm:A-1004", "facturx-nl", "contract-nda"],
    "Bassani": ["erp:10052", "ubl-it"],
    "Orchard Dental": ["crm:A-1005", "contract-nda"],
    "Harrow Garden Centre": ["crm:A-1006"],
    "Sonnenthal Immobilien": ["erp:10060"],
}  # fmt: skip


def attach(pdf: bytes, name: str, content: bytes) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.add_attachment(name, content)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def undated(archive: bytes) -> bytes:
    """The same ZIP archive without the time at which it was written."""
    import re
    import zipfile

    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-08-21T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, (2026, 8, 21, 0, 0, 0)), content)
    return buffer.getvalue()


def write_feeds(out: Path) -> None:
    from datetime import datetime

    from openpyxl import Workbook

    feeds = out / "feeds"
    feeds.mkdir(parents=True, exist_ok=True)
    (feeds / "crm.csv").write_text(CRM, encoding="utf-8")
    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 8, 21)
    sheet = book.active
    sheet.title = "Debitoren"
    for row in ERP:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    (feeds / "erp.xlsx").write_bytes(undated(buffer.getvalue()))


def expect(out: Path, stem: str, kind: str, fields: dict[str, object]) -> None:
    text = json.dumps({"type": kind, "fields": fields}, ensure_ascii=False, indent=2)
    folder = out.parent / "expected"
    folder.mkdir(exist_ok=True)
    (folder / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


def write_documents(out: Path) -> None:
    inbox = out / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    for stem, invoice in INVOICES.items():
        language = stem.rpartition("-")[2]
        pdf = draw_invoice(invoice, language)
        if stem == "scan-de":
            image = scan(pdf, seed=3, skew=1.4, turn=0)
            image.save(inbox / f"{stem}.pdf", resolution=200, creationDate=0, modDate=0)
        elif stem == "scan-en":
            scan(pdf, seed=5, skew=-0.9, turn=90).save(inbox / f"{stem}.jpg", quality=60)
        else:
            pdf = attach(pdf, "factur-x.xml", cii(invoice)) if stem == "facturx-nl" else pdf
            (inbox / f"{stem}.pdf").write_bytes(pdf)
        expect(
            inbox, stem, "credit_note" if invoice.credit else "invoice", expected_invoice(invoice)
        )
    first = (inbox / "invoice-de.pdf").read_bytes()
    (inbox / "invoice-de-copy.pdf").write_bytes(first)
    (inbox / "broken.pdf").write_bytes(first[: math.ceil(len(first) / 3)])
    xml, fields = ubl()
    (inbox / "ubl-it.xml").write_bytes(xml)
    expect(inbox, "ubl-it", "invoice", fields)
    (inbox / "contract-nda.pdf").write_bytes(draw_text(CONTRACT))
    contract = {
        "party.name": ["Tulip Logistics B.V.", "Orchard Dental Supplies Inc."],
        "effective_date": "2026-07-06",
        "term": "3 years",
        "governing_law": "Oregon",
    }
    expect(inbox, "contract-nda", "contract", contract)
    (inbox / "registration-form.pdf").write_bytes(draw_form())
    form = {
        "buyer.name": "Harrow and Finch Limited",
        "buyer.postal_code": "BS1 4QA",
        "buyer.city": "Bristol",
        "buyer.vat_id": "GB980780684",
        "buyer.email": "accounts@harrowfinch.example",
    }
    expect(inbox, "registration-form", "form", form)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "samples")
    out: Path = parser.parse_args().out
    write_documents(out)
    write_feeds(out)
    (out / "expected" / "customers.json").write_text(
        json.dumps(CUSTOMERS, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
