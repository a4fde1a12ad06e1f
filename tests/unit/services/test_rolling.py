"""The relay of streams: order, one final each, and nobody held up for ever; the tail of quiet between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.ports.stt import Transcript
from dalpak.services.stt.rolling import Relay, Tail
from dalpak.simulator.coded_voice import coded_voice

pytestmark = pytest.mark.unit

LOUD = coded_voice("כן")


def partial(text: str) -> Transcript:
    return Transcript(text, final=False)


def final(text: str) -> Transcript:
    return Transcript(text, final=True)


def relay(legs: int) -> Relay:
    made = Relay()
    for number in range(1, legs + 1):
        made.begin(number)
    return made


def test_the_first_leg_is_told_at_once() -> None:
    one = relay(1)
    assert one.heard(1, partial("a"), 10) == [partial("a")]
    assert one.heard(1, final("a b"), 20) == [final("a b")]
    assert one.ended(1) == []
    assert one.running == 0


def test_a_later_leg_waits_until_the_earlier_one_is_over() -> None:
    two = relay(2)
    assert two.heard(2, partial("c"), 10) == []
    assert two.heard(2, partial("c d"), 20) == []
    assert two.heard(1, final("a b"), 20) == [final("a b")]
    assert two.ended(1) == [partial("c d")]
    assert two.heard(2, final("c d"), 30) == [final("c d")]


def test_a_leg_that_ends_without_its_final_leaves_its_last_partial() -> None:
    one = relay(1)
    one.heard(1, partial("a b"), 10)
    assert one.ended(1) == [final("a b")]


def test_a_late_leg_makes_way_as_soon_as_a_later_one_has_words() -> None:
    two = relay(2)
    two.heard(1, partial("a"), 10)
    assert two.late(1) == []
    assert two.heard(2, partial("c"), 10) == [final("a"), partial("c")]
    assert two.heard(1, final("a b"), 20) == []
    assert two.stale == 1


def test_words_that_wait_are_told_when_the_one_before_becomes_late() -> None:
    two = relay(2)
    assert two.heard(2, final("c"), 10) == []
    assert two.late(1) == [final("c")]
    assert two.heard(1, final("a"), 20) == []


def test_every_earlier_leg_must_be_late_or_over() -> None:
    three = relay(3)
    three.late(1)
    assert three.heard(3, partial("e"), 10) == []
    assert three.heard(2, partial("c"), 10) == [partial("c")]
    assert three.late(2) == [final("c"), partial("e")]


def test_the_same_final_twice_is_one_and_another_with_the_same_words_is_another() -> None:
    one = relay(1)
    assert one.heard(1, final("yes"), 10) == [final("yes")]
    assert one.heard(1, final("yes"), 10) == []
    assert one.heard(1, final("yes"), 99) == [final("yes")]


def test_an_empty_final_takes_its_partial_back() -> None:
    one = relay(1)
    one.heard(1, partial("noise"), 10)
    assert one.heard(1, final(""), 20) == []
    assert one.ended(1) == []


def test_it_knows_who_has_spoken() -> None:
    two = relay(2)
    two.heard(2, partial("c"), 10)
    assert (two.spoke(1), two.spoke(2), two.spoke(3)) == (False, True, False)


EVENTS = st.lists(
    st.tuples(st.sampled_from(("partial", "final", "late", "end")), st.integers(0, 3)), max_size=60
)


@given(events=EVENTS)
def test_whatever_comes_in_whatever_order_words_stay_in_theirs(
    events: list[tuple[str, int]],
) -> None:
    """Each leg's words carry its number: what is told never goes back to an earlier leg, and a leg's words keep
    their order and are told once."""
    four, told = relay(4), []
    for said, (kind, which) in enumerate(events):
        number = which + 1
        match kind:
            case "late":
                told += four.late(number)
            case "end":
                told += four.ended(number)
            case _:
                text = f"{number} {said}"
                told += four.heard(number, Transcript(text, final=kind == "final"), said)
    for number in range(1, 5):
        told += four.ended(number)

    order = [tuple(map(int, t.text.split())) for t in told]
    legs = [leg for leg, _ in order]
    finals = [t.text for t in told if t.final]
    assert legs == sorted(legs)
    assert all(order[i] <= order[i + 1] for i in range(len(order) - 1))
    assert len(finals) == len(set(finals))
    assert four.running == 0


@given(
    pieces=st.lists(st.sampled_from((LOUD[:160], SILENCE_FRAME, SILENCE_FRAME[:40])), max_size=40)
)
def test_the_quiet_at_the_end_is_the_quiet_at_the_end(pieces: list[bytes]) -> None:
    tail = Tail(200)
    for piece in pieces:
        tail.add(piece)
    everything = b"".join(pieces)

    quiet = tail.quiet()
    assert everything.endswith(quiet)
    assert len(quiet) <= 1600
    assert not any(quiet[at : at + 160] == LOUD[:160] for at in range(len(quiet)))
    assert tail.end == len(everything)


def test_a_pause_is_as_long_as_the_whole_tail() -> None:
    tail = Tail(200)
    tail.add(LOUD + SILENCE_FRAME * 9)
    assert not tail.is_quiet
    tail.add(SILENCE_FRAME)
    assert tail.is_quiet
    assert len(tail.quiet()) == 1600
