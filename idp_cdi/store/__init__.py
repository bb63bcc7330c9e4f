"""The store: the log of what was seen and decided, and what is derived from it.

`open_store(url)` gives a `Database`; everything else is functions over a connection from
``with database.reading()`` or ``with database.writing()``:

- `log`: append records, documents, facts and decisions; read them back. Never changes a row.
- `derived`: pair edges, memberships, golden versions: thrown away and rebuilt at will.
- `questions`: review items and the answers to them.
- `originals`: the bytes of every document, by hash, immutable.

SQLite (WAL, foreign keys on, one writer held by a lock file) by default; PostgreSQL by URL. Both
run the same test suite (``tests/store``).
"""

from __future__ import annotations

from idp_cdi.store.database import Database, open_store

__all__ = ["Database", "open_store"]
