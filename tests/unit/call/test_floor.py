"""Who may speak: onset, hangover, the end of a turn, interruptions, and words that are none."""

import pytest
from call_harness import Talk, is_backchannel
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.effects import (
    CancelTurn,
    ClearPlayback,
    CloseEars,
    FinalizeEars,
    SendFrame,
)
from dalpak.call.floor import Floor
from dalpak.call.inputs import (
    EarsLost,
    FinalHeard,
    FrameHeard,
    KeyPressed,
    PartialHeard,
    ReplyDelta,
    ReplyEnded,
    Said,
    ToolEnded,
    ToolStarted,
)
from dalpak.call.limits import FRAME_MS, Limits
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()


def texts(talk: Talk) -> list[str]:
    return [turn.said.text for turn in talk.turns]


def talking(voice_ms: int = 10_000) -> Talk:
    """We are in the middle of a long answer, half a second of which was heard."""
    talk = Talk(voice_ms=400).start()
    talk.tell(FinalHeard("hello"))
    talk.voice_ms = voice_ms
    talk.tell(ReplyDelta(1, Spoken("a long answer of many words")))
    talk.tell(ReplyEnded(1))
    talk.run(500)
    return talk


# -- hearing -----------------------------------------------------------------------------------------


def test_three_voiced_frames_are_an_onset_and_fewer_are_a_click() -> None:
    floor = Floor(LIMITS, is_backchannel)

    assert [floor.frame(True, now) for now in (20, 40, 60, 80)] == [False, False, True, False]
    assert floor.utterance is not None
    assert floor.utterance.voiced_ms == 80


def test_a_click_opens_nothing() -> None:
    floor = Floor(LIMITS, is_backchannel)
    for now in range(20, 2_000, 20):
        floor.frame(now % 200 in {20, 40}, now)

    assert floor.utterance is None


def test_a_voice_pauses_us_within_60_ms() -> None:
    talk = talking()
    talk.voice(LIMITS.onset_ms)

    assert talk.done[-1][1] == ClearPlayback()
    sent = len(talk.all(SendFrame))
    talk.voice(500)
    assert len(talk.all(SendFrame)) == sent


def test_noise_over_our_voice_lets_us_go_on_from_what_was_heard() -> None:
    talk = talking()
    talk.voice(300, then_quiet=1_000)

    assert talk.turns[1:] == []
    assert talk.call.playout.busy
    assert talk.times(SendFrame)[-1] > talk.now - 100


def test_a_long_noise_without_words_does_not_silence_us_for_ever() -> None:
    talk = talking()
    talk.voice(4_000)

    again = [at for at in talk.times(SendFrame) if at > talk.now - 2_000]
    assert again != []
    assert len(talk.all(ClearPlayback)) == 1


def test_words_that_are_no_backchannel_take_the_floor() -> None:
    talk = talking()
    talk.voice(300)

    talk.tell(PartialHeard("wait a moment"))
    heard = talk.now
    talk.run(700)

    assert texts(talk) == ["hello", "wait a moment"]
    assert not talk.call.playout.busy
    assert talk.times(SendFrame)[-1] < heard


def test_a_backchannel_over_our_voice_changes_nothing() -> None:
    talk = talking()
    talk.voice(300)
    talk.tell(PartialHeard("mm"))
    talk.voice(0, then_quiet=200)
    talk.tell(FinalHeard("mm"))
    talk.run(1_000)

    assert texts(talk) == ["hello"]
    assert talk.times(SendFrame)[-1] > talk.now - 100


def test_a_yes_over_our_last_syllables_is_an_answer() -> None:
    talk = talking(voice_ms=1_000)
    talk.voice(300)
    talk.tell(PartialHeard("yes"))
    talk.voice(0, then_quiet=200)
    talk.tell(FinalHeard("yes"))
    talk.run(500)

    assert texts(talk) == ["hello", "yes"]


def test_typed_words_always_take_the_floor() -> None:
    talk = talking()
    talk.tell(FinalHeard("mm"))

    assert texts(talk) == ["hello", "mm"]


