"""OASIS UBL 2 invoices and credit notes: XRechnung (UBL), Peppol BIS Billing 3 and relatives.

Source: https://docs.peppol.eu/poacc/billing/3.0/syntax/ubl-invoice/tree/
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import LineItem
from idp_cdi.readers._cii import CREDIT_NOTES
from idp_cdi.readers._invoice import Values, amount, date, profile_of
from idp_cdi.readers._xml import every, first, local, namespace, one, text

if TYPE_CHECKING:
    from idp_cdi.documents import Embedded

_NO_ORDER = frozenset({"na", "n/a", "-"})  # Peppol asks for "NA" where there is no order


def fits(root: Any) -> bool:
    """Is this the root of such an invoice?"""
    return local(root) in ("Invoice", "CreditNote") and ":ubl:" in namespace(root)


def read(root: Any) -> list[Embedded]:
    """The one invoice or credit note under `root`."""
    values = Values()
    for role, path, term in (
        ("buyer", "AccountingCustomerParty/Party", "BG-7"),
        ("seller", "AccountingSupplierParty/Party", "BG-4"),
        ("payee", "PayeeParty", "BG-10"),
    ):
        party = one(root, path)
        place = one(party, "PostalAddress")
        street = _address(place)["street"]
        lines = (text(place, "AdditionalStreetName"), text(place, "AddressLine/Line"))
        more = tuple(line for line in lines if line != street)
        values.party(role, _party(party, buyer=role == "buyer"), term, more)
    values.party("ship_to", _ship_to(one(root, "Delivery")), "BG-13")
    values.add("invoice_number", text(root, "ID"), "BT-1")
    values.add("issue_date", date(text(root, "IssueDate")), "BT-2")
    due = first(root, "DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")
    values.add("due_date", date(due), "BT-9")
    values.add("currency", text(root, "DocumentCurrencyCode"), "BT-5")
    order = text(root, "OrderReference/ID")
    values.add("purchase_order", "" if order.lower() in _NO_ORDER else order, "BT-13")
    values.add("order_number", text(root, "OrderReference/SalesOrderID"), "BT-14")
    values.add("contract_number", text(root, "ContractDocumentReference/ID"), "BT-12")
    preceding = "BillingReference/InvoiceDocumentReference/ID"
    values.add("preceding_invoice", text(root, preceding), "BT-25")
    values.add("period_start", date(text(root, "InvoicePeriod/StartDate")), "BT-73")
    values.add("period_end", date(text(root, "InvoicePeriod/EndDate")), "BT-74")
    for note in every(root, "PaymentTerms/Note"):
        values.add("payment_terms", text(note), "BT-20")
    _accounts(values, root)
    _totals(values, root)
    items = [_item(line) for line in every(root, "InvoiceLine|CreditNoteLine")]
    code = first(root, "InvoiceTypeCode", "CreditNoteTypeCode")
    credit = local(root) == "CreditNote" or code in CREDIT_NOTES
    profile = profile_of(text(root, "CustomizationID"))
    kind = "credit_note" if credit else "invoice"
    return [values.embedded("ubl", profile, [i for i in items if i], kind)]


def _party(party: Any, *, buyer: bool) -> dict[str, str]:
    if party is None:
        return {}
    vat = tax = ""
    for scheme in every(party, "PartyTaxScheme"):
        if text(scheme, "TaxScheme/ID").upper() in ("VAT", "VA"):
            vat = vat or text(scheme, "CompanyID")
        else:
            tax = tax or text(scheme, "CompanyID")
    legal = text(party, "PartyLegalEntity/RegistrationName")
    trading = text(party, "PartyName/Name")
    person = one(party, "Person")
    name = " ".join(p for p in (text(person, "FirstName"), text(person, "FamilyName")) if p)
    values = {
        "name": legal or trading or name,
        "trading_name": trading if legal and trading != legal else "",
        "contact_name": text(party, "Contact/Name"),
        "phone": text(party, "Contact/Telephone"),
        "email": text(party, "Contact/ElectronicMail"),
        **_address(one(party, "PostalAddress")),
        "vat_id": vat,
        "tax_number": tax,
        "registration_number": text(party, "PartyLegalEntity/CompanyID"),
        "electronic_address": text(party, "EndpointID"),
    }
    if buyer:
        own = [p for p in every(party, "PartyIdentification/ID") if not p.get("schemeID")]
        values["customer_number"] = text(own[0]) if own else ""
    return values


def _address(place: Any) -> dict[str, str]:
    street = text(place, "StreetName")
    number = text(place, "BuildingNumber")
    return {
        "street": f"{street} {number}".strip() or text(place, "AddressLine/Line"),
        "postal_code": text(place, "PostalZone"),
        "city": text(place, "CityName"),
        "region": text(place, "CountrySubentity"),
        "country": text(place, "Country/IdentificationCode"),
    }


def _ship_to(delivery: Any) -> dict[str, str]:
    if delivery is None:
        return {}
    name = text(delivery, "DeliveryParty/PartyName/Name")
    return {"name": name, **_address(one(delivery, "DeliveryLocation/Address"))}


def _accounts(values: Values, root: Any) -> None:
    for means in every(root, "PaymentMeans"):
        account = one(means, "PayeeFinancialAccount")
        values.add("seller.iban", text(account, "ID"), "BT-84")
        branch = one(account, "FinancialInstitutionBranch")
        bank = first(branch, "ID", "FinancialInstitution/ID")
        values.add("seller.bic", bank, "BT-86")
        values.add("buyer.iban", text(means, "PaymentMandate/PayerFinancialAccount/ID"), "BT-91")


def _totals(values: Values, root: Any) -> None:
    totals = one(root, "LegalMonetaryTotal")
    values.add("net_total", amount(text(totals, "TaxExclusiveAmount")), "BT-109")
    own = values.get("currency")
    given = [
        amount(text(part))
        for part in every(root, "TaxTotal/TaxAmount")
        if part.get("currencyID", own) == own
    ]
    if given and all(given):
        values.add(
            "tax_total", str(sum(map(Decimal, given))) if len(given) > 1 else given[0], "BT-110"
        )
    values.add("total", amount(text(totals, "TaxInclusiveAmount")), "BT-112")
    values.add("prepaid", amount(text(totals, "PrepaidAmount")), "BT-113")
    values.add("amount_due", amount(text(totals, "PayableAmount")), "BT-115")
    for rate in every(root, "TaxTotal/TaxSubtotal/TaxCategory/Percent"):
        values.add("tax_rate", amount(text(rate)), "BT-119")


def _item(line: Any) -> LineItem | None:
    quantity = one(line, "InvoicedQuantity|CreditedQuantity")
    item = LineItem(
        description=first(line, "Item/Name", "Item/Description"),
        quantity=amount(text(quantity)) if quantity is not None else "",
        unit=quantity.get("unitCode", "") if quantity is not None else "",
        unit_price=amount(text(line, "Price/PriceAmount")),
        tax_rate=amount(text(line, "Item/ClassifiedTaxCategory/Percent")),
        net_amount=amount(text(line, "LineExtensionAmount")),
    )
    return item if item.description or item.net_amount else None
