"""Sentences to audio: from the prompt bank at once, else from the TTS provider, chunk by chunk.

Every await has a deadline; a provider that fails or is silent becomes SpeechFailed. When the core has enough audio
the provider waits (backpressure): seconds of speech are never poured out.
"""

import asyncio
from collections.abc import Callable

from dalpak.call.inputs import AudioReady, Input, SpeechFailed
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.ports.tts import TextToSpeech
from dalpak.runtime.supervise import Supervisor


class Speaker:
    """`voice` None: a line that shows text only; a speech is complete as soon as it is shown."""

    def __init__(
        self,
        *,
        voice: TextToSpeech | None,
        locale: str,
        timeout_s: float,
        supervisor: Supervisor,
        hear: Callable[[Input], None],
        has_room: Callable[[], bool],
    ) -> None:
        self._voice, self._locale, self._timeout_s = voice, locale, timeout_s
        self._supervisor, self._hear, self._has_room = supervisor, hear, has_room
        self._room = asyncio.Event()
        self._room.set()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def speak(self, speech: int, spoken: Spoken) -> None:
        if self._voice is None:
            self._hear(AudioReady(speech, b"", last=True))
            return
        task = self._supervisor.spawn(
            self._synthesize(self._voice, speech, spoken),
            name=f"tts:{speech}",
            on_fault=lambda fault: self._hear(SpeechFailed(speech, _reason(fault))),
        )
        self._tasks[speech] = task
        task.add_done_callback(lambda _: self._tasks.pop(speech, None))

    def cancel(self, speech: int) -> None:
        task = self._tasks.pop(speech, None)
        if task is not None:
            task.cancel()

    def room_changed(self) -> None:
        """The core has moved: a waiting producer looks again."""
        if not self._room.is_set() and self._has_room():
            self._room.set()

    async def _synthesize(self, voice: TextToSpeech, speech: int, spoken: Spoken) -> None:
        chunks = aiter(voice.synthesize(spoken, locale=self._locale))
        while True:
            try:
                async with asyncio.timeout(self._timeout_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                break
            self._hear(AudioReady(speech, chunk, last=False))
            while not self._has_room():
                self._room.clear()
                await self._room.wait()
        self._hear(AudioReady(speech, b"", last=True))


def _reason(fault: Exception) -> str:
    return fault.code if isinstance(fault, ProviderError) else type(fault).__name__
