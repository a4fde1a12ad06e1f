"""What every answer carries and which names this server answers to. Pure ASGI, around everything
else.

Who may see what (passwords, sessions, CSRF) belongs to the pages; Twilio's signatures to
twilio_auth.py.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dalpak.config import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script and no inline style: what a caller or a customer said can never become code of
the page.
"""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Nothing to other sites. With "no-referrer" browsers say "Origin: null" of our own forms too.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

ONE_YEAR_S = 31_536_000

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

PUBLIC_PATHS = (
    "/voice/",
    "/ws/twilio",
    "/healthz",
    "/readyz",
    "/health/",
    "/calendar/",
    "/whatsapp/",
    "/metrics",
)
"""What the outside world calls: each proves itself, or tells nothing."""


class SecurityHeaders:
    """Adds the headers to every HTTP answer; a header that the answer set itself stays."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if settings.public_base_url.startswith("https:"):
            self._headers["strict-transport-security"] = f"max-age={ONE_YEAR_S}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


class HostGuard:
    """Without an admin password the pages are for this machine only, whatever leads to its port.

    A page of a stranger can make a browser call 127.0.0.1 under a name of its own (DNS rebinding),
    and a tunnel for Twilio brings the whole world to the same port. Both show in Host: a foreign
    name gets the public paths only.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._open = bool(settings.admin_password_hash.get_secret_value())
        self._names = LOOPBACK_NAMES | {settings.host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._open or self._at_home(scope) or scope["path"].startswith(PUBLIC_PATHS):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
        else:
            await PlainTextResponse("forbidden", 403)(scope, receive, send)

    def _at_home(self, scope: Scope) -> bool:
        if scope["type"] == "lifespan":
            return True
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1:
            return False
        try:
            return urlsplit(f"//{hosts[0]}").hostname in self._names
        except ValueError:
            return False
