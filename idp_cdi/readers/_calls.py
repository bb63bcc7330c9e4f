"""pdfium's functions with plain integers for pointers: half the cost of a call through its types.

A page asks for thousands of boxes, fonts and objects one by one, and pdfium has no function that
answers for many at once, so what a call costs is what a page costs.

Source: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class TextCalls(NamedTuple):
    """What is asked of characters and of the text objects that paint them."""

    loose_box: Callable[..., int]
    text_object: Callable[..., int]
    font: Callable[..., int]
    mode: Callable[..., int]
    size: Callable[..., float]
    matrix: Callable[..., int]
    name: Callable[..., int]
    weight: Callable[..., int]


class ObjectCalls(NamedTuple):
    """What is asked of the objects of a page; `child` and `children` are those of a form."""

    count: Callable[..., int]
    get: Callable[..., int]
    children: Callable[..., int]
    child: Callable[..., int]
    kind: Callable[..., int]
    bounds: Callable[..., int]
    matrix: Callable[..., int]
    segments: Callable[..., int]
    segment: Callable[..., int]
    segment_kind: Callable[..., int]
    point: Callable[..., int]
    closes: Callable[..., int]


def address(handle: Any) -> int:
    """The address behind one of pypdfium2's raw handles."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


@cache
def text_calls() -> TextCalls:
    """The functions about text, bound once."""
    pointer, number = ctypes.c_void_p, ctypes.c_int
    return TextCalls(
        _plain("FPDFText_GetLooseCharBox", number, pointer, number, pointer),
        _plain("FPDFText_GetTextObject", pointer, pointer, number),
        _plain("FPDFTextObj_GetFont", pointer, pointer),
        _plain("FPDFTextObj_GetTextRenderMode", number, pointer),
        _plain("FPDFText_GetFontSize", ctypes.c_double, pointer, number),
        _plain("FPDFText_GetMatrix", number, pointer, number, pointer),
        _plain("FPDFFont_GetBaseFontName", ctypes.c_size_t, pointer, pointer, ctypes.c_size_t),
        _plain("FPDFFont_GetWeight", number, pointer),
    )


@cache
def object_calls() -> ObjectCalls:
    """The functions about objects, bound once."""
    pointer, number = ctypes.c_void_p, ctypes.c_int
    return ObjectCalls(
        _plain("FPDFPage_CountObjects", number, pointer),
        _plain("FPDFPage_GetObject", pointer, pointer, number),
        _plain("FPDFFormObj_CountObjects", number, pointer),
        _plain("FPDFFormObj_GetObject", pointer, pointer, ctypes.c_ulong),
        _plain("FPDFPageObj_GetType", number, pointer),
        _plain("FPDFPageObj_GetBounds", number, pointer, pointer, pointer, pointer, pointer),
        _plain("FPDFPageObj_GetMatrix", number, pointer, pointer),
        _plain("FPDFPath_CountSegments", number, pointer),
        _plain("FPDFPath_GetPathSegment", pointer, pointer, number),
        _plain("FPDFPathSegment_GetType", number, pointer),
        _plain("FPDFPathSegment_GetPoint", number, pointer, pointer, pointer),
        _plain("FPDFPathSegment_GetClose", number, pointer),
    )


def _plain(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    import pypdfium2.raw as raw

    # PYFUNCTYPE: the interpreter is not let go for a third of a microsecond.
    return ctypes.PYFUNCTYPE(result, *arguments)(address(getattr(raw, name)))
