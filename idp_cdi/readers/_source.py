"""A file or a part of one, as readers see it: name, first bytes, bytes, hash.

>>> Source.of_bytes("mail.eml!a.pdf", b"%PDF-1.7 ...").head[:5]
b'%PDF-'
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from idp_cdi.errors import LimitExceeded, UnreadableInput

HEAD = 4096


@dataclass(frozen=True)
class Source:
    """Where the bytes of one document come from: a path, or memory for what lies inside another.

    `name` is the path as given; a child is called ``parent!member``. `depth` counts the parents.
    """

    name: str
    path: Path | None = None
    memory: bytes | None = None
    depth: int = 0

    @classmethod
    def of_path(cls, path: Path | str) -> Source:
        """The file at `path`."""
        return cls(name=str(path), path=Path(path))

    @classmethod
    def of_bytes(cls, name: str, data: bytes, *, depth: int = 0) -> Source:
        """Bytes in memory under a `name`."""
        return cls(name=name, memory=data, depth=depth)

    @cached_property
    def size(self) -> int:
        """Size in bytes.

        Raises:
            UnreadableInput: The file isn't there, isn't a file or may not be read.
        """
        if self.memory is not None:
            return len(self.memory)
        assert self.path is not None
        try:
            if not self.path.is_file():
                kind = "a folder" if self.path.is_dir() else "not there or no regular file"
                raise UnreadableInput(
                    f"this is {kind}",
                    code="input.no_file",
                    file=self.name,
                    action="name a file",
                )
            return self.path.stat().st_size
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from error

    @cached_property
    def head(self) -> bytes:
        """The first bytes, by which the kind of file is recognised."""
        if self.memory is not None:
            return self.memory[:HEAD]
        assert self.path is not None
        try:
            with self.path.open("rb") as file:
                return file.read(HEAD)
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from error

    @cached_property
    def data(self) -> bytes:
        """All bytes."""
        if self.memory is not None:
            return self.memory
        assert self.path is not None
        try:
            return self.path.read_bytes()
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from error

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hex; computed once."""
        if self.path is None:
            return hashlib.sha256(self.data).hexdigest()
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from error

    @property
    def suffix(self) -> str:
        """The extension in lower case with its dot; a weak hint only."""
        return Path(self.name.rpartition("!")[2]).suffix.lower()

    def check_size(self, limit: int) -> None:
        """Refuse an empty file and one above `limit` bytes.

        Raises:
            UnreadableInput: Nothing in it.
            LimitExceeded: Too large.
        """
        if self.size == 0:
            raise UnreadableInput(
                "the file is empty",
                code="input.empty",
                file=self.name,
                action="copy or export it again",
            )
        if self.size > limit:
            raise LimitExceeded(
                f"the file has {self.size} bytes, the limit is {limit}",
                code="input.too_large",
                file=self.name,
                action="split it or raise max_bytes",
            )


def _unreadable(name: str, error: Exception) -> UnreadableInput:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UnreadableInput(
        f"the file can't be opened: {reason}",
        code="input.no_access",
        file=name,
        action="check that it exists and may be read",
    )
