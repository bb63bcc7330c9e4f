"""Clean the values of a record, and say what else follows from them.

Feeds are cleaned column by column when they are mapped; this is for one record at a time: a party
of a document, an answer of a person. The raw text is kept beside every clean value, and what is
not a good value of its kind stays as printed, so that nothing is lost.

What follows from a value becomes an observation of its own, never surer than what it follows from:
the SIREN in a French VAT number, street and city of a one-line address, given and family name of a
person. It is added only where the record does not say it itself.

>>> from datetime import UTC, datetime
>>> from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
>>> here = Origin(document="ab" * 32, page=1)
>>> seen = [Observation(f, v, v, 0.9, here) for f, v in (
...     ("vat_id", "FR 40 303 265 045"), ("phone", "01 70 36 39 50"),
...     ("address", "8 rue de Londres, 75009 Paris"))]
>>> at = datetime(2026, 1, 1, tzinfo=UTC)
>>> record = Record("documents", "1", PartyKind.ORGANISATION, PartyRole.CUSTOMER, at, tuple(seen))
>>> for o in standardise(record).observations: print(f"{o.field}: {o.value} {o.method}".strip())
vat_id: FR40303265045
phone: +33170363950
address: 8 rue de Londres, 75009 Paris
registration_number: 303265045 derived:vat_id
country: FR derived:vat_id
street: 8 rue de Londres derived:address
postal_code: 75009 derived:address
city: Paris derived:address
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat
from idp_cdi.fields import fields
from idp_cdi.observations import Observation, PartyKind
from idp_cdi.standardisers import address, person_name, vat_id, way
from idp_cdi.standardisers import standardise as clean_value
from idp_cdi.standardisers.name import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.observations import Record

#: What is derived is this share as sure as its source: an address may be taken apart wrongly.
DERIVED = {"vat_id": 1.0, "address": 0.95, "name": 0.9}


def standardise(record: Record, *, country: str | None = None) -> Record:
    """Clean a record's values and add what follows from them.

    Args:
        record: A mention of a party with values as printed.
        country: Where the party is, ISO 3166-1 alpha-2, if known from elsewhere; what the record
            itself says outranks it.

    Returns:
        The same record with clean values. Doing it again changes nothing.
    """
    where = _country(record, country)
    cleaned = [_clean(o, where) for o in record.observations]
    kept = [o for o in cleaned if o.value or o.origin.person]
    return replace(record, observations=(*kept, *_derived(record, kept, where)))


def _country(record: Record, hint: str | None) -> str | None:
    """The country that national numbers and postal codes of the record are written for."""
    for seen in record.values("country"):
        try:
            return way("country").clean(seen.value)
        except BadFormat:
            continue
    for seen in record.values("vat_id"):
        found = dict(_consequences("vat_id", _plain("vat_id", seen.value, None), None))
        if "country" in found:
            return found["country"]
    for seen in record.values("address"):
        parts = address.parse(_plain("address", seen.value, None))
        if parts.country:
            return parts.country
    return hint


def _plain(kind: str, value: str, country: str | None) -> str:
    return clean_value(kind, value, country=country).value


def _clean(seen: Observation, country: str | None) -> Observation:
    spec = fields().party.get(seen.field)
    if spec is None or not seen.value:
        return seen
    value = _plain(spec.kind, seen.value, country)
    return seen if value == seen.value else replace(seen, value=value)


def _derived(
    record: Record, cleaned: Iterable[Observation], country: str | None
) -> list[Observation]:
    """What follows from the best value of each field, where the record does not say it itself."""
    best: dict[str, Observation] = {}
    for seen in cleaned:
        if seen.field not in best or best[seen.field].confidence < seen.confidence:
            best[seen.field] = seen
    said = {seen.field for seen in best.values()}
    found: list[Observation] = []
    for name in ("vat_id", "address", "name"):
        source = best.get(name)
        if source is None:
            continue
        for field, value in _consequences(name, source.value, country, record.kind):
            if field not in said and value:
                said.add(field)
                sure = round(source.confidence * DERIVED[name], 6)
                found.append(
                    replace(
                        source, field=field, value=value, confidence=sure, method=f"derived:{name}"
                    )
                )
    return found


def _consequences(
    field: str, value: str, country: str | None, kind: PartyKind = PartyKind.UNKNOWN
) -> tuple[tuple[str, str], ...]:
    if field == "address":
        parts = address.parse(value, country=country)
        if not parts.city:
            return ()
        return tuple(zip(parts._fields, parts, strict=True))
    if field == "name" and kind is not PartyKind.PERSON:
        return (("trading_name", names(value).trading),)
    if field == "name":
        person = person_name.parse(value)
        return (("first_name", person.given), ("last_name", person.family)) if person.given else ()
    return vat_id.derive(value) if vat_id.is_valid(value, country=country) else ()
