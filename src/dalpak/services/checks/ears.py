"""The ears: a Hebrew sentence is really sent to the speech recognition, in the pace of speech, and its final awaited.

The sentence is spoken by the embedded voice, or else by the configured one. Whether the words are right is not
judged here: a synthetic voice is no caller.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.errors import ConfigError, ProviderError
from dalpak.language.registry import language
from dalpak.ports.stt import SpeechToText, Transcript
from dalpak.ports.tts import TextToSpeech
from dalpak.services import registry
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.provider import FAULTS, Provider, failed
from dalpak.services.tts.espeak import EspeakTts

NAME = "ears"
FALLBACK = "second ears"
LANGUAGE = "he"
SENTENCE = "goodbye"
PIECE_S = 0.1
PIECE_BYTES = 800
"""A tenth of a second, as calls send it."""
SPEECH_PIECES = 30
QUIET = bytes([SILENCE_BYTE]) * PIECE_BYTES
REFUSAL_S = 0.5
FINAL_S = 4.0
SPEAKING_S = 3.0

OTHER = Provider(
    title="speech recognition",
    keys="set STT_PROVIDER",
    quota="set STT_PROVIDER",
    choice="set STT_PROVIDER",
)


Instead = Callable[[Installation, str], Awaitable[Finding]]
"""Given the place and the line's title."""


class EarsCheck:
    """`providers`: how to mend each one, by its registered name. `instead`: those that are looked at in another way."""

    def __init__(
        self, providers: Mapping[str, Provider], instead: Mapping[str, Instead] | None = None
    ) -> None:
        self._providers, self._instead = providers, instead or {}

    async def __call__(self, place: Installation) -> Sequence[Finding]:
        first, second = place.settings.stt_provider, place.settings.stt_second
        if first == registry.NOBODY:
            return [
                Finding(
                    NAME,
                    State.OK,
                    "none: telephone callers book by keypad, typed text works everywhere",
                )
            ]
        names = [(NAME, first, True)]
        if second not in {registry.NOBODY, first}:
            names.append((FALLBACK, second, False))
        speech = await sentence(place)
        return list(await asyncio.gather(*(self._try(place, speech, *one) for one in names)))

    async def _try(
        self, place: Installation, speech: bytes, title: str, name: str, only: bool
    ) -> Finding:
        try:
            if name not in registry.STT:
                setting = "STT_PROVIDER" if only else "STT_SECOND"
                raise ConfigError(setting, name, "one of " + ", ".join(sorted(registry.STT)))
            if name in self._instead:
                return await self._instead[name](place, title)
            # In a thread: an SDK takes a second to import, and the other checks go on meanwhile.
            stt = await asyncio.to_thread(registry.STT[name], place.settings)
            if stt is None:
                return Finding(title, State.OK, "none")
            try:
                return await hear(place, stt, speech, title)
            finally:
                await stt.aclose()
        except FAULTS as fault:
            about = self._providers.get(name, OTHER)
            return await failed(title, about, place.settings, fault, only=only)


async def sentence(place: Installation) -> bytes:
    """A spoken sentence, mu-law; empty when nothing here can speak."""
    settings = place.settings
    embedded = EspeakTts.installed(settings.espeak_program)
    name = "espeak" if embedded else settings.tts_provider
    voice: TextToSpeech | None = None
    he = language(LANGUAGE)
    try:
        async with asyncio.timeout(SPEAKING_S):
            voice = registry.TTS[name](settings)
            chunks = voice.synthesize(he.phrase(SENTENCE), locale=he.locale)
            return b"".join([chunk async for chunk in chunks])
    except (KeyError, *FAULTS):
        return b""
    finally:
        if voice is not None:
            with suppress(ProviderError, TimeoutError):
                await voice.aclose()


class _Told:
    """What a stream told."""

    def __init__(self) -> None:
        self.words = ""
        self.lost = ""
        self.over = asyncio.Event()

    async def within(self, seconds: float) -> None:
        """Wait for the end, but not longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()

    def transcript(self, heard: Transcript) -> None:
        self.words = heard.text or self.words
        if heard.final and heard.text.strip():
            self.over.set()

    def gone(self, reason: str) -> None:
        self.lost = reason
        self.over.set()


async def hear(place: Installation, stt: SpeechToText, speech: bytes, title: str) -> Finding:
    """Raises ProviderError when the stream cannot be opened or breaks."""
    clock, told = place.clock, _Told()
    he = language(LANGUAGE)
    began = clock.monotonic_ms()
    stream = await stt.open(
        locale=he.locale, hints=(), on_transcript=told.transcript, on_lost=told.gone
    )
    opened_ms = clock.monotonic_ms() - began
    try:
        # Refused at once (a key, a quota): audio on its way would only hide the reason.
        await told.within(REFUSAL_S)
        for piece in _pieces(speech):
            if told.lost:
                break
            stream.feed(piece)
            await clock.sleep(PIECE_S)
        stream.finalize()
        asked = clock.monotonic_ms()
        await told.within(FINAL_S)
        final_ms = clock.monotonic_ms() - asked
    finally:
        await stream.aclose()
    if told.lost:
        raise ProviderError(told.lost)
    limit = place.settings.stt_timeout_ms
    if not told.over.is_set():
        if not speech:
            return Finding(
                title,
                State.OK,
                f"{stt.name}: opens in {opened_ms} ms (nothing here can speak to it)",
            )
        return Finding(
            title,
            State.WARNING,
            f"{stt.name}: takes the audio but gave no final within {FINAL_S:g} s",
            f"calls go on with the last partial after STT_TIMEOUT_MS={limit}; check model and language",
            opened_ms,
        )
    heard = f"{stt.name}: {len(told.words.split())} words, final {final_ms} ms after the last sound"
    if final_ms > limit:
        heard += f" (calls take the last partial after STT_TIMEOUT_MS={limit})"
    return Finding(title, State.OK, heard, "", final_ms)


def _pieces(speech: bytes) -> list[bytes]:
    """At most three seconds, with a little quiet before; finals are asked for as soon as the speech ends."""
    cut = [speech[at : at + PIECE_BYTES] for at in range(0, len(speech), PIECE_BYTES)]
    return [QUIET, QUIET, *cut[:SPEECH_PIECES]]
