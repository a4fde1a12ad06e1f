"""A whole spoken call of the real runtime, heard and voiced by Google's real client libraries."""

from pathlib import Path

import pytest
from google_stage import settings
from spoken_call import NOW, talk
from stt_ear import until

from dalpak.clock import PinnedClock
from dalpak.domain.records import TenantScope
from dalpak.extensions import build_extensions
from dalpak.language.he.check_lines import SPOKEN_BOOKING
from dalpak.simulator.google import GoogleSimulator

pytestmark = pytest.mark.integration


async def test_what_a_caller_says_is_heard_and_answered(tmp_path: Path) -> None:
    """Word for word, in however many turns a busy machine hears it."""
    async with GoogleSimulator() as there:
        there.tts.word_ms = 40
        chosen = settings(
            there.address,
            data_dir=tmp_path,
            flows_enabled=False,
            stt_provider="google",
            tts_provider="google",
            # The voice of this caller carries words, and is a voice by its loudness only.
            vad_provider="energy",
        )
        async with build_extensions(chosen, clock=PinnedClock(NOW), serving=False) as ext:
            caller, business = await talk(ext)
            async with ext.store.reading(TenantScope(business)) as reading:
                turns = await reading.turns("call_1")
        await until(lambda: there.speech.open_streams == 0 and there.tts.open_streams == 0)

    said = [turn for turn in turns if turn.said]
    assert not caller.gave_up
    assert " ".join(turn.said for turn in said) == SPOKEN_BOOKING[0]
    assert said[-1].heard
    assert said[-1].stt_final_ms is not None
    assert said[-1].tts_ready_ms is not None
    assert there.tts.asked
