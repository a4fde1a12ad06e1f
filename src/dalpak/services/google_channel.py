"""The connections to one Google service: made once per process, under a lock, shared by all calls, closed once.

Also what every Google adapter needs to tell a fault: which status means what. No request is made here but the one for
a token. gRPC and google-auth are imported by this module, so this module only by who is configured to use Google.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import google.auth
import grpc
from google.api_core import grpc_helpers_async
from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from dalpak.config import Settings, is_loopback
from dalpak.errors import ConfigError, ProviderError
from dalpak.services.resilience import deadline

Client = TypeVar("Client")

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
HTTPS_PORT = 443
PING_TIMEOUT_MS = 5_000
"""A connection that leaves a ping unanswered for so long is dead."""
CLOSE_S = 2.0
"""What closing may take; a channel that does not close is left behind."""
DETAIL_MAX = 200

FAULTS = (GoogleAPICallError, RetryError, GoogleAuthError, grpc.RpcError, OSError)
"""What the client libraries raise when the service, the network or the credentials fail."""

_REASONS: dict[grpc.StatusCode, tuple[str, bool]] = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: ("quota", False),
    grpc.StatusCode.UNAUTHENTICATED: ("auth", False),
    grpc.StatusCode.PERMISSION_DENIED: ("auth", False),
    grpc.StatusCode.INVALID_ARGUMENT: ("refused", False),
    grpc.StatusCode.NOT_FOUND: ("refused", False),
    grpc.StatusCode.FAILED_PRECONDITION: ("refused", False),
    grpc.StatusCode.UNIMPLEMENTED: ("refused", False),
    grpc.StatusCode.ABORTED: ("limit", True),
    grpc.StatusCode.OUT_OF_RANGE: ("limit", True),
    grpc.StatusCode.DEADLINE_EXCEEDED: ("timeout", True),
    grpc.StatusCode.UNAVAILABLE: ("unavailable", True),
    grpc.StatusCode.CANCELLED: ("cancelled", True),
}
"""Status -> (reason, whether trying again may help)."""


def provider_error(service: str, fault: BaseException) -> ProviderError:
    """The fault as this project tells it: `google_stt_quota` and the like.

    A refusal that arrives in the very moment of a write is told by grpc.aio as "Internal error from Core", its own
    status lost: that is `failed`, and trying again tells more."""
    if isinstance(fault, ProviderError):
        return fault
    if isinstance(fault, GoogleAuthError):
        return ProviderError(f"{service}_auth", type(fault).__name__, retryable=fault.retryable)
    if isinstance(fault, grpc.aio.AioRpcError):
        return _told(service, fault.code(), fault.details() or "")
    return _told(service, getattr(fault, "grpc_status_code", None), str(fault))


def _told(service: str, status: grpc.StatusCode | None, words: str) -> ProviderError:
    reason, retryable = _REASONS.get(status, ("failed", True)) if status else ("failed", True)
    return ProviderError(f"{service}_{reason}", words[:DETAIL_MAX], retryable=retryable)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is. This machine itself is reached in the open: it can only be a simulator."""

    host: str
    port: int
    setting: str
    """The setting that names it, for whoever has to mend it."""

    @classmethod
    def parse(cls, value: str, setting: str) -> "Endpoint":
        """`host` or `host:port`. Raises ConfigError."""
        host, colon, port = value.strip().rpartition(":")
        if not colon:
            host, port = port, str(HTTPS_PORT)
        if not host or "/" in value or not port.isdigit():
            raise ConfigError(setting, value, "host or host:port, without a scheme")
        return cls(host.strip("[]"), int(port), setting)

    @property
    def is_here(self) -> bool:
        return is_loopback(self.host)

    @property
    def target(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class GoogleChannels(Generic[Client]):
    """`GOOGLE_CHANNELS` connections, each with its client, given out in turn."""

    def __init__(
        self, settings: Settings, endpoint: Endpoint, service: str, wrap: Callable[[Any], Client]
    ) -> None:
        """`service` begins the codes of faults; `wrap` makes the service's client of a channel."""
        self.service = service
        self._endpoint, self._wrap = endpoint, wrap
        self._file: Path | None = settings.google_credentials_file
        self._project = settings.google_project
        self._many = settings.google_channels
        self._keepalive_ms = round(settings.google_keepalive_s * 1000)
        self._connect_s = settings.google_connect_timeout_s
        self._making = asyncio.Lock()
        self._channels: list[grpc.aio.Channel] = []
        self._clients: list[Client] = []
        self._credentials: Any = None
        self._next = 0
        self._closed = False

    async def client(self) -> Client:
        """The next of the clients; the first call makes them all. Raises ProviderError."""
        async with self._making:
            if self._closed:
                raise ProviderError(f"{self.service}_closed", retryable=False)
            if not self._clients:
                await self._make()
        self._next = (self._next + 1) % len(self._clients)
        return self._clients[self._next]

    async def project(self) -> str:
        """Who pays: the setting, or what the credentials say. Raises ProviderError."""
        await self.client()
        if not self._project:
            raise ProviderError(
                f"{self.service}_no_project",
                "GOOGLE_PROJECT is empty and the credentials name none",
                retryable=False,
            )
        return self._project

    async def ready(self) -> None:
        """Connected, with a fresh token: what the first caller would otherwise wait for. Raises ProviderError."""
        await self.client()
        try:
            if self._credentials is not None:
                await asyncio.to_thread(self._token)
            for channel in self._channels:
                await deadline(
                    channel.channel_ready(), self._connect_s, f"{self.service}_unreachable"
                )
        except FAULTS as fault:
            raise provider_error(self.service, fault) from fault

    def _token(self) -> None:
        url = f"https://{self._endpoint.host}/"
        self._credentials.before_request(Request(), "POST", url, {})

    async def _make(self) -> None:
        if not self._endpoint.is_here:
            await self._load_credentials()
        elif not self._project:
            self._project = "simulated"
        self._channels = [self._channel() for _ in range(self._many)]
        self._clients = [self._wrap(channel) for channel in self._channels]

    async def _load_credentials(self) -> None:
        """Files and Google's metadata server are read off the loop."""
        try:
            self._credentials, project = await asyncio.to_thread(self._find_credentials)
        except (*FAULTS, ValueError) as fault:
            raise ProviderError(
                f"{self.service}_auth", type(fault).__name__, retryable=False
            ) from fault
        self._project = self._project or project or ""

    def _find_credentials(self) -> tuple[Any, str | None]:
        if self._file is None:
            found: tuple[Any, str | None] = google.auth.default(scopes=SCOPES)
            return found
        accounts: Any = service_account.Credentials
        account = accounts.from_service_account_file(str(self._file), scopes=SCOPES)
        return account, account.project_id

    def _channel(self) -> grpc.aio.Channel:
        options = [
            ("grpc.keepalive_time_ms", self._keepalive_ms),
            ("grpc.keepalive_timeout_ms", PING_TIMEOUT_MS),
            # Without it, channels to one address share one connection, and its limit of streams.
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if self._endpoint.is_here:
            return grpc.aio.insecure_channel(self._endpoint.target, options=options)
        channel: grpc.aio.Channel = grpc_helpers_async.create_channel(
            self._endpoint.target,
            credentials=self._credentials,
            default_scopes=SCOPES,
            options=options,
        )
        return channel

    async def aclose(self) -> None:
        """Open streams end. A second time does nothing."""
        self._closed = True
        channels, self._channels, self._clients = self._channels, [], []
        for channel in channels:
            try:
                await deadline(channel.close(), CLOSE_S)
            except ProviderError:
                continue
