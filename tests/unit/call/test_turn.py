"""Turns: numbers, watchdogs, fillers, failures, and what becomes of late results."""

import pytest
from call_harness import Talk

from dalpak.call.effects import (
    CancelTurn,
    Ending,
    HangUp,
    LatencyMark,
    RecordMark,
    RecordTurn,
    SendFrame,
    StartTurn,
    TransferCall,
)
from dalpak.call.inputs import (
    AudioReady,
    CallerHungUp,
    DirectiveGiven,
    FinalHeard,
    FrameHeard,
    KeyPressed,
    ReplyDelta,
    ReplyEnded,
    ReplyFailed,
    SayGoodbye,
    ToolEnded,
    ToolStarted,
    TransferTo,
)
from dalpak.call.limits import Limits
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()
ANSWER = Spoken("an answer")


def asked(**talk: int) -> Talk:
    """A question was typed and nothing came back yet."""
    call = Talk(**talk).start()
    call.tell(FinalHeard("hello"))
    return call


def test_turns_are_numbered_from_one_and_the_greeting_is_zero() -> None:
    talk = asked()
    talk.tell(FinalHeard("and"))

    assert [turn.turn for turn in talk.turns] == [1, 2]
    assert [record.turn for record in talk.all(RecordTurn)] == [0, 1]


def test_a_result_with_an_old_number_is_ignored() -> None:
    talk = asked()
    talk.tell(FinalHeard("no"))

    assert talk.tell(ReplyDelta(1, ANSWER)) == []
    assert talk.tell(DirectiveGiven(1, SayGoodbye())) == []
    assert talk.tell(ReplyFailed(1, "late")) == []
    assert talk.tell(ReplyDelta(7, ANSWER)) == []


def test_one_moment_is_said_900_ms_after_the_last_word() -> None:
    talk = asked()
    began = talk.now
    talk.run(LIMITS.filler_ms + 10)

    assert talk.spoken()[-1] in {"one moment", "still looking"}
    assert talk.times(SendFrame)[-1] >= began + LIMITS.filler_ms


def test_fillers_are_repeated_while_a_reply_is_awaited() -> None:
    talk = asked()
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.run(7_000)

    fillers = [t for t in talk.spoken() if t in {"one moment", "still looking"}]
    assert len(fillers) >= 3


def test_a_reply_that_does_not_come_has_failed_after_its_time() -> None:
    talk = asked()
    began = talk.now
    talk.run(5_000)

    (cancelled,) = talk.times(CancelTurn)
    assert cancelled == began + LIMITS.reply_timeout_ms
    assert "sorry" in talk.spoken()


def test_repeated_words_do_not_stretch_the_wait() -> None:
    talk = Talk().start()
    talk.voice(400, then_quiet=160)
    talk.tell(FinalHeard("hello"))
    talk.run(200)
    anchor = talk.now - 360
    for _ in range(8):
        talk.run(250)
        talk.tell(FinalHeard("hello"))
    talk.run(2_000)

    assert len(talk.turns) == 1
    assert talk.times(CancelTurn)[0] <= anchor + LIMITS.reply_timeout_ms + 20


def test_a_stall_after_the_first_sentence_ends_the_turn() -> None:
    talk = asked()
    talk.tell(ReplyDelta(1, ANSWER))
    talk.run(8_000)

    (cancelled,) = talk.times(CancelTurn)
    assert cancelled <= talk.now - 8_000 + 400 + LIMITS.stall_timeout_ms + 100
    assert "sorry" not in talk.spoken()


def test_a_write_may_take_its_time() -> None:
    talk = asked()
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.run(LIMITS.write_timeout_ms - 100)
    assert talk.all(CancelTurn) == []

    talk.run(200)
    assert len(talk.all(CancelTurn)) == 1


def test_the_result_of_a_long_write_is_waited_for() -> None:
    talk = asked()
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.run(6_000)
    talk.tell(ToolEnded(1, "create_appointment", ok=True, ms=6_000))
    assert talk.all(CancelTurn) == []

    talk.run(300)
    talk.tell(ReplyDelta(1, Spoken("booked")))

    assert talk.spoken()[-1] == "booked"
    assert "sorry" not in talk.spoken()


def test_a_caller_is_not_left_in_silence_by_words_over_a_write() -> None:
    talk = asked()
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.run(1_000)
    talk.tell(FinalHeard("wait"))
    last = talk.now
    talk.run(3_000)

    assert any(at > last + 500 for at in talk.times(SendFrame))


def test_a_key_pressed_while_a_reply_stalls_is_answered_in_time() -> None:
    talk = asked()
    talk.tell(ReplyDelta(1, ANSWER))
    talk.run(1_500)
    talk.tell(KeyPressed("1"))
    pressed = talk.now
    talk.run(3_000)

    later = [at for at in talk.times(SendFrame) if at > pressed]
    assert later[0] - pressed < 3_000


def test_failures_in_a_row_end_the_call_kindly() -> None:
    talk = Talk().start()
    for _ in range(LIMITS.failures_max):
        talk.tell(FinalHeard("hello"))
        talk.tell(ReplyFailed(talk.turns[-1].turn, "down"))
        talk.run(1_000)

    assert talk.spoken()[-1] == "give up"
    assert talk.all(HangUp) == [HangUp(Ending.AGENT)]


