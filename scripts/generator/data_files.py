"""The generator's data: wordings of languages, conventions of countries, lists of names."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "data"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
Names = dict[str, Any]


def _load(path: Path) -> Names:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Names = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return found


@cache
def language(code: str) -> Names:
    """The wordings of language `code`."""
    return _load(HERE / "languages" / f"{code}.yaml")


@cache
def prose(code: str) -> Names:
    """The wordings of contracts in language `code`."""
    return _load(HERE / "prose" / f"{code}.yaml")


@cache
def countries() -> Names:
    """The conventions of all countries, by ISO 3166-1 alpha-2 code."""
    return _load(HERE / "countries.yaml")


@cache
def places() -> Names:
    """Towns, regions and parts of names."""
    return _load(HERE / "places.yaml")


def _faker(kind: str, locale: str) -> Any:
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


@cache
def people(country: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family names usual in `country`; from faker (MIT), or our own list.

    Sorted, for some lists of faker are made of sets, whose order changes from process to process.
    """
    locale = countries()[country]["names"]
    own = places()["people"].get(locale)
    if own is not None:
        return tuple(own["first"]), tuple(own["last"])
    provider = _faker("person", locale)
    return tuple(sorted(provider.first_names)), tuple(sorted(provider.last_names))


@cache
def cities(country: str) -> tuple[str, ...]:
    """Towns of `country`; from our own list, or faker's."""
    own = places()["cities"].get(country)
    if own is not None:
        return tuple(own)
    locale = {"BE": "nl_BE"}.get(country, countries()[country]["names"])
    found = sorted(_faker("address", locale).cities)
    return tuple(found[:: max(1, len(found) // 2000)])
