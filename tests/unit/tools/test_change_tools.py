"""Moving and cancelling: the caller's own appointments only, after a read-back of its own."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon, times
from memory_store import MemoryStore

from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.language.base import Answer, Intent, Understood

pytestmark = pytest.mark.unit

NOA = "+972523456789"
WEDNESDAY = "2026-11-25"
AT_TEN = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(salon(), salon("other"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def booked(store: MemoryStore, clock: FakeClock) -> str:
    """Tuesday at ten, in an earlier call of Noa's."""
    done = await Caller(store, clock, call_id="call-0", phone=NOA).book()
    return str(done.data["appointment_id"])


@pytest.fixture
def noa(store: MemoryStore, clock: FakeClock, booked: str) -> Caller:
    return Caller(store, clock, phone=NOA)


def row(store: MemoryStore, appointment_id: str) -> Appointment:
    return store.tables("salon").rows[appointment_id].appointment


def events(store: MemoryStore) -> list[str]:
    return [e for e in store.tables("salon").events if not e.startswith("appointment.created")]


# -- moving ----------------------------------------------------------------------------------------


async def test_a_whole_move(noa: Caller, store: MemoryStore, booked: str) -> None:
    moved = await noa.move(booked, "15:00", WEDNESDAY)
    assert moved.ok
    assert moved.data["start_iso"] == "2026-11-25T15:00:00+02:00"
    assert moved.say is not None
    assert moved.say.text == "rescheduled: service=Haircut when=Wednesday 15:00"
    now = row(store, booked)
    assert (now.start, now.status, now.version) == (
        datetime(2026, 11, 25, 13, tzinfo=UTC),
        AppointmentStatus.BOOKED,
        2,
    )
    assert events(store) == [f"appointment.rescheduled:{booked}:2"]
    told = store.tables("salon").events[f"appointment.rescheduled:{booked}:2"]
    assert told.payload == {"appointment_id": booked, "call_id": "call-1", "version": "2"}
    found = await noa.find(date=TUESDAY, time="10:00")
    assert found["exact"], "the old time is free again"
    live = [r for r in store.tables("salon").rows.values() if r.blocks(noa.clock.now())]
    assert len(live) == 1, "the hold of the new time is gone"


async def test_the_question_says_old_and_new_and_holds_the_new(
    noa: Caller, store: MemoryStore, booked: str
) -> None:
    await noa.choose("15:00", WEDNESDAY, moving=booked)
    told = await noa.use("calendar.read_back", purpose="reschedule", appointment_id=booked)
    assert told.say is not None
    assert told.say.text == (
        "reschedule_read_back: old=Tuesday 10:00 service=Haircut when=Wednesday 15:00"
    )
    held = [r.appointment for r in store.tables("salon").rows.values() if r.holder == "call-1"]
    assert [(a.status, a.start.hour) for a in held] == [(AppointmentStatus.HELD, 13)]
    assert row(store, booked).start == AT_TEN


async def test_it_moves_within_its_own_time_and_stays_with_its_staff(
    store: MemoryStore, clock: FakeClock
) -> None:
    first = Caller(store, clock, call_id="call-0", phone=NOA)
    await first.introduce()
    slot = await first.choose("10:00", service_id="colour")
    done = await first.create(slot, await first.agree())
    booked = str(done.data["appointment_id"])
    moved = await Caller(store, clock, phone=NOA).move(booked, "10:30")
    assert moved.ok, moved.data
    assert row(store, booked).start == AT_TEN + timedelta(minutes=30)
    assert row(store, booked).resource_id == "dana"


async def test_it_stays_with_its_staff_where_that_is_possible(
    noa: Caller, store: MemoryStore, clock: FakeClock, booked: str
) -> None:
    mine = row(store, booked).resource_id
    # The other one is idle that day: anybody new would go there.
    assert (await noa.move(booked, "15:00")).ok
    assert row(store, booked).resource_id == mine


async def test_repeating_a_move_changes_nothing(
    noa: Caller, store: MemoryStore, booked: str
) -> None:
    slot = await noa.choose("15:00", WEDNESDAY, moving=booked)
    nonce = await noa.agree(purpose="reschedule", appointment_id=booked)
    arguments = {"appointment_id": booked, "slot": slot, "nonce": nonce}
    answers = [await noa.use("calendar.reschedule", **arguments) for _ in range(5)]
    assert [a.data for a in answers] == [answers[0].data] * 5
    assert row(store, booked).version == 2
    assert len(events(store)) == 1


