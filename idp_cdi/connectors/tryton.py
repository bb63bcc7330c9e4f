"""Tryton, the ERP: parties, invoices, instalments, payments, ledger lines over its JSON-RPC.

Source: https://docs.tryton.org/. Read with the modules party, account and account_invoice of
Tryton 8; a stream whose module is not installed is left out.

    location: tryton://reader:${ERP_PASSWORD}@erp.example.com:8000/DATABASE
    options: {ours: "CDI-"}        # prefix of our customer ids among the identifiers

Parties come in when they or one of their addresses, identifiers or contacts changed; one that was
made inactive is gone. Our own company's party is left out. The mapping is built in.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import Chunk, Connection, State, Stream
from idp_cdi.connectors._files import option
from idp_cdi.connectors._table import Gather
from idp_cdi.connectors._tryton import Tryton, moment
from idp_cdi.connectors._values import text

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "tryton"
_PARTS = ("addresses", "identifiers", "contact_mechanisms")
PARTY_FIELDS = [
    "name", "code", "active", "write_date",
    *(f"{part}.{name}" for part in _PARTS for name in ("active", "write_date")),
    "addresses.street", "addresses.postal_code", "addresses.city", "addresses.country.code",
    "addresses.subdivision.name", "addresses.sequence",
    "identifiers.type", "identifiers.code",
    "contact_mechanisms.type", "contact_mechanisms.value",
]  # fmt: skip
_PARTY = (
    "id", "code", "name", "active", "role", "vat_id", "tax_ids", "street", "postal_code", "city",
    "region", "country", "other_addresses", "phone", "email", "website", "changed",
)  # fmt: skip
_INVOICE = (
    "id", "number", "type", "state", "party", "date", "currency", "net", "tax", "total", "due",
    "reference",
)  # fmt: skip
_PAYMENT = ("id", "invoice", "party", "type", "date", "amount", "currency")
_INSTALMENT = ("id", "invoice", "due", "amount", "currency")
_ENTRY = (
    "id", "move", "journal", "date", "account", "account_name", "class", "party", "side", "debit",
    "credit", "due", "invoice", "description",
)  # fmt: skip
_COLUMNS = {
    "parties": _PARTY, "invoices": _INVOICE, "instalments": _INSTALMENT, "payments": _PAYMENT,
    "entries": _ENTRY,
}  # fmt: skip
_MODELS = {
    "parties": "party.party",
    "invoices": "account.invoice",
    "instalments": "account.invoice",
    "payments": "account.invoice",
    "entries": "account.move.line",
}


def _sides(kind: str, column: str, out: str, into: str, **more: Any) -> list[dict[str, Any]]:
    """One rule for what we sell and one for what we buy: the party stands on the other side."""
    return [
        {"kind": kind, "where": {column: value}, "parties": {role: "party"}, **more}
        for value, role in ((out, "buyer"), (into, "seller"))
    ]


_DECIMAL = {"decimal": "."}


def _lines(column: str) -> dict[str, str]:
    """A cell with a value on each line."""
    return {"column": column, "split": "\n"}


_MAPPINGS: dict[str, dict[str, Any]] = {
    "parties": {
        "key": "id",
        "role": {"column": "role", "values": {"supplier": "supplier"}, "default": "customer"},
        "observed_at": "changed",
        "cursor": "changed",
        "deletes": {"column": "active", "values": {"false": "gone"}},
        "fields": {
            "name": "name", "customer_number": "code", "vat_id": "vat_id",
            "tax_number": _lines("tax_ids"), "street": "street", "postal_code": "postal_code",
            "city": "city", "region": "region", "country": "country",
            "other_address": _lines("other_addresses"), "phone": _lines("phone"),
            "email": _lines("email"), "website": _lines("website"),
        },
    },
    "invoices": {
        "facts": _sides(
            "invoice", "type", "out", "in", key="id",  # numbers begin anew every fiscal year
            fields={
                "invoice_number": "number", "issue_date": "date", "currency": "currency",
                "net_total": {"column": "net", **_DECIMAL},
                "tax_total": {"column": "tax", **_DECIMAL},
                "total": {"column": "total", **_DECIMAL},
                "amount_due": {"column": "due", **_DECIMAL},
                "status": "state", "reference": "reference",
            },
        )
    },
    "instalments": {
        "facts": [
            {
                "kind": "instalment", "key": "id",
                "fields": {
                    "invoice_key": "invoice", "due_date": "due", "currency": "currency",
                    "amount": {"column": "amount", **_DECIMAL},
                },
            }
        ]
    },
    "payments": {
        "facts": _sides(
            "payment", "type", "out", "in", key="id",
            fields={
                "payment_date": "date", "amount": {"column": "amount", **_DECIMAL},
                "currency": "currency", "invoice_key": "invoice",
            },
        )
    },
    "entries": {
        "facts": [
            {
                "kind": "gl_entry", "key": "id", "where": {"side": side},
                "parties": {role: "party"} if role else {},
                "fields": {
                    "batch": "move", "journal": "journal", "posting_date": "date",
                    "account": "account", "account_name": "account_name",
                    "account_type": "class", "invoice_key": "invoice", "due_date": "due",
                    "debit": {"column": "debit", **_DECIMAL},
                    "credit": {"column": "credit", **_DECIMAL}, "description": "description",
                },
            }
            for side, role in (("receivable", "buyer"), ("payable", "seller"), ("", ""))
        ]
    },
}  # fmt: skip


def score(location: str) -> float:
    """1 for ``tryton://`` and ``trytons://``."""
    return float(location.startswith(("tryton://", "trytons://")))


