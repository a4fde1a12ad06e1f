"""How the dialogue sounds: what was said is acknowledged, corrections keep the rest, nobody is cut off."""

from datetime import date, datetime, time, timedelta

import pytest
from scripted_call import ScriptedCall
from scripted_desk import ZONE, ScriptedDesk

from dalpak.language.base import Answer, Asked, Intent, Preference
from dalpak.ports.agent import CollectDigits, Said

pytestmark = pytest.mark.unit

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
HALF_PAST_THREE = time(15, 30)
SLOT = datetime.combine(TUESDAY, HALF_PAST_THREE, ZONE)
PHONE = "0541234567"
AFFIRM, DENY = Answer.AFFIRM, Answer.DENY


async def to_name(desk: ScriptedDesk | None = None) -> ScriptedCall:
    call = ScriptedCall(desk or ScriptedDesk())
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert call.asked is Asked.NAME
    return call


async def to_read_back() -> ScriptedCall:
    call = await to_name()
    await call.means("דנה כהן", name="דנה כהן")
    assert (await call.keys(PHONE)).said("read_back")
    return call


# -- acknowledged ----------------------------------------------------------------------------------


async def test_a_service_is_acknowledged_once() -> None:
    call = ScriptedCall()
    reply = await call.means(intent=Intent.BOOK, service_ids=("colour",))
    assert reply.said("service_when")
    assert "צבע" in reply.text
    assert (await call.silence()).said("ask_when")
    reply = await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert reply.said("slot_chosen")
    assert "צבע" not in reply.text


async def test_a_service_that_nobody_named_is_told_with_the_time() -> None:
    call = ScriptedCall()
    reply = await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert reply.said("slot_chosen_service")
    assert "תספורת" in reply.text
    reply = await call.means("לא, צבע", answer=DENY, service_ids=("colour",))
    assert reply.said("slot_chosen_service")
    assert reply.said("ask_name")
    assert not reply.said("ask_name_again")
    assert "צבע" in reply.text


async def test_who_was_asked_for_is_told() -> None:
    call = ScriptedCall()
    reply = await call.means(intent=Intent.BOOK, service_ids=("colour",), staff_id="tamar")
    assert "צבע אצל תמר" in reply.text


async def test_closed_for_the_whole_day_says_so() -> None:
    reply = await ScriptedCall().means(when_date=date(2026, 11, 28))
    assert reply.said("closed_all_day")
    assert reply.text.startswith("בשבת, אנחנו סגורים.")


# -- set right -------------------------------------------------------------------------------------


async def test_no_then_the_name_keeps_the_time() -> None:
    call = await to_read_back()
    assert (await call.means(answer=DENY)).said("changed_mind")
    reply = await call.means("השם רינה", name="רינה")
    assert reply.said("read_back")
    assert "רינה" in reply.text
    await call.means(answer=AFFIRM)
    assert call.desk.booked == [(SLOT, None, "רינה", PHONE)]


async def test_no_then_an_hour_keeps_the_day_and_then_a_day_keeps_the_hour() -> None:
    call = await to_read_back()
    await call.means(answer=DENY)
    assert (await call.means(when_time=time(17))).said("read_back")
    await call.means(answer=DENY)
    assert (await call.means(when_date=WEDNESDAY)).said("read_back")
    await call.means(answer=AFFIRM)
    assert call.desk.booked[0][0] == datetime.combine(WEDNESDAY, time(17), ZONE)


async def test_not_that_hour_offers_others_of_the_day() -> None:
    call = await to_read_back()
    reply = await call.means(answer=DENY, excluded_times=(HALF_PAST_THREE,))
    assert reply.said("offer_day_three")
    memory = call.stored["builtin"]
    assert isinstance(memory, dict)
    offered = [datetime.fromisoformat(slot["start"]) for slot in memory["offered"]]
    assert {at.date() for at in offered} == {TUESDAY}
    assert SLOT not in offered


async def test_not_that_day_asks_for_another_and_keeps_the_hour() -> None:
    call = await to_read_back()
    reply = await call.means(answer=DENY, excluded_dates=(TUESDAY,))
    assert reply.said("ask_which_day")
    assert (await call.means(when_date=WEDNESDAY)).said("read_back")
    await call.means(answer=AFFIRM)
    assert call.desk.booked[0][0] == SLOT + timedelta(days=1)


async def test_another_time_at_the_read_back_brings_offers() -> None:
    call = await to_read_back()
    reply = await call.means(intent=Intent.REQUEST_OTHER_TIME)
    assert reply.said("offer_day_three")
    assert (await call.means(choice=1)).said("read_back")


async def test_the_chosen_time_is_on_the_table_at_the_read_back() -> None:
    call = await to_read_back()
    await call.means(answer=Answer.UNSURE)
    assert call.language.context is not None
    assert call.language.context.offered == (SLOT,)


# -- not understood --------------------------------------------------------------------------------


async def test_the_read_back_is_not_read_twice_to_an_unclear_answer() -> None:
    call = await to_read_back()
    reply = await call.means("קפה הפוך")
    assert reply.said("sorry")
    assert reply.said("confirm_again")
    assert not reply.said("read_back")
    await call.means(answer=AFFIRM)
    assert len(call.desk.booked) == 1