async def test_a_lost_answer_is_given_again(noa: Caller, store: MemoryStore, booked: str) -> None:
    slot = await noa.choose("15:00", WEDNESDAY, moving=booked)
    nonce = await noa.agree(purpose="reschedule", appointment_id=booked)
    arguments = {"appointment_id": booked, "slot": slot, "nonce": nonce}
    store.lose_answer = True
    assert (await noa.use("calendar.reschedule", **arguments)).data["error"] == "internal"
    assert (await noa.use("calendar.reschedule", **arguments)).ok
    nonce = await noa.agree(purpose="cancel", appointment_id=booked)
    store.lose_answer = True
    lost = await noa.use("calendar.cancel", appointment_id=booked, nonce=nonce)
    assert lost.data["error"] == "internal"
    assert (await noa.use("calendar.cancel", appointment_id=booked, nonce=nonce)).ok
    assert events(store) == [
        f"appointment.rescheduled:{booked}:2",
        f"appointment.cancelled:{booked}",
    ]


async def test_a_failed_commit_leaves_everything_as_it_was(
    noa: Caller, store: MemoryStore, booked: str
) -> None:
    slot = await noa.choose("15:00", WEDNESDAY, moving=booked)
    nonce = await noa.agree(purpose="reschedule", appointment_id=booked)
    store.fail_next = True
    arguments = {"appointment_id": booked, "slot": slot, "nonce": nonce}
    assert not (await noa.use("calendar.reschedule", **arguments)).ok
    assert row(store, booked).start == AT_TEN
    assert events(store) == []
    assert (await noa.use("calendar.reschedule", **arguments)).ok


@pytest.mark.parametrize(
    ("slot", "error"),
    [
        (f"{TUESDAY}T11:07", "off_grid"),
        (f"{TUESDAY}T20:00", "closed"),
        ("2026-11-23T10:30", "too_soon"),
        ("2027-03-01T10:00", "too_far"),
        (f"{WEDNESDAY}T12:00", "taken"),
    ],
)
async def test_a_new_time_is_refused_with_its_reason_and_two_others(
    noa: Caller, store: MemoryStore, clock: FakeClock, booked: str, slot: str, error: str
) -> None:
    for n in range(2):
        other = Caller(store, clock, call_id=f"x{n}")
        await other.book("12:00", WEDNESDAY)
    refused = await noa.use("calendar.reschedule", appointment_id=booked, slot=slot)
    assert refused.data["error"] == error
    assert len(refused.data["suggestions"]) == 2  # type: ignore[arg-type]
    assert row(store, booked).start == AT_TEN


async def test_the_same_time_is_no_move(noa: Caller, booked: str) -> None:
    await noa.choose("10:00", moving=booked)
    told = await noa.use("calendar.read_back", purpose="reschedule", appointment_id=booked)
    assert told.data["error"] == "same_time"
    assert times(told.data["suggestions"]) == ["Tue 09:30", "Tue 10:30"]


async def test_a_move_keeps_what_is_done(noa: Caller, booked: str) -> None:
    await noa.choose("15:00", service_id="colour")
    told = await noa.use("calendar.read_back", purpose="reschedule", appointment_id=booked)
    assert told.data["error"] == "other_service"


async def test_fifty_move_to_one_free_slot_and_one_gets_it(
    store: MemoryStore, clock: FakeClock
) -> None:
    store.tables("salon").resources = store.tables("salon").resources[:1]
    hours = [f"{9 + n // 2:02d}:{n % 2 * 30:02d}" for n in range(6)]
    callers = []
    for n, at in enumerate(hours):
        caller = Caller(store, clock, call_id=f"call-{n}", phone=f"+97252345678{n}")
        done = await caller.book(at)
        callers.append((caller, str(done.data["appointment_id"])))
    chosen = [await c.choose("15:00", moving=a) for c, a in callers]

    async def go(n: int) -> str:
        caller, booked = callers[n]
        told = await caller.use("calendar.read_back", purpose="reschedule", appointment_id=booked)
        if not told.ok:
            return str(told.data["error"])
        caller.gate.heard(str(told.say_tag))
        caller.gate.caller_said(Answer.AFFIRM)
        arguments = {"appointment_id": booked, "slot": chosen[n], "nonce": told.say_tag}
        return "moved" if (await caller.use("calendar.reschedule", **arguments)).ok else "no"

    outcomes = await asyncio.gather(*(go(n) for n in range(len(callers))))
    assert sorted(outcomes) == ["moved"] + ["taken"] * 5
    assert len([r for r in store.tables("salon").rows.values() if r.blocks(clock.now())]) == 6


