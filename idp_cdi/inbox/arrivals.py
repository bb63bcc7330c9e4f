"""What has arrived in the drop folder and which of it is ready to be taken.

A file is ready when it has stopped changing, nobody is writing it, and it is complete for its
format. One that stays incomplete is waited for without limit while that could be a slow writer;
once the kernel says that nobody is writing it and it has rested for `patience_s`, it is taken as it
is, so that it ends in quarantine with a reason instead of lying there without one.

Events are only hints: every look is a walk of the folder, so that none can be missed.
"""

from __future__ import annotations

import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from idp_cdi.inbox.busy import being_written
from idp_cdi.inbox.complete import is_complete

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Folders at the top of the drop folder that are ours.
OURS = frozenset((".idp-cdi", "done", "quarantine"))

#: Names that browsers, copy programs, editors and file managers give to what is not (yet) a file.
_PASSING = re.compile(
    r"""^(?:\..*|~\$.*|.*~|\#.*\#|thumbs\.db|desktop\.ini|ehthumbs\.db|
    .*\.(?:part|partial|tmp|temp|crdownload|download|filepart|opdownload|aria2|bc!|!ut|!qb|dtapart|
    swp|swx|swo|lock|lck|lnk|url|uploading|incomplete|unfinished|inprogress|writing))$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How patient to be.

    Attributes:
        settle_s: Seconds for which a file must not have changed.
        patience_s: Seconds after which an incomplete file that nobody writes is taken as it is.
    """

    settle_s: float = 2.0
    patience_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file in the drop folder; `path` is relative to it. `waiting` says why it is not taken."""

    path: PurePosixPath
    size: int
    modified_ns: int
    inode: int
    waiting: str = ""


class Arrivals:
    """Watches the files of one drop folder settle."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.folder = folder
        self.options = options
        self._seen: dict[PurePosixPath, tuple[Arrival, float]] = {}

    def look(self) -> list[Arrival]:
        """All files there now, in the order of their paths; ready ones have no `waiting`."""
        now = time.monotonic()
        found: dict[PurePosixPath, tuple[Arrival, float]] = {}
        result: list[Arrival] = []
        for arrival in sorted(walk(self.folder), key=lambda a: str(a.path)):
            known = self._seen.get(arrival.path)
            since = known[1] if known is not None and known[0] == arrival else now
            found[arrival.path] = (arrival, since)
            why = arrival.waiting or self._why_not(arrival, now - since)
            if why is not None:
                result.append(
                    Arrival(arrival.path, arrival.size, arrival.modified_ns, arrival.inode, why)
                )
        self._seen = found
        return result

    def forget(self, path: PurePosixPath) -> None:
        """A file was taken."""
        self._seen.pop(path, None)

    def _why_not(self, arrival: Arrival, rested: float) -> str | None:
        """Why a file is not taken yet, "" where it is ready, None where it is gone."""
        age = time.time() - arrival.modified_ns / 1e9
        try:
            written, complete = _look_inside(self.folder / arrival.path, arrival)
        except FileNotFoundError:
            return None
        except PermissionError:
            return "we may not read it"
        except OSError as error:
            return f"it can't be opened now: {error.strerror}"
        if written:
            return "someone is writing it"
        # Without the kernel's word a file must have been seen resting, whatever its time says:
        # copies carry old times and clocks differ.
        if rested < self.options.settle_s and (written is None or age < self.options.settle_s):
            return "it has just changed"
        if complete is False:
            if written is None:
                return "it is incomplete; on this file system a slow writer can't be told"
            if max(rested, min(age, 1e9)) < self.options.patience_s:
                return "it is incomplete"
        return ""


def walk(folder: Path) -> Iterator[Arrival]:
    """All regular files of a drop folder but passing ones; links are not followed.

    A link or special file is reported as waiting, for it would lie there for ever without a word.
    """
    yield from _walk(folder, PurePosixPath("."), top=True)


def is_passing(name: str) -> bool:
    """Whether a name is that of something that is not (yet) a file.

    >>> [n for n in ("a.pdf", "a.pdf.part", "~$b.docx", ".hidden", "x.crdownload") if is_passing(n)]
    ['a.pdf.part', '~$b.docx', '.hidden', 'x.crdownload']
    """
    return bool(_PASSING.match(name))


def _walk(folder: Path, under: PurePosixPath, *, top: bool = False) -> Iterator[Arrival]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield Arrival(under, 0, 0, 0, f"the folder can't be read: {error.strerror}")
        return
    for entry in entries:
        if top and entry.name in OURS:
            continue
        if is_passing(entry.name) or entry.name.casefold().endswith((".yaml", ".yml")):
            continue  # settings of folders and feeds stay where they are
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # gone between listing and looking
        path = under / entry.name
        if stat.S_ISDIR(about.st_mode):
            yield from _walk(Path(entry.path), path)
        else:
            why = ""
            if stat.S_ISLNK(about.st_mode):
                why = "it is a link; links are not followed"
            elif not stat.S_ISREG(about.st_mode):
                why = "it is no regular file"
            yield Arrival(path, about.st_size, about.st_mtime_ns, about.st_ino, why)


def _look_inside(path: Path, arrival: Arrival) -> tuple[bool | None, bool | None]:
    """Whether someone writes it, and whether it is complete."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if about.st_ino != arrival.inode or about.st_size != arrival.size:
            return True, None
        return being_written(descriptor), is_complete(file, about.st_size)
