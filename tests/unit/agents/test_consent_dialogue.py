"""What the dialogue takes for a yes to the read-back, and what it asks about once more."""

from datetime import date, time, timedelta

import pytest
from scripted_call import ScriptedCall
from scripted_desk import ScriptedDesk

from dalpak.language.base import Answer, Asked, Intent
from dalpak.ports.agent import SayGoodbye

pytestmark = pytest.mark.unit

TUESDAY = date(2026, 11, 24)
HALF_PAST_THREE = time(15, 30)
PHONE = "0541234567"
AFFIRM, DENY, UNSURE = Answer.AFFIRM, Answer.DENY, Answer.UNSURE


async def to_read_back() -> ScriptedCall:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    await call.means("דנה כהן", name="דנה כהן")
    assert (await call.keys(PHONE)).said("read_back")
    return call


async def test_a_kind_word_on_the_way_out_is_asked_about() -> None:
    call = await to_read_back()
    reply = await call.means(answer=UNSURE, intent=Intent.GOODBYE, needs_clarification=True)
    assert reply.said("confirm_again")
    assert reply.directives == []
    assert call.desk.booked == []
    await call.means(answer=AFFIRM)
    assert len(call.desk.booked) == 1


async def test_leaving_without_an_answer_books_nothing() -> None:
    call = await to_read_back()
    reply = await call.means(intent=Intent.GOODBYE)
    assert reply.said("goodbye")
    assert reply.directives == [SayGoodbye()]
    assert call.desk.booked == []


async def test_a_kind_word_on_the_way_out_ends_a_call_that_is_done() -> None:
    call = await to_read_back()
    assert (await call.means(answer=AFFIRM)).said("anything_else")
    reply = await call.means(answer=UNSURE, intent=Intent.GOODBYE, needs_clarification=True)
    assert reply.said("goodbye_booked")


async def test_a_yes_that_one_lost_word_would_deny_is_asked_about_once() -> None:
    call = await to_read_back()
    assert (await call.means(answer=AFFIRM, hangs_on_no=True)).said("confirm_again")
    assert call.desk.booked == []
    assert (await call.means(answer=AFFIRM, hangs_on_no=True)).said("booked")
    assert len(call.desk.booked) == 1


async def test_every_read_back_may_be_doubted_anew() -> None:
    call = await to_read_back()
    await call.means(answer=AFFIRM, hangs_on_no=True)
    assert (await call.means(when_time=time(16, 0))).said("read_back")
    assert (await call.means(answer=AFFIRM, hangs_on_no=True)).said("confirm_again")
    assert call.desk.booked == []


async def test_no_in_a_whole_sentence_at_the_beginning_is_not_a_goodbye() -> None:
    call = ScriptedCall()
    reply = await call.means("אני לא משהו הרבה לתור שלי", answer=DENY)
    assert reply.directives == []
    assert reply.said("did_not_understand")
    assert (await call.means("לא תודה", answer=DENY)).said("goodbye")


async def test_no_to_the_number_of_this_call_is_a_no_whatever_number_is_meant() -> None:
    call = ScriptedCall(ScriptedDesk(caller_phone="+972541234567"))
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert (await call.means(name="דנה")).said("ask_phone_caller")
    reply = await call.means("לא זה המספר שלי", answer=DENY, own_number=True)
    assert reply.said("ask_phone_keypad")
    assert call.desk.phone is None
    assert (await call.means(answer=DENY, own_number=True)).said("read_back")


async def test_a_first_answer_with_a_price_keeps_to_its_words() -> None:
    call = ScriptedCall()
    first = TUESDAY + timedelta(days=20)
    reply = await call.means(
        intent=Intent.QUERY_PRICE,
        service_ids=("colour",),
        date_range=(first, first + timedelta(days=3)),
        when_time=HALF_PAST_THREE,
    )
    assert reply.said("price")
    assert call.asked is Asked.CHOICE
    assert len(reply.text.split()) <= 24
