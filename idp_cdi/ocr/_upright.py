"""Turns a picture upright: quarter turns, skew, and an uneven background divided out.

Text in lines makes the row sums of a page rise and fall steeply; that steepness is the measure
for both the quarter turn and the skew angle. Everything works on a small copy of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

_SMALL = 900  # longest side, in pixels, of the copy on which angles are measured
_EVEN = 40  # grey levels that paper may differ by
_LIGHT = 150  # grey level that paper has at least
_WIDEST = 10.0  # degrees of skew that are looked for


def turn(image: Image, rotation: int, skew: float) -> Image:
    """`image` turned clockwise by `rotation` (a multiple of 90) and then by `-skew` degrees."""
    from PIL import Image as images

    if rotation % 360:
        ways = {
            90: images.Transpose.ROTATE_270,
            180: images.Transpose.ROTATE_180,
            270: images.Transpose.ROTATE_90,
        }
        image = image.transpose(ways[rotation % 360])
    if skew:
        fill = 255 if image.mode == "L" else (255, 255, 255)
        image = image.rotate(skew, images.Resampling.BICUBIC, expand=True, fillcolor=fill)
    return image


def flatten(grey: Image) -> Image:
    """`grey` with its background divided out, where the background is uneven or dark."""
    import numpy as np
    from PIL import Image as images
    from PIL import ImageFilter

    if min(grey.size) < 64:
        return grey
    width, height = max(8, grey.width // 8), max(8, grey.height // 8)
    small = grey.resize((width, height), images.Resampling.BOX)
    paper = small.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(6))
    levels = np.asarray(paper, dtype=np.float32)
    low, high = np.percentile(levels, (3, 97))
    if high - low < _EVEN and low > _LIGHT:
        return grey
    background = np.asarray(paper.resize(grey.size, images.Resampling.BILINEAR), dtype=np.float32)
    pixels = np.asarray(grey, dtype=np.float32)
    flat = np.minimum(255.0, pixels * (250.0 / np.maximum(background, 40.0)))
    return images.fromarray(flat.astype(np.uint8))


def quarter_turn(grey: Image) -> int:
    """0 when text runs across, 90 when it runs up or down the page."""
    ink = _ink(grey)
    if ink is None:
        return 0
    across, along = (_relief(ink.sum(axis=axis)) for axis in (1, 0))
    return 90 if across < 0.55 * along else 0


def skew_of(grey: Image) -> float:
    """Degrees by which lines fall to the right; 0 where there is no clear answer."""
    import numpy as np

    ink = _ink(grey)
    if ink is None:
        return 0.0
    coarse = np.arange(-_WIDEST, _WIDEST + 0.1, 1.0)
    best = max(coarse, key=lambda angle: _steepness(ink, float(angle)))
    for step in (0.25, 0.05):
        around = best + step * np.arange(-4, 5)
        best = max(around, key=lambda angle: _steepness(ink, float(angle)))
    level = _steepness(ink, 0.0)
    if abs(best) < 0.15 or _steepness(ink, float(best)) < 1.05 * level:
        return 0.0
    return round(float(best), 2)


def _ink(grey: Image) -> Any:
    """A small black-and-white copy: 1 where it is clearly darker than its surroundings."""
    import numpy as np
    from PIL import ImageFilter

    scale = _SMALL / max(grey.size)
    small = grey
    if scale < 1:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        small = grey.resize(size, reducing_gap=2.0)
    if min(small.size) < 20:
        return None
    pixels = np.asarray(small, dtype=np.int16)
    local = np.asarray(small.filter(ImageFilter.BoxBlur(12)), dtype=np.int16)
    ink = (pixels < local - 18).astype(np.float32)
    return ink if ink.sum() > 50 else None


def _relief(sums: Any) -> float:
    """How steeply sums change from one to the next, whatever their size."""
    import numpy as np

    return float(np.square(np.diff(sums)).mean() / max(1e-6, float(sums.mean()) ** 2))


def _steepness(ink: Any, angle: float) -> float:
    """How steeply row sums change when rows run at `angle` degrees."""
    import numpy as np

    rows, columns = np.nonzero(ink)
    height, width = ink.shape
    lines = rows - np.tan(np.radians(angle)) * (columns - width / 2)
    counts = np.bincount(
        np.clip(np.round(lines).astype(np.int64) + width, 0, height + 2 * width)
    ).astype(np.float64)
    return float(np.square(np.diff(counts)).sum())
