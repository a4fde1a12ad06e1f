"""The booking dialogue by voice: the straight way, and every way off it."""

from datetime import date, datetime, time, timedelta

import pytest
from scripted_call import ScriptedCall
from scripted_desk import NOW, ZONE, ScriptedDesk

from dalpak.language.base import Answer, Asked, Intent, PartOfDay, Preference
from dalpak.ports.agent import CollectDigits, Said

pytestmark = pytest.mark.unit

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
HALF_PAST_THREE = time(15, 30)
SLOT = datetime.combine(TUESDAY, HALF_PAST_THREE, ZONE)
PHONE = "0541234567"
AFFIRM, DENY = Answer.AFFIRM, Answer.DENY


async def to_read_back(call: ScriptedCall) -> None:
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    await call.means("דנה כהן", name="דנה כהן")
    if call.desk.phone is None:
        await call.keys(PHONE)
    assert call.asked is Asked.YES_NO


async def test_the_straight_way() -> None:
    call = ScriptedCall()
    reply = await call.means(intent=Intent.BOOK)
    assert reply.said("sure_when")
    reply = await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert reply.said("slot_chosen")
    assert reply.said("ask_name")
    assert call.asked is Asked.NAME
    reply = await call.means("דנה כהן", name="דנה כהן")
    assert reply.said("ask_phone_keypad")
    assert reply.directives == [CollectDigits("phone", 15)]
    reply = await call.keys(PHONE)
    assert reply.said("read_back")
    assert reply.tags == [call.desk.nonce]
    assert call.asked is Asked.YES_NO
    reply = await call.means(answer=AFFIRM)
    assert call.desk.booked == [(SLOT, None, "דנה כהן", PHONE)]
    assert reply.said("booked")
    assert reply.said("anything_else")
    reply = await call.means(answer=DENY)
    assert reply.said("goodbye_booked")
    assert [type(d).__name__ for d in reply.directives] == ["SayGoodbye"]


async def test_one_sentence_with_everything() -> None:
    call = ScriptedCall()
    reply = await call.means(
        intent=Intent.BOOK,
        when_date=TUESDAY,
        when_time=HALF_PAST_THREE,
        service_ids=("colour",),
        name="דנה כהן",
        phone=PHONE,
    )
    assert reply.said("read_back")
    await call.means(answer=AFFIRM)
    assert call.desk.booked == [(SLOT, "colour", "דנה כהן", PHONE)]


async def test_nothing_is_confirmed_before_it_is_committed() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    call.desk.broken.add("calendar.create_appointment")
    reply = await call.means(answer=AFFIRM)
    assert call.desk.booked == []
    assert not reply.said("booked")
    assert reply.said("tool_failed")
    call.desk.broken.clear()
    assert (await call.means(answer=AFFIRM)).said("read_back")
    assert (await call.means(answer=AFFIRM)).said("booked")


async def test_a_day_alone_gets_times_of_that_day() -> None:
    call = ScriptedCall()
    reply = await call.means(when_date=TUESDAY)
    assert reply.said("offer_day_three")
    assert call.asked is Asked.CHOICE
    await call.means(choice=2)
    offered = call.language.context
    assert offered is not None
    assert len(offered.offered) == 3
    assert call.desk.chosen is not None
    assert call.desk.offered[call.desk.chosen].date() == TUESDAY


async def test_an_hour_alone_is_asked_for_its_day() -> None:
    call = ScriptedCall()
    assert (await call.means(when_time=HALF_PAST_THREE)).said("ask_which_day")
    assert (await call.means(when_date=TUESDAY)).said("slot_chosen")


async def test_an_hour_that_may_be_morning_or_evening_is_asked_about() -> None:
    call = ScriptedCall()
    reply = await call.means(
        when_date=TUESDAY, time_candidates=(time(9), time(21)), needs_clarification=True
    )
    assert reply.said("ask_which_hour")
    assert (await call.means(when_time=time(9))).said("slot_chosen")


async def test_a_part_of_the_day_and_a_window_narrow_the_offer() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, part_of_day=PartOfDay.EVENING)
    await call.means(choice=1)
    assert call.desk.offered[call.desk.chosen or ""].hour == 18
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, window=(time(13), time(14)))
    await call.means(choice=-1)
    assert call.desk.offered[call.desk.chosen or ""].time() == time(13, 30)


@pytest.mark.parametrize(
    ("when", "at", "phrase"),
    [
        (TUESDAY, time(15, 7), "off_grid"),
        (NOW.date(), time(10, 30), "too_soon"),
        (SATURDAY, time(12), "closed_all_day"),
        (TUESDAY, time(22), "closed"),
        (TUESDAY + timedelta(60), time(12), "too_far"),
    ],
)
async def test_a_refusal_says_why_and_offers_two(when: date, at: time, phrase: str) -> None:
    call = ScriptedCall()
    reply = await call.means(when_date=when, when_time=at)
    assert reply.said(phrase)
    assert reply.said("offer_day_two") or reply.said("offer_two") or reply.said("offer_one")
    assert call.asked is Asked.CHOICE
    await call.means(choice=1)
    assert call.desk.chosen is not None


