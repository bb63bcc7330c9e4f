"""A mapping suggested from a table's column names and contents, with a reason per column.

Names are looked up in ``data/columns.yaml`` (six languages and the words of common systems), then
the contents must agree. Of several addresses one is taken, whole. The table is a master table, or
one of invoices, lines, payments or ledger entries, by the columns it has.

>>> found = suggest(["Kd-Nr", "Firma", "PLZ", "Ort"], [["7", "Acme GmbH", "53111", "Bonn"]])
>>> found.mapping.key, found.mapping.fields["name"][0].columns, found.guesses[2].target
(('Kd-Nr',), ('Firma',), 'postal_code')
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from idp_cdi.connectors import _contents
from idp_cdi.connectors._mapping import StreamMapping
from idp_cdi.connectors._words import Reading, is_elsewhere, targets, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = ("street", "@house_number", "@street2", "postal_code", "city", "region", "country")
_MULTI = frozenset({"phone", "email", "iban", "trading_name"})
_WEAK = 0.5
_PARTY = re.compile(
    r"\b(?:customer|client|account|contact|debtor|creditor|supplier|vendor|party|partner|company"
    r"|organi[sz]ation|kunden?|kunde|kunnr|lifnr|firma|cliente|klant|relatie|fournisseur|proveedor"
    r"|fornitore|person|user|member|lead)\w*\b"
)
_SUPPLIER = re.compile(
    r"\b(?:supplier|vendor|creditor|lieferant\w*|kreditor\w*|fournisseurs?|proveedor(?:es)?"
    r"|fornitor[ei]|leveranciers?|crediteur(?:en)?|lifnr|lfa1)\b"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column is taken for: a field, ``@key`` and the like, ``#total`` and the like, or "".

    `confidence` is 0 to 1; `why` says it in words.
    """

    column: str
    target: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mapping and what was thought of each column; None where no party or event was found."""

    mapping: StreamMapping | None
    guesses: tuple[Guess, ...]
    table: str


class _Candidate(NamedTuple):
    column: str
    target: str
    score: float
    group: str
    why: str


def suggest(
    header: Sequence[str], rows: Sequence[Sequence[str]] = (), *, name: str = ""
) -> Suggestion:
    """A mapping for a table.

    Args:
        header: Column names, in order.
        rows: Some rows of text cells; a few hundred are enough, none will do.
        name: What the table is called; tells customers from suppliers.

    Returns:
        The mapping with a guess for every column, in the order of `header`.
    """
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(header))]
    stats = [_contents.shares(values) for values in columns]
    candidates = [_candidates(column, found) for column, found in zip(header, stats, strict=True)]
    table = _table(candidates)
    if table == "gl_entry":
        candidates = [_in_a_ledger(c, many) for c, many in zip(header, candidates, strict=True)]
    allowed = [[c for c in many if _fits_table(c.target, table)] for many in candidates]
    chosen = {many[0].column: many[0] for many in allowed if many and many[0].score >= _WEAK}
    taken = _settle(chosen, dict(zip(header, stats, strict=True)), table)
    guesses = tuple(_guess(column, taken.get(column)) for column in header)
    return Suggestion(_mapping(taken, table, header, name), guesses, table)


def _candidates(column: str, found: dict[str, float]) -> list[_Candidate]:
    result = []
    for reading in targets(column):
        fit = _contents.fit(reading.target, found)
        score = min(0.99, reading.score * fit)
        result.append(_Candidate(column, reading.target, score, reading.group, _why(reading, fit)))
    known = {c.target for c in result if c.score > _WEAK}
    for shape, (target, worth) in _contents.SPEAKS.items():
        share = found.get(shape, 0.0)
        if share >= 0.6 and target not in known and not any(c.score > 0.8 for c in result):
            why = f"{share:.0%} of its values look like {target}"
            result.append(_Candidate(column, target, worth * share, words(column), why))
    return sorted(result, key=lambda c: -c.score)


def _in_a_ledger(column: str, many: list[_Candidate]) -> list[_Candidate]:
    """An account of a ledger is none of a customer."""
    said = words(column)
    target = vocabulary().ledger.get(said)
    if target is None or any(c.target == target for c in many):
        return many
    why = f'called "{said}", in a table of ledger entries'
    return [_Candidate(column, target, 0.95, "", why)]


def _why(reading: Reading, fit: float) -> str:
    text = f'called "{reading.phrase}"'
    if reading.group:
        text += f' (of "{reading.group}")'
    if fit < 0.5:
        return f"{text}, but its values look otherwise"
    return f"{text}, values agree" if fit > 1 else text


def _table(candidates: list[list[_Candidate]]) -> str:
    """What the rows are: master, invoice, invoice_line, payment or gl_entry."""
    have: dict[str, float] = defaultdict(float)
    for many in candidates:
        for c in many:
            have[c.target] = max(have[c.target], c.score)

    def any_of(*names: str, least: float = 0.8) -> bool:
        return any(have[f"#{n}"] >= least for n in names)

    sums = any_of("total", "net_total", "amount_due", "tax_total")
    if (
        any_of("account")
        and any_of("debit", "credit", "amount", "total")
        and any_of("posting_date", "batch", "journal", "issue_date")
    ) or (any_of("debit") and any_of("credit") and any_of("posting_date", "batch", "journal")):
        return "gl_entry"
    if any_of("quantity") and any_of("unit_price", "net_amount"):
        return "invoice_line"
    if any_of("invoice_number", least=0.9) and (any_of("issue_date", "due_date") or sums):
        return "invoice" if sums or not any_of("payment_date") else "payment"
    if (
        any_of("payment_date", "issue_date")
        and any_of("amount", "paid_amount")
        and (any_of("remittance", "payment_date") or have["iban"] > 0.8)
    ):
        return "payment"
    return "master"


def _fits_table(target: str, table: str) -> bool:
    return table != "master" or not target.startswith("#")


def _settle(
    chosen: dict[str, _Candidate],
    stats: dict[str, dict[str, float]],
    table: str,
) -> dict[str, _Candidate]:
    """Columns that want the same target: one address, one name, one key."""
    taken = {
        column: c._replace(target="@other", why=f"{c.why}: somebody or something else")
        if is_elsewhere(c.group) and not c.target.startswith("@")
        else c
        for column, c in chosen.items()
    }
    _one_address(taken)
    _postal_code_among(taken)
    by_target: dict[str, list[_Candidate]] = defaultdict(list)
    for c in taken.values():
        by_target[c.target].append(c)
    for target, many in by_target.items():
        alone = ("@other", "@street2", "@house_number", *(("@key",) if table != "master" else ()))
        if len(many) < 2 or target in _MULTI or target in alone:
            continue
        _one_of(target, sorted(many, key=lambda c: _rank(c, stats)), taken)
    _pick_key(taken, stats, table)
    return taken


def _rank(c: _Candidate, stats: dict[str, dict[str, float]]) -> tuple[float, int]:
    found = stats[c.column]
    filled = found.get("filled", 0.0) if found else 1.0
    return (-(c.score + 0.1 * filled), len(c.column))


def _one_of(target: str, many: list[_Candidate], taken: dict[str, _Candidate]) -> None:
    best, *rest = many
    for c in rest:
        other = "trading_name" if target == "name" and best.target == "name" else "@other"
        taken[c.column] = c._replace(target=other, why=f'{c.why}; "{best.column}" is taken first')


def _one_address(taken: dict[str, _Candidate]) -> None:
    """Of several addresses keep the one with most parts; billing goes before visiting."""
    groups: dict[str, list[_Candidate]] = defaultdict(list)
    for c in taken.values():
        if c.target in _ADDRESS:
            groups[_address_group(c.group)].append(c)
    if len(groups) < 2:
        return
    best = max(groups, key=lambda g: (len({c.target for c in groups[g]}), _preference(g)))
    have = {c.target for c in groups[best]}
    for group, many in groups.items():
        for c in many:
            if group != best and (c.target in have or not _preference(group)):
                taken[c.column] = c._replace(target="@other", why=f"{c.why}: another address")


def _postal_code_among(taken: dict[str, _Candidate]) -> None:
    """An address with a street and a town, but only a "code": that is its postal code."""
    parts = {c.target: _address_group(c.group) for c in taken.values() if c.target in _ADDRESS}
    if "postal_code" in parts or "city" not in parts or not parts["city"]:
        return
    for column, c in taken.items():
        words_of = words(column).split()
        is_code = c.target == "customer_number" and words_of[-1:] == ["code"]
        if is_code and _address_group(c.group) == parts["city"]:
            why = f"{c.why}, beside a town and a street"
            taken[column] = c._replace(target="postal_code", why=why)


def _address_group(group: str) -> str:
    known = vocabulary().phrases
    plain = ("address", "addr", "adresse", "0", "line", "of")
    return " ".join(
        w for w in group.split() if w not in plain and set(_ADDRESS).isdisjoint(known.get(w, ()))
    )


def _preference(group: str) -> int:
    order = ("", "billing", "bill", "invoice", "registered", "legal", "mailing", "postal", "street")
    return len(order) - order.index(group) if group in order else 0


def _pick_key(taken: dict[str, _Candidate], stats: dict[str, dict[str, float]], table: str) -> None:
    """Without a column called an id, the customer number is the key of a master table."""
    if any(c.target == "@key" for c in taken.values()) and table == "master":
        return
    numbers = [c for c in taken.values() if c.target == "customer_number"]
    if numbers and table == "master":
        found = stats[numbers[0].column]
        if not found or found["distinct"] > 0.95:
            why = f"{numbers[0].why}; no other column is a key"
            taken[numbers[0].column] = numbers[0]._replace(target="@key", why=why)


def _guess(column: str, c: _Candidate | None) -> Guess:
    if c is None:
        return Guess(column, "", 0.0, "neither its name nor its values say what it is")
    return Guess(column, c.target, round(c.score, 2), c.why)


def _mapping(
    taken: dict[str, _Candidate], table: str, header: Sequence[str], name: str
) -> StreamMapping | None:
    by: dict[str, list[str]] = defaultdict(list)
    for column in header:
        if column in taken:
            by[taken[column].target].append(column)
    fields: dict[str, Any] = {t: many for t, many in by.items() if t and t[0] not in "@#"}
    if "street" in fields and by["@house_number"]:
        fields["street"] = {"columns": [fields["street"][0], *by["@house_number"]]}
    if by["@full_address"] and "street" not in fields:
        fields["address"] = by["@full_address"][:1]
    data: dict[str, Any] = {"role": _role(header, name), "kind": _kind(fields, by)}
    data["fields"] = {
        t: m[0] if isinstance(m, list) and len(m) == 1 else m for t, m in fields.items()
    }
    key = by["@key"][:1] or by["customer_number"][:1]
    if table != "master":
        key = _party_key(by)
        data["facts"] = [_fact(table, by, key)]
    if key:
        data["key"] = key
    if by["@cursor"]:
        data["cursor"] = data["observed_at"] = by["@cursor"][0]
    if not fields and "facts" not in data:
        return None
    return StreamMapping.model_validate(data)


def _party_key(by: dict[str, list[str]]) -> list[str]:
    """In a table of events: the column that says whose they are."""
    named = [c for c in by["@key"] if _PARTY.search(words(c))]
    return by["customer_number"][:1] or named[:1]


def _fact(table: str, by: dict[str, list[str]], party: list[str]) -> dict[str, Any]:
    fields = {t[1:]: many[0] for t, many in by.items() if t.startswith("#")}
    own = [c for c in by["@key"] if c not in party and not _PARTY.search(words(c))][:1]
    number, line = fields.get("invoice_number", ""), fields.get("line_number", "")
    if table == "invoice":
        key = [number] if number else own
    else:
        group = number if table == "invoice_line" else fields.get("batch", "")
        # Without an id or line number an event is named by all that it says.
        key = own or ([group, line] if group and line else [])
    parties = {"buyer": party} if party else {}
    return {"kind": table, "key": key, "parties": parties, "fields": fields}


def _role(header: Sequence[str], name: str) -> str:
    told = " ".join([words(name), *(words(h) for h in header)])
    return "supplier" if _SUPPLIER.search(told) else "customer"


def _kind(fields: dict[str, Any], by: dict[str, list[str]]) -> str:
    person = "last_name" in fields or "first_name" in fields or "date_of_birth" in fields
    if person and "name" not in fields:
        return "person"
    return "auto"
