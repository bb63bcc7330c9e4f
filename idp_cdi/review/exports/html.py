"""One HTML file that needs no server: pages with boxes, and answers saved as a file.

Everything is inside it; its policy lets it load and send nothing. What came from documents is data
and is put on the page as text only. The answers are a small JSON file, which `read` takes back.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput
from idp_cdi.review.answers import CHOICES, Answer, meant

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.review.exports import Batch
    from idp_cdi.review.questions import Question

NAME = "html"
SUFFIX = ".html"
FORMAT = "idp-cdi answers"

_DPI = 110
#: A page holds this many questions; a browser would choke on thousands of page pictures.
MOST = 500


def write(path: Path, batch: Batch) -> None:
    """Write the first `MOST` questions of `batch` as one page to `path`."""
    # Who has a document before their eyes answers all there is to it.
    first = {q.document: i for i, q in reversed(list(enumerate(batch.questions[:MOST])))}
    asked = tuple(sorted(batch.questions[:MOST], key=lambda q: first[q.document]))
    data = {
        "made": batch.made_at,
        "questions": [_question(q) for q in asked],
        "pages": _pages(asked, batch),
    }
    folder = files("idp_cdi.review.exports")
    script = (folder / "_page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = (folder / "_page.html").read_text(encoding="utf-8")
    # "<" can't end the element that holds the data, nor start a comment in it.
    body = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
    page = page.replace("@@HASH@@", f"sha256-{digest}")
    head, _, rest = page.partition("@@DATA@@")
    path.write_text(head + body + rest.replace("@@SCRIPT@@", script), encoding="utf-8")


def read(path: Path) -> list[Answer]:
    """The answers that the page saved at `path`.

    Raises:
        UnreadableInput: It is no such file.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        if data.get("format") != FORMAT:
            raise UnreadableInput(
                "not a file of answers", file=str(path), action="import what the page saved"
            )
        return [
            _answer(one, data, f"{path.name}, answer {n}")
            for n, one in enumerate(data["answers"], 1)
        ]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, AttributeError, TypeError) as error:
        raise UnreadableInput(
            "not a file of answers", file=str(path), action="save the answers again"
        ) from error


def _answer(one: dict[str, Any], data: dict[str, Any], place: str) -> Answer:
    action = meant(str(one["action"]))
    if action is None:
        raise KeyError("action")
    return Answer(
        item=str(one["id"]),
        state=str(one["state"]),
        action=action,
        value=str(one.get("value", "")),
        person=str(data.get("person", "")).strip(),
        at=str(one.get("at", "")),
        remark=str(one.get("remark", "")),
        place=place,
    )


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "state": question.state,
        "kind": question.kind.value,
        "document": question.document,
        "file": question.name.rpartition("/")[2] or "two records",
        "page": question.page,
        "box": list(question.box) if question.box is not None else None,
        "field": question.field,
        "value": question.value,
        "why": question.why,
        "others": [
            {"value": a.value, "page": a.page, "box": list(a.box) if a.box is not None else None}
            for a in question.alternatives
            if a.value
        ],
        "pairs": [[p.label, p.left, p.right, p.says] for p in question.pairs] or None,
        "choices": [a.value for a in CHOICES[question.kind]],
    }


def _pages(asked: tuple[Question, ...], batch: Batch) -> dict[str, Any]:
    """Each page once: its picture, and its words, so that a frame around them reads them."""
    found: dict[str, Any] = {}
    if batch.pictures is None:
        return found
    places = dict.fromkeys((q.document, q.page or 1) for q in asked if q.document)
    for sha256, number in places:
        picture = batch.pictures.page(sha256, number, _DPI)
        layout = batch.pictures.layout(sha256, number)
        if picture is None or layout is None:
            continue
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=45, method=4)
        image = base64.b64encode(out.getvalue()).decode("ascii")
        found[f"{sha256}/{number}"] = {
            "image": f"data:image/webp;base64,{image}",
            "width": picture.width,
            "height": picture.height,
            "scale": _DPI / 72,
            "words": [[w.text, *(round(n, 1) for n in w.box)] for w in layout.words],
        }
    return found
