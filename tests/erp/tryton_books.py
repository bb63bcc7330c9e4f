"""A year of receivables in a Tryton database; run by the Python of the Tryton environment.

Usage: tryton_books.py CONFIG DATABASE-URI. Prints JSON: the days on which to look, and the parties
that paid in part (Tryton ages such a payment by its own date).
"""

import datetime as dt
import json
import os
import sys
from decimal import Decimal

from proteus import Model, Wizard
from proteus import config as proteus_config
from trytond.modules.account.tests.tools import create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences

# party, amount, term, days until paid (None: open), share paid
PLAN = [
    ("acme", "1200.00", "halves", 12, 1), ("bare", "933.33", "thirds", 70, 1),
    ("acme", "-150.00", "month", None, 1), ("lyon", "410.00", "thirds", None, 1),
    ("twin", "77.77", "month", 40, "0.5"), ("acme", "640.10", "thirds", None, 1),
    ("bare", "2000.00", "halves", 100, 1), ("lyon", "345.67", "halves", None, 1),
]  # fmt: skip


def main(settings, uri):
    config = proteus_config.set_trytond(uri, config_file=settings)
    config.skip_warning = True  # that payments fall due in the past
    accounts = get_accounts()
    Party, Invoice = Model.get("party.party"), Model.get("account.invoice")
    names = {"acme": "Acme Industrie GmbH", "twin": "ACME Industrie",
             "lyon": "Boulangerie du Parc SARL", "bare": "Harrow & Finch Limited"}  # fmt: skip
    parties = {short: Party.find([("name", "=", name)])[0] for short, name in names.items()}
    (method,) = Model.get("account.invoice.payment.method").find([])
    terms = {"month": term("30 days", [30]), "halves": term("Halves", [20, 50]),
             "thirds": term("Thirds", [10, 40, 95])}  # fmt: skip
    # Numbers follow dates within a year, and this year's are used already: these are last year's.
    first, today = (dt.date(dt.date.today().year - 1, *day) for day in ((1, 1), (12, 31)))
    year = set_fiscalyear_invoice_sequences(create_fiscalyear(today=(first, today)))
    year.click("create_period")
    step = (today - first).days // len(PLAN)
    for place, (who, amount, name, after, share) in enumerate(PLAN):
        day = first + dt.timedelta(days=place * step)
        made = Invoice(type="out", party=parties[who], invoice_date=day, payment_term=terms[name])
        line = made.lines.new()
        line.account, line.description = accounts["revenue"], "Consulting"
        line.quantity = 1 if not amount.startswith("-") else -1
        line.unit_price = abs(Decimal(amount))
        made.click("post")
        paid_on = None if after is None else day + dt.timedelta(days=after)
        if paid_on is not None and paid_on <= today:
            pay = Wizard("account.invoice.pay", [made])
            pay.form.payment_method, pay.form.date = method, paid_on
            if share != 1:
                pay.form.amount = (Decimal(amount) * Decimal(share)).quantize(Decimal("0.01"))
            pay.execute("choice")
            if share != 1:
                pay.form.type = "partial"
                pay.execute("pay")
    days = [first + dt.timedelta(days=n * step + 5) for n in (1, 3, 5, 7)] + [today]
    print(json.dumps({"days": [str(d) for d in days], "in_part": [parties["twin"].id]}))


def term(name, days):
    made = Model.get("account.invoice.payment_term")(name=name)
    for n, count in enumerate(days):
        line = made.lines.new() if n or not made.lines else made.lines[0]
        if n + 1 < len(days):
            line.type, line.ratio = "percent_on_total", Decimal(1) / Decimal(len(days))
            line.ratio = line.ratio.quantize(Decimal("0.0001"))
        else:
            line.type = "remainder"
        delta = line.relativedeltas[0] if line.relativedeltas else line.relativedeltas.new()
        delta.days = count
    made.save()
    return made


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    main(*sys.argv[1:])
