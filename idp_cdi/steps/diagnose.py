"""Look at what the program needs: programs, OCR languages, models, packages, the database."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.settings import Settings

#: ISO 639-1 → the name that Tesseract and its Debian packages use.
LANGUAGES = {"en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "nl": "nld"}

_OPTIONAL = {
    "tesserocr": "faster OCR: pip install 'idp-cdi[tesserocr]'",
    "rapidocr": "better OCR of poor scans: pip install 'idp-cdi[rapidocr]'",
    "psycopg": "PostgreSQL: pip install 'idp-cdi[postgres]'",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `needed` tells a fault from a missed convenience."""

    what: str
    ok: bool
    state: str
    action: str = ""
    needed: bool = True


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything the program needs; never raises for what it finds."""
    return [
        Finding("Python", ok=True, state=sys.version.split()[0]),
        *_ocr(),
        *_models(),
        *_packages(),
        _folder(settings),
        *_database(settings),
    ]


def _ocr() -> Iterator[Finding]:
    command = "apt-get install tesseract-ocr tesseract-ocr-osd"
    if shutil.which("tesseract") is None:
        yield Finding("Tesseract OCR", ok=False, state="not installed", action=command)
        return
    import pytesseract

    yield Finding("Tesseract OCR", ok=True, state=str(pytesseract.get_tesseract_version()))
    installed = set(pytesseract.get_languages(config=""))
    for code, name in {**LANGUAGES, "page orientation": "osd"}.items():
        there = name in installed
        yield Finding(
            f"OCR {code}",
            ok=there,
            state="installed" if there else "missing",
            action="" if there else f"apt-get install tesseract-ocr-{name}",
        )


def _models() -> Iterator[Finding]:
    from idp_cdi.models_path import models_path

    try:
        folder = models_path()
    except IdpCdiError as error:
        yield Finding("models", ok=False, state=error.reason, action=error.action)
        return
    for model in sorted(p for p in folder.iterdir() if p.is_dir()):
        files = [p for p in model.rglob("*") if p.is_file()]
        size = sum(p.stat().st_size for p in files) / 1e6
        state = f"{size:.1f} MB" if files else "empty"
        yield Finding(f"model {model.name}", ok=bool(files), state=state, action="install again")


def _packages() -> Iterator[Finding]:
    for name in ("spacy", "pypdfium2", "rapidfuzz", "duckdb"):
        yield _package(name, "pip install idp-cdi", needed=True)
    for name, action in _OPTIONAL.items():
        yield _package(name, action, needed=False)


def _package(name: str, action: str, *, needed: bool) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, ok=False, state="not installed", action=action, needed=needed)
    return Finding(name, ok=True, state=found, needed=needed)


def _folder(settings: Settings) -> Finding:
    home = settings.home
    nearest = next(p for p in (home, *home.parents) if p.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    return Finding(
        "home folder",
        ok=free > 1,
        state=f"{home}, {free:.0f} GB free",
        action="make room: originals and the store grow there",
    )


def _database(settings: Settings) -> Iterator[Finding]:
    from idp_cdi.store import derived, open_store
    from idp_cdi.store.database import HEAD

    try:
        database = open_store(settings.store_url, create=False)
    except IdpCdiError as error:
        empty = "no store yet" in error.reason
        yield Finding(
            "database", ok=empty, state=error.reason, action=error.action, needed=not empty
        )
        return
    with database.reading() as connection:
        customers = derived.count_customers(connection)
        mentions = derived.count_members(connection)
    database.close()
    kind = database.engine.dialect.name
    yield Finding(
        "database",
        ok=True,
        state=f"{kind}, schema {HEAD}, {customers} customers from {mentions} mentions",
    )
