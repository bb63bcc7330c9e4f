"""Text that knows what it says: pieces of a line carry marks, marks become gold.

A `Mark` is one printing of one value of one field. Its words on the page are found when the
page is set, so gold spans and boxes are exact whatever the layout did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.documents import Box, Document, LineItem

if TYPE_CHECKING:
    from .facts import Facts


@dataclass(eq=False, slots=True)
class Mark:
    """One printing of a value.

    Attributes:
        field: Field name with role ("buyer.name"); "item.description" and so on in tables.
        values: The normalised value and its equally right alternatives; empty where the mark
            says what kind of text this is (a delivery date, a label) but is no field's gold.
        group: Keeps the values of one of several parties, or of one line item, together.
        kind: Entity label for the NER ("ORG", "DATE" …), "" for none.
    """

    field: str
    values: tuple[str, ...] = ()
    group: str = ""
    kind: str = ""


class Piece(NamedTuple):
    """A stretch of text with the marks that cover it."""

    text: str
    marks: tuple[Mark, ...] = ()


Line = Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Span:
    """Where one printing of a value stands.

    Attributes:
        field: Field name, as in `Mark`.
        value: The normalised value.
        group: As in `Mark`.
        page: Page number, from 1.
        words: Indexes into the page's words, in reading order.
        start: Offset of the value's first character in the first word.
        end: Offset after the value's last character in the last word.
        kind: Entity label, as in `Mark`.
        box: Boxes of the value, one for each line it stands on.
    """

    field: str
    value: str
    group: str
    page: int
    words: tuple[int, ...]
    start: int
    end: int
    kind: str = ""
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedDocument:
    """A made-up document with everything that is known about it.

    Attributes:
        document: What a reader would hand over.
        type: invoice, order, receipt, contract or form.
        language: ISO 639-1 code.
        gold: Field → values; alternatives, or all of them for fields in `multi`.
        multi: Fields all of whose values are expected.
        ignore: Fields the page mentions without settling them.
        spans: Every printing of every value.
        line_items: The lines of the table.
        family: Name of the layout family.
        held_back: The family is one of the fifth that training must not see.
        scan: The words went through the model of OCR errors.
        facts: Of invoices, orders and receipts: what there is to know, printed or not.
    """

    document: Document
    type: str
    language: str
    gold: dict[str, list[str]]
    multi: tuple[str, ...]
    ignore: tuple[str, ...]
    spans: tuple[Span, ...]
    line_items: tuple[LineItem, ...]
    family: str
    held_back: bool
    scan: bool = False
    details: dict[str, str] = field(default_factory=dict)
    facts: Facts | None = None


def plain(text: str) -> Piece:
    """A piece that means nothing in particular."""
    return Piece(text)


def text_of(line: Line) -> str:
    """The characters of a line."""
    return "".join(piece.text for piece in line)


def value(name: str, text: str, *values: str, group: str = "", kind: str = "") -> Piece:
    """A piece that shows one value; the value is the text itself unless given."""
    return Piece(text, (Mark(name, values or (text,), group, kind),))


def kindly(text: str, kind: str, name: str = "") -> Piece:
    """A piece of a known kind that is no field's gold, such as the delivery date."""
    return Piece(text, (Mark(name, (), "", kind),))


def within(line: Line, mark: Mark) -> list[Piece]:
    """The line with `mark` laid over all of it."""
    return [Piece(piece.text, (*piece.marks, mark)) for piece in line]


def join(parts: Sequence[Line], separator: str) -> list[Piece]:
    """Several lines as one, with `separator` between them; empty ones left out."""
    out: list[Piece] = []
    for part in parts:
        if text_of(part):
            if out:
                out.append(Piece(separator))
            out.extend(part)
    return out
