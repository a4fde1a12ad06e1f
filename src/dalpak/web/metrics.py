"""`/metrics`: what this process has done and is doing, for Prometheus. To this machine, or to who has METRICS_TOKEN.

The numbers are kept where they happen (runtime/tallies.py, the live calls); here they are only put into Prometheus's
words, when somebody asks. No label holds a name, a number or an id: every label comes from a closed set.
"""

import asyncio
import hmac
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

import dalpak
from dalpak.agents import agent_factory
from dalpak.config import Settings, is_loopback
from dalpak.runtime.tallies import BOUNDS_MS, Histogram, Tallies

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

PREFIX = "dalpak"

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "via")
"""A tunnel or a proxy on this machine brings strangers from a loopback address; they come with one of these."""


async def metrics(request: Request) -> Response:
    """403 to strangers, in words that tell them nothing."""
    extensions: Extensions = request.app.state.extensions
    if not may_read(request, extensions.settings):
        return PlainTextResponse("forbidden", 403)
    headers = {"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
    return Response(answer_for(extensions, len(asyncio.all_tasks())), headers=headers)


def answer_for(extensions: "Extensions", tasks: int) -> bytes:
    """Everything there is to tell, in Prometheus's text format. `tasks` run on the event loop at this moment."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(OfCalls(extensions, tasks))
    ProcessCollector(namespace=PREFIX, registry=registry)
    return generate_latest(registry)


def may_read(request: Request, settings: Settings) -> bool:
    """With the token from anywhere; without one from this machine only, and not through something on it."""
    token = settings.metrics_token.get_secret_value()
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer":
        return hmac.compare_digest(shown.strip().encode(), token.encode())
    local = request.client is not None and is_loopback(request.client.host)
    named = is_loopback(request.url.hostname or "")
    return local and named and not any(name in request.headers for name in FORWARDED)


class OfCalls(Collector):
    """The calls of this process, read when they are asked for."""

    def __init__(self, extensions: "Extensions", tasks: int) -> None:
        self._extensions, self._tasks = extensions, tasks

    def collect(self) -> Iterator[Metric]:
        extensions = self._extensions
        calls, tallies = extensions.calls, extensions.calls.tallies
        yield _gauge("build_info", "This program.", [((dalpak.__version__,), 1)], "version")
        yield _gauge("live_calls", "Conversations going on.", one(len(calls.live)))
        yield _gauge(
            "live_calls_max", "At so many, new ones are refused.", one(calls.kit.max_live_calls)
        )
        lag = "Event-loop lag, 95 % of ten seconds: past MAX_LOOP_LAG_MS new calls are refused."
        yield _gauge("loop_lag_p95_seconds", lag, one(calls.lag.p95_ms / 1000))
        rare = "Event-loop lag that one moment in a thousand exceeds, of the last minute."
        yield _gauge("loop_lag_p999_seconds", rare, one(calls.lag.p999_ms / 1000))
        worst = "The worst event-loop lag since the process began."
        yield _gauge("loop_lag_worst_seconds", worst, one(calls.lag.worst_ms / 1000))
        running = "Tasks on the event loop: as many as before once the calls are over."
        yield _gauge("tasks", running, one(self._tasks))
        yield _gauge("draining", "1 from the first SIGTERM on.", one(extensions.drain.draining))
        yield _gauge("agent_builds", "Must be 1 (SPEC B1).", one(agent_factory.BUILDS))
        begun = [((transport,), count) for transport, count in tallies.calls.items()]
        yield _counter("calls", "Conversations begun.", begun, "transport")
        ended = [((str(reason),), count) for reason, count in calls.ended.items()]
        yield _counter("calls_ended", "Conversations ended.", ended, "reason")
        yield _counter("faults_contained", "Exceptions that a call survived.", one(calls.faults))
        abandoned = one(calls.tasks_abandoned)
        yield _counter("tasks_abandoned", "Tasks that did not end with their call.", abandoned)
        yield from _of_turns(tallies)


def _of_turns(tallies: Tallies) -> Iterator[Metric]:
    yield _counter("turns", "Turns recorded.", one(tallies.turns))
    yield _counter("turns_interrupted", "Turns that the caller cut.", one(tallies.interrupted))
    yield _counter("turns_late", "Turns with a frame 20 ms late or more.", one(tallies.late))
    yield _latency(tallies)
    tools = [((tool, str(ok).lower()), count) for (tool, ok), count in tallies.tool_calls.items()]
    yield _counter("tool_calls", "Calls of tools.", tools, "tool", "ok")
    yield _counter("bookings", "Appointments committed in calls.", one(tallies.bookings))
    failures = tallies.failures.items()
    words = "Of providers in calls, whether or not another one caught it."
    yield _counter("provider_failures", words, failures, "port", "reason")
    seconds = [((port,), count) for port, count in tallies.replacements.items()]
    words = "What a second provider did, or the built-in agent for a model."
    yield _counter("provider_replacements", words, seconds, "port")
    lost = one(tallies.records_lost)
    yield _counter("records_lost", "Turns and traces that the database did not take.", lost)


def _latency(tallies: Tallies) -> Metric:
    family = HistogramMetricFamily(
        f"{PREFIX}_turn_latency_seconds",
        "The marks of a turn (SPEC H2), from the caller's last word where that is what counts.",
        labels=["mark"],
    )
    for mark, histogram in tallies.marks.items():
        family.add_metric([mark.removesuffix("_ms")], _buckets(histogram), histogram.sum_ms / 1000)
    return family


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    bounds = [*(str(ms / 1000) for ms in BOUNDS_MS), "+Inf"]
    return [*zip(bounds, map(float, accumulate(histogram.counts)), strict=True)]


Rows = Iterable[tuple[tuple[str, ...], float]]


def one(number: float) -> Rows:
    """A row of a metric without labels."""
    return [((), number)]


def _gauge(name: str, words: str, rows: Rows, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _counter(name: str, words: str, rows: Rows, *labels: str) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


ROUTES: list[BaseRoute] = [Route("/metrics", metrics)]
