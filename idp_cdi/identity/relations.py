"""How customers are related without being one: never a merge, always an edge of its own.

- ``works_for``: a person writes from the mail domain of exactly one organisation's group;
- ``same_group``: organisations share a mail or web domain of their own, or one's name is the
  other's and a word such as "Holding" or a country more, at one address;
- ``same_address``: one street, number and postal code;
- ``same_account``: one bank account.

Whoever shares a value with too many (an office block, a mail provider, a factoring bank) is related
to none of them by it.

>>> anna = Party(7, "person", (("email", "anna@acme-tools.de"),))
>>> acme = Party(3, "organisation", (("website", "acme-tools.de"), ("name", "Acme Tools GmbH")))
>>> relations([anna, acme])
(Relation(left=7, right=3, kind='works_for', value='acme-tools.de'),)
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.standardisers import email, postal_code, street, website
from idp_cdi.standardisers._legal_forms import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: More customers than this with one value are related to nobody by it.
MOST = {"same_address": 12, "same_account": 6, "same_group": 40, "works_for": 40}
# Words that tell the members of a group apart, not what makes the group's name.
_AFFILIATE = frozenset(
    "holding holdings group gruppe groupe grupo gruppo international intl global europe europa "
    "emea deutschland germany france italia espana uk usa austria osterreich schweiz suisse "
    "nederland belgium polska verwaltung verwaltungs beteiligung beteiligungs vertrieb vertriebs "
    "service services sales trading logistics immobilien real estate management invest investment "
    "nord sud ost west north south east".split()
)


class Party(NamedTuple):
    """A customer as relations see it: its number, its kind, its golden values."""

    customer: int
    kind: str
    values: tuple[tuple[str, str], ...]


class Relation(NamedTuple):
    """Two customers that have something to do with each other; `value` is what shows it.

    ``works_for`` goes from the person to the organisation, the others from the lesser number.
    """

    left: int
    right: int
    kind: str
    value: str


def relations(parties: Iterable[Party]) -> tuple[Relation, ...]:
    """Find the relations among customers.

    Args:
        parties: Customers with their golden values, in any order.

    Returns:
        Each relation once, sorted.
    """
    shared: dict[tuple[str, str], set[int]] = defaultdict(set)
    kinds: dict[int, str] = {}
    cores: dict[int, str] = {}
    for party in parties:
        kinds[party.customer] = party.kind
        cores[party.customer] = _core(party)
        for kind, value in _keys(party):
            shared[kind, value].add(party.customer)
    found: set[Relation] = set()
    for (kind, value), customers in shared.items():
        if 1 < len(customers) <= MOST[kind]:
            found.update(_pairs(kind, value, sorted(customers), kinds))
    return tuple(sorted(found | set(_affiliates(found, kinds, cores))))


def _keys(party: Party) -> Iterator[tuple[str, str]]:
    """What a customer may share with others, by the relation that it shows."""
    values = dict(reversed(party.values))
    home, code = values.get("street"), values.get("postal_code")
    if home and code and street.number(home):
        yield "same_address", f"{street.key(home)}, {postal_code.key(code)}"
    for field, value in party.values:
        if field == "iban":
            yield "same_account", value
        elif field == "website":
            yield "same_group", website.key(value)
        elif field == "email" and email.domain_class(value) == "corporate":
            yield "same_group", website.key(value.rpartition("@")[2])


def _core(party: Party) -> str:
    name = next((v for f, v in party.values if f == "name"), "")
    return split(name).core


def _pairs(
    kind: str, value: str, customers: list[int], kinds: dict[int, str]
) -> Iterator[Relation]:
    if kind != "same_group":
        for place, left in enumerate(customers):
            yield from (Relation(left, right, kind, value) for right in customers[place + 1 :])
        return
    firms = [c for c in customers if kinds[c] != "person"]
    for place, left in enumerate(firms):
        yield from (Relation(left, right, kind, value) for right in firms[place + 1 :])
    if len(firms) == 1:
        for person in (c for c in customers if kinds[c] == "person"):
            yield Relation(person, firms[0], "works_for", value)


def _affiliates(
    found: Iterable[Relation], kinds: dict[int, str], cores: dict[int, str]
) -> Iterator[Relation]:
    """Firms at one address whose names differ by words of a group only."""
    for left, right, kind, _ in found:
        if kind == "same_address" and "person" not in (kinds[left], kinds[right]):
            one, other = cores[left].split(), cores[right].split()
            more = set(one) ^ set(other)
            if more and more <= _AFFILIATE and set(one) & set(other) - _AFFILIATE:
                yield Relation(left, right, "same_group", " ".join(sorted(more)))
