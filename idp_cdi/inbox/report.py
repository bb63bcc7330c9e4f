"""What an inbox did and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from idp_cdi.store.intake import Entry


@dataclass(slots=True)
class Report:
    """What was done since the start.

    Counts are of files but for `documents` (a mail holds several), `accepted` and `to_review`
    (values), `rows` of feeds and `rows_new` (new, changed or gone). `waiting` maps a path to why it
    was not taken or is tried again later; `empty` are feeds without rows.
    """

    done: int = 0
    linked: int = 0
    quarantined: int = 0
    documents: int = 0
    accepted: int = 0
    to_review: int = 0
    feeds: int = 0
    rows: int = 0
    rows_new: int = 0
    empty: list[str] = field(default_factory=list)
    failures: list[Entry] = field(default_factory=list)
    duplicates: list[Entry] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    paused: str = ""
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """How many files came to an end."""
        return self.done + self.linked + self.quarantined

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some file had problems or waits, 3 no file could be used."""
        if self.quarantined and not self.done and not self.linked:
            return 3
        return 1 if self.quarantined or self.waiting or self.paused else 0

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        data = {
            name: getattr(self, name)
            for name in (
                "done",
                "linked",
                "quarantined",
                "documents",
                "accepted",
                "to_review",
                "feeds",
                "rows",
                "rows_new",
                "empty",
                "waiting",
                "paused",
            )
        }
        return data | {
            "seconds": round(self.seconds, 3),
            "failures": [reason(e) for e in self.failures],
            "duplicates": [{"path": e.path, "first": e.first} for e in self.duplicates],
        }


def reason(entry: Entry) -> dict[str, Any]:
    """Why a file is in quarantine, as it stands in its reason file."""
    return {
        "file": entry.path,
        "code": entry.code,
        "reason": entry.reason,
        "action": entry.action,
        "step": entry.step,
        "attempts": entry.attempts,
        "sha256": entry.sha256,
        "taken": entry.claimed_at,
        "place": entry.place,
        "intake": entry.id,
        "retry": "idp-cdi inbox retry FOLDER",
    }
