"""Legal forms apart from the distinctive part of an organisation's name.

Forms and their ISO 20275 codes are data: ``data/legal_forms.yaml``. Shared with matching.
Source: https://www.gleif.org/en/about-lei/code-lists/iso-20275-entity-legal-forms-code-list

>>> split("Müller & Söhne Gesellschaft m.b.H. & Co. KG")
NameParts(core='mueller soehne', form='gmbh co kg', family='limited_partnership', elf='')
>>> split("Acme S.à r.l.", country="LU")
NameParts(core='acme', form='sarl', family='limited', elf='DVXS')
>>> split("Stichting Het Parool").form, split("UAB Baltic").core, split("The Company").core
('stiftung', 'baltic', 'company')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from idp_cdi.standardisers._text import fold

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_UMLAUT = re.compile("[äöüÄÖÜ]")
_WORDS = re.compile(r"[^\W_]+")
# Runs of single letters are one abbreviation: "s r l", "g m b h", "l l c".
_LETTERS = re.compile(r"(?<!\S)(?:[^\W\d_] )+[^\W\d_](?!\S)")
_AND = re.compile(r"\s*(?:&|\+)\s*")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_JOINERS = frozenset("and und et y e i en og och ja a u".split())
_ARTICLES = frozenset("the der die das le la les el los il lo gli de het".split())
_MOST_WORDS = 9


class NameParts(NamedTuple):
    """A name taken apart.

    `core` is the distinctive part, folded; `form` the key of the legal form in
    ``legal_forms.yaml``, `family` its class across countries, `elf` its ISO 20275 code where the
    country is known or only one country has it; "" where the name shows none.
    """

    core: str
    form: str
    family: str
    elf: str


@dataclass(frozen=True, slots=True)
class LegalForm:
    """One legal form: see the head of ``data/legal_forms.yaml``."""

    form: str
    family: str
    elf: dict[str, str]
    anywhere: bool = False
    front: bool = False


class _Table(NamedTuple):
    spellings: dict[str, LegalForm]
    last_words: frozenset[str]
    first_words: frozenset[str]
    anywhere: frozenset[str]


@cache
def _table() -> _Table:
    from importlib.resources import files

    import yaml

    text = (files("idp_cdi") / "data" / "legal_forms.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found: dict[str, LegalForm] = {}
    for name, entry in data.items():
        also = entry.pop("also", [])
        form = LegalForm(form=name, **{"elf": {}, **entry})
        for spelling in (name, *also):
            found.setdefault(_joined(spelling), form)
    front = {s for s, f in found.items() if f.front}
    return _Table(
        found,
        frozenset(s.rpartition(" ")[2] for s in found),
        frozenset(s.partition(" ")[0] for s in front),
        frozenset(s for s, f in found.items() if f.anywhere),
    )


def forms() -> dict[str, LegalForm]:
    """Every spelling we know, folded, with its legal form."""
    return dict(_table().spellings)


def words(value: str) -> list[str]:
    """The words of a name for comparing: folded, umlauts spelled out, "S.R.L." as "srl".

    Args:
        value: A name as printed.

    Returns:
        Words of letters and digits; "&" and "+" become "and".
    """
    text = value
    if not text.isascii():
        text = _UMLAUT.sub(lambda m: m[0].translate(_UMLAUTS), text)
    text = fold(text)
    if "&" in text or "+" in text:
        text = _AND.sub(" and ", text)
    if "'" in text:
        text = _APOSTROPHE.sub("", text)
    return _joined(" ".join(_WORDS.findall(text))).split()


def _joined(text: str) -> str:
    return _LETTERS.sub(lambda m: m[0].replace(" ", ""), text)


@lru_cache(maxsize=65536)
def split(value: str, *, country: str | None = None) -> NameParts:
    """Take the legal form off a name.

    Args:
        value: Name as printed.
        country: ISO 3166-1 alpha-2; tells which country's "GmbH" or "SA" it is.

    Returns:
        The distinctive part and the legal form. A name that is nothing but a legal form keeps
        its words: the distinctive part is empty only where the name has no letter or digit.
    """
    parts = words(value)
    rest, form = _strip(parts)
    core = [w for w in rest if w not in _JOINERS] or rest
    while len(core) > 1 and core[0] in _ARTICLES:
        core = core[1:]
    if form is None:
        return NameParts(" ".join(core), "", "", "")
    return NameParts(" ".join(core), form.form, form.family, _code(form, country))


def _code(form: LegalForm, country: str | None) -> str:
    if country is not None:
        return form.elf.get(country, "")
    return next(iter(form.elf.values())) if len(form.elf) == 1 else ""


def _strip(parts: list[str]) -> tuple[list[str], LegalForm | None]:
    """The words without legal forms, and the one that says most: the last full one."""
    form: LegalForm | None = None
    rest = parts
    while len(rest) > 1:
        found = _suffix(rest)
        if found is None:
            break
        left, hit = found
        if _ARTICLES.issuperset(left):
            break
        rest = left
        if form is None or form.family == "company":
            form = hit
    if form is None or form.family == "company":
        rest, form = _elsewhere(rest, form)
    while len(rest) > 1 and rest[-1] in _JOINERS:
        rest = rest[:-1]
    return rest, form


def _suffix(parts: list[str]) -> tuple[list[str], LegalForm] | None:
    table = _table()
    if parts[-1] not in table.last_words:
        return None
    for count in range(min(_MOST_WORDS, len(parts) - 1), 0, -1):
        hit = table.spellings.get(" ".join(parts[-count:]))
        if hit is not None:
            return parts[:-count], hit
    return None


def _elsewhere(parts: list[str], form: LegalForm | None) -> tuple[list[str], LegalForm | None]:
    """A form in front, or one that is unmistakable in the middle."""
    table = _table()
    if len(parts) > 1 and parts[0] in table.first_words:
        for count in range(min(_MOST_WORDS, len(parts) - 1), 0, -1):
            hit = table.spellings.get(" ".join(parts[:count]))
            if hit is not None and hit.front:
                return parts[count:], hit
    for start in range(1, len(parts) - 1):
        for end in range(min(len(parts) - 1, start + _MOST_WORDS), start, -1):
            spelling = " ".join(parts[start:end])
            if spelling in table.anywhere:
                return parts[:start] + parts[end:], table.spellings[spelling]
    return parts, form
