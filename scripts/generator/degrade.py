"""What paper, copiers, fax machines and telephones do to a page, on its picture.

Every picture comes with the map that takes a point of the clean page to the degraded one, so
gold boxes stay right.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

from idp_cdi.documents import Box

from .chance import Chance

KINDS = ("copy", "fax", "photo", "flatbed", "low", "thermal", "old")


@dataclass(frozen=True, slots=True)
class Picture:
    """A degraded page.

    Attributes:
        image: The picture (PIL).
        dpi: Dots an inch.
        skew: Degrees that the text is turned, counter-clockwise positive.
        turned: 0, 90, 180 or 270 degrees that the sheet lies wrong, counter-clockwise.
        size: Width and height of the clean page in points.
        kind: One of `KINDS`.
    """

    image: Any
    dpi: float
    skew: float
    turned: int
    size: tuple[float, float]
    kind: str

    def moved(self, box: Box) -> Box:
        """Where a box of the clean page is now, in points from the picture's top left."""
        width, height = self.size
        cx, cy = width / 2, height / 2
        angle = math.radians(-(self.skew + self.turned))
        new_w, new_h = self.image.width * 72 / self.dpi, self.image.height * 72 / self.dpi
        xs, ys = [], []
        for x, y in ((box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1), (box.x1, box.y1)):
            dx, dy = x - cx, y - cy
            xs.append(dx * math.cos(angle) - dy * math.sin(angle) + new_w / 2)
            ys.append(dx * math.sin(angle) + dy * math.cos(angle) + new_h / 2)
        return Box(round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))


def degrade(
    clean: Any, size: tuple[float, float], dpi: float, chance: Chance, *, behind: Any = None
) -> Picture:
    """A degraded picture of a page.

    Args:
        clean: The page rendered at `dpi`, as a PIL image.
        size: Width and height of the page in points.
        dpi: Dots an inch of `clean`.
        chance: Where everything comes from.
        behind: A page whose print shines through from the back, rendered alike.

    Returns:
        The picture.
    """
    import numpy as np
    from PIL import Image, ImageFilter

    kind = chance.weighted(
        {"copy": 4, "fax": 1.5, "photo": 1.5, "flatbed": 4, "low": 1.5, "thermal": 1, "old": 1.5}
    )
    image = clean.convert("L")
    pixels = np.asarray(image, dtype=np.float32)
    rng = np.random.default_rng(chance.getrandbits(32))
    if behind is not None and chance.maybe(0.3):
        pixels = _shine(pixels, behind, chance)
    if kind in ("copy", "old", "fax") and chance.maybe(0.5):
        pixels = _specks(pixels, rng, chance)
    if chance.maybe(0.2):
        pixels = _creases(pixels, chance)
    if chance.maybe(0.12):
        pixels = _coffee(pixels, chance)
    if kind in ("photo", "copy") and chance.maybe(0.6):
        pixels = _shadow(pixels, chance)
    if kind == "thermal":
        pixels = 255 - (255 - pixels) * chance.pick([0.35, 0.5, 0.7])
        pixels *= np.linspace(1.0, chance.pick([0.9, 1.0]), pixels.shape[0], dtype=np.float32)[
            :, None
        ]
    image = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    skew = chance.gauss(0, 0.8) if chance.maybe(0.75) else 0.0
    skew = max(-4.0, min(4.0, skew))
    turned = chance.pick([90, 180, 270]) if chance.maybe(0.03) else 0
    if skew or turned:
        image = image.rotate(
            skew + turned,
            resample=Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=chance.pick([255, 255, 255, 235, 20]) if kind == "copy" else 255,
        )
    if chance.maybe(0.6):
        image = image.filter(
            ImageFilter.GaussianBlur(chance.pick([0.3, 0.5, 0.7, 1.0, 1.3]) * dpi / 200)
        )
    image, dpi = _reduced(image, dpi, kind, chance)
    pixels = np.asarray(image, dtype=np.float32) + rng.normal(
        0, chance.pick([0, 3, 8, 15]), (image.height, image.width)
    ).astype("float32")
    image = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    if kind == "fax" or (kind in ("copy", "old") and chance.maybe(0.4)):
        image = image.point(
            [255 if level > chance.pick([110, 128, 150, 170]) else 0 for level in range(256)]
        )
    if chance.maybe(0.4) and kind != "fax":
        out = io.BytesIO()
        image.save(out, "JPEG", quality=chance.pick([12, 20, 35, 50, 75]))
        image = Image.open(io.BytesIO(out.getvalue())).convert("L")
    return Picture(image, dpi, skew, turned, size, kind)


