"""One suite for everything that turns speech into words: partials, then one final; never a word after the end."""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.ports.stt import SpeechToText, SttStream, Transcript
from dalpak.simulator.scripted_stt import ScriptedStt, voice_for

pytestmark = pytest.mark.contract

FIRST, SECOND = "שלום אני רוצה תור", "מחר בעשר"
SECOND_OF_SILENCE = SILENCE_FRAME * 50
SPOKEN_AND_QUIET = voice_for(FIRST) + SECOND_OF_SILENCE * 2

Make = Callable[[], SpeechToText]
ADAPTERS: dict[str, Make] = {
    "scripted": lambda: ScriptedStt([FIRST, SECOND]),
}

each_adapter = pytest.mark.parametrize("make", ADAPTERS.values(), ids=ADAPTERS)


class Ear:
    """A stream of an adapter, and what it told."""

    def __init__(self) -> None:
        self.heard: list[Transcript] = []
        self.lost: list[str] = []

    @property
    def finals(self) -> list[str]:
        return [t.text for t in self.heard if t.final]

    @property
    def partials(self) -> list[str]:
        return [t.text for t in self.heard if not t.final]

    def open(self, stt: SpeechToText) -> Awaitable[SttStream]:
        return stt.open(
            locale="he-IL",
            hints=("תור", "מחר"),
            on_transcript=self.heard.append,
            on_lost=self.lost.append,
        )


@each_adapter
async def test_words_grow_while_they_are_spoken(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    stream.feed(voice_for(FIRST))
    stream.feed(SECOND_OF_SILENCE[:1600])

    assert len(ear.partials) >= 2
    assert all(FIRST.startswith(text) for text in ear.partials)
    assert ear.partials == sorted(ear.partials, key=len)
    assert ear.finals == []
    await stream.aclose()


@each_adapter
async def test_the_final_comes_when_asked_for(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    stream.feed(voice_for(FIRST))
    stream.finalize()
    stream.feed(SECOND_OF_SILENCE[:2400])

    assert ear.finals == [FIRST]
    assert ear.heard[-1].final
    await stream.aclose()


@each_adapter
async def test_the_final_comes_after_a_pause_by_itself_and_once(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    stream.feed(voice_for(FIRST) + SECOND_OF_SILENCE * 2)
    stream.finalize()
    stream.feed(SECOND_OF_SILENCE)

    assert ear.finals == [FIRST]
    await stream.aclose()


@each_adapter
async def test_utterances_do_not_run_into_each_other(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    for utterance in (FIRST, SECOND):
        stream.feed(voice_for(utterance))
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)

    assert ear.finals == [FIRST, SECOND]
    assert any(text.startswith(SECOND.split()[0]) for text in ear.partials)
    await stream.aclose()


@each_adapter
async def test_asking_for_a_final_of_silence_gives_no_words(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    stream.finalize()
    stream.feed(SECOND_OF_SILENCE)

    assert [t.text for t in ear.heard if t.text.strip()] == []
    await stream.aclose()


@each_adapter
async def test_nothing_is_told_after_the_end(make: Make) -> None:
    ear = Ear()
    stream = await ear.open(make())
    stream.feed(voice_for(FIRST))
    stream.finalize()
    await stream.aclose()
    told = len(ear.heard)
    stream.feed(SECOND_OF_SILENCE)
    stream.finalize()
    await stream.aclose()

    assert len(ear.heard) == told
    assert ear.lost == []


@each_adapter
async def test_two_streams_do_not_hear_each_other(make: Make) -> None:
    stt, one, other = make(), Ear(), Ear()
    first, second = await one.open(stt), await other.open(stt)
    first.feed(voice_for(FIRST))
    first.finalize()
    first.feed(SECOND_OF_SILENCE)
    second.feed(SECOND_OF_SILENCE)

    assert one.finals == [FIRST]
    assert other.heard == []
    await first.aclose()
    await second.aclose()


@each_adapter
@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 900), max_size=30))
async def test_audio_may_come_in_pieces_of_any_length(make: Make, cuts: list[int]) -> None:
    ear = Ear()
    stream = await ear.open(make())
    audio = SPOKEN_AND_QUIET
    for length in cuts:
        stream.feed(audio[:length])
        audio = audio[length:]
    stream.feed(audio)

    assert ear.finals == [FIRST]
    await stream.aclose()
