"""Answering ahead: when a reply is drafted, what makes it the turn, what drops it, and that nobody hears it early."""

import pytest
from call_harness import Talk, is_backchannel, sound

from dalpak.call.effects import (
    CancelSpeech,
    CancelTurn,
    CommitTurn,
    DraftTurn,
    HangUp,
    LatencyMark,
    RecordMark,
    RecordTurn,
    SendFrame,
    Speak,
    StartTurn,
)
from dalpak.call.inputs import (
    AudioReady,
    CollectDigits,
    DirectiveGiven,
    FinalHeard,
    FrameHeard,
    KeyPressed,
    PartialHeard,
    ReplyDelta,
    ReplyEnded,
    ReplyFailed,
    SayGoodbye,
    SpeechFailed,
    ToolStarted,
)
from dalpak.call.limits import Limits
from dalpak.call.machine import Call
from dalpak.call.phase import Phase
from dalpak.language.base import Completeness, Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()
ANSWER = Spoken("here is the answer")


def asked(text: str = "tomorrow at ten", *, quiet: int = 200) -> Talk:
    """The caller has just said this and has been quiet for so long; the words came with the voice."""
    talk = Talk().start()
    talk.voice(600)
    talk.tell(PartialHeard(text))
    talk.voice(0, then_quiet=quiet)
    return talk


def frames_since(talk: Talk, at: int) -> int:
    return len(talk.all(SendFrame, since=at))


# -- beginning -------------------------------------------------------------------------------------


def test_stable_words_and_a_hangover_of_quiet_are_answered_ahead() -> None:
    talk = asked(quiet=LIMITS.hangover_ms)

    (draft,) = talk.all(DraftTurn)
    assert (draft.draft, draft.turn, draft.said.text) == (-1, 1, "tomorrow at ten")
    assert talk.all(StartTurn) == []


def test_words_that_still_change_wait_until_they_are_stable() -> None:
    talk = asked(quiet=100)
    talk.tell(PartialHeard("tomorrow at ten thirty"))
    told = talk.now
    talk.run(LIMITS.stable_ms - 1)
    assert talk.all(DraftTurn) == []
    talk.run(1)

    assert [d.said.text for d in talk.all(DraftTurn)] == ["tomorrow at ten thirty"]
    assert talk.times(DraftTurn) == [told + LIMITS.stable_ms]


def test_an_open_phrase_is_not_answered_ahead() -> None:
    talk = Talk().start()
    talk.call.completeness = lambda _: Completeness.OPEN
    talk.voice(600)
    talk.tell(PartialHeard("tomorrow at"))
    talk.voice(0, then_quiet=600)

    assert talk.all(DraftTurn) == []


def test_what_is_said_over_our_voice_is_not_answered_ahead() -> None:
    talk = Talk(voice_ms=10_000).start(greeted=False)
    talk.run(500)
    talk.voice(600)
    talk.tell(PartialHeard("mm"))
    talk.voice(0, then_quiet=300)

    assert talk.call.playout.busy
    assert talk.all(DraftTurn) == []


def test_a_halting_caller_costs_a_bounded_number_of_drafts() -> None:
    talk = Talk().start()
    for k in range(8):
        talk.voice(300)
        talk.tell(PartialHeard(" ".join(f"w{n}" for n in range(k + 1))))
        talk.voice(0, then_quiet=240)

    assert len(talk.all(DraftTurn)) == LIMITS.drafts_max


# -- becoming the turn ---------------------------------------------------------------------------------


def test_the_answer_is_heard_the_moment_the_turn_is_committed() -> None:
    talk = asked()
    talk.tell(ReplyDelta(-1, ANSWER))
    talk.tell(ReplyEnded(-1))
    assert [s.ahead for s in talk.all(Speak)][-1]
    talk.tell(FinalHeard("tomorrow at ten"))
    last_voice = talk.call.floor.last_word_at
    before = talk.now
    assert frames_since(talk, before) == 0
    talk.run(LIMITS.commit_pause_ms)

    (commit,) = talk.all(CommitTurn)
    assert (commit.draft, commit.turn) == (-1, 1)
    assert talk.times(CommitTurn) == [last_voice + LIMITS.commit_pause_ms]
    first = next(at for at, e in talk.done if at >= before and isinstance(e, SendFrame))
    assert first == last_voice + LIMITS.commit_pause_ms
    assert talk.all(StartTurn) == []


def test_a_final_may_add_capitals_and_punctuation() -> None:
    talk = asked()
    talk.tell(FinalHeard("Tomorrow, at ten."))
    talk.run(400)

    (commit,) = talk.all(CommitTurn)
    assert commit.said.text == "Tomorrow, at ten."


def test_a_draft_that_is_not_finished_goes_on_as_the_turn() -> None:
    talk = asked()
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(400)
    assert talk.call.phase is Phase.THINKING
    talk.tell(ReplyDelta(1, ANSWER))
    talk.tell(ReplyDelta(-1, Spoken("on its way with the old number")))
    talk.tell(ReplyEnded(1))
    talk.run(2_000)

    (turn,) = [r for r in talk.all(RecordTurn) if r.turn == 1]
    assert turn.heard == "here is the answer on its way with the old number"


