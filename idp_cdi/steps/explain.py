"""Why a customer is what it is: every link with its evidence, in words and bits.

`explain` tells how one customer came to be; `compare` why two records or customers are one, or why
not and what would be needed. Both are plain data; `lines` and `compare_lines` put them into words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from idp_cdi.identity import Cut, Joint, Link, Rules, Standing, joints, route
from idp_cdi.identity.claims import CLAIM
from idp_cdi.identity.rulings import pair
from idp_cdi.survivorship import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{56}\b")


def spoken(reference: str) -> str:
    """A record's reference as people read it; a document's hash by its beginning.

    >>> spoken("crm␟A-1001"), spoken("documents␟" + "0123456789abcdef" * 4 + "#buyer")
    ('crm:A-1001', 'documents:01234567…#buyer')
    """
    return _HASH.sub(r"\1…", reference.replace(REFERENCE, ":", 1))


class Evidence(NamedTuple):
    """What one field says about two records.

    `level` is the agreement in words ("same", "one letter differs", "missing on one side"),
    `bits` the match weight that it adds (negative: against), `most` the weight that full
    agreement would add, 0 where unknown.
    """

    field: str
    level: str
    left: str
    right: str
    bits: float
    most: float = 0.0


class Witness(Protocol):
    """Gives the evidence for and against two records being one customer."""

    def __call__(self, left: int, right: int) -> Sequence[Evidence]:
        """The evidence, field by field."""


@dataclass(frozen=True, slots=True)
class Face:
    """A record as people know it: its reference, a name to show, and where it came from."""

    reference: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """A link by which a customer grew, with its evidence; `by` is "match" or the person's name."""

    left: Face
    right: Face
    weight: float
    probability: float
    by: str
    why: str = ""
    spare: int = 0
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """How a customer came to be.

    `steps` are in the order in which they joined; `cuts` are links that were left out, with the
    reason; `apart` what persons declared different from a record of this customer.
    """

    customer: str
    faces: tuple[Face, ...]
    steps: tuple[Step, ...]
    cuts: tuple[Step, ...] = ()
    apart: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Why two records are one customer, or why not.

    Attributes:
        left: One record.
        right: The other record.
        together: Whether they are one customer.
        way: The strongest way between them; empty where there is none.
        direct: What the two say about each other, compared directly.
        weight: The weight of the direct comparison in bits, prior included; None if never compared.
        link: The weight from which records link.
        reason: One sentence.
        needed: What would change the outcome, one sentence each.
    """

    left: Face
    right: Face
    together: bool
    way: tuple[Step, ...]
    direct: tuple[Evidence, ...]
    weight: float | None
    link: float
    reason: str
    needed: tuple[str, ...] = ()


class Said(NamedTuple):
    """A person's decision in words: who, when and why."""

    person: str
    at: str
    why: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that an explanation draws on: the part of the store around some records.

    `faces` shows records, `links` are all compared pairs, `decided` what persons decided and
    `said` who did, `cuts` what clustering left out, `labels` record → its cluster.
    """

    faces: Mapping[int, Face]
    links: Sequence[Link]
    decided: Standing
    said: Mapping[tuple[int, int], Said]
    cuts: Sequence[Cut]
    labels: Mapping[int, int]
    rules: Rules
    witness: Witness
    claims: frozenset[tuple[int, int]] = frozenset()

    @property
    def joining(self) -> list[Link]:
        """The pairs that hold records together: by their weight, or one follows the other."""

        def joins(link: Link) -> bool:
            together = self.labels.get(link.left) == self.labels.get(link.right)
            return link.weight >= self.rules.link or (link.copy and together)

        return [link for link in self.links if joins(link)]


def explain(scene: Scene, customer: str, group: Sequence[int]) -> Story:
    """Tell how a customer came to be.

    Args:
        scene: What is known around it.
        customer: Its id.
        group: Its records.

    Returns:
        The story.
    """
    inside = set(group)
    steps = [_step(scene, joint) for joint in joints(group, scene.joining, scene.decided)]
    cuts = [
        _step(scene, Joint(c.left, c.right, c.weight, 0.0, "match"), _WHY_CUT[c.why])
        for c in scene.cuts
        if len(inside & {c.left, c.right}) == 1
    ]
    apart = [
        _step(scene, Joint(*place, 0.0, 0.0, "person"))
        for place in sorted(scene.decided.different)
        if len(inside & set(place)) == 1 and scene.faces.keys() >= set(place)
    ]
    faces = tuple(scene.faces[record] for record in sorted(group))
    return Story(customer, faces, tuple(steps), tuple(cuts), tuple(apart))


_WHY_CUT = {
    "person": "it would join records that a person declared different",
    "marks": "it would join two different valid identifiers, or a person and a firm",
    "others": "taken together, the other records of the two speak against it",
    "contradiction": "a later decision of a person rules it out",
}


def _step(scene: Scene, joint: Joint, why: str = "") -> Step:
    said = scene.said.get(pair(joint.left, joint.right)) if joint.by == "person" else None
    return Step(
        scene.faces[joint.left],
        scene.faces[joint.right],
        joint.weight,
        joint.probability,
        said.person if said else joint.by,
        why or (said.why if said else _claim(scene, joint)),
        joint.spare,
        tuple(scene.witness(joint.left, joint.right)),
    )


def _claim(scene: Scene, joint: Joint) -> str:
    """Why a document's pair counts more than what the two records say."""
    if pair(joint.left, joint.right) not in scene.claims:
        return ""
    return f"{CLAIM:+.1f} bits of it: the document fits no other customer"


