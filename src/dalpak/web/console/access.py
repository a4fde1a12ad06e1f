"""Who may see the pages: an admin session, or anybody when the server is reachable from this machine only.

A session is a random id in a cookie; its digest is a row of the database, so that a login holds in every process, and
after a restart. `AdminDoor` looks it up once a request; afterwards everything here only reads what was found.
Passwords are argon2id and are verified off the event loop, because that takes tens of milliseconds of a core.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from dalpak.web.security import LOOPBACK_NAMES

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

COOKIE = "dalpak_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
ATTEMPTS_MAX = 5
"""Wrong passwords a minute and a process, from everywhere together: there is one account."""
ATTEMPTS_WINDOW_MS = 60_000
FOUND = "dalpak.admin"
"""Where the scope of a connection has its session."""


@dataclass(frozen=True, slots=True)
class Session:
    """A live one, of this request."""

    csrf: str = field(repr=False)


class Bounds(TypedDict):
    now: datetime
    began_after: datetime
    used_after: datetime


class AdminDoor:
    """ASGI middleware: who brings a cookie of a live session has that session from here on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            secret = HTTPConnection(scope).cookies.get(COOKIE, "")
            if secret:
                scope[FOUND] = await _session(scope["app"].state.extensions, secret)
        await self._app(scope, receive, send)


async def _session(ext: "Extensions", secret: str) -> Session | None:
    if await ext.store.admin_sessions.use(_digest(ext, secret), **_bounds(ext)):
        return Session(_csrf(secret))
    return None


class Access:
    """One per process."""

    def __init__(self) -> None:
        self._failures: deque[int] = deque(maxlen=ATTEMPTS_MAX)
        self._checking = asyncio.Semaphore(1)

    @staticmethod
    def needs_password(ext: "Extensions") -> bool:
        return bool(ext.settings.admin_password_hash.get_secret_value())

    @staticmethod
    def session(connection: HTTPConnection) -> Session | None:
        """The live session of this request, if there is one."""
        found: Session | None = connection.scope.get(FOUND)
        return found

    def allows(self, ext: "Extensions", connection: HTTPConnection) -> bool:
        return not self.needs_password(ext) or self.session(connection) is not None

    def csrf_ok(self, connection: HTTPConnection, given: str) -> bool:
        session = self.session(connection)
        return session is not None and hmac.compare_digest(session.csrf.encode(), given.encode())

    def locked(self, ext: "Extensions") -> bool:
        """Too many wrong passwords within the last minute."""
        now = ext.clock.monotonic_ms()
        return len(self._failures) == ATTEMPTS_MAX and now - self._failures[0] < ATTEMPTS_WINDOW_MS

    async def log_in(self, ext: "Extensions", password: str) -> str | None:
        """A new session's id, or None. One check at a time: guessing must not take the other core."""
        async with self._checking:
            if self.locked(ext):
                return None
            hashed = ext.settings.admin_password_hash.get_secret_value()
            if not await asyncio.to_thread(_verify, hashed, password):
                self._failures.append(ext.clock.monotonic_ms())
                return None
        secret = ext.clock.new_secret()
        await ext.store.admin_sessions.begin(_digest(ext, secret), **_bounds(ext))
        return secret

    @staticmethod
    async def log_out(ext: "Extensions", connection: HTTPConnection) -> None:
        """The session ends, in every process."""
        await ext.store.admin_sessions.end(_digest(ext, connection.cookies.get(COOKIE, "")))


def same_origin(connection: HTTPConnection) -> bool:
    """A page of ours asks. Browsers always send Origin with WebSockets and unsafe methods."""
    origin = urlsplit(connection.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == connection.headers.get("host", "")


def may_change(ext: "Extensions", connection: HTTPConnection, csrf: str) -> bool:
    """A page of ours asks, for an admin: by the session's token where a password is set."""
    access = access_of(connection)
    if not same_origin(connection) or not access.allows(ext, connection):
        return False
    return not access.needs_password(ext) or access.csrf_ok(connection, csrf)


def at_this_machine(connection: HTTPConnection) -> bool:
    """The browser speaks to a loopback name."""
    return connection.url.hostname in LOOPBACK_NAMES


def access_of(connection: HTTPConnection) -> Access:
    """The process's `Access`, made when first asked for."""
    state = connection.app.state
    if not hasattr(state, "access"):
        state.access = Access()
    access: Access = state.access
    return access


def _digest(ext: "Extensions", secret: str) -> str:
    """What is kept of a cookie. Another password is another digest: whoever logged in with the old one is out."""
    hashed = ext.settings.admin_password_hash.get_secret_value()
    return hashlib.sha256(f"{secret} {hashed}".encode()).hexdigest()


def _csrf(secret: str) -> str:
    """The token of the pages' own forms: known to who has the cookie, and nothing that opens."""
    return hashlib.sha256(f"csrf {secret}".encode()).hexdigest()


def _bounds(ext: "Extensions") -> Bounds:
    """Wall time: processes share nothing else."""
    now, settings = ext.clock.now(), ext.settings
    return {
        "now": now,
        "began_after": now - timedelta(seconds=settings.session_max_s),
        "used_after": now - timedelta(seconds=settings.session_idle_s),
    }


def _verify(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
