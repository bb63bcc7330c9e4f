"""Documents inside documents: members of an archive, attachments of a mail.

One child that can't be read does not lose the others: it becomes a document without pages whose
problem says why. Limits of count, size, depth and time are shared by all that one file contains.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.documents import REFUSED, Document, Problem
from idp_cdi.errors import HostileInput, IdpCdiError, LimitExceeded
from idp_cdi.readers._source import Source

if TYPE_CHECKING:
    from idp_cdi.readers._options import ReadOptions


@dataclass(slots=True)
class Children:
    """Reads children one by one and keeps account of what they take."""

    parent: Source
    options: ReadOptions
    found: list[Document] = field(default_factory=list)
    left_bytes: int = 0
    left_members: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left_bytes = self.options.max_unpacked
        self.left_members = self.options.max_members
        if self.parent.depth >= self.options.max_depth:
            raise LimitExceeded(
                f"files are nested more than {self.options.max_depth} deep",
                code="archive.too_deep",
                file=self.parent.name,
                action="unpack it yourself",
            )

    def add(self, member: str, data: bytes) -> None:
        """Read one child."""
        from idp_cdi.readers._dispatch import dispatch

        self.left_bytes -= len(data)
        self.left_members -= 1
        seconds = self.options.deadline_s - (time.monotonic() - self.began)
        child = Source.of_bytes(
            f"{self.parent.name}!{printable(member)}", data, depth=self.parent.depth + 1
        )
        if seconds <= 0:
            late = LimitExceeded("no time was left for it", code="input.deadline", file=child.name)
            self.refuse(child.name, late)
            return
        within = self.options.within(
            deadline_s=seconds,
            max_unpacked=max(1, self.left_bytes),
            max_members=max(1, self.left_members),
        )
        try:
            document = dispatch(child, within)
        except IdpCdiError as error:
            self.refuse(child.name, error, child)
            return
        self.left_members -= _count(document)
        self.found.append(document)

    def refuse(self, name: str, error: IdpCdiError, child: Source | None = None) -> None:
        """Note a child that can't be read."""
        problem = Problem(error.code, error.reason, error.action)
        sha256 = child.sha256 if child is not None else ""
        self.found.append(Document(name, sha256, "", REFUSED, problems=(problem,)))

    def documents(self) -> tuple[Document, ...]:
        """All children, in their order."""
        return tuple(self.found)


def check_count(count: int, limit: int, name: str) -> None:
    """Refuse a container with more than `limit` parts.

    Raises:
        LimitExceeded: Too many.
    """
    if count > limit:
        raise LimitExceeded(
            f"it contains {count} parts, the limit is {limit}",
            code="archive.too_many",
            file=name,
            action="unpack it yourself, or raise max_members",
        )


def check_name(member: str, name: str) -> None:
    """Refuse a member whose name leads out of the archive.

    >>> check_name("a/../../etc/passwd", "x.zip")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    idp_cdi.errors.HostileInput: x.zip: a member's name leads out of the archive (...)

    Raises:
        HostileInput: Absolute, with a drive, with "..", or with a NUL.
    """
    parts = member.replace("\\", "/").split("/")
    drive = len(parts[0]) == 2 and parts[0].endswith(":")
    if member.startswith(("/", "\\")) or drive or ".." in parts or "\x00" in member:
        raise HostileInput(
            "a member's name leads out of the archive",
            code="archive.traversal",
            file=name,
            action="ask the sender for the plain files",
        )


def printable(member: str) -> str:
    r"""A member's name without control and direction marks, at most 200 characters.

    >>> printable("a\n\u202egpj.exe")
    'a__gpj.exe'
    """
    return "".join(c if c.isprintable() else "_" for c in member)[:200] or "_"


def _count(document: Document) -> int:
    return len(document.children) + sum(_count(child) for child in document.children)
