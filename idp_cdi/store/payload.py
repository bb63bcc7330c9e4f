"""The stored form of a record's observations: compact JSON, one text a record.

- A feed row: ``{"t": [system, table, row], "o": […]}``; each value is
  ``[field, value, raw|null, confidence, column, method]``.
- A document mention: ``{"d": sha256, "o": […]}``; each value is
  ``[field, value, raw|null, confidence, page, [x0, y0, x1, y1]|null, method]``, and one that a
  person gave about the document has the person as an eighth element.
- A person's answers: ``{"p": person, "o": […]}``; ``[field, value, raw|null, confidence, method]``.

`raw` is null where it equals the value. Encoding is canonical: equal observations, equal bytes.

>>> from idp_cdi.observations import Observation, Origin
>>> one = Observation("name", "Acme", "Acme", 0.9, Origin(
...     system="crm", table="t", row="7", column="Company"))
>>> encode([one])
'{"t":["crm","t","7"],"o":[["name","Acme",null,0.9,"Company",""]]}'
>>> decode(encode([one])) == (one,)
True
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box
from idp_cdi.observations import Observation, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(observations: Iterable[Observation]) -> str:
    """The JSON text of `observations`, which must share document, table row or person.

    Answers of persons may stand among the values of a document; they keep page and box.
    """
    many = list(observations)
    if not many:
        return '{"o":[]}'
    first = many[0].origin
    sha256 = next((o.origin.document for o in many if o.origin.document), "")
    persons = {o.origin.person for o in many}
    if sha256 or len(persons) > 1 or any(o.origin.person and o.origin.page for o in many):
        return _encode({"d": sha256, "o": [_seen(o) for o in many]})
    if first.person:
        return _encode({"p": first.person, "o": [[*_value(o), o.method] for o in many]})
    place = [first.system, first.table, first.row]
    return _encode({"t": place, "o": [[*_value(o), o.origin.column, o.method] for o in many]})


def decode(payload: str) -> tuple[Observation, ...]:
    """The observations of a stored record."""
    data = json.loads(payload)
    if "d" in data:
        return tuple(_from_document(data["d"], *row) for row in data["o"])
    if "p" in data:
        origin = Origin(person=data["p"])
        return tuple(Observation(f, v, _raw(r, v), c, origin, m) for f, v, r, c, m in data["o"])
    if not data["o"]:
        return ()
    system, table, key = data["t"]
    return tuple(
        Observation(
            f, v, _raw(r, v), c, Origin(system=system, table=table, row=key, column=column), m
        )
        for f, v, r, c, column, m in data["o"]
    )


def _value(o: Observation) -> list[Any]:
    return [o.field, o.value, None if o.raw == o.value else o.raw, round(o.confidence, 6)]


def _seen(o: Observation) -> list[Any]:
    box = None if o.origin.box is None else [round(n, 2) for n in o.origin.box]
    row = [*_value(o), o.origin.page, box, o.method]
    return [*row, o.origin.person] if o.origin.person else row


def _from_document(
    sha256: str,
    field: str,
    value: str,
    raw: str | None,
    confidence: float,
    page: int,
    box: list[float] | None,
    method: str,
    person: str = "",
) -> Observation:
    place = Origin(
        document="" if person else sha256,
        page=page,
        box=None if box is None else Box(*box),
        person=person,
    )
    return Observation(field, value, _raw(raw, value), confidence, place, method)


def _raw(raw: str | None, value: str) -> str:
    return value if raw is None else raw
