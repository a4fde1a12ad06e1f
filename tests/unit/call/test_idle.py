"""Silence in which nobody speaks, thinks or keys: asked again, sent off kindly in the end."""

import pytest
from call_harness import Talk

from dalpak.call.effects import Ending, HangUp
from dalpak.call.inputs import (
    CollectDigits,
    DirectiveGiven,
    DrainRequested,
    FinalHeard,
    KeyPressed,
    ReplyDelta,
    ReplyEnded,
)
from dalpak.call.limits import Limits
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()


def answer(talk: Talk, text: str = "are you there") -> None:
    turn = talk.turns[-1].turn
    talk.tell(ReplyDelta(turn, Spoken(text)))
    talk.tell(ReplyEnded(turn))


def test_a_silent_caller_is_asked_after_6_s_of_quiet() -> None:
    talk = Talk(voice_ms=400).start(greeted=False)
    talk.run(400 + LIMITS.idle_prompt_ms + 50)

    assert [turn.said.silence for turn in talk.turns] == [True]


def test_a_caller_who_stays_silent_is_sent_off_after_20_s() -> None:
    talk = Talk().start(greeted=False)
    talk.run(6_500)
    answer(talk)
    talk.run(LIMITS.idle_goodbye_ms)

    assert len(talk.turns) == 1
    assert talk.spoken()[-1] == "idle goodbye"
    assert talk.all(HangUp) == [HangUp(Ending.AGENT)]


def test_any_sign_of_the_caller_starts_the_count_again() -> None:
    talk = Talk().start(greeted=False)
    for _ in range(3):
        talk.run(6_500)
        answer(talk)
        talk.tell(FinalHeard("hm"))
        answer(talk)
    talk.run(1_000)

    assert talk.all(HangUp) == []
    assert sum(turn.said.silence for turn in talk.turns) == 3


def test_nobody_is_asked_while_the_agent_thinks_or_speaks() -> None:
    talk = Talk(voice_ms=15_000).start(greeted=False)
    talk.run(14_000)

    assert talk.turns == []


def test_a_caller_who_keys_a_number_is_reminded_and_sent_off_in_the_end() -> None:
    talk = Talk().start()
    talk.tell(FinalHeard("book"))
    talk.tell(ReplyDelta(1, Spoken("your number")))
    talk.tell(DirectiveGiven(1, CollectDigits("phone")))
    talk.tell(ReplyEnded(1))
    talk.run(1_000)
    talk.tell(KeyPressed("0"))
    talk.run(40_000)

    assert talk.spoken().count("reminder") >= 1
    assert talk.spoken()[-1] == "idle goodbye"
    assert not any(turn.said.silence for turn in talk.turns)


def test_a_long_call_is_warned_and_then_ended_politely() -> None:
    limits = Limits(max_call_ms=20_000, warning_ms=15_000)
    talk = Talk(limits=limits).start(greeted=False)
    for _ in range(5):
        talk.run(4_500)
        talk.tell(FinalHeard("and"))
        if talk.turns:
            answer(talk, "yes")
    talk.run(5_000)

    assert "warning" in talk.spoken()
    assert talk.spoken()[-1] == "max goodbye"
    assert talk.all(HangUp) == [HangUp(Ending.MAX_DURATION)]


def test_a_drain_says_goodbye_whatever_was_going_on() -> None:
    talk = Talk().start()
    talk.tell(FinalHeard("hello"))
    talk.tell(DrainRequested())
    talk.run(1_000)

    assert talk.spoken()[-1] == "drain goodbye"
    assert talk.all(HangUp) == [HangUp(Ending.DRAINED)]


def test_a_goodbye_that_is_never_made_does_not_hold_the_call() -> None:
    talk = Talk(voice_ms=None).start(greeted=False)
    talk.tell(DrainRequested())
    talk.run(LIMITS.closing_ms + 10)

    assert talk.all(HangUp) == [HangUp(Ending.DRAINED)]


def test_a_goodbye_is_said_even_to_somebody_who_talks_over_it() -> None:
    talk = Talk(voice_ms=400).start()
    talk.voice(200)
    talk.tell(DrainRequested())
    talk.voice(1_000)

    assert talk.all(HangUp) == [HangUp(Ending.DRAINED)]
