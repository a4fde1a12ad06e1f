"""Whisper: utterances gathered, transcribed off the loop in their order, told once. And a real model, built here."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from stt_ear import PATIENCE_S, Ear, until
from tiny_whisper import build

from dalpak.call.mulaw import SILENCE_FRAME, decode
from dalpak.errors import ProviderError
from dalpak.ports.stt import Transcript
from dalpak.services.stt.whisper import (
    PRE_ROLL_BYTES,
    TOKENS_MAX,
    UTTERANCE_BYTES,
    Transcriber,
    WhisperModelFile,
    WhisperStt,
    samples,
)
from dalpak.simulator.coded_voice import coded_voice

pytestmark = pytest.mark.unit

QUIET = SILENCE_FRAME * 50


class Scribe:
    """Tells how long an utterance was, when it is let."""

    def __init__(self, *, held: bool = False) -> None:
        self.may = threading.Event()
        self.began: list[bytes] = []
        self.threads: set[int] = set()
        self.fault: Exception | None = None
        self.loads = 0
        if not held:
            self.may.set()

    def load(self) -> None:
        self.loads += 1
        if self.fault is not None:
            raise self.fault

    def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        self.began.append(audio)
        self.threads.add(threading.get_ident())
        assert self.may.wait(PATIENCE_S)
        if self.fault is not None:
            raise self.fault
        return f"{language} {len(audio)} {' '.join(hints)}".strip()


@pytest.fixture
def made() -> Iterator[Callable[..., WhisperStt]]:
    ears: list[WhisperStt] = []

    def make(model: Transcriber, *, workers: int = 1, queue: int = 4) -> WhisperStt:
        ears.append(WhisperStt(model, workers=workers, queue=queue))
        return ears[-1]

    yield make
    for stt in ears:
        asyncio.run(stt.aclose())


async def test_an_utterance_is_its_voice_with_a_little_quiet_before(
    made: Callable[..., WhisperStt],
) -> None:
    scribe, ear = Scribe(), Ear()
    stream = await ear.open(made(scribe))
    voice = coded_voice("one two")
    stream.feed(QUIET + voice)
    stream.finalize()
    await ear.until(lambda: bool(ear.heard))

    assert ear.heard == [Transcript(f"he {PRE_ROLL_BYTES + len(voice)} תור מחר", final=True)]
    assert scribe.began[0].endswith(voice)
    assert scribe.threads != {threading.get_ident()}
    await stream.aclose()


async def test_quiet_is_never_transcribed(made: Callable[..., WhisperStt]) -> None:
    scribe, ear = Scribe(), Ear()
    stream = await ear.open(made(scribe))
    stream.feed(QUIET)
    stream.finalize()
    stream.feed(QUIET)
    stream.finalize()
    await stream.aclose()

    assert scribe.began == []


async def test_a_pause_ends_an_utterance_and_so_does_the_longest_time(
    made: Callable[..., WhisperStt],
) -> None:
    scribe, ear = Scribe(), Ear()
    stream = await ear.open(made(scribe))
    stream.feed(coded_voice("one") + QUIET)
    long = coded_voice("word") * (UTTERANCE_BYTES // len(coded_voice("word")) + 1)
    stream.feed(long + QUIET)
    await ear.until(lambda: len(ear.heard) == 3)

    assert max(len(audio) for audio in scribe.began) == UTTERANCE_BYTES
    await stream.aclose()


class FirstIsSlow(Scribe):
    """Its first utterance takes until the second is being transcribed too, or a while."""

    def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        self.began.append(audio)
        if len(self.began) > 1:
            self.may.set()
        self.may.wait(0.2)
        return f"{language} {len(audio)}"


async def test_a_calls_utterances_keep_their_order_with_any_number_of_workers(
    made: Callable[..., WhisperStt],
) -> None:
    ear = Ear()
    stream = await ear.open(made(FirstIsSlow(held=True), workers=3))
    texts = ["a", "b c", "d e f"]
    for text in texts:
        stream.feed(coded_voice(text))
        stream.finalize()
    await ear.until(lambda: len(ear.heard) == 3)

    assert [int(t.text.split()[1]) for t in ear.heard] == [len(coded_voice(t)) for t in texts]
    await stream.aclose()


async def test_past_the_bound_an_utterance_is_not_heard_and_nothing_is_lost_by_it(
    made: Callable[..., WhisperStt],
) -> None:
    scribe = Scribe(held=True)
    stt = made(scribe, workers=1, queue=1)
    ears = [Ear() for _ in range(4)]
    streams = [await ear.open(stt) for ear in ears]
    for stream in streams:
        stream.feed(coded_voice("one"))
        stream.finalize()
    await asyncio.wait_for(asyncio.to_thread(_until_begun, scribe), PATIENCE_S)
    scribe.may.set()
    await ears[0].until(lambda: bool(ears[0].heard))
    await ears[1].until(lambda: bool(ears[1].heard))
    streams[3].feed(coded_voice("again"))
    streams[3].finalize()
    await ears[3].until(lambda: bool(ears[3].heard))

    assert [len(ear.heard) for ear in ears] == [1, 1, 0, 1]
    assert [ear.lost for ear in ears] == [[], [], [], []]
    for stream in streams:
        await stream.aclose()


def _until_begun(scribe: Scribe) -> None:
    while not scribe.began:
        threading.Event().wait(0.001)


async def test_what_is_transcribed_after_the_end_is_told_to_nobody(
    made: Callable[..., WhisperStt],
) -> None:
    scribe, ear = Scribe(held=True), Ear()
    stt = made(scribe)
    stream = await ear.open(stt)
    stream.feed(coded_voice("one"))
    stream.finalize()
    await asyncio.to_thread(_until_begun, scribe)
    await stream.aclose()
    scribe.may.set()
    other, second = Ear(), coded_voice("other")
    stream = await other.open(stt)
    stream.feed(second)
    stream.finalize()
    await other.until(lambda: bool(other.heard))
    await stream.aclose()

    assert ear.heard == []


async def test_a_model_that_fails_loses_the_stream(made: Callable[..., WhisperStt]) -> None:
    scribe, ear = Scribe(), Ear()
    stream = await ear.open(made(scribe))
    scribe.fault = RuntimeError("out of memory")
    for text in ("one", "two"):
        stream.feed(coded_voice(text))
        stream.finalize()
    await ear.until(lambda: bool(ear.lost))
    scribe.fault = None
    await until(lambda: len(scribe.began) == 2)
    await stream.aclose()

    assert ear.lost == ["stt_fault"]
    assert ear.heard == []


async def test_a_model_that_is_not_there_is_told_and_looked_for_again(
    made: Callable[..., WhisperStt],
) -> None:
    scribe = Scribe()
    scribe.fault = ImportError("No module named 'faster_whisper'")
    stt = made(scribe)
    await stt.warm_up()
    with pytest.raises(ProviderError) as failed:
        await Ear().open(stt)
    assert (failed.value.code, failed.value.retryable) == ("stt_no_model", False)
    scribe.fault = None
    stream = await Ear().open(stt)
    await stream.aclose()
    assert scribe.loads == 3


async def test_many_calls_load_one_model(made: Callable[..., WhisperStt]) -> None:
    scribe = Scribe()
    stt = made(scribe)
    streams = await asyncio.gather(*(Ear().open(stt) for _ in range(5)))
    assert scribe.loads == 1
    for stream in streams:
        await stream.aclose()


def test_a_folder_without_a_model_is_no_model(tmp_path: Path) -> None:
    model = WhisperModelFile(
        str(tmp_path), device="cpu", compute_type="default", threads=1, workers=1
    )

    async def story() -> str:
        stt = WhisperStt(model, workers=1, queue=0)
        try:
            await Ear().open(stt)
        except ProviderError as fault:
            return fault.code
        finally:
            await stt.aclose()
        return "opened"

    assert asyncio.run(story()) == "stt_no_model"


def test_samples_are_twice_as_many_and_sound_the_same() -> None:
    audio = coded_voice("word word")
    heard = samples(audio)
    was = np.frombuffer(decode(audio), "<i2").astype(np.float32) / 32_768
    assert len(heard) == 2 * len(audio)
    assert heard.dtype == np.float32
    assert np.abs(heard).max() <= 1.2
    assert np.sqrt((heard**2).mean()) == pytest.approx(np.sqrt((was**2).mean()), rel=0.05)
    above = np.abs(np.fft.rfft(heard))[len(heard) // 4 + 200 :]
    assert above.max() < 0.1 * np.abs(np.fft.rfft(heard)).max()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> WhisperModelFile:
    """Real, and built here: nothing is downloaded."""
    folder = build(tmp_path_factory.mktemp("whisper"), "שלום")
    return WhisperModelFile(str(folder), device="cpu", compute_type="default", threads=1, workers=1)


async def test_the_real_library_runs_a_real_model(
    tiny: WhisperModelFile, made: Callable[..., WhisperStt]
) -> None:
    """From mu-law to words, through CTranslate2."""
    ear = Ear()
    stream = await ear.open(made(tiny), hints=())
    stream.feed(QUIET + coded_voice("whatever is said"))
    stream.finalize()
    await ear.until(lambda: bool(ear.heard or ear.lost))
    await stream.aclose()

    assert ear.heard == [Transcript("שלום", final=True)]


def test_the_real_library_takes_hints_and_stops_a_model_that_does_not(
    tiny: WhisperModelFile,
) -> None:
    """Hints go before what is heard, where the tiny model has nothing to say: it would go on for ever."""
    tiny.load()
    said = tiny.transcribe(coded_voice("word"), language="he", hints=["תור", "מחר"] * 50)
    assert len(said.encode()) < 20 * TOKENS_MAX
