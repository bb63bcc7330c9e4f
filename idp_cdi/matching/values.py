"""Single values made comparable: phones, e-mails, dates, identifiers, words, lists, places.

Each builder takes a column of strings and returns `Values`; what a comparison needs beyond
equality lies in `extra`, by distinct value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.raw import CAPITALS, DIGITS, is_ascii, is_mail, mapped
from idp_cdi.matching.strings import (
    FEW,
    at_least,
    digits,
    extract,
    last,
    lower,
    replace,
    upper,
    without,
)
from idp_cdi.matching.text import fold, hash_list, hash_strings, skeleton, skeletons
from idp_cdi.matching.tokens import (
    Tokens,
    Values,
    distinct,
    joined,
    matrix,
    shape_of,
    split,
    values_of,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MONTHS = {m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTHS |= {"mai": 5, "okt": 10, "dez": 12, "mrz": 3}
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_OTHER = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$")
_NAMED = re.compile(r"^(\d{1,2})[-/. ]*([a-z]{3})[a-z]*[-/., ]*(\d{4}|\d{2})$")
_NAMED_FIRST = re.compile(r"^([a-z]{3})[a-z]*[-/. ]*(\d{1,2})[-/., ]+(\d{4}|\d{2})$")
_SHARED_BOXES = frozenset(
    "info office mail kontakt contact sales support service hello admin post team buchhaltung "
    "accounting billing invoice invoices rechnung rechnungen einkauf purchasing verkauf vertrieb "
    "webmaster noreply no-reply hr jobs email enquiries inquiries contacto contatti bonjour "
    "amministrazione administracion comptabilite secretariat sekretariat zentrale".split()
)

_GENDERS = {
    "m": "m", "f": "f", "w": "f", "h": "m", "male": "m", "female": "f", "man": "m", "woman": "f",
    "mannlich": "m", "weiblich": "f", "homme": "m", "femme": "f",
}  # fmt: skip

#: In front of a number that somebody else says a party has: a document, not the books themselves.
TOLD = "¶"


def phone(text: Any) -> Values:
    """Digits without the trunk zero in brackets; compared by their last seven and nine."""
    found = values_of(last(at_least(digits(without(text, "(0)")), 6), 10))
    tails = hash_strings(last(found.arrow, 7)) if len(found.strings) > FEW else None
    if tails is None:
        tails = hash_list([s[-7:] for s in found.strings])
    return Values(found.codes, found.strings, found.hashes, found.extra | {"last": tails})


def email(text: Any) -> Values:
    """The address alone, in lower case, with the hashes of its two parts."""
    values = values_of(_mail_in(lower(text)))
    extra = _parts_of_many(values.arrow) if len(values.strings) > FEW else None
    if extra is not None:
        return Values(values.codes, values.strings, values.hashes, values.extra | extra)
    parts = [s.partition("@") for s in values.strings]
    shared = np.fromiter((p[0] in _SHARED_BOXES for p in parts), dtype=bool, count=len(parts))
    extra = {
        "local": hash_list([p[0] for p in parts]),
        "domain": hash_list([p[2] for p in parts]),
        "shared": shared,
        # anna7@ and anna67@ are no misspellings of each other.
        "digits": hash_list(["".join(filter(str.isdigit, p[0])) for p in parts]),
    }
    return Values(values.codes, values.strings, values.hashes, values.extra | extra)


def _mail_in(text: Any) -> Any:
    """The address in each string; most strings are nothing else."""
    pattern = r"(?P<a>[^\s<>\"',;:]+@[^\s<>\"',;:]+)"
    if isinstance(text, list):
        return extract(text, pattern)
    import pyarrow as pa
    import pyarrow.compute as pc

    more = ~is_mail(text)
    if not more.any():
        return text
    mask = pa.array(more)
    return pc.replace_with_mask(text, mask, extract(text.filter(mask), pattern))


def _parts_of_many(texts: Any) -> dict[str, NDArray[Any]] | None:
    """What `email` says of each address, by Arrow; None where some have other letters than ASCII.

    Python and Arrow have different ideas of what a digit is there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not is_ascii(texts):
        return None
    halves = pc.split_pattern(texts, "@", max_splits=1).flatten()
    local, domain = halves[::2], halves[1::2]
    boxes = pa.array(sorted(_SHARED_BOXES), pa.string())
    return {
        "local": hash_strings(local),
        "domain": hash_strings(domain),
        "shared": pc.is_in(local, value_set=boxes).to_numpy(zero_copy_only=False),
        "digits": hash_strings(mapped(local, DIGITS)),
    }


