"""Caller audio in order: late frames wait, lost ones are silence, repeated ones are dropped."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.telephony.sequencer import JUMP_FRAMES, WINDOW_FRAMES, Sequencer
from dalpak.telephony.twilio import Media

pytestmark = pytest.mark.unit

SILENCE = b"\xff" * 160


def frame(number: int | None) -> Media:
    return Media(f"{number}.".encode(), None, number)


def heard(order: Sequencer, numbers: list[int | None]) -> bytes:
    return b"".join(payload for number in numbers for payload in order.take(frame(number)))


def test_in_order_nothing_waits() -> None:
    order = Sequencer()

    assert [order.take(frame(n)) for n in (1, 2, 3)] == [[b"1."], [b"2."], [b"3."]]


def test_a_late_frame_is_put_back_where_it_belongs() -> None:
    order = Sequencer()

    assert heard(order, [1, 3, 2, 4]) == b"1.2.3.4."
    assert (order.missing, order.repeated) == (0, 0)


def test_a_lost_frame_becomes_silence_of_its_length() -> None:
    order = Sequencer()

    assert heard(order, [1, 3, 4, 5]) == b"1." + SILENCE + b"3.4.5."
    assert order.missing == 1


def test_a_frame_that_comes_twice_or_too_late_is_not_heard() -> None:
    order = Sequencer()

    assert heard(order, [1, 2, 2, 1, 4, 5, 6, 3, 7]) == b"1.2." + SILENCE + b"4.5.6.7."
    assert order.repeated == 3


def test_a_wild_number_does_not_make_the_caller_deaf() -> None:
    order = Sequencer()

    assert heard(order, [1, 2, 10**15, 3, 4]) == b"1.2.1000000000000000.3.4."
    assert order.restarts == 2


def test_a_stream_that_counts_from_elsewhere_is_followed() -> None:
    assert heard(Sequencer(), [700, 701]) == b"700.701."


def test_frames_without_numbers_pass() -> None:
    assert heard(Sequencer(), [None, None]) == b"None.None."


@given(st.integers(2, 200), st.integers(0, 2**32))
def test_any_shuffle_within_the_window_is_undone(length: int, seed: int) -> None:
    """A frame is at most WINDOW_FRAMES - 1 places late."""
    rng = random.Random(seed)
    late = sorted(range(1, length + 1), key=lambda n: (n + rng.uniform(0, WINDOW_FRAMES - 1), n))
    late.remove(1)

    assert heard(Sequencer(), [1, *late]) == b"".join(
        f"{n}.".encode() for n in range(1, length + 1)
    )


@given(st.lists(st.integers(0, 4 * JUMP_FRAMES), max_size=200))
def test_nothing_is_heard_more_often_than_it_came_and_little_is_held(numbers: list[int]) -> None:
    order = Sequencer()
    out = [payload for n in numbers for payload in order.take(frame(n))]

    real = [payload for payload in out if payload.strip(b"\xff")]
    assert len(real) + order.repeated + WINDOW_FRAMES > len(numbers) >= len(real) + order.repeated
    assert sum(len(p) for p in out if not p.strip(b"\xff")) == order.missing * len(SILENCE)
