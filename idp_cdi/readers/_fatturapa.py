"""FatturaPA / Fattura elettronica, Italy; a file may hold a lot of several invoices.

Source: https://www.fatturapa.gov.it/en/norme-e-regole/documentazione-fattura-elettronica/
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import LineItem
from idp_cdi.readers._invoice import Values, amount, date
from idp_cdi.readers._xml import every, first, local, one, text

if TYPE_CHECKING:
    from idp_cdi.documents import Embedded

CREDIT_NOTES = frozenset({"TD04", "TD08"})


def fits(root: Any) -> bool:
    """Is this the root of such an invoice?"""
    return local(root) in ("FatturaElettronica", "FatturaElettronicaSemplificata")


def read(root: Any) -> list[Embedded]:
    """Every invoice of the lot under `root`."""
    head = one(root, "FatturaElettronicaHeader")
    profile = root.get("versione", "").lower()
    return [_invoice(head, body, profile) for body in every(root, "FatturaElettronicaBody")] or [
        _parties(head).embedded("fatturapa", profile, [], "invoice")
    ]


def _parties(head: Any) -> Values:
    values = Values()
    values.party("buyer", _party(one(head, "CessionarioCommittente")), "BG-7")
    values.party("seller", _party(one(head, "CedentePrestatore")), "BG-4")
    return values


def _invoice(head: Any, body: Any, profile: str) -> Embedded:
    values = _parties(head)
    general = one(body, "DatiGenerali/DatiGeneraliDocumento")
    values.add("invoice_number", text(general, "Numero"), "BT-1")
    values.add("issue_date", date(text(general, "Data")), "BT-2")
    values.add("currency", text(general, "Divisa"), "BT-5")
    for name, place, term in (
        ("purchase_order", "DatiOrdineAcquisto", "BT-13"),
        ("contract_number", "DatiContratto", "BT-12"),
        ("preceding_invoice", "DatiFattureCollegate", "BT-25"),
    ):
        values.add(name, text(body, f"DatiGenerali/{place}/IdDocumento"), term)
    _totals(values, general, body)
    items = [_item(line) for line in every(body, "DatiBeniServizi/DettaglioLinee")]
    kind = "credit_note" if text(general, "TipoDocumento") in CREDIT_NOTES else "invoice"
    return values.embedded("fatturapa", profile, items, kind)


def _party(party: Any) -> dict[str, str]:
    if party is None:
        return {}
    data = one(party, "DatiAnagrafici")
    if data is None:  # the simplified form has everything one level higher
        data = one(party, "IdentificativiFiscali")
    names = one(data, "Anagrafica")
    person = " ".join(p for p in (text(names, "Nome"), text(names, "Cognome")) if p)
    place = one(party, "Sede")
    street = " ".join(p for p in (text(place, "Indirizzo"), text(place, "NumeroCivico")) if p)
    tax_id = one(data, "IdFiscaleIVA")
    office, number = text(party, "IscrizioneREA/Ufficio"), text(party, "IscrizioneREA/NumeroREA")
    return {
        "name": text(names, "Denominazione") or person or text(party, "Denominazione"),
        "phone": text(party, "Contatti/Telefono"),
        "email": text(party, "Contatti/Email"),
        "street": street,
        "postal_code": text(place, "CAP"),
        "city": text(place, "Comune"),
        "region": text(place, "Provincia"),
        "country": text(place, "Nazione"),
        "vat_id": text(tax_id, "IdPaese") + text(tax_id, "IdCodice"),
        "tax_number": text(data, "CodiceFiscale"),
        "registration_number": f"{office} {number}".strip() if number else "",
    }


def _totals(values: Values, general: Any, body: Any) -> None:
    parts = list(every(body, "DatiBeniServizi/DatiRiepilogo"))
    net = [amount(text(part, "ImponibileImporto")) for part in parts]
    tax = [amount(text(part, "Imposta")) for part in parts]
    if parts and all(net) and all(tax):
        net_sum, tax_sum = sum(map(Decimal, net)), sum(map(Decimal, tax))
        values.add("net_total", str(net_sum), "BT-109")
        values.add("tax_total", str(tax_sum), "BT-110")
        total = amount(text(general, "ImportoTotaleDocumento")) or str(net_sum + tax_sum)
    else:
        total = amount(text(general, "ImportoTotaleDocumento"))
    values.add("total", total, "BT-112")
    payments = list(every(body, "DatiPagamento/DettaglioPagamento"))
    paid = [amount(text(payment, "ImportoPagamento")) for payment in payments]
    if paid and all(paid):
        values.add("amount_due", str(sum(map(Decimal, paid))), "BT-115")
    else:
        values.add("amount_due", total, "BT-115")
    for payment in payments:
        if not values.get("due_date"):
            values.add("due_date", date(text(payment, "DataScadenzaPagamento")), "BT-9")
        values.add("seller.iban", text(payment, "IBAN"), "BT-84")
        values.add("seller.bic", text(payment, "BIC"), "BT-86")
    for part in parts:
        values.add("tax_rate", amount(text(part, "AliquotaIVA")), "BT-119")


def _item(line: Any) -> LineItem:
    return LineItem(
        description=text(line, "Descrizione"),
        quantity=amount(first(line, "Quantita")),
        unit=text(line, "UnitaMisura"),
        unit_price=amount(text(line, "PrezzoUnitario")),
        tax_rate=amount(text(line, "AliquotaIVA")),
        net_amount=amount(text(line, "PrezzoTotale")),
    )
