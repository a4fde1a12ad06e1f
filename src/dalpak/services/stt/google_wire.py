"""The two versions of Google's speech protocol: what a stream is opened with, fed with, and what it answers.

Requests are built once per stream and as plain protocol buffers: a proto-plus object per 100 ms of audio costs ten
times as much. No streams and no state here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from google.cloud import speech_v1, speech_v2
from google.cloud.speech_v1.services.speech.transports import (
    SpeechGrpcAsyncIOTransport as TransportV1,
)
from google.cloud.speech_v2.services.speech.transports import (
    SpeechGrpcAsyncIOTransport as TransportV2,
)

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.config import Settings
from dalpak.errors import ProviderError

HINTS_MAX = 100
"""Google advises "as few as possible"; a service, a name or a day beyond the hundredth helps nobody."""
HINT_CHARS_MAX = 100
CODES = {"he-IL": "iw-IL", "he": "iw-IL"}
"""Hebrew has its old code in speech-to-text, and its new one in text-to-speech."""


@dataclass(frozen=True, slots=True)
class Result:
    """A piece of the answer. `end_ms`: where in the stream's audio it ends; 0 when it is not told."""

    text: str
    final: bool
    end_ms: int
    confidence: float | None = None


class Dialect(Protocol):
    needs_project: bool

    def host(self) -> str: ...

    def client(self, channel: Any) -> Any: ...

    def opening(self, *, project: str, locale: str, hints: Sequence[str]) -> Any:
        """The first request of a stream."""
        ...

    def audio(self, chunk: bytes) -> Any: ...

    def end_ms(self, result: Any) -> int: ...


def dialect(settings: Settings) -> Dialect:
    return SpeechV1(settings) if settings.google_stt_api == "v1" else SpeechV2(settings)


def language_code(locale: str) -> str:
    return CODES.get(locale, locale)


def phrases(hints: Sequence[str]) -> list[str]:
    """Each once, none too long, the first hundred."""
    kept = dict.fromkeys(hint.strip()[:HINT_CHARS_MAX] for hint in hints if hint.strip())
    return list(kept)[:HINTS_MAX]


def results(response: Any, dialect: Dialect) -> list[Result]:
    """Finals one by one, then what is still open, in one piece. Raises ProviderError for what cannot be read."""
    if response is None:
        raise ProviderError("google_stt_garbage", "an answer that is no message")
    plain = type(response).pb(response)
    if "error" in plain.DESCRIPTOR.fields_by_name and plain.error.code:
        raise ProviderError("google_stt_failed", plain.error.message)
    found: list[Result] = []
    growing: list[str] = []
    end_ms = 0
    for result in plain.results:
        if not result.alternatives:
            continue
        best = result.alternatives[0]
        if result.is_final:
            sure = best.confidence or None
            found.append(Result(_tidy(best.transcript), True, dialect.end_ms(result), sure))
        else:
            growing.append(best.transcript)
            end_ms = dialect.end_ms(result)
    if growing:
        found.append(Result(_tidy(" ".join(growing)), False, end_ms))
    return found


def _tidy(text: str) -> str:
    """Pieces begin with a space or not; words are apart by one."""
    return " ".join(text.split())


class SpeechV2:
    needs_project = True

    def __init__(self, settings: Settings) -> None:
        self._location = settings.google_stt_location
        self._model = settings.google_stt_model or "chirp_3"
        self._boost = settings.google_stt_boost
        self._sensitivity = f"ENDPOINTING_SENSITIVITY_{settings.google_stt_sensitivity.upper()}"
        self._audio = speech_v2.StreamingRecognizeRequest.pb()

    def host(self) -> str:
        where = "" if self._location == "global" else f"{self._location}-"
        return f"{where}speech.googleapis.com"

    def client(self, channel: Any) -> Any:
        return speech_v2.SpeechAsyncClient(transport=TransportV2(channel=channel))

    def opening(self, *, project: str, locale: str, hints: Sequence[str]) -> Any:
        v2 = speech_v2
        return v2.StreamingRecognizeRequest(
            recognizer=f"projects/{project}/locations/{self._location}/recognizers/_",
            streaming_config=v2.StreamingRecognitionConfig(
                config=v2.RecognitionConfig(
                    explicit_decoding_config=v2.ExplicitDecodingConfig(
                        encoding=v2.ExplicitDecodingConfig.AudioEncoding.MULAW,
                        sample_rate_hertz=SAMPLE_RATE_HZ,
                        audio_channel_count=1,
                    ),
                    language_codes=[language_code(locale)],
                    model=self._model,
                    features=v2.RecognitionFeatures(
                        enable_automatic_punctuation=False, max_alternatives=1
                    ),
                    adaptation=self._adaptation(phrases(hints)),
                ),
                streaming_features=v2.StreamingRecognitionFeatures(
                    interim_results=True, endpointing_sensitivity=self._sensitivity
                ),
            ),
        )

    def _adaptation(self, hints: list[str]) -> Any:
        if not hints:
            return None
        v2 = speech_v2
        inline = v2.PhraseSet(
            phrases=[v2.PhraseSet.Phrase(value=hint, boost=self._boost) for hint in hints]
        )
        return v2.SpeechAdaptation(
            phrase_sets=[v2.SpeechAdaptation.AdaptationPhraseSet(inline_phrase_set=inline)]
        )

    def audio(self, chunk: bytes) -> Any:
        return self._audio(audio=chunk)

    def end_ms(self, result: Any) -> int:
        return int(result.result_end_offset.ToMilliseconds())


class SpeechV1:
    needs_project = False

    def __init__(self, settings: Settings) -> None:
        self._model = settings.google_stt_model or "default"
        self._boost = settings.google_stt_boost
        self._audio = speech_v1.StreamingRecognizeRequest.pb()

    def host(self) -> str:
        return "speech.googleapis.com"

    def client(self, channel: Any) -> Any:
        return speech_v1.SpeechAsyncClient(transport=TransportV1(channel=channel))

    def opening(self, *, project: str, locale: str, hints: Sequence[str]) -> Any:
        del project
        v1 = speech_v1
        wanted = phrases(hints)
        contexts = [v1.SpeechContext(phrases=wanted, boost=self._boost)] if wanted else []
        return v1.StreamingRecognizeRequest(
            streaming_config=v1.StreamingRecognitionConfig(
                config=v1.RecognitionConfig(
                    encoding=v1.RecognitionConfig.AudioEncoding.MULAW,
                    sample_rate_hertz=SAMPLE_RATE_HZ,
                    audio_channel_count=1,
                    language_code=language_code(locale),
                    model=self._model,
                    enable_automatic_punctuation=False,
                    max_alternatives=1,
                    speech_contexts=contexts,
                ),
                interim_results=True,
            )
        )

    def audio(self, chunk: bytes) -> Any:
        return self._audio(audio_content=chunk)

    def end_ms(self, result: Any) -> int:
        return int(result.result_end_time.ToMilliseconds())
