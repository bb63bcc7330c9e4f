"""SAF-T audit files (OECD standard, in the Portuguese, Norwegian, Romanian and further forms).

Source: https://www.oecd.org/tax/forum-on-tax-administration/publications-and-products/45045602.pdf
Streams: customers and suppliers (parties), entries (ledger lines), invoices, payments. National
forms differ in where they put a value; all known places are looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, State, Stream
from idp_cdi.connectors._files import file_mark
from idp_cdi.connectors._table import Gather
from idp_cdi.connectors._text import head
from idp_cdi.connectors._xml import all_of, elements, first, name_of, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "saft"

_PARTY = {
    "id": ("CustomerID", "SupplierID"),
    "name": ("CompanyName", "Name", "CompanyStructure/Name"),
    "tax_id": (
        "CustomerTaxID", "SupplierTaxID", "TaxRegistration/TaxRegistrationNumber",
        "CompanyStructure/TaxRegistration/TaxRegistrationNumber",
    ),
    "registration": ("RegistrationNumber", "CompanyStructure/RegistrationNumber"),
    "street": (
        "BillingAddress/AddressDetail", "BillingAddress/StreetName", "Address/StreetName",
        "Address/AddressDetail", "CompanyStructure/Address/StreetName",
    ),
    "number": (
        "BillingAddress/BuildingNumber", "Address/Number", "CompanyStructure/Address/Number",
        "BillingAddress/Number",
    ),
    "city": ("BillingAddress/City", "Address/City", "CompanyStructure/Address/City"),
    "postal_code": (
        "BillingAddress/PostalCode", "Address/PostalCode", "CompanyStructure/Address/PostalCode",
    ),
    "region": ("BillingAddress/Region", "Address/Region", "CompanyStructure/Address/Region"),
    "country": ("BillingAddress/Country", "Address/Country", "CompanyStructure/Address/Country"),
    "phone": ("Telephone", "Contact/Telephone", "CompanyStructure/Contact/Telephone"),
    "email": ("Email", "Contact/Email", "CompanyStructure/Contact/Email"),
    "website": ("Website", "Contact/Website"),
    "contact": ("Contact/ContactPerson/LastName", "Contact"),
    "iban": ("BankAccount/IBANNumber", "CompanyStructure/BankAccount/IBANNumber"),
    "account": ("AccountID", "BalanceAccount/AccountID"),
}  # fmt: skip
_INVOICE = {
    "number": ("InvoiceNo", "InvoiceNumber"),
    "date": ("InvoiceDate",),
    "type": ("InvoiceType",),
    "status": ("DocumentStatus/InvoiceStatus",),
    "party": ("CustomerID", "CustomerInfo/CustomerID", "SupplierID", "SupplierInfo/SupplierID"),
    "net": ("DocumentTotals/NetTotal", "InvoiceDocumentTotals/NetTotal"),
    "tax": (
        "DocumentTotals/TaxPayable", "InvoiceDocumentTotals/TaxInformationTotals/TaxAmount/Amount",
    ),
    "gross": ("DocumentTotals/GrossTotal", "InvoiceDocumentTotals/GrossTotal"),
    "currency": ("DocumentTotals/Currency/CurrencyCode",),
}  # fmt: skip
_PAYMENT = {
    "number": ("PaymentRefNo",),
    "date": ("TransactionDate", "PaymentDate"),
    "method": ("PaymentMethod/PaymentMechanism", "PaymentMethod"),
    "party": ("CustomerID", "Line/CustomerID"),
    "amount": ("DocumentTotals/GrossTotal", "DocumentTotals/NetTotal"),
    "invoice": ("Line/SourceDocumentID/OriginatingON",),
}
_ENTRY = (
    "journal", "transaction", "line", "date", "account", "customer", "supplier", "description",
    "debit", "credit", "currency", "document",
)  # fmt: skip

_PARTY_FIELDS = {
    "name": "name", "tax_number": "tax_id", "registration_number": "registration",
    "street": {"columns": ["street", "number"]}, "city": "city", "postal_code": "postal_code",
    "region": "region", "country": "country", "phone": "phone", "email": "email",
    "website": "website", "iban": "iban",
}  # fmt: skip
_MAPPINGS: dict[str, dict[str, Any]] = {
    "customers": {"key": "id", "role": "customer", "prefix": "customers", "fields": _PARTY_FIELDS},
    "suppliers": {"key": "id", "role": "supplier", "prefix": "suppliers", "fields": _PARTY_FIELDS},
    "entries": {
        "facts": [
            {
                "kind": "gl_entry",
                "key": ["transaction", "line"],
                "where": {"has": who},
                "prefix": f"{who}s" if who else "",
                "parties": {role: who} if who else {},
                "fields": {
                    "journal": "journal", "batch": "transaction", "line_number": "line",
                    "posting_date": "date", "account": "account", "description": "description",
                    "debit": {"column": "debit", "decimal": "."},
                    "credit": {"column": "credit", "decimal": "."},
                    "currency": "currency", "reference": "document",
                },
            }
            for who, role in (("customer", "buyer"), ("supplier", "seller"), ("", ""))
        ]
    },
    "invoices": {
        "facts": [
            {
                "kind": "invoice", "key": "number", "prefix": "customers",
                "parties": {"buyer": "party"},
                "fields": {
                    "invoice_number": "number", "issue_date": "date", "type": "type",
                    "status": "status", "currency": "currency",
                    "net_total": {"column": "net", "decimal": "."},
                    "tax_total": {"column": "tax", "decimal": "."},
                    "total": {"column": "gross", "decimal": "."},
                },
            }
        ]
    },
    "payments": {
        "facts": [
            {
                "kind": "payment", "key": "number", "prefix": "customers",
                "parties": {"buyer": "party"},
                "fields": {
                    "payment_date": "date", "payment_method": "method", "invoice_key": "invoice",
                    "amount": {"column": "amount", "decimal": "."},
                },
            }
        ]
    },
}  # fmt: skip
_ELEMENTS = {
    "customers": ("Customer", _PARTY),
    "suppliers": ("Supplier", _PARTY),
    "invoices": ("Invoice", _INVOICE),
    "payments": ("Payment", _PAYMENT),
}
#: Elements that may be many; those that a stream does not read are let go at once.
_MANY = frozenset(
    {"Customer", "Supplier", "Account", "Product", "Transaction", "Invoice", "Payment",
     "StockMovement", "WorkDocument", "Owner", "PhysicalStockEntry", "AssetTransaction"}
)  # fmt: skip


def score(location: str) -> float:
    """1 for XML whose root is an audit file."""
    if "://" in location or Path(location).suffix.lower() != ".xml":
        return 0.0
    path = Path(location)
    return float(path.is_file() and b"AuditFile" in head(path, 4096))


def mapping(stream: Stream) -> dict[str, Any]:
    """What the columns mean; known without looking."""
    return _MAPPINGS[stream.name]


def streams(connection: Connection) -> list[Stream]:
    """Parties first, so that events find theirs."""
    parties = [Stream(n, tuple(_PARTY), ("id",)) for n in ("customers", "suppliers")]
    return [
        *parties,
        Stream("entries", (*_ENTRY, "has"), ("transaction", "line")),
        Stream("invoices", tuple(_INVOICE), ("number",)),
        Stream("payments", tuple(_PAYMENT), ("number",)),
    ]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows after ``state["row"]``, while the file is the one the state is about."""
    path = Path(connection.location)
    mark = file_mark(path)
    done = int(state.get("row", 0)) if state.get("file") == mark else 0
    gather, number = Gather(stream.columns), 0
    rows = _entries(path) if stream.name == "entries" else _simple(path, stream.name)
    for number, row in enumerate(rows, 1):
        if number > done:
            gather.add(number, row)
        if len(gather.cells) >= CHUNK_ROWS:
            yield gather.chunk({"file": mark, "row": number})
    if gather or number > done:
        yield gather.chunk({"file": mark, "row": number})