def mapping(stream: Stream) -> dict[str, Any]:
    """What the columns mean; known without looking."""
    return _MAPPINGS[stream.name]


def streams(connection: Connection) -> list[Stream]:
    """Parties first, so that invoices find theirs; streams of missing modules are left out."""
    with Tryton(connection) as erp:
        have = {model: erp.has(model) for model in set(_MODELS.values())}
    return [
        Stream(name, columns, ("id",), "changed" if name == "parties" else "write_date")
        for name, columns in _COLUMNS.items()
        if have[_MODELS[name]]
    ]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """What changed since ``state["cursor"]``, by id; ``state["id"]`` is where a run stopped."""
    since, newest = str(state.get("cursor", "")), str(state.get("newest", ""))
    after = int(state.get("id", 0))
    model, fields, domain = _asked(stream.name, since)
    gather, number = Gather(stream.columns), 0
    with Tryton(connection) as erp:
        context = _Context(erp, stream.name, option(connection, "ours"))
        for page in erp.rows(model, domain, fields, after=after):
            for record in page:
                newest = max([newest, *_times(record)])
                for row in context.rows(record):
                    number += 1
                    gather.add(number, row)
            yield gather.chunk({"cursor": since, "newest": newest, "id": page[-1]["id"]})
    yield gather.chunk({"cursor": max(newest, since)})


def _asked(name: str, since: str) -> tuple[str, list[str], list[Any]]:
    """Model, fields and domain of a stream."""
    changed: list[Any] = [["write_date", ">=", moment(since)]] if since else []
    if name == "parties":
        if since:
            at = moment(since)
            parts = [[[f"{part}.write_date", ">=", at]] for part in _PARTS]
            changed = ["OR", [["write_date", ">=", at]], *parts]
        return _MODELS[name], PARTY_FIELDS, changed
    if name == "entries":
        fields = [
            "move.number", "move.journal.name", "date", "account.code", "account.name",
            "account.type.receivable", "account.type.payable", "account.type.revenue", "party",
            "debit", "credit", "maturity_date", "move.origin", "description", "write_date",
        ]  # fmt: skip
        return _MODELS[name], fields, [changed, [["move.state", "=", "posted"]]]
    fields = [
        "number", "type", "state", "party", "invoice_date", "currency.code", "untaxed_amount",
        "tax_amount", "total_amount", "amount_to_pay", "reference", "write_date",
        *(
            f"{lines}.{name}"
            for lines in ("payment_lines", "lines_to_pay")
            for name in ("date", "maturity_date", "debit", "credit", "amount_second_currency")
        ),
    ]  # fmt: skip
    return _MODELS[name], fields, [changed, [["state", "in", ["posted", "paid"]]]]


def _times(record: dict[str, Any]) -> list[str]:
    """When the record and its parts were last written."""
    found = [record.get("write_date")]
    for part in _PARTS:
        found += [p.get("write_date") for p in record.get(f"{part}.") or ()]
    return [str(f) for f in found if f]


class _Context:
    """Makes rows of a stream's records."""

    def __init__(self, erp: Tryton, name: str, ours: str) -> None:
        self._name, self._ours = name, ours
        self._own: set[int] = set()
        self._suppliers: set[int] = set()
        if name == "parties":
            if erp.has("company.company"):
                for page in erp.rows("company.company", [], ["party"]):
                    self._own.update(r["party"] for r in page)
            if erp.has("account.invoice"):
                self._suppliers = _parties(erp, "in") - _parties(erp, "out")

    def rows(self, record: dict[str, Any]) -> list[list[str]]:
        if self._name == "parties":
            if record["id"] in self._own:
                return []
            role = "supplier" if record["id"] in self._suppliers else "customer"
            cells = party_cells(record, self._ours) | {"role": role}
            return [[cells[c] for c in _PARTY]]
        if self._name == "invoices":
            return [_invoice(record)]
        if self._name == "instalments":
            return _instalments(record)
        return _payments(record) if self._name == "payments" else [_entry(record)]


def _parties(erp: Tryton, kind: str) -> set[int]:
    domain = [["type", "=", kind]]
    return {r["party"] for page in erp.rows("account.invoice", domain, ["party"]) for r in page}