def test_we_do_not_begin_over_a_caller_who_speaks_while_we_think() -> None:
    talk = Talk(voice_ms=800).start()
    talk.voice(400, then_quiet=200)
    talk.tell(FinalHeard("tomorrow"))
    talk.run(300)
    assert texts(talk) == ["tomorrow"]
    began = len(talk.all(SendFrame))

    talk.voice(200)
    talk.tell(ReplyDelta(1, Spoken("at what time")))
    talk.voice(600)

    assert len(talk.all(SendFrame)) == began


def test_speech_that_goes_on_before_we_spoke_is_merged() -> None:
    talk = Talk().start()
    talk.voice(400, then_quiet=200)
    talk.tell(FinalHeard("tomorrow"))
    talk.run(300)

    talk.voice(400, then_quiet=200)
    talk.tell(FinalHeard("at five"))
    talk.run(300)

    assert texts(talk) == ["tomorrow", "tomorrow at five"]
    assert [e.turn for e in talk.all(CancelTurn)] == [1]


def test_our_own_notices_do_not_begin_over_a_voice_either() -> None:
    limits = Limits(warning_ms=5_000)
    talk = Talk(limits=limits, voice_ms=400).start()
    talk.run(1_500)
    began = len(talk.all(SendFrame))

    talk.voice(900)

    assert talk.spoken()[-1] == "warning"
    assert len(talk.all(SendFrame)) == began


