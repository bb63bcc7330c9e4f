"""Named entities: who, where, when, how much, by a small spaCy pipeline trained on made-up papers.

The pipeline reads the text block by block, as a person would, not line by line across columns.
Where a token stands (first of a block, of a line, after a gap, last of a line) is a feature of
the token beside its form, so that a name on a line of its own looks different from one in a
sentence. The model knows no word lists and no vectors: see ``models/entities/MODEL_CARD.md``.

It gives no usable certainty; a candidate's `hints` say which label it had, and the scorer
weighs it against the other cues.

>>> [t.text for t in tokens_of(["Invoice", "no.:4711,", "Smith", "&", "Co."])]
['Invoice', 'no.', ':', '4711', ',', 'Smith', '&', 'Co.']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from idp_cdi.documents import Box, Document, around
from idp_cdi.extractors import Candidate, _moves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spacy.language import Language
    from spacy.tokens import Doc

    from idp_cdi.extractors._view import View

NAME = "entities"
KINDS = (
    "name", "person_name", "street", "city", "postal_code", "country", "region", "date", "amount",
    "identifier", "phone", "duration", "governing_law", "label", "title",
)  # fmt: skip
LABELS = {
    "ORG": "name", "PERSON": "person_name", "STREET": "street", "CITY": "city",
    "POSTCODE": "postal_code", "COUNTRY": "country", "REGION": "region", "DATE": "date",
    "MONEY": "amount", "ID": "identifier", "PHONE": "phone", "TERM": "duration",
    "LAW": "governing_law", "LABEL": "label", "TITLE": "title",
}  # fmt: skip
"""The model's labels and the kinds of candidate that they become."""

_TOKEN = re.compile(
    r"\d(?:[\d.,:/'\-]*\d)?"  # numbers, dates and amounts stay whole
    r"|[^\W\d_]+(?:[-&'’.@][^\W_]+)*\.?"  # words, hyphenated, with their abbreviation point
    r"|_+|\S"
)
_MOST_TOKENS = 20_000


