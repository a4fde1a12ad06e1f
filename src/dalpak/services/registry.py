"""The providers there are, by the name that settings use. One line adds one.

Factories import their adapter when they are called, so that an SDK is loaded only by those who
chose it. Nothing is built here at import, and nothing is kept: extensions own what they build.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import SecretStr

from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.logs import get_logger
from dalpak.ports.messenger import Messenger
from dalpak.ports.mishaps import Mishaps
from dalpak.ports.stt import SpeechToText
from dalpak.ports.summarizer import Summarizer
from dalpak.ports.tts import TextToSpeech
from dalpak.ports.vad import VoiceActivityDetector

if TYPE_CHECKING:
    from dalpak.services.llm.openai_http import OpenAiHttp
    from dalpak.services.whatsapp.sidecar import Sidecar

Made = TypeVar("Made")

NOBODY = "none"
"""For a second provider: there is none."""


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


def _google_voice(settings: Settings) -> TextToSpeech:
    from dalpak.services.tts.google import GoogleTts

    return GoogleTts(settings)


def _google_unary_voice(settings: Settings) -> TextToSpeech:
    from dalpak.services.tts.google import GoogleUnaryTts

    return GoogleUnaryTts(settings)


def _azure_voice(settings: Settings) -> TextToSpeech:
    from dalpak.services.tts.azure import AzureTts

    return AzureTts(
        url=settings.azure_tts_url,
        key=_needed(settings, "azure_speech_key", "TTS_PROVIDER or TTS_SECOND"),
        voice=settings.azure_tts_voice,
        timeout_s=settings.azure_tts_timeout_s,
        clock=SystemClock(),
    )


def _no_stt(_settings: Settings) -> SpeechToText | None:
    return None


def _google_stt(settings: Settings) -> SpeechToText:
    from dalpak.services.stt.google import GoogleStt

    return GoogleStt(settings)


def _soniox_stt(settings: Settings) -> SpeechToText:
    from dalpak.services.stt.soniox import SonioxStt
    from dalpak.services.stt.soniox_protocol import SonioxOptions

    options = SonioxOptions(
        url=settings.soniox_url,
        api_key=_needed(settings, "soniox_api_key", "STT_PROVIDER or STT_SECOND"),
        model=settings.soniox_model,
        open_s=settings.soniox_open_timeout_s,
        chunk_ms=settings.soniox_chunk_ms,
        keepalive_s=settings.soniox_keepalive_s,
        silent_s=settings.soniox_silent_s,
        endpoint_ms=settings.soniox_endpoint_ms,
        hangover_ms=settings.vad_hangover_ms,
        roll_s=settings.soniox_roll_s,
    )
    return SonioxStt(options, SystemClock())


def _whisper_stt(settings: Settings) -> SpeechToText:
    from dalpak.services.stt.whisper import WhisperModelFile, WhisperStt

    model = WhisperModelFile(
        settings.whisper_model,
        device=settings.whisper_device,
        compute_type=settings.whisper_compute_type,
        threads=settings.whisper_threads,
        workers=settings.whisper_workers,
    )
    return WhisperStt(model, workers=settings.whisper_workers, queue=settings.whisper_queue)


def _outbox(_settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.outbox import OutboxMessenger

    return OutboxMessenger()


def _whatsapp_cloud(settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.meta import MetaMessenger

    return MetaMessenger(
        url=settings.whatsapp_cloud_url,
        phone_number_id=_needed(settings, "whatsapp_cloud_phone_number_id"),
        token=_needed(settings, "whatsapp_cloud_token"),
        templates=settings.whatsapp_templates,
    )


def _twilio_whatsapp(settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.twilio_messages import WHATSAPP

    return _twilio(settings, WHATSAPP, _needed(settings, "twilio_whatsapp_from"))


def _twilio_sms(settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.twilio_messages import SMS

    return _twilio(settings, SMS, _needed(settings, "twilio_sms_from"))


def _twilio(settings: Settings, channel: str, sender: str) -> Messenger:
    from dalpak.services.whatsapp.twilio_messages import TwilioMessenger

    return TwilioMessenger(
        channel=channel,
        url=settings.twilio_api_url,
        account_sid=_needed(settings, "twilio_account_sid"),
        auth_token=_needed(settings, "twilio_auth_token"),
        sender=sender,
        contents=settings.twilio_contents,
        # Twilio refuses a callback that it cannot reach.
        callback_origin="" if settings.public_is_loopback else settings.public_base_url,
    )


def _baileys(settings: Settings) -> Messenger:
    from dalpak.services.whatsapp.baileys import BaileysMessenger
    from dalpak.services.whatsapp.sidecar import sidecar_token

    return BaileysMessenger(url=settings.baileys_url, token=sidecar_token(settings))


def _needed(settings: Settings, field: str, chosen_by: str = "MESSENGER") -> str:
    """A setting without which the chosen provider cannot work. Raises ConfigError naming it."""
    value = getattr(settings, field)
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if not text:
        raise ConfigError(field.upper(), "", f"a value, for the provider that {chosen_by} names")
    return text


class Detectors(Protocol):
    """Makes a voice detector for every call; what they share is loaded once and closed once."""

    def __call__(self) -> VoiceActivityDetector: ...

    def close(self) -> None: ...


class _EnergyDetectors:
    """Nothing is shared."""

    def __call__(self) -> VoiceActivityDetector:
        return _energy()

    def close(self) -> None:
        """Nothing was loaded."""


def _silero() -> Detectors:
    """The model or its runtime may be missing: then voices are told by loudness, and the operator is told."""
    try:
        from dalpak.services.vad.silero import SileroDetectors

        return SileroDetectors()
    except (ImportError, OSError, ValueError) as fault:
        get_logger(__name__).warning("VAD_MODEL_MISSING", error=str(fault), instead="energy")
        return _EnergyDetectors()


def _energy() -> VoiceActivityDetector:
    from dalpak.services.vad.energy import EnergyVad

    return EnergyVad()


TTS: Mapping[str, Callable[[Settings], TextToSpeech]] = {
    "espeak": _espeak,
    "silent": _silent,
    "google": _google_voice,
    "google_unary": _google_unary_voice,
    "azure": _azure_voice,
}
STT: Mapping[str, Callable[[Settings], SpeechToText | None]] = {
    "none": _no_stt,
    "google": _google_stt,
    "soniox": _soniox_stt,
    "whisper": _whisper_stt,
}
MESSENGERS: Mapping[str, Callable[[Settings], Messenger]] = {
    "outbox": _outbox,
    "whatsapp_cloud": _whatsapp_cloud,
    "twilio_whatsapp": _twilio_whatsapp,
    "twilio_sms": _twilio_sms,
    "baileys": _baileys,
}
VAD: Mapping[str, Callable[[], Detectors]] = {
    "silero": _silero,
    "energy": _EnergyDetectors,
}


def text_to_speech(settings: Settings, mishaps: Mishaps | None = None) -> TextToSpeech:
    """With its second, if there is one; `mishaps` is told of its work. Raises ConfigError for an unknown name."""
    first = _built(TTS, "TTS_PROVIDER", settings.tts_provider, settings) or _espeak(settings)
    if settings.tts_second in (NOBODY, settings.tts_provider):
        return first
    from dalpak.services.tts.second import EitherTts

    second = _built(TTS, "TTS_SECOND", settings.tts_second, settings)
    if second is None:
        return first
    return EitherTts(
        first,
        second,
        after_s=settings.tts_second_after_ms / 1000,
        clock=SystemClock(),
        mishaps=mishaps,
    )


def speech_to_text(settings: Settings, mishaps: Mishaps | None = None) -> SpeechToText | None:
    """None: callers are led by keypad. Raises ConfigError for a name that is not registered."""
    first = _built(STT, "STT_PROVIDER", settings.stt_provider, settings)
    if first is None:
        return None
    from dalpak.services.stt.second import EitherStt

    second = _built(STT, "STT_SECOND", settings.stt_second, settings)
    alone = second is None or settings.stt_second == settings.stt_provider
    services = (first,) if second is None or alone else (first, second)
    return EitherStt(*services, clock=SystemClock(), mishaps=mishaps)


def messenger(settings: Settings) -> Messenger:
    """Raises ConfigError for a name that is not registered."""
    return _named(MESSENGERS, "MESSENGER", settings.messenger)(settings)


def messengers(settings: Settings) -> dict[str, Messenger]:
    """Every messenger that is set up, by name: what a business may choose from.

    Raises ConfigError when the one that MESSENGER names is not.
    """
    made = {settings.messenger: messenger(settings)}
    for name, make in MESSENGERS.items():
        # The sidecar asks for no setting, so that only its name can say that it is wanted.
        if name in made or name == "baileys":
            continue
        with suppress(ConfigError):
            made[name] = make(settings)
    return made


def sidecar(settings: Settings) -> "Sidecar | None":
    """For the page that links a device; None where another messenger is chosen. Raises ConfigError."""
    if settings.messenger != "baileys":
        return None
    from dalpak.services.whatsapp.sidecar import Sidecar, sidecar_token

    return Sidecar(settings.baileys_url, sidecar_token(settings))


def model_client(settings: Settings, clock: Clock) -> "OpenAiHttp | None":
    """The HTTP client for the model's server; None for agents without a model, and without its library."""
    if settings.agent_provider != "openai":
        return None
    try:
        from dalpak.services.llm.openai_http import OpenAiHttp
    except ImportError as missing:
        get_logger(__name__).warning("the model's library is not installed", missing=missing.name)
        return None
    return OpenAiHttp(
        clock,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        connect_s=settings.llm_connect_timeout_ms / 1000,
        keepalive_s=settings.llm_keepalive_s,
        max_connections=settings.llm_max_connections,
    )


