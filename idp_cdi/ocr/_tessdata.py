"""Tesseract's language names, and the message when one is missing.

>>> codes_for(("de", "en"), frozenset({"de", "en"}))
'deu+eng'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.errors import MissingDependency

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "nl": "nld", "pt": "por",
    "pl": "pol", "cs": "ces", "da": "dan", "sv": "swe", "nb": "nor", "no": "nor", "fi": "fin",
    "hu": "hun", "ro": "ron", "sk": "slk", "sl": "slv", "hr": "hrv", "bg": "bul", "el": "ell",
    "et": "est", "lv": "lav", "lt": "lit", "tr": "tur", "ru": "rus", "uk": "ukr", "ca": "cat",
}  # fmt: skip


def iso_codes(names: Iterable[str]) -> frozenset[str]:
    """ISO 639-1 codes of Tesseract's language `names`."""
    back = {name: code for code, name in NAMES.items()}
    return frozenset(back[name] for name in names if name in back)


def missing_language(*codes: str) -> MissingDependency:
    """The error that says how to install languages.

    >>> missing_language("pt").action
    'apt-get install tesseract-ocr-por'
    """
    packages = " ".join(f"tesseract-ocr-{NAMES.get(code, code)}" for code in codes)
    return MissingDependency(
        f"OCR can't read the language {', '.join(codes)} yet",
        code="ocr.language_missing",
        action=f"apt-get install {packages}",
    )


def codes_for(languages: Iterable[str], installed: frozenset[str]) -> str:
    """Tesseract's ``-l`` argument for ISO 639-1 `languages`.

    Raises:
        MissingDependency: One of them is not installed; says how to install it.
    """
    wanted = list(dict.fromkeys(languages)) or ["en"]
    missing = [code for code in wanted if code not in installed]
    if missing:
        raise missing_language(*missing)
    return "+".join(NAMES[code] for code in wanted)
