"""Settings: one typed object, made at the door and passed in.

Order: defaults < settings file (``idp-cdi.toml``) < environment (``IDP_CDI_…``) < flags. The file
is ``--settings FILE``, else ``idp-cdi.toml`` in the current folder, else in the home folder.

>>> settings = load(environment={}, file=None, home="/tmp/x")
>>> settings.store_url
'sqlite:////tmp/x/customers.db'
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idp_cdi.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = "idp-cdi.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Organisation(_Part):
    """Who we are: tells which party of a document is the customer and which is us."""

    names: tuple[str, ...] = Field(default=(), description="Our names as they stand on documents")
    vat_ids: tuple[str, ...] = Field(default=(), description="Our VAT ids, with country prefix")


class Reading(_Part):
    """How documents are read."""

    ocr: Literal["auto", "tesseract", "tesserocr", "rapidocr", "off"] = Field(
        default="auto", description="OCR engine; auto takes the best one installed"
    )
    effort: Literal["fast", "normal", "thorough"] = Field(
        default="normal", description="How hard a bad scan is tried"
    )
    languages: tuple[str, ...] = Field(
        default=(),
        description="ISO 639-1 codes of the documents' languages; empty: found out by itself",
    )
    max_pages: int = Field(default=2000, ge=1, description="Pages after which a file is refused")
    deadline_s: float = Field(
        default=300.0, gt=0, description="Seconds after which reading a file ends"
    )
    workers: int = Field(
        default=0, ge=0, description="Processes that read documents; 0: one per core"
    )


class Matching(_Part):
    """When records are one customer."""

    link: float = Field(
        default=0.95, ge=0, le=1, description="Match probability from which records link"
    )
    review: float = Field(default=0.50, ge=0, le=1, description="… from which a person is asked")


class Source(_Part):
    """What we know of one source system."""

    trust: float = Field(
        default=0.95, ge=0, le=1, description="Probability that a value of it is right"
    )
    fields: dict[str, float] = Field(default={}, description="… of single fields")
    owner: str = Field(default="", description="Who answers for it")


class Finance(_Part):
    """What the warehouse and its marts need to know."""

    warehouse: str = Field(
        default="",
        description="duckdb:FILE, parquet:FOLDER or postgresql://…; empty: a file in home",
    )
    currency: str = Field(
        default="", description="ISO 4217, of systems that name none; empty: the most frequent"
    )


class Settings(_Part):
    """All settings. `home` holds the store, originals, caches, exports and reports."""

    home: Path
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in home")
    organisation: Organisation = Organisation()
    reading: Reading = Reading()
    matching: Matching = Matching()
    sources: dict[str, Source] = Field(default={}, description="By source name")
    finance: Finance = Finance()
    thresholds: dict[str, float] = Field(
        default={}, description="Review threshold of single fields"
    )

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.home / 'customers.db'}"

    @property
    def originals(self) -> Path:
        """Where the documents' bytes are kept."""
        return self.home / "originals"

    @property
    def cache(self) -> Path:
        """What can be deleted at any time: OCR results, the on-line matching index."""
        return self.home / "cache"

    def trust(self, source: str, field: str) -> float:
        """The probability that a value of `field` in `source` is right."""
        known = self.sources.get(source, Source())
        return known.fields.get(field, known.trust)


def load(
    *,
    file: str | Path | None = None,
    home: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings from file, environment and flags.

    Raises:
        SettingsError: The file is missing, is not TOML, or says something impossible.
    """
    import os

    environment = os.environ if environment is None else environment
    base = Path(home or environment.get("IDP_CDI_HOME", "") or _default_home()).absolute()
    path = _file(file or environment.get("IDP_CDI_SETTINGS"), base)
    data: dict[str, Any] = _read(path) if path else {}
    if url := environment.get("IDP_CDI_DATABASE_URL"):
        data["database_url"] = url
    data.setdefault("home", base)
    if home or environment.get("IDP_CDI_HOME"):
        data["home"] = base
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{where}: {first['msg']}", file=str(path or "settings"), action="see docs/settings.md"
        ) from error


def _default_home() -> str:
    import platformdirs

    return platformdirs.user_data_dir("idp-cdi", appauthor=False)


def _file(named: str | Path | None, home: Path) -> Path | None:
    if named:
        path = Path(named)
        if not path.is_file():
            raise SettingsError("there is no such settings file", file=str(path))
        return path
    return next((p for p in (Path(FILE_NAME), home / FILE_NAME) if p.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not valid TOML: {error}", file=str(path)) from error