def identifier(text: Any) -> Values:
    """Letters and digits only; leading zeros stay; with the look-alike skeleton."""
    if isinstance(text, list) or not is_ascii(text):
        plain = upper(replace(text, r"[^\p{L}\p{N}]+", "", r"[\W_]+"))
    else:
        plain = mapped(text, CAPITALS)
    values = values_of(plain)
    if len(values.strings) > FEW and is_ascii(values.arrow):
        shapes = hash_strings(skeletons(lower(values.arrow)))
    else:
        shapes = hash_list([skeleton(s.lower()) for s in values.strings])
    return Values(values.codes, values.strings, values.hashes, values.extra | {"skeleton": shapes})


def account(text: Any) -> Values:
    """A number that a party has in a system's books, leading zeros off; `TOLD` ones are marked."""
    signs = rf"[^\p{{L}}\p{{N}}{TOLD}]+"
    values = values_of(upper(replace(text, signs, "", rf"[^\w{TOLD}]+|_")))
    number, told = _accounts(values)
    extra: dict[str, NDArray[Any]] = {"number": number, "told": told}
    return Values(values.codes, values.strings, values.hashes, values.extra | extra)


def _accounts(values: Values) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """The hash of each number as it is compared, and whether it is a told one."""
    if len(values.strings) <= FEW:
        few = values.strings.tolist()
        told = np.array([s.startswith(TOLD) for s in few], dtype=np.bool_)
        return hash_list([s.lstrip(TOLD + "0") for s in few]), told
    import pyarrow.compute as pc

    many = values.arrow
    told = pc.starts_with(many, TOLD).to_numpy(zero_copy_only=False)
    return hash_strings(pc.utf8_ltrim(many, TOLD + "0")), told


def same_account(column: Values, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.int8]:
    """Whether two numbers are one party's: 1 yes, -1 no, 0 nobody knows.

    What two systems call their parties has nothing to do with each other, and of two documents
    nobody knows whether one issuer wrote them: there only equality says something.

    Args:
        column: As `account` made it.
        x: Codes of the one side, none missing.
        y: Codes of the other, as many.

    >>> column = account(["¶K-17", "k17", "K-18", "¶0K17"])
    >>> x, y = column.codes[[0, 0, 1, 0]], column.codes[[1, 2, 2, 3]]
    >>> same_account(column, x, y).tolist()
    [1, -1, 0, 1]
    """
    number, told = column.extra["number"], column.extra["told"]
    same = (number[x] == number[y]) & (told[x] | told[y])
    return np.where(same, 1, -(told[x] != told[y]).astype(np.int8)).astype(np.int8)


def website(text: Any) -> Values:
    """The host without "www."."""
    bare = replace(lower(text), r"^\s*(https?://)?(www\d?\.)?", "")
    return values_of(replace(bare, r"[/?#].*$|\s+", ""))


def category(text: Any) -> Values:
    """One of few values, folded."""
    return _by_distinct(text, fold)


def gender(text: Any) -> Values:
    """Gender by its first letter; anything but the usual words is missing."""
    return _by_distinct(text, _gender)


def _gender(text: str) -> str:
    return _GENDERS.get(fold(text), "")


