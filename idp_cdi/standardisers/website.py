"""Web site: host and path without scheme, "www." and trailing slash.

>>> clean("HTTPS://www.Acme.de/")
'acme.de'
>>> clean("acme.de/Shop/?utm_source=x")
'acme.de/Shop'
>>> key("shop.acme.co.uk/x")
'acme.co.uk'
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import required

NAME = "website"
STRONG = False  # franchises, marketplaces and social networks share hosts

_LEAD = re.compile(
    r"^(?:(?:website|web|internet|homepage|url|www)\s*:\s*)?(?:[a-z]{3,5}:/*)?", re.I
)
_WWW = re.compile(r"^(?:www\d?\.)+(?=[^.]+\.)", re.I)
_HOST = re.compile(
    r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*\.(?:[^\W\d_]{2,}|xn--[\w-]+)"
)
# Registries that sell names one level below: the customer's own part is the one before.
_SECOND = frozenset(
    "co com org net gov edu ac or ne go gob gouv asso nom com ltd plc me sch nhs".split()
)


def clean(raw: str, *, country: str | None = None) -> str:
    """Return host and path in the form in which two sources can be compared.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The host in lower case, a path as written, no query.

    Raises:
        BadFormat: No host with a dot, or it is an e-mail address.
    """
    text = _LEAD.sub("", required(raw, "a web site")).strip(" .,;:<>()[]\"'")
    host, slash, path = text.partition("/")
    host = host.partition("?")[0].partition("#")[0]
    path = path.partition("?")[0].partition("#")[0].rstrip("/ .,;")
    if "@" in host:
        raise BadFormat("this is an e-mail address, not a web site", value=raw)
    host = _WWW.sub("", host.lower().partition(":")[0]).strip(".")
    if not _HOST.fullmatch(host) or any(map(str.isspace, path)):
        raise BadFormat("a web site has a host with a dot in it", value=raw)
    return f"{host}/{path}" if slash and path else host


def key(value: str) -> str:
    """The registered domain, without subdomains and path."""
    parts = value.partition("/")[0].split(".")
    many = 3 if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SECOND else 2
    return ".".join(parts[-many:])
