"""Which real services there are keys for, and why the others are left alone. Nothing is asked here.

Settings come from this machine's own environment and `.env`, as the product's do.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from dalpak.config import Settings, load_settings
from dalpak.errors import ConfigError
from dalpak.ports.stt import SpeechToText
from dalpak.ports.tts import TextToSpeech
from dalpak.services import registry

OPENAI = "https://api.openai.com/"


@dataclass(frozen=True)
class Service:
    """`missing`: the setting without which it cannot be asked; empty when it can."""

    name: str
    missing: Callable[[Settings], str]

    def settings(self, **chosen: Any) -> Settings:
        """This machine's settings with the provider chosen; the test is skipped where there is no key."""
        try:
            settings = load_settings(**chosen)
        except ConfigError as fault:
            pytest.skip(f"{self.name}: {fault.field} is wrong")
        if missing := self.missing(settings):
            pytest.skip(f"{self.name}: {missing} is not set")
        return settings


def _google(settings: Settings) -> str:
    chosen = {
        settings.stt_provider,
        settings.tts_provider,
        settings.stt_second,
        settings.tts_second,
    }
    named = any(name.startswith("google") for name in chosen)
    return "" if settings.google_credentials_file or named else "GOOGLE_CREDENTIALS_FILE"


def _openai(settings: Settings) -> str:
    own = not settings.openai_base_url.startswith(OPENAI)
    return "" if own or settings.openai_api_key.get_secret_value() else "OPENAI_API_KEY"


def _soniox(settings: Settings) -> str:
    return "" if settings.soniox_api_key.get_secret_value() else "SONIOX_API_KEY"


def _azure(settings: Settings) -> str:
    return "" if settings.azure_speech_key.get_secret_value() else "AZURE_SPEECH_KEY"


def _whisper(settings: Settings) -> str:
    used = "whisper" in {settings.stt_provider, settings.stt_second}
    return "" if used else "STT_PROVIDER or STT_SECOND=whisper"


VOICES = {
    "google": Service("google", _google),
    "google_unary": Service("google_unary", _google),
    "azure": Service("azure", _azure),
}
EARS = {
    "google": Service("google", _google),
    "soniox": Service("soniox", _soniox),
    "whisper": Service("whisper", _whisper),
}
MODEL = Service("openai", _openai)


@asynccontextmanager
async def voice_of(name: str) -> AsyncIterator[TextToSpeech]:
    """The adapter as calls use it, without the bank in front."""
    voice = registry.TTS[name](VOICES[name].settings())
    try:
        yield voice
    finally:
        await voice.aclose()


@asynccontextmanager
async def ears_of(name: str) -> AsyncIterator[SpeechToText]:
    stt = registry.STT[name](EARS[name].settings())
    assert stt is not None
    try:
        yield stt
    finally:
        await stt.aclose()


def suite(module: Any, argument: str, *, without: frozenset[str]) -> list[Any]:
    """The tests of a contract suite that take nothing but an adapter, as parameters of a live test."""
    found = {
        name: test
        for name, test in vars(module).items()
        if name.startswith("test_")
        and name not in without
        and not hasattr(test, "hypothesis")
        and set(test.__code__.co_varnames[: test.__code__.co_argcount]) == {argument}
    }
    unknown = without - set(vars(module))
    assert not unknown, f"no such test: {sorted(unknown)}"
    return [pytest.param(test, id=name.removeprefix("test_")) for name, test in found.items()]


Opened = Callable[[], AbstractAsyncContextManager[Any]]