def _simple(path: Path, name: str) -> Iterator[list[str]]:
    tag, places = _ELEMENTS[name]
    for element in elements(path, frozenset({tag}), skip=_MANY - {tag}):
        found = texts(element)
        # A "Customer" also is a word inside other records; master records carry their id.
        if name in ("customers", "suppliers") and not first(found, *places["id"]):
            continue
        yield [first(found, *paths) for paths in places.values()]


def _entries(path: Path) -> Iterator[list[str]]:
    for transaction in elements(path, frozenset({"Transaction"}), skip=_MANY):
        parent = transaction.getparent()
        journal = text(parent, "JournalID") if parent is not None else ""
        number = text(transaction, "TransactionID")
        date = text(transaction, "TransactionDate", "GLPostingDate")
        lines = [
            line
            for place in ("Line", "Lines/Line", "Lines/DebitLine", "Lines/CreditLine")
            for line in all_of(transaction, place)
        ]
        for index, line in enumerate(lines, 1):
            yield _entry(transaction, line, journal, number, date, index)


def _entry(
    transaction: Any, line: Any, journal: str, number: str, date: str, index: int
) -> list[str]:
    told = texts(line)
    customer = first(told, "CustomerID") or text(transaction, "CustomerID")
    supplier = first(told, "SupplierID") or text(transaction, "SupplierID")
    debit = first(told, "DebitAmount/Amount", "DebitAmount")
    credit = first(told, "CreditAmount/Amount", "CreditAmount")
    signed = first(told, "Amount/Amount", "Amount")
    if signed and name_of(line) == "Line" and not debit and not credit:
        side = first(told, "DebitCreditIndicator")
        debit, credit = (signed, "") if side != "C" else ("", signed)
    return [
        journal, number, first(told, "RecordID") or str(index), date,
        first(told, "AccountID"), customer, supplier,
        first(told, "Description") or text(transaction, "Description"), debit, credit,
        first(told, "DebitAmount/CurrencyCode", "CreditAmount/CurrencyCode"),
        first(told, "SourceDocumentID"), "customer" if customer else "supplier" if supplier else "",
    ]  # fmt: skip
