"""The least that any server of this kind must do: frames in, and a tone out at 20 ms, paced.

No providers, no conversation: raw ASGI on the same server and the same WebSocket implementation as
the product. What the product costs beyond this is its own.
"""

import asyncio
import math
import sys
from struct import pack

import msgspec
import uvicorn

from dalpak.call.mulaw import FRAME_BYTES, encode
from dalpak.clock import SystemClock
from dalpak.telephony.twilio import encode_media

LEAD_FRAMES = 10
TONE = [
    encode(
        b"".join(
            pack("<h", int(8_000 * math.sin(math.tau * 400 * (k * FRAME_BYTES + n) / 8_000)))
            for n in range(FRAME_BYTES)
        )
    )
    for k in range(20)
]


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    pacing = None
    while (message := await receive())["type"] == "websocket.receive":
        frame = msgspec.json.decode(message["text"])
        if frame["event"] == "start":
            pacing = asyncio.ensure_future(pace(send, frame["streamSid"]))
    if pacing is not None:
        pacing.cancel()


async def pace(send, sid: str) -> None:  # type: ignore[no-untyped-def]
    clock = SystemClock()
    began, sent = clock.monotonic_ms(), 0
    while True:
        due = began + (sent - LEAD_FRAMES) * 20
        await clock.sleep(max(0, due - clock.monotonic_ms()) / 1000)
        await send({"type": "websocket.send", "text": encode_media(sid, TONE[sent % len(TONE)])})
        sent += 1


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), log_level="warning", loop="uvloop", ws="websockets-sansio",
        ws_per_message_deflate=False, lifespan="off",
    )  # fmt: skip
