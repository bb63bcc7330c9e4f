"""ZIP archives: every member that can be read becomes a child document.

Members are unpacked in memory only, within limits of count, total size and depth; names that lead
out of the archive, links and encrypted members are refused one by one, with a reason.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from idp_cdi.documents import UNKNOWN_KIND, Document
from idp_cdi.errors import HostileInput, IdpCdiError, UnreadableInput

if TYPE_CHECKING:
    from zipfile import ZipInfo

    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "archive"
MEDIA_TYPE = "application/zip"
_RUBBISH = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_OFFICE = "[Content_Types].xml"


def score(source: Source) -> float:
    """A zip that no other way knows better."""
    return 0.7 if source.head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """All members as children."""
    from idp_cdi.readers._children import Children, check_count
    from idp_cdi.readers._zipped import open_zip

    children = Children(source, options)
    with open_zip(source) as archive:
        members = [m for m in archive.infolist() if not _is_rubbish(m.filename)]
        if any(m.filename == _OFFICE for m in members):
            raise UnreadableInput(
                "this Office file is no Word document",
                code=UNKNOWN_KIND,
                file=source.name,
                action="give tables to `ingest`, save presentations as PDF",
            )
        check_count(len(members), options.max_members, source.name)
        for member in members:
            _add(children, archive, member)
    documents = children.documents()
    if not documents:
        raise UnreadableInput(
            "the zip file is empty", code="archive.empty", file=source.name, action="pack it again"
        )
    return Document(source.name, source.sha256, MEDIA_TYPE, NAME, children=documents)


def _add(children: object, archive: object, member: ZipInfo) -> None:
    from zipfile import ZipFile

    from idp_cdi.readers._children import Children, check_name, printable
    from idp_cdi.readers._zipped import unpack

    assert isinstance(children, Children) and isinstance(archive, ZipFile)
    name = f"{children.parent.name}!{printable(member.filename)}"
    try:
        check_name(member.filename, name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise HostileInput(
                "a member of the archive is a link",
                code="archive.link",
                file=name,
                action="ask the sender for the plain files",
            )
        data = unpack(archive, member, max(0, children.left_bytes), name)
    except IdpCdiError as error:
        children.refuse(name, error)
        return
    children.add(member.filename, data)


def _is_rubbish(name: str) -> bool:
    return name.endswith("/") or name.startswith(_RUBBISH[0]) or name.rpartition("/")[2] in _RUBBISH
