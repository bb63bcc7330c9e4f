"""The field definitions: what each field is, and how it is standardised, compared and survives.

Read once from ``data/fields.yaml``, the one place where a field is defined.

>>> fields().get("buyer.vat_id").kind
'vat_id'
>>> fields().get("buyer.vat_id").term, fields().get("seller.vat_id").term
('BT-48', 'BT-31')
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from idp_cdi.errors import SettingsError


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. For the keys see the head of ``data/fields.yaml``."""

    name: str
    term: str
    kind: str
    term_seller: str = ""
    compare: str = "none"
    survive: str = "most_trusted"
    multi: bool = False
    pii: str = "none"
    threshold: float = 0.85
    half_life_days: int = 3650


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role of a party in a document and what it makes the party to us."""

    name: str
    term: str
    role: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """All field definitions: of parties, of documents, and the roles of parties."""

    party: dict[str, FieldSpec]
    document: dict[str, FieldSpec]
    roles: dict[str, RoleSpec]

    def get(self, name: str) -> FieldSpec:
        """The definition of `name`, with or without a role prefix.

        Raises:
            SettingsError: No such field.
        """
        role, _, rest = name.rpartition(".")
        spec = self.party.get(rest) if role else self.document.get(rest, self.party.get(rest))
        if spec is None:
            raise SettingsError(f"there is no field {name!r}", action="see data/fields.yaml")
        if role == "seller" and spec.term_seller:
            return FieldSpec(
                **{k: getattr(spec, k) for k in FieldSpec.__slots__} | {"term": spec.term_seller}
            )
        return spec


@cache
def fields() -> Fields:
    """The field definitions that ship with the package."""
    import yaml

    text = (files("idp_cdi") / "data" / "fields.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    roles = {
        name: RoleSpec(name, spec["term"], spec["role"], tuple(spec["of"]))
        for name, spec in data["roles"].items()
    }
    party, document = (
        {name: FieldSpec(name=name, **spec) for name, spec in data[part].items()}
        for part in ("party", "document")
    )
    return Fields(party, document, roles)
