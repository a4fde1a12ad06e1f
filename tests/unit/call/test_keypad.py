"""Keys: `#` commits, `*` clears, nothing is lost, invented or reordered (SPEC C3)."""

import pytest
from call_harness import Talk
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.inputs import (
    CollectDigits,
    DirectiveGiven,
    FinalHeard,
    KeyPressed,
    ReplyDelta,
    ReplyEnded,
    SayGoodbye,
    ToolEnded,
    ToolStarted,
)
from dalpak.call.keypad import KEYS, Keypad, KeyResult
from dalpak.call.limits import Limits
from dalpak.call.phase import Phase
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()


def keys(talk: Talk) -> list[str]:
    return [turn.said.keys for turn in talk.turns if turn.said.keys]


def press(talk: Talk, pressed: str, *, gap_ms: int = 200) -> None:
    for key in pressed:
        talk.tell(KeyPressed(key))
        talk.run(gap_ms)


def collecting(max_digits: int = 15) -> Talk:
    """The agent has asked for a number and its prompt was heard."""
    talk = Talk().start()
    talk.tell(FinalHeard("book"))
    talk.tell(ReplyDelta(1, Spoken("your number please")))
    talk.tell(DirectiveGiven(1, CollectDigits("phone", max_digits)))
    talk.tell(ReplyEnded(1))
    talk.run(1_000)
    assert talk.call.phase is Phase.WAITING_FOR_DTMF
    return talk


def test_a_number_is_committed_by_hash_only() -> None:
    talk = collecting()
    press(talk, "0501234567")
    talk.run(5_000)
    assert keys(talk) == []

    press(talk, "#")
    assert keys(talk) == ["0501234567"]
    assert talk.call.phase is not Phase.WAITING_FOR_DTMF


def test_star_clears_and_says_so() -> None:
    talk = collecting()
    press(talk, "12*")
    assert talk.spoken()[-1] == "cleared"
    press(talk, "34#")

    assert keys(talk) == ["34"]


def test_star_on_an_empty_number_is_nothing() -> None:
    talk = collecting()
    press(talk, "***")

    assert "cleared" not in talk.spoken()


def test_hash_without_digits_reminds() -> None:
    talk = collecting()
    press(talk, "#")

    assert talk.spoken()[-1] == "reminder"
    assert keys(talk) == []


def test_a_pause_in_a_number_is_a_reminder_and_never_a_flush() -> None:
    talk = collecting()
    press(talk, "0501")
    talk.run(LIMITS.key_reminder_ms + 500)
    assert talk.spoken()[-1] == "reminder"
    press(talk, "234567#")

    assert keys(talk) == ["0501234567"]


def test_forty_digits_keep_the_first_fifteen() -> None:
    talk = collecting()
    press(talk, "1234567890" * 4 + "#", gap_ms=20)

    assert keys(talk) == ["123456789012345"]


def test_a_smaller_limit_may_be_asked_for() -> None:
    talk = collecting(max_digits=4)
    press(talk, "123456#")

    assert keys(talk) == ["1234"]


@pytest.mark.parametrize("key", ["A", "B", "C", "D", "", "12", "٣", "é"])
def test_other_keys_are_ignored(key: str) -> None:
    talk = collecting()
    press(talk, "1")
    talk.tell(KeyPressed(key))
    press(talk, "2#")

    assert keys(talk) == ["12"]


def test_outside_a_number_every_key_is_an_answer() -> None:
    talk = Talk().start()
    for key in "1*#":
        talk.tell(KeyPressed(key))
        talk.tell(ReplyDelta(talk.turns[-1].turn, Spoken("ok")))
        talk.tell(ReplyEnded(talk.turns[-1].turn))
        talk.run(1_000)

    assert keys(talk) == ["1", "*", "#"]


def test_words_end_the_number() -> None:
    talk = collecting()
    press(talk, "12")
    talk.tell(FinalHeard("I would rather say it"))

    assert talk.call.phase is Phase.THINKING
    talk.tell(ReplyDelta(2, Spoken("ok")))
    talk.tell(ReplyEnded(2))
    press(talk, "3")
    assert keys(talk) == ["3"]


