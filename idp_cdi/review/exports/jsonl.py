"""JSON Lines: one question a line; fill in ``answer``, ``right_value``, ``remark``, ``person``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput
from idp_cdi.review.answers import CHOICES, WORDS, Action, Answer
from idp_cdi.review.exports.csv import answer_of
from idp_cdi.review.questions import to_json

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.review.exports import Batch

NAME = "jsonl"
SUFFIX = ".jsonl"

_EMPTY = {"answer": "", "right_value": "", "remark": "", "person": ""}


def write(path: Path, batch: Batch) -> None:
    """Write the questions of `batch` to `path`."""
    with path.open("w", encoding="utf-8") as file:
        for question in batch.questions:
            choices = [WORDS[a] for a in CHOICES[question.kind] if a is not Action.CORRECT]
            data = to_json(question) | {"choices": choices} | _EMPTY
            file.write(json.dumps(data, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Answer]:
    """The answered lines of the file at `path`.

    Raises:
        UnreadableInput: It is not JSON Lines.
    """
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    found.append(_answer(json.loads(line), f"{path.name}, line {number}"))
    except (UnicodeDecodeError, json.JSONDecodeError, AttributeError, TypeError) as error:
        raise UnreadableInput(
            f"not JSON Lines: {error}", file=str(path), action="keep one object a line"
        ) from error
    return [answer for answer in found if answer is not None]


def _answer(data: dict[str, Any], place: str) -> Answer | None:
    cells = {k: v for k, v in data.items() if isinstance(v, str)}
    return answer_of(cells, place)
