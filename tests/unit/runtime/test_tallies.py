"""The numbers that a process keeps of itself: right, bounded, and of nobody."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.effects import LatencyMark
from dalpak.call.inputs import AudioReady, Input, ReplyFailed, SpeechFailed
from dalpak.domain.records import TraceRecord, TurnRecord
from dalpak.errors import ProviderError
from dalpak.ports.stt import SttStream
from dalpak.runtime.tallies import BOUNDS_MS, OTHER, REASONS_MAX, CountedEars, Histogram, Tallies

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BOOK = "calendar.create_appointment"


def turn(**marks: int | bool) -> TurnRecord:
    return TurnRecord("call", 1, "said", "heard", NOW, **marks)  # type: ignore[arg-type]


def trace(tool: str, ok: bool) -> TraceRecord:
    return TraceRecord("call", 1, tool, {}, ok, "", 3, NOW)


@given(st.lists(st.integers(0, 20_000), max_size=50))
def test_a_histogram_counts_each_once_where_it_belongs(values: list[int]) -> None:
    histogram = Histogram()
    for ms in values:
        histogram.add(ms)

    assert sum(histogram.counts) == len(values)
    assert histogram.sum_ms == sum(values)
    for at, bound in enumerate(BOUNDS_MS):
        assert sum(histogram.counts[: at + 1]) == sum(ms <= bound for ms in values)


def test_a_turn_adds_the_marks_that_it_has() -> None:
    tallies = Tallies({})
    tallies.turn(turn(total_ms=900, ai_latency_ms=250, tts_send_lag_ms=19))
    tallies.turn(turn(total_ms=1100, interrupted=True, tts_send_lag_ms=20, heard_ms=1290))

    assert (tallies.turns, tallies.interrupted, tallies.late) == (2, 1, 1)
    assert tallies.marks[LatencyMark.TOTAL_MS].sum_ms == 2000
    assert tallies.marks[LatencyMark.AI_LATENCY_MS].sum_ms == 250
    assert sum(tallies.marks[LatencyMark.STT_FINAL_MS].counts) == 0
    assert tallies.marks[LatencyMark.HEARD_MS].sum_ms == 1290


def test_every_mark_of_a_turn_is_kept_with_it() -> None:
    assert set(LatencyMark) <= {field.name for field in fields(TurnRecord)}


def test_only_a_committed_appointment_is_a_booking() -> None:
    tallies = Tallies({BOOK: None, "calendar.find_slots": None})
    for tool, ok in ((BOOK, True), (BOOK, False), ("calendar.find_slots", True)):
        tallies.trace(trace(tool, ok))

    assert tallies.bookings == 1
    assert tallies.tool_calls[BOOK, False] == 1


@given(st.lists(st.text(), max_size=100))
def test_a_model_cannot_make_labels(asked: list[str]) -> None:
    tallies = Tallies({BOOK: None})
    for tool in asked:
        tallies.trace(trace(tool, False))

    assert {tool for tool, _ in tallies.tool_calls} <= {BOOK, OTHER}
    assert sum(tallies.tool_calls.values()) == len(asked)


@given(st.lists(st.text() | st.integers(0, 500).map(lambda n: f"code_{n}"), max_size=200))
def test_reasons_are_bounded_and_none_is_lost(reasons: list[str]) -> None:
    tallies = Tallies({})
    for reason in reasons:
        tallies.failed("stt", reason)

    assert len(tallies.failures) <= REASONS_MAX + 1
    assert sum(tallies.failures.values()) == len(reasons)
    assert all(reason.isascii() and " " not in reason for _, reason in tallies.failures)


def test_a_failure_is_counted_on_its_way() -> None:
    tallies, heard = Tallies({}), list[Input]()
    hear = tallies.watching(heard.append)
    inputs = [
        SpeechFailed(1, "tts_timeout"),
        ReplyFailed(2, "model_down"),
        AudioReady(1, b"", True),
    ]
    for what in inputs:
        hear(what)

    assert heard == inputs
    assert tallies.failures == {("tts", "tts_timeout"): 1, ("agent", "model_down"): 1}


class Ears:
    """Cannot be opened, or loses its stream at once."""

    name = "ears"

    def __init__(self, *, opens: bool) -> None:
        self.opens = opens

    async def open(self, *, on_lost: object, **_: object) -> SttStream:
        if not self.opens:
            raise ProviderError("stt_quota")
        on_lost("stt_reset")  # type: ignore[operator]
        return object()  # type: ignore[return-value]

    async def warm_up(self) -> None: ...

    async def aclose(self) -> None: ...


async def test_lost_ears_are_counted_and_told() -> None:
    tallies, lost = Tallies({}), list[str]()
    unused = {"locale": "he-IL", "hints": (), "on_transcript": lambda _: None}

    await CountedEars(Ears(opens=True), tallies).open(**unused, on_lost=lost.append)  # type: ignore[arg-type]
    with pytest.raises(ProviderError):
        await CountedEars(Ears(opens=False), tallies).open(**unused, on_lost=lost.append)  # type: ignore[arg-type]

    assert lost == ["stt_reset"]
    assert tallies.failures == {("stt", "stt_reset"): 1, ("stt", "stt_quota"): 1}
