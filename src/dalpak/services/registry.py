"""The providers there are, by the name that settings use. One line adds one.

Factories import their adapter when they are called, so that an SDK is loaded only by those who
chose it. Nothing is built here at import, and nothing is kept: extensions own what they build.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.logs import get_logger
from dalpak.ports.messenger import Messenger
from dalpak.ports.stt import SpeechToText
from dalpak.ports.tts import TextToSpeech
from dalpak.ports.vad import VoiceActivityDetector

Made = TypeVar("Made")


def _espeak(settings: Settings) -> TextToSpeech:
    """The program may be missing: then calls go on without a voice, and the operator is told."""
    from dalpak.services.tts.espeak import EspeakTts

    if not EspeakTts.installed(settings.espeak_program):
        get_logger(__name__).warning(
            "espeak-ng is not installed: calls have no voice", program=settings.espeak_program
        )
        return _silent(settings)
    return EspeakTts(
        settings.espeak_program, settings.espeak_voice, settings.espeak_words_per_minute
    )


def _silent(_settings: Settings) -> TextToSpeech:
    from dalpak.services.tts.silent import SilentTts

    return SilentTts()


def _no_stt(_settings: Settings) -> SpeechToText | None:
    return None


def _outbox(_settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.outbox import OutboxMessenger

    return OutboxMessenger()


def _energy() -> VoiceActivityDetector:
    from dalpak.services.vad.energy import EnergyVad

    return EnergyVad()


TTS: Mapping[str, Callable[[Settings], TextToSpeech]] = {
    "espeak": _espeak,
    "silent": _silent,
}
STT: Mapping[str, Callable[[Settings], SpeechToText | None]] = {
    "none": _no_stt,
}
MESSENGERS: Mapping[str, Callable[[Settings], Messenger]] = {
    "outbox": _outbox,
}
VAD: Mapping[str, Callable[[], VoiceActivityDetector]] = {
    "energy": _energy,
}


def text_to_speech(settings: Settings) -> TextToSpeech:
    """Raises ConfigError for a name that is not registered."""
    return _named(TTS, "TTS_PROVIDER", settings.tts_provider)(settings)


def speech_to_text(settings: Settings) -> SpeechToText | None:
    """None: callers are led by keypad. Raises ConfigError for a name that is not registered."""
    return _named(STT, "STT_PROVIDER", settings.stt_provider)(settings)


def messenger(settings: Settings) -> Messenger:
    """Raises ConfigError for a name that is not registered."""
    return _named(MESSENGERS, "MESSENGER", settings.messenger)(settings)


def voice_activity_detector(name: str = "energy") -> VoiceActivityDetector:
    """A new one per call. Raises ConfigError for a name that is not registered."""
    return _named(VAD, "VAD_PROVIDER", name)()


def _named(table: Mapping[str, Made], setting: str, name: str) -> Made:
    if name not in table:
        raise ConfigError(setting, name, "one of " + ", ".join(sorted(table)))
    return table[name]
