"""REST APIs declared in YAML: auth, paging, cursor, rate limit, retries with back-off.

    location: https://api.example.com/v3
    way: rest
    options:
      headers: {Accept: application/json}
      auth: {bearer: "${CRM_TOKEN}"}        # or basic: [user, "${PW}"], header: {X-Key: "${KEY}"},
                                            # query: {api_key: "${KEY}"}, or
                                            # oauth2: {url, id, secret, scope} (client credentials)
      rate: 5                               # requests a second at most
      timeout: 30                           # seconds a request may take
      retries: 6                            # after 429, 5xx and broken connections
      resources:
        contacts:
          path: /objects/contacts
          records: results                  # dotted path to the array; empty: the answer itself
          params: {limit: 100}
          primary_key: id
          cursor: updatedAt                 # column that only grows
          since: updated_after              # parameter that takes the cursor; none: read all, and
                                            # pass over what is older than the state
          deleted: archived                 # a true value means: this row is gone
          paging: {next: paging.next.link}  # see below

Paging: ``next`` (dotted path to the next page's URL), ``token`` (dotted path) with ``param``,
``page`` (parameter, from ``first``), ``offset`` (parameter), ``link: true`` (Link header,
RFC 8288). A run goes on *at* the last cursor value, so that rows of the same instant are not lost.

Requests go only to the host of ``location``: a ``next`` link to elsewhere would take the
credentials along and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idp_cdi.connectors import Chunk, Connection, Reject, State, Stream
from idp_cdi.connectors._http import Client, Limits
from idp_cdi.connectors._objects import Objects, dig
from idp_cdi.connectors._rest_guess import parts_of, resource_of
from idp_cdi.errors import SettingsError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "rest"
_SIGN_IN = (
    'write a source file with `location: URL` and `options: {auth: {bearer: "${TOKEN}"}}`, then '
    "`idp-cdi connect suggest FILE.yaml`"
)
_ACTIONS = {
    "rest.401": _SIGN_IN,
    "rest.403": _SIGN_IN,
    "rest.json": "download a CSV or workbook and give its path; name an API's JSON address",
}
_SAMPLE_ROWS = 200
_PAGE_ROWS = 2_000  # rows that a killed run has to ask for again, at most


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(_Part):
    """How the next page is found; exactly one of them, or none for a single page."""

    next: str = ""
    token: str = ""
    param: str = ""
    page: str = ""
    offset: str = ""
    first: int = 1
    size: int = 0
    link: bool = False


class Resource(_Part):
    """One stream: where its rows are and how they go on."""

    path: str
    method: Literal["GET", "POST"] = "GET"
    records: str = ""
    params: dict[str, str | int] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    primary_key: str | tuple[str, ...] = ()
    cursor: str = ""
    since: str = ""
    deleted: str = ""
    paging: Paging = Paging()


class Options(_Part):
    """The options of a REST source."""

    headers: dict[str, str] = Field(default_factory=dict)
    auth: dict[str, Any] = Field(default_factory=dict)
    rate: float = Field(default=0.0, ge=0)
    timeout: float = Field(default=30.0, gt=0)
    retries: int = Field(default=6, ge=0, le=20)
    cursors: dict[str, str] = Field(default_factory=dict)  # of resources that name none themselves
    resources: dict[str, Resource] = Field(min_length=1)


def score(location: str) -> float:
    """Half sure of any web address."""
    return 0.5 if location.lower().startswith(("http://", "https://")) else 0.0


def guess(connection: Connection) -> Connection:
    """A connection whose one resource was worked out from what the URL answers.

    Raises:
        UnreadableInput: It can't be reached, asks for credentials, or answers no JSON.
    """
    base, path, params = parts_of(connection.location)
    options = {**connection.options, "resources": {"_": {"path": path}}}
    known = _options(Connection(base, options))
    limits = Limits(known.rate, known.timeout, retries=min(known.retries, 1))
    try:
        with Client(base, known.headers, known.auth, limits) as client:
            answer, link = client.ask("GET", path, dict(params), {})
    except UnreadableInput as error:
        action = _ACTIONS.get(error.code, error.action)
        raise UnreadableInput(
            error.reason, code=error.code, file=error.file, action=action
        ) from error
    name = path.strip("/").rpartition("/")[2] or "rows"
    resources = {name: resource_of(path, params, answer, link)}
    return Connection(base, {**connection.options, "resources": resources})


def streams(connection: Connection) -> list[Stream]:
    """One stream a resource; the columns are those of its first page."""
    options = _options(connection)
    with _client(connection, options) as client:
        return [_stream(client, name, r) for name, r in options.resources.items()]


def _stream(client: Client, name: str, resource: Resource) -> Stream:
    columns: dict[str, None] = {}
    for _, item in zip(range(_SAMPLE_ROWS), _first_page(client, resource), strict=False):
        if isinstance(item, dict):
            columns.update(dict.fromkeys(Objects.flat(item)))
    key = resource.primary_key
    keys = (key,) if isinstance(key, str) else key
    return Stream(name, tuple(columns), keys, resource.cursor)


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows from ``state["cursor"]`` on; a state in the middle of a run knows its next page."""
    options = _options(connection)
    resource = options.resources[stream.name]
    since, newest = str(state.get("cursor", "")), str(state.get("newest", ""))
    objects, number = Objects(stream.columns), int(state.get("row", 0))
    with _client(connection, options) as client:
        for items, following in _pages(client, resource, since, str(state.get("page", ""))):
            for item in items:
                number += 1
                if not isinstance(item, dict):
                    cells = (("row", str(item)),)
                    objects.rejects.append(Reject(number, "json.row", "not an object", cells))
                    continue
                seen = str(dig(item, resource.cursor) or "") if resource.cursor else ""
                newest = max(newest, seen)
                if since and seen and seen < since:
                    continue
                gone = bool(resource.deleted) and _is_true(dig(item, resource.deleted))
                objects.add(number, item, deleted=gone)
            if following and len(objects) >= _PAGE_ROWS:
                now: State = {"cursor": since, "newest": newest, "page": following, "row": number}
                yield objects.chunk(now)
    end: State = {"cursor": max(newest, since)} if resource.cursor else {}
    yield objects.chunk(end)


