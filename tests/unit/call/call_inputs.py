"""Any input of a call, with numbers that are often right and sometimes not: for property tests."""

from hypothesis import strategies as st

from dalpak.call import inputs as i
from dalpak.call.inputs import Input
from dalpak.language.base import Spoken

TURNS = st.integers(-1, 6)
SPEECHES = st.integers(-1, 12)
TEXTS = st.sampled_from(["", "  ", "mm", "yes", "one", "one two", "two", "x" * 500])
DIRECTIVES = st.one_of(
    st.builds(i.CollectDigits, st.just("phone"), st.integers(0, 40)),
    st.just(i.SayGoodbye()),
    st.just(i.TransferTo("+97235550000")),
)
AUDIO = st.one_of(st.just(b""), st.integers(1, 8_000).map(lambda n: b"\x7f" * n))


@st.composite
def marks(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text(max_size=30))
    end = draw(st.sampled_from(["", "e"]))
    numbers = [draw(st.integers(0, 3)), draw(TURNS), draw(SPEECHES), draw(st.integers(0, 5)) * 200]
    return "g{}:t{}:s{}:{}".format(*numbers) + end


def anything(*, ends: bool = True) -> st.SearchStrategy[Input]:
    """`ends` False leaves out what ends a call at once."""
    common: list[st.SearchStrategy[Input]] = [
        st.builds(i.FrameHeard, st.booleans()),
        st.builds(i.KeyPressed, st.sampled_from([*"0123456789*#", "A", "", "#1"])),
        st.builds(i.MarkPlayed, marks()),
        st.builds(i.PartialHeard, TEXTS),
        st.builds(i.FinalHeard, TEXTS),
        st.builds(i.ReplyDelta, TURNS, TEXTS.map(Spoken), st.sampled_from([None, "tag"])),
        st.builds(i.ToolStarted, TURNS, st.just("tool"), st.booleans()),
        st.builds(i.ToolEnded, TURNS, st.just("tool"), st.booleans(), st.integers(0, 9)),
        st.builds(i.DirectiveGiven, TURNS, DIRECTIVES),
        st.builds(i.ReplyEnded, TURNS),
        st.builds(i.ReplyFailed, TURNS, st.just("down")),
        st.builds(i.AudioReady, SPEECHES, AUDIO, st.booleans()),
        st.builds(i.SpeechFailed, SPEECHES, st.just("down")),
        st.just(i.TimePassed()),
        st.builds(i.LineSlow, st.integers(0, 60)),
        st.builds(i.CallStarted, st.booleans(), st.booleans()),
        st.just(i.EarsLost("down")),
    ]
    ending: list[st.SearchStrategy[Input]] = [
        st.just(i.CallerHungUp()),
        st.just(i.LineLost("down")),
        st.just(i.DrainRequested()),
    ]
    return st.one_of(*common, *(ending if ends else []))
