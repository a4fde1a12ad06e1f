"""Azure's text-to-speech REST call on a loopback port: mu-law in pieces, as it is made, and what can go wrong with it.

The sound is a coded voice, so that a test can tell what was said. HTTP itself is provider_http.py's.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from enum import StrEnum
from xml.etree import ElementTree

from dalpak.call.mulaw import SAMPLE_RATE_HZ, decode
from dalpak.clock import Clock, SystemClock
from dalpak.simulator.coded_voice import WORD_MS, coded_voice
from dalpak.simulator.latency import NONE, Latency
from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply

PATH = "/cognitiveservices/v1"
FORMAT = "raw-8khz-8bit-mono-mulaw"
API_KEY = "simulated-key"
PIECE_BYTES = SAMPLE_RATE_HZ // 4
SLOW_S = 3.0
SPEAK = "{http://www.w3.org/2001/10/synthesis}"


class AzureFault(StrEnum):
    """What befalls one sentence."""

    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    DOWN = "down"
    SILENT = "silent"
    """The request is taken, and never answered."""
    STALL = "stall"
    """The first piece comes, and no other."""
    SLOW = "slow"
    RESET = "reset"
    """Cut before the answer."""
    HALF = "half"
    """Cut in the middle of the body."""
    EMPTY = "empty"
    ENDLESS = "endless"
    PCM = "pcm"
    """16-bit samples at 16 kHz, as if nothing had been asked."""
    WAV = "wav"
    """The right sound behind a header."""
    MP3 = "mp3"


STATUS = {AzureFault.UNAUTHORIZED: 401, AzureFault.QUOTA: 429, AzureFault.DOWN: 503}
CUT = frozenset({AzureFault.HALF, AzureFault.STALL})


class AzureServer(ProviderHttp):
    """`async with` opens it; `url` is for AZURE_TTS_URL. `troubles` befall the next sentences, one each."""

    def __init__(self, *, first: Latency = NONE, seed: int = 0, clock: Clock | None = None) -> None:
        """`first`: until the first piece of a sentence."""
        super().__init__()
        self.troubles: deque[AzureFault | None] = deque()
        self.said: list[str] = []
        self.word_ms = WORD_MS
        """How slowly it speaks."""
        self._first, self._rng = first, random.Random(seed)
        self._clock = clock or SystemClock()

    async def answer(self, asked: Asked) -> Reply:
        """What is wrong with the request, as they say it; 200 when nothing is."""
        if asked.headers.get("ocp-apim-subscription-key") != API_KEY:
            return Reply(401, b"")
        if asked.path != PATH or asked.method != "POST":
            return Reply(404, b"")
        if not asked.headers.get("user-agent"):
            return Reply(400, b"no user agent")
        if asked.headers.get("content-type") != "application/ssml+xml":
            return Reply(415, b"")
        if asked.headers.get("x-microsoft-outputformat") != FORMAT:
            return Reply(400, b"unsupported output format")
        return Reply(200, b"")

    def api_fault(self) -> Reply:
        return Reply(500, b"")

    async def _respond(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        trouble = self.troubles.popleft() if self.troubles else None
        words = _words_of(asked.body)
        status = (await self.answer(asked)).status
        if status == 200 and words is None:
            status = 400
        if trouble is not None:
            status = STATUS.get(trouble, status)
        if status != 200:
            writer.write(f"HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()
            return True
        return await self._speak(words or "", trouble, writer)

    async def _speak(
        self, words: str, trouble: AzureFault | None, writer: asyncio.StreamWriter
    ) -> bool:
        """True while the connection stays open."""
        self.said.append(words)
        if trouble is AzureFault.SILENT:
            await self._closing.wait()
            return False
        if trouble is AzureFault.RESET:
            writer.transport.abort()
            return False
        await self._clock.sleep(
            self._first.draw_s(self._rng) + (SLOW_S if trouble is AzureFault.SLOW else 0)
        )
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: audio/basic\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        async for piece in self._pieces(words, trouble):
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        if trouble is AzureFault.STALL:
            await self._closing.wait()
        if trouble in CUT:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _pieces(self, words: str, trouble: AzureFault | None) -> AsyncIterator[bytes]:
        audio = _sound(words, self.word_ms, trouble)
        while True:
            for at in range(0, len(audio), PIECE_BYTES):
                yield audio[at : at + PIECE_BYTES]
                if trouble in CUT:
                    return
            if trouble is not AzureFault.ENDLESS:
                return
            await self._clock.sleep(0)


def _words_of(body: bytes) -> str | None:
    """None: the SSML is not one that they take."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    voice = root.find(f"{SPEAK}voice")
    if root.tag != f"{SPEAK}speak" or voice is None or not voice.get("name"):
        return None
    return "".join(voice.itertext())


def _sound(words: str, word_ms: int, trouble: AzureFault | None) -> bytes:
    audio = coded_voice(words, word_ms)
    match trouble:
        case AzureFault.EMPTY:
            return b""
        case AzureFault.PCM:
            return decode(audio)
        case AzureFault.MP3:
            return b"ID3\x04" + bytes(2_000)
        case AzureFault.WAV:
            rate = SAMPLE_RATE_HZ.to_bytes(4, "little")
            form = b"\x07\x00\x01\x00" + rate + rate + b"\x01\x00\x08\x00"
            size = len(audio).to_bytes(4, "little")
            return (
                b"RIFF" + (36 + len(audio)).to_bytes(4, "little") + b"WAVE"
                b"fmt \x10\x00\x00\x00" + form + b"data" + size + audio
            )
        case _:
            return audio
