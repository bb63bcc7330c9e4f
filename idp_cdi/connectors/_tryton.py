"""Tryton's JSON-RPC: calls, its typed JSON, and its refusals as our errors.

Source: https://docs.tryton.org/ (JSON-RPC at ``/DATABASE/rpc/`` with basic authentication).

>>> plain({"__class__": "Decimal", "decimal": "1.50"}), plain({"__class__": "date", "year": 2026,
... "month": 3, "day": 5})
('1.50', '2026-03-05')
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from idp_cdi.connectors._http import Client, Limits
from idp_cdi.connectors._secrets import fill
from idp_cdi.errors import SettingsError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.connectors import Connection

_PAGE = 500


class Refused(UnreadableInput):
    """Tryton says no: a rule of its own, a warning that a person must confirm, a changed record."""

    default_code = "tryton.refused"


def plain(value: Any) -> Any:
    """A value of Tryton's JSON as text, or list and dict of such."""
    if isinstance(value, dict):
        kind = value.get("__class__")
        if kind == "Decimal":
            return value["decimal"]
        if kind == "date":
            return date(value["year"], value["month"], value["day"]).isoformat()
        if kind == "datetime":
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return datetime(*(value[p] for p in parts)).isoformat(sep=" ")
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def moment(text: str) -> dict[str, Any]:
    """A time as Tryton's JSON."""
    at = datetime.fromisoformat(text)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{p: getattr(at, p) for p in parts}}


class Tryton:
    """A database of a Tryton server. Use it as a context manager.

    Args:
        connection: ``tryton://USER:PASSWORD@HOST:PORT/DATABASE`` (``trytons`` for TLS).
        writes: A call that may have been carried out is then not repeated.
    """

    def __init__(self, connection: Connection, *, writes: bool = False) -> None:
        url = urlsplit(fill(connection.location))
        database = url.path.strip("/")
        if not url.hostname or not database:
            raise SettingsError(
                "no server or no database in the location",
                action="write tryton://USER:${PASSWORD}@HOST:PORT/DATABASE",
            )
        scheme = "https" if url.scheme == "trytons" else "http"
        port = f":{url.port}" if url.port else ""
        user, password = unquote(url.username or ""), unquote(url.password or "")
        # The client fills ${…} in what it is given; a password must go past that untouched.
        self._client = Client(
            f"{scheme}://{url.hostname}{port}", {}, {}, Limits(0, 60, 0 if writes else 5)
        )
        self._client.sign_in(user, password)
        self._path = f"{database}/rpc/"
        self._company: int | None = None

    def __enter__(self) -> Tryton:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__(None, None, None)

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call, as plain text, numbers, lists and dicts.

        Raises:
            Refused: Tryton says no.
            UnreadableInput: It can't be reached.
        """
        body = {"id": 1, "method": method, "params": list(params)}
        answer, _ = self._client.ask("POST", self._path, {}, body)
        if not isinstance(answer, dict) or "error" in answer:
            raise _refusal(answer, method)
        return plain(answer.get("result"))

    def has(self, model: str) -> bool:
        """Whether the database has `model`; modules differ."""
        found = self.call(
            "model.ir.model.search_read", [["name", "=", model]], 0, 1, None, ["id"], {}
        )
        return bool(found)

    def rows(
        self, model: str, domain: list[Any], fields: list[str], *, after: int = 0
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of records in the order of their ids, inactive ones too, after id `after`."""
        while True:
            page = self.call(
                f"model.{model}.search_read", ["AND", domain, [["id", ">", after]]], 0, _PAGE,
                [["id", "ASC"]], fields, {"active_test": False},
            )  # fmt: skip
            if not page:
                return
            yield page
            after = page[-1]["id"]


def _refusal(answer: Any, method: str) -> Refused:
    error = answer.get("error") if isinstance(answer, dict) else None
    kind = str(error[0]) if isinstance(error, list) and error else "error"
    told = error[1] if isinstance(error, list) and len(error) > 1 else ""
    if isinstance(told, list):
        # A UserWarning tells its key, then its text; a UserError its text, then details.
        told = told[1] if kind == "UserWarning" and len(told) > 1 else told[0] if told else ""
    if kind not in ("UserError", "UserWarning", "ConcurrencyException"):
        told = f"{kind} in {method.rpartition('.')[2]}"
    code = {"UserWarning": "tryton.warning", "ConcurrencyException": "tryton.changed"}.get(kind, "")
    return Refused(str(told) or kind, code=code)
