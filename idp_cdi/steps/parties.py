"""From a document's fields to records of parties and one fact: who is the customer?

`[organisation]` in the settings names us. The other side of an invoice is then the customer, or
the supplier where we are the buyer. With nothing configured the buyer of an invoice is the
customer, every party of a contract, the registrant or applicant of a form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.fields import fields
from idp_cdi.observations import DOCUMENTS, Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.steps.standardise import standardise

if TYPE_CHECKING:
    from datetime import datetime

    from idp_cdi.extractions import Extraction, Field
    from idp_cdi.settings import Organisation

#: Fields of a party that say who it is.
_TELLING = frozenset(
    (
        "name",
        "vat_id",
        "registration_number",
        "lei",
        "tax_number",
        "national_id",
        "iban",
        "last_name",
    )
)
#: From this confidence on a number alone tells who is meant.
_SURE_NUMBER = 0.8
_FACT_KINDS = {
    "invoice": "invoice",
    "credit_note": "invoice",
    "receipt": "invoice",
    "order": "order",
    "contract": "contract",
    "form": "form",
}


@dataclass(frozen=True, slots=True)
class Parties:
    """The records of one document, by the role they have in it, and its fact's kind and values.

    `records` maps a role to its records; a role of which there may be several has several.
    """

    records: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    fact_kind: str = ""
    fact: dict[str, object] = field(default_factory=dict)


def parties(extraction: Extraction, organisation: Organisation, observed_at: datetime) -> Parties:
    """The parties that `extraction` mentions, as records, and the business event it tells of.

    Args:
        extraction: All fields of one document.
        organisation: Who we are.
        observed_at: When the document was seen; used where it has no date of its own.
    """
    mentions = _mentions(extraction)
    us, mentions = _without_us(mentions, organisation)
    records: dict[str, tuple[Record, ...]] = {}
    for (role, group), found in sorted(mentions.items()):
        if (role, group) in us or not _says_who(found):
            continue
        if not _named_or_placed(found) and _others(role, group, mentions, us):
            continue  # a number beside a party in the same role: whose it is nobody says
        if _role(role, us) is PartyRole.OTHER:
            continue  # who signs, pays or takes delivery is in the document, but no customer by it
        key = f"{extraction.sha256}#{role}" + (f".{group}" if group not in ("", role) else "")
        record = Record(
            source=DOCUMENTS,
            key=key,
            kind=_kind(found),
            role=_role(role, us),
            observed_at=observed_at,
            observations=tuple(_observation(f, extraction.sha256) for f in found),
        )
        records[role] = (*records.get(role, ()), standardise(record))
    return Parties(records, _FACT_KINDS.get(extraction.type, ""), _fact(extraction))


def _mentions(extraction: Extraction) -> dict[tuple[str, str], list[Field]]:
    """Fields by (role, group). A role that names several parties without grouping gets one each."""
    party = fields().party
    found: dict[tuple[str, str], list[Field]] = {}
    for item in extraction.fields:
        role, _, name = item.name.rpartition(".")
        if role and name in party:
            # Structured data has no groups, the page names a party's after its role: one party.
            found.setdefault((role, "" if item.group == role else item.group), []).append(item)
    split: dict[tuple[str, str], list[Field]] = {}
    for (role, group), items in found.items():
        names = [f for f in items if f.name.endswith(".name")]
        if group or len(names) < 2:
            split[role, group] = items
        else:
            # Nothing says whose address it is, so only the names stand for themselves.
            split |= {(role, str(i)): [name] for i, name in enumerate(names, 1)}
    return split


def _says_who(found: list[Field]) -> bool:
    """Whether it can be known who is meant: without a name too, by our number.

    Alone the number must be sure; with a street it need not.
    """
    numbers = [f.confidence for f in found if f.name.endswith(".customer_number")]
    return _named_or_placed(found) or max(numbers, default=0.0) >= _SURE_NUMBER


def _named_or_placed(found: list[Field]) -> bool:
    """Whether more is said of a party than its number."""
    said = {f.name.rpartition(".")[2] for f in found}
    return bool(_TELLING & said) or {"customer_number", "street"} <= said


def _others(
    role: str,
    group: str,
    mentions: dict[tuple[str, str], list[Field]],
    us: set[tuple[str, str]],
) -> bool:
    """Whether somebody else is mentioned in a role who can be known."""
    places = [p for p in mentions if p[0] == role and p[1] != group and p not in us]
    return any(
        _named_or_placed(mentions[p]) or (p[1] < group and _says_who(mentions[p])) for p in places
    )


def _without_us(
    mentions: dict[tuple[str, str], list[Field]], organisation: Organisation
) -> tuple[set[tuple[str, str]], dict[tuple[str, str], list[Field]]]:
    """Which mentions are of us; and all of them, the others without our VAT id.

    Our VAT id stands on all our papers and is easily read as the other side's. Somebody of another
    name who is told to have it is us only where nobody is us by name and the name is the less sure.
    """
    ours = {_key(n) for n in organisation.names}
    ids = {_key(v) for v in organisation.vat_ids}
    named = {place for place, found in mentions.items() if _sure(found, _NAMES, ours) > 0}
    numbered = {
        place
        for place, found in mentions.items()
        if _sure(found, _VAT, ids) > (0 if not _named(found) else 1 if named else _named(found))
    }
    us = named | numbered
    kept = {
        place: found
        if place in us
        else [f for f in found if not (_short(f) in _VAT and _key(f.value) in ids)]
        for place, found in mentions.items()
    }
    return us, kept


_NAMES, _VAT = ("name", "trading_name"), ("vat_id",)


def _short(item: Field) -> str:
    return item.name.rpartition(".")[2]


def _named(found: list[Field]) -> float:
    """How sure the name of a mention is, 0 where it has none."""
    return max((f.confidence for f in found if _short(f) == "name"), default=0.0)


def _sure(found: list[Field], names: tuple[str, ...], wanted: set[str]) -> float:
    """How sure it is that a mention has one of some values."""
    return max(
        (f.confidence for f in found if _short(f) in names and _key(f.value) in wanted), default=0.0
    )


def _key(value: str) -> str:
    return re.sub(r"[\W_]+", "", value.casefold())


def _role(role: str, us: set[tuple[str, str]]) -> PartyRole:
    if role == "seller" and not any(r == "buyer" for r, _ in us):
        # A seller that is not us, on a document of which we are not known to be the buyer.
        return PartyRole.SUPPLIER
    spec = fields().roles.get(role)
    return PartyRole(spec.role) if spec else PartyRole.OTHER


def _kind(found: list[Field]) -> PartyKind:
    """What a party is, as far as its fields tell: traders have VAT ids under their own names."""
    from idp_cdi.standardisers import name as names

    told = {_short(f): f.value for f in found}
    if {"date_of_birth", "last_name", "national_id"} & told.keys():
        return PartyKind.PERSON
    if {"registration_number", "lei", "trading_name"} & told.keys():
        return PartyKind.ORGANISATION
    form = names.split(told.get("name", "")).form
    return PartyKind.ORGANISATION if form else PartyKind.UNKNOWN


def _observation(item: Field, sha256: str) -> Observation:
    # What a person said about the document is the person's word, not the document's.
    told = item.method.removeprefix("person:") if item.method.startswith("person:") else ""
    return Observation(
        field=item.name.rpartition(".")[2],
        value=item.value,
        raw=item.raw,
        confidence=item.confidence,
        origin=Origin(document="" if told else sha256, page=item.page, box=item.box, person=told),
        method=item.method,
    )


def _fact(extraction: Extraction) -> dict[str, object]:
    """The document's own fields with their confidence, and its lines."""
    own = [f for f in extraction.fields if "." not in f.name]
    values: dict[str, object] = {f.name: f.value for f in sorted(own, key=lambda f: f.confidence)}
    values["confidence"] = {
        f.name: round(f.confidence, 4) for f in sorted(own, key=lambda f: f.confidence)
    }
    values["type"] = extraction.type
    if extraction.line_items:
        values["lines"] = [
            {
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "net_amount": line.net_amount,
                "tax_rate": line.tax_rate,
            }
            for line in extraction.line_items
        ]
    return values
