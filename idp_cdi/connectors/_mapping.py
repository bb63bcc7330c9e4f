"""The mapping from a source's columns to our fields: the few lines of YAML people write and read.

    source: erp                        # how lineage and the crosswalk call it
    owner: finance@example.com         # who answers for it
    trust: 0.97                        # probability that a value of it is right
    location: exports/parties.csv      # file (relative to this one), URL or pattern
    way: csv                           # only where the location doesn't tell
    options: {delimiter: ";"}          # the connector's own
    streams:
      parties:                         # the stream's name; "*" for whatever a file's is called
        key: code                      # one column, or several
        kind: organisation             # person, auto, or {column: type, values: {B: organisation}}
        role: customer                 # supplier, other, or {column: …, values: …}
        cursor: changed_at             # a column that only grows: incremental runs
        observed_at: changed_at        # when the row was right
        country: DE                    # for reading numbers where a row names no country
        deletes: none                  # absent: a key missing in a full read is gone; or
                                       # {column: is_deleted, values: {"true": gone}}
        fields:
          name: company
          phone: [phone, mobile]       # several values
          email: {column: mails, split: ";"}  # several values in one cell
          street: {columns: [street, house_no]}
          vat_id: {column: vat, trust: 0.9}
          country: {column: land, default: DE}
          date_of_birth: {column: born, day_first: true}
        facts:
          - kind: invoice
            key: invoice_no
            parties: {buyer: code}
            fields: {invoice_number: invoice_no, total: amount}
            values: {currency: EUR}

>>> spec = parse({"source": "crm", "streams": {"*": {"key": "id", "fields": {"name": "Company"}}}})
>>> spec.stream("contacts").fields["name"][0].columns
('Company',)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from idp_cdi.connectors._secrets import fill
from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields as known_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    import yaml

#: Values of facts that are no field of a document: name → kind of value.
FACT_VALUES = {
    "account": "identifier",
    "account_name": "text",
    "account_type": "text",
    "amount": "amount",
    "bank_reference": "identifier",
    "batch": "identifier",
    "credit": "amount",
    "debit": "amount",
    "description": "text",
    "exchange_rate": "number",
    "invoice_key": "identifier",
    "journal": "text",
    "line_number": "identifier",
    "net_amount": "amount",
    "open_amount": "amount",
    "order_key": "identifier",
    "ownership_share": "number",
    "paid_amount": "amount",
    "payment_date": "date",
    "payment_method": "text",
    "posting_date": "date",
    "quantity": "number",
    "reference": "text",
    "remittance": "text",
    "status": "text",
    "tax_amount": "amount",
    "type": "text",
    "unit": "text",
    "unit_price": "amount",
}


def value_kind(name: str) -> str:
    """The kind of value of a fact's `name`.

    Raises:
        SettingsError: No fact has such a value.
    """
    if name in FACT_VALUES:
        return FACT_VALUES[name]
    spec = known_fields().document.get(name)
    if spec is None:
        raise SettingsError(f"no fact has a value {name!r}", action="see docs/connectors.md")
    return spec.kind


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Rule(_Model):
    """Where one value comes from: a column, or several joined, and how it is to be read."""

    columns: Names = Field(alias="column")
    join: str = " "
    split: str = ""  # what stands between several values in one cell
    default: str = ""
    trust: Probability | None = None
    day_first: bool | None = None
    decimal: Literal[".", ",", None] = None
    values: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value


class Choice(_Model):
    """One of a few words, read from a column."""

    column: str
    values: dict[str, str] = Field(default_factory=dict)
    default: str = ""


def _rules(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Rules = Annotated[tuple[Rule, ...], BeforeValidator(_rules)]


class FactRule(_Model):
    """One business event a row: its key, its parties by role (their keys here), its values."""

    kind: Literal[
        "invoice", "invoice_line", "instalment", "payment", "gl_entry", "ownership", "order",
        "contract",
    ]  # fmt: skip
    key: Names = ()
    parties: dict[str, Names] = Field(default_factory=dict)
    prefix: str = ""
    fields: dict[str, Rule] = Field(default_factory=dict)
    values: dict[str, str] = Field(default_factory=dict)
    where: dict[str, Names] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> FactRule:
        for name in (*self.fields, *self.values):
            value_kind(name)
        return self


class StreamMapping(_Model):
    """How the rows of one stream become records and facts."""

    key: Names = ()
    prefix: str = ""
    kind: Literal["organisation", "person", "auto"] | Choice = "auto"
    role: Literal["customer", "supplier", "other"] | Choice = "customer"
    cursor: str = ""
    observed_at: str = ""
    country: str = ""
    trust: Probability | None = None
    deletes: Literal["none", "absent"] | Choice = "none"
    where: dict[str, Names] = Field(default_factory=dict)
    fields: dict[str, Rules] = Field(default_factory=dict)
    facts: tuple[FactRule, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> StreamMapping:
        for name in self.fields:
            if name not in known_fields().party:
                raise ValueError(f"there is no field {name!r} of a party; see data/fields.yaml")
        if not self.fields and not self.facts:
            raise ValueError("a stream maps `fields`, `facts` or both")
        return self

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        found = {*self.key, self.cursor, self.observed_at, *self.where}
        for rules in self.fields.values():
            found.update(c for rule in rules for c in rule.columns)
        for choice in (self.kind, self.role, self.deletes):
            if isinstance(choice, Choice):
                found.add(choice.column)
        for fact in self.facts:
            found.update(fact.key, fact.where)
            found.update(c for rule in fact.fields.values() for c in rule.columns)
            found.update(c for names in fact.parties.values() for c in names)
        return frozenset(found - {""})


class SourceSpec(_Model):
    """One source system: where it is, whose it is, how far it is trusted, what its streams mean."""

    source: str = Field(min_length=1)
    owner: str = ""
    trust: Probability = 0.95
    location: str = ""
    way: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    streams: dict[str, StreamMapping] = Field(default_factory=dict)
    write_back: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_apart(self) -> SourceSpec:
        prefixes = [s.prefix for s in self.streams.values() if s.fields]
        if len(prefixes) != len(set(prefixes)):
            raise ValueError(
                "two streams of records could use the same keys; give each its own `prefix`"
            )
        return self

    def stream(self, name: str) -> StreamMapping | None:
        """The mapping of the stream called `name`, None where it is not mapped."""
        return self.streams.get(name, self.streams.get("*"))


def parse(data: Mapping[str, Any], *, file: str = "") -> SourceSpec:
    """A source from the content of its YAML file.

    Raises:
        SettingsError: It says something impossible; the message says where.
    """
    try:
        return SourceSpec.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{where or 'source'}: {first['msg']}", file=file, action="see docs/connectors.md"
        ) from error


def load(path: str | Path) -> SourceSpec:
    """Read a source file; a relative location is taken from the file's own folder.

    Raises:
        SettingsError: The file is missing, is not YAML, or says something impossible.
    """
    import yaml

    path = Path(path)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _yaml_loader())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError("can't be read as YAML", file=str(path)) from error
    if not isinstance(data, dict):
        raise SettingsError(
            "this is no source file (YAML that says what the columns mean)",
            file=str(path),
            action=f"make one: idp-cdi connect suggest {path.name} > {path.stem}.yaml",
        )
    spec = parse(data, file=str(path))
    if spec.location and "://" not in spec.location and spec.location != "-":
        # Addresses keep their variables till they are called: no error shows a password.
        location = str(path.parent / fill(spec.location))
        spec = spec.model_copy(update={"location": location})
    return spec


@cache
def _yaml_loader() -> type[yaml.SafeLoader]:
    """Safe YAML in which, as in YAML 1.2, only ``true`` and ``false`` are truth values.

    To YAML 1.1 the columns ``no``, ``on`` and ``y`` are truth values, and Norway is false.
    """
    import re

    import yaml

    class Loader(yaml.SafeLoader):
        pass

    kept = {
        first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:bool"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.yaml_implicit_resolvers = kept
    truth = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", truth, list("tTfF"))
    return Loader


def dump(spec: SourceSpec) -> str:
    """The YAML text of a source, short forms where they say the same."""
    import yaml

    data: dict[str, Any] = {"source": spec.source}
    data |= {k: getattr(spec, k) for k in ("owner", "trust", "location", "way", "options")}
    data = {k: v for k, v in data.items() if v not in ("", {})}
    data["streams"] = {name: _short_stream(s) for name, s in spec.streams.items()}
    if spec.write_back:
        data["write_back"] = spec.write_back
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def _short_stream(stream: StreamMapping) -> dict[str, Any]:
    default = StreamMapping.model_construct()
    data: dict[str, Any] = {}
    for name in ("key", "prefix", "kind", "role", "cursor", "observed_at", "country", "deletes"):
        value = getattr(stream, name)
        if value != getattr(default, name) or name in ("kind", "role"):
            data[name] = _plain(value)
    if stream.fields:
        data["fields"] = {n: _one([_plain(r) for r in rules]) for n, rules in stream.fields.items()}
    if stream.facts:
        data["facts"] = [_short_fact(f) for f in stream.facts]
    return data


def _short_fact(fact: FactRule) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": fact.kind, "key": _plain(fact.key)}
    if fact.parties:
        data["parties"] = {role: _plain(names) for role, names in fact.parties.items()}
    data["fields"] = {name: _plain(rule) for name, rule in fact.fields.items()}
    if fact.prefix:
        data["prefix"] = fact.prefix
    for name in ("values", "where"):
        if getattr(fact, name):
            data[name] = {k: _plain(v) for k, v in getattr(fact, name).items()}
    return data


def _plain(value: object) -> Any:
    if isinstance(value, Rule):
        data = value.model_dump(exclude_defaults=True)
        columns = value.columns
        data["columns"] = list(columns)
        if len(columns) == 1:
            data = {"column": columns[0], **{k: v for k, v in data.items() if k != "columns"}}
        return columns[0] if data.keys() == {"column"} else data
    if isinstance(value, Choice):
        return value.model_dump(exclude_defaults=True)
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return value


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
