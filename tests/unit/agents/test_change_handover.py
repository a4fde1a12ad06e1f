"""A move or a cancellation that one agent read back, and another one carries out: the memory is shared."""

from dataclasses import replace

import pytest
from desk_call import CALLER, DeskCall
from scripted_model import ModelCall, texts, tool

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.memory import recall
from dalpak.clock import run_virtual
from dalpak.domain.records import AppointmentStatus

pytestmark = pytest.mark.unit

WEDNESDAY = "2026-11-25"


async def standing() -> ModelCall:
    """A caller whose appointment an earlier call booked."""
    earlier = DeskCall()
    await earlier.says("תור מחר בעשר על שם דנה")
    await earlier.says("כן")
    (row,) = earlier.store.tables("salon").rows.values()
    row.appointment = replace(row.appointment, call_id="another", phone=CALLER)
    return await ModelCall(store=earlier.store).begin()


async def goes_on_without_the_model(call: ModelCall, text: str) -> list[str]:
    call.agent = BuiltinAgent()
    return await call.says(text)


def test_a_cancellation_read_back_for_the_model_is_agreed_to_without_it() -> None:
    async def play() -> None:
        call = await standing()
        of = call.rows()[0].id
        wish = f'{{"purpose": "cancel", "appointment_id": "{of}"}}'
        told = texts(await call.hears("לבטל", *tool("calendar_read_back", wish)))
        assert told[-1].endswith("לבטל את התור?")
        assert "ביטלתי" in " ".join(await goes_on_without_the_model(call, "כן"))
        assert call.rows()[0].status is AppointmentStatus.CANCELLED

    run_virtual(play())


@pytest.mark.parametrize(("answer", "moved"), [("כן", True), ("לא", False)])
def test_a_move_read_back_for_the_model_goes_on_without_it(answer: str, moved: bool) -> None:
    async def play() -> None:
        call = await standing()
        row = call.rows()[0]
        wish = f'{{"date": "{WEDNESDAY}", "time": "11:00", "moving": "{row.id}"}}'
        told = texts(await call.hears("לרביעי", *tool("calendar_find_slots", wish)))
        assert told[-1].endswith("להעביר?")
        await goes_on_without_the_model(call, answer)
        assert (call.rows()[0].start != row.start) is moved
        assert recall(call.state).errand is None

    run_virtual(play())


def test_a_booking_after_it_is_a_booking() -> None:
    async def play() -> None:
        call = await standing()
        wish = f'{{"purpose": "cancel", "appointment_id": "{call.rows()[0].id}"}}'
        await call.hears("לבטל", *tool("calendar_read_back", wish))
        find = tool("calendar_find_slots", f'{{"date": "{WEDNESDAY}", "time": "12:00"}}')
        await call.hears("לא, תור חדש לרביעי בשתים עשרה", *find)
        assert recall(call.state).errand is None
        assert (await goes_on_without_the_model(call, "דנה"))[-1].endswith("לקבוע?")
        await call.says("כן")
        assert [row.status for row in call.rows()] == [AppointmentStatus.BOOKED] * 2

    run_virtual(play())
