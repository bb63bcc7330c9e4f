"""What a rule says, and reading rules from YAML.

The keys are explained at the head of ``data/rules/customers.yaml``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields
from idp_cdi.observations import content_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Columns that a rule may speak of besides the fields of a party.
ABOUT = ("kind", "role", "source", "observed_at", "mentions")

#: For each kind of check the keys without which it says nothing.
_NEEDS: dict[str, tuple[str, ...]] = {
    "completeness": ("fields",),
    "format": ("field", "pattern"),
    "valid": ("field",),
    "reference": ("field",),
    "cross_field": ("expect",),
    "uniqueness": ("fields",),
}


class Severity(StrEnum):
    """What a failure leads to: it is counted, a person is asked, or the row waits outside."""

    NOTE = "note"
    REVIEW = "review"
    SET_ASIDE = "set_aside"


class Rule(BaseModel):
    """One rule; see the head of ``data/rules/customers.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    what: Literal["completeness", "format", "valid", "reference", "cross_field", "uniqueness"]
    message: str
    action: str = ""
    severity: Severity = Severity.NOTE
    owner: str = ""
    scope: tuple[Literal["door", "golden"], ...] = ("door", "golden")
    when: dict[str, tuple[str, ...]] = {}
    fields: tuple[str, ...] = ()
    field: str = ""
    pattern: str = ""
    values: tuple[str, ...] = ()
    list: Literal["", "countries"] = ""
    file: str = ""
    source: str = ""
    expect: str = Field(default="", alias="assert")
    active: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for key in _NEEDS[self.what]:
            if not getattr(self, key):
                name = "assert" if key == "expect" else key
                raise ValueError(f"a rule of {self.what} needs {name!r}")
        known = {*fields().party, *ABOUT}
        named = {*self.fields, *self.when, *filter(None, (self.field,))}
        if unknown := sorted(named - known):
            raise ValueError(f"there is no field {unknown[0]!r}")
        if self.what == "reference" and not (self.values or self.list or self.file or self.source):
            raise ValueError("a rule of reference needs values, list, file or source")
        return self

    @property
    def version(self) -> str:
        """Changes when what the rule checks does."""
        return content_id(self.model_dump_json(exclude={"owner", "message", "action"}))[:12]


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """The rules of the package, as read."""
    folder = files("idp_cdi") / "data" / "rules"
    found: list[dict[str, Any]] = []
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            found += _entries(path.read_text(encoding="utf-8"), path.name)
    return tuple(found)


def load(home: Path | None = None) -> list[Rule]:
    """The rules in force: shipped ones with those of the home folder laid over.

    Args:
        home: Its ``rules`` folder is read; None takes only what is shipped.

    Raises:
        SettingsError: A file is no YAML or a rule makes no sense; names file, rule and reason.
    """
    merged: dict[str, tuple[str, dict[str, Any]]] = {}
    for entry in shipped():
        merged[str(entry.get("id"))] = ("data/rules", dict(entry))
    for path in sorted((home / "rules").glob("*.yaml")) if home is not None else ():
        for entry in _entries(_text(path), str(path)):
            name = str(entry.get("id"))
            before = merged.get(name, ("", {}))[1]
            place = {"file": str(path.parent / entry["file"])} if entry.get("file") else {}
            merged[name] = (str(path), before | entry | place)
    rules = [_rule(entry, place) for place, entry in merged.values()]
    return [r for r in rules if r.active]


def of_scope(rules: Iterable[Rule], scope: str) -> list[Rule]:
    """Those of `rules` that hold in `scope`."""
    return [r for r in rules if scope in r.scope]


def _rule(entry: dict[str, Any], place: str) -> Rule:
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsError(
            f"rule {entry.get('id')!r}: {f'{key}: ' if key else ''}{said}",
            file=place,
            action="see docs/governance.md",
        ) from error
    try:
        re.compile(rule.pattern)
    except re.error as error:
        raise SettingsError(
            f"rule {rule.id!r}: the pattern is no regular expression: {error}", file=place
        ) from error
    return rule


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"can't be read: {error}", file=str(path)) from error


def _entries(text: str, place: str) -> list[dict[str, Any]]:
    import yaml

    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise SettingsError(f"not valid YAML: {error}", file=place) from error
    entries = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise SettingsError("a list under the key 'rules' is expected", file=place)
    return entries
