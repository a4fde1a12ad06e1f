"""A caller's words with the first service failing in every way: the real listener, two real services, real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from soniox_stage import options
from stt_ear import until

from dalpak.call.inputs import EarsLost, FinalHeard, Input
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import SystemClock
from dalpak.runtime.listen import Listener
from dalpak.runtime.supervise import Supervisor
from dalpak.services.stt.second import EitherStt
from dalpak.services.stt.soniox import SonioxStt
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.soniox_server import SonioxFault, SonioxServer

pytestmark = pytest.mark.integration

TEXT = "שלום אני רוצה תור מחר בעשר"
QUIET = SILENCE_FRAME * 10


@dataclass
class Call:
    first: SonioxServer
    second: SonioxServer
    ear: Listener
    heard: list[Input] = field(default_factory=list)

    @property
    def finals(self) -> list[str]:
        return [what.text for what in self.heard if isinstance(what, FinalHeard)]

    @property
    def lost(self) -> list[Input]:
        return [what for what in self.heard if isinstance(what, EarsLost)]

    def says(self, text: str) -> None:
        """In frames, as from a telephone."""
        audio = coded_voice(text) + QUIET
        for at in range(0, len(audio), 160):
            self.ear.feed(audio[at : at + 160])
        self.ear.finalize()


@asynccontextmanager
async def call(**of_the_first: float) -> AsyncIterator[Call]:
    clock, supervisor = SystemClock(), Supervisor("test")
    async with SonioxServer() as first, SonioxServer() as second:
        one = SonioxStt(options(first, **of_the_first), clock)
        two = SonioxStt(options(second), clock)
        two.name = "second"
        stt = EitherStt(one, two, clock=clock)
        heard: list[Input] = []
        ear = Listener(
            stt=stt,
            vad=None,
            locale="he-IL",
            hints=(),
            debounce_ms=0,
            clock=clock,
            supervisor=supervisor,
            hear=heard.append,
        )
        ear.open()
        try:
            yield Call(first, second, ear, heard)
        finally:
            ear.close()
            await supervisor.aclose()
            await stt.aclose()


@pytest.mark.parametrize("fault", [SonioxFault.REFUSED, SonioxFault.DOWN, SonioxFault.HANGS])
async def test_a_first_that_cannot_be_reached_costs_no_word(fault: SonioxFault) -> None:
    async with call(open_s=0.3) as line:
        line.first.faults.extend([fault] * 3)
        line.says(TEXT)
        await until(lambda: bool(line.finals))

        assert line.finals == [TEXT]
        assert line.lost == []


@pytest.mark.parametrize(
    "fault",
    [
        SonioxFault.QUOTA,
        SonioxFault.UNAUTHORIZED,
        SonioxFault.RESTART,
        SonioxFault.RESET,
        SonioxFault.HALF,
        SonioxFault.GARBAGE,
        SonioxFault.SILENT,
    ],
)
async def test_a_first_that_breaks_in_the_middle_loses_and_doubles_no_word(
    fault: SonioxFault,
) -> None:
    async with call(silent_s=0.3 if fault is SonioxFault.SILENT else 5.0) as line:
        line.first.faults.append(fault)
        line.says(TEXT)
        await until(lambda: len(line.first.sessions) + len(line.second.sessions) >= 2)
        await until(lambda: bool(line.finals))
        line.says("תודה")
        await until(lambda: len(line.finals) == 2)

        assert line.finals == [TEXT, "תודה"]
        assert line.lost == []
        # One that asks for a new stream is asked again; after any other fault the second is asked.
        again = line.first.sessions[1:] if fault is SonioxFault.RESTART else line.second.sessions
        assert again


async def test_with_both_gone_the_call_is_told_and_goes_on_by_keypad() -> None:
    async with call() as line:
        line.first.faults.extend([SonioxFault.QUOTA] * 5)
        line.second.faults.extend([SonioxFault.DOWN] * 5)
        await until(lambda: bool(line.lost))

        assert len(line.lost) == 1
        assert line.finals == []
