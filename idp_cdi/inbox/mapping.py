"""What sub-folders mean: ``inbox.yaml`` in the drop folder.

    folders:
      crm:            {source: crm}                # feeds of the system "crm"
      contracts:      {type: contract}             # documents of this type
      "*/invoices":   {type: invoice}
      acme:           {tenant: acme}               # a store of its own
    tenants:
      acme: {home: /srv/acme, database_url: "postgresql://…"}

The longest pattern that fits the path of a file's folder holds; what it leaves open comes from the
next longest. With no file, the first sub-folder names the source of the feeds inside it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idp_cdi.errors import SettingsError

FILE_NAME = "inbox.yaml"


class Meaning(BaseModel):
    """What a sub-folder says about the files in it; "" where it says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str = Field(default="", description="Name of the source system of its feeds")
    type: str = Field(default="", description="Document type; overrules the classification")
    tenant: str = Field(default="", description="Whose store the files belong to")


class Tenant(BaseModel):
    """Where a tenant's data live."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    home: Path | None = Field(default=None, description="Default: tenants/NAME in our own home")
    database_url: str = Field(default="", description="Default: SQLite in its home")


class Mapping(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    folders: dict[str, Meaning] = {}
    tenants: dict[str, Tenant] = {}

    def of(self, path: PurePosixPath) -> Meaning:
        """What the folder of the file at `path` (relative to the drop folder) means.

        >>> mapping = Mapping(folders={"acme": Meaning(tenant="acme"),
        ...     "*/invoices": Meaning(type="invoice")})
        >>> mapping.of(PurePosixPath("acme/invoices/2026/a.pdf"))
        Meaning(source='acme', type='invoice', tenant='acme')
        """
        parents = [p.as_posix() for p in path.parents if p.as_posix() != "."]
        fitting = [
            (len(PurePosixPath(pattern).parts), len(pattern), meaning)
            for pattern, meaning in self.folders.items()
            if any(fnmatchcase(parent, pattern.strip("/")) for parent in parents)
        ]
        said = {"source": "", "type": "", "tenant": ""}
        for _, _, meaning in sorted(fitting, key=lambda f: f[:2], reverse=True):
            said |= {k: getattr(meaning, k) for k, v in said.items() if not v}
        if not said["source"] and parents:
            said["source"] = parents[-1]
        return Meaning(**said)


def load(folder: Path) -> Mapping:
    """The mapping of a drop folder; an empty one where it has none.

    Raises:
        SettingsError: The file is wrong.
    """
    import yaml

    path = folder / FILE_NAME
    if not path.is_file():
        return Mapping()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Mapping.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError("not valid YAML", file=str(path), action="see docs/inbox.md") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{where}: {first['msg']}", file=str(path), action="see docs/inbox.md"
        ) from error
