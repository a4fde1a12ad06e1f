"""Is the process alive, does it take new calls, how many are live. For balancers, deploys and
people with curl.
"""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from dalpak.agents import agent_factory

if TYPE_CHECKING:
    from dalpak.extensions import Extensions


async def healthz(_request: Request) -> JSONResponse:
    """The event loop turns. Says nothing about anything else, so that nothing else gets the process
    killed.
    """
    return JSONResponse({"ok": True})


async def readyz(request: Request) -> JSONResponse:
    """503 from the first SIGTERM on: new calls belong to another process, the live ones stay."""
    extensions: Extensions = request.app.state.extensions
    draining = extensions.drain.draining
    return JSONResponse({"ready": not draining, "draining": draining}, 503 if draining else 200)


async def active_calls(request: Request) -> JSONResponse:
    """What a deploy waits for."""
    extensions: Extensions = request.app.state.extensions
    drain = extensions.drain
    return JSONResponse({"active": drain.held, "draining": drain.draining})


async def load(request: Request) -> JSONResponse:
    """Whether one more caller would be let in, and what decides it."""
    extensions: Extensions = request.app.state.extensions
    calls = extensions.calls
    return JSONResponse(
        {
            "live": len(calls.live),
            "reserved": calls.reserved,
            "has_room": calls.has_room(),
            "loop_lag_p95_ms": calls.lag.p95_ms,
            "loop_lag_p999_ms": calls.lag.p999_ms,
            "loop_lag_worst_ms": calls.lag.worst_ms,
        }
    )


async def process(_request: Request) -> JSONResponse:
    """What must be made once in a process, and how often it was (SPEC B1)."""
    return JSONResponse({"agent_builds": agent_factory.BUILDS})


ROUTES: list[BaseRoute] = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/health/active-calls", active_calls),
    Route("/health/load", load),
    Route("/health/process", process),
]
