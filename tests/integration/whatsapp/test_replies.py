"""What people write back, through webhook, database and flows: done once, by the same tools as a call."""

import pytest
from flow_office import OWNER
from whatsapp_desk import CALLER, PUBLIC, SALON, SCOPE, WhatsappDesk

from dalpak.domain.follow_up import ConsentAnswer
from dalpak.domain.records import AppointmentStatus

pytestmark = pytest.mark.integration


async def booked(desk: WhatsappDesk) -> str:
    """An appointment of the person, whose confirmation went out."""
    appointment_id = await desk.office.book()
    assert len(await desk.to_caller(1)) == 1
    return appointment_id


async def test_cancel_asks_first_and_yes_cancels_with_a_confirmation(desk: WhatsappDesk) -> None:
    appointment_id = await booked(desk)
    asked = await desk.writes("אני רוצה לבטל את התור שלי")

    assert (asked.meaning, asked.outcome) == ("cancel", "asked_cancel")
    assert asked.subject_id == appointment_id
    question = (await desk.to_caller(2))[-1]
    assert "לבטל את התור לתספורת" in question
    assert (await desk.office.appointment(appointment_id)).status is AppointmentStatus.BOOKED

    done = await desk.writes("כן")
    assert (done.outcome, done.subject_id) == ("cancelled", appointment_id)
    assert (await desk.office.appointment(appointment_id)).status is AppointmentStatus.CANCELLED
    assert len(await desk.to_caller(3)) == 3
    async with desk.office.store.reading(SCOPE) as r:
        traces = await r.traces(done.id)
    assert [(t.tool, t.ok) for t in traces] == [
        ("calendar.read_back", True),
        ("calendar.cancel", True),
    ]


async def test_change_is_answered_with_the_number_to_call(desk: WhatsappDesk) -> None:
    done = await desk.writes("אפשר להזיז את התור?")

    assert done.outcome == "told_how_to_change"
    assert "031234567" in (await desk.to_caller(1))[0]


async def test_stop_counts_at_once_and_is_confirmed_once(desk: WhatsappDesk) -> None:
    assert (await desk.writes("הסר")).outcome == "opted_out"
    assert (await desk.writes("STOP")).outcome == "recorded"
    async with desk.office.store.reading(SCOPE) as r:
        consent = await r.consent(CALLER)
    assert consent is not None
    assert consent.answer is ConsentAnswer.OPTED_OUT

    await desk.office.book()
    await desk.quiet()
    assert len(await desk.to_caller(1)) == 1, "somebody who said stop was written to"
    confirmation = next(m for m in await desk.office.messages() if m.kind == "confirmation")
    assert (confirmation.state, confirmation.reason) == ("skipped", "opted_out")

    assert (await desk.writes("חידוש")).outcome == "opted_in"
    await desk.office.book(hour=12)
    assert len(await desk.to_caller(3)) == 3


async def test_a_free_reply_is_for_the_business(desk: WhatsappDesk) -> None:
    await booked(desk)
    done = await desk.writes("אפשר להביא את הכלב?")

    assert (done.meaning, done.outcome) == ("", "told_business")
    await desk.quiet()
    (notice,) = [m for m in desk.meta.taken if m.to == OWNER]
    assert notice.template == "lead_notice"
    assert notice.text.split("\n") == ["נועה", CALLER, "אפשר להביא את הכלב?"]
    assert len(await desk.to_caller(1)) == 1, "a free reply was answered by a machine"


async def test_one_message_told_many_times_is_acted_on_once(desk: WhatsappDesk) -> None:
    await booked(desk)
    message = desk.meta.message(CALLER, "לבטל", id_="wamid.same")
    for _ in range(3):
        webhook = desk.meta.webhook(messages=(message, message), number=SALON.phone)
        assert await desk.from_meta(webhook) == 200
    await desk.handled("wamid.same")
    await desk.quiet()

    assert len(await desk.inbounds()) == 1
    assert len(await desk.to_caller(2)) == 2


async def test_the_answer_goes_the_way_that_the_person_wrote(twilio_desk: WhatsappDesk) -> None:
    """WhatsApp is the installation's own choice; who writes by SMS is answered by SMS."""
    desk = twilio_desk
    desk.twilio.open_windows.add(CALLER)
    for sid, whatsapp in (("SM1", True), ("SM2", False)):
        form = desk.twilio.incoming(CALLER, "שינוי", sid=sid, whatsapp=whatsapp)
        assert await desk.from_twilio(f"{PUBLIC}/whatsapp/twilio", form) == 200
        assert (await desk.handled(sid)).outcome == "told_how_to_change"
    await desk.quiet()

    assert [m.to for m in desk.twilio.taken] == [f"whatsapp:{CALLER}", CALLER]
    assert all("031234567" in m.body for m in desk.twilio.taken)


async def test_a_message_by_the_sidecar_gets_its_answer_there(baileys_desk: WhatsappDesk) -> None:
    desk = baileys_desk
    event = desk.sidecar.message(CALLER, "לשנות", id_="3EB01")
    assert await desk.from_sidecar(event, event) == 200
    done = await desk.handled("3EB01")
    await desk.quiet()

    assert (done.channel, done.outcome) == ("baileys", "told_how_to_change")
    assert [m.to for m in desk.sidecar.arrived] == [CALLER]
