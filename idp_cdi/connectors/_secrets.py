"""Secrets in source files: named as ``${VARIABLE}``, taken from the environment when needed.

>>> import os; os.environ["IDP_TEST_SECRET"] = "s3"
>>> fill("Bearer ${IDP_TEST_SECRET}")
'Bearer s3'
"""

from __future__ import annotations

import os
import re

from idp_cdi.errors import SettingsError

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill(text: str) -> str:
    """`text` with every ``${VARIABLE}`` replaced.

    Raises:
        SettingsError: A variable is not set.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise SettingsError(
                f"the environment variable {match[1]} is not set",
                code="settings.secret",
                action=f"export {match[1]}=…",
            )
        return found

    return _NAMED.sub(value, text)


def without_secrets(url: str) -> str:
    """A URL that can be shown: no password, no query.

    >>> without_secrets("postgresql://me:pw@db/crm?x=1")
    'postgresql://me:***@db/crm'
    """
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url).partition("?")[0]
