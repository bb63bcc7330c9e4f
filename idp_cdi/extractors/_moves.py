"""The entities of a text by spaCy's own greedy rule, all tokens side by side.

spaCy's recogniser reads token by token and chooses at each the best valid move: O (outside), U
(an entity of one token), B (one begins), I (it goes on), L (it ends). The score of a move depends
on the token, and within an entity on its first token as well; never on what was found before. So
all first moves are scored in one matrix product, and entities that begin at different tokens are
followed together. The result is that of ``nlp(doc)``, which takes twice as long for a page.

Only for texts without entities set beforehand and without sentence boundaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from spacy.language import Language
    from spacy.tokens import Doc


class Span(NamedTuple):
    """An entity: its label, its first token and the one behind its last."""

    label: str
    start: int
    end: int


def entities(nlp: Language, doc: Doc) -> list[Span]:
    """The entities that the pipeline's recogniser sees, in order.

    Args:
        nlp: A pipeline with a greedy ``ner`` component.
        doc: The tokens, none of them blank.
    """
    if not len(doc):
        return []
    recogniser: Any = nlp.get_pipe("ner")
    known = recogniser.moves
    moves = _Moves.of([known.get_class_name(n) for n in range(known.n_moves)])
    scorer = _Scorer(recogniser.model, doc)
    count = len(doc)
    outside = scorer(np.arange(count), None)
    outside[:, moves.inside] = -np.inf
    outside[-1, moves.begin] = -np.inf  # nothing is left for it to go on
    first = outside.argmax(axis=1)
    begins = np.flatnonzero(np.isin(first, moves.begin))
    ends = _ends(scorer, moves, begins, first[begins], count)
    out: list[Span] = []
    at = 0
    while at < count:
        kind, label = moves.names[first[at]]
        end = ends[at] if kind == "B" else at + 1
        if kind != "O":
            out.append(Span(label, at, end))
        at = end
    return out


class _Moves(NamedTuple):
    """The recogniser's moves: kind and label of each, and which of them are of which kind."""

    names: list[tuple[str, str]]
    begin: NDArray[np.intp]
    inside: NDArray[np.intp]
    goes_on: NDArray[np.intp]
    stops: NDArray[np.intp]

    @classmethod
    def of(cls, written: list[str]) -> _Moves:
        """Sort moves written as spaCy does: "B-ORG", "O", and "U-" for what may not be one.

        `goes_on` and `stops` have, for each move that begins an entity, the move of its label by
        which it goes on and the one by which it ends.
        """
        names = [(w[:1], w[2:]) for w in written]
        place = {name: n for n, name in enumerate(names)}
        goes_on = [place.get(("I", label), 0) if kind == "B" else 0 for kind, label in names]
        stops = [place.get(("L", label), 0) if kind == "B" else 0 for kind, label in names]
        inside = [n for n, name in enumerate(names) if name[0] in "IL" or name == ("U", "")]
        begin = [n for n, name in enumerate(names) if name[0] == "B"]
        return cls(names, *(np.array(many, np.intp) for many in (begin, inside, goes_on, stops)))


class _Scorer:
    """The scores of all moves for tokens of one text."""

    def __init__(self, model: Any, doc: Doc) -> None:
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        # What a token adds as the next one, as the first of an entity, as the one before; row 0
        # stands for no token.
        self._shares = lower.predict(model.get_ref("tok2vec").predict([doc]))
        self._bias = lower.get_param("b")
        self._weights, self._last = upper.get_param("W").T, upper.get_param("b")

    def __call__(
        self, tokens: NDArray[np.intp], starts: NDArray[np.intp] | None
    ) -> NDArray[np.float32]:
        """Scores (tokens, moves) where an entity is open since `starts`, or where none is."""
        shares = self._shares
        first, before = (0, 0) if starts is None else (starts + 1, tokens)
        total = shares[tokens + 1, 0] + shares[first, 1] + shares[before, 2] + self._bias
        scores: NDArray[np.float32] = total.max(axis=-1) @ self._weights + self._last
        return scores


def _ends(
    scorer: _Scorer,
    moves: _Moves,
    begins: NDArray[np.intp],
    chosen: NDArray[np.intp],
    count: int,
) -> dict[int, int]:
    """For each token at which an entity may begin, the token behind its end."""
    out: dict[int, int] = {}
    starts, tokens = begins, begins + 1
    goes_on, stops = moves.goes_on[chosen], moves.stops[chosen]
    while len(starts):
        scores, each = scorer(tokens, starts), np.arange(len(starts))
        on, stop = scores[each, goes_on], scores[each, stops]
        # Of equal scores spaCy takes the move that comes first.
        ended = (stop > on) | ((stop == on) & (stops < goes_on)) | (tokens == count - 1)
        out |= zip(starts[ended].tolist(), (tokens[ended] + 1).tolist(), strict=True)
        starts, tokens = starts[~ended], tokens[~ended] + 1
        goes_on, stops = goes_on[~ended], stops[~ended]
    return out
