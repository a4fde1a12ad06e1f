"""No voice: a soft tone, then quiet for as long as the sentence would take."""

import pytest

from dalpak.call.mulaw import energy
from dalpak.language.base import Spoken
from dalpak.services.tts.silent import SilentTts, duration_s

pytestmark = pytest.mark.unit


async def test_lasts_as_long_as_the_words_and_is_mostly_quiet() -> None:
    sentence = Spoken("לאיזה יום ושעה תרצו לקבוע תור?")
    chunks = [c async for c in SilentTts().synthesize(sentence, locale="he-IL")]
    audio = b"".join(chunks)
    assert len(audio) == int(duration_s(sentence) * 8_000)
    assert 100 < energy(chunks[0]) < 3_000
    assert energy(chunks[1]) == 0


async def test_says_nothing_for_nothing() -> None:
    assert [c async for c in SilentTts().synthesize(Spoken(""), locale="he-IL")] == []
