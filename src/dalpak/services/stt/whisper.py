"""Speech-to-text on our own machine: faster-whisper with a Hebrew model. Finals only, an utterance at a time.

The model works in threads of its own, off the loop, for all calls together; how many utterances may wait is bounded.
Where an utterance ends is told by `finalize`, or by quiet. The library is imported when the model is loaded.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from dalpak.call.mulaw import FRAME_BYTES, SAMPLE_RATE_HZ, decode, energy
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.stt import SttStream, Transcript
from dalpak.services.tasks import Tasks

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

LOUD = 300.0
"""Energy of a frame that may be a voice."""
ENDPOINT_MS = 700
"""Quiet after a voice that ends an utterance unasked."""
PRE_ROLL_BYTES = 300 * SAMPLE_RATE_HZ // 1000
"""Of the quiet before a voice: words begin softly."""
UTTERANCE_BYTES = 28 * SAMPLE_RATE_HZ
"""The model hears 30 s at once; who speaks longer is cut there."""
HINTS_MAX = 40
TOKENS_MAX = 128
"""Of one utterance; a model that repeats itself is stopped."""
FRAME_MS = 1000 * FRAME_BYTES // SAMPLE_RATE_HZ

NOT_LOADED = (ImportError, OSError, RuntimeError, ValueError)
"""No library, no such model, no memory or no such device, a damaged model."""
NOT_HEARD = (OSError, RuntimeError, ValueError)

_log = get_logger(__name__)


class Transcriber(Protocol):
    """What turns a whole utterance into words. Both methods block and are called in worker threads."""

    def load(self) -> None:
        """Once is enough; raises one of NOT_LOADED."""
        ...

    def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        """`audio`: 8 kHz mu-law. Raises one of NOT_HEARD."""
        ...


class WhisperModelFile:
    """`Transcriber` by faster-whisper: a folder with a CTranslate2 model, or a name on the Hugging Face hub."""

    def __init__(
        self, model: str, *, device: str, compute_type: str, threads: int, workers: int
    ) -> None:
        self._options: dict[str, Any] = {
            "model_size_or_path": model,
            "device": device,
            "compute_type": compute_type,
            "cpu_threads": threads,
            "num_workers": workers,
        }
        self._lock = threading.Lock()
        self._model: Any = None

    def load(self) -> None:
        with self._lock:
            if self._model is None:
                from faster_whisper import WhisperModel  # type: ignore[import-untyped]

                self._model = WhisperModel(**self._options)

    def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        segments, _ = self._model.transcribe(
            samples(audio),
            language=language,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
            max_new_tokens=TOKENS_MAX,
            hotwords=" ".join(hints[:HINTS_MAX]) or None,
        )
        return " ".join(segment.text.strip() for segment in segments).strip()


def samples(audio: bytes) -> "NDArray[float32]":
    """8 kHz mu-law to what the model hears: 16 kHz, -1 to 1. Nothing is above 4 kHz, before or after."""
    import numpy

    heard = numpy.frombuffer(decode(audio), dtype="<i2").astype(numpy.float32) / 32_768
    twice = numpy.zeros(2 * len(heard), dtype=numpy.float32)
    twice[::2] = heard
    at = numpy.arange(-15, 16)
    low_pass = numpy.sinc(at / 2) * numpy.hamming(len(at))
    return numpy.convolve(twice, low_pass, mode="same").astype(numpy.float32)


class WhisperStt:
    """`SpeechToText`. One model and one pool of threads for the process."""

    name = "whisper"

    def __init__(self, model: Transcriber, *, workers: int, queue: int) -> None:
        """`queue`: utterances that may wait while all workers are busy."""
        self._model = model
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="whisper")
        self._room = workers + queue
        self._loading: asyncio.Future[None] | None = None

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        """Waits for the model if it is still being loaded."""
        await self._load()
        hear = partial(self.transcribe, language=locale.split("-")[0], hints=tuple(hints))
        return WhisperStream(hear, on_transcript, on_lost)

    async def warm_up(self) -> None:
        try:
            await self._load()
        except ProviderError as fault:
            _log.warning("STT_NOT_READY", provider=self.name, code=fault.code, why=fault.detail)

    async def _load(self) -> None:
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(self._pool, self._model.load)
        loading = self._loading
        try:
            await asyncio.shield(loading)
        except NOT_LOADED as e:
            self._loading = None
            raise ProviderError("stt_no_model", f"{type(e).__name__}: {e}", False) from None

    async def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        """Raises ProviderError, "stt_busy" when too many wait already."""
        if self._room <= 0:
            raise ProviderError("stt_busy", "too many utterances are waiting")
        self._room -= 1
        work = partial(self._model.transcribe, audio, language=language, hints=hints)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except NOT_HEARD as e:
            raise ProviderError("stt_fault", type(e).__name__) from e
        finally:
            self._room += 1

    async def aclose(self) -> None:
        """A transcription that runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class WhisperStream:
    """`SttStream`: gathers an utterance, has it transcribed, tells it. Utterances of a call keep their order."""

    def __init__(
        self,
        hear: Callable[[bytes], Any],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._hear = hear
        self._on_transcript, self._on_lost = on_transcript, on_lost
        self._tasks = Tasks("whisper")
        self._turn = asyncio.Lock()
        self._rest = b""
        self._audio = bytearray()
        self._voiced = False
        self._quiet_ms = 0
        self._open = True

    def feed(self, audio: bytes) -> None:
        if not self._open:
            return
        data = self._rest + audio
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        self._rest = data[whole:]
        for at in range(0, whole, FRAME_BYTES):
            self._frame(data[at : at + FRAME_BYTES])

    def _frame(self, frame: bytes) -> None:
        self._audio += frame
        if energy(frame) > LOUD:
            self._voiced, self._quiet_ms = True, 0
        else:
            self._quiet_ms += FRAME_MS
        if not self._voiced:
            del self._audio[:-PRE_ROLL_BYTES]
        elif self._quiet_ms >= ENDPOINT_MS or len(self._audio) >= UTTERANCE_BYTES:
            self.finalize()

    def finalize(self) -> None:
        """Quiet alone is not an utterance: nothing comes of it."""
        if not self._open or not self._voiced:
            return
        audio = bytes(self._audio) + self._rest
        self._audio.clear()
        self._rest, self._voiced = b"", False
        self._tasks.spawn(self._transcribe(audio), name="transcribe")

    async def _transcribe(self, audio: bytes) -> None:
        try:
            async with self._turn:
                text = await self._hear(audio)
        except ProviderError as fault:
            if fault.code == "stt_busy":
                _log.warning("STT_BUSY", provider="whisper")
            else:
                self._lose(fault.code)
            return
        if self._open and text:
            self._on_transcript(Transcript(text, final=True))

    def _lose(self, reason: str) -> None:
        if self._open:
            self._open = False
            self._on_lost(reason)

    async def aclose(self) -> None:
        """A transcription that was begun ends unheard."""
        self._open = False
        await self._tasks.aclose()
