"""Any sequence of inputs, in any order, at any times: the core never raises and keeps its promises."""

from itertools import pairwise

import pytest
from call_harness import PROMPTS, is_backchannel
from call_inputs import anything
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.effects import (
    CancelSpeech,
    CancelTurn,
    ClearPlayback,
    CloseEars,
    Effect,
    HangUp,
    OpenEars,
    RecordMark,
    RecordTurn,
    SendFrame,
    Speak,
    StartTurn,
)
from dalpak.call.inputs import (
    AudioReady,
    CallerHungUp,
    CallStarted,
    Input,
    LineLost,
    TimePassed,
)
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, Limits
from dalpak.call.machine import Call
from dalpak.call.phase import MOVES, Phase

pytestmark = pytest.mark.unit

LIMITS = Limits()
STEPS = st.lists(
    st.tuples(anything(ends=False), st.sampled_from([0, 0, 1, 20, 60, 200, 700, 2_000, 9_000])),
    max_size=60,
)


def sound_of(speech: int, told: int) -> bytes:
    """Frames that tell their speech, and when their audio was given."""
    return bytes([speech, told]).ljust(FRAME_BYTES, b"\xff") * 10


def walk(
    steps: list[tuple[Input, int]], *, ears: bool, resumed: bool
) -> list[tuple[int, Input, Phase, list[Effect]]]:
    """Every step with its effects; deadlines are kept between inputs, and audio tells its speech."""
    call, now = Call(LIMITS, PROMPTS, is_backchannel), 0
    out = []

    def do(what: Input) -> None:
        if isinstance(what, AudioReady) and what.audio and what.speech >= 0:
            what = AudioReady(what.speech, sound_of(what.speech, min(len(out), 255)), what.last)
        out.append((now, what, call.phase, call.handle(what, now)))

    do(CallStarted(ears, resumed))
    for what, ms in steps:
        until = now + ms
        while (at := call.deadline()) is not None and at <= until:
            now = at
            do(TimePassed())
        now = until
        do(what)
    do(CallerHungUp())
    return out


def effects_of(steps: list[tuple[int, Input, Phase, list[Effect]]]) -> list[Effect]:
    return [effect for *_, effects in steps for effect in effects]


@given(STEPS, st.booleans(), st.booleans())
def test_promises_hold_whatever_happens(
    steps: list[tuple[Input, int]], ears: bool, resumed: bool
) -> None:
    trace = walk(steps, ears=ears, resumed=resumed)
    done = effects_of(trace)

    assert sum(isinstance(e, HangUp) for e in done) == 1
    assert isinstance(done[-1], HangUp)
    phases = [phase for _, _, phase, _ in trace]
    for before, after in pairwise(phases):
        assert before is after or after in MOVES[before]
    turns = [e.turn for e in done if isinstance(e, StartTurn)]
    assert turns == list(range(1, len(turns) + 1))
    recorded = [e.turn for e in done if isinstance(e, RecordTurn)]
    assert recorded == list(range(recorded[0], len(turns) + 1))
    speeches = [e.speech for e in done if isinstance(e, Speak)]
    assert len(speeches) == len(set(speeches))
    assert [e for e in done if isinstance(e, OpenEars | CloseEars)] in (
        ([], [OpenEars(), CloseEars()]) if ears else ([],)
    )
    marked = [(e.turn, e.mark) for e in done if isinstance(e, RecordMark)]
    assert len(marked) == len(set(marked))


@given(STEPS)
def test_audio_that_comes_after_a_cancel_is_never_sent(steps: list[tuple[Input, int]]) -> None:
    told = 0
    cancelled_at: dict[int, int] = {}
    for _, what, _, effects in walk(steps, ears=True, resumed=False):
        if isinstance(what, AudioReady) and what.audio and what.speech >= 0:
            told = what.audio[1]
        for effect in effects:
            match effect:
                case CancelSpeech(speech):
                    cancelled_at.setdefault(speech, told)
                case SendFrame(payload):
                    assert payload[1] <= cancelled_at.get(payload[0], told)


@given(STEPS)
def test_the_lead_is_never_exceeded(steps: list[tuple[Input, int]]) -> None:
    play_end = 0
    for now, _, _, effects in walk(steps, ears=True, resumed=False):
        for effect in effects:
            if isinstance(effect, ClearPlayback):
                play_end = min(play_end, now)
            elif isinstance(effect, SendFrame):
                play_end = max(play_end, now) + FRAME_MS
                assert play_end - now <= LIMITS.lead_ms + FRAME_MS


@given(STEPS)
def test_every_turn_ends_or_is_cancelled_before_the_next(steps: list[tuple[Input, int]]) -> None:
    open_turn: int | None = None
    for _, what, _, effects in walk(steps, ears=True, resumed=False):
        name = type(what).__name__
        if name in {"ReplyEnded", "ReplyFailed"} and getattr(what, "turn", None) == open_turn:
            open_turn = None
        for effect in effects:
            if isinstance(effect, CancelTurn):
                assert effect.turn == open_turn
                open_turn = None
            elif isinstance(effect, StartTurn):
                assert open_turn is None
                open_turn = effect.turn


@given(STEPS)
def test_the_same_inputs_have_the_same_effects(steps: list[tuple[Input, int]]) -> None:
    assert walk(steps, ears=True, resumed=False) == walk(steps, ears=True, resumed=False)


@given(st.lists(anything(), max_size=10))
def test_nothing_begins_before_the_start(inputs: list[Input]) -> None:
    call = Call(LIMITS, PROMPTS, is_backchannel)
    for what in inputs:
        if isinstance(what, CallStarted):
            continue
        effects = call.handle(what, 5)
        assert all(isinstance(e, HangUp | RecordTurn) for e in effects)
        ending = isinstance(what, CallerHungUp | LineLost)
        assert (call.phase is Phase.ENDED) or not ending


def test_time_never_runs_backwards_inside() -> None:
    call = Call(LIMITS, PROMPTS, is_backchannel)
    call.handle(CallStarted(ears=True), 1_000)
    call.handle(TimePassed(), 200)

    deadline = call.deadline()
    assert deadline is not None
    assert deadline > 1_000


def test_a_second_start_is_nothing() -> None:
    call = Call(LIMITS, PROMPTS, is_backchannel)
    call.handle(CallStarted(ears=True), 0)

    assert call.handle(CallStarted(ears=True), 10) == []


def test_a_call_that_is_taken_up_again_does_not_greet() -> None:
    call = Call(LIMITS, PROMPTS, is_backchannel)
    effects = call.handle(CallStarted(ears=True, resumed=True), 0)

    assert not any(isinstance(e, Speak) for e in effects)
    assert [e.said.opening for e in effects if isinstance(e, StartTurn)] == [True]
