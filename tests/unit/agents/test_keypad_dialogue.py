"""Booking by keys alone: day, time, phone, confirm; and every wrong key."""

from datetime import timedelta

import pytest
from scripted_call import ScriptedCall
from scripted_desk import NOW, ScriptedDesk

from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.ports.agent import CollectDigits, SayGoodbye, TransferTo

pytestmark = pytest.mark.unit

PHONE = "0541234567"


def deaf(**desk: object) -> ScriptedCall:
    return ScriptedCall(ScriptedDesk(**desk), ears=False)  # type: ignore[arg-type]


async def test_a_whole_booking_by_keys() -> None:
    call = deaf()
    reply = await call.opens()
    assert reply.text == "היום, הקישו אחת. מחר, שתיים. מחרתיים, שלוש. לימים נוספים, תשע."
    reply = await call.keys("2")
    assert reply.said("keypad_time_menu")
    assert reply.said("keypad_more_times")
    reply = await call.keys("1")
    assert reply.said("ask_phone_keypad")
    assert reply.directives == [CollectDigits("phone", 15)]
    reply = await call.keys(PHONE)
    assert reply.said("read_back_no_name")
    assert reply.said("keypad_confirm_again")
    reply = await call.keys("1")
    assert reply.said("booked")
    assert reply.said("goodbye_booked")
    assert reply.directives == [SayGoodbye()]
    nine = (NOW + timedelta(days=1)).replace(hour=9, minute=0)
    assert call.desk.booked == [(nine, None, None, PHONE)]


async def test_greeting_and_first_menu_are_one_short_answer() -> None:
    greeting = HEBREW.phrase("greeting_keypad", business=Spoken("מספרת תמר של הצפון"))
    menu = await deaf().opens()
    assert len(greeting.text.split()) + len(menu.text.split()) <= 24


async def test_more_days_and_then_round_again() -> None:
    call = deaf()
    first = await call.opens()
    second = await call.keys("9")
    assert second.text != first.text
    for _ in range(12):
        reply = await call.keys("9")
    assert reply.said("keypad_option")
    call = deaf()
    await call.opens()
    await call.press("9", "1", "1", PHONE, "1")
    assert call.desk.booked[0][0].date() == (NOW + timedelta(days=3)).date()


async def test_pages_of_times_hold_every_time_of_the_day_once() -> None:
    call = deaf()
    await call.opens()
    await call.keys("2")
    seen: list[str] = []
    for _ in range(5):
        memory = call.stored["builtin"]
        assert isinstance(memory, dict)
        seen += memory["menu"]
        await call.keys("9")
    free = call.desk.starts((NOW + timedelta(days=1)).date())
    assert sorted(seen) == [at.isoformat() for at in free]


async def test_another_day_from_the_menu_of_times() -> None:
    call = deaf()
    await call.opens()
    await call.keys("2")
    assert (await call.keys("8")).text.startswith("היום, הקישו אחת.")


async def test_star_repeats_with_a_hint_and_wrong_keys_are_told() -> None:
    call = deaf()
    first = await call.opens()
    reply = await call.keys("*")
    assert reply.text.startswith(first.text)
    assert reply.said("keypad_person")
    assert (await call.keys("7")).said("keypad_not_an_option")
    await call.keys("1")
    assert (await call.keys("5")).said("keypad_not_an_option")


async def test_two_at_the_read_back_chooses_anew() -> None:
    call = deaf()
    await call.opens()
    await call.press("2", "1", PHONE)
    reply = await call.keys("2")
    assert reply.said("keypad_option")
    await call.press("3", "2")
    assert (await call.keys("1")).said("booked")
    assert len(call.desk.booked) == 1


async def test_star_reads_back_again_and_another_key_is_told() -> None:
    call = deaf()
    await call.opens()
    await call.press("2", "1", PHONE)
    reply = await call.keys("*")
    assert reply.said("read_back_no_name")
    assert len(reply.tags) == 1
    assert (await call.keys("5")).said("keypad_not_an_option")
    assert (await call.keys("1")).said("booked")


async def test_a_number_that_is_none() -> None:
    call = deaf()
    await call.opens()
    reply = await call.press("2", "1", "123")
    assert reply.said("bad_number")
    assert isinstance(reply.directives[0], CollectDigits)
    assert (await call.keys(PHONE)).said("read_back_no_name")


async def test_the_callers_own_number_by_one_key() -> None:
    call = deaf(caller_phone="+972541234567")
    await call.opens()
    reply = await call.press("2", "1")
    assert reply.said("keypad_offer_caller_phone")
    assert (await call.keys("1")).said("read_back_no_name")
    assert call.desk.phone == PHONE
    call = deaf(caller_phone="+972541234567")
    await call.opens()
    assert (await call.press("2", "1", "2")).said("ask_phone_keypad")


async def test_a_slot_that_was_taken_meanwhile_brings_others_on_keys() -> None:
    call = deaf()
    await call.opens()
    await call.press("2", "1", PHONE)
    call.desk.taken_at_create = True
    reply = await call.keys("1")
    assert reply.said("just_taken")
    assert reply.said("keypad_option")
    reply = await call.keys("1")
    assert reply.said("read_back_no_name")
    assert (await call.keys("1")).said("booked")


async def test_zero_leads_to_a_person_or_leaves_the_number() -> None:
    call = deaf(owner_phone="+972500000000")
    await call.opens()
    assert (await call.keys("0")).directives == [TransferTo("+972500000000")]
    call = deaf()
    await call.opens()
    reply = await call.keys("0")
    assert reply.said("ask_phone_callback")
    reply = await call.keys(PHONE)
    assert reply.said("message_taken")
    assert call.desk.messages == [HEBREW.written("no_note")]
    assert reply.directives == [SayGoodbye()]


async def test_nothing_free_at_all_still_offers_a_way_out() -> None:
    call = deaf()
    for n in range(40):
        call.desk.busy |= set(call.desk.starts((NOW + timedelta(days=n)).date()))
    reply = await call.opens()
    assert reply.said("none_free")
    assert reply.said("keypad_person")
    assert (await call.keys("0")).said("ask_phone_callback")


async def test_losing_the_ears_in_mid_call_goes_on_with_keys() -> None:
    call = ScriptedCall()
    await call.means(when_date=(NOW + timedelta(days=2)).date())
    call.ears = False
    reply = await call.opens()
    assert reply.said("ears_lost")
    assert reply.said("keypad_option")
    await call.press("1", PHONE, "1")
    assert len(call.desk.booked) == 1


async def test_silence_repeats_the_menu() -> None:
    call = deaf()
    first = await call.opens()
    assert first.text in (await call.silence()).text


async def test_every_sentence_of_it_can_be_spoken_from_the_bank() -> None:
    call = deaf()
    known = {leaf for p in HEBREW.prompts().values() for leaf in (p, *p.leaves)}
    said = [await call.opens()]
    said += [await call.keys(k) for k in ("9", "*", "2", "9", "7", "3", PHONE, "5", "1")]
    leaves = {leaf for reply in said for s in reply.says for leaf in s.leaves}
    unknown = {leaf.text for leaf in leaves - known} - {",", ".", "?"}
    assert unknown == {"תספורת"}  # the business's own word: warmed up with the business
