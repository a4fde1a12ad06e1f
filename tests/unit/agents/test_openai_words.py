"""A model's words in pieces: decoded exactly however they are cut, spoken in whole sentences only, never too many."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.agents.openai_words import (
    CHARACTERS_MAX,
    FIRST_ANSWER_WORDS,
    SENTENCES_MAX,
    ArgumentText,
    Sentences,
)

pytestmark = pytest.mark.unit

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def cut(text: str, sizes: list[int]) -> list[str]:
    pieces, at, n = [], 0, 0
    while at < len(text):
        size = sizes[n % len(sizes)]
        pieces.append(text[at : at + size])
        at, n = at + size, n + 1
    return pieces


@given(text=ANY_TEXT, ascii_only=st.booleans(), sizes=CUTS, indent=st.sampled_from([None, 2]))
def test_an_argument_is_decoded_as_json_would_however_it_is_cut(
    text: str, ascii_only: bool, sizes: list[int], indent: int | None
) -> None:
    raw = json.dumps({"text": text, "asks": "when"}, ensure_ascii=ascii_only, indent=indent)
    stream = ArgumentText()

    got = "".join(stream.feed(piece) for piece in cut(raw, sizes))

    assert got == text.replace("\b", "").replace("\f", "")
    assert stream.complete


@given(text=ANY_TEXT, sizes=CUTS, last=st.integers(0, 200))
def test_what_is_given_out_is_never_taken_back(text: str, sizes: list[int], last: int) -> None:
    """A stream that breaks off has told a beginning of the text and nothing else."""
    raw = json.dumps({"text": text})[:last]
    stream = ArgumentText()
    got = "".join(stream.feed(piece) for piece in cut(raw, sizes))
    assert text.replace("\b", "").replace("\f", "").startswith(got)


@given(st.text(max_size=200), CUTS)
def test_garbage_is_decoded_to_something_and_never_raises(garbage: str, sizes: list[int]) -> None:
    stream = ArgumentText()
    out = [stream.feed(piece) for piece in cut('{"text": "' + garbage, sizes)]
    assert all(isinstance(piece, str) for piece in out)


@pytest.mark.parametrize(
    "raw",
    [r'{"text": "\ud83d"}', r'{"text": "\ud83dx"}', r'{"text": "\ude00"}', r'{"text":"\uzz11"}'],
)
def test_half_a_character_is_left_out(raw: str) -> None:
    stream = ArgumentText()
    assert "".join(stream.feed(c) for c in raw) in {"", "x"}
    assert stream.complete


def test_sentences_come_out_as_soon_as_they_are_whole() -> None:
    cutter = Sentences(first_answer=False)
    assert cutter.feed("שלום. למתי") == ["שלום."]
    assert cutter.feed(" תרצו? ") == ["למתי תרצו?"]
    assert cutter.feed("נשמח לעזור") == []
    assert cutter.finish() == ["נשמח לעזור"]


def test_an_abbreviation_or_an_hour_is_no_end() -> None:
    cutter = Sentences(first_answer=False)
    assert cutter.feed("בשעה 10.30 זה") == []


@given(text=st.text("אבג .,!?\n", max_size=900), sizes=CUTS, first=st.booleans())
def test_no_more_is_said_than_an_answer_may_have(text: str, sizes: list[int], first: bool) -> None:
    cutter = Sentences(first_answer=first)
    said = [s for piece in cut(text, sizes) for s in cutter.feed(piece)] + cutter.finish()

    assert len(said) <= SENTENCES_MAX
    assert sum(map(len, said)) <= CHARACTERS_MAX
    assert all(s.strip() for s in said)
    if first:
        assert sum(len(s.split()) for s in said) <= FIRST_ANSWER_WORDS
    if any(c not in " .,!?\n" for c in text):
        assert said, "an answer with words in it is never swallowed whole"


def test_a_first_sentence_that_is_too_long_ends_at_a_comma() -> None:
    cutter = Sentences(first_answer=True)
    long = "אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר, " + "מילה " * 40 + "."
    assert cutter.feed(long + " ") == ["אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר"]
    assert cutter.full


def test_a_later_sentence_that_does_not_fit_is_left_out_whole() -> None:
    cutter = Sentences(first_answer=True)
    assert cutter.feed("שלום. " + "מילה " * 24 + ". ועוד. ") == ["שלום."]
    assert cutter.full


def test_words_without_an_end_are_cut_and_not_waited_for() -> None:
    cutter = Sentences(first_answer=False)
    said = [s for _ in range(100) for s in cutter.feed("well and ")]
    assert len(said) == 1
    assert len(said[0]) <= CHARACTERS_MAX
    assert cutter.full
