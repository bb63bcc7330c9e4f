"""Review: what a person is asked, how the questions travel, and what the answers do.

- `questions`: pure, ``questions(extraction, settings) -> list[Question]``: doubtful values, missing
  required fields, contradictions; and `possible_match`, `conflict`, `duplicate`, `unreadable` for
  the steps that find those.
- `answers`: an `Answer`, reading what people typed, and ``overlay(extraction, given)``: the
  extraction as it is after a person spoke. Pure: the log keeps what the machine said.
- `exports`: one module a format (`csv`, `jsonl`, `xlsx`, `labelstudio`, `html`), each with

      NAME     what ``--format`` calls it
      SUFFIX   of its files
      write    ``(path, batch: Batch) -> None``: the questions, made for that reader
      read     ``(path) -> list[Answer]``: what was answered, however little; raises UnreadableInput

  To add a format, add its module; the round trip tests in ``tests/review`` find it.
- `guard`: text that no spreadsheet takes for a formula, a number or a date, and back.

A question's `id` says what is asked (this field of this document), its `state` what was shown when
it was asked. An answer carries both: when the state has moved on, the answer is stale and is
listed, not applied.
"""

from __future__ import annotations

from idp_cdi.review.questions import Kind, Question, questions

__all__ = ["Kind", "Question", "questions"]