@given(st.lists(st.sampled_from([0, 20, 40, 60, 100, 300]), min_size=1, max_size=25))
def test_frames_without_a_voice_change_nothing(pauses: list[int]) -> None:
    told, untold = Talk().start(), Talk().start()
    for pause in pauses:
        for talk, with_silence in ((told, True), (untold, False)):
            for k in range(pause // FRAME_MS + 1):
                talk.run(FRAME_MS)
                if k == pause // FRAME_MS:
                    talk.tell(FrameHeard(True))
                elif with_silence:
                    talk.tell(FrameHeard(False))
    for talk in (told, untold):
        talk.run(3_000)

    assert told.done == untold.done


# -- the end of the caller's turn ----------------------------------------------------------------------


def test_the_final_is_asked_for_after_the_hangover() -> None:
    talk = Talk().start()
    talk.voice(400)
    stopped = talk.now

    talk.run(1_000)

    assert talk.times(FinalizeEars) == [stopped + LIMITS.hangover_ms]


def test_the_turn_is_committed_after_the_pause() -> None:
    talk = Talk().start()
    talk.voice(400)
    stopped = talk.now
    talk.run(LIMITS.hangover_ms + 20)
    talk.tell(FinalHeard("tomorrow at five"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow at five"]
    (began,) = [at for at, e in talk.done if e in talk.turns]
    assert began == stopped + LIMITS.commit_pause_ms


def test_without_a_final_the_last_partial_counts() -> None:
    talk = Talk().start()
    talk.voice(400)
    talk.tell(PartialHeard("tomorrow"))
    stopped = talk.now
    talk.run(1_000)

    assert texts(talk) == ["tomorrow"]
    (began,) = [at for at, e in talk.done if e in talk.turns]
    overdue = LIMITS.hangover_ms + LIMITS.stt_timeout_ms
    assert began == stopped + max(overdue, LIMITS.commit_pause_ms)


def test_a_caller_who_goes_on_in_time_is_not_cut_off() -> None:
    talk = Talk().start()
    talk.voice(400, then_quiet=200)
    talk.tell(FinalHeard("tomorrow"))
    talk.voice(400, then_quiet=200)
    talk.tell(FinalHeard("at five"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow at five"]


def test_typed_words_are_answered_at_once() -> None:
    talk = Talk().start()
    talk.tell(FinalHeard("  hello \n there "))

    assert [turn.said for turn in talk.turns] == [Said(text="hello there")]


@pytest.mark.parametrize("nothing", ["", "   ", "\t\n"])
def test_empty_results_are_nothing(nothing: str) -> None:
    talk = Talk().start()
    talk.tell(FinalHeard(nothing))
    talk.tell(PartialHeard(nothing))
    talk.run(1_000)

    assert talk.turns == []


def test_a_burst_that_is_too_short_is_noise() -> None:
    talk = Talk().start()
    talk.voice(LIMITS.min_utterance_ms - FRAME_MS, then_quiet=3_000)

    assert "not heard" not in talk.spoken()
    assert not talk.call.floor.caller_speaking


def test_a_voice_without_words_is_asked_again() -> None:
    talk = Talk().start()
    talk.voice(900, then_quiet=LIMITS.no_words_ms + 100)

    assert talk.spoken()[-1] == "not heard"
    assert talk.call.ears


def test_a_second_voice_without_words_leads_to_the_keypad() -> None:
    talk = Talk().start()
    for _ in range(2):
        talk.voice(600, then_quiet=LIMITS.no_words_ms + 1_000)

    assert talk.all(CloseEars) == [CloseEars()]
    assert talk.turns[-1].said.opening


def test_time_closes_an_utterance_when_no_frames_come() -> None:
    talk = Talk().start()
    talk.voice(900)
    talk.run(LIMITS.no_words_ms + 100)

    assert not talk.call.floor.caller_speaking
    assert talk.spoken()[-1] == "not heard"


def test_words_that_the_vad_did_not_hear_are_answered() -> None:
    talk = Talk().start()
    talk.tell(PartialHeard("hello"))
    talk.tell(PartialHeard("hello there"))
    talk.run(LIMITS.unvoiced_words_ms + 20)

    assert texts(talk) == ["hello there"]


def test_a_key_tone_in_the_audio_is_no_voice() -> None:
    talk = Talk().start()
    talk.voice(100)
    talk.tell(KeyPressed("5"))
    talk.voice(LIMITS.key_deaf_ms - FRAME_MS, then_quiet=400)

    assert not talk.call.floor.caller_speaking
    assert [turn.said.keys for turn in talk.turns] == ["5"]


def test_lost_ears_keep_the_words_they_gave() -> None:
    talk = Talk().start()
    talk.voice(400)
    talk.tell(PartialHeard("tomorrow at five"))
    talk.tell(EarsLost("down"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow at five"]


def test_without_ears_no_frame_counts() -> None:
    talk = Talk().start(ears=False)
    talk.tell(FrameHeard(True))
    talk.voice(600)

    assert not talk.call.floor.caller_speaking


# -- a tool that writes ----------------------------------------------------------------------------------


def test_words_over_a_write_wait_until_its_result_was_heard() -> None:
    talk = Talk(voice_ms=600).start()
    talk.tell(FinalHeard("yes"))
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.tell(FinalHeard("no wait"))
    talk.run(500)
    assert texts(talk) == ["yes"]

    talk.tell(ToolEnded(1, "create_appointment", ok=True, ms=500))
    talk.tell(ReplyDelta(1, Spoken("booked")))
    talk.tell(ReplyEnded(1))
    assert talk.all(CancelTurn) == []
    talk.run(1_000)

    assert "booked" in talk.spoken()
    assert talk.turns[-1].heard == "booked"
    assert texts(talk) == ["yes", "no wait"]


# -- rule 3: nothing is lost -----------------------------------------------------------------------------


@given(st.lists(st.integers(0, 900), min_size=1, max_size=6))
def test_every_word_of_every_final_reaches_a_turn(pauses: list[int]) -> None:
    talk = Talk().start()
    for n, pause in enumerate(pauses):
        talk.voice(300, then_quiet=160)
        talk.tell(FinalHeard(f"word{n}"))
        talk.run(pause)
    talk.run(1_000)

    said = " ".join(texts(talk)).split()
    assert set(said) >= {f"word{n}" for n in range(len(pauses))}
    assert all(len(set(t.split())) == len(t.split()) for t in texts(talk))
