"""Providers by name."""

import shutil
from importlib import import_module

import pytest

from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services import registry
from dalpak.services.registry import (
    messenger,
    speech_to_text,
    text_to_speech,
    voice_activity_detector,
)

pytestmark = pytest.mark.unit


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


def test_defaults_need_no_keys() -> None:
    assert speech_to_text(settings()) is None
    assert voice_activity_detector().judge(b"") is False
    assert text_to_speech(settings(tts_provider="silent")).name == "silent"


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_when_it_is_installed() -> None:
    voice = text_to_speech(settings(espeak_words_per_minute=180))
    assert (voice.name, voice.voice) == ("espeak", "he@180")


def test_a_missing_program_leaves_a_silent_voice() -> None:
    assert text_to_speech(settings(espeak_program="no-such-program")).name == "silent"


def test_detectors_are_not_shared_between_calls() -> None:
    assert voice_activity_detector() is not voice_activity_detector()


@pytest.mark.parametrize("field", ["tts_provider", "stt_provider"])
def test_unknown_names_say_what_there_is(field: str) -> None:
    build = {"tts_provider": text_to_speech, "stt_provider": speech_to_text}[field]
    with pytest.raises(ConfigError, match=f"{field.upper()}: expected one of .*, got 'acme'"):
        build(settings(**{field: "acme"}))


def test_a_provider_without_its_library_leaves_what_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def needs_a_library(_settings: Settings) -> None:
        import_module("no_such_library")

    monkeypatch.setitem(registry.STT, "bare", needs_a_library)  # type: ignore[arg-type]
    monkeypatch.setitem(registry.TTS, "bare", needs_a_library)  # type: ignore[arg-type]
    assert speech_to_text(settings(stt_provider="bare")) is None
    voice = text_to_speech(settings(tts_provider="bare", espeak_program="no-such-program"))
    assert voice.name == "silent"


def test_a_messenger_that_is_not_there_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError) as refused:
        messenger(settings(messenger="pigeon"))
    assert (refused.value.field, refused.value.value) == ("MESSENGER", "pigeon")
    assert messenger(settings()).name == "outbox"
