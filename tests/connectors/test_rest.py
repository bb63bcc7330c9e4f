# ruff: noqa: E501
"""REST sources against a real server on this machine: paging, limits, failures, credentials."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from idp_cdi.connectors import Connection, _http, rest
from idp_cdi.connectors._mapping import dump, parse
from idp_cdi.errors import SettingsError, UnreadableInput
from idp_cdi.steps.suggest import suggest_source

PEOPLE = [
    {"id": i, "properties": {"name": f"Firm {i}"}, "updatedAt": f"2026-01-{i:02}T00:00:00Z", "archived": i == 9}
    for i in range(1, 26)
]  # fmt: skip


class Api(BaseHTTPRequestHandler):
    log: list[str] = []  # noqa: RUF012
    failures: list[int] = []  # noqa: RUF012
    base = ""

    def log_message(self, *args):
        pass

    def answer(self, status, body=None, **headers):
        data = json.dumps(body).encode() if body is not None else b"gone"
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Api.log.append(form)
        self.answer(200, {"access_token": "from-oauth"})

    def do_GET(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        Api.log.append(self.path)
        if Api.failures:
            status = Api.failures.pop(0)
            if status == 0:
                self.connection.close()
                return
            self.answer(status, {"error": "later"}, Retry_After="0" if status != 429 else "1")
            return
        if self.headers.get("Authorization") not in ("Bearer t0ken", "Bearer from-oauth"):
            self.answer(401, {"error": "who are you?"})
            return
        since = query.get("updated_after", "")
        found = [p for p in PEOPLE if p["updatedAt"] >= since]
        kind = url.path.strip("/").partition("/")[2]
        start = int(query.get("offset", query.get("after", (int(query.get("page", 1)) - 1) * 10)))
        part, end = found[start : start + 10], start + 10
        more = end < len(found)
        tail = f"updated_after={since}&" if since else ""
        if kind == "next":
            link = f"{Api.base}/v1/next?{tail}after={end}" if more else None
            self.answer(200, {"results": part, "paging": {"next": {"link": link}}})
        elif kind == "token":
            self.answer(200, {"data": part, "after": end if more else None})
        elif kind == "link":
            headers = {"Link": f'</v1/link?offset={end}>; rel="next"'} if more else {}
            self.answer(200, part, **headers)
        elif kind == "elsewhere":
            self.answer(200, {"results": part, "next": "http://127.0.0.2:9/x"})
        elif kind == "circle":
            self.answer(200, {"results": part, "next": f"{Api.base}/v1/circle"})
        elif kind == "text":
            self.answer(200)
        else:
            self.answer(200, part)


@pytest.fixture
def api(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Api.log.clear()
    Api.failures.clear()
    Api.base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("IDP_TEST_TOKEN", "t0ken")
    monkeypatch.setattr(_http, "_pause", lambda attempt: 0.01)
    yield Api
    server.shutdown()
    server.server_close()
    thread.join()


def source(path, **resource):
    auth = resource.pop("auth", {"bearer": "${IDP_TEST_TOKEN}"})
    top = {k: resource.pop(k) for k in ("rate", "retries") if k in resource}
    resource = {"path": path, "primary_key": "id", **resource}
    return Connection(f"{Api.base}/v1", {"auth": auth, "resources": {"people": resource}, **top})


def load(connection, state=None):
    stream = rest.streams(connection)[0]
    return list(rest.read(connection, stream, state or {}))


def ids(chunks):
    return [int(row["id"]) for chunk in chunks for row in chunk.rows()]


@pytest.mark.parametrize(
    "resource",
    [
        {"path": "next", "records": "results", "paging": {"next": "paging.next.link"}},
        {"path": "token", "records": "data", "paging": {"token": "after", "param": "after"}},
        {"path": "link", "paging": {"link": True}},
        {"path": "page", "paging": {"page": "page"}},
        {"path": "offset", "paging": {"offset": "offset", "size": 10}},
    ],
    ids=lambda r: r["path"],
)
def test_every_way_of_paging_gives_every_row_once(api, resource):
    assert ids(load(source(**resource))) == list(range(1, 26))


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("next", {"records": "results", "paging": {"next": "paging.next.link"}}),
        ("link", {"paging": {"link": True}}),
        ("page?page=1", {"params": {"page": "1"}}),
    ],
    ids=lambda p: p if isinstance(p, str) else "",
)
def test_a_source_is_suggested_from_the_answer_of_a_url(api, tmp_path, path, wanted):
    file = tmp_path / "api.yaml"
    auth = "options: {auth: {bearer: '${IDP_TEST_TOKEN}'}}"
    file.write_text(
        f"source: api\nowner: me@house.example\nlocation: {Api.base}/v1/{path}\n{auth}\n"
    )
    spec = suggest_source(str(file))
    name = path.partition("?")[0]
    resource = {"path": f"/v1/{name}", "primary_key": "id", "cursor": "updatedAt", **wanted}
    assert spec.options["resources"] == {name: resource}
    assert (spec.source, spec.owner, spec.location) == ("api", "me@house.example", Api.base)
    mapping = spec.streams[name]
    assert (mapping.key, mapping.fields["name"][0].columns) == (("id",), ("properties.name",))
    assert parse(yaml.safe_load(dump(spec))) == spec  # what is printed can be run
    if "paging" in wanted:
        assert ids(load(Connection(spec.location, spec.options))) == list(range(1, 26))


def test_a_cursor_that_only_the_mapping_names_is_that_of_the_resource(api):
    connection = source("page", paging={"page": "page"})
    connection = Connection(
        connection.location, {**connection.options, "cursors": {"people": "updatedAt"}}
    )
    assert rest.streams(connection)[0].cursor == "updatedAt"
    assert load(connection)[-1].state == {"cursor": "2026-01-25T00:00:00Z"}


def test_a_url_that_asks_who_we_are_says_how_to_go_on(api):
    with pytest.raises(UnreadableInput) as told:
        suggest_source(f"{Api.base}/v1/page")
    assert "connect suggest FILE.yaml" in told.value.action


def test_nested_objects_are_dotted_columns_and_archived_rows_are_gone(api):
    chunk = load(source("page", paging={"page": "page"}, deleted="archived"))[-1]
    assert next(chunk.rows())["properties.name"] == "Firm 1"
    assert chunk.deleted == {9}


@pytest.mark.parametrize("since", ["updated_after", ""])
def test_an_incremental_run_begins_at_the_last_cursor(api, since):
    connection = source("page", paging={"page": "page"}, cursor="updatedAt", since=since)
    state = load(connection)[-1].state
    assert state == {"cursor": "2026-01-25T00:00:00Z"}
    assert ids(load(connection, state)) == [25]
    assert ids(load(connection, {"cursor": "2026-01-20T00:00:00Z"})) == list(range(20, 26))


def test_goes_on_at_the_page_where_a_killed_run_stopped(api, monkeypatch):
    monkeypatch.setattr(rest, "_PAGE_ROWS", 10)
    connection = source(
        "next", records="results", paging={"next": "paging.next.link"}, cursor="updatedAt"
    )
    chunks = load(connection)
    assert len(chunks) == 3
    for cut in range(2):
        rest_of_it = load(connection, chunks[cut].state)
        assert ids(chunks[: cut + 1]) + ids(rest_of_it) == list(range(1, 26))
        assert rest_of_it[-1].state == {"cursor": "2026-01-25T00:00:00Z"}


def test_limits_failures_and_broken_connections_are_waited_out(api):
    connection = source("page", paging={"page": "page"}, retries=4)
    stream = rest.streams(connection)[0]
    api.failures[:] = [503, 0, 429, 500]
    assert ids(rest.read(connection, stream, {})) == list(range(1, 26))


def test_a_server_that_stays_down_ends_the_run_with_advice(api):
    api.failures[:] = [503] * 9
    with pytest.raises(UnreadableInput, match="try again later"):
        load(source("page", retries=2))


def test_the_rate_is_kept(api):
    import time

    begin = time.monotonic()
    load(source("page", paging={"page": "page"}, rate=20))
    assert time.monotonic() - begin >= (len(api.log) - 1) / 20 * 0.9


def test_credentials_of_every_kind(api):
    oauth = {"oauth2": {"url": "token", "id": "me", "secret": "${IDP_TEST_TOKEN}"}}
    assert ids(load(source("page", auth=oauth, paging={"page": "page"})))
    assert "client_secret=t0ken" in api.log[0]
    with pytest.raises(UnreadableInput, match="check the credentials"):
        load(source("page", auth={"basic": ["a", "b"]}))
    with pytest.raises(SettingsError, match=r"auth\.magic"):
        load(source("page", auth={"magic": "x"}))


@pytest.mark.parametrize(
    ("path", "reason"), [("elsewhere", "another host"), ("circle", "circle"), ("text", "not JSON")]
)
def test_a_misleading_answer_is_refused(api, path, reason):
    with pytest.raises(UnreadableInput, match=reason):
        load(source(path, records="results" if path != "text" else "", paging={"next": "next"}))
