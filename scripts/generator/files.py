"""Documents as files with their gold: PDF, scans as PDF, PNG, JPEG or TIFF, and JSON Lines."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import Any

from idp_cdi.documents import Box, LineItem, around

from .chance import Chance
from .degrade import Picture, degrade
from .drawing import to_pdf
from .make import compose
from .marks import GeneratedDocument, Span


@dataclass(frozen=True, slots=True)
class File:
    """A document's name, bytes and gold."""

    name: str
    content: bytes
    gold: dict[str, Any]
    made: GeneratedDocument


def as_file(family: str, seed: int | str, language: str = "", *, scan: bool = False) -> File:
    """One document as a file, the same for the same arguments.

    Args:
        family: Layout family.
        seed: Everything but the layout comes from it.
        language: ISO 639-1 code, drawn where empty.
        scan: A degraded picture instead of text.

    Returns:
        The file with its gold.
    """
    canvas, made = compose(family, seed, language)
    content = to_pdf(canvas, f"{family} {seed}")
    stem = f"{family}-{made.language}-{seed}"
    if not scan:
        return File(f"{stem}.pdf", content, gold_line(f"{stem}.pdf", made, None), made)
    chance = Chance(f"scan {family} {seed}")
    pictures = _pictures(content, chance)
    kind = chance.weighted({"pdf": 4, "png": 2, "jpg": 2.5, "tiff": 1.2})
    if len(pictures) > 1 and kind in ("png", "jpg"):
        kind = "pdf"
    return File(
        f"{stem}.{kind}",
        _written(pictures, kind),
        gold_line(f"{stem}.{kind}", made, pictures),
        made,
    )


def _pictures(pdf: bytes, chance: Chance) -> list[Picture]:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    dpi = float(chance.pick([150, 200, 200, 200, 300]))
    clean = [document[at].render(scale=dpi / 72).to_pil() for at in range(len(document))]
    sizes = [document[at].get_size() for at in range(len(document))]
    document.close()
    behind = clean[-1]
    return [
        degrade(image, size, dpi, chance, behind=behind)
        for image, size in zip(clean, sizes, strict=True)
    ]


def _written(pictures: list[Picture], kind: str) -> bytes:
    out = io.BytesIO()
    first, *rest = [p.image for p in pictures]
    dpi = pictures[0].dpi
    if kind == "pdf":
        _image_pdf(pictures, out)
    elif kind == "png":
        first.save(out, "PNG", dpi=(dpi, dpi))
    elif kind == "jpg":
        first.save(out, "JPEG", quality=80, dpi=(round(dpi), round(dpi)))
    else:
        first.save(
            out, "TIFF", save_all=True, append_images=rest, dpi=(dpi, dpi), compression="tiff_lzw"
        )
    return out.getvalue()


def _image_pdf(pictures: list[Picture], out: io.BytesIO) -> None:
    """A PDF of pictures only, each on a page of its size."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    pdf = Canvas(out, invariant=1)
    for picture in pictures:
        wide, high = picture.image.width * 72 / picture.dpi, picture.image.height * 72 / picture.dpi
        pdf.setPageSize((wide, high))
        packed = io.BytesIO()
        picture.image.save(packed, "JPEG", quality=82)
        packed.seek(0)
        pdf.drawImage(ImageReader(packed), 0, 0, wide, high)
        pdf.showPage()
    pdf.save()


def _boxes(span: Span, pictures: list[Picture] | None) -> list[list[float]]:
    boxes = (
        span.boxes
        if pictures is None
        else tuple(pictures[span.page - 1].moved(b) for b in span.boxes)
    )
    return [[round(v, 2) for v in box] for box in boxes]


def gold_line(name: str, made: GeneratedDocument, pictures: list[Picture] | None) -> dict[str, Any]:
    """The gold of one file as a JSON object: fields as in our evaluation sets, and boxes.

    Args:
        name: Of the file.
        made: The document.
        pictures: Its degraded pages, None for a text PDF.

    Returns:
        `fields`, `multi`, `ignore` and so on; `boxes` maps a field to the places where it is
        printed (page from 1, one box a line of print, in points from the top left).
    """
    boxes: dict[str, list[dict[str, Any]]] = {}
    for span in made.spans:
        if span.field in made.gold:
            found = {"value": span.value, "page": span.page, "bbox": _boxes(span, pictures)}
            boxes.setdefault(span.field, []).append(found)
    gold: dict[str, Any] = {
        "document": name, "type": made.type, "language": made.language, "pages": len(made.document.pages),
        "text_layer": pictures is None, "fields": made.gold, "multi": list(made.multi), "ignore": list(made.ignore),
        "family": made.family, "held_back": made.held_back, "boxes": boxes,
        "line_items": [_line(item, at, made.spans, pictures) for at, item in enumerate(made.line_items, 1)],
    }  # fmt: skip
    if pictures is not None:
        gold["scan"] = [
            {"kind": p.kind, "dpi": round(p.dpi, 1), "skew": round(p.skew, 3), "turned": p.turned}
            for p in pictures
        ]
    return gold


def _line(
    item: LineItem, at: int, spans: tuple[Span, ...], pictures: list[Picture] | None
) -> dict[str, Any]:
    found = [s for s in spans if s.group == f"line {at}" and s.field.startswith("item.")]
    out = {key: text for key, text in asdict(item).items() if isinstance(text, str)}
    if not found:
        return out
    page = found[0].page
    boxes = [Box(*b) for s in found if s.page == page for b in _boxes(s, pictures)]
    return out | {"page": page, "bbox": [round(v, 2) for v in around(boxes)]}