def compare(scene: Scene, left: int, right: int) -> Comparison:
    """Say why two records are one customer, or why not and what would be needed.

    Args:
        scene: What is known around both.
        left: A record.
        right: Another record.

    Returns:
        The comparison.
    """
    together = scene.labels[left] == scene.labels[right]
    joining = scene.joining
    within = [k for k in joining if scene.labels.get(k.left) == scene.labels.get(k.right)]
    way = route(left, right, within if together else joining, scene.decided)
    place = pair(left, right)
    weight = next((k.weight for k in scene.links if pair(k.left, k.right) == place), None)
    direct = tuple(scene.witness(left, right))
    reason, needed = _verdict(scene, (left, right), together, way, weight, direct)
    return Comparison(
        scene.faces[left],
        scene.faces[right],
        together,
        tuple(_step(scene, joint) for joint in way),
        direct,
        weight,
        scene.rules.link,
        reason,
        needed,
    )


def _verdict(
    scene: Scene,
    ends: tuple[int, int],
    together: bool,  # noqa: FBT001
    way: Sequence[Joint],
    weight: float | None,
    direct: Sequence[Evidence],
) -> tuple[str, tuple[str, ...]]:
    place = pair(*ends)
    if together:
        return _why_together(scene, place, way), _to_part(scene, place)
    if place in scene.decided.different:
        who = scene.said.get(place)
        by = f"{who.person} declared" if who else "a person declared"
        undo = ("that decision would have to be withdrawn (customers undo)",)
        return f"{by} them different, which outranks every match", undo
    cut = next((c for c in scene.cuts if _between(scene, c, ends)), None)
    if cut is not None:
        a, b = (spoken(scene.faces[end].reference) for end in (cut.left, cut.right))
        reason = f"the link of {a} and {b} was cut: {_WHY_CUT[cut.why]}"
        return reason, ("a person who says that the two are the same (customers merge)",)
    if weight is None:
        return "they have too little in common to have been compared", _gaps(scene, direct, None)
    missing = scene.rules.link - weight
    reason = (
        f"their match weight is {weight:+.1f} bits, {missing:.1f} bits short of the "
        f"{scene.rules.link:+.1f} from which records link"
    )
    return reason, _gaps(scene, direct, missing)


def _between(scene: Scene, cut: Cut, ends: tuple[int, int]) -> bool:
    labels = {scene.labels.get(cut.left), scene.labels.get(cut.right)}
    return labels == {scene.labels[ends[0]], scene.labels[ends[1]]}


