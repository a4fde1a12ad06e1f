"""Consent to messages with a model on the line: it is asked, noted and refused without the model; and
what is said of the message that follows a booking, a move or a cancellation."""

from dataclasses import replace

import pytest
from desk_call import CALLER
from front_desk import MONDAY_TEN, TUESDAY
from scripted_model import ModelCall, say, texts, tool

from dalpak.agents.memory import recall
from dalpak.agents.openai_notes import recall_notes
from dalpak.agents.openai_tools import our_names
from dalpak.clock import run_virtual
from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord
from dalpak.domain.records import AppointmentStatus
from dalpak.language.he import HEBREW

pytestmark = pytest.mark.unit

FIND = tool("calendar_find_slots", '{"date": "2026-11-24", "time": "10:00", "limit": null}')
NAME = tool("leads_note_contact", '{"name": "דנה", "phone": null}')
ASKED = HEBREW.phrase("ask_whatsapp").text


def call() -> ModelCall:
    c = ModelCall(senders=("whatsapp_cloud", "outbox"))
    c.store.tables("salon").messaging["consent_required"] = True
    return c


def consents(c: ModelCall) -> list[ConsentRecord]:
    return c.store.tables("salon").consents


def test_the_question_stands_before_the_read_back_and_its_answer_goes_to_no_model() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        assert texts(await c.hears("דנה", *NAME))[-1] == ASKED
        asked = len(c.model.asked)
        assert texts(await c.hears("כן"))[-1].endswith("לקבוע?")
        assert len(c.model.asked) == asked
        assert [x.answer for x in consents(c)] == [ConsentAnswer.GRANTED]
        slot = recall(c.state).slot
        assert slot is not None
        booking = tool("calendar_create_appointment", f'{{"slot": "{slot.id}"}}')
        out = texts(await c.hears("כן", *booking))
        assert HEBREW.phrase("confirmation_whatsapp").text in out

    run_virtual(play())


def test_a_refusal_by_the_way_is_noted_without_the_model() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("שלום", *say("שלום, במה אפשר לעזור?"))
        asked = len(c.model.asked)
        out = texts(await c.hears("אל תשלחו לי וואטסאפ"))
        assert out[0] == HEBREW.phrase("messages_declined").text
        assert len(c.model.asked) == asked
        assert [x.answer for x in consents(c)] == [ConsentAnswer.DECLINED]
        assert "וואטסאפ" not in c.model.prompts

    run_virtual(play())


def test_a_model_can_neither_ask_for_consent_nor_give_it() -> None:
    assert not [name for name in our_names().values() if name.startswith("messages.")]

    async def play() -> None:
        c = await call().begin()
        with pytest.raises(Exception, match="garbage"):
            await c.hears("מחר בעשר", *tool("messages_note"))
        assert consents(c) == []

    run_virtual(play())


# -- moves and cancellations -------------------------------------------------------------------------

PROMISED = HEBREW.phrase("confirmation_whatsapp").text
ON_RECORD = HEBREW.phrase("confirmation_whatsapp_on_record").text
MORE = HEBREW.phrase("anything_else").text
WHATSAPP = ("whatsapp_cloud", "outbox")


async def next_day(
    *,
    required: bool = False,
    caller: str | None = CALLER,
    senders: tuple[str, ...] = WHATSAPP,
    phone: str = CALLER,
) -> ModelCall:
    """Another call, of somebody whose appointment was booked by an earlier one."""
    earlier = await ModelCall().begin()
    await earlier.hears("מחר בעשר", *FIND)
    await earlier.hears("דנה", *NAME)
    slot = recall(earlier.state).slot
    assert slot is not None
    booking = tool("calendar_create_appointment", f'{{"slot": "{slot.id}"}}')
    await earlier.hears("כן", *booking)
    (row,) = earlier.store.tables("salon").rows.values()
    row.appointment = replace(row.appointment, call_id="another", phone=phone)
    earlier.store.tables("salon").messaging["consent_required"] = required
    return await ModelCall(store=earlier.store, caller=caller, senders=senders).begin()


async def moves(c: ModelCall) -> list[str]:
    """What the wish to come an hour later is answered with."""
    wish = f'{{"date": "{TUESDAY}", "time": "11:00", "moving": "{c.rows()[0].id}"}}'
    return texts(await c.hears("להזיז לאחת עשרה", *tool("calendar_find_slots", wish)))


async def agrees_to_move(c: ModelCall) -> list[str]:
    at = f"{TUESDAY}T11:00"
    slot = next(i for i, start in recall_notes(c.state).slots.items() if at in start)
    change = f'{{"appointment_id": "{c.rows()[0].id}", "slot": "{slot}"}}'
    out = texts(await c.hears("כן", *tool("calendar_reschedule", change)))
    assert c.rows()[0].start.astimezone(MONDAY_TEN.tzinfo).isoformat().startswith(at)
    return out


async def cancels(c: ModelCall, said: str = "לבטל את התור") -> list[str]:
    about = f'{{"appointment_id": "{c.rows()[0].id}"}}'
    return texts(await c.hears(said, *tool("calendar_cancel", about)))


async def agrees_to_cancel(c: ModelCall) -> list[str]:
    out = await cancels(c, "כן")
    assert c.rows()[0].status is AppointmentStatus.CANCELLED
    return out


