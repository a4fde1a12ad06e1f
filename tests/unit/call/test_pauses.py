"""How long quiet must last to end a turn: the caller's own pauses, and what was said last."""

import pytest
from call_harness import Talk
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.inputs import FinalHeard, PartialHeard
from dalpak.call.limits import Limits, Ms
from dalpak.call.pauses import LONGEST_MS, Pauses
from dalpak.language.base import Completeness

pytestmark = pytest.mark.unit

LIMITS = Limits()
COMPLETE = Completeness.COMPLETE


def test_who_has_not_paused_yet_waits_the_least() -> None:
    assert Pauses(LIMITS).wait(COMPLETE) == LIMITS.commit_pause_ms


def test_a_habit_of_long_pauses_lengthens_the_wait_and_fades() -> None:
    pauses = Pauses(LIMITS)
    for _ in range(6):
        pauses.observe(450)
    slow = pauses.wait(COMPLETE)
    for _ in range(10):
        pauses.fluent()

    assert LIMITS.commit_pause_ms < slow <= LIMITS.commit_pause_most_ms
    assert pauses.wait(COMPLETE) == LIMITS.commit_pause_ms


@given(st.lists(st.integers(0, 10_000), max_size=50), st.sampled_from(Completeness))
def test_the_wait_has_bounds_whatever_was_heard(gaps: list[Ms], sounds: Completeness) -> None:
    pauses = Pauses(LIMITS)
    for gap in gaps:
        pauses.observe(gap)
    least = {
        Completeness.COMPLETE: LIMITS.commit_pause_ms,
        Completeness.OPEN: LIMITS.open_pause_ms,
        Completeness.HESITATION: LIMITS.open_pause_ms,
        Completeness.DIGITS: LIMITS.digits_pause_ms,
    }[sounds]

    most = max(least, LIMITS.commit_pause_most_ms)
    assert least <= pauses.wait(sounds) <= most


def test_clicks_and_silences_are_no_pauses() -> None:
    pauses = Pauses(LIMITS)
    for gap in (0, LIMITS.hangover_ms - 1, LONGEST_MS + 1, 60_000):
        pauses.observe(gap)

    assert pauses.wait(COMPLETE) == LIMITS.commit_pause_ms


@pytest.mark.parametrize(
    ("sounds", "wait"),
    [
        (Completeness.COMPLETE, LIMITS.commit_pause_ms),
        (Completeness.OPEN, LIMITS.open_pause_ms),
        (Completeness.DIGITS, LIMITS.digits_pause_ms),
    ],
)
def test_the_turn_ends_when_its_words_allow(sounds: Completeness, wait: Ms) -> None:
    talk = Talk().start()
    talk.call.completeness = lambda _: sounds
    talk.voice(600)
    last_voice = talk.now
    talk.tell(FinalHeard("oh five two"))
    talk.run(3_000)

    (at,) = [at for at, e in talk.done if e in talk.turns]
    assert at == last_voice + wait


def test_whoever_goes_on_after_an_open_phrase_is_one_turn() -> None:
    talk = Talk().start()
    talk.call.completeness = lambda text: (
        Completeness.OPEN if text.endswith("at") else Completeness.COMPLETE
    )
    talk.voice(600)
    talk.tell(FinalHeard("tomorrow at"))
    talk.voice(0, then_quiet=LIMITS.open_pause_ms - 100)
    talk.voice(400)
    talk.tell(FinalHeard("ten"))
    talk.run(1_000)

    assert [t.said.text for t in talk.turns] == ["tomorrow at ten"]


def test_a_caller_who_is_cut_off_teaches_us_to_wait() -> None:
    """The wait was too short: the caller went on before we spoke, and that pause counts most."""
    talk = Talk(voice_ms=None).start(greeted=False)
    before = talk.call.floor.pauses.wait(COMPLETE)
    for k in range(6):
        talk.voice(400)
        talk.tell(FinalHeard(f"word{k}"))
        talk.voice(0, then_quiet=480)

    assert talk.call.floor.pauses.wait(COMPLETE) > before


def test_typed_words_do_not_wait() -> None:
    talk = Talk().start()
    talk.call.completeness = lambda _: Completeness.DIGITS
    talk.tell(PartialHeard("05"))
    talk.tell(FinalHeard("052"))
    talk.run(LIMITS.unvoiced_words_ms)

    assert [t.said.text for t in talk.turns] == ["052"]