class Token(NamedTuple):
    """A token: its text, the word it is part of (as counted by the caller) and its offset there."""

    text: str
    word: int
    start: int

    @property
    def end(self) -> int:
        """Offset behind its last character in the word."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Entity:
    """A span that the model found.

    Attributes:
        label: One of `LABELS`.
        text: As printed, words joined by blanks, without marks around it.
        page: From 1.
        words: Indexes into the page's words.
        start: Offset of its first character in the first word.
        end: Offset behind its last character in the last word.
    """

    label: str
    text: str
    page: int
    words: tuple[int, ...]
    start: int
    end: int


class Placed(NamedTuple):
    """A token on the page: with the index of its page word and what its place looks like."""

    token: Token
    place: str


def tokens_of(words: Sequence[str]) -> list[Token]:
    """The tokens of some words, with the offsets of each in its word."""
    out = []
    for at, word in enumerate(words):
        for match in _TOKEN.finditer(word):
            text, start = match.group(), match.start()
            if (
                text[-1] == "." and len(text) > 6
            ):  # the point of a sentence, not of "GmbH." or "Inc."
                out.append(Token(text[:-1], at, start))
                out.append(Token(".", at, start + len(text) - 1))
            else:
                out.append(Token(text, at, start))
    return out


def pages_of(view: View) -> Iterator[tuple[int, list[Placed]]]:
    """The tokens of each page in reading order: block by block, line by line.

    A token's place is four signs: how its line begins (B first of a block, L of a line, G after
    a gap in a line, a dot where it is not the first), whether it ends its line, whether the print
    is bold, and how large it is against the page.
    """
    per_page: dict[int, list[Placed]] = {}
    for block in view.blocks:
        line = -1
        for number, index in enumerate(block):
            segment = view.segments[index]
            offsets: dict[int, int] = {}
            shift = []
            for text, word in zip(segment.texts, segment.words, strict=True):
                shift.append(offsets.get(word, 0))
                offsets[word] = offsets.get(word, 0) + len(text)
            found = tokens_of(segment.texts)
            begin = "B" if number == 0 else "G" if segment.line == line else "L"
            line = segment.line
            relative = segment.size / view.size if view.size else 1.0
            size = "l" if relative > 1.25 else "s" if relative < 0.85 else "m"
            look = ("b" if segment.bold else "r") + size
            last = len(found) - 1
            out = per_page.setdefault(segment.page, [])
            for at, token in enumerate(found):
                place = (begin if at == 0 else ".") + ("E" if at == last else ".") + look
                moved = Token(
                    token.text, segment.words[token.word], token.start + shift[token.word]
                )
                out.append(Placed(moved, place))
    yield from sorted(per_page.items())


def to_doc(nlp: Language, placed: Sequence[Placed]) -> Doc:
    """The tokens as the pipeline takes them; the place of each is its lemma."""
    from spacy.tokens import Doc

    words = [p.token.text for p in placed]
    spaces = [a.token.word != b.token.word for a, b in pairwise(placed)]
    spaces += [True] * bool(placed)
    return Doc(nlp.vocab, words=words, spaces=spaces, lemmas=[p.place for p in placed])


def load(path: Path) -> Language:
    """A trained pipeline from its folder, ready to read (not to be trained on).

    Its matrices are multiplied by numpy: the BLAS that spaCy brings takes three times as long on
    our machines. `_moves` then takes the place of spaCy's own loop over the tokens.
    """
    import numpy as np
    import spacy
    from thinc.api import NumpyOps

    class Multiply(NumpyOps):  # type: ignore[misc]
        """Thinc's operations with numpy's matrix product."""

        def gemm(  # the signature is thinc's
            self,
            x: Any,
            y: Any,
            out: Any = None,
            trans1: bool = False,  # noqa: FBT001, FBT002
            trans2: bool = False,  # noqa: FBT001, FBT002
        ) -> Any:
            """``x @ y``, either of them transposed first."""
            return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)

    nlp = spacy.load(path)
    ops = Multiply()
    recogniser: Any = nlp.get_pipe("ner")
    for node in recogniser.model.get_ref("tok2vec").walk():
        node.ops = ops
    return nlp


@cache
def _pipeline() -> Language:
    from idp_cdi.models_path import models_path

    return load(models_path() / NAME)


def warm_up() -> None:
    """Load the model now, so that the first page does not wait for it."""
    _pipeline()


def entities(document: Document, *, view: View | None = None) -> list[Entity]:
    """The entities of all pages, in reading order.

    Args:
        document: As read.
        view: The document's geometry where the caller has it already.

    Returns:
        What the model found; nothing on pages without words.

    Raises:
        MissingDependency: The installation has no models.
    """
    from idp_cdi.extractors._view import View

    nlp = _pipeline()
    view = view if view is not None else View.of(document)
    out: list[Entity] = []
    for number, placed in pages_of(view):
        with nlp.memory_zone():  # or names read would stay in the process for ever
            for begin in range(0, len(placed), _MOST_TOKENS):
                part = placed[begin : begin + _MOST_TOKENS]
                out += [
                    _entity(number, span.label, [p.token for p in part[span.start : span.end]])
                    for span in _moves.entities(nlp, to_doc(nlp, part))
                ]
    return out


def _entity(page: int, label: str, tokens: list[Token]) -> Entity:
    parts: dict[int, list[str]] = {}
    for token in tokens:
        parts.setdefault(token.word, []).append(token.text)
    text = " ".join("".join(some) for some in parts.values())
    return Entity(label, text, page, tuple(parts), tokens[0].start, tokens[-1].end)


def candidates(document: Document, view: View) -> list[Candidate]:
    """The entities as candidates; dates and amounts are left as printed.

    Args:
        document: As read.
        view: Its geometry.

    Returns:
        One candidate an entity, with the model's label as a hint.
    """
    out = []
    boxes = {page.number: page.words for page in document.pages}
    for found in entities(document, view=view):
        box: Box = around(boxes[found.page][w].box for w in found.words)
        hints = {"entity": 1.0, f"entity_{found.label}": 1.0}
        out.append(
            Candidate(
                LABELS[found.label],
                found.text,
                found.text,
                found.page,
                found.words,
                box,
                NAME,
                hints,
            )
        )
    return out