# -- cancelling ------------------------------------------------------------------------------------


async def test_a_whole_cancellation(noa: Caller, store: MemoryStore, booked: str) -> None:
    done = await noa.call_off(booked)
    assert done.ok
    assert done.say is not None
    assert done.say.text == "cancelled: service=Haircut when=Tuesday 10:00"
    assert row(store, booked).status is AppointmentStatus.CANCELLED
    assert events(store) == [f"appointment.cancelled:{booked}"]
    assert (await noa.find(date=TUESDAY, time="10:00"))["exact"]
    again = await noa.use("calendar.cancel", appointment_id=booked, nonce="anything")
    assert again.data == done.data, "told again, not done again"
    assert len(events(store)) == 1
    assert (await noa.use("calendar.my_appointments")).data["error"] == "no_appointment"


async def test_what_somebody_else_cancelled_is_told_so(
    store: MemoryStore, noa: Caller, clock: FakeClock, booked: str
) -> None:
    nonce = await noa.agree(purpose="cancel", appointment_id=booked)
    assert (await Caller(store, clock, call_id="call-2", phone=NOA).call_off(booked)).ok
    again = await noa.use("calendar.reschedule", appointment_id=booked, slot="s1", nonce=nonce)
    assert again.data["error"] == "no_appointment"


# -- consent ---------------------------------------------------------------------------------------


async def test_each_purpose_needs_its_own_yes(noa: Caller, store: MemoryStore, booked: str) -> None:
    slot = await noa.choose("15:00", moving=booked)
    await noa.introduce()
    to_cancel = {"appointment_id": booked}
    to_move = {"appointment_id": booked, "slot": slot}

    async def tries(nonce: str) -> list[object]:
        created = await noa.use("calendar.create_appointment", slot=slot, nonce=nonce)
        return [created.data["reason"], *await changes(nonce)]

    async def changes(nonce: str) -> list[object]:
        return [
            (await noa.use("calendar.reschedule", **to_move, nonce=nonce)).data["reason"],
            (await noa.use("calendar.cancel", **to_cancel, nonce=nonce)).data["reason"],
        ]

    assert await tries("") == ["not_read_back"] * 3
    booking = await noa.agree()
    assert await changes(booking) == ["not_read_back"] * 2
    told = await noa.use("calendar.read_back", purpose="cancel", appointment_id=booked)
    assert await tries(str(told.say_tag)) == ["not_read_back", "not_read_back", "not_heard"]
    noa.gate.heard(str(told.say_tag))
    assert await tries(str(told.say_tag)) == ["not_read_back", "not_read_back", "no_yes"]
    assert await tries("rb_0") == ["not_read_back", "not_read_back", "wrong_nonce"]
    noa.gate.caller_said(Answer.DENY)
    assert await tries(str(told.say_tag)) == ["not_read_back"] * 3
    assert row(store, booked).status is AppointmentStatus.BOOKED


async def test_a_yes_to_one_appointment_cancels_no_other(
    noa: Caller, store: MemoryStore, booked: str
) -> None:
    second = await Caller(store, noa.clock, call_id="call-5", phone=NOA).book("12:00")
    other = str(second.data["appointment_id"])
    await noa.use("calendar.my_appointments")
    nonce = await noa.agree(purpose="cancel", appointment_id=booked)
    refused = await noa.use("calendar.cancel", appointment_id=other, nonce=nonce)
    assert refused.data["reason"] == "wrong_nonce"
    assert row(store, other).status is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (Understood("yes", answer=Answer.AFFIRM), Answer.AFFIRM),
        (Understood("yes cancel", answer=Answer.AFFIRM, intent=Intent.CANCEL), Answer.AFFIRM),
        (
            Understood(
                "yes cancel tuesday",
                answer=Answer.AFFIRM,
                intent=Intent.CANCEL,
                when_date=AT_TEN.date(),
            ),
            Answer.AFFIRM,
        ),
        (
            Understood(
                "yes, the one on wednesday",
                answer=Answer.AFFIRM,
                when_date=AT_TEN.date() + timedelta(days=1),
            ),
            Answer.UNSURE,
        ),
        (Understood("yes move it", answer=Answer.AFFIRM, intent=Intent.RESCHEDULE), Answer.UNSURE),
        (Understood("no", answer=Answer.DENY), Answer.DENY),
    ],
)
async def test_a_yes_to_a_cancellation_is_only_that(
    noa: Caller, booked: str, words: Understood, answer: Answer
) -> None:
    await noa.agree(purpose="cancel", appointment_id=booked)
    assert noa.gate.answer_in(words, noa.ctx.policies.get("salon").policy.zone) is answer  # type: ignore[union-attr]


