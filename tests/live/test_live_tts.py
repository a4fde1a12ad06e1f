"""The contract of a voice, held by the real ones: `make live`. Costs some hundred characters."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import test_tts as contract
from live_stage import VOICES, suite, voice_of

pytestmark = pytest.mark.live

NOT_FOR_REAL_VOICES = frozenset(
    {"test_many_sentences_at_once_do_not_mix"}  # no real voice is twice of one length
)

Test = Callable[[contract.Adapter], Awaitable[None]]


@pytest.mark.parametrize("name", VOICES)
@pytest.mark.parametrize("test", suite(contract, "adapter", without=NOT_FOR_REAL_VOICES))
async def test_a_real_voice_keeps_the_contract(name: str, test: Test) -> None:
    VOICES[name].settings()  # skipped here, by name, where there is no key
    await test(contract.Adapter(partial(voice_of, name)))