async def test_perhaps_is_no_yes() -> None:
    call = await to_read_back()
    reply = await call.means(answer=Answer.UNSURE)
    assert reply.text == "לקבוע, כן או לא?"
    assert call.desk.booked == []
    await call.means(answer=DENY)
    assert call.desk.booked == []


async def test_offers_are_told_again_to_who_is_not_understood() -> None:
    call = ScriptedCall()
    first = await call.means(when_date=TUESDAY)
    reply = await call.means("קפה הפוך")
    assert reply.text == f"סליחה, לא הבנתי. {first.text}"


@pytest.mark.parametrize(
    "said",
    [{"answer": Answer.WAIT}, {"intent": Intent.QUERY_HOURS}, {}],
    ids=["wait", "a question", "nonsense"],
)
async def test_the_keypad_waits_for_the_number_whatever_is_said(said: dict[str, object]) -> None:
    call = await to_name()
    await call.means(name="דנה")
    reply = await call.means("קפה הפוך", **said)
    assert reply.directives == [CollectDigits("phone", 15)]
    assert (await call.keys(PHONE)).said("read_back")


async def test_a_person_is_connected_while_a_number_is_asked_for() -> None:
    call = await to_name(ScriptedDesk(owner_phone="+972500000000"))
    await call.means(name="דנה")
    reply = await call.means(intent=Intent.HUMAN)
    assert [type(d).__name__ for d in reply.directives] == ["TransferTo"]


async def test_nobody_is_hung_up_on_for_an_unclear_word_at_the_end() -> None:
    call = await to_read_back()
    await call.means(answer=AFFIRM)
    reply = await call.means(answer=Answer.UNSURE)
    assert reply.said("anything_else")
    assert reply.directives == []
    reply = await call.means("עוד תור", intent=Intent.REQUEST_OTHER_TIME)
    assert reply.said("ask_when")


async def test_a_service_at_the_end_begins_another_booking() -> None:
    call = await to_read_back()
    await call.means(answer=AFFIRM)
    assert (await call.means(service_ids=("colour",))).said("service_when")
    await call.means(when_date=WEDNESDAY, when_time=HALF_PAST_THREE)
    await call.means(answer=AFFIRM)
    assert [booked[1] for booked in call.desk.booked] == [None, "colour"]


# -- questions -------------------------------------------------------------------------------------


async def test_the_price_is_that_of_what_is_being_booked() -> None:
    call = await to_name()
    reply = await call.means(intent=Intent.QUERY_PRICE)
    assert reply.said("price")
    assert reply.said("ask_name")


async def test_the_price_of_another_service_means_that_one() -> None:
    call = await to_name()
    reply = await call.means(intent=Intent.QUERY_PRICE, service_ids=("colour",))
    assert reply.said("price")
    await call.means(name="דנה")
    await call.keys(PHONE)
    await call.means(answer=AFFIRM)
    assert call.desk.booked == [(SLOT, "colour", "דנה", PHONE)]


async def test_two_far_days_are_offered_in_few_words() -> None:
    day = TUESDAY + timedelta(days=20)
    busy = {datetime.combine(day, time(h, m), ZONE) for h in range(9, 19) for m in (0, 30)}
    reply = await ScriptedCall(ScriptedDesk(busy=busy)).means(when_date=day, when_time=time(18, 30))
    assert reply.said("taken")
    assert reply.said("offer_two_short")
    assert len(reply.text.split()) <= 24


async def test_a_silence_asks_the_same_thing() -> None:
    call = ScriptedCall()
    await call.means(intent=Intent.BOOK)
    reply = await call.turn(Said(silence=True))
    assert reply.said("still_there")
    assert reply.said("ask_when")


# -- the first time there is -----------------------------------------------------------------------


async def test_the_earliest_is_the_first_time_and_one_more() -> None:
    call = ScriptedCall()
    reply = await call.means(wants_earliest=True)
    assert reply.said("offer_day_two")
    memory = call.stored["builtin"]
    assert isinstance(memory, dict)
    starts = [datetime.fromisoformat(slot["start"]) for slot in memory["offered"]]
    assert starts[0] == min(call.desk.starts(starts[0].date()))
    assert starts[1] - starts[0] == timedelta(minutes=30)


async def test_no_the_earliest_there_is_forgets_the_day() -> None:
    call = ScriptedCall()
    await call.means(when_date=WEDNESDAY)
    await call.means(answer=DENY, wants_earliest=True, preference=Preference.EARLIEST)
    memory = call.stored["builtin"]
    assert isinstance(memory, dict)
    starts = [datetime.fromisoformat(slot["start"]) for slot in memory["offered"]]
    assert all(at.date() < WEDNESDAY for at in starts)


async def test_two_unclear_words_at_the_end_are_a_goodbye_not_a_menu() -> None:
    call = await to_read_back()
    await call.means(answer=AFFIRM)
    assert (await call.means("קפה הפוך")).said("anything_else")
    assert (await call.means("קפה הפוך")).said("goodbye_booked")


async def test_two_times_of_one_day_are_told_with_the_day_once() -> None:
    call = ScriptedCall()
    reply = await call.means(
        intent=Intent.QUERY_PRICE,
        service_ids=("colour",),
        when_date=TUESDAY + timedelta(days=20),
        when_time=time(15, 7),
    )
    assert reply.said("price")
    assert reply.text.count("בדצמבר") == 1
    assert len(reply.text.split()) <= 24
