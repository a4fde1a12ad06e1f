"""The far end's loudspeaker: real-time playing, marks in their turn, clears that return them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.telephony.loopback import LoopbackPlayer

pytestmark = pytest.mark.unit

FRAME = b"\xff" * 160


def test_a_mark_comes_back_when_everything_before_it_was_played() -> None:
    player = LoopbackPlayer()
    player.frame(FRAME, 1000)
    player.frame(FRAME, 1000)
    player.mark("two", 1000)

    assert player.next_due() == 1040
    assert player.due(1039) == []
    assert player.due(1040) == ["two"]
    assert player.due(1040) == []
    assert player.played_bytes == 320


def test_a_mark_on_an_empty_buffer_comes_back_at_once() -> None:
    player = LoopbackPlayer()
    player.mark("first", 5)
    player.frame(FRAME, 10)
    player.mark("after", 500)

    assert player.due(5) == ["first"]
    assert player.due(500) == ["after"]


def test_a_clear_drops_the_sound_and_returns_its_marks() -> None:
    player = LoopbackPlayer()
    for n in range(10):
        player.frame(FRAME, 0)
        player.mark(str(n), 0)

    assert player.due(50) == ["0", "1"]
    player.clear(50)
    assert player.due(50) == [str(n) for n in range(2, 10)]
    assert (player.played_bytes, player.dropped_bytes) == (400, 1200)
    assert player.next_due() is None
    assert player.frame(FRAME, 50) == 0


def test_silence_between_frames_is_measured() -> None:
    player = LoopbackPlayer()

    assert player.frame(FRAME, 0) == 0
    assert player.frame(FRAME, 15) == 0
    assert player.buffered_ms(15) == 25
    assert player.frame(FRAME, 47) == 7
    assert player.dry_ms == 7


STEPS = st.lists(
    st.tuples(st.sampled_from(["frame", "mark", "clear", "due"]), st.integers(0, 60)), max_size=80
)


@given(STEPS)
def test_every_mark_comes_back_once_in_order_and_every_byte_is_accounted_for(
    steps: list[tuple[str, int]],
) -> None:
    player, now, sent_bytes = LoopbackPlayer(), 0, 0
    sent: list[str] = []
    back: list[str] = []
    for step, wait in steps:
        now += wait
        if step == "frame":
            player.frame(FRAME, now)
            sent_bytes += len(FRAME)
        elif step == "mark":
            sent.append(str(len(sent)))
            player.mark(sent[-1], now)
        elif step == "clear":
            player.clear(now)
        else:
            back += player.due(now)
    back += player.due(now + 60_000)

    assert back == sent
    assert player.played_bytes + player.dropped_bytes == sent_bytes
