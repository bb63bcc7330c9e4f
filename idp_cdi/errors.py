"""Every error that this package raises on purpose, with what a person can do about it.

Catch the parent that fits; everything below it has the same cure:

    IdpCdiError
    ├── UsageError            the call makes no sense; change it
    │   └── SettingsError     a settings or data file is wrong
    ├── UnreadableInput       this file or row can't be used; it is set aside, the batch goes on
    │   ├── LimitExceeded     too large, too many pages, too slow
    │   └── HostileInput      refused for safety: bombs, traversal, entities
    ├── BadFormat             one value is not what its field needs
    ├── MissingDependency     a program, language or optional package is not installed
    └── StoreError            the database can't be used
        └── StoreBusy         … now; try again

Messages carry no personal values, for they end in logs; `value` does and is never logged.

>>> UnreadableInput("no pages", code="pdf.empty", file="a.pdf", action="export it again").code
'pdf.empty'
"""

from __future__ import annotations


class IdpCdiError(Exception):
    """Base of all our errors.

    Attributes:
        code: Stable dotted name for programs, for example ``pdf.encrypted``.
        file: The file or row concerned, as the user named it; empty where there is none.
        action: What the user can do, as one sentence without a full stop.
    """

    default_code = "error"
    exit_code = 1
    retryable = False

    def __init__(self, reason: str, *, code: str = "", file: str = "", action: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code or self.default_code
        self.file = file
        self.action = action

    def __str__(self) -> str:
        text = f"{self.file}: {self.reason}" if self.file else self.reason
        return f"{text} ({self.action})" if self.action else text

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; keyword-only arguments need help to be pickled.
        return (_rebuild, (type(self), self.reason, self.code, self.file, self.action))


def _rebuild(cls: type[IdpCdiError], reason: str, code: str, file: str, action: str) -> IdpCdiError:
    return cls(reason, code=code, file=file, action=action)


class UsageError(IdpCdiError):
    """The call makes no sense as it stands."""

    default_code = "usage"
    exit_code = 2


class SettingsError(UsageError):
    """A settings or data file is wrong."""

    default_code = "settings"


class UnreadableInput(IdpCdiError):
    """A file or row that can't be used; it is set aside and the batch goes on."""

    default_code = "input.unreadable"
    exit_code = 3


class LimitExceeded(UnreadableInput):
    """The input is larger or slower than the limits allow."""

    default_code = "input.limit"


class HostileInput(UnreadableInput):
    """The input was refused for safety."""

    default_code = "input.hostile"


class BadFormat(IdpCdiError):
    """One value is not what its field needs; the raw value is kept beside the reason."""

    default_code = "value.format"

    def __init__(
        self, reason: str, *, value: str = "", code: str = "", file: str = "", action: str = ""
    ) -> None:
        super().__init__(reason, code=code, file=file, action=action)
        self.value = value


class MissingDependency(IdpCdiError):
    """A program, language or optional package is not installed; `action` is the command to run."""

    default_code = "dependency.missing"
    exit_code = 4


class StoreError(IdpCdiError):
    """The database can't be used."""

    default_code = "store"
    exit_code = 5


class StoreBusy(StoreError):
    """Another writer holds the database; trying again later helps."""

    default_code = "store.busy"
    retryable = True
