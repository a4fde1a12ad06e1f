"""TTS_SEND lag is how late our own process was: not what was made ahead, and not the catching up of a new run."""

import pytest
from call_harness import Talk, sound

from dalpak.call.effects import LatencyMark, RecordMark
from dalpak.call.inputs import (
    AudioReady,
    FinalHeard,
    FrameHeard,
    PartialHeard,
    ReplyDelta,
    ReplyEnded,
    TimePassed,
)
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit


def lags(talk: Talk) -> list[int]:
    """Of the turns that are over, the greeting's left out."""
    marks = talk.all(RecordMark)
    return [m.ms for m in marks if m.mark is LatencyMark.TTS_SEND_LAG_MS and m.turn > 0]


def answered(talk: Talk) -> Talk:
    talk.tell(ReplyDelta(talk.turns[-1].turn, Spoken("an answer")))
    talk.tell(ReplyEnded(talk.turns[-1].turn))
    return talk


def test_an_answer_made_ahead_is_not_late() -> None:
    talk = Talk().start()
    talk.voice(600)
    talk.tell(PartialHeard("tomorrow at ten"))
    talk.voice(0, then_quiet=200)
    talk.tell(ReplyDelta(-1, Spoken("an answer")))
    talk.tell(ReplyEnded(-1))
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(3_000)

    assert talk.turns, "the draft became the turn"
    assert lags(talk) == [0]


def test_going_on_after_a_pause_is_not_late() -> None:
    talk = Talk(voice_ms=1_500).start()
    talk.tell(FinalHeard("hello"))
    answered(talk)
    talk.run(600)
    for _ in range(4):
        talk.run(20)
        talk.tell(FrameHeard(True))
    talk.run(6_000)

    assert lags(talk) == [0]


@pytest.mark.parametrize("stall_ms", [100, 180, 350, 900])
def test_a_stall_is_told_as_long_as_it_was(stall_ms: int) -> None:
    talk = Talk(voice_ms=3_000, marks=False).start()
    talk.tell(FinalHeard("hello"))
    answered(talk)
    talk.run(500)
    talk.now += stall_ms
    talk.tell(TimePassed())
    talk.run(8_000)

    assert lags(talk)[0] == pytest.approx(stall_ms, abs=20)


def test_audio_that_came_late_is_the_voices_lateness_and_not_ours() -> None:
    talk = Talk(voice_ms=None).start()
    talk.tell(FinalHeard("hello"))
    answered(talk)
    speech = talk.call.playout.head_number()
    talk.tell(AudioReady(speech, sound(300), last=False))
    talk.run(700)
    talk.tell(AudioReady(speech, sound(300), last=True))
    talk.run(3_000)

    assert lags(talk) == [0]
