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

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select, UpdateBase

#: The longest list of keys: what fits an ``IN (…)`` of every SQLite.
LONGEST = 900


_Slot: TypeAlias = "tuple[Any, str, int | None]"


class _Text(NamedTuple):
    """A statement for lists of certain lengths.

    Each parameter has a slot: a constant, or the name of what is given and the place in it if that
    is a list. `names` are those of the parameters where the driver wants them by name.
    """

    text: str
    slots: tuple[_Slot, ...]
    names: tuple[str, ...]


class Compiled:
    """A statement with named parameters; one that is "expanding" is given as a list.

    Rows are what the driver gives: on SQLite a boolean is 0 or 1.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._texts: dict[tuple[object, ...], _Text] = {}

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """All rows. A list of keys has at least one and at most 900."""
        cursor = self._ran(connection, given)
        try:
            found: list[tuple[Any, ...]] = cursor.fetchall()
        finally:
            cursor.close()
        return found

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
                more = _padded(len(value)) - len(value)
                if more:
                    given[name] = value + value[-1:] * more
                shape.append(len(value) + more)
        known = self._texts.get(tuple(shape))
        if known is None:
            known = self._texts[tuple(shape)] = self._text(connection, given)
        values = [
            (given[name] if place is None else given[name][place]) if name else constant
            for constant, name, place in known.slots
        ]
        cursor = connection.connection.cursor()
        if known.names:
            cursor.execute(known.text, dict(zip(known.names, values, strict=True)))
        else:
            cursor.execute(known.text, values)
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

    def _text(self, connection: Connection, given: Mapping[str, Any]) -> _Text:
        """The statement for what is given, and for all that is as long."""
        made = self._statement.compile(dialect=connection.dialect)
        found = made.construct_expanded_state(given)
        slots: dict[str, _Slot] = {
            name: (value, "", None) for name, value in found.parameters.items()
        }
        slots |= {name: (None, name, None) for name in given if name in slots}
        for name, several in found.parameter_expansion.items():
            slots |= {one: (None, name, place) for place, one in enumerate(several)}
        order = found.positiontup
        names = tuple(slots) if order is None else ()
        return _Text(found.statement, tuple(slots[n] for n in order or slots), names)


def _padded(length: int) -> int:
    """The least power of two that holds so many keys."""
    return min(1 << (length - 1).bit_length(), LONGEST)
