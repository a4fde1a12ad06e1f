"""The demo voice: the espeak-ng program, run as a process and fed phonemes.

espeak-ng reads plain Hebrew without its vowels, so it is given the IPA of `Spoken` as phoneme
mnemonics. It is GPL: a program beside ours, never linked. No caching here: the bank does that.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator

from dalpak.errors import ProviderError
from dalpak.language.base import PUNCTUATION, Spoken
from dalpak.services.tts.resample import to_mulaw

PROCESSES = 2
"""At once; a sentence takes about 10 ms, and more would only compete with the calls."""
TIMEOUT_S = 3.0
TEXT_MAX_CHARS = 1_000
AMPLITUDE = "80"
"""espeak's 0-200; its default of 100 clips on stressed vowels."""
WORD_GAP = "1"
"""Tens of milliseconds between words: phoneme input runs words together without it."""

LOCALE_VOICES = {"en-US": "en-us"}
"""The program's own voice for a locale whose letters it reads; any other gets the configured one."""

_MNEMONICS = str.maketrans(
    {
        "ˈ": "'",
        "ˌ": ",",
        "ʃ": "S",
        "ʒ": "Z",
        "χ": "X",
        "ʁ": 'Q"',
        "ʔ": "?",
        "ɡ": "g",
        "ʦ": "ts",
    }
)
_NOT_MNEMONIC = re.compile(r"[^a-zA-Z'?,\" ]")
_MARKS = "".join(PUNCTUATION)
_CLAUSE = re.compile(rf"([{re.escape(_MARKS)}])")
_UNSAFE_TEXT = re.compile(r"[\[\]<>|\x00-\x1f]")


def mnemonics(ipa: str) -> str:
    """IPA to espeak-ng's own phoneme names; what it would not know is dropped."""
    return _NOT_MNEMONIC.sub("", ipa.translate(_MNEMONICS))


def script(spoken: Spoken) -> str:
    """What espeak-ng reads: phonemes in brackets, punctuation outside, letters for want of IPA."""
    out: list[str] = []
    for leaf in spoken.leaves:
        if leaf.text in PUNCTUATION:
            out.append(leaf.text)
        elif leaf.ipa is None:
            out.append(" " + _UNSAFE_TEXT.sub(" ", leaf.text))
        else:
            for chunk in filter(str.strip, _CLAUSE.split(leaf.ipa)):
                out.append(chunk if chunk in PUNCTUATION else f" [[{mnemonics(chunk.strip())}]]")
    return "".join(out).strip()[:TEXT_MAX_CHARS]


class EspeakTts:
    """`TextToSpeech` by the external program; at most PROCESSES of them run at a time."""

    name = "espeak"

    def __init__(self, program: str, voice: str, words_per_minute: int) -> None:
        self.voice = f"{voice}@{words_per_minute}"
        self._program, self._configured = program, voice
        self._options = (
            *("-s", str(words_per_minute)),
            *("-a", AMPLITUDE),
            *("-g", WORD_GAP),
            *("-b", "1"),
            "-z",
            "--stdin",
            "--stdout",
        )
        self._slots = asyncio.Semaphore(PROCESSES)

    @staticmethod
    def installed(program: str) -> bool:
        return shutil.which(program) is not None

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        """One chunk: streaming would gain nothing. The voice decides the language."""
        voice = LOCALE_VOICES.get(locale, self._configured)
        text = script(spoken)
        if not text:
            return
        async with self._slots:
            pcm, rate_hz = _pcm(await self._run(voice, text))
            audio = await asyncio.to_thread(to_mulaw, pcm, rate_hz)
        if audio:
            yield audio

    async def _run(self, voice: str, text: str) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                self._program,
                *("-v", voice),
                *self._options,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as e:
            raise ProviderError("espeak_not_started", str(e), retryable=False) from e
        try:
            async with asyncio.timeout(TIMEOUT_S):
                out, _ = await process.communicate(text.encode())
        except TimeoutError as e:
            raise ProviderError("espeak_timeout", f"{TIMEOUT_S} s") from e
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise ProviderError("espeak_failed", f"exit status {process.returncode}")
        return out

    async def aclose(self) -> None:
        """Nothing is kept between sentences."""


def _pcm(wav: bytes) -> tuple[bytes, int]:
    """Samples and rate of a WAV whose header was written before its length was known."""
    fmt, data = wav.find(b"fmt "), wav.find(b"data")
    if not wav.startswith(b"RIFF") or fmt < 0 or data < fmt:
        raise ProviderError("espeak_no_audio", f"{len(wav)} bytes that are not WAV")
    rate_hz = int.from_bytes(wav[fmt + 12 : fmt + 16], "little")
    samples = wav[data + 8 :]
    return samples[: len(samples) // 2 * 2], rate_hz