def summarizer(settings: Settings) -> Summarizer | None:
    """Who says in a sentence what a call was about; None for agents without a model."""
    if settings.agent_provider != "openai":
        return None
    from dalpak.services.llm.summarizer import OpenAiSummarizer

    return OpenAiSummarizer(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        api=settings.openai_api,
        model=settings.openai_model,
    )


def voice_activity_detectors(settings: Settings) -> Detectors:
    """Loads the model, about 0.1 s, where callers are heard at all. Raises ConfigError for a name that is not
    registered."""
    make = _named(VAD, "VAD_PROVIDER", settings.vad_provider)
    return _EnergyDetectors() if settings.stt_provider == "none" else make()


def voice_activity_detector() -> VoiceActivityDetector:
    """The one that needs no model: a new one per call, for whoever runs calls in virtual time."""
    return _energy()


def _built(
    table: Mapping[str, Callable[[Settings], Made | None]],
    setting: str,
    name: str,
    settings: Settings,
) -> Made | None:
    """None without its library: the operator is told, and calls go on with what is there (SPEC A4)."""
    make = _named(table, setting, name)
    try:
        return make(settings)
    except ImportError as missing:
        get_logger(__name__).warning(
            "a provider's library is not installed",
            setting=setting,
            name=name,
            missing=missing.name,
        )
        return None


def _named(table: Mapping[str, Made], setting: str, name: str) -> Made:
    if name not in table:
        raise ConfigError(setting, name, "one of " + ", ".join(sorted(table)))
    return table[name]