def _reduced(image: Any, dpi: float, kind: str, chance: Chance) -> tuple[Any, float]:
    """Low resolution: smaller, or smaller and enlarged again as a fax is."""
    from PIL import Image

    if kind == "low":
        share = chance.pick([0.4, 0.5, 0.6, 0.75])
        small = image.resize(
            (max(1, round(image.width * share)), max(1, round(image.height * share))),
            Image.Resampling.BILINEAR,
        )
        return small, dpi * small.width / image.width
    if kind == "fax":
        rough = image.resize(
            (
                round(image.width * min(1.0, 204 / dpi)),
                round(image.height * min(1.0, chance.pick([98, 196]) / dpi)),
            ),
            Image.Resampling.BILINEAR,
        )
        return rough.resize(image.size, Image.Resampling.NEAREST), dpi
    return image, dpi


def _shine(pixels: Any, behind: Any, chance: Chance) -> Any:
    import numpy as np
    from PIL import ImageOps

    back = ImageOps.mirror(behind.convert("L")).resize((pixels.shape[1], pixels.shape[0]))
    return np.minimum(
        pixels, 255 - (255 - np.asarray(back, dtype=np.float32)) * chance.pick([0.08, 0.15, 0.25])
    )


def _specks(pixels: Any, rng: Any, chance: Chance) -> Any:
    out = pixels.copy()
    count = int(pixels.size * chance.pick([0.0001, 0.0005, 0.002]))
    ys, xs = rng.integers(0, pixels.shape[0], count), rng.integers(0, pixels.shape[1], count)
    out[ys, xs] = rng.choice([0.0, 40.0, 255.0], count)
    return out


def _creases(pixels: Any, chance: Chance) -> Any:
    out = pixels.copy()
    high, wide = pixels.shape
    for _ in range(chance.pick([1, 2, 3])):
        if chance.maybe(0.6):
            at = int(high * chance.random())
            out[max(0, at - 1) : at + 2, :] = out[max(0, at - 1) : at + 2, :] * 0.75 + 30
        else:
            at = int(wide * chance.random())
            out[:, max(0, at - 1) : at + 2] = out[:, max(0, at - 1) : at + 2] * 0.75 + 30
    return out


def _coffee(pixels: Any, chance: Chance) -> Any:
    import numpy as np

    high, wide = pixels.shape
    y, x = np.ogrid[:high, :wide]
    radius = min(high, wide) * (0.06 + 0.08 * chance.random())
    away = np.sqrt((y - high * chance.random()) ** 2 + (x - wide * chance.random()) ** 2)
    ring = np.exp(-(((away - radius) / (radius * 0.06)) ** 2)) * 70 + (away < radius) * 14
    return pixels - ring.astype("float32")


def _shadow(pixels: Any, chance: Chance) -> Any:
    import numpy as np

    high, wide = pixels.shape
    dark = chance.pick([0.55, 0.7, 0.85])
    across = np.linspace(1.0, dark, wide, dtype=np.float32)[None, :]
    down = np.linspace(1.0, 1 - (1 - dark) * chance.random(), high, dtype=np.float32)[:, None]
    if chance.maybe(0.5):
        across = across[:, ::-1]
    return pixels * across * down
