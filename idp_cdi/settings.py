"""Settings: one typed object, made at the door and passed in.

Order: defaults < settings file (``idp-cdi.toml``) < environment (``IDP_CDI_…``) < flags. The file
is ``--settings FILE``, else ``idp-cdi.toml`` in the current folder, else in the home folder.

>>> settings = load(environment={}, file=None, home="/tmp/x")
>>> settings.store_url
'sqlite:////tmp/x/customers.db'
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from idp_cdi.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FILE_NAME = "idp-cdi.toml"
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Tells pydantic, which checks files, where a number must lie, without importing it."""

    bounds: dict[str, float]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        return {**handler(source), **self.bounds}


_Share = Annotated[float, _Bounds({"ge": 0, "le": 1})]


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who we are: tells which party of a document is the customer and which is us.

    Attributes:
        names: Our names as they stand on documents.
        vat_ids: Our VAT ids, with country prefix.
    """

    __pydantic_config__ = _STRICT

    names: tuple[str, ...] = ()
    vat_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are read.

    Attributes:
        ocr: OCR engine; auto takes the best one installed.
        effort: How hard a bad scan is tried.
        languages: ISO 639-1 codes of the documents' languages; empty: found out by itself.
        max_pages: Pages after which a file is refused.
        deadline_s: Seconds after which reading a file ends.
        workers: Processes that read documents; 0: one per core.
    """

    __pydantic_config__ = _STRICT

    ocr: Literal["auto", "tesseract", "tesserocr", "rapidocr", "off"] = "auto"
    effort: Literal["fast", "normal", "thorough"] = "normal"
    languages: tuple[str, ...] = ()
    max_pages: Annotated[int, _Bounds({"ge": 1})] = 2000
    deadline_s: Annotated[float, _Bounds({"gt": 0})] = 300.0
    workers: Annotated[int, _Bounds({"ge": 0})] = 0


@dataclass(frozen=True, slots=True)
class Matching:
    """When records are one customer.

    Attributes:
        link: Match probability from which records link.
        review: Match probability from which a person is asked.
        review_new: Match probability from which a person is asked before a document makes a
            customer of its own.
    """

    __pydantic_config__ = _STRICT

    link: _Share = 0.95
    review: _Share = 0.50
    review_new: _Share = 0.10


@dataclass(frozen=True, slots=True)
class Source:
    """What we know of one source system.

    Attributes:
        trust: Probability that a value of it is right.
        fields: The same of single fields.
        owner: Who answers for it.
    """

    __pydantic_config__ = _STRICT

    trust: _Share = 0.95
    fields: dict[str, float] = field(default_factory=dict)
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Finance:
    """What the warehouse and its marts need to know.

    Attributes:
        warehouse: duckdb:FILE, parquet:FOLDER or postgresql://…; empty: a file in home.
        currency: ISO 4217, of systems that name none; empty: the most frequent.
    """

    __pydantic_config__ = _STRICT

    warehouse: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings.

    Attributes:
        home: Holds the store, originals, caches, exports and reports.
        database_url: SQLAlchemy URL; empty: SQLite in home.
        organisation: Who we are.
        reading: How documents are read.
        matching: When records are one customer.
        sources: What we know of source systems, by source name.
        finance: Warehouse and marts.
        thresholds: Review threshold of single fields.
    """

    __pydantic_config__ = _STRICT

    home: Path
    database_url: str = ""
    organisation: Organisation = Organisation()
    reading: Reading = Reading()
    matching: Matching = Matching()
    sources: dict[str, Source] = field(default_factory=dict)
    finance: Finance = Finance()
    thresholds: dict[str, float] = field(default_factory=dict)

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
    environment = os.environ if environment is None else environment
    base = Path(home or environment.get("IDP_CDI_HOME", "") or _default_home()).absolute()
    path = _file(file or environment.get("IDP_CDI_SETTINGS"), base)
    url = environment.get("IDP_CDI_DATABASE_URL", "")
    if path is None:
        return Settings(base, url)
    data = {"home": base, **_read(path)}
    if url:
        data["database_url"] = url
    if home or environment.get("IDP_CDI_HOME"):
        data["home"] = base
    return _checked(data, path)


def _checked(data: dict[str, Any], path: Path) -> Settings:
    """What a file says as settings; pydantic takes a tenth of a second to import, so only then."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Settings).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{where}: {first['msg']}", file=str(path), action="see docs/settings.md"
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
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not valid TOML: {error}", file=str(path)) from error
