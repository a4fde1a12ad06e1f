"""Google Text-to-Speech: Chirp3-HD sentence by sentence as a stream, Wavenet in one piece. Mu-law asked from both.

Every wait has its deadline, and an endless answer is cut. No caching here: the prompt bank stands in front.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from google.cloud import texttospeech_v1 as tts
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport as Transport,
)

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.config import Settings
from dalpak.errors import ProviderError
from dalpak.language.base import PUNCTUATION, Spoken
from dalpak.services.google_channel import (
    FAULTS,
    Endpoint,
    GoogleChannels,
    provider_error,
)
from dalpak.services.resilience import deadline, each_within
from dalpak.services.tts.wav import bare, bearable, whole

SERVICE = "google_tts"
TEXT_MAX_CHARS = 2_000
"""Google takes 5,000 bytes; a Hebrew letter has two, and SSML adds its own."""
LONGEST_S = 60.0
PER_CHARACTER_S = 0.3
"""More than four times as slow as Hebrew is read: what lasts longer has no end."""
_LOCALE = re.compile(r"^[a-z]{2,3}-[A-Z]{2}(?=-)")


def client_of(channel: Any) -> Any:
    return tts.TextToSpeechAsyncClient(transport=Transport(channel=channel))


def voice_in(voice: str, locale: str) -> str:
    """The voice of that name in another language: Google names them alike in each."""
    return _LOCALE.sub(locale, voice)


def ssml(spoken: Spoken) -> str:
    """Letters with their sounds, where we know them."""
    parts: list[str] = []
    for leaf in spoken.leaves:
        text = escape(leaf.text)
        if leaf.text in PUNCTUATION or leaf.ipa is None:
            parts.append(text)
        else:
            parts.append(f'<phoneme alphabet="ipa" ph={quoteattr(leaf.ipa)}>{text}</phoneme>')
    return f"<speak>{' '.join(parts)}</speak>"


def longest_bytes(text: str) -> int:
    return round(min(LONGEST_S, 5.0 + PER_CHARACTER_S * len(text)) * SAMPLE_RATE_HZ)


class _Google:
    """What both ways of asking share."""

    def __init__(self, settings: Settings, voice: str) -> None:
        """Raises ConfigError for an endpoint that cannot be one. Connects to nothing."""
        self.voice = f"{voice}@{settings.google_tts_rate:g}"
        self._name, self._rate = voice, settings.google_tts_rate
        self._connect_s = settings.google_connect_timeout_s
        self._timeout_s = settings.google_tts_timeout_s
        endpoint = Endpoint.parse(settings.google_tts_endpoint, "GOOGLE_TTS_ENDPOINT")
        self._channels: GoogleChannels[Any] = GoogleChannels(settings, endpoint, SERVICE, client_of)

    def _voice(self, locale: str) -> tts.VoiceSelectionParams:
        return tts.VoiceSelectionParams(language_code=locale, name=voice_in(self._name, locale))

    async def aclose(self) -> None:
        await self._channels.aclose()


class GoogleTts(_Google):
    """`ports.tts.TextToSpeech`, streaming: the first sound comes while the rest is being made."""

    name = "google"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, settings.google_tts_voice)

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        text = spoken.text[:TEXT_MAX_CHARS]
        if not text.strip():
            return
        left = longest_bytes(text)
        async with aclosing(self._chunks(text, locale)) as chunks:
            given = False
            async for chunk in chunks:
                piece = bearable(chunk) if given else bare(chunk)
                left -= len(piece)
                if left < 0:
                    raise ProviderError(f"{SERVICE}_endless")
                if piece:
                    given = True
                    yield piece
        if not given:
            raise ProviderError(f"{SERVICE}_empty")

    async def _chunks(self, text: str, locale: str) -> AsyncGenerator[bytes, None]:
        client = await self._channels.client()
        call = client.transport.streaming_synthesize(self._requests(text, locale))
        try:
            await deadline(call.wait_for_connection(), self._connect_s, f"{SERVICE}_unreachable")
            async with aclosing(self._answers(aiter(call))) as answers:
                async for answer in answers:
                    if answer is None:
                        raise ProviderError(f"{SERVICE}_garbage", "an answer that is no message")
                    yield answer.audio_content
        except FAULTS as fault:
            raise provider_error(SERVICE, fault) from fault
        finally:
            call.cancel()

    def _answers(self, answers: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
        return each_within(
            answers, first_s=self._timeout_s, next_s=self._timeout_s, code=f"{SERVICE}_timeout"
        )

    async def _requests(
        self, text: str, locale: str
    ) -> AsyncIterator[tts.StreamingSynthesizeRequest]:
        """The end of this closes our side: an open one that sends nothing is ended by Google after 5 s."""
        yield tts.StreamingSynthesizeRequest(
            streaming_config=tts.StreamingSynthesizeConfig(
                voice=self._voice(locale),
                streaming_audio_config=tts.StreamingAudioConfig(
                    audio_encoding=tts.AudioEncoding.MULAW,
                    sample_rate_hertz=SAMPLE_RATE_HZ,
                    speaking_rate=self._rate,
                ),
            )
        )
        yield tts.StreamingSynthesizeRequest(input=tts.StreamingSynthesisInput(text=text))


class GoogleUnaryTts(_Google):
    """`ports.tts.TextToSpeech` in one piece, for voices that cannot stream."""

    name = "google_unary"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, settings.google_tts_unary_voice)
        self._phonemes = settings.google_tts_phonemes
        if self._phonemes:
            self.voice += "+ipa"

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        if not spoken.text.strip():
            return
        client = await self._channels.client()
        request = tts.SynthesizeSpeechRequest(
            input=self._input(spoken),
            voice=self._voice(locale),
            audio_config=tts.AudioConfig(
                audio_encoding=tts.AudioEncoding.MULAW,
                sample_rate_hertz=SAMPLE_RATE_HZ,
                speaking_rate=self._rate,
            ),
        )
        try:
            answer = await deadline(
                client.synthesize_speech(request=request, timeout=self._timeout_s),
                self._timeout_s,
                f"{SERVICE}_timeout",
            )
        except FAULTS as fault:
            raise provider_error(SERVICE, fault) from fault
        if answer is None:
            raise ProviderError(f"{SERVICE}_garbage", "an answer that is no message")
        audio = await asyncio.to_thread(whole, answer.audio_content)
        if not audio:
            raise ProviderError(f"{SERVICE}_empty")
        if len(audio) > longest_bytes(spoken.text):
            raise ProviderError(f"{SERVICE}_endless")
        yield audio

    def _input(self, spoken: Spoken) -> tts.SynthesisInput:
        if self._phonemes and any(leaf.ipa for leaf in spoken.leaves):
            return tts.SynthesisInput(ssml=ssml(spoken))
        return tts.SynthesisInput(text=spoken.text[:TEXT_MAX_CHARS])