def party_cells(record: dict[str, Any], ours: str = "") -> dict[str, str]:
    """The cells of one party; the first active address in parts, the others a line each.

    Args:
        record: As read with `PARTY_FIELDS`.
        ours: Prefix of our customer ids, which are no tax ids.
    """
    addresses = _addresses(record)
    address = addresses[0] if addresses else {}
    kinds: dict[str, list[str]] = {}
    for mechanism in _active(record, "contact_mechanisms"):
        kind = {"mobile": "phone"}.get(mechanism["type"], mechanism["type"])
        kinds.setdefault(kind, []).append(text(mechanism["value"]))
    vat, other = "", []
    for identifier in _active(record, "identifiers"):
        if identifier["type"] == "eu_vat":
            vat = vat or text(identifier["code"])
        elif identifier["type"] and not (ours and text(identifier["code"]).startswith(ours)):
            other.append(text(identifier["code"]))
    return {
        "id": str(record["id"]),
        "code": text(record["code"]),
        "name": text(record["name"]),
        "active": "true" if record["active"] else "false",
        "vat_id": vat,
        "tax_ids": "\n".join(other),
        "street": text(address.get("street")),
        "postal_code": text(address.get("postal_code")),
        "city": text(address.get("city")),
        "region": text((address.get("subdivision.") or {}).get("name")),
        "country": text((address.get("country.") or {}).get("code")),
        "other_addresses": "\n".join(filter(None, map(_one_line, addresses[1:]))),
        **{kind: "\n".join(kinds.get(kind, ())) for kind in ("phone", "email", "website")},
        "changed": max(_times(record), default=""),
    }


def first_address(record: dict[str, Any]) -> dict[str, Any] | None:
    """The party's first active address, None where it has none."""
    return next(iter(_addresses(record)), None)


def _addresses(record: dict[str, Any]) -> list[dict[str, Any]]:
    found = _active(record, "addresses")
    return sorted(found, key=lambda a: (a.get("sequence") or 0, a["id"]))


def _one_line(address: dict[str, Any]) -> str:
    """An address on one line; "" for one of which only the country is said."""
    street = ", ".join(text(address.get("street")).splitlines())
    town = " ".join(filter(None, (text(address.get(p)) for p in ("postal_code", "city"))))
    region = text((address.get("subdivision.") or {}).get("name"))
    country = text((address.get("country.") or {}).get("code"))
    return ", ".join(filter(None, (street, town, region, country))) if street or town else ""


def _active(record: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [p for p in record.get(f"{part}.") or () if p.get("active", True)]


def _invoice(record: dict[str, Any]) -> list[str]:
    currency = (record.get("currency.") or {}).get("code")
    return [
        text(v)
        for v in (
            record["id"], record["number"], record["type"], record["state"], record["party"],
            record["invoice_date"], currency, record["untaxed_amount"], record["tax_amount"],
            record["total_amount"], record["amount_to_pay"], record["reference"],
        )
    ]  # fmt: skip


def _instalments(record: dict[str, Any]) -> list[list[str]]:
    currency = (record.get("currency.") or {}).get("code")
    return [
        [text(c) for c in (line["id"], record["id"], line["maturity_date"] or line["date"],
                           _money(line, credited=record["type"] == "in"), currency)]
        for line in record.get("lines_to_pay.") or ()
    ]  # fmt: skip


def _money(line: dict[str, Any], *, credited: bool) -> str:
    """What a ledger line is worth in the invoice's currency; positive on the side asked for."""
    debit, credit = (Decimal(line[side] or 0) for side in ("debit", "credit"))
    amount = debit - credit
    if line.get("amount_second_currency") is not None:
        amount = Decimal(line["amount_second_currency"])
    return str(-amount if credited else amount)


def _payments(record: dict[str, Any]) -> list[list[str]]:
    rows = []
    currency = (record.get("currency.") or {}).get("code")
    for line in record.get("payment_lines.") or ():
        paid = _money(line, credited=record["type"] == "out")
        cells = (
            line["id"], record["id"], record["party"], record["type"], line["date"], paid,
            currency,
        )  # fmt: skip
        rows.append([text(c) for c in cells])
    return rows


def _entry(record: dict[str, Any]) -> list[str]:
    move, account = record.get("move.") or {}, record.get("account.") or {}
    kind = account.get("type.") or {}
    party = text(record["party"])
    classes = [name for name in ("receivable", "payable", "revenue") if kind.get(name)]
    group = classes[0] if classes else ""
    side = group if group != "revenue" else ""
    batch = f"{text(move.get('number'))}#{move['id']}"  # numbers begin anew every year
    model, _, model_id = text(move.get("origin")).partition(",")
    return [
        text(v)
        for v in (
            record["id"], batch, (move.get("journal.") or {}).get("name"),
            record["date"], account.get("code"), account.get("name"), group, party,
            side if party else "", record["debit"], record["credit"], record["maturity_date"],
            model_id if model == "account.invoice" else "", record["description"],
        )
    ]  # fmt: skip
