"""Document types as data: the fields of a type, their kinds, and what their labels say.

A type is a YAML file. The package's own lie in ``data/doctypes``, a user's in ``doctypes`` of the
working folder, in the folder that ``IDP_CDI_DOCTYPES`` names, or in the user's data folder; a path
to a file works as well. The keys are explained at the head of ``data/doctypes/form.yaml``.

>>> kind = parse({"type": "badge", "fields": {"signer.name": {"labels": ["Visitor"]}}})
>>> kind.fields["signer.name"].kind, kind.fields["signer.name"].wordings[0].letters
('name', 'visitor')
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from idp_cdi.errors import SettingsError
from idp_cdi.extractors.forms_labels import Wording
from idp_cdi.fields import fields

Take = Literal["first", "last", "all"]
ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field of a document type.

    Attributes:
        name: Field name, as in ``data/fields.yaml`` or the user's own.
        kind: Kind of value; says how it is read and normalised.
        wordings: What its label may say, in any order.
        take: Which of several values behind one label: 01/02 – 05/02 has a first and a last.
        multi: Several values may be right at once.
        required: A document of this type always has it.
        below: The field whose value it stands below (an address below its name), "" for none.
        anywhere: It may stand without any label; only its kind tells it.
    """

    name: str
    kind: str
    wordings: tuple[Wording, ...]
    take: Take = "first"
    multi: bool = False
    required: bool = False
    below: str = ""
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class DocType:
    """A document type: its fields, the words that name it, and what settles doubtful readings.

    `roles` maps a field prefix to the words by which a form says that it is about such a party;
    fields named ``party.…`` get the prefix that fits.
    """

    name: str
    title: str
    fields: dict[str, FieldType]
    names: tuple[str, ...] = ()
    country: str = ""
    day_first: bool | None = None
    extras: bool = False
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """The wordings of all fields."""
        return tuple(w for f in self.fields.values() for w in f.wordings)


def folders() -> list[Path]:
    """Where types are looked for, the user's own first."""
    import idp_cdi

    out = []
    if os.environ.get("IDP_CDI_DOCTYPES"):
        out.append(Path(os.environ["IDP_CDI_DOCTYPES"]))
    out.append(Path("doctypes"))
    from platformdirs import user_data_path

    out.append(user_data_path("idp-cdi", appauthor=False) / "doctypes")
    out.append(Path(idp_cdi.__file__).parent / "data" / "doctypes")
    return out


def path_of(name: str) -> Path | None:
    """The file of the type `name` (or `name` itself where it is a path), None without one."""
    if name.endswith(ENDINGS):
        return Path(name) if Path(name).is_file() else None
    if not name.replace("_", "").replace("-", "").isalnum():
        return None
    for folder in folders():
        for ending in ENDINGS:
            if (folder / f"{name}{ending}").is_file():
                return folder / f"{name}{ending}"
    return None


def names() -> list[str]:
    """The types that have a file in one of the folders."""
    files = (f for folder in folders() if folder.is_dir() for f in folder.iterdir())
    return sorted({f.stem for f in files if f.suffix in ENDINGS})


def load(name: str) -> DocType:
    """The document type called `name`, or defined in the file `name`.

    Raises:
        SettingsError: There is none, or its file is wrong.
    """
    path = path_of(name)
    if path is None:
        raise SettingsError(
            f"there is no document type {name!r}",
            action="write doctypes/NAME.yaml, see docs/document-types.md",
        )
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> DocType:
    import yaml

    try:
        data = yaml.load(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    except yaml.YAMLError as error:
        raise SettingsError(f"not YAML: {error}", file=str(path)) from error
    if isinstance(data, dict):
        data.setdefault("type", path.stem)
    try:
        return parse(data)
    except SettingsError as error:
        raise SettingsError(error.reason, file=str(path), action=error.action) from error


_TYPE_KEYS = {"type", "title", "names", "country", "day_first", "extras", "roles", "fields"}
_FIELD_KEYS = {"kind", "labels", "take", "multi", "required", "below", "anywhere"}


def parse(data: Any) -> DocType:
    """Check what a type file says.

    Args:
        data: The file's content as loaded from YAML.

    Raises:
        SettingsError: A key or value is wrong; the message names it.
    """
    if not isinstance(data, dict) or not isinstance(data.get("fields"), dict):
        raise SettingsError('a document type needs "fields"', action="see docs/document-types.md")
    _only(data, _TYPE_KEYS, "a document type")
    found = {str(n): _field(str(n), spec or {}) for n, spec in data["fields"].items()}
    for f in found.values():
        if f.below and f.below not in found:
            raise SettingsError(f'{f.name}: "below" names no field of the type: {f.below!r}')
    return DocType(
        str(data.get("type", "custom")),
        str(data.get("title", "")),
        found,
        tuple(t for _, t in _by_language(data.get("names", []), "names")),
        str(data.get("country", "")),
        data.get("day_first"),
        bool(data.get("extras", False)),
        {
            str(role): tuple(t for _, t in _by_language(words, "roles"))
            for role, words in (data.get("roles") or {}).items()
        },
    )


def _field(name: str, spec: Any) -> FieldType:
    if not isinstance(spec, dict):
        raise SettingsError(f"{name}: a field is described by keys, such as labels")
    _only(spec, _FIELD_KEYS, name)
    take = spec.get("take", "first")
    if take not in ("first", "last", "all"):
        raise SettingsError(f'{name}: "take" is first, last or all, not {take!r}')
    labels = _by_language(spec.get("labels", []), name)
    return FieldType(
        name,
        str(spec.get("kind", "")) or known_kind(name),
        tuple(_wording(t, name, i, where) for i, (where, t) in enumerate(labels)),
        take,
        bool(spec.get("multi", False)),
        bool(spec.get("required", False)),
        str(spec.get("below", "")),
        bool(spec.get("anywhere", False)),
    )


def _wording(text: str, name: str, rank: int, language: str) -> Wording:
    """A wording; each "~" before it says that it alone is weaker evidence."""
    bare = text.lstrip("~ ")
    return Wording.of(bare, name, rank, (1.0, 0.6, 0.35)[min(text.count("~"), 2)], language)


def known_kind(name: str) -> str:
    """The kind of a field that the package knows, "text" for a user's own."""
    try:
        return fields().get(name).kind
    except SettingsError:
        return "text"


def _by_language(value: Any, where: str) -> list[tuple[str, str]]:
    """Wordings with their language, "" for those given as a plain list."""
    if isinstance(value, dict):
        return [(str(code), text) for code, many in value.items() for text in _labels(many, where)]
    return [("", text) for text in _labels(value, where)]


def _labels(value: Any, where: str) -> list[str]:
    """A list of wordings."""
    if not isinstance(value, list) or not all(isinstance(v, (str, int)) for v in value):
        raise SettingsError(f"{where}: labels are a list of texts, or lists by language")
    return [str(v) for v in value]


def _only(data: dict[Any, Any], keys: set[str], where: str) -> None:
    unknown = sorted(str(k) for k in data if k not in keys)
    if unknown:
        raise SettingsError(
            f"{where}: unknown key {unknown[0]!r}", action=f"use one of {', '.join(sorted(keys))}"
        )
