"""What is published, described: a data dictionary and JSON Schemas, made from the definitions.

`data/star.yaml` and `data/fields.yaml` are the only places where a table or a field is described;
``docs/data-dictionary.md`` and the schemas are made from them, and a test refuses stale ones.

>>> schema(next(t for t in star.tables() if t.name == "dim_source"))["properties"]["kind"]
{'type': ['string', 'null'], 'description': 'documents or feed'}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from idp_cdi.fields import fields
from idp_cdi.steps import marts, star

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.fields import FieldSpec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KINDS: dict[str, dict[str, Any]] = {
    "BIGINT": {"type": "integer"},
    "INTEGER": {"type": "integer"},
    "TEXT": {"type": "string"},
    "BOOLEAN": {"type": "boolean"},
    "DATE": {"type": "string", "format": "date"},
    "TIMESTAMP": {"type": "string", "format": "date-time"},
}


def write(folder: Path) -> list[Path]:
    """Write the data dictionary and one JSON Schema a table into `folder`.

    Args:
        folder: Made if it is not there.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = {"data-dictionary.md": dictionary(), "customer.schema.json": _text(customer_schema())}
    made |= {f"{t.name}.schema.json": _text(schema(t)) for t in star.tables()}
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in made]


def schema(table: star.Table) -> dict[str, Any]:
    """The JSON Schema of a row of a table; money is text, so that no reader makes it binary."""
    properties = {c.name: _column(c.type, c.about, key=c.name in table.key) for c in table.columns}
    properties["row_hash"] = {"type": "integer", "description": "equal hashes, equal rows"}
    return {
        "$schema": _DIALECT,
        "$id": f"https://idp-cdi.example/schemas/{table.name}.schema.json",
        "title": table.name,
        "description": table.about,
        "type": "object",
        "properties": properties,
        "required": list(table.key),
        "additionalProperties": False,
    }


def customer_schema() -> dict[str, Any]:
    """The JSON Schema of ``customers export --format jsonl``."""
    values = {f.name: {"type": "string", "description": _field(f)} for f in fields().party.values()}
    texts = {
        "id": "for ever",
        "kind": "organisation, person or unknown",
        "roles": "comma separated",
    }
    properties: dict[str, Any] = {
        n: {"type": "string", "description": about} for n, about in texts.items()
    }
    properties |= {
        "mentions": {"type": "integer", "minimum": 1, "description": "places that mention it"},
        "valid_from": {"type": "string", "format": "date-time", "description": "of this version"},
        "values": {"type": "object", "properties": values, "additionalProperties": False},
    }
    return {
        "$schema": _DIALECT,
        "$id": "https://idp-cdi.example/schemas/customer.schema.json",
        "title": "customer",
        "description": "A golden record with the best value of each field.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def dictionary() -> str:
    """The data dictionary as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `idp-cdi publish --schemas FOLDER` from `idp_cdi/data/star.yaml`,",
        "`idp_cdi/data/fields.yaml` and `idp_cdi/data/marts/`. Don't edit it.",
    ]
    for table in star.tables():
        lines += ["", f"## {table.name}", "", table.about, "", "| column | type | meaning |"]
        lines += ["| --- | --- | --- |"]
        for column in table.columns:
            mark = " (key)" if column.name in table.key else ""
            lines.append(f"| `{column.name}`{mark} | {column.type} | {column.about} |")
        lines.append("| `row_hash` | BIGINT | equal hashes, equal rows |")
    lines += ["", "## Fields of parties", "", *_fields_table(fields().party)]
    lines += ["", "## Fields of documents", "", *_fields_table(fields().document)]
    lines += ["", "## Marts", "", "| mart | what it answers |", "| --- | --- |"]
    for mart in (*marts.tables().values(), *marts.marts().values()):
        lines.append(f"| `{mart.name}` | {' '.join(mart.about.split())} |")
    return "\n".join(lines) + "\n"


def _fields_table(known: dict[str, FieldSpec]) -> list[str]:
    lines = ["| field | term | kind of value | data class | several |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for f in known.values():
        several = "yes" if f.multi else ""
        lines.append(f"| `{f.name}` | {f.term} | {f.kind} | {f.pii} | {several} |")
    return lines


def _column(kind: str, about: str, *, key: bool) -> dict[str, Any]:
    found = dict(_KINDS.get(kind) or {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"})
    if not key:
        found["type"] = [found["type"], "null"]
    return found | {"description": about}


def _field(spec: FieldSpec) -> str:
    return f"{spec.term}; kind {spec.kind}; {spec.pii} data"


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
