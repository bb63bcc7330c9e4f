#!/usr/bin/env python3
"""A made-up company with its books: three systems, a bank, documents, and faults that are known.

`make` writes the feeds of a CRM, a billing system, a ledger and a bank with their mappings, and
some invoices as XML and PDF. It returns the truth: what is open on any day, which faults are in.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from generator.chance import Chance
from generator.customers import known, seen
from generator.numbers import vat_id
from generator.parties import party

CENT = Decimal("0.01")
OUR_NAME, OUR_VAT = "Nordwind Werkzeuge GmbH", "DE136695976"
#: How customers pay: share of them, mean and spread of days beyond terms, how regular they are.
WAYS = ((0.35, 0, 3), (0.3, 6, 5), (0.2, 18, 9), (0.1, 35, 15), (0.05, -4, 4))
FAULTS = (
    "not posted", "posted twice", "wrong amount", "wrong customer", "wrong period", "wrong tax",
    "billed twice", "document gross", "document customer", "document date", "payment not posted",
    "payment posted twice", "manual journal",
)  # fmt: skip


@dataclass(slots=True)
class Customer:
    """A customer: its keys in the systems, how it buys and pays."""

    number: int
    home: dict[str, str]
    crm: list[str]
    billing: str
    ledger: str
    terms: int
    currency: str
    mean: float
    spread: float
    size: float
    rate: float


@dataclass(slots=True)
class Invoice:
    """An invoice as billing has it, and what happened with it."""

    number: str
    customer: Customer
    issued: date
    due: date
    net: Decimal
    tax: Decimal
    kind: str = "invoice"
    about: str = ""
    lines: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(slots=True)
class Money:
    """A transfer: what it says and what it is for. `told` by the bank, by billing, or by both."""

    reference: str
    customer: Customer
    on: date
    amount: Decimal
    text: str
    settles: list[tuple[Invoice, Decimal]]
    told: str = "bank"
    kind: str = "payment"


@dataclass(slots=True)
class Company:
    """The truth about what was written."""

    customers: list[Customer]
    invoices: list[Invoice]
    money: list[Money]
    faults: dict[str, str]
    documents: int
    end: date

    def ageing(self, day: date, currency: str) -> dict[str, Decimal]:
        """What is open on a day, by bucket; worked out item by item, without any SQL."""
        found = dict.fromkeys(("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91_120",
                               "over_120", "unapplied"), Decimal(0))  # fmt: skip
        settled: dict[str, Decimal] = {}
        for paid in self.money:
            if paid.on > day or paid.customer.currency != currency:
                continue
            rest = paid.amount
            for invoice, amount in paid.settles:
                settled[invoice.number] = settled.get(invoice.number, Decimal(0)) + amount
                rest -= amount
            found["unapplied"] -= rest
        for note in self.invoices:
            if note.kind == "credit_note" and note.issued <= day:
                settled[note.about] = settled.get(note.about, Decimal(0)) - note.gross
        for invoice in self.invoices:
            if (
                invoice.kind != "invoice"
                or invoice.issued > day
                or invoice.customer.currency != currency
            ):
                continue
            open_now = invoice.gross - settled.get(invoice.number, Decimal(0))
            found[bucket((day - invoice.due).days)] += open_now
            if self.faults.get(invoice.number) == "billed twice":
                found[bucket((day - invoice.due).days)] += invoice.gross
        return found


def bucket(late: int) -> str:
    """The name of the column for so many days past due."""
    if late <= 0:
        return "not_due"
    for most, name in (
        (30, "days_1_30"),
        (60, "days_31_60"),
        (90, "days_61_90"),
        (120, "days_91_120"),
    ):
        if late <= most:
            return name
    return "over_120"


def make(
    folder: Path,
    customers: int,
    months: int,
    *,
    seed: int = 1,
    faults: int = 8,
    documents: int = 20,
) -> Company:
    """Write the feeds of a company into `folder`.

    Args:
        folder: Made if it is not there.
        customers: How many there really are.
        months: How long the books go back from the end of 2025.
        seed: Equal seeds, equal companies.
        faults: How many of each kind.
        documents: How many invoices are also files, half of them PDF.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = Chance(f"company {seed}")
    end = date(2025, 12, 31)
    start = date(end.year - (months - 1) // 12, 12 - (months - 1) % 12, 1)
    who = [_customer(chance, n) for n in range(customers)]
    invoices = _bill(chance, who, start, end)
    money = _pay(chance, invoices, end)
    company = Company(who, invoices, money, {}, 0, end)
    shown = _pick(chance, [i for i in invoices if i.kind == "invoice"], documents)
    _choose_faults(chance, company, shown, faults)
    _write(folder, chance, company)
    company.documents = _write_documents(folder / "documents", chance, company, shown)
    return company


def _pick(chance: Chance, many: list, count: int) -> list:
    return chance.sample(many, min(count, len(many)))


def _customer(chance: Chance, number: int) -> Customer:
    country = chance.weighted({"DE": 6, "AT": 1, "FR": 2, "NL": 1, "IT": 1, "GB": 1, "ES": 1})
    one = party(chance, country, "en", person=0.0, public=0.0)
    home = known(chance, one)
    home["vat_id"] = home["vat_id"] or vat_id(chance, country)
    home["iban"] = one.iban
    crm = [f"A-{number:05d}"]
    if chance.maybe(0.05):
        crm.append(f"A-{number:05d}-2")
    way = chance.weighted({n: share for n, (share, _, _) in enumerate(WAYS)})
    _, mean, spread = WAYS[way]
    return Customer(
        number, home, crm, f"K{number:05d}", f"{10000 + number}",
        chance.pick([14, 30, 30, 30, 45, 60]), chance.weighted({"EUR": 9, "USD": 1}),
        mean + chance.gauss(0, 3), max(1.0, spread * (0.6 + chance.random())),
        300 * 2.718 ** chance.gauss(0, 1.1), 0.3 + 1.8 * chance.random(),
    )  # fmt: skip


def _bill(chance: Chance, who: list[Customer], start: date, end: date) -> list[Invoice]:
    made: list[Invoice] = []
    for customer in who:
        day = start + timedelta(days=int(chance.random() * 45))
        while day <= end:
            made.append(_invoice(chance, customer, day))
            day += timedelta(days=max(3, int(chance.expovariate(customer.rate / 30.4))))
    made.sort(key=lambda i: (i.issued, i.customer.number))
    for number, invoice in enumerate(made):
        invoice.number = f"RE-{invoice.issued.year}-{number:06d}"
    notes = []
    for invoice in made:
        if chance.maybe(0.01) and invoice.issued + timedelta(days=20) <= end:
            share = chance.pick([Decimal("0.1"), Decimal("0.25")])
            net, tax = (
                -(x * share).quantize(CENT, ROUND_HALF_UP) for x in (invoice.net, invoice.tax)
            )
            day = invoice.issued + timedelta(days=5)
            number = invoice.number.replace("RE", "GS")
            notes.append(
                Invoice(number, invoice.customer, day, day, net, tax, "credit_note", invoice.number)
            )
    return made + notes


def _invoice(chance: Chance, customer: Customer, day: date) -> Invoice:
    lines = []
    for _ in range(1 + int(chance.random() * 4)):
        quantity = Decimal(1 + int(chance.random() * 9))
        price = Decimal(str(round(customer.size * (0.3 + chance.random()) / 3, 2))) + CENT
        lines.append((chance.pick(["Drill", "Saw", "Service hour", "Pump", "Valve", "Cable"]),
                      quantity, price))  # fmt: skip
    net = sum((q * p for _, q, p in lines), Decimal(0))
    rate = Decimal("0.19") if customer.home["country"] == "DE" else Decimal(0)
    tax = (net * rate).quantize(CENT, ROUND_HALF_UP)
    return Invoice("", customer, day, day + timedelta(days=customer.terms), net, tax, lines=lines)


def _pay(chance: Chance, invoices: list[Invoice], end: date) -> list[Money]:
    """Transfers in the manner of each customer; some partial, double, unnamed, or for several."""
    credited = {n.about: -n.gross for n in invoices if n.kind == "credit_note"}
    made: list[Money] = []
    waiting: dict[int, tuple[date, Invoice, Decimal]] = {}
    for invoice in invoices:
        customer = invoice.customer
        if invoice.kind != "invoice" or chance.maybe(0.01):
            continue  # never paid
        late = customer.mean + chance.gauss(0, customer.spread)
        if chance.maybe(0.03):
            late += 25 + chance.expovariate(1 / 30)
        day = max(invoice.issued + timedelta(days=6), invoice.due + timedelta(days=round(late)))
        amount = invoice.gross - credited.get(invoice.number, Decimal(0))
        if chance.maybe(0.08) and customer.number not in waiting:
            waiting[customer.number] = (day, invoice, amount)
            continue
        parts = [(invoice, amount)]
        if customer.number in waiting:
            before, other, sum_ = waiting.pop(customer.number)
            day = max(day, before)
            parts = [(other, sum_), *parts]
        made += _transfers(chance, customer, parts, day)
    for customer, (day, invoice, amount) in sorted(waiting.items()):
        made += _transfers(chance, invoice.customer, [(invoice, amount)], day)
        del customer
    made = [m for m in made if m.on <= end]
    made.sort(key=lambda m: (m.on, m.customer.number, m.text))
    for number, one in enumerate(made):
        one.reference = f"B{number:07d}"
    return made


def _transfers(
    chance: Chance, customer: Customer, parts: list[tuple[Invoice, Decimal]], day: date
) -> list[Money]:
    text = " ".join(_written(chance, i.number) for i, _ in parts)
    whole = sum((a for _, a in parts), Decimal(0))
    told = chance.weighted({"bank": 0.7, "both": 0.25, "billing": 0.05})
    one = Money(
        "", customer, day, whole, f"{chance.pick(['', 'Rechnung ', 'Invoice '])}{text}", parts, told
    )
    if len(parts) > 1:
        one.told = "bank"
        return [one]
    invoice, amount = parts[0]
    roll = chance.random()
    if roll < 0.02:  # without any word about what it is for
        return [Money("", customer, day, whole, "Vielen Dank", [], "bank")]
    if roll < 0.05 and amount > 10:
        half = (amount / 3).quantize(CENT, ROUND_HALF_UP)
        later = day + timedelta(days=20)
        return [
            Money("", customer, day, half, text, [(invoice, half)], "bank"),
            Money("", customer, later, amount - half, text, [(invoice, amount - half)], "bank"),
        ]
    if roll < 0.053:  # paid twice: the second one is left over
        again = Money("", customer, day + timedelta(days=12), whole, text, [], "bank")
        one.told = "bank"
        return [one, again]
    if roll < 0.1 and amount > 10:
        cut = (amount * Decimal("0.02")).quantize(CENT, ROUND_HALF_UP)
        early = invoice.issued + timedelta(days=7)
        return [
            Money("", customer, early, amount - cut, text, [(invoice, amount - cut)], "bank"),
            Money("", customer, early, cut, text, [(invoice, cut)], "billing", "discount"),
        ]
    return [one]


def _written(chance: Chance, number: str) -> str:
    """The number as payers write it."""
    _, year, digits = number.split("-")
    return chance.weighted({
        number: 10, f"RE {year} {digits}": 2, f"re{year}{digits}": 1, f"RE{year}/{digits}": 1,
    })  # fmt: skip


def _choose_faults(chance: Chance, company: Company, shown: list[Invoice], each: int) -> None:
    paid = {i.number for m in company.money for i, _ in m.settles}
    on_paper = {i.number for i in shown}
    credited = {n.about for n in company.invoices if n.kind == "credit_note"}
    plain = [
        i.number for i in company.invoices
        if i.kind == "invoice" and i.number not in on_paper | credited and i.issued.day < 25
    ]  # fmt: skip
    unpaid = [n for n in plain if n not in paid]
    single = [
        m.reference for m in company.money
        if len(m.settles) == 1 and m.told == "bank" and m.kind == "payment"
        and m.amount == m.settles[0][0].gross
    ]  # fmt: skip
    chance.shuffle(plain)
    chance.shuffle(unpaid)
    chance.shuffle(single)
    papers = [i.number for i in shown if i.number not in credited]
    pools = {
        "billed twice": unpaid, "payment not posted": single, "payment posted twice": single,
        "document gross": papers, "document customer": papers, "document date": papers,
    }  # fmt: skip
    for name in FAULTS:
        if name == "manual journal":
            company.faults |= {f"Manual correction {n}": name for n in range(each)}
            continue
        pool, share = pools.get(name, plain), each
        if pool is papers:
            share = min(each, len(papers) // 6 + 1)
        for _ in range(share):
            while pool and pool[-1] in company.faults:
                pool.pop()
            if pool:
                company.faults[pool.pop()] = name


# ---------------------------------------------------------------- feeds


def _write(folder: Path, chance: Chance, company: Company) -> None:
    crm, billing, ledger, bank = [], [], [], []
    columns = ("name", "vat_id", "street", "postal_code", "city", "country", "phone", "email")
    for c in company.customers:
        for key in c.crm:
            crm.append([key, *(seen_with(chance, c, key != c.crm[0]).get(n, "") for n in columns)])
        told = seen_with(chance, c)
        billing.append([c.billing, *(told.get(n, "") for n in columns), c.home["iban"]])
        told = seen_with(chance, c)
        ledger.append([c.ledger, *(told.get(n, "") for n in columns[:6])])
    for c in company.customers:
        bank.append([c.home["iban"], c.home["name"].upper()])
    _table(folder, "crm", ["id", *columns], crm)
    _table(folder, "billing_customers", ["code", *columns, "iban"], billing)
    _table(folder, "ledger_debtors", ["code", *columns[:6]], ledger)
    _write_billing(folder, company)
    _write_bank(folder, company)
    _write_ledger(folder, chance, company)
    (folder / "sources").mkdir(exist_ok=True)
    for name, text in MAPPINGS.items():
        (folder / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")


def seen_with(chance: Chance, customer: Customer, spoilt: bool = False) -> dict[str, str]:
    """A customer as a system knows it: spelt its own way, always with its tax id."""
    values = seen(chance, customer.home, spoil=0.25 if spoilt else 0.05)
    values["vat_id"] = customer.home["vat_id"]
    return values


def _write_billing(folder: Path, company: Company) -> None:
    rows, lines, paid = [], [], []
    for i in company.invoices:
        row = [i.number, i.number, i.customer.billing, i.issued, i.due, i.customer.currency, i.net,
               i.tax, i.gross, i.kind, i.about]  # fmt: skip
        rows.append(row)
        if company.faults.get(i.number) == "billed twice":
            rows.append([f"{i.number}/2", *row[1:]])
        lines += [
            [i.number, n, text, quantity, price, quantity * price]
            for n, (text, quantity, price) in enumerate(i.lines, 1)
        ]
    for m in company.money:
        if m.told in ("billing", "both"):
            for invoice, amount in m.settles:
                paid.append([f"Z-{m.reference}", m.customer.billing, invoice.number, m.on, amount,
                             m.customer.currency, m.kind, m.reference])  # fmt: skip
    head = ["key", "number", "customer", "date", "due", "currency", "net", "tax", "gross", "type",
            "about"]  # fmt: skip
    _table(folder, "billing_invoices", head, rows)
    _table(folder, "billing_lines", ["invoice", "line", "text", "quantity", "price", "net"], lines)
    head = ["key", "customer", "invoice", "date", "amount", "currency", "type", "reference"]
    _table(folder, "billing_payments", head, paid)


def _write_bank(folder: Path, company: Company) -> None:
    rows = [
        [m.reference, m.on, m.amount, m.customer.currency, m.customer.home["iban"],
         m.customer.home["name"].upper(), m.text]
        for m in company.money if m.told in ("bank", "both")
    ]  # fmt: skip
    head = ["reference", "date", "amount", "currency", "iban", "name", "text"]
    _table(folder, "bank", head, rows)


def _write_ledger(folder: Path, chance: Chance, company: Company) -> None:
    rows: list[list[object]] = []

    def post(batch: str, day: date, currency: str, text: str, lines: list[tuple]) -> None:
        for account, name, who, amount in lines:
            rate = Decimal(1) if currency == "EUR" else Decimal("0.92")
            euro = (amount * rate).quantize(CENT, ROUND_HALF_UP)
            rows.append([
                f"{batch}.{len(rows)}", batch, day, account, name, who, max(euro, Decimal(0)),
                max(-euro, Decimal(0)), abs(amount), currency, text,
            ])  # fmt: skip

    others = company.customers
    for i in company.invoices:
        fault, who = company.faults.get(i.number, ""), i.customer
        debtor, day, net, tax = who.ledger, i.issued, i.net, i.tax
        if fault == "not posted":
            continue
        if fault == "wrong customer":
            debtor = others[(who.number + 7) % len(others)].ledger
        elif fault == "wrong period":
            day = (day.replace(day=28) + timedelta(days=8)).replace(day=3)
        elif fault == "wrong amount":
            net += Decimal("90.00") if chance.maybe(0.7) else Decimal("0.01")
        elif fault == "wrong tax":
            net, tax = net - Decimal("5.00"), tax + Decimal("5.00")
        lines = [("1400", "Trade receivables", debtor, net + tax), ("8400", "Revenue", "", -net)]
        if tax:
            lines.append(("1776", "VAT payable", "", -tax))
        for copy in range(2 if fault in ("posted twice", "billed twice") else 1):
            post(f"AR-{i.number}-{copy}", day, who.currency, i.number, lines)
    for m in company.money:
        fault = company.faults.get(m.reference, "")
        if fault == "payment not posted":
            continue
        other = ("4730", "Discounts granted") if m.kind == "discount" else ("1200", "Bank")
        text = ", ".join(i.number for i, _ in m.settles) or m.reference
        lines = [
            (*other, "", m.amount),
            ("1400", "Trade receivables", m.customer.ledger, -m.amount),
        ]
        for copy in range(2 if fault == "payment posted twice" else 1):
            post(f"CR-{m.reference}-{copy}", m.on, m.customer.currency, text, lines)
    for text, fault in company.faults.items():
        if fault == "manual journal":
            who = chance.pick(others)
            day = company.end - timedelta(days=int(chance.random() * 300))
            lines = [("1400", "Trade receivables", who.ledger, Decimal("77.10")),
                     ("2400", "Clearing", "", Decimal("-77.10"))]  # fmt: skip
            post(f"MJ-{text}", day, "EUR", text, lines)
    head = ["id", "batch", "date", "account", "account_name", "debtor", "debit", "credit", "amount",
            "currency", "text"]  # fmt: skip
    _table(folder, "ledger_entries", head, rows)


def _table(folder: Path, name: str, head: list[str], rows: list) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])


_PARTY = """
      name: name
      vat_id: vat_id
      street: street
      postal_code: postal_code
      city: city
      country: country
"""
_NUMBERS = "{{column: {0}, decimal: '.'}}"
MAPPINGS = {
    "1_crm": f"""source: crm
location: ../crm.csv
streams:
  "*":
    key: id
    kind: organisation
    fields:{_PARTY}      phone: phone
      email: email
""",
    "2_billing": f"""source: billing
location: ../billing_customers.csv
streams:
  "*":
    key: code
    kind: organisation
    fields:{_PARTY}      phone: phone
      email: email
      iban: iban
""",
    "3_ledger": f"""source: ledger
location: ../ledger_debtors.csv
streams:
  "*":
    key: code
    kind: organisation
    fields:{_PARTY}""",
    "4_invoices": f"""source: billing
location: ../billing_invoices.csv
streams:
  "*":
    facts:
      - kind: invoice
        key: key
        parties: {{buyer: customer}}
        fields: {{invoice_number: number, issue_date: date, due_date: due, currency: currency,
                 type: type, preceding_invoice: about, net_total: {_NUMBERS.format("net")},
                 tax_total: {_NUMBERS.format("tax")}, total: {_NUMBERS.format("gross")}}}
""",
    "5_lines": f"""source: billing
location: ../billing_lines.csv
streams:
  "*":
    facts:
      - kind: invoice_line
        key: [invoice, line]
        fields: {{invoice_key: invoice, line_number: line, description: text, quantity: quantity,
                 unit_price: {_NUMBERS.format("price")}, net_amount: {_NUMBERS.format("net")}}}
""",
    "6_payments": f"""source: billing
location: ../billing_payments.csv
streams:
  "*":
    facts:
      - kind: payment
        key: key
        parties: {{buyer: customer}}
        fields: {{payment_date: date, amount: {_NUMBERS.format("amount")}, currency: currency,
                 invoice_key: invoice, type: type, reference: reference}}
""",
    "7_bank": f"""source: bank
location: ../bank.csv
streams:
  "*":
    key: iban
    kind: organisation
    fields: {{name: name, iban: iban}}
    facts:
      - kind: payment
        key: reference
        parties: {{buyer: iban}}
        fields: {{payment_date: date, amount: {_NUMBERS.format("amount")}, currency: currency,
                 remittance: text, reference: reference}}
""",
    "8_entries": "\n".join(
        [
            "source: ledger",
            "location: ../ledger_entries.csv",
            "streams:",
            '  "*":',
            "    facts:",
            "      - kind: gl_entry",
            "        key: id",
            "        parties: {buyer: debtor}",
            "        fields: {batch: batch, posting_date: date, account: account,",
            "                 account_name: account_name, currency: currency, description: text,",
            f"                 debit: {_NUMBERS.format('debit')},",
            f"                 credit: {_NUMBERS.format('credit')},",
            f"                 amount: {_NUMBERS.format('amount')}}}",
            "",
        ]
    ),
}


# ---------------------------------------------------------------- documents


def _write_documents(folder: Path, chance: Chance, company: Company, shown: list[Invoice]) -> int:
    from finance_documents import as_pdf, as_ubl

    folder.mkdir(exist_ok=True)
    others = company.customers
    for place, invoice in enumerate(shown):
        fault = company.faults.get(invoice.number, "")
        who, day, more = invoice.customer, invoice.issued, Decimal(0)
        if fault == "document customer":
            who = others[(who.number + 5) % len(others)]
        elif fault == "document date":
            day -= timedelta(days=2)
        elif fault == "document gross":
            more = Decimal("10.00")
        if place % 2:
            (folder / f"{invoice.number}.xml").write_bytes(as_ubl(invoice, who, day, more))
        else:
            (folder / f"{invoice.number}.pdf").write_bytes(as_pdf(invoice, who, day, more))
    del chance
    return len(shown)
