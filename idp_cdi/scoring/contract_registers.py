"""The register number that a contract gives for a party: behind its name, under its own wording.

>>> from idp_cdi.extractors.clauses import Prose
>>> text = "Sample Ltd, registered in England with company number 01234567, whose office is at"
>>> after(Prose(text, (), (), (), 1), 10, 400).value
'01234567'
>>> text = "Muster GmbH, eingetragen im Handelsregister des Amtsgerichts Ulm unter HRB 8381, und"
>>> after(Prose(text, (), (), (), 1), 11, 400).value
'HRB 8381'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

_FAR = 260
_STRENGTH = 0.8
_CUE = (
    r"(?:(?:compan\w+|registration|registered|register|corporate|entity|incorporation|reg\.?)\s+"
    r"(?:number|no\.?|nr\.?|\#)|(?:registered|incorporated)\s+under\s+(?:number|no\.?)"
    r"|\b(?:ACN|ABN|CIN|CRN|UEN|EIN|KvK|SIREN|SIRET|SIREN|RCS|REA|NIF|CIF|P\.?\s?IVA|C\.?F)\b\.?"
    r"|\beingetragen\s+(?:\S+\s+){0,8}?unter(?:\s+der)?(?:\s+(?:nummer|nr\.?))?"
    r"|\b(?:handelsregister\w*|firmenbuch\w*|register)[\s-]*(?:nummer|nr\.?)"
    r"|\b(?:immatricul\w+|inscrite?|enregistrée?)\s+(?:\S+\s+){0,9}?(?:sous\s+le\s+)?(?:numéro|n[°o]\.?)"
    r"|\b(?:inscrita|registrada)\s+(?:\S+\s+){0,9}?(?:número|n[°ºo]\.?)"
    r"|\b(?:iscritta)\s+(?:\S+\s+){0,9}?(?:numero|n\.?[°º]?)"
    r"|\bingeschreven\s+(?:\S+\s+){0,9}?onder\s+(?:nummer|nr\.?)"
    r"|\bregister\w*\s+(?:number|nummer|nr\.?|no\.?)"
    r"|(?<![\w-])(?=(?:HR\s?[AB]|FN|GnR|CHE)[\s-]?\d))"
)
_NUMBER = (
    r"[\s:]*(?P<number>(?:(?:HR\s?[AB]|FN|GnR|PR|VR|CHE|[A-Z]{1,3})[ .-]?)?"
    r"\d(?:[\d/]|[ .-](?=\d))*\d(?:[ -]?[a-zA-Z](?![\w]))?)(?![\w])"
)
_FOUND = re.compile(_CUE + _NUMBER, re.I)


def after(prose: Prose, start: int, limit: int) -> Mention | None:
    """The register number that follows a name, None where none is said.

    Args:
        prose: The contract.
        start: Where the name ends.
        limit: Where the next party is named.
    """
    end = min(limit, start + _FAR)
    m = _FOUND.search(prose.text.replace("\n", " "), start, end)
    if m is None or sum(c.isdigit() for c in m["number"]) < 3:
        return None
    return Mention(m["number"], *m.span("number"), {"strength": _STRENGTH})
