"""Fills an empty Tryton database; run by the Python of the Tryton environment, never imported.

Usage: tryton_data.py CONFIG DATABASE-URI. Prints JSON: the ids of what it made, by short name.
"""

import datetime as dt
import json
import os
import sys
from decimal import Decimal

from proteus import Model
from proteus import config as proteus_config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

PARTIES = [
    # short, name, VAT id, street, postcode, town, country, mechanisms
    ("acme", "Acme Industrie GmbH", "DE136695976", "Ringstraße 4", "53111", "Bonn", "DE",
     [("phone", "+49 228 5550 101"), ("email", "info@acme-industrie.example")]),
    ("twin", "ACME Industrie", None, "Ringstr. 4", "53111", "Bonn", "DE",
     [("email", "info@acme-industrie.example")]),
    ("lyon", "Boulangerie du Parc SARL", "FR44732829320", "12 rue du Parc", "69006", "Lyon", "FR",
     [("mobile", "+33 6 12 34 56 78")]),
    ("bare", "Harrow & Finch Limited", None, None, None, None, "GB", []),
]  # fmt: skip


def main(settings: str, uri: str) -> None:
    config = proteus_config.set_trytond(uri, config_file=settings)
    create_company()
    company = get_company()
    create_chart()
    today = dt.date.today()
    year = set_fiscalyear_invoice_sequences(
        create_fiscalyear(today=(dt.date(today.year, 1, 1), dt.date(today.year, 12, 31)))
    )
    year.click("create_period")
    accounts = get_accounts()
    Country = Model.get("country.country")
    countries = {}
    for code, name in (("DE", "Germany"), ("FR", "France"), ("GB", "United Kingdom")):
        countries[code] = Country(name=name, code=code)
        countries[code].save()
    made = {}
    Party = Model.get("party.party")
    parties = {}
    for short, name, vat, street, postcode, town, country, mechanisms in PARTIES:
        party = Party(name=name)
        if vat:
            identifier = party.identifiers.new()
            identifier.type, identifier.code = "eu_vat", vat
        address = party.addresses[0] if party.addresses else party.addresses.new()
        address.street_unstructured, address.postal_code, address.city = street, postcode, town
        address.country = countries[country]
        for kind, value in mechanisms:
            mechanism = party.contact_mechanisms.new()
            mechanism.type, mechanism.value = kind, value
        party.save()
        parties[short], made[short] = party, party.id
    Journal = Model.get("account.journal")
    Method = Model.get("account.invoice.payment.method")
    (cash,) = Journal.find([("type", "=", "cash")])
    method = Method(
        name="Cash", journal=cash, credit_account=accounts["cash"], debit_account=accounts["cash"]
    )
    method.save()
    made["invoices"] = {}
    for short, amount, paid in (("acme", 100, True), ("acme", 250, False), ("twin", 40, False)):
        number = invoice(parties[short], accounts, Decimal(amount), today, method if paid else None)
        made["invoices"][number] = short
    made["company"] = company.id
    print(json.dumps(made))
    del config


def invoice(party, accounts, amount, today, method):
    from proteus import Wizard

    made = Model.get("account.invoice")(type="out", party=party, invoice_date=today)
    line = made.lines.new()
    line.account, line.description = accounts["revenue"], "Consulting"
    line.quantity, line.unit_price = 1, amount
    made.click("post")
    if method is not None:
        pay = Wizard("account.invoice.pay", [made])
        pay.form.payment_method = method
        pay.form.date = today
        pay.execute("choice")
        made.reload()
    return made.number


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    main(*sys.argv[1:])
