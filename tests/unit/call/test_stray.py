"""A caller who speaks where only keys are heard is told so soon, twice at most, and never over anything else."""

import pytest
from call_harness import Talk
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.effects import Speak
from dalpak.call.inputs import (
    CollectDigits,
    DirectiveGiven,
    EarsLost,
    FrameHeard,
    KeyPressed,
    ReplyDelta,
    ReplyEnded,
)
from dalpak.call.limits import FRAME_MS, Limits
from dalpak.call.stray import TELLINGS_MAX
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LIMITS = Limits()
SOON_MS = 1_000
"""From the end of the voice; the idle caller waits six seconds."""


def at_a_menu() -> Talk:
    """The ears are lost, and the keypad menu was heard to its end."""
    talk = Talk().start()
    talk.tell(EarsLost("down"))
    talk.run(100)
    answer(talk)
    return talk


def answer(talk: Talk) -> None:
    talk.tell(ReplyDelta(talk.turns[-1].turn, Spoken("press one")))
    talk.tell(ReplyEnded(talk.turns[-1].turn))
    talk.run(1_500)


def stray_turns(talk: Talk) -> int:
    return sum(turn.said.stray for turn in talk.turns)


def test_a_caller_who_speaks_to_a_menu_is_told_the_keys_again_soon() -> None:
    talk = at_a_menu()
    talk.voice(800, then_quiet=SOON_MS)

    said = talk.turns[-1].said
    assert (said.silence, said.stray) == (True, True)


def test_where_nobody_speaks_the_menu_comes_after_six_seconds_as_ever() -> None:
    talk = at_a_menu()
    talk.run(4_000)
    assert len(talk.turns) == 1
    talk.run(2_500)

    assert (talk.turns[-1].said.silence, talk.turns[-1].said.stray) == (True, False)


@pytest.mark.parametrize("voiced", [FRAME_MS, LIMITS.min_utterance_ms - FRAME_MS])
def test_a_click_is_no_voice(voiced: int) -> None:
    talk = at_a_menu()
    for _ in range(3):
        talk.voice(voiced, then_quiet=SOON_MS)

    assert stray_turns(talk) == 0


def test_a_voice_over_our_own_words_waits_for_their_end() -> None:
    talk = at_a_menu()
    talk.voice(800, then_quiet=SOON_MS)
    talk.tell(ReplyDelta(talk.turns[-1].turn, Spoken("press one")))
    for _ in range(10):
        talk.tell(FrameHeard(True))
        talk.run(FRAME_MS)
    talk.tell(ReplyEnded(talk.turns[-1].turn))
    talk.run(SOON_MS)

    assert stray_turns(talk) == 1


def test_a_television_is_told_twice_and_a_key_begins_anew() -> None:
    talk = at_a_menu()
    for _ in range(TELLINGS_MAX + 2):
        talk.voice(800, then_quiet=SOON_MS)
        if stray_turns(talk) and not talk.turns[-1].said.keys and talk.call.turns.thinking:
            answer(talk)
    assert stray_turns(talk) == TELLINGS_MAX

    talk.tell(KeyPressed("1"))
    answer(talk)
    talk.voice(800, then_quiet=SOON_MS)

    assert stray_turns(talk) == TELLINGS_MAX + 1


def test_who_is_keying_a_number_may_say_it_aloud() -> None:
    talk = Talk().start()
    talk.tell(EarsLost("down"))
    talk.run(100)
    talk.tell(ReplyDelta(1, Spoken("key in the number")))
    talk.tell(DirectiveGiven(1, CollectDigits("phone")))
    talk.tell(ReplyEnded(1))
    talk.run(1_500)
    talk.tell(KeyPressed("0"))
    talk.voice(LIMITS.key_deaf_ms + 800, then_quiet=SOON_MS)

    assert stray_turns(talk) == 0
    assert talk.call.keypad.digits_so_far == 1


def test_with_ears_a_voice_is_words_and_never_stray() -> None:
    talk = Talk().start()
    talk.voice(800, then_quiet=3_000)

    assert stray_turns(talk) == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 200)), max_size=12))
def test_no_frames_can_keep_a_call_alive_for_ever(voices: list[tuple[int, int]]) -> None:
    """Whoever only talks is told twice; then the silence of the keys counts, and there is a goodbye."""
    talk = at_a_menu()
    for loud, quiet in voices * 4:
        talk.voice(loud * FRAME_MS, then_quiet=quiet * FRAME_MS)
        if talk.call.turns.thinking:
            answer(talk)

    assert stray_turns(talk) <= TELLINGS_MAX


def test_who_spoke_in_vain_has_waited_since_then_when_the_menu_is_asked_for() -> None:
    """The ears are given up after the second voice without words; an agent that thinks is covered at once."""
    talk = Talk().start()
    talk.voice(480, then_quiet=LIMITS.no_words_short_ms + 800)
    spoke = talk.now + 480
    talk.voice(480, then_quiet=LIMITS.no_words_short_ms + 600)

    assert talk.turns[-1].said.opening
    fillers = [at for at, e in talk.done if isinstance(e, Speak) and at > spoke]
    assert fillers, "nothing was heard"
    assert fillers[-1] - spoke < 3_000 - 200
