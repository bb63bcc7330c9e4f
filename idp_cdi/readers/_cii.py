"""UN/CEFACT Cross Industry Invoice: ZUGFeRD 1 and 2, Factur-X, XRechnung (CII), every profile.

ZUGFeRD 1 has other names for the big parts and the same for the small ones, so one walk reads both.

Source: https://docs.peppol.eu/poacc/billing/3.0/ (business terms), EN 16931-3-3 (their CII paths)
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import LineItem
from idp_cdi.readers._invoice import Values, amount, date, profile_of
from idp_cdi.readers._xml import every, first, local, one, text

if TYPE_CHECKING:
    from idp_cdi.documents import Embedded

ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument")
CREDIT_NOTES = frozenset({"381", "261", "262", "296", "308", "396", "420", "458", "532", "83"})
_SUM = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_MEANS = "SpecifiedTradeSettlementPaymentMeans"


def fits(root: Any) -> bool:
    """Is this the root of such an invoice?"""
    return local(root) in ROOTS


def read(root: Any) -> list[Embedded]:
    """The one invoice under `root`."""
    values = Values()
    head = one(root, "ExchangedDocument|HeaderExchangedDocument")
    trade = one(root, "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction")
    agreement = one(trade, "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement")
    delivery = one(trade, "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery")
    settlement = one(trade, "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement")
    _add(values, "buyer", one(agreement, "BuyerTradeParty"), "BG-7")
    _add(values, "seller", one(agreement, "SellerTradeParty"), "BG-4")
    _add(values, "payee", one(settlement, "PayeeTradeParty"), "BG-10")
    _add(values, "ship_to", one(delivery, "ShipToTradeParty"), "BG-13")
    values.add("invoice_number", text(head, "ID"), "BT-1")
    values.add("issue_date", date(text(head, "IssueDateTime/DateTimeString")), "BT-2")
    _references(values, agreement, settlement)
    _terms(values, settlement)
    _totals(values, settlement)
    guideline = first(
        root,
        "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
        "/GuidelineSpecifiedDocumentContextParameter/ID",
    )
    items = [_item(line) for line in every(trade, "IncludedSupplyChainTradeLineItem")]
    kind = "credit_note" if text(head, "TypeCode") in CREDIT_NOTES else "invoice"
    return [values.embedded("cii", profile_of(guideline), [i for i in items if i], kind)]


def _add(values: Values, role: str, party: Any, term: str) -> None:
    if party is not None:
        place = one(party, "PostalTradeAddress")
        more = (text(place, "LineTwo"), text(place, "LineThree"))
        values.party(role, _party(party, buyer=role == "buyer"), term, more)


def _party(party: Any, *, buyer: bool) -> dict[str, str]:
    place = one(party, "PostalTradeAddress")
    contact = one(party, "DefinedTradeContact")
    taxes = {"VA": "", "FC": ""}
    for number in every(party, "SpecifiedTaxRegistration/ID"):
        scheme = number.get("schemeID", "VA")
        if scheme in taxes and not taxes[scheme]:
            taxes[scheme] = text(number)
    mail = "EmailURIUniversalCommunication/URIID|CompleteNumber"
    values = {
        "name": text(party, "Name"),
        "trading_name": text(party, "SpecifiedLegalOrganization/TradingBusinessName"),
        "contact_name": first(contact, "PersonName"),
        "phone": text(contact, "TelephoneUniversalCommunication/CompleteNumber"),
        "email": text(contact, mail),
        "street": text(place, "LineOne"),
        "postal_code": text(place, "PostcodeCode"),
        "city": text(place, "CityName"),
        "region": text(place, "CountrySubDivisionName"),
        "country": text(place, "CountryID"),
        "vat_id": taxes["VA"],
        "tax_number": taxes["FC"],
        "registration_number": text(party, "SpecifiedLegalOrganization/ID"),
        "electronic_address": text(party, "URIUniversalCommunication/URIID"),
    }
    if buyer:
        values["customer_number"] = text(party, "ID")
    return values


def _references(values: Values, agreement: Any, settlement: Any) -> None:
    number = "IssuerAssignedID|ID"
    for name, part, place, term in (
        ("purchase_order", agreement, "BuyerOrderReferencedDocument", "BT-13"),
        ("order_number", agreement, "SellerOrderReferencedDocument", "BT-14"),
        ("contract_number", agreement, "ContractReferencedDocument", "BT-12"),
        ("preceding_invoice", settlement, "InvoiceReferencedDocument", "BT-25"),
    ):
        values.add(name, text(part, f"{place}/{number}"), term)


def _terms(values: Values, settlement: Any) -> None:
    values.add("currency", text(settlement, "InvoiceCurrencyCode"), "BT-5")
    for terms in every(settlement, "SpecifiedTradePaymentTerms"):
        if not values.get("due_date"):
            values.add("due_date", date(text(terms, "DueDateDateTime/DateTimeString")), "BT-9")
        values.add("payment_terms", text(terms, "Description"), "BT-20")
    period = one(settlement, "BillingSpecifiedPeriod")
    values.add("period_start", date(text(period, "StartDateTime/DateTimeString")), "BT-73")
    values.add("period_end", date(text(period, "EndDateTime/DateTimeString")), "BT-74")
    for means in every(settlement, _MEANS):
        account = one(means, "PayeePartyCreditorFinancialAccount")
        values.add("seller.iban", first(account, "IBANID", "ProprietaryID"), "BT-84")
        bank = "PayeeSpecifiedCreditorFinancialInstitution/BICID"
        values.add("seller.bic", text(means, bank), "BT-86")
        values.add("buyer.iban", text(means, "PayerPartyDebtorFinancialAccount/IBANID"), "BT-91")


def _totals(values: Values, settlement: Any) -> None:
    totals = one(settlement, _SUM)
    taxes = list(every(settlement, "ApplicableTradeTax"))
    values.add("net_total", amount(text(totals, "TaxBasisTotalAmount")), "BT-109")
    own = values.get("currency")
    given = [
        amount(text(total))
        for total in every(totals, "TaxTotalAmount")
        if total.get("currencyID", own) in (own, "")
    ]
    if given:
        values.add("tax_total", given[0], "BT-110")
    elif taxes:
        parts = [amount(text(tax, "CalculatedAmount")) for tax in taxes]
        if all(parts):
            values.add("tax_total", str(sum(map(Decimal, parts))), "BT-117")
    values.add("total", amount(text(totals, "GrandTotalAmount")), "BT-112")
    values.add("prepaid", amount(text(totals, "TotalPrepaidAmount")), "BT-113")
    values.add("amount_due", amount(text(totals, "DuePayableAmount")), "BT-115")
    for tax in taxes:
        rate = amount(first(tax, "RateApplicablePercent", "ApplicablePercent"))
        values.add("tax_rate", rate, "BT-119")


def _item(line: Any) -> LineItem | None:
    product = one(line, "SpecifiedTradeProduct")
    agreement = one(line, "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement")
    settlement = one(line, "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement")
    quantity = one(
        line,
        "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/BilledQuantity",
    )
    summation = (
        "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
    )
    item = LineItem(
        description=first(product, "Name", "Description"),
        quantity=amount(text(quantity)) if quantity is not None else "",
        unit=quantity.get("unitCode", "") if quantity is not None else "",
        unit_price=amount(text(agreement, "NetPriceProductTradePrice/ChargeAmount")),
        tax_rate=amount(
            first(
                settlement,
                "ApplicableTradeTax/RateApplicablePercent",
                "ApplicableTradeTax/ApplicablePercent",
            )
        ),
        net_amount=amount(text(settlement, f"{summation}/LineTotalAmount")),
    )
    return item if item.description or item.net_amount else None