def test_after_a_move_its_confirmation_is_announced() -> None:
    async def play() -> None:
        c = await next_day()
        assert "להעביר" in (await moves(c))[-1]
        assert (await agrees_to_move(c))[1:] == [PROMISED, MORE]

    run_virtual(play())


def test_after_a_cancellation_its_confirmation_is_announced() -> None:
    async def play() -> None:
        c = await next_day()
        assert PROMISED not in await cancels(c)
        assert (await agrees_to_cancel(c))[1:] == [PROMISED, MORE]

    run_virtual(play())


def test_one_call_announces_to_a_number_once() -> None:
    async def play() -> None:
        c = await next_day()
        await moves(c)
        assert PROMISED in await agrees_to_move(c)
        await cancels(c)
        assert (await agrees_to_cancel(c))[1:] == [MORE]

    run_virtual(play())


def test_a_number_that_is_not_the_callers_own_line_is_called_by_the_appointment() -> None:
    async def play() -> None:
        c = await next_day(caller=None, phone="+972523456789")
        mine = '{"name": "דנה", "last4": "6789"}'
        await c.hears("על שם דנה, שש שבע שמונה תשע", *tool("calendar_my_appointments", mine))
        await cancels(c)
        assert (await agrees_to_cancel(c))[1:] == [ON_RECORD, MORE]

    run_virtual(play())


@pytest.mark.parametrize(
    ("senders", "phone"),
    [((), CALLER), (("outbox", "whatsapp_cloud"), CALLER), (WHATSAPP, "+97235551234")],
    ids=["nobody sends", "only kept", "landline"],
)
def test_what_will_not_come_is_not_announced(senders: tuple[str, ...], phone: str) -> None:
    async def play() -> None:
        c = await next_day(senders=senders, phone=phone, caller=phone)
        await cancels(c)
        assert (await agrees_to_cancel(c))[1:] == [MORE]

    run_virtual(play())


@pytest.mark.parametrize("answer", [ConsentAnswer.DECLINED, ConsentAnswer.OPTED_OUT])
def test_who_said_no_before_is_promised_nothing(answer: ConsentAnswer) -> None:
    async def play() -> None:
        c = await next_day(required=True)
        consents(c).append(ConsentRecord(CALLER, answer, "inbound", None, "", c.clock.now()))
        assert "לבטל" in (await cancels(c))[-1], "no question about messages"
        assert (await agrees_to_cancel(c))[1:] == [MORE]

    run_virtual(play())


@pytest.mark.parametrize(
    ("said", "answer", "told"),
    [
        ("כן", ConsentAnswer.GRANTED, [PROMISED, MORE]),
        ("לא", ConsentAnswer.DECLINED, [MORE]),
    ],
)
def test_where_a_yes_is_needed_it_is_asked_before_the_change_is_read_back(
    said: str, answer: ConsentAnswer, told: list[str]
) -> None:
    async def play() -> None:
        c = await next_day(required=True)
        assert (await cancels(c)) == [ASKED]
        asked = len(c.model.asked)
        assert "לבטל" in texts(await c.hears(said))[-1]
        assert len(c.model.asked) == asked, "the answer is the caller's and goes to no model"
        (record,) = consents(c)
        assert (record.phone, record.answer, record.wording) == (CALLER, answer, ASKED)
        assert c.rows()[0].status is AppointmentStatus.BOOKED, (
            "a yes to one question is none to another"
        )
        assert (await agrees_to_cancel(c))[1:] == told

    run_virtual(play())


def test_a_move_waits_for_the_same_answer() -> None:
    async def play() -> None:
        c = await next_day(required=True)
        assert (await moves(c)) == [ASKED]
        assert "להעביר" in texts(await c.hears("כן"))[-1]
        assert (await agrees_to_move(c))[1:] == [PROMISED, MORE]

    run_virtual(play())


def test_an_unclear_answer_is_asked_about_once_and_then_the_change_goes_on() -> None:
    async def play() -> None:
        c = await next_day(required=True)
        await cancels(c)
        assert texts(await c.hears("אולי")) == [ASKED]
        assert "לבטל" in texts(await c.hears("אולי"))[-1]
        assert consents(c) == []
        assert (await agrees_to_cancel(c))[1:] == [MORE]

    run_virtual(play())


def test_a_wish_at_the_question_answers_it() -> None:
    async def play() -> None:
        c = await next_day(required=True)
        await cancels(c)
        out = texts(await c.hears("בלי הודעות בבקשה"))
        assert out[0] == HEBREW.phrase("messages_declined").text
        assert "לבטל" in out[-1]
        assert [x.answer for x in consents(c)] == [ConsentAnswer.DECLINED]

    run_virtual(play())


def test_nothing_is_announced_that_was_not_changed() -> None:
    async def play() -> None:
        c = await next_day()
        desk = await c.opened()
        mine = {"appointment_id": c.rows()[0].id}
        for about in (mine, {"appointment_id": "appt_other"}):
            told = await desk.tools.call("messages.promise", about)
            assert (told.ok, told.say) == (True, None)
        other = await desk.tools.call("messages.ask", {"appointment_id": "appt_other"})
        assert (other.ok, other.say) == (True, None)

    run_virtual(play())
