"""E-mail address: no "mailto:", no display name, domain in lower case.

The part before "@" keeps its case; the receiving host decides what it means. What a domain and a
mailbox say about the customer: `domain_class` and `is_shared`.
Source: https://www.rfc-editor.org/rfc/rfc5321#section-2.4

>>> clean(" mailto:Ann.Lee@EXAMPLE.com ")
'Ann.Lee@example.com'
>>> clean("Ann Lee <ann.lee@Example.com>;")
'ann.lee@example.com'
>>> domain_class("ann@gmail.com"), domain_class("ann@acme.de")
('free', 'corporate')
>>> is_shared("Info@acme.de"), is_shared("ann.lee@acme.de")
(True, False)
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import required

NAME = "email"
STRONG = False  # shared mailboxes exist: never enough alone to call two records one customer

DomainClass = Literal["corporate", "free", "disposable", "example"]

_FAST = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_LEAD = re.compile(r"^(?:e-?mail\b\s*:?|mailto:|\s)+", re.IGNORECASE)
_NAMED = re.compile(r"^[^<>]*<\s*([^<>]+?)\s*>$")
_EDGES = " \t,;:<>()[]\"'."


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the address in the form in which two sources can be compared.

    Args:
        raw: Text as found on the page or in the feed.
        country: ISO 3166-1 alpha-2; part of the shared signature, not needed here.

    Returns:
        The address. Cleaning twice changes nothing.

    Raises:
        BadFormat: Not exactly one "@", nothing on one side of it, no dot in the domain, or a
            space inside.
    """
    text = raw
    if not _FAST.fullmatch(text) or text[0] in _EDGES:
        text = required(raw, "an e-mail address").rstrip(";, ")
        named = _NAMED.match(text)
        text = _LEAD.sub("", named.group(1) if named else text).strip(_EDGES)
    local, _, domain = text.partition("@")
    if not local or "@" in domain or any(map(str.isspace, text)):
        raise BadFormat("an e-mail address has one @ with text on both sides", value=raw)
    domain = domain.lower().rstrip(".")
    if "." not in domain.strip(".") or ".." in domain or domain.startswith((".", "-")):
        raise BadFormat("the domain of an e-mail address has two parts or more", value=raw)
    return f"{local}@{domain}"


def key(value: str) -> str:
    """Lower case, without a "+tag", and without the dots that Gmail ignores."""
    local, _, domain = value.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def domain_class(value: str) -> DomainClass:
    """Say whether the domain is a firm's own, a free or provider mail service, or no real one."""
    domain = value.rpartition("@")[2].lower()
    lists = _lists()
    if domain in lists["free"] or _PROVIDER.match(domain):
        return "free"
    if domain in lists["disposable"]:
        return "disposable"
    if domain in lists["example"] or domain.endswith((".example", ".test", ".invalid", ".local")):
        return "example"
    return "corporate"


# yahoo.co.uk, hotmail.fr, live.nl …: the services with a domain in every country.
_PROVIDER = re.compile(r"(?:yahoo|ymail|hotmail|outlook|live|msn|gmx|aol)\.[a-z.]{2,6}$")
_SHARED_TAIL = re.compile(r"[-._]?\d+$")


def is_shared(value: str) -> bool:
    """Say whether the mailbox is a function (info@, rechnung@), not a person."""
    local = value.lower().partition("@")[0]
    names = _lists()["shared"]
    local = _SHARED_TAIL.sub("", local)
    return local in names or any(part in names for part in re.split(r"[-._]", local)[:1])


@cache
def _lists() -> dict[str, frozenset[str]]:
    from importlib.resources import files

    import yaml

    text = (files("idp_cdi") / "data" / "mail_domains.yaml").read_text(encoding="utf-8")
    return {name: frozenset(words.split()) for name, words in yaml.safe_load(text).items()}
