"""Identity over time: which records are one customer, and what that customer is called.

Everything here is a pure function of what the log holds: records, the links that matching found
between them, what persons decided, and the customer ids that were issued. Nothing is stored, so
nothing can drift: incremental work, a rebuild and an undo give the same by construction.

- `standing`: the decisions that hold now (the latest of each pair; withdrawn ones vanish).
- `partition`: records and links → clusters. What persons declared different is never joined, what
  they declared same always is; two different valid VAT numbers, or two groups that only a few of
  their records would join, are parted and reported (`Cut`) for review.
- `neighbourhood`: the part of the graph that a change can reach, so that only it is done again.
- `assign`: clusters → customer ids. An id is issued once for an anchor record; a cluster bears
  the oldest id anchored in it, the others redirect to it. After an undo the old id is back.
- `heirs`: where the ids of deleted records go.
- `joints`, `route`: how a cluster hangs together, for explaining it.
- `marks`: what a record says that no two records of one customer may differ in.

- `relations`: who has to do with whom without being one.

Records are numbers here (the store's mention ids). A record's `rank` (its source and key) breaks
ties, so that the order of arrival does not matter.

>>> from idp_cdi.identity import Link, Rules, partition, standing
>>> links = [Link(1, 2, 9.0), Link(2, 3, 8.0)]
>>> partition([1, 2, 3, 4], links, rules=Rules(link=5.0)).groups
((1, 2, 3), (4,))
>>> apart = standing([Ruling(1, 3, "different", 1)])
>>> found = partition([1, 2, 3, 4], links, apart, rules=Rules(link=5.0))
>>> found.groups, found.cuts[0].why
(((1, 2), (3,), (4,)), 'person')
"""

from __future__ import annotations

from idp_cdi.identity.clusters import Cut, Partition, partition
from idp_cdi.identity.ids import Assigned, Issued, assign, heirs, resolve
from idp_cdi.identity.marks import marks
from idp_cdi.identity.neighbourhood import Neighbourhood, neighbourhood
from idp_cdi.identity.relations import Party, Relation, relations
from idp_cdi.identity.rulings import Ruling, Standing, standing
from idp_cdi.identity.story import Joint, joints, route
from idp_cdi.identity.types import Link, Rules

__all__ = [
    "Assigned",
    "Cut",
    "Issued",
    "Joint",
    "Link",
    "Neighbourhood",
    "Partition",
    "Party",
    "Relation",
    "Rules",
    "Ruling",
    "Standing",
    "assign",
    "heirs",
    "joints",
    "marks",
    "neighbourhood",
    "partition",
    "relations",
    "resolve",
    "route",
    "standing",
]
