"""What a caller who arrives costs those who talk: part of `make bench`.

The whole app in this process: webhook, media socket, session, the greeting's first frames; only the network is left
out. For each arrival it is noted for how long any one callback held the event loop (it must be less than 10 ms:
nobody else is served meanwhile), and over the cap how soon the busy message is there (300 ms).
"""

import asyncio
import gc
import json
import tempfile
import time
from asyncio.events import Handle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from fastapi import FastAPI
from figures import spread
from twilio.request_validator import RequestValidator

from dalpak.app_factory import create_app
from dalpak.config import Settings
from dalpak.extensions import Extensions, build_extensions, prompts_of
from dalpak.language.he.demo_salon import PHONE
from dalpak.language.registry import language
from dalpak.logs import configure_logging

ARRIVALS = 60
WARM = 10
HELD_BAR_MS, BUSY_BAR_MS = 10.0, 300.0
TOKEN, PUBLIC = "bench", "https://voice.example.com"
FIRST_FRAMES = 10
"""The greeting's lead: then the caller has arrived."""
ACCOUNT = "AC" + "0" * 32
SIGNER = RequestValidator(TOKEN)


@contextmanager
def longest() -> Iterator[list[float]]:
    """The longest time in ms for which one callback held the loop while this is open, and its work alone: on a busy
    machine the first is other processes' too.
    """
    run, worst = Handle._run, [0.0, 0.0]

    def timed(handle: Handle) -> None:
        began, worked = time.perf_counter(), time.thread_time()
        run(handle)
        worst[0] = max(worst[0], (time.perf_counter() - began) * 1000)
        worst[1] = max(worst[1], (time.thread_time() - worked) * 1000)

    Handle._run = timed  # type: ignore[method-assign]
    try:
        yield worst
    finally:
        Handle._run = run  # type: ignore[method-assign]


def headers(url: str, form: dict[str, str]) -> list[tuple[bytes, bytes]]:
    signed = SIGNER.compute_signature(url, form).encode()
    kind = b"application/x-www-form-urlencoded"
    return [(b"host", b"127.0.0.1"), (b"content-type", kind), (b"x-twilio-signature", signed)]


def scope_of(kind: str, path: str, url: str, form: dict[str, str]) -> dict[str, Any]:
    return {
        "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": headers(url, form), "client": ("127.0.0.1", 1), "server": ("x", 80),
        "state": {},
    }  # fmt: skip


async def ring(app: FastAPI, call_sid: str) -> str:
    """The webhook's TwiML."""
    form = {"CallSid": call_sid, "AccountSid": ACCOUNT, "From": "+972501234567", "To": PHONE}
    path, told = "/voice/incoming", list[bytes]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": urlencode(form).encode(), "more_body": False}

    async def send(message: Any) -> None:
        told.append(message.get("body", b""))

    await app(scope_of("http", path, PUBLIC + path, form), receive, send)
    return b"".join(told).decode()


async def talk(app: FastAPI, call_sid: str, twiml: str, arrived: asyncio.Event) -> None:
    """The media socket until the greeting is on its way; then the caller hangs up."""
    token = ElementTree.fromstring(twiml).find(".//Parameter").get("value")  # type: ignore[union-attr]
    start = {
        "accountSid": ACCOUNT, "streamSid": "MZ1", "callSid": call_sid, "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": token},
    }  # fmt: skip
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    text = json.dumps({"event": "start", "streamSid": "MZ1", "start": start})
    inbox.put_nowait({"type": "websocket.receive", "text": text})
    frames = 0

    async def send(message: Any) -> None:
        nonlocal frames
        frames += '"media"' in message.get("text", "")
        if frames == FIRST_FRAMES and not arrived.is_set():
            arrived.set()
            inbox.put_nowait(
                {"type": "websocket.receive", "text": '{"event":"stop","streamSid":"MZ1"}'}
            )

    url = PUBLIC.replace("https", "wss") + "/ws/twilio"
    await app(scope_of("websocket", "/ws/twilio", url, {}), inbox.get, send)


async def arrive(app: FastAPI, number: int) -> list[float]:
    """The longest stretch of one arrival, in ms, and its work."""
    arrived, call_sid = asyncio.Event(), f"CA{number:032x}"
    with longest() as worst:
        talking = asyncio.ensure_future(talk(app, call_sid, await ring(app, call_sid), arrived))
        await arrived.wait()
    await talking
    return worst


async def refused(app: FastAPI, extensions: Extensions, number: int) -> float:
    """How soon a caller over the cap has the answer, in ms."""
    with full(extensions):
        began = time.perf_counter()
        answer = await ring(app, f"CB{number:032x}")
        took = (time.perf_counter() - began) * 1000
    assert "<Hangup" in answer, answer
    return took


@contextmanager
def full(extensions: Extensions) -> Iterator[None]:
    """Every place is held."""
    places = [extensions.calls.reserve() for _ in range(extensions.settings.max_live_calls)]
    for place in places:
        place.__enter__()
    yield
    for place in places:
        place.__exit__(None, None, None)


class Mute:
    """In the place of the log: sixty refusals are no news here."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


async def measure(folder: Path) -> tuple[list[list[float]], list[float]]:
    settings = Settings(
        _env_file=None, data_dir=folder, flows_enabled=False, seed_demo=True, twilio_auth_token=TOKEN,
        public_base_url=PUBLIC, max_pending_per_ip=1_000, max_pending_sockets=1_000,
    )  # type: ignore[call-arg]  # fmt: skip
    app = create_app(settings, build=partial(build_extensions, serving=False))
    async with app.router.lifespan_context(app):
        extensions: Extensions = app.state.extensions
        for code, prompts in (await prompts_of(extensions.store)).items():
            await extensions.bank.maybe_warmup(prompts, locale=language(code).locale)
        for number in range(WARM):
            await arrive(app, number)
        extensions.log = Mute()
        gc.collect()
        gc.freeze()
        held = [await arrive(app, WARM + number) for number in range(ARRIVALS)]
        busy = [await refused(app, extensions, number) for number in range(ARRIVALS)]
    return held, busy


def main() -> None:
    configure_logging(debug=False, quiet=True)
    with tempfile.TemporaryDirectory() as name:
        held, busy = asyncio.run(measure(Path(name)))
    print(
        f"\n| {ARRIVALS} callers, one after the other | p50 ms | p95 ms | most ms | |\n|---|---|---|---|---|"
    )
    rows = (
        ("one arrives: longest hold of the loop", [wall for wall, _ in held], HELD_BAR_MS),
        ("the same, in CPU time", [cpu for _, cpu in held], HELD_BAR_MS),
        ("one is refused: the busy message", busy, BUSY_BAR_MS),
    )
    for what, values, bar in rows:
        f = spread(values)
        verdict = "ok" if (f.p95 or 0) < bar else "OVER"
        print(f"| {what} | {f.p50} | {f.p95} | {f.most} | < {bar:.0f} ms: {verdict} |")


if __name__ == "__main__":
    main()
