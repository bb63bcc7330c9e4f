"""For each segment the nearest one to the right, left, below and above.

Right and left are on the same line; below and above overlap in width, or start within one height
of print of the left edge. Nothing further than `FAR` lines of print away counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.layout._types import Neighbour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.layout._types import Line, Segment

FAR = 8.0  # heights of print

Four = tuple[Neighbour | None, Neighbour | None, Neighbour | None, Neighbour | None]


def neighbours_of(segments: Sequence[Segment], lines: Sequence[Line]) -> list[Four]:
    """Right, left, below and above of every segment."""
    below: list[Neighbour | None] = [None] * len(segments)
    above: list[Neighbour | None] = [None] * len(segments)
    for index, segment in enumerate(segments):
        below[index] = _towards(index, segment, segments, lines, 1)
        above[index] = _towards(index, segment, segments, lines, -1)
    found: list[Four] = []
    for index, segment in enumerate(segments):
        row = lines[segment.line].segments
        right = index + 1 if index < row[-1] else -1
        left = index - 1 if index > row[0] else -1
        found.append(
            (
                Neighbour(right, segments[right].box[0] - segment.box[2]) if right >= 0 else None,
                Neighbour(left, segment.box[0] - segments[left].box[2]) if left >= 0 else None,
                below[index],
                above[index],
            )
        )
    return found


def _towards(
    index: int, segment: Segment, segments: Sequence[Segment], lines: Sequence[Line], step: int
) -> Neighbour | None:
    x0, y0, x1, y1 = segment.box
    limit = FAR * segment.size
    number = segment.line + step
    while 0 <= number < len(lines):
        best, best_score = None, 0.0
        for other in lines[number].segments:
            box = segments[other].box
            overlap = min(x1, box[2]) - max(x0, box[0])
            if overlap > 0:
                score = overlap / min(x1 - x0, box[2] - box[0], 1e9) if x1 > x0 else 1.0
                score += 1.0 if abs(box[0] - x0) < segment.size else 0.0
                if score > best_score:
                    distance = box[1] - y1 if step > 0 else y0 - box[3]
                    best, best_score = Neighbour(other, max(0.0, distance)), score
        line_box = lines[number].box
        gap = line_box[1] - y1 if step > 0 else y0 - line_box[3]
        if best is not None:
            return best if best.distance <= limit else None
        if gap > limit:
            return None
        number += step
    return None
