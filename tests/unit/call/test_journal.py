"""The journal: what is written replays exactly, and nobody can read from it what was said."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.call import effects as e
from dalpak.call import inputs as i
from dalpak.call.journal import JournalError, Mask, header, line, read, replay
from dalpak.call.limits import Limits
from dalpak.call.machine import Call
from dalpak.call.prompts import Prompts
from dalpak.language.base import Completeness, Spoken

pytestmark = pytest.mark.unit

PROMPTS = Prompts(
    Spoken("good morning"),
    (Spoken("one moment"), Spoken("still looking")),
    *(Spoken(f"prompt {n}") for n in range(9)),
)
SECRET = "my name is Zilpah and my number is 0501234567"


def mere(text: str) -> bool:
    return text in {"mm", "aha"}


def record(script: list[tuple[int, i.Input]]) -> tuple[list[str], list[e.Effect]]:
    """Run a call through the script; its journal and all its effects."""
    call, lines, effects, now = Call(Limits(), PROMPTS, mere), [header("call_1", Limits())], [], 0
    mask = Mask(mere)
    for after, what in script:
        now += after
        out = call.handle(what, now)
        effects += out
        lines.append(line(now, what, out, mask))
    return lines, effects


A_CALL: list[tuple[int, i.Input]] = [
    (0, i.CallStarted(ears=True)),
    (50, i.AudioReady(1, b"\x7f" * 8000, last=True)),
    *[(20, i.TimePassed())] * 40,
    (500, i.FinalHeard(SECRET)),
    (300, i.ReplyDelta(1, Spoken("very well, Zilpah"), "nonce")),
    (10, i.DirectiveGiven(1, i.CollectDigits("phone"))),
    (10, i.ReplyEnded(1)),
    (90, i.AudioReady(2, b"\x7f" * 16000, last=True)),
    *[(20, i.TimePassed())] * 60,
    *[(200, i.KeyPressed(k)) for k in "0507654321#"],
    (100, i.ReplyFailed(2, "llm_down")),
    (100, i.CallerHungUp()),
]


def test_a_call_replays_exactly() -> None:
    lines, effects = record(A_CALL)
    call_id, limits, steps = read(lines)
    assert call_id == "call_1"
    again = list(replay(limits, steps))
    assert [r.step.what.__class__ for r in again] == [type(w) for _, w in A_CALL]
    assert all(r.same for r in again)
    assert again[-1].phase == "ended"
    assert any(isinstance(x, e.StartTurn) for x in effects)


def test_the_line_of_a_single_frame_is_like_that_of_two() -> None:
    frame, mask = e.SendFrame(b"\x7f" * 160), Mask(mere)
    one = line(40, i.TimePassed(), [frame], mask)
    two = line(40, i.TimePassed(), [frame, frame], mask)
    assert one == two.replace("SendFrame*2", "SendFrame")


def test_the_line_of_a_voice_is_like_that_of_none() -> None:
    voiced, silent = (line(40, i.FrameHeard(v), [], Mask(mere)) for v in (True, False))
    assert voiced == silent.replace("false", "true")


def test_nothing_personal_is_in_it() -> None:
    text = "\n".join(record(A_CALL)[0])
    for secret in ("Zilpah", "0501234567", "my name", "very well"):
        assert secret not in text
    digits = [json.loads(x)["a"]["key"] for x in text.splitlines() if '"KeyPressed"' in x]
    assert digits == ["0"] * 10 + ["#"]


def test_the_same_word_keeps_its_placeholder() -> None:
    mask = Mask(mere)

    assert mask("tomorrow at five") == "w0 w1 w2"
    assert mask("at six tomorrow") == "w1 w3 w0"
    assert mask("mm") == "~w4"


def test_a_change_of_behaviour_shows() -> None:
    lines, _ = record(A_CALL)
    tampered = [x.replace('"StartTurn:1"', '"StartTurn:9"') for x in lines]
    _, limits, steps = read(tampered)
    assert [r.step.at for r in replay(limits, steps) if not r.same] == [1350]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "line 1"),
        (["{}"], "line 1"),
        (['{"journal": 99, "call_id": "x", "limits": {}}'], "version"),
        ([header("x", Limits()), "not json"], "line 2"),
        ([header("x", Limits()), '{"t":0,"in":"Nonsense","a":{},"out":[]}'], "line 2"),
        ([header("x", Limits()), '{"t":0,"in":"KeyPressed","a":{"no":1},"out":[]}'], "line 2"),
    ],
)
def test_another_file_is_refused_with_its_line(lines: list[str], told: str) -> None:
    with pytest.raises(JournalError, match=told):
        read(lines)


INPUTS = st.one_of(
    st.builds(i.FrameHeard, st.booleans()),
    st.builds(i.KeyPressed, st.sampled_from("0123456789*#AX")),
    st.builds(i.PartialHeard, st.sampled_from(["mm", "hello there", ""])),
    st.builds(i.FinalHeard, st.sampled_from(["aha", "tomorrow at ten", " "])),
    st.builds(i.ReplyDelta, st.integers(0, 3), st.just(Spoken("fine thanks")), st.none()),
    st.builds(i.ReplyEnded, st.integers(0, 3)),
    st.builds(i.AudioReady, st.integers(1, 5), st.just(b"\x7f" * 700), st.booleans()),
    st.builds(i.SpeechFailed, st.integers(1, 5), st.just("reset")),
    st.just(i.TimePassed()),
    st.just(i.EarsLost("quota")),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), INPUTS), max_size=60), st.booleans())
def test_any_call_replays_exactly(script: list[tuple[int, i.Input]], ears: bool) -> None:
    lines, _ = record([(0, i.CallStarted(ears=ears)), *script])
    _, limits, steps = read(lines)
    assert all(r.same for r in replay(limits, steps))


def test_a_call_that_was_answered_ahead_replays_with_how_it_sounded() -> None:
    def sounds(text: str) -> Completeness:
        return Completeness.OPEN if text.endswith("at") else Completeness.COMPLETE

    call, lines, now = Call(Limits(), PROMPTS, mere, sounds), [header("call_1", Limits())], 0
    mask = Mask(mere)
    drafted = []

    def tell(what: i.Input) -> None:
        effects = call.handle(what, now)
        drafted.extend(x for x in effects if isinstance(x, e.DraftTurn | e.CommitTurn))
        lines.append(line(now, what, effects, mask, call.floor.completeness))

    tell(i.CallStarted(ears=True))
    said = {900: i.PartialHeard("Tomorrow at"), 2_600: i.FinalHeard("tomorrow at ten.")}
    for step in range(250):
        now = step * 20
        tell(i.FrameHeard(500 <= now < 900 or 1_500 <= now < 2_400))
        if now == 2_200:
            tell(i.PartialHeard("tomorrow at ten"))
        if now in said:
            tell(said[now])
        tell(i.TimePassed())
    assert [type(x) for x in drafted][-1] is e.CommitTurn

    _, limits, steps = read(lines)
    assert all(replayed.same for replayed in replay(limits, steps))
    assert any(step.sounds is Completeness.OPEN for step in steps)
    assert "tomorrow" not in "".join(lines).lower()
