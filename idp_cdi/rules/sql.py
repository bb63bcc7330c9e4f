r"""Rules as SQL: for each rule when it applies to a row, and whether the row fails it.

A comparison with a missing value decides nothing: such a row is not checked by the rule.

>>> from idp_cdi.rules.spec import Rule
>>> rule = Rule(id="a", what="format", field="postal_code", pattern="[0-9]{5}", message="five",
...             when={"country": ("DE",)})
>>> applies(rule)
'"country" IN (\'DE\') AND "postal_code" IS NOT NULL'
>>> passes(rule, 0)
'regexp_full_match("postal_code", \'[0-9]{5}\')'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.fields import fields
from idp_cdi.rules.spec import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.rules.spec import Rule


def text(value: str) -> str:
    """`value` as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def used(rules: Iterable[Rule]) -> list[str]:
    """The fields of a party that `rules` speak of, sorted."""
    found: set[str] = set()
    for rule in rules:
        words = set(re.findall(r"[a-z_]+", rule.expect))
        found |= {*rule.fields, *rule.when, *filter(None, (rule.field,)), *words}
        if rule.what == "valid":
            found.add("country")
    return sorted(found & fields().party.keys())


def wide(names: Iterable[str], coded: Iterable[str], key: str) -> str:
    """The query that lays out the rows of ``batch``, one column a field (its first value).

    Args:
        names: The fields.
        coded: Those that also get ``<field>__code``: what its standardiser had against a feed's
            value, NULL where nobody has asked it.
        key: Where the values stand in the payload: "o" in records, "values" in golden records.
    """
    asked = set(coded)
    columns = []
    for name in names:
        place = f"list_position(ks, {text(name)})"
        columns.append(f"nullif(vs[{place}], '') AS \"{name}\"")
        if name in asked:
            columns.append(f'cs[{place}] AS "{name}__code"')
    chosen = ", ".join(["id", *ABOUT, *columns])
    about = ", ".join(["id", *ABOUT])
    code = "CASE WHEN told THEN x[6] END"
    return (
        f"SELECT {chosen} FROM (SELECT {about}, list_transform(o, lambda x: x[1]) AS ks, "
        f"list_transform(o, lambda x: x[2]) AS vs, list_transform(o, lambda x: {code}) AS cs "
        f"FROM (SELECT {about}, starts_with(payload, '{{\"t\":') AS told, "
        f'from_json(payload, \'{{"{key}":[["VARCHAR"]]}}\').{key} AS o FROM batch))'
    )


def applies(rule: Rule) -> str:
    """The condition under which `rule` has something to say about a row."""
    parts = []
    for name, values in rule.when.items():
        listed = ", ".join(map(text, values))
        if name == "role":  # a golden record may have several
            parts.append(f"list_has_any(string_split(role, ','), [{listed}])")
        else:
            parts.append(f'"{name}" IN ({listed})')
    if rule.what == "cross_field":
        parts.append(f"CAST(({rule.expect}) AS BOOLEAN) IS NOT NULL")
    elif rule.what == "uniqueness":
        parts += [f'"{name}" IS NOT NULL' for name in rule.fields]
    elif rule.what != "completeness":
        parts.append(f'"{rule.field}" IS NOT NULL')
    return " AND ".join(parts) or "TRUE"


def passes(rule: Rule, number: int) -> str:
    """The condition that `rule` sets; `number` names the tables that were made for it."""
    if rule.what == "completeness":
        return " OR ".join(f'"{name}" IS NOT NULL' for name in rule.fields)
    if rule.what == "format":
        return f'regexp_full_match("{rule.field}", {text(rule.pattern)})'
    if rule.what == "valid":
        known = f'"{rule.field}__code"'
        asked = (
            f'("{rule.field}", coalesce("country", \'\')) NOT IN (SELECT v, c FROM bad_{number})'
        )
        return f"CASE WHEN {known} IS NULL THEN {asked} ELSE {known} = '' END"
    if rule.what == "reference":
        return f'"{rule.field}" IN (SELECT v FROM list_{number})'
    return f"CAST(({rule.expect}) AS BOOLEAN)"


def fails(rule: Rule, number: int) -> str:
    """The condition under which a row fails `rule`; what can't be told does not pass."""
    return f"({applies(rule)}) AND NOT coalesce({passes(rule, number)}, FALSE)"