# -- notice ----------------------------------------------------------------------------------------


async def test_the_notice_is_kept_to_the_second_and_the_boundary_is_in_time(
    clock: FakeClock,
) -> None:
    store = MemoryStore(salon(cancel_notice_min=120, reschedule_notice_min=60))
    first = Caller(store, clock, call_id="call-0", phone=NOA)
    booked = str((await first.book()).data["appointment_id"])
    clock.at = AT_TEN - timedelta(minutes=120)
    noa = Caller(store, clock, phone=NOA)
    assert (await noa.use("calendar.read_back", purpose="cancel", appointment_id=booked)).ok
    clock.at += timedelta(seconds=1)
    late = await noa.use("calendar.read_back", purpose="cancel", appointment_id=booked)
    assert late.data["error"] == "too_late_to_change"
    assert late.data["reason"] == "nearer to its start than 120 minutes"
    assert late.say is not None
    # It may still be moved: two times are offered for that.
    assert times(late.data["suggestions"]) == ["Tue 09:30", "Tue 10:30"]
    assert (await noa.move(booked, "11:00")).ok
    clock.at = AT_TEN + timedelta(minutes=1)
    late = await noa.use("calendar.read_back", purpose="cancel", appointment_id=booked)
    assert late.data["suggestions"] == []


async def test_who_was_in_time_when_asked_has_time_to_say_yes(clock: FakeClock) -> None:
    store = MemoryStore(salon(cancel_notice_min=120))
    first = Caller(store, clock, call_id="call-0", phone=NOA)
    booked = str((await first.book()).data["appointment_id"])
    noa = Caller(store, clock, phone=NOA)
    clock.at = AT_TEN - timedelta(minutes=120)
    nonce = await noa.agree(purpose="cancel", appointment_id=booked)
    clock.forward(minutes=3)
    clock.at += timedelta(seconds=1)
    late = await noa.use("calendar.cancel", appointment_id=booked, nonce=nonce)
    assert late.data["error"] == "too_late_to_change"
    clock.at -= timedelta(seconds=1)
    assert (await noa.use("calendar.cancel", appointment_id=booked, nonce=nonce)).ok


async def test_what_began_cannot_be_changed(noa: Caller, clock: FakeClock, booked: str) -> None:
    clock.at = AT_TEN
    for purpose in ("cancel", "reschedule"):
        await noa.find(date=WEDNESDAY, time="10:00")
        await noa.use("calendar.choose_slot", slot_id="s1")
        told = await noa.use("calendar.read_back", purpose=purpose, appointment_id=booked)
        assert told.data["error"] == "no_appointment"


# -- whose it is -----------------------------------------------------------------------------------


async def test_the_vouched_number_is_enough(noa: Caller, booked: str) -> None:
    told = await noa.use("calendar.my_appointments")
    assert told.data == {
        "ok": True,
        "appointments": [
            {
                "appointment_id": booked,
                "start_iso": "2026-11-24T10:00:00+02:00",
                "end_iso": "2026-11-24T10:30:00+02:00",
                "service_ids": ["cut"],
                "services": ["Haircut"],
                "resource_id": "dana",
                "staff": "Dana",
                "may_reschedule": True,
                "may_cancel": True,
            }
        ],
    }
    assert told.say is not None
    assert told.say.text == "your_appointment_is: service=Haircut when=Tuesday 10:00"


async def test_several_are_told_in_order_and_what_is_over_is_not(
    noa: Caller, store: MemoryStore, clock: FakeClock
) -> None:
    for n, at in enumerate(("16:00", "12:00")):
        await Caller(store, clock, call_id=f"x{n}", phone=NOA).book(at)
    clock.at = AT_TEN
    told = await noa.use("calendar.my_appointments")
    assert times(told.data["appointments"]) == ["Tue 12:00", "Tue 16:00"]
    assert told.say is not None
    assert "Haircut Tuesday 12:00 and Haircut Tuesday 16:00" in told.say.text


