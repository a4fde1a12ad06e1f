"""Which words were heard, as the sound and the marks tell it."""

import pytest

from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.heard_words import HeardWords
from dalpak.simulator.media_stream import FRAME_MS, frames_of

pytestmark = pytest.mark.unit

WORD_MS = 100
TEXT = "one two three four"


def said(words: HeardWords, text: str, ms: int) -> None:
    """The first `ms` of it."""
    for frame in frames_of(coded_voice(text, WORD_MS))[: ms // FRAME_MS]:
        words.frame(frame)


def test_a_word_is_heard_when_a_mark_behind_its_end_comes_back() -> None:
    words = HeardWords()
    said(words, TEXT, 280)
    words.mark("g0:t3:s1:280")
    assert words.by_turn == {}

    words.mark_back("g0:t3:s1:280")

    assert words.by_turn == {3: ["one", "two"]}


def test_what_a_clear_drops_was_not_heard_though_its_marks_come_back() -> None:
    words = HeardWords()
    said(words, TEXT, 200)
    words.mark("g0:t1:s1:200")
    said(words, "five six", 200)
    words.mark("g0:t1:s1:400")
    words.mark_back("g0:t1:s1:200")
    words.clear()
    words.mark_back("g0:t1:s1:400")

    assert words.by_turn == {1: ["one", "two"]}


def test_marks_that_come_back_one_after_the_other_add_up() -> None:
    words = HeardWords()
    for text, name in (
        ("one two", "g0:t1:s1:200"),
        ("three", "g0:t1:s1:300"),
        ("a", "g0:t2:s2:100"),
    ):
        said(words, text, 1_000)
        words.mark(name)
    for name in ("g0:t1:s1:200", "g0:t1:s1:300", "g0:t2:s2:100"):
        words.mark_back(name)

    assert words.by_turn == {1: ["one", "two", "three"], 2: ["a"]}


def test_a_claim_is_measured_by_what_was_heard() -> None:
    words = HeardWords()
    said(words, "one two two,", 300)
    words.mark("g0:t1:s1:300")
    words.mark_back("g0:t1:s1:300")

    assert words.claimed_unheard(1, "one two. two") == 0
    assert words.claimed_unheard(1, "one two three two four") == 2
    assert words.claimed_unheard(2, "one") == 1
