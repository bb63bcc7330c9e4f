"""What a value says of a person, by field, and how it is shown to those who need not know.

The class of each field stands in ``data/fields.yaml`` (`pii`): ``direct`` says who it is,
``contact`` how to reach it, ``bank`` where its money is, ``text`` are free words in which anything
may stand, ``none`` says nothing of a person.

>>> class_of("buyer.email"), class_of("total"), class_of("a.field.of.yours")
('contact', 'none', 'text')
>>> masked("name", "Ann Lee"), masked("email", "ann.lee@example.com"), masked("country", "DE")
('A•• L••', 'a••••••@example.com', 'DE')
>>> masked("iban", "DE89370400440532013000"), masked("phone", "+49301234567")
('DE••••••••••••••••3000', '+4••••••••67')
"""

from __future__ import annotations

import re

from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields

CLASSES = ("direct", "contact", "bank", "text", "none")
_DOT = "•"


def class_of(field: str) -> str:
    """The class of a field, with or without a role; one of a user's own type may say anything."""
    try:
        return fields().get(field).pii
    except SettingsError:
        return "text"


def masked(field: str, value: str) -> str:
    """`value` so that it can be told apart from others of its kind, and no more."""
    kind = class_of(field)
    if kind == "none" or not value:
        return value
    if kind == "text":
        return _DOT * 3
    if kind == "bank":
        return value[:2] + _DOT * max(len(value) - 6, 3) + value[-4:]
    local, at, domain = value.partition("@")
    if at:
        return local[:1] + _DOT * max(len(local) - 1, 2) + at + domain
    if re.fullmatch(r"[\d\s()+/.-]{5,}", value):
        return value[:2] + _DOT * (len(value) - 4) + value[-2:]
    return " ".join(word[:1] + _DOT * (len(word) - 1) for word in value.split())
