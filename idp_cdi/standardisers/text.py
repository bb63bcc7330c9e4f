r"""Free text: one line, composed characters, nothing invisible; otherwise as written.

>>> clean("  net 30\n days ")
'net 30 days'
"""

from __future__ import annotations

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import tidy

NAME = "text"
STRONG = False


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the text on one line.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The text. Cleaning twice changes nothing.

    Raises:
        BadFormat: Nothing but white space.
    """
    text = tidy(raw)
    if not text:
        raise BadFormat("the text is empty", code="value.empty", value=raw)
    return text