async def test_taken_offers_others_and_the_choice_may_be_an_hour() -> None:
    call = ScriptedCall(ScriptedDesk(busy={SLOT}))
    reply = await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert reply.said("taken")
    assert reply.said("offer_day_two")
    await call.means(when_time=time(16))
    assert call.desk.offered[call.desk.chosen or ""] == SLOT + timedelta(minutes=30)


async def test_first_answers_are_short() -> None:
    far = {SLOT, SLOT - timedelta(minutes=30), SLOT + timedelta(minutes=30)}
    for meaning in (
        {"when_date": TUESDAY, "when_time": HALF_PAST_THREE},
        {"when_date": SATURDAY, "when_time": time(12)},
        {"when_date": date(2026, 12, 3)},
        {"date_range": (date(2026, 11, 29), date(2026, 12, 3))},
        {"wants_earliest": True},
    ):
        reply = await ScriptedCall(ScriptedDesk(busy=set(far))).means(**meaning)
        assert len(reply.text.split()) <= 24, reply.text


async def test_yes_to_one_offer_takes_it_and_yes_to_two_asks_again() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY)
    reply = await call.means(answer=AFFIRM)
    assert reply.said("offer_day_three")
    assert call.desk.chosen is None
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, window=(time(13), time(13, 30)))
    await call.means(answer=AFFIRM)
    assert call.desk.offered[call.desk.chosen or ""].time() == time(13)


async def test_none_of_them() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY)
    assert (await call.means(answer=DENY)).said("another_time")
    assert (await call.means(when_date=date(2026, 11, 25))).said("offer_day_three")


async def test_something_else_never_brings_the_same_again() -> None:
    call = ScriptedCall()
    first = await call.means(when_date=TUESDAY)
    second = await call.means(intent=Intent.REQUEST_OTHER_TIME)
    assert second.said("offer_day_three")
    assert first.text != second.text
    starts = set(re_starts(call))
    assert len(starts) == 3


def re_starts(call: ScriptedCall) -> list[str]:
    memory = call.stored["builtin"]
    assert isinstance(memory, dict)
    assert not {o["start"] for o in memory["offered"]} & set(memory["refused"])
    return [o["start"] for o in memory["offered"]]


async def test_later_and_earlier_than_what_was_offered() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, part_of_day=PartOfDay.MORNING)
    later = await call.means(intent=Intent.REQUEST_OTHER_TIME, preference=Preference.LATER)
    assert later.said("offer_day_three")
    assert all(datetime.fromisoformat(s).hour >= 11 for s in re_starts(call))
    await call.means(preference=Preference.EARLIER)
    assert all(datetime.fromisoformat(s).hour <= 12 for s in re_starts(call))
    latest = re_starts(call)[-1]
    await call.means(preference=Preference.LATEST)
    assert call.desk.offered[call.desk.chosen or ""].isoformat() == latest


async def test_change_of_mind_after_the_read_back() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    reply = await call.means(answer=DENY, when_date=date(2026, 11, 25))
    assert reply.said("read_back")
    await call.means(answer=AFFIRM)
    assert call.desk.booked == [(SLOT + timedelta(days=1), None, "דנה כהן", PHONE)]


async def test_only_an_hour_is_of_the_day_that_is_talked_about() -> None:
    call = ScriptedCall()
    await call.means(when_date=SATURDAY, when_time=time(12))
    await call.means(choice=2)
    await call.means(name="דנה")
    await call.keys(PHONE)
    chosen = call.desk.offered[call.desk.chosen or ""].date()
    assert chosen != SATURDAY
    await call.means(answer=DENY, when_time=time(10))
    await call.means(answer=AFFIRM)
    assert call.desk.booked[0][0].date() == chosen


async def test_an_hour_on_any_day_of_a_range_is_offered_on_each() -> None:
    call = ScriptedCall()
    days = date(2026, 11, 23), date(2026, 11, 24)
    reply = await call.means(
        date_range=days, when_time=HALF_PAST_THREE, window=None, intent=Intent.BOOK
    )
    assert not reply.said("taken")
    assert reply.said("offer_two")
    assert call.desk.chosen is None


async def test_yes_thanks_bye_books_first() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    await call.means(answer=AFFIRM, intent=Intent.GOODBYE)
    assert len(call.desk.booked) == 1


async def test_a_stray_key_at_the_name_changes_nothing() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    reply = await call.keys("5")
    assert reply.said("keypad_not_an_option")
    assert reply.said("ask_name")
    assert (await call.means(name="דנה")).said("ask_phone_keypad")


async def test_a_plain_no_to_the_read_back_asks_anew_and_books_nothing() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    assert (await call.means(answer=DENY)).said("changed_mind")
    assert call.desk.booked == []
    assert (await call.means(when_date=TUESDAY, when_time=time(12))).said("read_back")


async def test_yes_with_another_hour_is_not_a_yes() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    reply = await call.means(answer=AFFIRM, when_time=time(16))
    assert call.desk.booked == []
    assert reply.said("read_back")
    assert call.desk.offered[call.desk.chosen or ""].hour == 16


