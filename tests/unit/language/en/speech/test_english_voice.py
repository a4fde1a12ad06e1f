"""English through the voice adapters: its own espeak-ng voice, and the bank's fragments."""

import shutil
from pathlib import Path

import pytest
from fake_voice import FakeVoice

from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken, say
from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW
from dalpak.services.tts.bank import PromptBank
from dalpak.services.tts.espeak import EspeakTts, script

pytestmark = pytest.mark.unit

needs_program = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)

WAV = (
    b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"
    b"\x80\x3e\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff" + bytes(320)
)


async def audio_of(voice: EspeakTts | PromptBank, spoken: Spoken, locale: str) -> bytes:
    return b"".join([chunk async for chunk in voice.synthesize(spoken, locale=locale)])


async def test_the_locale_chooses_the_programs_voice(tmp_path: Path) -> None:
    program = tmp_path / "voice"
    (tmp_path / "wav").write_bytes(WAV)
    program.write_text(
        f'#!/bin/sh\necho "$1 $2" >> {tmp_path}/asked\ncat > /dev/null\ncat {tmp_path}/wav\n'
    )
    program.chmod(0o755)
    voice = EspeakTts(str(program), "he", 190)
    assert await audio_of(voice, Spoken("hello"), ENGLISH.locale)
    assert await audio_of(voice, Spoken("שלום", "ʃalˈom"), HEBREW.locale)
    assert await audio_of(voice, Spoken("bonjour"), "fr-FR")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["-v en-us", "-v he", "-v he"]


def test_english_is_given_as_letters() -> None:
    said = ENGLISH.phrase("price", service=Spoken("haircut"), price=ENGLISH.speech.money(90))
    assert script(said) == "The price of haircut is ninety shekels."


@needs_program
async def test_the_two_voices_sound_different() -> None:
    voice = EspeakTts("espeak-ng", "he", 190)
    english = await audio_of(voice, ENGLISH.phrase("ask_name"), ENGLISH.locale)
    other = await audio_of(voice, ENGLISH.phrase("ask_name"), HEBREW.locale)
    assert 4_000 < len(english) < 24_000
    assert english != other


async def warm(voice: FakeVoice) -> PromptBank:
    bank = PromptBank(voice, folder=None, clock=SystemClock())
    await bank.maybe_warmup(ENGLISH.prompts(), locale=ENGLISH.locale)
    return bank


async def test_a_whole_read_back_needs_the_provider_for_its_names_only() -> None:
    voice = FakeVoice()
    bank = await warm(voice)
    speech = ENGLISH.speech
    price = ENGLISH.phrase("price", service=Spoken("haircut"), price=speech.money(185))
    voice.down = True
    assert bank.get(price) is None
    without_name = ENGLISH.phrase("price", service=Spoken(""), price=speech.money(185))
    assert await audio_of(bank, price, ENGLISH.locale) == bank.get(without_name)


async def test_a_sentence_with_a_hole_is_not_spoken_as_if_it_were_whole() -> None:
    """What has no IPA is not therefore a name: an hour that could not be rendered is missing."""
    voice = FakeVoice()
    voice.down = True
    empty = PromptBank(voice, folder=None, clock=SystemClock())
    with pytest.raises(ProviderError):
        await audio_of(empty, say(Spoken("at"), Spoken("noon")), ENGLISH.locale)
    bank = await warm(voice)
    voice.down = False
    await bank.maybe_warmup({"at": Spoken("at")}, locale=ENGLISH.locale)
    voice.down = True
    with pytest.raises(ProviderError):
        await audio_of(bank, say(Spoken("at"), Spoken("noon")), ENGLISH.locale)
    assert await audio_of(bank, say(Spoken("at"), Spoken("Dana")), ENGLISH.locale)
