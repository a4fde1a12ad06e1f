"""The espeak-ng voice: its script, its failures, and, where the program is installed, real sound."""

import asyncio
import shutil
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from dalpak.call.mulaw import energy
from dalpak.errors import ProviderError
from dalpak.language.base import PUNCTUATION, Spoken, say
from dalpak.language.he import HEBREW
from dalpak.services.tts import espeak
from dalpak.services.tts.espeak import EspeakTts, mnemonics, script

pytestmark = pytest.mark.unit

needs_program = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


async def spoken_by(program: str, what: Spoken) -> bytes:
    voice = EspeakTts(program, "he", 165)
    return b"".join([chunk async for chunk in voice.synthesize(what, locale="he-IL")])


def test_ipa_becomes_the_programs_own_phoneme_names() -> None:
    assert mnemonics("ʃalˈom bamˈe efʃˈaʁ laʔazˈoʁ χ") == "Sal'om bam'e efS'aQ\" la?az'oQ\" X"


def test_script_has_phonemes_in_brackets_and_punctuation_outside() -> None:
    sentence = say(Spoken("שלום", "ʃalˈom"), ",", Spoken("דנה"), "?")
    assert script(sentence) == "[[Sal'om]], דנה?"


def test_punctuation_inside_a_leaf_is_taken_out_too() -> None:
    assert script(Spoken("שלום, דנה.", "ʃalˈom, dˈana.")) == "[[Sal'om]], [[d'ana]]."


def test_free_text_cannot_bring_brackets_or_control_characters() -> None:
    assert script(Spoken("a]] [[x|y\n<z>")) == "a     x y  z"


async def test_a_missing_program_is_a_provider_error() -> None:
    with pytest.raises(ProviderError, match="espeak_not_started"):
        await spoken_by("no-such-program-anywhere", Spoken("x"))


def program(folder: Path, body: str) -> str:
    path = folder / "voice"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


async def test_failures_of_the_program_are_provider_errors(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="espeak_failed: exit status 3"):
        await spoken_by(program(tmp_path, "cat > /dev/null; exit 3"), Spoken("x"))
    with pytest.raises(ProviderError, match="espeak_no_audio"):
        await spoken_by(program(tmp_path, "cat > /dev/null; echo hello"), Spoken("x"))


async def test_a_program_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(espeak, "TIMEOUT_S", 0.05)
    before = psutil.Process().children()
    with pytest.raises(ProviderError, match="espeak_timeout"):
        await spoken_by(program(tmp_path, "exec sleep 600"), Spoken("x"))
    assert [p for p in psutil.Process().children() if p not in before] == []


async def test_nothing_to_say_starts_nothing() -> None:
    assert await spoken_by("no-such-program-anywhere", Spoken("")) == b""


@needs_program
async def test_a_sentence_sounds_for_as_long_as_its_words_take() -> None:
    now = datetime(2026, 11, 22, 10, 15)
    short = HEBREW.speech.clock(now.time())
    long = HEBREW.speech.moment(datetime(2026, 12, 1, 15, 30), now)
    audio = {s.text: await spoken_by("espeak-ng", s) for s in (short, long)}
    assert 0.8 < len(audio[short.text]) / 8_000 < 4
    assert 3 < len(audio[long.text]) / 8_000 < 10
    assert all(energy(a) > 500 for a in audio.values())


@needs_program
async def test_the_program_knows_every_phoneme_of_every_prompt() -> None:
    """An unknown name makes it skip what follows: what comes out must be what went in."""
    leaves = {leaf for p in HEBREW.prompts().values() for leaf in p.leaves}
    wanted = [mnemonics(leaf.ipa or "") for leaf in leaves if leaf.text not in PUNCTUATION]
    text = "\n\n".join(f"[[{phonemes}]]." for phonemes in wanted)
    process = await asyncio.create_subprocess_exec(
        *("espeak-ng", "-v", "he", "-q", "-x", "--stdin"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(text.encode())
    heard = [line for line in out.decode().splitlines() if line.strip()]

    def bare(phonemes: str) -> str:
        return "".join(c for c in phonemes if c.isalpha() or c == "?")

    assert [bare(h) for h in heard] == [bare(w) for w in wanted]