def place(text: Any) -> Values:
    """A town or a postcode: letters and digits, folded."""
    return _by_distinct(text, fold)


def _by_distinct(text: Any, clean: Callable[[str], str]) -> Values:
    """A column whose distinct values are cleaned one by one; those of one record come again."""
    if isinstance(text, list) and len(text) == 1:
        return _of_one(text[0], clean)
    return _cleaned(text, clean)


@lru_cache(maxsize=1 << 12)
def _of_one(value: str | None, clean: Callable[[str], str]) -> Values:
    return _cleaned([value], clean)


def _cleaned(text: Any, clean: Callable[[str], str]) -> Values:
    raw = values_of(text)
    cleaned = [clean(s) for s in raw.strings]
    known: dict[str, int] = {}
    mapped = np.array([known.setdefault(c, len(known)) if c else -1 for c in cleaned] or [-1])
    codes = np.where(raw.codes >= 0, mapped[np.maximum(raw.codes, 0)], -1).astype(np.int32)
    names = list(known)
    shape = shape_of(names)
    return Values(codes, np.array(names, dtype=object), hash_list(names), shape)


def date(text: Any, *, day_first: bool) -> Values:
    """Dates as yyyymmdd; `extra` has year, month and day as numbers.

    What can't be read as a date is missing.

    Args:
        text: Arrow strings.
        day_first: Whether 3/4/2020 is in April.
    """
    raw = values_of(text)
    parts = [_parse_date(s.strip().lower(), day_first=day_first) for s in raw.strings]
    known: dict[tuple[int, int, int], int] = {}
    mapped = [known.setdefault(p, len(known)) if p is not None else -1 for p in parts]
    codes = np.where(raw.codes >= 0, np.array(mapped or [-1])[np.maximum(raw.codes, 0)], -1)
    names = [f"{y:04d}{m:02d}{d:02d}" for y, m, d in known]
    table = np.array(list(known) or [(0, 0, 0)], dtype=np.int32)
    extra: dict[str, NDArray[Any]] = {"year": table[:, 0], "month": table[:, 1], "day": table[:, 2]}
    extra |= shape_of(names)
    return Values(codes.astype(np.int32), np.array(names, dtype=object), hash_list(names), extra)


def day_comes_first(text: Any) -> bool:
    """Whether 3/4/2020 is in April: told by the values where one number is above twelve."""
    found = [m for m in map(_OTHER.match, values_of(text).strings) if m]
    days = sum(int(m[1]) > 12 for m in found)
    months = sum(int(m[2]) > 12 for m in found)
    return days > months


def _parse_date(text: str, *, day_first: bool) -> tuple[int, int, int] | None:
    if match := _ISO.match(text) or _COMPACT.match(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _OTHER.match(text):
        a, b = int(match[1]), int(match[2])
        day, month = (a, b) if (day_first and b <= 12) or a > 12 else (b, a)
        return _year(match[3]), month, day
    if (match := _NAMED.match(text)) and match[2] in _MONTHS:
        return _year(match[3]), _MONTHS[match[2]], int(match[1])
    if (match := _NAMED_FIRST.match(text)) and match[1] in _MONTHS:
        return _year(match[3]), _MONTHS[match[1]], int(match[2])
    return None


def _year(text: str) -> int:
    """Two digits mean the last hundred years or so: up to 30 is this century."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year <= 30 else 1900)


def listed(text: Any) -> Tokens:
    """A list in one cell ("a | b", "a; b") as a bag of its items."""
    bare = replace(lower(text), r"[^\p{L}\p{N}|;]+", "", r"[^\w|;]+|_")
    flat = distinct(split(replace(bare, r"[|;]+", " ")))
    return Tokens(matrix(flat, 24), vocabulary(flat.strings), joined(flat))


def bag(text: Any) -> Tokens:
    """Free words as a bag."""
    flat = distinct(split(lower(text)))
    return Tokens(matrix(flat, 8), vocabulary(flat.strings), joined(flat))