def test_what_a_draft_wants_of_the_call_is_done_when_it_is_the_turn() -> None:
    talk = asked()
    talk.tell(DirectiveGiven(-1, CollectDigits("phone")))
    talk.tell(ReplyEnded(-1))
    assert talk.call.phase is not Phase.WAITING_FOR_DTMF
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(400)

    assert talk.call.phase is Phase.WAITING_FOR_DTMF


def test_a_goodbye_that_was_drafted_ends_the_call_after_it_was_heard() -> None:
    talk = asked("goodbye then")
    talk.tell(ReplyDelta(-1, ANSWER))
    talk.tell(DirectiveGiven(-1, SayGoodbye()))
    talk.tell(ReplyEnded(-1))
    assert talk.all(HangUp) == []
    talk.tell(FinalHeard("goodbye then"))
    talk.run(1_000)

    assert len(talk.all(HangUp)) == 1


def test_the_marks_of_a_draft_are_those_of_the_turn_and_once_each() -> None:
    talk = asked()
    talk.run(40)
    talk.tell(ReplyDelta(-1, ANSWER))
    talk.tell(ReplyEnded(-1))
    assert talk.all(RecordMark, since=3_000) == []
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(1_500)

    marks = {m.mark: m.ms for m in talk.all(RecordMark) if m.turn == 1}
    assert marks[LatencyMark.AI_LATENCY_MS] == 120
    assert marks[LatencyMark.TTS_READY_MS] == 0
    assert marks[LatencyMark.TOTAL_MS] == marks[LatencyMark.HEARD_MS] == LIMITS.commit_pause_ms
    kinds = [(m.turn, m.mark) for m in talk.all(RecordMark)]
    assert len(kinds) == len(set(kinds))


# -- never having been ---------------------------------------------------------------------------------


def test_a_caller_who_goes_on_never_hears_the_draft() -> None:
    talk = asked()
    talk.voice_ms = None
    talk.tell(ReplyDelta(-1, ANSWER))
    began = talk.now
    talk.voice(300)
    assert talk.all(CancelTurn) == [CancelTurn(-1, "")]
    assert [type(e) for _, e in talk.done if isinstance(e, CancelSpeech)] == [CancelSpeech]
    talk.tell(AudioReady(talk.all(Speak)[-1].speech, sound(400), last=True))
    talk.tell(ReplyDelta(-1, Spoken("late")))
    talk.tell(FinalHeard("tomorrow at ten thirty"))
    talk.voice(0, then_quiet=600)

    assert frames_since(talk, began) == 0
    assert [t.said.text for t in talk.turns] == ["tomorrow at ten thirty"]
    assert talk.turns[0].turn == 1


def test_other_words_drop_the_draft_and_are_answered_instead() -> None:
    talk = asked()
    talk.tell(FinalHeard("tomorrow at two"))
    talk.run(400)

    assert [d.said.text for d in talk.all(DraftTurn)] == ["tomorrow at ten", "tomorrow at two"]
    assert talk.all(CancelTurn) == [CancelTurn(-1, "")]
    assert [t.said.text for t in talk.turns] == ["tomorrow at two"]


@pytest.mark.parametrize(
    "trouble", [ReplyFailed(-1, "down"), ReplyEnded(-1)], ids=["failed", "empty"]
)
def test_a_draft_that_goes_wrong_is_asked_again_as_the_turn(
    trouble: ReplyFailed | ReplyEnded,
) -> None:
    talk = asked()
    talk.tell(trouble)
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(400)

    assert len(talk.all(DraftTurn)) == 1
    (turn,) = talk.all(StartTurn)
    assert turn.said.text == "tomorrow at ten"
    assert "sorry" not in talk.spoken()


def test_a_voice_that_fails_a_draft_is_asked_again() -> None:
    talk = asked()
    talk.voice_ms = None
    talk.tell(ReplyDelta(-1, ANSWER))
    talk.tell(SpeechFailed(talk.all(Speak)[-1].speech, "down"))
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(400)

    assert talk.all(CancelTurn) == [CancelTurn(-1, "")]
    assert len(talk.all(StartTurn)) == 1


def test_a_key_pressed_meanwhile_is_answered_and_the_draft_is_not() -> None:
    talk = asked()
    talk.tell(KeyPressed("1"))

    assert talk.all(CancelTurn) == [CancelTurn(-1, "")]
    assert [t.said.keys for t in talk.turns] == ["1"]


def test_the_end_of_the_call_ends_the_draft() -> None:
    talk = asked()
    talk.run(LIMITS.max_call_ms)

    assert talk.all(CancelTurn)[0] == CancelTurn(-1, "") or talk.all(CommitTurn)
    assert len(talk.all(HangUp)) == 1


def test_a_tool_of_a_draft_keeps_the_watchdogs_quiet_only_as_the_turn() -> None:
    talk = asked()
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(400)
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.run(4_000)

    assert talk.all(CancelTurn) == []


def test_one_frame_of_noise_leaves_the_draft_alone() -> None:
    talk = asked()
    talk.tell(FrameHeard(True))
    talk.tell(FinalHeard("tomorrow at ten"))
    talk.run(500)

    assert talk.all(CancelTurn) == []
    assert len(talk.all(CommitTurn)) == 1


def test_without_a_language_every_phrase_sounds_complete() -> None:
    assert Call(LIMITS, Talk().call.prompts, is_backchannel).completeness("and") == "complete"
