"""The bytes of every document, kept by hash and never changed, so that any value can be shown.

>>> import tempfile, pathlib
>>> box = Originals(pathlib.Path(tempfile.mkdtemp()))
>>> sha = box.keep(b"hello")
>>> box.path(sha).read_bytes()
b'hello'
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from idp_cdi.errors import StoreError


class Originals:
    """A folder of files named by their SHA-256, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Store `content` once and durably; returns its SHA-256 in hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._place(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o440)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return sha256

    def path(self, sha256: str) -> Path:
        """Where the bytes are.

        Raises:
            StoreError: They are not kept here.
        """
        target = self._place(sha256)
        if not target.exists():
            raise StoreError("the original is not kept here", file=sha256, action="ingest it again")
        return target

    def forget(self, sha256: str) -> bool:
        """Erase the bytes; True where there were any."""
        target = self._place(sha256)
        there = target.exists()
        target.unlink(missing_ok=True)
        return there

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:4] / sha256