def _why_together(scene: Scene, place: tuple[int, int], way: Sequence[Joint]) -> str:
    if place in scene.decided.same:
        who = scene.said.get(place)
        return f"{who.person if who else 'a person'} declared them the same"
    if len(way) == 1:
        return f"they match with {way[0].weight:+.1f} bits (probability {way[0].probability:.4f})"
    weakest = min((j for j in way if j.by == "match"), key=lambda j: j.weight, default=None)
    if weakest is None:
        return f"{len(way)} decisions of persons lead from one to the other"
    return (
        f"{len(way)} links lead from one to the other; the weakest has {weakest.weight:+.1f} bits "
        f"(probability {weakest.probability:.4f})"
    )


def _to_part(scene: Scene, place: tuple[int, int]) -> tuple[str, ...]:
    if place in scene.decided.same:
        return ("that decision would have to be withdrawn (customers undo)",)
    return ("a person who says that the two are different (customers split) parts them",)


def _gaps(scene: Scene, direct: Iterable[Evidence], missing: float | None) -> tuple[str, ...]:
    """Which fields could bring what is missing, the most telling one first."""
    found: list[tuple[float, str]] = []
    for item in direct:
        gain = item.most - item.bits
        if item.most > 0 and gain > 0 and (missing is None or gain >= missing):
            state = "is missing" if not (item.left and item.right) else "differs"
            found.append(
                (-gain, f"{item.field}, which {state}: agreement would add {gain:+.1f} bits")
            )
    told = tuple(text for _, text in sorted(found)[:5])
    return (*told, "or a person who says that the two are the same (customers merge)")


def lines(story: Story, *, names: Callable[[str], str] = str) -> list[str]:
    """A story in words, a line each.

    Args:
        story: How a customer came to be.
        names: How a field is called; its own name where left out.
    """
    count = len(story.faces)
    told = [f"{story.customer}: {count} record{'s' if count != 1 else ''}"]
    told += [f"  {spoken(face.reference)}  {face.name}" for face in story.faces]
    if story.steps:
        told.append("joined by")
    for step in story.steps:
        told += _step_lines(step, names)
    for title, steps in (("left out", story.cuts), ("declared different", story.apart)):
        if steps:
            told.append(title)
        for step in steps:
            told += _step_lines(step, names)
    return told


def compare_lines(found: Comparison, *, names: Callable[[str], str] = str) -> list[str]:
    """A comparison in words, a line each."""
    told = [
        f"{spoken(found.left.reference)}  {found.left.name}",
        f"{spoken(found.right.reference)}  {found.right.name}",
        f"{'one customer' if found.together else 'two customers'}: {found.reason}",
    ]
    if found.direct:
        told.append("compared directly")
        told += [_evidence_line(item, names) for item in found.direct]
    if found.together and len(found.way) > 1:
        told.append("the way between them")
        for step in found.way:
            told += _step_lines(step, names)
    if found.needed:
        told.append("what would change it")
        told += [f"  {text}" for text in found.needed]
    return told


def _step_lines(step: Step, names: Callable[[str], str]) -> list[str]:
    head = f"  {spoken(step.left.reference)} – {spoken(step.right.reference)}: "
    if step.by == "match":
        head += f"{step.weight:+.1f} bits"
        head += f", probability {step.probability:.4f}" if step.probability else ""
        head += f", {step.spare} further link{'s' if step.spare > 1 else ''}" if step.spare else ""
    else:
        head += f"by {step.by}"
    head += f" ({step.why})" if step.why else ""
    return [head, *(f"  {_evidence_line(item, names)}" for item in step.evidence)]


def _evidence_line(item: Evidence, names: Callable[[str], str]) -> str:
    shown = f"{item.left!r} – {item.right!r}" if item.left != item.right else repr(item.left)
    shown = shown if item.left or item.right else ""
    return f"  {item.bits:+6.1f}  {names(item.field)}: {item.level}  {shown}".rstrip()
