"""Label Studio: one task a page, with our values as pre-annotations in boxes.

Import the tasks into a project with the labelling interface of ``….config.xml``, correct text and
boxes, delete a box that is nothing, draw one for what is missing; export as JSON and import that.
Questions without a page (matches, duplicates) are for the other formats.
Source: https://labelstud.io/guide/predictions
"""

from __future__ import annotations

import base64
import io
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from idp_cdi.errors import UnreadableInput
from idp_cdi.review.answers import Action, Answer, meant
from idp_cdi.review.questions import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from idp_cdi.review.exports import Batch
    from idp_cdi.review.questions import Question

NAME = "labelstudio"
SUFFIX = ".json"

_DPI = 110


def write(path: Path, batch: Batch) -> None:
    """Write the tasks of `batch` to `path`."""
    asked = [q for q in batch.questions if q.field and q.document]
    placed = sorted(asked, key=lambda q: (q.document, q.page or 1))
    tasks = [
        _task(sha256, page, list(group), batch)
        for (sha256, page), group in groupby(placed, key=lambda q: (q.document, q.page or 1))
    ]
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")


def sidecars(batch: Batch) -> dict[str, str]:
    """Files beside the tasks, by suffix: the labelling interface."""
    names = sorted({q.field for q in batch.questions if q.field})
    labels = "\n".join(f"    <Label value={quoteattr(name)}/>" for name in names)
    config = f"""<View>
  <Header value="$document"/>
  <RectangleLabels name="field" toName="image">
{labels}
  </RectangleLabels>
  <Image name="image" value="$image" zoom="true"/>
  <TextArea name="text" toName="image" perRegion="true" editable="true" required="false"/>
  <Choices name="verdict" toName="image" perRegion="true" choice="single">
    <Choice value="right"/>
    <Choice value="not there"/>
    <Choice value="unsure"/>
  </Choices>
</View>
"""
    return {".config.xml": config}


def read(path: Path) -> list[Answer]:
    """The answers in a JSON export of Label Studio.

    Raises:
        UnreadableInput: It is no such export, or not of our tasks.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
        ours = [t for t in tasks if "questions" in t.get("data", {})]
    except (UnicodeDecodeError, json.JSONDecodeError, AttributeError, TypeError) as error:
        raise UnreadableInput(
            "not a JSON export of Label Studio", file=str(path), action="export as JSON"
        ) from error
    if not ours:
        raise UnreadableInput("no task of ours in there", file=str(path), action="use the export")
    return [answer for task in ours for answer in _answers(task, path.name)]


def _task(sha256: str, page: int, asked: list[Question], batch: Batch) -> dict[str, Any]:
    picture = batch.pictures.page(sha256, page, _DPI) if batch.pictures is not None else None
    width, height = picture.size if picture is not None else (1, 1)
    address = ""
    if picture is not None:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=70)
        address = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
    results = [part for q in asked if q.box is not None for part in _region(q, width, height)]
    return {
        "data": {
            "image": address,
            "document": asked[0].name,
            "sha256": sha256,
            "page": page,
            "questions": {
                q.id: {
                    "state": q.state,
                    "field": q.field,
                    "value": q.value,
                    "kind": q.kind.value,
                    "drawn": q.box is not None,
                }
                for q in asked
            },
        },
        "predictions": [
            {
                "model_version": "idp-cdi",
                "score": round(min((q.confidence for q in asked), default=0.0), 4),
                "result": results,
            }
        ],
    }


def _region(question: Question, width: int, height: int) -> Iterable[dict[str, Any]]:
    assert question.box is not None
    scale = _DPI / 72
    x0, y0, x1, y1 = (n * scale for n in question.box)
    place = {
        "x": round(100 * x0 / width, 4),
        "y": round(100 * y0 / height, 4),
        "width": round(100 * (x1 - x0) / width, 4),
        "height": round(100 * (y1 - y0) / height, 4),
        "rotation": 0,
    }
    common = {
        "id": question.id,
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "score": round(question.confidence, 4),
    }
    yield common | {
        "from_name": "field",
        "type": "rectanglelabels",
        "value": place | {"rectanglelabels": [question.field]},
    }
    yield common | {
        "from_name": "text",
        "type": "textarea",
        "value": place | {"text": [question.value]},
    }


def _answers(task: dict[str, Any], name: str) -> Iterable[Answer]:
    done = [a for a in task.get("annotations", ()) if not a.get("was_cancelled")]
    if not done:
        return
    annotation = done[-1]
    regions: dict[str, dict[str, Any]] = {}
    for part in annotation.get("result", ()):
        regions.setdefault(str(part.get("id", "")), {})[part.get("type", "")] = part["value"]
    asked = task["data"]["questions"]
    place = f"{name}, task {task.get('id', '?')}"
    at = str(annotation.get("updated_at") or annotation.get("created_at") or "")
    # An annotation that kept none of our boxes was not made from them: a missing box says nothing.
    ours = bool(annotation.get("parent_prediction")) or any(key in regions for key in asked)
    free = {k: v for k, v in regions.items() if k not in asked}
    for key, question in asked.items():
        said = _said(question, regions.get(key), free, ours=ours)
        if said is not None:
            action, value = said
            yield Answer(key, question["state"], action, value, _person(annotation), at, "", place)


def _said(
    question: dict[str, Any],
    region: dict[str, Any] | None,
    free: dict[str, dict[str, Any]],
    *,
    ours: bool,
) -> tuple[Action, str] | None:
    """What an annotation says to a question, None where it says nothing."""
    if region is None:
        new = next((r for r in free.values() if question["field"] in _labels(r)), None)
        if new is not None and (text := _text(new)):
            return Action.CORRECT, text
        return (Action.ABSENT, "") if ours and question.get("drawn") else None
    chosen = region.get("choices", {}).get("choices", [])
    verdict = meant(chosen[0]) if chosen else None
    text = _text(region)
    if verdict in (Action.ABSENT, Action.UNSURE):
        return verdict, ""
    if question["kind"] == Kind.MISSING:
        return (Action.CORRECT, text) if text else None
    if question["field"] not in _labels(region):
        return Action.ABSENT, ""  # the box was given to another field
    return (Action.ACCEPT, "") if text in ("", question["value"]) else (Action.CORRECT, text)


def _labels(region: dict[str, Any]) -> list[str]:
    found: list[str] = region.get("rectanglelabels", {}).get("rectanglelabels", [])
    return found


def _text(region: dict[str, Any]) -> str:
    text = region.get("textarea", {}).get("text", [])
    return " ".join(text) if isinstance(text, list) else str(text)


def _person(annotation: dict[str, Any]) -> str:
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        return str(by.get("email") or by.get("username") or by.get("id") or "")
    return f"labelstudio-{by}" if by else ""
