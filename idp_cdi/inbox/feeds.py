"""A feed file that was dropped: the road of ``idp-cdi ingest``, then put away like any other."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError
from idp_cdi.inbox.commit import Committed
from idp_cdi.store import intake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.inbox.folder import Run
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database
    from idp_cdi.store.intake import Entry


def take_feed(
    home: Database, store: Database, settings: Settings, run: Run, entry: Entry
) -> Committed:
    """Collect a feed into `store` and mark its file.

    Rows are applied chunk by chunk, each chunk once; a kill in the middle goes on after the last.

    Raises:
        StoreError: The store can't be written.
    """
    from idp_cdi.steps.collect import collect_file

    file = run.file(entry.run, entry.id)
    ended, found = entry._replace(state=intake.APPLIED), None
    if file is not None:
        try:
            with _beside_its_mapping(file, run.folder / entry.path) as path:
                found = collect_file(path, settings, store, source=entry.source)
            with home.reading() as connection:
                first = "" if found.is_new else intake.first_with(connection, entry)
            if first:
                ended = entry._replace(state=intake.DUPLICATE, first=first)
        except IdpCdiError as error:
            if error.exit_code not in (2, 3):
                raise
            ended = entry._replace(
                state=intake.FAILED,
                step="collect",
                code=error.code,
                reason=error.reason,
                action=error.action,
                attempts=entry.attempts + 1,
            )
    with home.writing() as connection:
        intake.mark(
            connection,
            [entry.id],
            ended.state,
            first=ended.first,
            step=ended.step,
            code=ended.code,
            reason=ended.reason,
            action=ended.action,
            attempts=ended.attempts,
        )
    if found is None:
        return Committed((ended,))
    fresh, empty = found.new + found.changed + found.deleted, () if found.rows else (entry.path,)
    return Committed((ended,), feeds=1, rows=found.rows, rows_new=fresh, empty=empty)


@contextmanager
def _beside_its_mapping(file: Path, dropped: Path) -> Iterator[Path]:
    """The feed with the mapping that lies where it was dropped, if there is one."""
    beside = [
        dropped.with_name(f"{dropped.stem}{ending}")
        for ending in (".yaml", ".yml", ".mapping.yaml", ".mapping.yml")
    ]
    mappings = [m for m in beside if m.is_file()]
    if not mappings:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="idp-cdi-feed-") as folder:
        place = Path(folder) / file.name
        shutil.copyfile(file, place)
        for mapping in mappings:
            shutil.copyfile(mapping, Path(folder) / mapping.name)
        yield place