def test_an_answer_forgives_earlier_failures() -> None:
    talk = Talk().start()
    for fails in (True, True, False, True, True):
        talk.tell(FinalHeard("hello"))
        turn = talk.turns[-1].turn
        talk.tell(ReplyFailed(turn, "down") if fails else ReplyDelta(turn, ANSWER))
        talk.tell(ReplyEnded(turn))
        talk.run(1_000)

    assert talk.all(HangUp) == []


def test_a_reply_that_ends_without_a_word_has_failed() -> None:
    talk = asked()
    talk.tell(ReplyEnded(1))

    assert talk.spoken()[-1] == "sorry"


def test_goodbye_hangs_up_when_it_was_heard() -> None:
    talk = asked(voice_ms=1_000)
    talk.tell(ReplyDelta(1, Spoken("bye")))
    talk.tell(DirectiveGiven(1, SayGoodbye()))
    talk.tell(ReplyEnded(1))
    talk.run(900)
    assert talk.all(HangUp) == []
    talk.run(300)

    assert talk.done[-1][1] == HangUp(Ending.AGENT)


def test_a_caller_who_speaks_over_the_goodbye_goes_on() -> None:
    talk = asked(voice_ms=2_000)
    talk.tell(ReplyDelta(1, Spoken("bye")))
    talk.tell(DirectiveGiven(1, SayGoodbye()))
    talk.tell(ReplyEnded(1))
    talk.run(500)
    talk.tell(FinalHeard("one more thing"))
    talk.run(2_000)

    assert talk.all(HangUp) == []
    assert talk.turns[-1].said.text == "one more thing"


def test_a_caller_who_is_speaking_when_the_goodbye_ends_is_not_cut_off() -> None:
    talk = asked(voice_ms=200)
    talk.tell(ReplyDelta(1, Spoken("bye")))
    talk.tell(DirectiveGiven(1, SayGoodbye()))
    talk.run(300)
    for _ in range(6):
        talk.run(20)
        talk.tell(FrameHeard(True))
    talk.tell(ReplyEnded(1))

    assert talk.all(HangUp) == []


def test_a_transfer_is_the_last_but_one_deed() -> None:
    talk = asked()
    talk.tell(ReplyDelta(1, Spoken("connecting you")))
    talk.tell(DirectiveGiven(1, TransferTo("+97235550000")))
    talk.tell(ReplyEnded(1))
    talk.run(1_000)

    assert [e for _, e in talk.done if isinstance(e, TransferCall | HangUp)] == [
        TransferCall("+97235550000"),
        HangUp(Ending.TRANSFERRED),
    ]


def test_an_interrupted_answer_is_told_to_the_next_turn() -> None:
    talk = asked(voice_ms=3_000)
    talk.tell(ReplyDelta(1, ANSWER))
    talk.run(500)
    talk.tell(FinalHeard("stop"))

    second = talk.all(StartTurn)[-1]
    assert second.said.unheard
    assert talk.all(RecordTurn)[-1].interrupted


def test_hanging_up_ends_the_turn_and_records_it() -> None:
    talk = asked()
    effects = talk.tell(CallerHungUp())

    assert isinstance(effects[-1], HangUp)
    assert [type(e) for e in effects if isinstance(e, CancelTurn | RecordTurn)] == [
        CancelTurn,
        RecordTurn,
    ]
    assert talk.tell(FinalHeard("hello")) == []
    assert talk.call.deadline() is None


# -- the stopwatch ---------------------------------------------------------------------------------


def test_the_marks_of_a_turn_are_taken_once_and_from_the_last_word() -> None:
    talk = Talk(voice_ms=None).start(greeted=False)
    talk.tell(AudioReady(1, b"\x7f" * 800, last=True))
    talk.run(1_000)
    talk.voice(400, then_quiet=160)
    talk.tell(FinalHeard("hello"))
    talk.run(LIMITS.commit_pause_ms - 160)
    turn = talk.turns[-1].turn
    talk.run(200)
    talk.tell(ReplyDelta(turn, ANSWER))
    talk.run(100)
    for _ in range(2):
        talk.tell(AudioReady(2, b"\x7f" * 800, last=False))
    talk.run(100)

    taken = {m.mark: m.ms for m in talk.all(RecordMark) if m.turn == turn}
    assert taken[LatencyMark.STT_FINAL_MS] == 160
    assert taken[LatencyMark.AI_LATENCY_MS] == LIMITS.commit_pause_ms - 160 + 200
    assert taken[LatencyMark.TTS_READY_MS] == 100
    assert taken[LatencyMark.TOTAL_MS] == LIMITS.commit_pause_ms + 200 + 100
    kinds = [(m.turn, m.mark) for m in talk.all(RecordMark)]
    assert len(kinds) == len(set(kinds))


def test_a_keypad_caller_whose_reply_failed_is_told_the_menu_again() -> None:
    talk = Talk().start(ears=False)
    talk.tell(ReplyFailed(1, "llm_down"))
    talk.run(700)

    assert talk.spoken()[-1] == "sorry"
    assert [(turn.turn, turn.said.opening) for turn in talk.turns] == [(1, True), (2, True)]


def test_replies_that_keep_failing_end_kindly_even_by_keypad() -> None:
    talk = Talk().start(ears=False)
    for turn in range(1, 4):
        talk.tell(ReplyFailed(turn, "llm_down"))
        talk.run(2_000)

    assert talk.spoken()[-1] == "give up"
    assert talk.all(HangUp) == [HangUp(Ending.AGENT)]
