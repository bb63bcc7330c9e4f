"""Keeps what OCR read of a page, so that no page is read twice.

The key is made of the file's SHA-256, the page, the engines with their versions and every setting
that changes the result; entries are compressed JSON, written aside and moved into place, so that
several processes may share a folder. An entry that can't be read counts as missing.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box, Page, PageSource, Word
from idp_cdi.observations import content_id

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.readers._options import ReadOptions

VERSION = 5  # raise it when our own steps around the engines change what is read


def key_of(sha256: str, number: int, dpi: float, options: ReadOptions) -> str:
    """The name under which a page is kept: its file's hash first, so that `erase` finds it."""
    from idp_cdi.ocr import engine_versions

    made = content_id(
        VERSION,
        sha256,
        number,
        round(dpi, 2),
        options.ocr,
        options.languages,
        options.effort,
        engine_versions(options.ocr),
    )
    return f"{sha256}-{made}"


def erase(folder: Path, sha256: str) -> int:
    """Erase every page of a file; returns how many there were."""
    gone = 0
    for place in (folder / sha256[:2]).glob(f"{sha256}-*"):
        place.unlink(missing_ok=True)
        gone += 1
    return gone


def load(folder: Path, key: str) -> Page | None:
    """The page kept under `key`, None where there is none."""
    try:
        data = json.loads(gzip.decompress(_place(folder, key).read_bytes()))
        return _page(data)
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError):
        return None


def save(folder: Path, key: str, page: Page) -> None:
    """Keep `page`; a full or read-only disk only costs the entry."""
    place = _place(folder, key)
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    packed = gzip.compress(json.dumps(_data(page), ensure_ascii=False).encode(), 5, mtime=0)
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(packed)
        aside.replace(place)


def _place(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json.gz"


def _data(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "size": [page.width, page.height],
        "rotation": page.rotation,
        "skew": page.skew,
        "language": page.language,
        "words": [[w.text, *w.box, round(w.confidence, 4), w.size, w.turned] for w in page.words],
    }


def _page(data: dict[str, Any]) -> Page:
    return Page(
        number=int(data["number"]),
        width=float(data["size"][0]),
        height=float(data["size"][1]),
        words=tuple(
            Word(
                str(t),
                Box(float(x0), float(y0), float(x1), float(y1)),
                float(c),
                float(s),
                turned=int(r),
            )
            for t, x0, y0, x1, y1, c, s, r in data["words"]
        ),
        source=PageSource.OCR,
        rotation=int(data["rotation"]),
        skew=float(data["skew"]),
        language=str(data["language"]),
    )