def test_keys_typed_ahead_are_used_in_order_when_the_agent_has_asked() -> None:
    talk = Talk().start()
    press(talk, "2")
    press(talk, "13", gap_ms=50)
    assert keys(talk) == ["2"]
    for _ in range(2):
        turn = talk.turns[-1].turn
        talk.tell(ReplyDelta(turn, Spoken("menu")))
        talk.tell(ReplyEnded(turn))

    assert keys(talk) == ["2", "1", "3"]


def test_a_number_typed_ahead_stays_in_order_with_what_follows() -> None:
    talk = Talk().start()
    press(talk, "2")
    press(talk, "0501", gap_ms=50)
    talk.tell(ReplyDelta(1, Spoken("your number")))
    talk.tell(DirectiveGiven(1, CollectDigits("phone")))
    talk.tell(ReplyEnded(1))
    press(talk, "234567#", gap_ms=100)

    assert keys(talk) == ["2", "0501234567"]


def test_what_was_said_while_keys_were_taken_from_the_queue_is_asked_of_the_voice() -> None:
    talk = Talk().start()
    press(talk, "2")
    press(talk, "1*", gap_ms=50)
    talk.tell(DirectiveGiven(1, CollectDigits("phone")))
    talk.tell(ReplyDelta(1, Spoken("your number")))
    talk.tell(ReplyEnded(1))

    assert talk.spoken()[-1] == "cleared"


def test_a_key_over_the_goodbye_is_used() -> None:
    talk = Talk(voice_ms=2_000).start()
    talk.tell(FinalHeard("bye"))
    talk.tell(ReplyDelta(1, Spoken("goodbye")))
    talk.tell(DirectiveGiven(1, SayGoodbye()))
    talk.tell(ReplyEnded(1))
    talk.run(300)
    press(talk, "1")

    assert keys(talk) == ["1"]


@given(st.text(alphabet=sorted(KEYS), max_size=60))
def test_the_keypad_does_what_its_rules_say(pressed: str) -> None:
    keypad = Keypad(LIMITS)
    keypad.collect(15)
    expected = ""
    for key in pressed:
        result = keypad.press(key, 0)
        if key == "#":
            if expected:
                assert (result.result, result.keys) == (KeyResult.COMMITTED, expected)
                keypad.collect(15)
            else:
                assert result.result is KeyResult.EMPTY
            expected = ""
        elif key == "*":
            assert result.result is (KeyResult.CLEARED if expected else KeyResult.IGNORED)
            expected = ""
        else:
            assert result.result is KeyResult.KEPT
            expected = (expected + key)[:15]
        assert keypad.digits_so_far == len(expected)


@given(st.lists(st.sampled_from(sorted(KEYS)), max_size=40))
def test_no_more_keys_are_kept_than_allowed(pressed: list[str]) -> None:
    keypad = Keypad(LIMITS)
    for key in pressed:
        keypad.keep(key)
    kept = []
    while (key := keypad.next_kept()) is not None:
        kept.append(key)

    assert kept == pressed[-LIMITS.keys_ahead :]


def test_keys_typed_ahead_do_not_overtake_words_that_wait() -> None:
    talk = Talk(voice_ms=200).start()
    talk.tell(FinalHeard("yes"))
    talk.tell(ToolStarted(1, "create_appointment", writes=True))
    talk.tell(FinalHeard("no wait"))
    press(talk, "050", gap_ms=50)
    talk.tell(ToolEnded(1, "create_appointment", ok=True, ms=200))
    talk.tell(ReplyDelta(1, Spoken("booked")))
    talk.tell(DirectiveGiven(1, CollectDigits("phone")))
    talk.tell(ReplyEnded(1))
    talk.run(1_000)
    assert talk.turns[-1].said.text == "no wait"
    talk.tell(ReplyDelta(2, Spoken("your number")))
    talk.tell(DirectiveGiven(2, CollectDigits("phone")))
    talk.tell(ReplyEnded(2))
    press(talk, "1#")

    assert keys(talk) == ["0501"]
