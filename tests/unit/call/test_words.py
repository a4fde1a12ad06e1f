"""Words of a stream that repeats itself count once."""

import pytest
from call_harness import Talk
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.inputs import FinalHeard, PartialHeard
from dalpak.call.limits import Limits
from dalpak.call.words import KnownWords

pytestmark = pytest.mark.unit

LATE = Limits().late_words_ms


def texts(talk: Talk) -> list[str]:
    return [turn.said.text for turn in talk.turns]


def accepted(text: str = "tomorrow at five") -> Talk:
    """The final did not come, so that the partial was taken for it, and a turn has begun."""
    talk = Talk().start()
    talk.voice(400)
    talk.tell(PartialHeard(text))
    talk.run(1_000)
    assert texts(talk) == [text]
    return talk


def test_a_late_final_opens_no_second_turn() -> None:
    talk = accepted()
    talk.tell(FinalHeard("tomorrow at five"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow at five"]


def test_a_late_partial_opens_no_second_turn() -> None:
    talk = accepted()
    talk.tell(PartialHeard("tomorrow"))
    talk.run(2_000)

    assert texts(talk) == ["tomorrow at five"]


def test_a_late_final_that_says_more_adds_what_is_new() -> None:
    talk = accepted("tomorrow")
    talk.tell(FinalHeard("tomorrow at five"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow", "tomorrow at five"]


def test_the_same_final_again_is_nothing() -> None:
    talk = Talk().start()
    talk.voice(400, then_quiet=160)
    talk.tell(FinalHeard("tomorrow"))
    talk.run(60)
    talk.tell(FinalHeard("tomorrow"))
    talk.run(1_000)
    talk.tell(FinalHeard("tomorrow"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow"]


def test_a_final_of_what_was_accepted_in_mid_sentence_is_not_added_again() -> None:
    talk = Talk().start()
    talk.voice(400)
    talk.tell(PartialHeard("tomorrow"))
    talk.run(500)
    assert texts(talk) == ["tomorrow"]
    talk.voice(300)
    talk.tell(PartialHeard("tomorrow at five"))
    talk.voice(0, then_quiet=160)
    talk.tell(FinalHeard("tomorrow at five"))
    talk.run(1_000)

    assert texts(talk) == ["tomorrow", "tomorrow at five"]


def test_who_says_the_same_again_means_it_again() -> None:
    talk = Talk().start()
    for _ in range(2):
        talk.voice(400, then_quiet=160)
        talk.tell(FinalHeard("yes please"))
        talk.run(3_500)

    assert texts(talk).count("yes please") == 2


def test_who_says_the_same_again_after_a_final_that_never_came_means_it_again() -> None:
    talk = accepted("yes please")
    talk.run(3_500)
    talk.voice(400)
    talk.tell(PartialHeard("yes please"))
    talk.run(1_000)

    assert texts(talk).count("yes please") == 2


def test_who_types_the_same_again_means_it_again() -> None:
    talk = Talk().start()
    talk.tell(FinalHeard("again"))
    talk.tell(FinalHeard("again"))

    assert texts(talk) == ["again", "again again"]


def test_after_a_while_nothing_is_late_any_more() -> None:
    known = KnownWords(LATE)
    known.new_in_final("hello", 0, voiced_since=True)

    assert known.new_in_final("hello", LATE, voiced_since=False) == ""
    assert known.new_in_final("hello", 2 * LATE + 1, voiced_since=False) == "hello"


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.data())
def test_a_growing_stream_counts_every_word_once(said: list[str], data: st.DataObject) -> None:
    known = KnownWords(LATE)
    heard: list[str] = []
    for upto in range(1, len(said) + 1):
        text = " ".join(said[:upto])
        if data.draw(st.booleans()):
            new = known.new_in_partial(text, 0, voiced_since=False, open_still=True)
            if new:
                known.accept(0)
            heard += new.split()
    new = known.new_in_final(" ".join(said), 0, voiced_since=False)

    assert [*heard, *new.split()] == said
