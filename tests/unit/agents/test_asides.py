"""Beside the booking: questions, people, messages, silence, nonsense, goodbye."""

from datetime import date, time

import pytest
from scripted_call import ScriptedCall
from scripted_desk import ScriptedDesk

from dalpak.language.base import Answer, Asked, Intent
from dalpak.ports.agent import SayGoodbye, TransferTo

pytestmark = pytest.mark.unit

TUESDAY = date(2026, 11, 24)


async def asked_for_the_name() -> ScriptedCall:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, when_time=time(15, 30))
    assert call.asked is Asked.NAME
    return call


async def test_a_question_in_the_middle_is_answered_and_then_back() -> None:
    call = await asked_for_the_name()
    reply = await call.means(intent=Intent.QUERY_HOURS, when_date=date(2026, 11, 28))
    assert reply.said("closed_all_day")
    assert reply.said("ask_name")
    assert call.desk.chosen is not None
    assert (await call.means(name="דנה")).said("ask_phone_keypad")


async def test_a_question_at_the_read_back_is_followed_by_the_read_back() -> None:
    call = await asked_for_the_name()
    await call.means(name="דנה")
    await call.keys("0541234567")
    reply = await call.means(intent=Intent.QUERY_PRICE, service_ids=("cut",))
    assert reply.said("price")
    assert reply.said("read_back")
    assert (await call.means(answer=Answer.AFFIRM)).said("booked")


async def test_the_price_of_what() -> None:
    call = ScriptedCall()
    assert (await call.means(intent=Intent.QUERY_PRICE)).said("ask_service")
    reply = await call.means(service_ids=("cut",))
    assert reply.said("price")
    assert reply.said("ask_when")


async def test_what_the_business_did_not_say_is_not_invented() -> None:
    reply = await ScriptedCall().means(intent=Intent.QUERY_ADDRESS)
    assert reply.said("do_not_know")


async def test_a_question_and_a_wish_in_one_sentence() -> None:
    call = ScriptedCall()
    reply = await call.means(
        intent=Intent.QUERY_PRICE, service_ids=("cut",), when_date=TUESDAY, when_time=time(12)
    )
    assert reply.said("price")
    assert reply.said("slot_chosen")


async def test_a_person_when_there_is_one() -> None:
    call = ScriptedCall(ScriptedDesk(owner_phone="+972500000000"))
    reply = await call.means(intent=Intent.HUMAN)
    assert reply.said("transfer")
    assert reply.directives == [TransferTo("+972500000000")]


async def test_nobody_there_takes_a_message_and_a_number() -> None:
    call = ScriptedCall()
    assert (await call.means(intent=Intent.HUMAN)).said("no_person")
    reply = await call.means("תגידו לתמר שאיחרתי")
    assert call.desk.messages == ["תגידו לתמר שאיחרתי"]
    assert reply.said("ask_phone_callback")
    reply = await call.keys("0541234567")
    assert reply.said("message_taken")
    assert reply.directives == [SayGoodbye()]
    assert call.desk.phone == "0541234567"


async def test_a_message_of_a_caller_whose_number_is_known() -> None:
    call = ScriptedCall(ScriptedDesk(caller_phone="+972541234567"))
    assert (await call.means(intent=Intent.CALLBACK)).said("ask_message")
    reply = await call.means("שיחזרו אליי")
    assert reply.said("message_taken")
    assert reply.said("anything_else")


async def test_declining_to_leave_a_message_is_not_a_message() -> None:
    call = ScriptedCall()
    await call.means(intent=Intent.HUMAN)
    assert (await call.means("לא תודה", answer=Answer.DENY)).said("anything_else")
    assert call.desk.messages == []


async def test_repeat_says_the_last_question_again() -> None:
    call = ScriptedCall()
    first = await call.means(when_date=TUESDAY)
    again = await call.means(intent=Intent.REPEAT)
    assert again.text == first.text
    call = await asked_for_the_name()
    assert (await call.means(intent=Intent.REPEAT)).text.endswith("על איזה שם?")


async def test_silence_is_answered_with_the_question() -> None:
    call = ScriptedCall()
    reply = await call.silence()
    assert reply.said("still_there")
    assert reply.said("ask_when")
    call = await asked_for_the_name()
    assert (await call.silence()).said("ask_name")


async def test_nonsense_twice_leads_to_the_keypad_and_words_lead_back() -> None:
    call = ScriptedCall()
    assert (await call.means("bla bla bla")).said("did_not_understand")
    reply = await call.means("bla")
    assert reply.said("did_not_understand_2")
    assert reply.said("keypad_option")
    assert (await call.keys("2")).said("keypad_time_menu")
    reply = await call.means(when_date=TUESDAY, when_time=time(12))
    assert reply.said("slot_chosen")
    assert reply.said("ask_name")


async def test_hello_is_not_nonsense() -> None:
    assert (await ScriptedCall().means("שלום")).said("ask_when")


async def test_the_service_that_was_asked_about_is_the_one_to_book() -> None:
    call = ScriptedCall()
    await call.means(intent=Intent.QUERY_PRICE, service_ids=("colour",))
    await call.means(when_date=TUESDAY, when_time=time(12))
    await call.means(name="דנה")
    await call.keys("0541234567")
    await call.means(answer=Answer.AFFIRM)
    assert call.desk.booked[0][1] == "colour"


async def test_understanding_in_between_forgives() -> None:
    call = ScriptedCall()
    await call.means("bla bla bla")
    await call.means(intent=Intent.BOOK)
    assert (await call.means("bla")).said("did_not_understand")


async def test_wait_and_goodbye_and_wrong_number() -> None:
    assert (await ScriptedCall().means(answer=Answer.WAIT)).said("wait_ok")
    reply = await ScriptedCall().means(intent=Intent.GOODBYE)
    assert reply.said("goodbye")
    assert reply.directives == [SayGoodbye()]
    assert (await ScriptedCall().means(intent=Intent.WRONG_NUMBER)).directives == [SayGoodbye()]


async def test_no_thanks_at_the_beginning_is_a_goodbye() -> None:
    assert (await ScriptedCall().means(answer=Answer.DENY)).said("goodbye")


async def test_the_state_holds_no_name_and_no_number() -> None:
    call = await asked_for_the_name()
    await call.means("דנה כהן", name="דנה כהן")
    await call.keys("0541234567")
    assert "דנה" not in str(call.stored)
    assert "0541234567" not in str(call.stored)
