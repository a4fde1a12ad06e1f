"""One question over HTTP: its answer, the time it took and the other side's clock; or plain words why there is none.

No provider is known here. Nothing of a request (headers, keys, bodies) ever appears in the words.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from dalpak.clock import Clock
from dalpak.errors import ProviderError

QUESTION_S = 5.0
"""A provider that needs longer for a trivial question is of no use in a call."""


class Unreachable(ProviderError):
    """There was no answer at all; `detail` says why in words for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    took_ms: int
    date: datetime | None
    """What the other side's clock says, whole seconds, aware."""
    body: object
    """Decoded JSON, or None for anything else."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def field(self, *path: str) -> Any:
        """A value inside the JSON body by its keys; None where there is none."""
        value: object = self.body
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def client(limit_s: float = QUESTION_S) -> httpx.AsyncClient:
    """For several questions to one provider on one connection. As the adapters do, it follows no redirect (an
    address that redirects is the wrong one) and no proxy that the environment names.
    """
    return httpx.AsyncClient(timeout=limit_s, follow_redirects=False, trust_env=False)


async def ask(
    clock: Clock,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    data: object = None,
    session: httpx.AsyncClient | None = None,
) -> Answer:
    """Raises Unreachable. Without a `session` the time includes connecting."""
    began = clock.monotonic_ms()
    try:
        async with AsyncExitStack() as stack:
            if session is None:
                session = await stack.enter_async_context(client())
            response = await session.request(
                method, url, headers=headers, auth=basic, params=params, data=form, json=data
            )
    except httpx.TimeoutException:
        raise Unreachable("timeout", "no answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        raise Unreachable("unreachable", _why(fault)) from None
    return Answer(
        status=response.status_code,
        took_ms=clock.monotonic_ms() - began,
        date=_date(response.headers.get("date")),
        body=_json(response),
    )


def _why(fault: Exception) -> str:
    """The kind of trouble, without the library's words: those may quote the whole address."""
    text = f"{fault} {fault.__cause__}".lower()
    if "certificate" in text or "ssl" in text or "tls" in text:
        return "its TLS certificate cannot be verified"
    if "name or service" in text or "getaddrinfo" in text or "name resolution" in text:
        return "its name is not known to this machine's DNS"
    if "refused" in text or "all connection attempts failed" in text:
        return "nothing listens there"
    if isinstance(fault, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "it is not a web address"
    return "the connection broke before an answer came"


def _date(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None
