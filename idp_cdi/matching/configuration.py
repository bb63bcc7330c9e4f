"""The optional settings of a match run: what columns are, the threshold, a model to use.

    threshold: 0.9
    model: models/customers          # a folder written by `Model.save`; else one is learned
    columns:
      CUST_NM: name
      REG: identifier
      REMARKS: ignored

The kinds are those of `columns.Kind`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.errors import SettingsError
from idp_cdi.matching.columns import Column, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from idp_cdi.matching.model import Model


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """A read settings file."""

    columns: dict[str, Kind]
    threshold: float | None = None
    model_folder: Path | None = None

    def applied_to(
        self, found: Iterable[Column], renamed: Mapping[str, str] | None = None
    ) -> list[Column]:
        """The columns, with what the settings say in place of what was worked out.

        Args:
            found: What was worked out.
            renamed: Names that a column has in other tables, and its name here.

        Raises:
            SettingsError: The settings name a column that the table does not have.
        """
        found, renamed = list(found), renamed or {}
        said = {renamed.get(name, name): kind for name, kind in self.columns.items()}
        strange = set(said) - {c.name for c in found}
        if strange:
            raise SettingsError(
                f"the table has no column {sorted(strange)[0]!r}", action="correct `columns`"
            )
        return [
            Column(c.name, said[c.name], "by the settings") if c.name in said else c for c in found
        ]

    def model(self) -> Model | None:
        """The model to use, if the settings name one."""
        from idp_cdi.matching.model import Model

        return None if self.model_folder is None else Model.load(self.model_folder)


def read(path: Path) -> MatchSettings:
    """Read a settings file.

    Raises:
        SettingsError: It is missing, not YAML, or says something impossible.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError("the settings can't be read as YAML", file=str(path)) from error
    if not isinstance(data, dict) or set(data) - {"columns", "threshold", "model"}:
        raise SettingsError("only columns, threshold and model can be set", file=str(path))
    try:
        columns = {str(k): Kind(v) for k, v in (data.get("columns") or {}).items()}
        threshold = None if data.get("threshold") is None else float(data["threshold"])
    except (ValueError, TypeError, AttributeError) as error:
        kinds = ", ".join(k.value for k in Kind)
        raise SettingsError(str(error), file=str(path), action=f"kinds are {kinds}") from error
    folder = path.parent / data["model"] if data.get("model") else None
    return MatchSettings(columns, threshold, folder)
