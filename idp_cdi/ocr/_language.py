"""Which language a text is in, by its commonest words; the six that are read and a few more.

Short function words carry running text; a handful of business words carry forms and invoices
that have hardly a sentence. Digits, names and amounts say nothing.

>>> detect("Facture numéro 12 du 3 mai, montant total à payer par virement")
'fr'
>>> detect("4711 ACME 12,50")
''
"""

from __future__ import annotations

import re
from functools import cache

_WORDS = {
    "en": """
        the of and to in for is on with by this that or be as at from are your you not
        invoice date number total amount due payment terms address phone tax qty description
        price thank shall order bill
    """,
    "de": """
        der die das und zu in den von mit für ist im auf nicht ein eine des dem wir sie ihr
        ihre rechnung datum nummer betrag gesamt mwst ust zahlung bezeichnung menge preis
        zzgl netto brutto bitte straße strasse lieferung kunden kundennummer rechnungsnummer
        rechnungsdatum steuernummer seite bei
    """,
    "fr": """
        le la les de des du et à un une en pour dans est sur au aux par que qui nous vous
        votre facture date numéro montant total tva ht ttc paiement désignation quantité
        prix échéance rue client adresse règlement siret téléphone merci avec ou
    """,
    "es": """
        el la los las de del y en que un una por con para es se al su sus nos factura fecha
        número importe total iva pago descripción cantidad precio vencimiento calle cliente
        dirección nif cif teléfono base
    """,
    "it": """
        il lo la i gli le di del della dei e in un una per con che è si al alla da fattura
        data numero importo totale iva pagamento descrizione quantità prezzo scadenza via
        cliente indirizzo partita imponibile
    """,
    "nl": """
        de het een en van in op te voor met is dat die niet aan bij door uw wij ons factuur
        datum nummer bedrag totaal btw betaling omschrijving aantal prijs vervaldatum klant
        adres straat kvk telefoon factuurnummer
    """,
    "pt": """
        o a os as de do da dos das e em um uma por com para que não ao fatura data número
        valor total pagamento descrição quantidade preço vencimento rua cliente endereço
        telefone
    """,
}
_TOKEN = re.compile(r"[^\W\d_]+")


@cache
def _index() -> dict[str, dict[str, float]]:
    """Word → language → weight; a word of several languages weighs less for each."""
    owners: dict[str, list[str]] = {}
    for code, words in _WORDS.items():
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(code)
    return {w: {c: 1.0 / len(codes) ** 1.5 for c in codes} for w, codes in owners.items()}


def scores(text: str) -> dict[str, float]:
    """How much speaks for each language; empty where nothing does."""
    index = _index()
    found: dict[str, float] = {}
    for weights in filter(None, map(index.get, _TOKEN.findall(text[:12_000].casefold()))):
        for code, weight in weights.items():
            found[code] = found.get(code, 0.0) + weight
    return found


def detect(text: str) -> str:
    """The language that clearly leads, or ""."""
    ranked = sorted(scores(text).items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] < 2.0:
        return ""
    if len(ranked) > 1 and ranked[0][1] < 1.15 * ranked[1][1]:
        return ""
    return ranked[0][0]
