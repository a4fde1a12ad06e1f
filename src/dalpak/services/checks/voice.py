"""The voice: a sentence is really synthesised, by the adapter that calls use, with the settings that calls use."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.errors import ConfigError, ProviderError
from dalpak.language.registry import language
from dalpak.services import registry
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.provider import FAULTS, Provider, failed
from dalpak.services.tts.espeak import EspeakTts
from dalpak.services.tts.silent import SilentTts

NAME = "voice"
FALLBACK = "second voice"
SENTENCE = "goodbye"
"""A fixed phrase of the language: short, and in nobody's name."""
LANGUAGE = "he"
EMBEDDED = frozenset({"espeak", "silent"})
SYNTHESIS_S = 6.0

OWN = Provider(
    title="the embedded voice",
    keys="set TTS_PROVIDER",
    quota="set TTS_PROVIDER",
    choice="set ESPEAK_VOICE to a voice that `espeak-ng --voices` lists",
)


class VoiceCheck:
    """`providers`: how to mend each voice that is not embedded, by its registered name."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    async def __call__(self, place: Installation) -> Sequence[Finding]:
        first, second = place.settings.tts_provider, place.settings.tts_second
        names = [(NAME, first, True)]
        if second not in {registry.NOBODY, first}:
            names.append((FALLBACK, second, False))
        return list(await asyncio.gather(*(self._try(place, *one) for one in names)))

    async def _try(self, place: Installation, title: str, name: str, only: bool) -> Finding:
        about = self._providers.get(name, OWN)
        try:
            if name not in registry.TTS:
                setting = "TTS_PROVIDER" if only else "TTS_SECOND"
                raise ConfigError(setting, name, "one of " + ", ".join(sorted(registry.TTS)))
            return await self._synthesise(place, title, name)
        except FAULTS as fault:
            return await failed(title, about, place.settings, fault, only=only)

    async def _synthesise(self, place: Installation, title: str, name: str) -> Finding:
        if name == "espeak" and not EspeakTts.installed(place.settings.espeak_program):
            return Finding(
                title,
                State.WARNING,
                f"{place.settings.espeak_program} is not installed: callers hear tones, no words",
                "install it (apt-get install espeak-ng), or set TTS_PROVIDER to a cloud voice",
            )
        # In a thread: an SDK takes a second to import, and the other checks go on meanwhile.
        voice = await asyncio.to_thread(registry.TTS[name], place.settings)
        if isinstance(voice, SilentTts):
            return Finding(
                title, State.WARNING, "no voice: callers hear tones, no words", "set TTS_PROVIDER"
            )
        he = language(LANGUAGE)
        began = place.clock.monotonic_ms()
        first_ms, size = None, 0
        try:
            async with asyncio.timeout(SYNTHESIS_S):
                async for chunk in voice.synthesize(he.phrase(SENTENCE), locale=he.locale):
                    if first_ms is None:
                        first_ms = place.clock.monotonic_ms() - began
                    size += len(chunk)
        finally:
            with suppress(ProviderError, TimeoutError):
                await voice.aclose()
        if not size:
            raise ProviderError("tts_empty")
        spoken = f"{voice.name}, {voice.voice}: {size / SAMPLE_RATE_HZ:.1f} s of speech"
        if name in EMBEDDED:
            spoken += " (embedded, a demo voice: understandable, robotic)"
        return Finding(
            title, State.OK, f"{spoken}, the first of it after {first_ms} ms", "", first_ms
        )
