"""How a compared pair was found, in place of its unused pattern; questions by their record.

Pairs that other records hold together are told from those with a key in common. Of what is stored
already, those below the floor of kept pairs are of the first kind for sure.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from idp_cdi.matching.closure import FLOOR
from idp_cdi.store.derived import OTHERS
from idp_cdi.store.schema import edge, review_item

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Rename the column, mark the pairs, and make the index."""
    store = op.get_bind()
    if "pattern" in {column["name"] for column in inspect(store).get_columns("edge")}:
        op.alter_column("edge", "pattern", new_column_name="found_by")
        op.execute(edge.update().where(edge.c.weight < FLOOR).values(found_by=OTHERS))
    for index in review_item.indexes:
        index.create(store, checkfirst=True)
