"""HTTP for connectors: one host, patience with limits and failures, secrets from the environment.

Retried are broken connections, timeouts, 408, 425, 429 and 5xx: after 1, 2, 4 … seconds (with some
chance in it, so that many clients don't come back at once), or what ``Retry-After`` says.
Source: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from idp_cdi.connectors._secrets import fill, without_secrets
from idp_cdi.errors import MissingDependency, SettingsError, UnreadableInput

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

_log = logging.getLogger(__name__)
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT_S = 120.0
_LARGEST = 256 << 20  # bytes of one answer


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second (0: no limit), seconds a request may take, and how often it is retried."""

    rate: float = 0.0
    timeout_s: float = 30.0
    retries: int = 6


class Client:
    """A session with one API. Use it as a context manager."""

    def __init__(
        self, location: str, headers: dict[str, str], auth: dict[str, Any], limits: Limits
    ) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise MissingDependency(
                "the HTTP client is not installed", action="pip install 'idp-cdi[rest]'"
            ) from error
        self.base = fill(location).rstrip("/") + "/"
        self.shown = without_secrets(location)
        self.limits = limits
        self._last = 0.0
        self._params: dict[str, str] = {}
        self._http = httpx.Client(timeout=limits.timeout_s, follow_redirects=False)
        self._http.headers.update({k: fill(v) for k, v in headers.items()})
        self._authorise(auth)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def _authorise(self, auth: dict[str, Any]) -> None:
        for kind, value in auth.items():
            if kind == "bearer":
                self._http.headers["Authorization"] = f"Bearer {fill(str(value))}"
            elif kind == "basic":
                import httpx

                user, password = value
                self._http.auth = httpx.BasicAuth(fill(str(user)), fill(str(password)))
            elif kind == "header":
                self._http.headers.update({k: fill(str(v)) for k, v in value.items()})
            elif kind == "query":
                self._params |= {k: fill(str(v)) for k, v in value.items()}
            elif kind == "oauth2":
                self._http.headers["Authorization"] = f"Bearer {self._token(value)}"
            else:
                raise SettingsError(
                    f"auth.{kind} is not known",
                    file=self.shown,
                    action="there are: bearer, basic, header, query, oauth2",
                )

    def sign_in(self, user: str, password: str) -> None:
        """Basic authentication with credentials as they are."""
        import httpx

        self._http.auth = httpx.BasicAuth(user, password)

    def _token(self, value: dict[str, str]) -> str:
        """A token by OAuth 2.0 client credentials (RFC 6749, 4.4)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": fill(value["id"]),
            "client_secret": fill(value["secret"]),
            **({"scope": value["scope"]} if value.get("scope") else {}),
        }
        answer = self._send("POST", urljoin(self.base, fill(value["url"])), {}, form=form)
        token = answer.json().get("access_token")
        if not token:
            raise UnreadableInput("no token came back", code="rest.token", file=self.shown)
        return str(token)

    def ask(
        self, method: str, path: str, params: dict[str, Any], body: dict[str, Any]
    ) -> tuple[object, str]:
        """The JSON of one answer, and the URL of its ``Link: …; rel="next"``.

        Raises:
            UnreadableInput: It is refused, is no JSON, or does not come in spite of all retries.
        """
        url = path if "://" in path else urljoin(self.base, path.lstrip("/"))
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            raise UnreadableInput("a page leads to another host", code="rest.host", file=self.shown)
        answer = self._send(method, url, {**self._params, **params}, json=body or None)
        link = answer.links.get("next", {}).get("url", "")
        try:
            return answer.json(), urljoin(url, link) if link else ""
        except ValueError as error:
            raise UnreadableInput(
                "the answer is not JSON", code="rest.json", file=self.shown
            ) from error

    def _send(
        self,
        method: str,
        url: str,
        params: dict[str, Any],
        *,
        json: object = None,
        form: dict[str, str] | None = None,
    ) -> httpx.Response:
        import httpx

        for attempt in range(self.limits.retries + 1):
            self._wait_for_rate()
            try:
                answer = self._http.request(
                    method, url, params=params or None, json=json, data=form
                )
            except httpx.TransportError as error:
                wait, why = _pause(attempt), type(error).__name__
            else:
                if answer.status_code < 300:
                    return _checked(answer, self.shown)
                if answer.status_code not in _AGAIN:
                    raise _refused(answer.status_code, self.shown)
                wait = _retry_after(answer.headers.get("Retry-After", "")) or _pause(attempt)
                why = str(answer.status_code)
            if attempt < self.limits.retries:
                _log.info("%s: %s, again in %.1f s", self.shown, why, wait)
                time.sleep(wait)
        raise UnreadableInput(
            f"no answer after {self.limits.retries + 1} attempts: {why}",
            code="feed.unreachable",
            file=self.shown,
            action="try again later; the run goes on where it stopped",
        )

    def _wait_for_rate(self) -> None:
        if self.limits.rate:
            pause = self._last + 1 / self.limits.rate - time.monotonic()
            if pause > 0:
                time.sleep(pause)
        self._last = time.monotonic()


def _checked(answer: httpx.Response, shown: str) -> httpx.Response:
    if len(answer.content) > _LARGEST:
        raise UnreadableInput("the answer is too large", code="rest.size", file=shown)
    return answer


def _refused(status: int, shown: str) -> UnreadableInput:
    action = {
        401: "check the credentials",
        403: "ask for the right to read this",
        404: "check the path",
        422: "check the parameters",
    }.get(status, "check the source file")
    return UnreadableInput(
        f"the server answers {status}", code=f"rest.{status}", file=shown, action=action
    )


def _pause(attempt: int) -> float:
    return float(min(2**attempt, 60)) * random.uniform(0.5, 1.0)


def _retry_after(value: str) -> float:
    """Seconds from a ``Retry-After`` header, which holds seconds or a date; 0 for none."""
    if not value:
        return 0.0
    if value.isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT_S)
