"""What was erased on request must not come in again; only keyed hashes of it are kept.

The key is a file of the home folder (``keys/erasure``), never in the database: without it nobody
can try names or numbers against the hashes. Where it is lost, imports stop rather than let in what
was erased.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from idp_cdi.errors import StoreError
from idp_cdi.store.log import stamp
from idp_cdi.store.schema import suppression

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

MENTION, DOCUMENT = "mention", "document"
#: What stands where the name of the first file would, for a document that was erased.
NAME = "(erased on request)"
_CHECK = "key"


class Suppression:
    """The hashes of one store, with the key of its home folder.

    Args:
        connection: A reading or writing one.
        home: The home folder.

    Raises:
        StoreError: There are hashes, and the key is not there or is another one.
    """

    def __init__(self, connection: Connection, home: Path) -> None:
        self._connection = connection
        self._file = home / "keys" / "erasure"
        self._known: dict[str, frozenset[str]] = {}
        self._key = b""
        if connection.execute(select(suppression.c.hash).limit(1)).first() is not None:
            self._key = self._read()
            check = select(suppression.c.hash).where(suppression.c.kind == _CHECK)
            if connection.execute(check).scalar() != self._hash(_CHECK, "", ""):
                raise self._lost("is another one")

    def __bool__(self) -> bool:
        return bool(self._key)

    def add(self, kind: str, source: str, texts: Iterable[str], *, source_id: int | None) -> None:
        """Keep the hashes of keys (`MENTION`) or SHA-256s (`DOCUMENT`) from now on."""
        if not self._key:
            self._key = _make(self._file)
            self._insert([(self._hash(_CHECK, "", ""), _CHECK, None)])
        known = self.hashes(kind, source_id)
        new = {self._hash(kind, source, text) for text in texts} - known
        self._insert([(value, kind, source_id) for value in sorted(new)])
        self._known.clear()

    def blocked(
        self, kind: str, source: str, texts: Iterable[str], *, source_id: int | None
    ) -> set[str]:
        """Those of `texts` that were erased."""
        known = self.hashes(kind, source_id) if self._key else frozenset()
        return {t for t in texts if self._hash(kind, source, t) in known} if known else set()

    def hashes(self, kind: str, source_id: int | None) -> frozenset[str]:
        """The hashes of a kind (of a source)."""
        name = f"{kind}:{source_id}"
        if name not in self._known:
            statement = select(suppression.c.hash).where(suppression.c.kind == kind)
            if source_id is not None:
                statement = statement.where(suppression.c.source_id == source_id)
            self._known[name] = frozenset(self._connection.execute(statement).scalars())
        return self._known[name]

    def count(self) -> int:
        """How many hashes there are."""
        statement = select(func.count()).select_from(suppression)
        return int(
            self._connection.execute(statement.where(suppression.c.kind != _CHECK)).scalar_one()
        )

    def keyed(self, text: str) -> str:
        """A keyed hash of any text, for the audit trail."""
        return self._hash("text", "", text)

    def _hash(self, kind: str, source: str, text: str) -> str:
        body = "\x00".join((kind, source, text)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def _insert(self, rows: list[tuple[str, str, int | None]]) -> None:
        now = stamp()
        made = [{"hash": h, "kind": k, "source_id": s, "at": now} for h, k, s in rows]
        if made:
            self._connection.execute(insert(suppression), made)

    def _read(self) -> bytes:
        try:
            return bytes.fromhex(self._file.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise self._lost("can't be read") from error

    def _lost(self, what: str) -> StoreError:
        return StoreError(
            f"the key of erasures {what}: erased records could come in again",
            code="erasure.key",
            file=str(self._file),
            action="bring the file back from the backup of the home folder",
        )


def erased_documents(connection: Connection, home: Path, shas: Iterable[str]) -> set[str]:
    """Those documents (SHA-256) that were erased and must not come in again."""
    guard = Suppression(connection, home)
    return guard.blocked(DOCUMENT, "", shas, source_id=None) if guard else set()


def _make(file: Path) -> bytes:
    """The key, made on the first erasure; readable by its owner alone."""
    if file.exists():
        return bytes.fromhex(file.read_text(encoding="ascii").strip())
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(32)
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return key