def _is_true(value: object) -> bool:
    return value is not None and str(value).strip().casefold() not in ("", "false", "0", "no")


def _pages(
    client: Client, resource: Resource, since: str, page: str
) -> Iterator[tuple[list[object], str]]:
    """The rows of each page, and what leads to the page after it ("" for the last)."""
    paging = resource.paging
    seen: set[str] = set()
    while True:
        answer, link = _ask(client, resource, since, page)
        items = _rows(answer, resource)
        following = _following(answer, link, paging, page, len(items))
        yield items, following
        if not following:
            return
        if following in seen:
            raise UnreadableInput(
                "the pages go round in a circle", code="rest.paging", file=client.shown
            )
        seen.add(following)
        page = following


def _ask(client: Client, resource: Resource, since: str, page: str) -> tuple[object, str]:
    paging = resource.paging
    params: dict[str, Any] = dict(resource.params)
    if since and resource.since:
        params[resource.since] = since
    if page and (paging.next or paging.link):
        return client.ask(resource.method, page, {}, resource.body)
    if paging.token and page:
        params[paging.param or "cursor"] = page
    elif paging.page:
        params[paging.page] = page or str(paging.first)
    elif paging.offset:
        params[paging.offset] = page or "0"
    return client.ask(resource.method, resource.path, params, resource.body)


def _following(answer: object, link: str, paging: Paging, page: str, count: int) -> str:
    if paging.link:
        return link
    if paging.next or paging.token:
        found = dig(answer, paging.next or paging.token)
        return "" if found is None or found is False else str(found)
    if not count or (paging.size and count < paging.size):
        return ""
    if paging.page:
        return str(int(page or paging.first) + 1)
    return str(int(page or 0) + count) if paging.offset else ""


def _rows(answer: object, resource: Resource) -> list[object]:
    found = dig(answer, resource.records)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _first_page(client: Client, resource: Resource) -> list[object]:
    return _rows(_ask(client, resource, "", "")[0], resource)


def _options(connection: Connection) -> Options:
    try:
        known = Options.model_validate(dict(connection.options))
        resources = {
            name: r if r.cursor else r.model_copy(update={"cursor": known.cursors.get(name, "")})
            for name, r in known.resources.items()
        }
        return known.model_copy(update={"resources": resources})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"options.{where}: {first['msg']}", file=connection.location) from error


def _client(connection: Connection, options: Options) -> Client:
    limits = Limits(options.rate, options.timeout, options.retries)
    return Client(connection.location, options.headers, options.auth, limits)
