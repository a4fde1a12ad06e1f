"""The far end's ear: what is played when, which marks are due, and which frame came too late."""

import pytest

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.simulator.playback import UTTERANCE_GAP_MS, Playback

pytestmark = pytest.mark.unit

LOUD = b"\x10" * 160


def test_frames_play_one_after_the_other_however_they_come() -> None:
    ear = Playback()
    for _ in range(10):
        ear.frame(LOUD, 1_000)

    assert ear.quiet_ms(1_000) == -200
    assert ear.quiet_ms(1_250) == 50
    assert ear.pace.lead_max == 200
    assert (ear.pace.late_frames, ear.pace.underruns) == (0, 0)


def test_a_voice_is_told_from_quiet() -> None:
    ear = Playback()

    assert ear.frame(LOUD, 0)
    assert not ear.frame(SILENCE_FRAME, 0)


def test_a_mark_is_due_when_all_before_it_was_played() -> None:
    ear = Playback()
    ear.mark("first", 0)
    ear.frame(LOUD, 0)
    ear.frame(LOUD, 0)
    ear.mark("second", 0)
    ear.frame(LOUD, 0)

    assert ear.due_marks(0) == ["first"]
    assert ear.due_marks(39) == []
    assert ear.due_marks(40) == ["second"]
    assert ear.due_marks(1_000) == []


def test_a_clear_drops_what_was_not_played_and_gives_every_mark_back() -> None:
    ear = Playback()
    for _ in range(5):
        ear.frame(LOUD, 0)
    ear.mark("end", 0)
    ear.clear(30)

    assert (ear.played_bytes, ear.dropped_bytes) == (240, 560)
    assert ear.due_marks(30) == ["end"]
    ear.frame(LOUD, 100)
    assert ear.pace.late_frames == 0, "what comes after a clear begins anew"


@pytest.mark.parametrize(
    ("late_by_ms", "late", "underruns"),
    [
        (0, 0, 0),
        (1, 1, 0),
        (10, 1, 0),
        (11, 1, 1),
        (400, 1, 1),
        (UTTERANCE_GAP_MS, 1, 1),
        (701, 0, 0),
    ],
)
def test_a_frame_is_late_when_the_one_before_was_played_out(
    late_by_ms: int, late: int, underruns: int
) -> None:
    ear = Playback()
    ear.frame(LOUD, 0)
    ear.frame(LOUD, 20 + late_by_ms)

    assert (ear.pace.late_frames, ear.pace.underruns) == (late, underruns)


def test_after_a_hole_the_frames_that_follow_are_in_time_again() -> None:
    ear = Playback()
    for at in (0, 300, 320, 340):
        ear.frame(LOUD, at)

    assert (ear.pace.late_frames, ear.pace.underruns) == (1, 1)
    assert ear.pace.gaps == [300, 20, 20]
