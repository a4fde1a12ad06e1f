"""Second providers by setting: who is built, and what is told when something is missing."""

import pytest

from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services.registry import speech_to_text, text_to_speech
from dalpak.services.stt.second import EitherStt
from dalpak.services.stt.soniox import SonioxStt
from dalpak.services.tts.azure import AzureTts
from dalpak.services.tts.second import EitherTts

pytestmark = pytest.mark.unit


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


def services(**values: object) -> list[str]:
    stt = speech_to_text(settings(soniox_api_key="key", **values))
    assert isinstance(stt, EitherStt)
    return [service.name for service in stt.services]


def test_one_service_is_guarded_too_and_two_are_in_order() -> None:
    assert services(stt_provider="soniox") == ["soniox"]
    assert services(stt_provider="soniox", stt_second="soniox") == ["soniox"]
    assert services(stt_provider="soniox", stt_second="whisper") == ["soniox", "whisper"]
    assert services(stt_provider="whisper", stt_second="soniox") == ["whisper", "soniox"]


def test_without_a_first_there_is_no_second() -> None:
    assert speech_to_text(settings(stt_second="soniox")) is None


async def test_voices_in_order() -> None:
    made = text_to_speech(settings(tts_provider="silent", tts_second="azure", azure_speech_key="k"))
    assert isinstance(made, EitherTts)
    assert [voice.name for voice in made.voices] == ["silent", "azure"]
    assert (made.name, made.voice) == ("silent", "none")
    await made.aclose()
    assert text_to_speech(settings(tts_provider="silent", tts_second="silent")).name == "silent"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stt_provider": "soniox"}, "SONIOX_API_KEY"),
        ({"stt_provider": "whisper", "stt_second": "soniox"}, "SONIOX_API_KEY"),
        ({"stt_provider": "whisper", "stt_second": "acme"}, "STT_SECOND"),
        ({"tts_provider": "azure"}, "AZURE_SPEECH_KEY"),
        ({"tts_provider": "silent", "tts_second": "acme"}, "TTS_SECOND"),
    ],
)
def test_what_is_missing_is_named(values: dict[str, str], field: str) -> None:
    build = speech_to_text if "stt_provider" in values else text_to_speech
    with pytest.raises(ConfigError) as refused:
        build(settings(**values))
    assert refused.value.field == field


async def test_settings_reach_the_adapters() -> None:
    stt = speech_to_text(
        settings(
            stt_provider="soniox",
            soniox_api_key="key",
            soniox_url="http://127.0.0.1:9",
            soniox_chunk_ms=60,
            vad_hangover_ms=140,
        )
    )
    assert isinstance(stt, EitherStt)
    soniox = stt.services[0]
    assert isinstance(soniox, SonioxStt)
    assert soniox.options.address == "ws://127.0.0.1:9/transcribe-websocket"
    assert (soniox.options.chunk_ms, soniox.options.hangover_ms) == (60, 140)
    voice = text_to_speech(
        settings(tts_provider="azure", azure_speech_key="key", azure_tts_voice="he-IL-AvriNeural")
    )
    assert isinstance(voice, AzureTts)
    assert voice.voice == "he-IL-AvriNeural"
    await voice.aclose()


@pytest.mark.parametrize("url", ["http://stt.example.com", "ftp://127.0.0.1", "nowhere"])
def test_a_key_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        settings(soniox_url=url)
