"""Who may see the pages: an admin session, or anybody when the server is reachable from this machine only.

Sessions are random ids, kept hashed and only in this process's memory: a restart asks for the password again.
Passwords are argon2id and are verified off the event loop, because that takes tens of milliseconds of a core.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from dalpak.web.security import LOOPBACK_NAMES

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

COOKIE = "dalpak_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
ATTEMPTS_MAX = 5
"""Wrong passwords a minute, from everywhere together: there is one account."""
ATTEMPTS_WINDOW_MS = 60_000
SESSIONS_MAX = 200


@dataclass(slots=True)
class _Session:
    began_ms: int
    used_ms: int
    csrf: str


class Access:
    """One per process."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}
        self._failures: deque[int] = deque(maxlen=ATTEMPTS_MAX)
        self._checking = asyncio.Semaphore(1)

    @staticmethod
    def needs_password(ext: "Extensions") -> bool:
        return bool(ext.settings.admin_password_hash.get_secret_value())

    def session(self, ext: "Extensions", connection: HTTPConnection) -> _Session | None:
        """The live session of this request, freshened; None if there is none."""
        session = self._sessions.get(_digest(connection.cookies.get(COOKIE, "")))
        if session is None:
            return None
        now, settings = ext.clock.monotonic_ms(), ext.settings
        too_old = now - session.began_ms > settings.session_max_s * 1000
        if too_old or now - session.used_ms > settings.session_idle_s * 1000:
            self.forget(connection)
            return None
        session.used_ms = now
        return session

    def allows(self, ext: "Extensions", connection: HTTPConnection) -> bool:
        return not self.needs_password(ext) or self.session(ext, connection) is not None

    def csrf_ok(self, ext: "Extensions", connection: HTTPConnection, given: str) -> bool:
        session = self.session(ext, connection)
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
        now = ext.clock.monotonic_ms()
        secret = ext.clock.new_secret()
        while len(self._sessions) >= SESSIONS_MAX:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[_digest(secret)] = _Session(now, now, ext.clock.new_secret())
        return secret

    def forget(self, connection: HTTPConnection) -> None:
        self._sessions.pop(_digest(connection.cookies.get(COOKIE, "")), None)


def same_origin(connection: HTTPConnection) -> bool:
    """A page of ours asks. Browsers always send Origin with WebSockets and unsafe methods."""
    origin = urlsplit(connection.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == connection.headers.get("host", "")


def may_change(ext: "Extensions", connection: HTTPConnection, csrf: str) -> bool:
    """A page of ours asks, for an admin: by the session's token where a password is set."""
    access = access_of(connection)
    if not same_origin(connection) or not access.allows(ext, connection):
        return False
    return not access.needs_password(ext) or access.csrf_ok(ext, connection, csrf)


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


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _verify(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
