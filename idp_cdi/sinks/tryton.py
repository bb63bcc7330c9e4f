"""Golden values back into Tryton: names, identifiers, addresses, contact mechanisms, our ids.

Only over its JSON-RPC, so its own rules hold. A write names the state of the party it was decided
on (Tryton's ``_timestamp``): when somebody changed the party meanwhile, Tryton refuses and nothing
is overwritten. Posted accounting is never touched: uniting two parties is left to Tryton's own
"replace", and what that refuses stays a crosswalk (both parties carry the same customer id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.connectors._tryton import Refused, Tryton
from idp_cdi.connectors.tryton import PARTY_FIELDS, first_address, party_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idp_cdi.connectors import Connection

NAME = "tryton"
#: Our field → the connector's columns that hold it; the first one is written.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "vat_id": ("vat_id",),
    "street": ("street",),
    "postal_code": ("postal_code",),
    "city": ("city",),
    "country": ("country",),
    "phone": ("phone",),
    "email": ("email",),
    "website": ("website",),
}
_ADDRESS = {
    "street": "street_unstructured",
    "postal_code": "postal_code",
    "city": "city",
    "country": "country",
}
_MECHANISMS = ("phone", "email", "website")


def score(location: str) -> float:
    """1 for Tryton."""
    return float(location.startswith(("tryton://", "trytons://")))


class Target:
    """The parties of one Tryton database, for reading what is there now and writing to it."""

    def __init__(self, connection: Connection) -> None:
        self._erp = Tryton(connection, writes=True)
        self._records: dict[str, dict[str, Any]] = {}
        self._countries: dict[str, int | None] = {}

    def close(self) -> None:
        """End the session."""
        self._erp.__exit__(None, None, None)

    def current(self, keys: Iterable[str]) -> dict[str, dict[str, str]]:
        """The cells of each party as they are now, by our columns; parties that are gone lack."""
        ids = [int(k) for k in keys]
        found: dict[str, dict[str, str]] = {}
        for start in range(0, len(ids), 200):
            part = ids[start : start + 200]
            fields = [*PARTY_FIELDS, "_timestamp"]
            context = {"active_test": False}
            have = self._erp.call(
                "model.party.party.search", [["id", "in", part]], 0, None, None, context
            )
            for record in self._erp.call("model.party.party.read", have, fields, context):
                key = str(record["id"])
                self._records[key] = record
                found[key] = party_cells(record)
        return found

    def identifiers(self, key: str) -> list[str]:
        """Every identifier of a party that was read."""
        return [str(i["code"]) for i in self._records[key].get("identifiers.") or ()]

    def write(self, key: str, values: Mapping[str, str], identifier: str = "") -> None:
        """Write fields of a party, and our customer id where it is not there yet.

        Args:
            key: The party, as read by `current`.
            values: Field → new value.
            identifier: Our customer id as it is to stand among the identifiers; "" for none.

        Raises:
            Refused: Tryton says no, or the party changed since it was read.
            UnreadableInput: It can't be reached.
        """
        record = self._records[key]
        party: dict[str, Any] = {}
        if "name" in values:
            party["name"] = values["name"]
        identifiers = self._identifiers(record, values.get("vat_id", ""), identifier)
        if identifiers:
            party["identifiers"] = identifiers
        address = {f: v for f, v in values.items() if f in _ADDRESS}
        if address:
            party["addresses"] = [self._address(record, address)]
        mechanisms = [{"type": f, "value": values[f]} for f in _MECHANISMS if f in values]
        if mechanisms:
            party["contact_mechanisms"] = [["create", mechanisms]]
        if party:
            guard = {"_timestamp": {f"party.party,{key}": record["_timestamp"]}}
            self._erp.call("model.party.party.write", [int(key)], party, guard)

    def unite(self, source: str, destination: str) -> None:
        """Let Tryton replace one party by another; it refuses where its rules say so.

        Raises:
            Refused: With Tryton's own words.
        """
        session, start, _ = self._erp.call("wizard.party.replace.create", {})
        context = {"active_model": "party.party", "active_id": int(source)}
        form = {start: {"source": int(source), "destination": int(destination)}}
        try:
            self._erp.call("wizard.party.replace.execute", session, form, "replace", context)
        finally:
            self._erp.call("wizard.party.replace.delete", session, {})

    def has_postings(self, key: str) -> bool:
        """Whether posted ledger lines stand on a party."""
        if not self._erp.has("account.move.line"):
            return False
        domain = [["party", "=", int(key)], ["move.state", "=", "posted"]]
        return bool(self._erp.call("model.account.move.line.search", domain, 0, 1, None, {}))

    def _identifiers(self, record: dict[str, Any], vat: str, ours: str) -> list[Any]:
        new: list[dict[str, Any]] = []
        commands: list[Any] = []
        if vat:
            known = [i for i in record.get("identifiers.") or () if i["type"] == "eu_vat"]
            if known:
                commands.append(["write", [known[0]["id"]], {"code": vat}])
            else:
                new.append({"type": "eu_vat", "code": vat})
        if ours:
            new.append({"type": None, "code": ours})
        return [*commands, ["create", new]] if new else commands

    def _address(self, record: dict[str, Any], values: dict[str, str]) -> list[Any]:
        cells: dict[str, Any] = {}
        for name, value in values.items():
            cells[_ADDRESS[name]] = self._country(value) if name == "country" else value
        known = first_address(record)
        return ["write", [known["id"]], cells] if known else ["create", [cells]]

    def _country(self, code: str) -> int:
        if code not in self._countries:
            found = self._erp.call(
                "model.country.country.search", [["code", "=", code]], 0, 1, None, {}
            )
            self._countries[code] = found[0] if found else None
        number = self._countries[code]
        if number is None:
            raise Refused(f"Tryton does not know the country {code}", code="tryton.country")
        return number
