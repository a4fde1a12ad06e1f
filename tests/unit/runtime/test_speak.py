"""Sentences to audio: deadlines, backpressure, and trouble as an input."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from dalpak.call.inputs import AudioReady, Input, SpeechFailed
from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.runtime.speak import Speaker
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit

CLOCK = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
HELLO = Spoken("hello")


class Voice:
    """Gives these chunks, each after a pause; a pause of None fails."""

    name = voice = "fake"

    def __init__(self, *script: tuple[float | None, bytes]) -> None:
        self.script = script
        self.given = 0

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        for pause, chunk in self.script:
            if pause is None:
                raise ProviderError("tts_reset")
            await CLOCK.sleep(pause)
            self.given += 1
            yield chunk

    async def aclose(self) -> None:
        return None


def speaker(voice: Voice | None, heard: list[Input], room: list[bool]) -> Speaker:
    return Speaker(
        voice=voice,
        locale="he-IL",
        timeout_s=1.0,
        supervisor=Supervisor("test"),
        hear=heard.append,
        has_room=lambda: room[0],
    )


def test_chunks_come_in_order_and_the_end_is_told() -> None:
    async def main() -> None:
        heard: list[Input] = []
        speaker(Voice((0.1, b"a"), (0.1, b"b")), heard, [True]).speak(7, HELLO)
        await CLOCK.sleep(0.5)
        assert heard == [
            AudioReady(7, b"a", last=False),
            AudioReady(7, b"b", last=False),
            AudioReady(7, b"", last=True),
        ]

    run_virtual(main())


def test_a_line_without_a_voice_shows_and_is_done() -> None:
    async def main() -> None:
        heard: list[Input] = []
        speaker(None, heard, [True]).speak(1, HELLO)
        assert heard == [AudioReady(1, b"", last=True)]

    run_virtual(main())


@pytest.mark.parametrize(
    ("script", "reason", "chunks"),
    [
        (((5.0, b"late"),), "TimeoutError", 0),
        (((0.1, b"half"), (5.0, b"late")), "TimeoutError", 1),
        (((0.1, b"half"), (None, b"")), "tts_reset", 1),
        (((None, b""),), "tts_reset", 0),
    ],
)
def test_silence_and_errors_become_speech_failed(
    script: tuple[tuple[float | None, bytes], ...], reason: str, chunks: int
) -> None:
    async def main() -> None:
        heard: list[Input] = []
        speaker(Voice(*script), heard, [True]).speak(3, HELLO)
        await CLOCK.sleep(20)
        assert len(heard) == chunks + 1
        assert heard[-1] == SpeechFailed(3, reason)

    run_virtual(main())


def test_the_producer_waits_while_there_is_no_room() -> None:
    async def main() -> None:
        heard: list[Input] = []
        room = [False]
        voice = Voice(*[(0.0, b"x")] * 5)
        mouth = speaker(voice, heard, room)
        mouth.speak(1, HELLO)
        await CLOCK.sleep(60)
        assert (voice.given, len(heard)) == (1, 1)
        room[0] = True
        mouth.room_changed()
        await CLOCK.sleep(1)
        assert voice.given == 5
        assert heard[-1] == AudioReady(1, b"", last=True)

    run_virtual(main())


def test_a_cancelled_speech_says_nothing_more() -> None:
    async def main() -> None:
        heard: list[Input] = []
        mouth = speaker(Voice((0.5, b"a"), (0.5, b"b")), heard, [True])
        mouth.speak(1, HELLO)
        await CLOCK.sleep(0.6)
        mouth.cancel(1)
        await CLOCK.sleep(5)
        assert heard == [AudioReady(1, b"a", last=False)]

    run_virtual(main())