async def test_what_this_call_booked_is_the_callers_whatever_number_was_keyed(
    store: MemoryStore, clock: FakeClock
) -> None:
    caller = Caller(store, clock)
    done = await caller.book()
    assert (await caller.call_off(str(done.data["appointment_id"]))).ok


async def test_a_keyed_number_identifies_nobody(
    store: MemoryStore, clock: FakeClock, booked: str
) -> None:
    stranger = Caller(store, clock, call_id="call-9", phone="+972541112233")
    await stranger.use("leads.note_contact", phone=NOA)
    assert (await stranger.use("calendar.my_appointments")).data["error"] == "no_appointment"
    for tool in ("calendar.cancel", "calendar.reschedule"):
        arguments = {"appointment_id": booked, "nonce": "x"}
        arguments |= {"slot": "s1"} if tool.endswith("reschedule") else {}
        assert (await stranger.use(tool, **arguments)).data["error"] == "not_yours"
    told = await stranger.use("calendar.read_back", purpose="cancel", appointment_id=booked)
    assert told.data["error"] == "not_yours"
    assert (await stranger.find(moving=booked))["error"] == "not_yours"
    # With the name it was booked on, the number is more than keyed.
    await stranger.use("leads.note_contact", name="noa")
    assert (await stranger.use("calendar.my_appointments")).ok
    assert (await stranger.call_off(booked)).ok


async def test_a_hidden_number_is_asked_for_name_and_last_digits(
    store: MemoryStore, clock: FakeClock, booked: str
) -> None:
    hidden = Caller(store, clock, call_id="call-9")
    assert (await hidden.use("calendar.my_appointments")).data["error"] == "need_identity"
    right = await hidden.use("calendar.my_appointments", name="Noa Cohen", last4="6789")
    assert right.ok
    assert (await hidden.move(booked, "15:00")).ok
    assert [t.args for t in hidden.traces if t.tool == "calendar.my_appointments"][1] == {
        "name": "text(9)",
        "last4": "text(4)",
    }


@pytest.mark.parametrize(
    ("name", "last4"), [("Dana", "6789"), ("Noa", "6780"), ("No", "6789"), ("", "6789")]
)
async def test_half_right_is_wrong(
    store: MemoryStore, clock: FakeClock, booked: str, name: str, last4: str
) -> None:
    hidden = Caller(store, clock, call_id="call-9")
    told = await hidden.use("calendar.my_appointments", name=name, last4=last4)
    assert told.data["error"] in {"no_appointment", "need_identity"}
    assert not (await hidden.use("calendar.cancel", appointment_id=booked)).ok


async def test_nobody_gets_to_guess(store: MemoryStore, clock: FakeClock, booked: str) -> None:
    hidden = Caller(store, clock, call_id="call-9")
    for n in range(3):
        tried = await hidden.use("calendar.my_appointments", name="Noa", last4=f"000{n}")
        assert tried.data["error"] == "no_appointment"
    right = await hidden.use("calendar.my_appointments", name="Noa", last4="6789")
    assert right.data["error"] == "too_many_tries"
    assert "appointments" not in right.data
    again = await hidden.use("calendar.my_appointments", name="Noa", last4="0001")
    assert again.data["error"] == "no_appointment"


@pytest.mark.parametrize("last4", ["678", "67890", "67 8", "abcd", "６７８９", "%%%%", "____"])
async def test_digits_are_four_digits(
    store: MemoryStore, clock: FakeClock, booked: str, last4: str
) -> None:
    hidden = Caller(store, clock, call_id="call-9")
    told = await hidden.use("calendar.my_appointments", name="Noa", last4=last4)
    assert told.data["error"] == "bad_arguments"


async def test_another_business_has_no_such_appointment(
    store: MemoryStore, clock: FakeClock, booked: str
) -> None:
    elsewhere = Caller(store, clock, phone=NOA, business_id="other")
    assert (await elsewhere.use("calendar.my_appointments")).data["error"] == "no_appointment"
    refused = await elsewhere.use("calendar.cancel", appointment_id=booked)
    unknown = await elsewhere.use("calendar.cancel", appointment_id="appt_404")
    assert refused.data == unknown.data
    assert refused.data["error"] == "not_yours"
