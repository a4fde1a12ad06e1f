"""The prompt bank: fixed sentences and fragments, rendered ahead and kept in memory as mu-law.

A sentence that is not known whole is put together from its leaves, so that a whole keypad booking
is spoken at once, without the network and without live TTS. What callers say (names) never reaches
the disk: only prompts given at warm-up do. No words of its own: the language brings them.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

from dalpak.call.mulaw import FRAME_BYTES, SAMPLE_RATE_HZ, SILENCE_BYTE, energy
from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.language.base import PUNCTUATION, Spoken
from dalpak.logs import get_logger
from dalpak.ports.tts import TextToSpeech
from dalpak.services.tts.second import EitherTts

CHUNK_BYTES = SAMPLE_RATE_HZ
"""One second at a time, so that a waiting producer holds little."""
LIVE_MAX = 64
"""Sentences from the provider that are remembered, in memory only: a repeated question is free."""
RENDERERS = 2
"""Prompts rendered at once; the provider may be a process on our own core."""
FAILURES_MAX = 5
"""In a row: then the provider is down, and warming up further would only delay the start."""
QUIET = 60.0
"""Energy below which the margins of a rendered prompt are cut off."""
MARGIN_BYTES = 2 * FRAME_BYTES
BETWEEN_WORDS = bytes([SILENCE_BYTE]) * (SAMPLE_RATE_HZ * 20 // 1000)
PAUSES = {
    ",": bytes([SILENCE_BYTE]) * (SAMPLE_RATE_HZ * 120 // 1000),
    ".": bytes([SILENCE_BYTE]) * (SAMPLE_RATE_HZ * 280 // 1000),
    "?": bytes([SILENCE_BYTE]) * (SAMPLE_RATE_HZ * 280 // 1000),
    "!": bytes([SILENCE_BYTE]) * (SAMPLE_RATE_HZ * 280 // 1000),
}

Progress = Callable[[int, int], None]
"""Called with how many prompts are ready, of how many."""


class PromptBank:
    """A `TextToSpeech` in front of another one."""

    def __init__(self, inner: TextToSpeech, *, folder: Path | None, clock: Clock) -> None:
        """`folder` None: nothing is kept on disk."""
        self.name = f"bank:{inner.name}"
        self.voice = inner.voice
        self._inner, self._folder, self._clock = inner, folder, clock
        self._voices = inner.voices if isinstance(inner, EitherTts) else (inner,)
        """Prompts are rendered by the first: the files carry its name. All of them are kept warm."""
        self._audio: dict[Spoken, bytes] = {}
        self._live: OrderedDict[Spoken, bytes] = OrderedDict()
        self._own: set[Spoken] = set()
        """Leaves of the prompts. One that could not be rendered is a hole, not a caller's name."""
        self._warming = asyncio.Lock()
        self._log = get_logger(__name__)

    # -- asking ----------------------------------------------------------------------------------

    def get(self, spoken: Spoken) -> bytes | None:
        """The audio without waiting: whole, remembered, or put together from leaves; else None."""
        whole = self._audio.get(spoken) or self._live.get(spoken)
        return whole if whole is not None else self._assembled(spoken, names=True)

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        """From the bank, else from the provider; if that fails, the sentence without its names."""
        audio = self.get(spoken)
        if audio is None:
            parts: list[bytes] = []
            try:
                async for chunk in self._inner.synthesize(spoken, locale=locale):
                    parts.append(chunk)
                    yield chunk
            except ProviderError:
                audio = None if parts else self._assembled(spoken, names=False)
                if audio is None:
                    raise
            else:
                self._remember(spoken, b"".join(parts))
                return
        for start in range(0, len(audio), CHUNK_BYTES):
            yield audio[start : start + CHUNK_BYTES]

    def _assembled(self, spoken: Spoken, *, names: bool) -> bytes | None:
        """`names` False leaves out what has only letters: no bank can know a caller's name."""
        if not any(leaf in self._audio for leaf in spoken.parts):
            return None
        pieces: list[bytes] = []
        for leaf in spoken.parts:
            if leaf.text in PUNCTUATION:
                pieces.append(PAUSES[leaf.text])
            elif leaf in self._audio:
                pieces += [self._audio[leaf], BETWEEN_WORDS]
            elif names or leaf.ipa is not None or leaf in self._own:
                return None
        return b"".join(pieces)

    def _remember(self, spoken: Spoken, audio: bytes) -> None:
        self._live[spoken] = audio
        self._live.move_to_end(spoken)
        while len(self._live) > LIVE_MAX:
            self._live.popitem(last=False)

    # -- warming up ------------------------------------------------------------------------------

    async def maybe_warmup(
        self,
        prompts: Mapping[str, Spoken],
        *,
        locale: str,
        progress: Progress | None = None,
    ) -> int:
        """Render what is missing; with nothing missing, one short prompt keeps the provider warm.

        Returns milliseconds taken. A provider that is down is logged and never raised: the bank
        then holds what the disk had.
        """
        async with self._warming:
            began = self._clock.monotonic_ms()
            wanted = list(dict.fromkeys(prompts.values()))
            self._own.update(leaf for spoken in wanted for leaf in spoken.leaves)
            missing = [spoken for spoken in wanted if spoken not in self._audio]
            if missing:
                failed = await self._fill(missing, locale, progress or _no_progress)
                took = self._clock.monotonic_ms() - began
                self._log.info(f"TTS prewarm took {took} ms", prompts=len(wanted), failed=failed)
            else:
                await self._ping(wanted, locale)
                took = self._clock.monotonic_ms() - began
                self._log.info(f"TTS prewarm took {took} ms", ping=True)
            return took

    async def _fill(self, missing: list[Spoken], locale: str, progress: Progress) -> int:
        """Returns how many could not be rendered."""
        self._audio |= await asyncio.to_thread(self._load, missing, locale)
        queue = iter([spoken for spoken in missing if spoken not in self._audio])
        done, failed, in_a_row = len(missing) - len(list(self._unknown(missing))), 0, 0
        progress(done, len(missing))

        async def render() -> None:
            nonlocal done, failed, in_a_row
            for spoken in queue:
                if in_a_row >= FAILURES_MAX:
                    failed += 1
                    continue
                try:
                    audio = await self._render(spoken, locale)
                except ProviderError as e:
                    failed, in_a_row = failed + 1, in_a_row + 1
                    self._log.warning("prompt not rendered", code=e.code, provider=self._inner.name)
                    continue
                in_a_row = 0
                self._audio[spoken] = audio
                done += 1
                progress(done, len(missing))
                if self._folder is not None:
                    await asyncio.to_thread(self._save, spoken, locale, audio)

        async with asyncio.TaskGroup() as group:
            for _ in range(RENDERERS):
                group.create_task(render())
        return failed

    def _unknown(self, wanted: Iterable[Spoken]) -> Iterable[Spoken]:
        return (spoken for spoken in wanted if spoken not in self._audio)

    async def _render(self, spoken: Spoken, locale: str) -> bytes:
        renderer = self._voices[0]
        audio = b"".join([chunk async for chunk in renderer.synthesize(spoken, locale=locale)])
        if not audio:
            raise ProviderError("tts_empty", "the provider gave no audio")
        return trimmed(audio)

    async def _ping(self, prompts: list[Spoken], locale: str) -> None:
        if not prompts:
            return
        shortest = min(prompts, key=lambda spoken: len(spoken.text))
        for voice in self._voices:
            try:
                async for _ in voice.synthesize(shortest, locale=locale):
                    pass
            except ProviderError as e:
                self._log.warning("TTS ping failed", code=e.code, provider=voice.name)

    # -- disk ------------------------------------------------------------------------------------

    def _path(self, spoken: Spoken, locale: str) -> Path:
        assert self._folder is not None
        about = (self._inner.name, self.voice, locale, spoken.text, spoken.ipa or "")
        return self._folder / (hashlib.sha256("\0".join(about).encode()).hexdigest() + ".ulaw")

    def _load(self, wanted: Iterable[Spoken], locale: str) -> dict[Spoken, bytes]:
        """Every intact file; one that was cut short or altered is rendered again."""
        found: dict[Spoken, bytes] = {}
        if self._folder is None or not self._folder.is_dir():
            return found
        for spoken in wanted:
            try:
                stored = self._path(spoken, locale).read_bytes()
            except OSError:
                continue
            digest, audio = stored[:32], stored[32:]
            if audio and hashlib.sha256(audio).digest() == digest:
                found[spoken] = audio
        return found

    def _save(self, spoken: Spoken, locale: str, audio: bytes) -> None:
        """Written beside and renamed; a full disk costs the cache, never a call."""
        path = self._path(spoken, locale)
        beside = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(hashlib.sha256(audio).digest() + audio)
            beside.replace(path)
        except OSError as e:
            self._log.warning("prompt not saved", error=e.strerror)

    async def aclose(self) -> None:
        await self._inner.aclose()


def trimmed(audio: bytes) -> bytes:
    """Without the quiet before and after the words; joined prompts would limp with it."""
    frames = range(0, len(audio), FRAME_BYTES)
    loud = [at for at in frames if energy(audio[at : at + FRAME_BYTES]) > QUIET]
    if not loud:
        return audio
    start = max(0, loud[0] - MARGIN_BYTES)
    return audio[start : loud[-1] + FRAME_BYTES + MARGIN_BYTES]


def _no_progress(ready: int, total: int) -> None:
    del ready, total
