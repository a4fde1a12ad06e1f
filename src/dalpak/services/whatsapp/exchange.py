"""One question to a provider over HTTP, and the one thing about a failure that matters: may the
message have left?

`ask` raises ProviderError only where nothing can have left, gives `Lost` where nobody knows, and
`Answer` for everything that was answered. What an answer means is each provider's own table.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from dalpak.errors import ProviderError
from dalpak.ports.messenger import Delivery, DeliveryState

CONNECT_S = 5.0
ANSWER_S = 15.0
"""From the first byte sent to the last one read. Providers answer in under a second; a longer wait only
keeps a worker of the flows busy, because a message without an answer is reconciled anyway."""
MAX_ANSWER_BYTES = 262_144
"""A page of Twilio's list is about 50 KB."""
MAX_DIGITS = 9
"""Of a number of seconds; a longer one is nonsense or an attack on our arithmetic."""
MAX_CONNECTIONS = 8
"""As many as flows that run at once."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is None when it was no JSON object: a proxy's page, a cut answer."""

    status: int
    body: Json | None = field(repr=False)
    retry_after_s: float = 0.0
    """What the provider asks for in its Retry-After; 0 where it says nothing that can be read."""

    @property
    def took_nothing(self) -> bool:
        """Too many requests, or closed: by their meaning nothing was done with the message."""
        return self.status in {429, 503}

    def fault(self, code: str, detail: str = "") -> ProviderError:
        """Nothing was taken, and waiting helps: as long as the provider wishes."""
        told = detail or f"HTTP {self.status}"
        return ProviderError(code, told, retry_after_s=self.retry_after_s)


@dataclass(frozen=True, slots=True)
class Lost:
    """The request left, wholly or in part, and no answer came."""

    reason: str
    """"timeout" | "connection_lost"."""


def http_client(
    base_url: str,
    *,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    answer_s: float = ANSWER_S,
) -> httpx.AsyncClient:
    """The one client of one messenger: made once, kept, closed by `aclose` (SPEC A4).

    It follows no redirect (a secret goes to the address it is for) and no proxy that a variable of
    the environment names.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        headers=dict(headers or {}),
        auth=auth,
        timeout=httpx.Timeout(answer_s, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=30.0),
        follow_redirects=False,
        trust_env=False,
    )


async def ask(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Answer | Lost:
    """Raises ProviderError("unreachable") when no connection was made, so that nothing left."""
    try:
        async with (
            asyncio.timeout(CONNECT_S + (client.timeout.read or ANSWER_S)),
            client.stream(method, path, **request) as response,
        ):
            wish_s = retry_after_s(response.headers)
            return Answer(response.status_code, await _json(response), wish_s)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
        raise ProviderError("unreachable", type(fault).__name__) from fault
    except (httpx.TimeoutException, TimeoutError):
        return Lost("timeout")
    except (httpx.TransportError, httpx.DecodingError):
        return Lost("connection_lost")


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds, given as a number or as a date beside the answer's own Date; 0 for
    anything else. What is too long is not our affair here."""
    wish = headers.get("retry-after", "").strip()
    if wish.isascii() and wish.isdigit():
        return float(wish[:MAX_DIGITS])
    then, now = _date(wish), _date(headers.get("date", ""))
    if then is None or now is None:
        return 0.0
    return max(0.0, (then - now).total_seconds())


def _date(text: str) -> datetime | None:
    """As HTTP writes dates, which are those of e-mail; without a zone it is no instant."""
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return told if told.tzinfo else None


async def _json(response: httpx.Response) -> Json | None:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return None
    return json_object(bytes(body))


def json_object(body: bytes) -> Json | None:
    """A JSON object, or None for anything else, however broken or deep."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def unknown(reason: str, code: str = "") -> Delivery:
    """It may have arrived: reconcile, never resend blindly."""
    return Delivery(DeliveryState.UNKNOWN, reason=reason, code=code)


def refused(reason: str, code: str = "") -> Delivery:
    """It definitely did not, and would not the next time."""
    return Delivery(DeliveryState.FAILED, reason=reason, code=code)


def unanswered(answer: Answer) -> Delivery:
    """For an answer without the provider's own error in it. Raises ProviderError where nothing was
    taken."""
    if answer.took_nothing:
        code = "rate_limited" if answer.status == 429 else "provider_down"
        raise answer.fault(code)
    if answer.status in {401, 403}:
        return refused("not_allowed", f"http_{answer.status}")
    if 400 <= answer.status < 500 and answer.status != 408:
        return refused("refused", f"http_{answer.status}")
    return unknown("garbage" if answer.status < 400 else "unclear", f"http_{answer.status}")


# -- reading what providers send, believing nothing --------------------------------------------------


def dict_of(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Strings as they are, whole numbers as digits, anything else as nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def e164(digits: str) -> str:
    """`972501234567` -> `+972501234567`; nothing for what is no number."""
    digits = digits.removeprefix("+")
    right = digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 and digits[0] != "0"
    return f"+{digits}" if right else ""


def signed_by(secret: str, body: bytes, header: str) -> bool:
    """`sha256=<hex>` over the raw bytes as they came, compared in constant time. No secret: no."""
    if not secret:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), header.encode("utf-8", "replace"))
