"""What simulated recognisers hear: words in coded voices wherever they are cut, scripts in any other sound."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.mulaw import SILENCE_FRAME, encode, energy
from dalpak.simulator.coded_voice import coded_voice, decoded
from dalpak.simulator.latency import NONE, TTS_UNARY, Latency
from dalpak.simulator.recogniser import LOUD, Heard, Recogniser, Script

pytestmark = pytest.mark.unit

WORDS = "שלום אני רוצה תור".split()
SENTENCE = " ".join(WORDS)
PAUSE = SILENCE_FRAME * 35


def texts(heard: list[Heard]) -> list[str]:
    return [h.text for h in heard]


def sound(pitch: int) -> bytes:
    samples = (9_000 * (n % pitch - pitch // 2) * 2 // pitch for n in range(8_000))
    return encode(b"".join(s.to_bytes(2, "little", signed=True) for s in samples))


def test_a_coded_voice_is_loud_all_through_and_as_long_as_its_words() -> None:
    audio = coded_voice(SENTENCE)
    assert len(audio) == len(WORDS) * 300 * 8
    assert min(energy(audio[at : at + 160]) for at in range(0, len(audio), 160)) > 4 * LOUD
    assert decoded(SILENCE_FRAME) is None
    assert decoded(sound(37)[:160]) is None


def test_words_grow_and_the_final_comes_at_a_pause() -> None:
    heard = Recogniser(Script()).hear(coded_voice(SENTENCE) + PAUSE)
    assert texts(heard) == [" ".join(WORDS[:n]) for n in (1, 2, 3, 4)] + [SENTENCE]
    assert [h.final for h in heard] == [False] * 4 + [True]


def test_the_final_comes_when_it_is_asked_for_and_once() -> None:
    ear = Recogniser(Script())
    ear.hear(coded_voice(SENTENCE))
    assert texts(ear.finish()) == [SENTENCE]
    assert ear.finish() == []
    assert ear.hear(PAUSE) == []


@given(cuts=st.lists(st.integers(0, 9_599), max_size=6), lead=st.integers(0, 500))
def test_wherever_audio_is_cut_each_word_is_heard_by_one_side(cuts: list[int], lead: int) -> None:
    """At frames, as callers' frames are cut; and whatever comes before, frames are found."""
    audio = coded_voice(SENTENCE)
    places = sorted({cut // 160 * 160 for cut in cuts})
    pieces = [audio[a:b] for a, b in zip([0, *places], [*places, len(audio)], strict=True)]
    words = []
    for piece in pieces:
        ear = Recogniser(Script())
        ear.hear(b"\xff" * lead + piece)
        words += [word for heard in ear.finish() for word in heard.text.split()]
    assert words == WORDS


def test_any_other_voice_says_the_next_utterance_of_the_script() -> None:
    ear = Recogniser(Script(["מחר בעשר", "תודה"]))
    heard = ear.hear(sound(37) + PAUSE + sound(41) + PAUSE)
    assert texts([h for h in heard if h.final]) == ["מחר בעשר", "תודה"]


def test_the_same_sound_again_is_the_same_utterance() -> None:
    """A replay after a fault, in another stream."""
    script = Script(["מחר בעשר", "תודה"])
    for _ in range(2):
        assert texts(Recogniser(script).hear(sound(37) + PAUSE))[-1] == "מחר בעשר"
    assert texts(Recogniser(script).hear(sound(41) + PAUSE))[-1] == "תודה"


def test_a_voice_beyond_the_script_says_nothing() -> None:
    assert Recogniser(Script()).hear(sound(37) + PAUSE) == []


def test_latencies_have_their_median_and_their_95th_percentile() -> None:
    rng = random.Random(7)
    drawn = sorted(TTS_UNARY.draw_s(rng) for _ in range(4_000))
    assert statistics.median(drawn) == pytest.approx(0.6, rel=0.05)
    assert drawn[3_800] == pytest.approx(1.0, rel=0.08)
    assert NONE.draw_s(rng) == 0
    assert Latency(150, 150).draw_s(rng) == pytest.approx(0.15)
