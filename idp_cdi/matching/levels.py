"""The levels of agreement of each kind of field, and how often each comes up to begin with.

Level 0 is "nothing to compare" (a value is missing); then come levels that differ and levels that
agree. What is learned from a table takes the place of these shares, the sooner the larger it is.
Written by us from general knowledge and measured on made-up tables.

>>> LEVELS["phone"][-1].label, LEVELS["phone"][-1].exact
('same', True)
"""

from __future__ import annotations

from dataclasses import dataclass

#: What two records can be to each other besides unrelated.
CLASSES = ("same party", "household", "namesake", "branch")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement, and how often it comes up before anything is learned.

    `m` is its share among records of one party, `household` among records of two parties that
    live or work together (a household, sister companies), `namesake` of two that share a name and
    nothing else, `branch` of two places of one group, which share its name and switchboard but not
    the address. `exact` says that the values are equal, so that how often that happens by chance
    follows from their frequency.
    """

    label: str
    agrees: bool
    m: float
    household: float
    namesake: float
    branch: float
    exact: bool = False

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """The shares of the classes, as `CLASSES` has them."""
        return self.m, self.household, self.namesake, self.branch


def _levels(*items: tuple[str, bool, float, float, float, float]) -> tuple[Level, ...]:
    """Levels from their rows; the last one is equality."""
    made = [Level(*item, exact=item is items[-1]) for item in items]
    return (Level("missing", False, 1.0, 1.0, 1.0, 1.0), *made)  # noqa: FBT003


LEVELS: dict[str, tuple[Level, ...]] = {
    "name": _levels(
        ("different", False, 0.02, 0.42, 0.005, 0.02),
        ("little in common", True, 0.03, 0.12, 0.035, 0.14),
        ("some words in common, others replaced", True, 0.05, 0.27, 0.16, 0.30),
        ("one name within the other, much left over", True, 0.05, 0.04, 0.06, 0.12),
        ("one name within the other", True, 0.12, 0.05, 0.12, 0.15),
        ("same words, misspelt or short", True, 0.22, 0.03, 0.09, 0.06),
        ("same", True, 0.51, 0.07, 0.53, 0.21),
    ),
    "address": _levels(
        ("different", False, 0.14, 0.08, 0.92, 0.935),
        ("only the number", True, 0.015, 0.02, 0.025, 0.02),
        ("same street, another number", False, 0.008, 0.06, 0.05, 0.07),
        ("same street, number near or misread", True, 0.02, 0.03, 0.01, 0.02),
        ("same street, no number to compare", True, 0.05, 0.02, 0.01, 0.005),
        ("same number, street similar", True, 0.10, 0.04, 0.01, 0.004),
        ("same street and number, more on one side", True, 0.16, 0.12, 0.005, 0.003),
        ("same", True, 0.50, 0.65, 0.005, 0.003),
    ),
    "date": _levels(
        ("different", False, 0.04, 0.76, 0.80, 0.80),
        ("within ten years", False, 0.06, 0.14, 0.13, 0.13),
        ("same year", True, 0.05, 0.04, 0.03, 0.03),
        ("two parts of three, or within a month", True, 0.08, 0.02, 0.02, 0.02),
        ("one digit off", True, 0.09, 0.01, 0.01, 0.01),
        ("day and month swapped", True, 0.03, 0.005, 0.005, 0.005),
        ("same", True, 0.665, 0.025, 0.005, 0.005),
    ),
    "phone": _levels(
        ("different", False, 0.18, 0.50, 0.975, 0.30),
        ("one digit off", True, 0.06, 0.02, 0.005, 0.06),
        ("same without area code", True, 0.08, 0.03, 0.005, 0.04),
        ("same", True, 0.68, 0.45, 0.015, 0.60),
    ),
    "email": _levels(
        ("different", False, 0.18, 0.60, 0.86, 0.25),
        ("same domain", True, 0.07, 0.15, 0.09, 0.33),
        ("same before the @", True, 0.07, 0.01, 0.03, 0.03),
        ("misspelt", True, 0.06, 0.01, 0.005, 0.02),
        ("same", True, 0.62, 0.23, 0.015, 0.37),
    ),
    "identifier": _levels(
        # Of kin only those of one house may share a number (a group taxed as one).
        ("different", False, 0.03, 0.982, 0.989, 0.988),
        ("misspelt", True, 0.09, 0.01, 0.01, 0.01),
        ("same", True, 0.88, 0.008, 0.001, 0.002),
    ),
    # One party has other numbers in other books, so another number says little.
    "account": _levels(
        ("different", False, 0.5, 0.9999, 0.9999, 0.9999),
        ("same", True, 0.5, 0.0001, 0.0001, 0.0001),
    ),
    "place": _levels(
        ("another country", False, 0.01, 0.01, 0.10, 0.06),
        ("another town", False, 0.10, 0.06, 0.70, 0.50),
        ("same region or country, no more known", True, 0.04, 0.03, 0.10, 0.08),
        ("same postcode area, town unknown or another", True, 0.03, 0.02, 0.02, 0.06),
        ("same town, another postcode", True, 0.08, 0.04, 0.04, 0.13),
        ("same town, postcode one sign off", True, 0.08, 0.06, 0.01, 0.04),
        ("same town, no postcode", True, 0.10, 0.10, 0.01, 0.04),
        ("same postcode, another town", True, 0.08, 0.06, 0.01, 0.04),
        ("same town and postcode", True, 0.48, 0.62, 0.01, 0.05),
    ),
    "category": _levels(
        ("different", False, 0.20, 0.50, 0.60, 0.50), ("same", True, 0.80, 0.50, 0.40, 0.50)
    ),
    "small": _levels(
        ("different", False, 0.06, 0.40, 0.30, 0.15), ("same", False, 0.94, 0.60, 0.70, 0.85)
    ),
    # Junior and senior are hardly ever one person.
    "generation": _levels(
        ("different", False, 0.01, 0.70, 0.40, 0.40), ("same", False, 0.99, 0.30, 0.60, 0.60)
    ),
    "website": _levels(
        ("different", False, 0.2, 0.7, 0.95, 0.3), ("same", True, 0.8, 0.3, 0.05, 0.7)
    ),
    "words": _levels(
        ("different", False, 0.4, 0.7, 0.9, 0.6),
        ("some in common", True, 0.2, 0.1, 0.06, 0.2),
        ("same", True, 0.4, 0.2, 0.04, 0.2),
    ),
    "list": _levels(
        ("nothing shared", False, 0.4, 0.5, 0.7, 0.5),
        ("something shared", True, 0.3, 0.3, 0.2, 0.3),
        ("much shared", True, 0.3, 0.2, 0.1, 0.2),
    ),
}

# Of persons a household shares the family name, and the given name is what differs.
PERSONS: dict[str, tuple[tuple[float, ...], ...]] = {
    "name": (
        (1.0, 0.01, 0.015, 0.025, 0.04, 0.12, 0.26, 0.53),
        (1.0, 0.15, 0.45, 0.32, 0.03, 0.02, 0.015, 0.015),
        (1.0, 0.005, 0.035, 0.16, 0.06, 0.12, 0.09, 0.53),
        (1.0, 0.02, 0.14, 0.30, 0.12, 0.15, 0.06, 0.21),
    )
}
