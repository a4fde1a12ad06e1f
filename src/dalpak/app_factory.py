"""The only place where the app is made: routes as data, and the lifespan that builds and closes
everything heavy.

No behaviour lives here. SPEC A1: nothing else ever calls `create_app`, so that nothing can rebuild
the app in mid-call.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

import dalpak
from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings, load_settings
from dalpak.extensions import Extensions, build_extensions
from dalpak.logs import configure_logging, get_logger
from dalpak.runtime.heap import Heap
from dalpak.runtime.supervise import Supervisor
from dalpak.web import calendar_feed, health, metrics
from dalpak.web.api import routes as api_routes
from dalpak.web.arrivals import Arrivals
from dalpak.web.console import routes as console_routes
from dalpak.web.console.access import AdminDoor
from dalpak.web.media_ws_ai import MediaSocket
from dalpak.web.security import HostGuard, SecurityHeaders
from dalpak.web.twilio_auth import TwilioAuth
from dalpak.web.voice_webhook import VoiceWebhook
from dalpak.web.whatsapp_webhook import WhatsappWebhook

Build = Callable[[Settings], AbstractAsyncContextManager[Extensions]]

_starts: list[str] = []
"""When an app of this process started. SPEC H1: more than one, seen in mid-call, means that
somebody rebuilt it.
"""


def create_app(settings: Settings, *, build: Build = build_extensions) -> FastAPI:
    """The app, not started. `build` makes the extensions when it starts; tests give another."""
    auth = TwilioAuth(settings)
    arrivals = Arrivals(wait_ms=round(settings.stream_token_ttl_s * 1000))
    routes: list[BaseRoute] = [
        *VoiceWebhook(settings, auth, arrivals).routes(),
        *MediaSocket(settings, auth, arrivals).routes(),
        *WhatsappWebhook(settings, auth).routes(),
        *health.ROUTES,
        *metrics.ROUTES,
        *calendar_feed.ROUTES,
        *api_routes,
        *console_routes,
    ]
    app = FastAPI(
        title="dalpak",
        version=dalpak.__version__,
        routes=routes,
        openapi_url=None,
        middleware=[
            Middleware(SecurityHeaders, settings=settings),
            Middleware(HostGuard, settings=settings),
            Middleware(AdminDoor),
        ],
        lifespan=_lifespan(settings, build),
    )
    app.state.stopping = lambda: False
    return app


def application(settings: Settings | None = None) -> FastAPI:
    """What the entrypoint serves: logging first, so that the start itself can be told."""
    settings = settings or load_settings()
    configure_logging(debug=settings.debug, fmt=settings.log_format)
    return create_app(settings, build=_alone_in_its_process)


@asynccontextmanager
async def _alone_in_its_process(settings: Settings) -> AsyncIterator[Extensions]:
    """With what concerns the whole process, and not only this app."""
    supervisor = Supervisor("process")
    async with build_extensions(settings) as extensions:
        calls = extensions.calls
        heap = Heap(
            extensions.clock,
            busy=lambda: bool(calls.live),
            ended=lambda: sum(calls.ended.values()),
        )
        supervisor.spawn(heap.watch(), name="heap")
        try:
            yield extensions
        finally:
            await supervisor.aclose()


def _lifespan(
    settings: Settings, build: Build
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        _announce(SystemClock())
        supervisor = Supervisor("app")
        async with build(settings) as extensions:
            app.state.extensions = extensions
            drain, goodbye = extensions.drain, extensions.calls.say_goodbye
            supervisor.spawn(
                drain.watch(say_goodbye=goodbye, asked=lambda: app.state.stopping()), name="drain"
            )
            try:
                yield {"drain": drain}
            finally:
                await supervisor.aclose()

    return lifespan


def _announce(clock: Clock) -> None:
    ts = clock.now().isoformat()
    _starts.append(ts)
    log = get_logger("dalpak")
    if len(_starts) == 1:
        log.info("APP_START", build=dalpak.__version__, ts=ts)
    else:
        log.error("APP_STARTED_AGAIN", build=dalpak.__version__, ts=ts, first=_starts[0])
