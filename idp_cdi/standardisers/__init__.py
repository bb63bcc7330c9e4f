"""Raw text in, the form in which two sources can be compared out; or a typed error.

One module a kind of value (the `kind` of a field in ``data/fields.yaml``). Each has

- ``NAME``: its kind, the same as the module's name;
- ``STRONG``: whether two records that agree on it are nearly enough to be one customer;
- ``clean(raw, *, country=None, …) -> str``: the clean value, or `BadFormat`. Cleaning twice is
  cleaning once. Hints are keyword-only and optional: `country` (ISO 3166-1 alpha-2) everywhere,
  `day_first` for dates, `decimal` for amounts, `strict` where there are check digits.

and where it makes sense

- ``key(value) -> str``: a coarser form for comparing, never for showing;
- ``is_valid(value, *, country=None) -> bool``: check digits and the like;
- ``derive(value, …) -> tuple[tuple[str, str], …]``: what else follows from the value, as pairs of
  field and value (a French VAT number holds the SIREN).

`BadFormat.code` says what is wrong: ``value.format`` (not such a value), ``value.empty``,
``value.placeholder`` ("n/a"), ``value.ambiguous`` (two readings: give the hint),
``value.checksum`` (right shape, wrong check digit; ``strict=False`` keeps it).

A reading error of OCR (0 for O, rn for m) is never repaired here: that would be a silent change.
Matching compares with it in mind.

To add a kind: write the module, its table of cases in ``tests/standardisers/``, and name it in
``data/fields.yaml``. Nothing else is edited; the contract test finds it.

>>> way("email").clean(" mailto:Ann.Lee@EXAMPLE.com ")
'Ann.Lee@example.com'
>>> standardise("amount", "1.234,50 €")
Cleaned(value='1234.50', ok=True, code='')
>>> standardise("amount", "1.234")
Cleaned(value='1.234', ok=False, code='value.ambiguous')
>>> standardise("iban", "DE89 3704 0044 0532 0130 01")
Cleaned(value='DE89370400440532013001', ok=False, code='value.checksum')
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from idp_cdi.errors import BadFormat, UsageError
from idp_cdi.standardisers._text import tidy


class Standardiser(Protocol):
    """What a module of this folder offers; see the folder's docstring."""

    NAME: str
    STRONG: bool

    def clean(self, raw: str, *, country: str | None = None, **hints: str | bool | None) -> str:
        """The clean value of `raw`; raises BadFormat."""


class Cleaned(NamedTuple):
    """A value after cleaning.

    `ok` is False where the raw text is no good value of its kind; `value` is then the raw text
    with its white space put right (or the well-shaped value with a wrong check digit), and `code`
    says why.
    """

    value: str
    ok: bool = True
    code: str = ""


class _Checked(Protocol):
    def is_valid(self, value: str, *, country: str | None = None) -> bool: ...


#: Kinds that say the same by `is_valid` after cleaning as by cleaning strictly, without doing it
#: twice: their columns are long and their errors many.
_CHECKED = frozenset({"tax_number", "vat_id"})


@cache
def way(kind: str) -> Standardiser:
    """The standardiser of `kind`.

    Args:
        kind: As in ``data/fields.yaml``, for example ``vat_id``.

    Returns:
        The module.

    Raises:
        UsageError: There is no such kind.
    """
    try:
        if kind.isidentifier() and not kind.startswith("_"):
            return cast("Standardiser", import_module(f"{__name__}.{kind}"))
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{kind}":
            raise
    from idp_cdi.plugins import ways

    for module in ways("standardisers"):
        if getattr(module, "NAME", "") == kind:
            return cast("Standardiser", module)
    raise UsageError(f"there is no standardiser for the kind of value {kind!r}")


def standardise(
    kind: str, raw: str, *, country: str | None = None, **hints: str | bool | None
) -> Cleaned:
    """Clean one value and never raise for a bad one.

    Args:
        kind: Kind of value.
        raw: Text as found.
        country: ISO 3166-1 alpha-2 of the party or document, where known.
        hints: Further hints of that kind (`day_first`, `decimal`).

    Returns:
        The clean value, or the tidied raw text with the code of what is wrong.

    Raises:
        UsageError: There is no such kind.
    """
    module = way(kind)
    try:
        if kind in _CHECKED:
            value = module.clean(raw, country=country, strict=False)
            ok = bool(cast("_Checked", module).is_valid(value, country=country))
            return Cleaned(value, ok, "" if ok else "value.checksum")
        return Cleaned(module.clean(raw, country=country, **hints))
    except BadFormat as error:
        if error.code == "value.checksum":
            value = module.clean(raw, country=country, strict=False, **hints)
            return Cleaned(value, ok=False, code=error.code)
        return Cleaned(tidy(raw), ok=False, code=error.code)