async def test_yes_that_repeats_the_same_hour_is_a_yes() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    await call.means(answer=AFFIRM, when_time=HALF_PAST_THREE)
    assert len(call.desk.booked) == 1


async def test_a_corrected_name_is_read_back_again() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    reply = await call.means("לא, רינה כהן", answer=DENY, name="רינה כהן", corrects=True)
    assert reply.said("read_back")
    assert "רינה" in reply.text
    await call.means(answer=AFFIRM)
    assert call.desk.booked[0][2] == "רינה כהן"


async def test_another_service_after_the_read_back_is_looked_up_again() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    reply = await call.means(service_ids=("colour",))
    assert reply.said("read_back")
    await call.means(answer=AFFIRM)
    assert call.desk.booked[0][1] == "colour"


async def test_an_interrupted_read_back_is_read_again() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    call.desk.heard = False
    reply = await call.means(answer=AFFIRM)
    assert call.desk.booked == []
    assert reply.said("read_back")
    assert len(reply.tags) == 1
    call.desk.heard = True
    assert (await call.means(answer=AFFIRM)).said("booked")


async def test_somebody_was_faster_at_the_last_moment() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    call.desk.taken_at_create = True
    reply = await call.means(answer=AFFIRM)
    assert reply.said("just_taken")
    assert reply.said("offer_day_two")
    reply = await call.means(choice=1)
    assert reply.said("read_back")


async def test_the_callers_own_number_is_offered() -> None:
    call = ScriptedCall(ScriptedDesk(caller_phone="+972541234567"))
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    reply = await call.means(name="דנה")
    assert reply.said("ask_phone_caller")
    assert reply.directives == []
    assert (await call.means(answer=AFFIRM)).said("read_back")
    assert call.desk.phone == PHONE


async def test_the_number_i_am_calling_from() -> None:
    call = ScriptedCall(ScriptedDesk(caller_phone="+972541234567"))
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    await call.means(name="דנה")
    await call.means(answer=DENY)
    assert (await call.means(own_number=True)).said("read_back")


async def test_another_number_than_the_callers_own() -> None:
    call = ScriptedCall(ScriptedDesk(caller_phone="+972541234567"))
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    await call.means(name="דנה")
    reply = await call.means(answer=DENY)
    assert reply.said("ask_phone_keypad")
    assert isinstance(reply.directives[0], CollectDigits)
    assert (await call.means(phone="0521111111")).said("read_back")
    assert call.desk.phone == "0521111111"


async def test_a_bad_number_is_asked_for_again_and_refusing_one_is_answered() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    await call.means(name="דנה")
    for digits in ("054", "12345678901", "999"):
        reply = await call.keys(digits)
        assert reply.said("bad_number")
        assert reply.said("ask_phone_keypad")
    assert reply.said("phone_needed")
    assert (await call.means(answer=DENY)).said("phone_needed")
    assert (await call.keys(PHONE)).said("read_back")


async def test_a_name_that_is_not_understood_is_asked_twice_then_taken_as_it_is() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert (await call.means("צ׳ומפיטה")).said("ask_name_again")
    assert (await call.means("צ׳ומפיטה")).said("ask_phone_keypad")
    assert call.desk.name == "צ׳ומפיטה"


async def test_no_phone_needed_no_phone_asked() -> None:
    call = ScriptedCall(ScriptedDesk(require_phone=False))
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert (await call.means(name="דנה")).said("read_back_no_phone")


async def test_a_second_booking_keeps_who_is_calling() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    await call.means(answer=AFFIRM)
    reply = await call.means(when_date=TUESDAY, when_time=time(17))
    assert reply.said("read_back")
    await call.means(answer=AFFIRM)
    assert len(call.desk.booked) == 2


async def test_yes_there_is_something_else() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    await call.means(answer=AFFIRM)
    assert (await call.means(answer=AFFIRM)).said("ask_when")


async def test_keys_choose_and_confirm_beside_speech() -> None:
    call = ScriptedCall()
    await call.means(when_date=TUESDAY)
    assert (await call.keys("2")).said("slot_chosen")
    await call.means(name="דנה")
    await call.keys(PHONE)
    assert (await call.keys("2")).said("changed_mind")
    await call.means(when_date=TUESDAY, when_time=HALF_PAST_THREE)
    assert (await call.keys("1")).said("booked")


async def test_a_calendar_that_is_down_is_admitted() -> None:
    call = ScriptedCall()
    call.desk.broken.add("calendar.find_slots")
    assert (await call.means(when_date=TUESDAY)).said("tool_failed")
    call.desk.broken.clear()
    assert (await call.means(when_date=TUESDAY)).said("offer_day_three")


async def test_unsure_gets_the_next_free_times() -> None:
    call = ScriptedCall()
    await call.means(intent=Intent.BOOK)
    reply = await call.means(answer=Answer.UNSURE)
    assert reply.said("offer_day_three") or reply.said("offer_three")


async def test_after_a_break_the_last_question_is_asked_again() -> None:
    call = ScriptedCall()
    await to_read_back(call)
    reply = await call.turn(Said(opening=True))
    assert reply.said("resumed_after_break")
    assert reply.said("read_back")
