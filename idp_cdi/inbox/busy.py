"""Whether someone is still writing a file, and whether a folder has to be polled.

On a local file system a read lease is granted only when nobody has the file open for writing; the
kernel knows, so a writer that pauses for an hour is still a writer. Remote file systems can't tell.
Source: https://man7.org/linux/man-pages/man2/fcntl.2.html (Leases)
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import re
import signal
from pathlib import Path

#: File systems that do not report changes made elsewhere.
_REMOTE = re.compile(
    r"^(nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|virtiofs|vboxsf|vmhgfs|prl_fs|drvfs|glusterfs|ceph|"
    r"lustre|gpfs|beegfs|davfs|ocfs2|gfs2|fuse(\..+|blk|ctl)?|ecryptfs|grpcfuse|osxfs|acfs)$"
)
_F_SETSIG = 10


def being_written(descriptor: int) -> bool | None:
    """Whether another process has the open file open for writing; None where that can't be known.

    Args:
        descriptor: Open for reading, by this process only.
    """
    try:
        # The notice of a broken lease must not end us: SIGURG is ignored by default, SIGIO is not.
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def mounts() -> dict[Path, str]:
    """Mount point → kind of file system."""
    found: dict[Path, str] = {}
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return found
    for line in lines:
        left, _, right = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), left.split()[4])
        found[Path(point)] = right.split()[0]
    return found


def polled(folder: Path, table: dict[Path, str] | None = None) -> list[Path]:
    """The folders at or below `folder` whose changes nobody reports, so that they are polled.

    Decided folder by folder: a local folder may hold a mounted one, and the other way round.

    >>> table = {Path("/"): "ext4", Path("/in/far"): "nfs4", Path("/srv"): "fuse.sshfs"}
    >>> polled(Path("/in"), table), polled(Path("/srv/box"), table), polled(Path("/tmp"), table)
    ([PosixPath('/in/far')], [PosixPath('/srv/box')], [])
    """
    table = mounts() if table is None else table
    inside = [p for p, kind in table.items() if folder in p.parents and _REMOTE.match(kind)]
    around = [p for p in table if p == folder or p in folder.parents]
    own = max(around, key=lambda p: len(p.parts), default=None)
    if own is not None and _REMOTE.match(table[own]):
        return [folder]
    return sorted(inside)
