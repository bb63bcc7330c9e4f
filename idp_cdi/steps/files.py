"""The files that a call names: folders walked, hidden files and links left out.

>>> from pathlib import Path
>>> [path.name for path in walk([Path(__file__)])]
['files.py']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def walk(paths: Iterable[Path]) -> list[Path]:
    """The files at `paths`, folders walked in order; hidden files and links are left out.

    Raises:
        UsageError: Nothing is there.
    """
    found: list[Path] = []
    for path in present(paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
            parts = [p.relative_to(path).parts for p in inside]
            hidden = [any(part.startswith((".", "~$")) for part in names) for names in parts]
            found += [p for p, skip in zip(inside, hidden, strict=True) if not skip]
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def present(paths: Iterable[Path]) -> Iterator[Path]:
    """The same paths.

    Raises:
        UsageError: Nothing is at one of them.
    """
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", file=str(path))
        yield path
