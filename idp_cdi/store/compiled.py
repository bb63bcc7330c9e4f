"""Statements that are compiled once and run past SQLAlchemy: for what is asked for every record.

To put a statement together and to look it up costs SQLAlchemy several times what SQLite needs to
answer it; for one new record, with two dozen small questions, that is most of the time.

>>> from sqlalchemy import bindparam, create_engine, select
>>> from idp_cdi.store.schema import metadata, source
>>> some = bindparam("some", expanding=True)
>>> names = Compiled(select(source.c.name).where(source.c.id.in_(some)))
>>> with create_engine("sqlite://").connect() as connection:
...     metadata.create_all(connection)
...     names.rows(connection, some=[1, 2, 3])
[]
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select, UpdateBase

#: The longest list of keys: what fits an ``IN (…)`` of every SQLite.
LONGEST = 900


class _Text(NamedTuple):
    """A statement for lists of certain lengths: its text, constants, where parameters go."""

    text: str
    constants: Mapping[str, Any]
    places: Mapping[str, Sequence[str]]
    order: Sequence[str]


class Compiled:
    """A statement with named parameters; one that is "expanding" is given as a list.

    Rows are what the driver gives: on SQLite a boolean is 0 or 1.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._texts: dict[tuple[object, ...], _Text] = {}

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """All rows. A list of keys has at least one and at most 900."""
        with closing(self._ran(connection, given)) as cursor:
            return list(cursor.fetchall())

    def run(self, connection: Connection, **given: Any) -> None:
        """Run a statement that gives no rows."""
        self._ran(connection, given).close()

    def _ran(self, connection: Connection, given: dict[str, Any]) -> Any:
        """A cursor that has run the statement."""
        if not connection.in_transaction():
            connection.begin()
        shape: list[object] = [connection.dialect.name]
        for name, value in given.items():
            if isinstance(value, list):
                # Repeating the last key asks for nothing more, and few lengths are compiled.
                given[name] = value + value[-1:] * (_padded(len(value)) - len(value))
                shape.append(len(given[name]))
        text, constants, places, order = self._text(connection, tuple(shape), given)
        values = dict(constants)
        for name, value in given.items():
            if name in places:
                values.update(zip(places[name], value, strict=True))
            else:
                values[name] = value
        cursor = connection.connection.cursor()
        cursor.execute(text, [values[n] for n in order] if order else values)
        return cursor

    def of_keys(
        self, connection: Connection, keys: Sequence[Any], name: str = "some"
    ) -> Iterator[tuple[Any, ...]]:
        """The rows for any number of keys, which are sorted and once each."""
        for start in range(0, len(keys), LONGEST):
            yield from self.rows(connection, **{name: list(keys[start : start + LONGEST])})

    def scalar(self, connection: Connection, **given: Any) -> Any:
        """The first column of the first row, None where there is none."""
        found = self.rows(connection, **given)
        return found[0][0] if found else None

    def _text(
        self, connection: Connection, shape: tuple[object, ...], given: Mapping[str, Any]
    ) -> _Text:
        known = self._texts.get(shape)
        if known is None:
            made = self._statement.compile(dialect=connection.dialect)
            found = made.construct_expanded_state(given)
            places = found.parameter_expansion
            own = {*given, *(n for names in places.values() for n in names)}
            constants = {n: v for n, v in found.parameters.items() if n not in own}
            known = _Text(found.statement, constants, places, found.positiontup or ())
            self._texts[shape] = known
        return known


def _padded(length: int) -> int:
    """The least power of two that holds so many keys."""
    return min(1 << (length - 1).bit_length(), LONGEST)
