"""A picture of a cluster: its records and what links them, as SVG without any script or font.

The record that most links meet in stands in the middle, the others on rings around it, by how many
links away they are. Lines are as thick as the evidence is strong; what a person decided is drawn in
another colour and with words, so that the picture also reads in black and white.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.steps.explain import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.steps.explain import Face, Step, Story

#: More records than this do not fit; the picture says how many are left out.
MOST = 80
_RING, _CHARS = 100.0, 32
_MARGIN = 230.0
"""Room for a name at either side."""
_STYLE = (
    "text{font:12px sans-serif;fill:#1f2933}.k{fill:#616e7c;font-size:10px}"
    ".n{fill:#e4f0fb;stroke:#2b6cb0}.m{stroke:#4a5568}.p{stroke:#2f855a}.c{stroke:#c53030;"
    "stroke-dasharray:6 4}line{fill:none}text{paint-order:stroke;stroke:#fff;"
    "stroke-width:3px}.w{font-size:10px}"
)


class _Spot(NamedTuple):
    x: float
    y: float


def picture(story: Story) -> str:
    """Draw how a customer hangs together.

    Args:
        story: From `idp_cdi.steps.explain`.

    Returns:
        A complete SVG document; text is escaped, the same story gives the same bytes.
    """
    shown = list(story.faces[:MOST])
    known = {face.reference for face in shown}
    steps = [s for s in story.steps if {s.left.reference, s.right.reference} <= known]
    outside = _outside(story, known)
    drawn = [*steps, *(s for s in (*story.cuts, *story.apart) if s in outside)]
    faces = [*shown, *(f for f in _ends(outside) if f.reference not in known)]
    spots, size = _layout(faces, drawn)
    lines = [(s, "m" if s.by == "match" else "p") for s in steps] + [(s, "c") for s in outside]
    middle = (min(s.x for s in spots.values()) + max(s.x for s in spots.values())) / 2
    parts = [_line(s, spots, kind) for s, kind in lines]
    parts += [_node(f, spots[f.reference], f.reference in known, middle) for f in faces]
    parts += [_weight(s, spots, kind) for s, kind in lines]  # on top of all else
    left_out = len(story.faces) - len(shown)
    title = f"{story.customer}: {len(story.faces)} records"
    title += f", {left_out} of them not shown" if left_out else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size.x:.0f} {size.y:.0f}" '
        f'role="img" aria-label="{escape(title, quote=True)}"><style>{_STYLE}</style>'
        f'<text x="12" y="20">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _outside(story: Story, known: set[str]) -> list[Step]:
    """What was left out or declared different, at most a dozen."""
    found = [*story.cuts, *story.apart]
    return [s for s in found if known & {s.left.reference, s.right.reference}][:12]


def _ends(steps: Sequence[Step]) -> list[Face]:
    found = {face.reference: face for step in steps for face in (step.left, step.right)}
    return [found[reference] for reference in sorted(found)]


def _layout(faces: Sequence[Face], steps: Sequence[Step]) -> tuple[dict[str, _Spot], _Spot]:
    """Rings around the record with the most links."""
    near: dict[str, list[str]] = {face.reference: [] for face in faces}
    for step in steps:
        near[step.left.reference].append(step.right.reference)
        near[step.right.reference].append(step.left.reference)
    middle = min(near, key=lambda r: (-len(near[r]), r)) if near else ""
    ring, parent, front = {middle: 0}, {middle: middle}, [middle]
    while front:
        reached: list[str] = []
        for one in front:
            for other in sorted(near[one]):
                if other not in ring:
                    ring[other], parent[other] = ring[one] + 1, one
                    reached.append(other)
        front = reached
    for alone in sorted(near.keys() - ring):
        ring[alone], parent[alone] = max(ring.values()) + 1, middle
    return _place(ring, parent, middle)


def _place(
    ring: dict[str, int], parent: dict[str, str], middle: str
) -> tuple[dict[str, _Spot], _Spot]:
    """Each record in the middle of its own sector, as wide as it has leaves: no lines cross."""
    order = sorted(ring, key=lambda r: (ring[r], r))
    children: dict[str, list[str]] = {r: [] for r in ring}
    for one in order:
        if one != middle:
            children[parent[one]].append(one)
    leaves: dict[str, int] = {}
    for one in reversed(order):
        leaves[one] = sum(leaves[c] for c in children[one]) or 1
    start, angle = {middle: 0.0}, {middle: 0.0}
    for one in order:
        here = start[one]
        for child in children[one]:
            start[child], wide = here, math.tau * leaves[child] / leaves[middle]
            angle[child] = here + wide / 2
            here += wide
    # Wide enough that labels of neighbours on the outermost ring do not touch.
    deepest = max(ring.values())
    step = max(_RING, leaves[middle] * 100.0 / math.tau / max(deepest, 1))
    # One link stands upright, as two do: names are written beside their records.
    turn = math.pi / 2 if leaves[middle] == 1 else 0.0
    raw = {
        r: _Spot(d * step * math.cos(angle[r] - turn), d * step * math.sin(angle[r] - turn))
        for r, d in ring.items()
    }
    left, top = min(s.x for s in raw.values()) - _MARGIN, min(s.y for s in raw.values()) - 60
    spots = {r: _Spot(s.x - left, s.y - top) for r, s in raw.items()}
    width, height = max(s.x for s in spots.values()), max(s.y for s in spots.values())
    return spots, _Spot(width + _MARGIN, height + 60)


def _line(step: Step, spots: dict[str, _Spot], kind: str) -> str:
    a, b = spots[step.left.reference], spots[step.right.reference]
    width = 1.0 + min(max(step.weight, 0.0), 40.0) / 10.0
    return (
        f'<line class="{kind}" x1="{a.x:.1f}" y1="{a.y:.1f}" x2="{b.x:.1f}" y2="{b.y:.1f}" '
        f'stroke-width="{width:.1f}"><title>{escape(step.why or _words(step, kind))}</title></line>'
    )


def _weight(step: Step, spots: dict[str, _Spot], kind: str) -> str:
    """What a link weighs, or who made it, beside its middle."""
    a, b = spots[step.left.reference], spots[step.right.reference]
    x, y = (a.x + b.x) / 2 + 6, (a.y + b.y) / 2 + 3
    return f'<text class="w" x="{x:.1f}" y="{y:.1f}">{escape(_words(step, kind))}</text>'


def _words(step: Step, kind: str) -> str:
    if kind == "c":
        return "different" if step.by != "match" else f"cut {step.weight:+.1f}"
    return f"{step.weight:+.1f}" if step.by == "match" else step.by


def _node(face: Face, spot: _Spot, inside: bool, middle: float) -> str:  # noqa: FBT001
    """A record with its name at the side that looks away from the middle."""
    name = face.name if len(face.name) <= _CHARS else face.name[: _CHARS - 1] + "…"
    dash = "" if inside else ' stroke-dasharray="3 3" fill-opacity="0.3"'
    left = spot.x < middle - 1.0
    at = (
        f'x="{spot.x - 15 if left else spot.x + 15:.1f}" text-anchor="{"end" if left else "start"}"'
    )
    return (
        f"<g><title>{escape(face.name)} ({escape(spoken(face.reference))})</title>"
        f'<circle class="n" cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="9"{dash}/>'
        f'<text {at} y="{spot.y + 1:.1f}">{escape(name)}</text>'
        f'<text class="k" {at} y="{spot.y + 14:.1f}">{escape(face.source)}</text></g>'
    )
