"""Segments to blocks, blocks to reading order and columns.

A segment goes on the block above it when it is the only one below, starts at the same left edge
(or is centred or ends on the same right edge), has print of about the same size, and the space
between is not wider than a line. A drawn line between them parts them.

Reading order is a recursive cut at the widest white band (XY-cut): a page is cut across where a
band goes right through it, otherwise down, and each part again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.layout._types import Segment

_LEADING = 0.75  # of the height of print: free space up to which lines belong together
_TALL = 60.0  # points from which a block is a column's
_SAME_SIZE = 1.35  # ratio of print heights up to which lines belong together


def block_members(
    segments: Sequence[Segment], below: Sequence[int], above: Sequence[int], floors: Sequence[Box]
) -> list[list[int]]:
    """Indexes of segments, block by block, top to bottom.

    Args:
        segments: All segments of the page.
        below: For each the nearest one below, -1 for none.
        above: For each the nearest one above, -1 for none.
        floors: Level drawn lines.
    """
    onwards: dict[int, int] = {}
    taken: set[int] = set()
    for index in range(len(segments)):
        follower = below[index]
        if follower < 0 or follower in taken:
            continue
        if above[follower] != index and not _same_left(segments[index], segments[follower]):
            continue
        if _belongs(segments[index], segments[follower], floors):
            onwards[index] = follower
            taken.add(follower)
    groups = []
    for index in range(len(segments)):
        if index in taken:
            continue
        group = [index]
        while group[-1] in onwards:
            group.append(onwards[group[-1]])
        groups.append(group)
    return groups


def _same_left(a: Segment, b: Segment) -> bool:
    return abs(a.box[0] - b.box[0]) < 0.35 * max(a.size, b.size)


def _belongs(a: Segment, b: Segment, floors: Sequence[Box]) -> bool:
    low, high = sorted((a.size, b.size))
    if high > _SAME_SIZE * low or b.box[1] - a.box[3] > _LEADING * low:
        return False
    size = high
    centred = abs(a.box[0] + a.box[2] - b.box[0] - b.box[2]) < size
    indent = abs(a.box[0] - b.box[0]) < 3 * size and min(a.box[2], b.box[2]) > max(
        a.box[0], b.box[0]
    )
    right = abs(a.box[2] - b.box[2]) < 0.35 * size
    if not (_same_left(a, b) or centred or right or indent):
        return False
    top, bottom = a.box.middle, b.box.middle
    left, end = max(a.box[0], b.box[0]), min(a.box[2], b.box[2])
    return not any(
        top < (f[1] + f[3]) / 2 < bottom and f[0] <= left + size and f[2] >= end - size
        for f in floors
    )


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Indexes of `boxes` in reading order."""
    order: list[int] = []
    stack = [list(range(len(boxes)))]
    while stack:
        members = stack.pop()
        parts = _cut(boxes, members) if len(members) > 1 else None
        if parts is None:
            order.extend(sorted(members, key=lambda i: (boxes[i][1], boxes[i][0])))
        else:
            stack.extend(reversed(parts))
    return order


def _cut(boxes: Sequence[Box], members: list[int]) -> list[list[int]] | None:
    """`members` cut along white bands, across before down; None where no band goes through."""
    across = _bands(boxes, members, 1)
    down = _bands(boxes, members, 0)
    if len(down) > 1 and len(across) > 1:
        # Tall columns side by side are read one after the other; rows of a table across.
        return down if _are_columns(boxes, down) else across
    if len(across) > 1:
        return across
    return down if len(down) > 1 else None


def _are_columns(boxes: Sequence[Box], parts: list[list[int]]) -> bool:
    """Have at least two of the parts a tall block?"""
    return sum(max(boxes[i].height for i in part) > _TALL for part in parts) >= 2


def _bands(boxes: Sequence[Box], members: list[int], axis: int) -> list[list[int]]:
    """`members` grouped where their shadows on an axis (0 across, 1 down) leave white bands."""
    ordered = sorted(members, key=lambda i: boxes[i][axis])
    groups = [[ordered[0]]]
    end = boxes[ordered[0]][axis + 2]
    least = 6.0 if axis == 0 else 0.0
    for index in ordered[1:]:
        if boxes[index][axis] > end + least:
            groups.append([index])
        else:
            groups[-1].append(index)
        end = max(end, boxes[index][axis + 2])
    return groups


def columns_of(boxes: Sequence[Box], page: Box) -> list[Box]:
    """Columns of running text among tall blocks, left to right; the page where there are none."""
    tall = [b for b in boxes if b.height > 0.12 * page.height and b.width > 0.15 * page.width]
    groups: list[Box] = []
    for box in sorted(tall, key=lambda b: b[0]):
        if groups and box[0] < groups[-1][2] - 0.3 * min(box.width, groups[-1].width):
            groups[-1] = around((groups[-1], box))
        else:
            groups.append(box)
    return groups if len(groups) > 1 else [page]
