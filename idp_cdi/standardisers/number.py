"""Number: a plain decimal string; a percent or per-mille sign or a unit is left out.

>>> clean("19 %"), clean("7,5%"), clean("1.000 Stk.", decimal=","), clean("-0,5")
('19', '7.5', '1000', '-0.5')
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _decimals
from idp_cdi.standardisers._text import required

NAME = "number"
STRONG = False

_FAST = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d{1,2})?", re.ASCII)
_UNIT = re.compile(r"(?<=[\d\s.,])\s*(?:%|‰|[^\W\d_]{1,9}\.?(?:[²³/][^\W\d_]{0,3}\.?)?)\s*$")
_DIGITLESS = re.compile(r"[^\d.,'\s’+−–()_-]")


def clean(raw: str, *, country: str | None = None, decimal: str | None = None) -> str:
    """Return the number as a plain decimal.

    Args:
        raw: Text as found.
        country: Where it was written; settles what "1.234" means.
        decimal: The decimal mark, "." or ","; outranks `country`.

    Returns:
        Sign, digits and decimals as printed. "19 %" is 19, not 0.19.

    Raises:
        BadFormat: Not a number, or two readings are left (``value.ambiguous``).
    """
    if _FAST.fullmatch(raw) and raw.strip("-0."):
        return raw
    text = _UNIT.sub("", required(raw, "a number"))
    if _DIGITLESS.search(text):
        raise BadFormat("a number has digits and one unit at most", value=raw)
    return _decimals.plain(text, country=country, decimal=decimal)
