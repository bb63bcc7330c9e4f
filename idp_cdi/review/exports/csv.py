"""CSV: one row a question, for spreadsheets and scripts. UTF-8 with a mark, so that Excel sees it.

Fill in ``answer`` (right, not there, same, different, unsure …) or ``right_value``; leave the rest.
Cells that a spreadsheet would act on carry one apostrophe in front (see `idp_cdi.review.guard`).
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.review.answers import CHOICES, WORDS, Action, Answer, meant
from idp_cdi.review.guard import guard, unguard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from idp_cdi.review.exports import Batch
    from idp_cdi.review.questions import Question

NAME = "csv"
SUFFIX = ".csv"

COLUMNS = (
    "kind",
    "document",
    "page",
    "field",
    "value",
    "confidence",
    "answer",
    "right_value",
    "remark",
    "person",
    "choices",
    "why",
    "alternatives",
    "raw",
    "box",
    "sha256",
    "state",
    "id",
)


def write(path: Path, batch: Batch) -> None:
    """Write the questions of `batch` to `path`."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for question in batch.questions:
            table.writerow({k: guard(v) for k, v in row(question).items()})


def read(path: Path) -> list[Answer]:
    """The answered rows of the file at `path`.

    Raises:
        UnreadableInput: It is no CSV of review questions.
    """
    csv.field_size_limit(2**31 - 1)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(1 << 16)
            file.seek(0)
            table = csv.DictReader(file, delimiter=_delimiter(sample))
            if not {"id", "state", "answer"} <= set(table.fieldnames or ()):
                raise UnreadableInput(
                    "no columns id, state and answer", file=str(path), action="use the export"
                )
            found = [
                answer_of(_unguarded(cells), f"{path.name}, row {number}")
                for number, cells in enumerate(table, 2)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(
            f"not a CSV in UTF-8: {error}", file=str(path), action="save it as CSV UTF-8"
        ) from error
    return [answer for answer in found if answer is not None]


def row(question: Question) -> dict[str, str]:
    """The cells of `question`, as they are, without guards."""
    shown = {
        "kind": question.kind.value,
        "document": question.name,
        "page": str(question.page or ""),
        "field": question.field,
        "value": question.value,
        "confidence": f"{question.confidence:.3f}" if question.confidence else "",
        "choices": " | ".join(WORDS[a] for a in CHOICES[question.kind] if a is not Action.CORRECT),
        "why": question.why,
        "alternatives": " | ".join(a.value for a in question.alternatives),
        "raw": question.raw,
        "box": "" if question.box is None else " ".join(f"{n:.1f}" for n in question.box),
        "sha256": question.document,
        "state": question.state,
        "id": question.id,
    }
    if question.pairs:
        shown["value"] = "; ".join(f"{p.label}: {p.left} / {p.right}" for p in question.pairs)
    return {column: shown.get(column, "") for column in COLUMNS}


def answer_of(got: Mapping[str, str], place: str) -> Answer | None:
    """The answer in one row of a table, None where there is none.

    A word in ``answer`` that is none of ours comes back as an answer that can't be applied, so that
    it is reported and not lost.
    """
    said, value = got.get("answer", "").strip(), got.get("right_value", "")
    if not got.get("id") or not (said or value.strip()):
        return None
    action = meant(said) if said else Action.CORRECT
    if value.strip() and action in (Action.ACCEPT, Action.UNSURE, None):
        action = Action.CORRECT
    return Answer(
        item=got["id"].strip(),
        state=got.get("state", "").strip(),
        action=action or Action.CORRECT,
        value=value if action else "",
        person=got.get("person", "").strip(),
        remark=got.get("remark", ""),
        place=place if action else f"{place}: the word under “answer” is no answer",
    )


def _unguarded(cells: Mapping[str, str | None]) -> dict[str, str]:
    return {k: unguard(v) for k, v in cells.items() if k and isinstance(v, str)}


def _delimiter(sample: str) -> str:
    """A spreadsheet may save with its country's own delimiter."""
    head = sample.splitlines()[0] if sample else ""
    return max(",;\t", key=head.count)
