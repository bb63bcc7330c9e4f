"""Seeded chance: every draw of the generator goes through here, so one seed gives one document.

>>> Chance("a").pick([1, 2, 3]) == Chance("a").pick([1, 2, 3])
True
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """A `random.Random` with the few draws a grammar needs."""

    def pick(self, many: Sequence[T]) -> T:
        """One of `many`, all equally likely."""
        return many[int(self.random() * len(many))]

    def maybe(self, probability: float) -> bool:
        """True with `probability`."""
        return self.random() < probability

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One key of `weights`, by weight."""
        goal = self.random() * sum(weights.values())
        for key, weight in weights.items():
            goal -= weight
            if goal < 0:
                return key
        return key

    def digits(self, pattern: str) -> str:
        """`pattern` with each # a digit and each A a capital letter."""
        out = []
        for sign in pattern:
            if sign == "#":
                sign = str(int(self.random() * 10))
            elif sign == "A":
                sign = "ABCDEFGHJKLMNPRSTUVWXY"[int(self.random() * 22)]
            out.append(sign)
        return "".join(out)

    def few(self, many: Sequence[T], most: int) -> list[T]:
        """Up to `most` of `many`, in the order of `many`."""
        count = min(len(many), int(self.random() * (most + 1)))
        chosen = set(self.sample(range(len(many)), count))
        return [one for at, one in enumerate(many) if at in chosen]
