"""The guarded process that reads files for `read_many`: one task after another, under limits.

Standard input brings tasks, the private copy of standard output takes results back, both as a
length of 8 bytes and a pickle. The parent unpickles results with a list of allowed classes only,
for a worker that has parsed a hostile file is not to be trusted. Whatever a library prints goes
nowhere, so that it can't break the frames.
"""

from __future__ import annotations

import errno
import os
import pickle
import resource
import struct
import time
from typing import TYPE_CHECKING, BinaryIO

from idp_cdi.errors import IdpCdiError, LimitExceeded, UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.readers._options import ReadOptions

HEADER = struct.Struct(">Q")
Result = "Document | IdpCdiError"


def main() -> None:
    """Serve tasks until standard input ends."""
    inward = os.fdopen(os.dup(0), "rb")
    outward = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (task := receive(inward)) is not None:
        name, options, then = pickle.loads(task)
        begin = time.monotonic()
        limit(options)
        outcome = read_guarded(name, options)
        if then is not None and not isinstance(outcome, IdpCdiError):
            outcome = then(outcome)
        peak = peak_bytes()
        send(outward, pickle.dumps((outcome, peak, time.monotonic() - begin), protocol=5))


def peak_bytes() -> int:
    """The most memory that this process has held.

    Not ``ru_maxrss``: a process that a large one started inherits that one's figure.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
            found = next((line for line in status if line.startswith("VmHWM:")), "")
        return int(found.split()[1]) * 1024
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def limit(options: ReadOptions) -> None:
    """Set the limits of this process for the next task."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = options.memory_bytes
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    used = resource.getrusage(resource.RUSAGE_SELF)
    processors = options.threads or os.cpu_count() or 1
    seconds = int(used.ru_utime + used.ru_stime + processors * options.deadline_s) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or seconds <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


def read_guarded(name: str, options: ReadOptions) -> Document | IdpCdiError:
    """Read one file; whatever goes wrong comes back as an error with a reason."""
    from idp_cdi.readers import read

    try:
        return read(name, options)
    except IdpCdiError as error:
        if not error.file:
            error.file = name
        return error
    except MemoryError:
        return LimitExceeded(
            "reading it needs more memory than allowed",
            code="input.memory",
            file=name,
            action="split it or raise memory_bytes",
        )
    except (ImportError, OSError) as error:
        if not out_of_memory(error):
            return UnreadableInput(
                f"reading it failed unexpectedly ({type(error).__name__})",
                code="input.failed",
                file=name,
                action="check the installation with `idp-cdi doctor`",
            )
        return LimitExceeded(
            "reading needs more memory than allowed",
            code="input.memory",
            file=name,
            action="raise memory_bytes",
        )
    except Exception as error:  # a bug of ours or of a library must not end the batch
        return UnreadableInput(
            f"reading it failed unexpectedly ({type(error).__name__})",
            code="input.failed",
            file=name,
            action="report this with the file, if you may share it",
        )


def out_of_memory(error: Exception) -> bool:
    """Does the system say that it has no memory left (libraries can't be mapped either)?"""
    text = str(error).lower()
    return getattr(error, "errno", None) == errno.ENOMEM or ("cannot" in text and "memory" in text)


def receive(stream: BinaryIO) -> bytes | None:
    """The next frame, None at the end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (size,) = HEADER.unpack(header)
    data = stream.read(size)
    return data if len(data) == size else None


def send(stream: BinaryIO, data: bytes) -> None:
    """Write one frame."""
    stream.write(HEADER.pack(len(data)))
    stream.write(data)
    stream.flush()
