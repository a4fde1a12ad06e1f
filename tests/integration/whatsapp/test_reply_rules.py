"""Which question a yes or a no answers, and what is done about it: rules over the rows, without flows."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flow_office import CALLER, SALON, SCOPE, Office

from dalpak.clock import SystemClock
from dalpak.domain.follow_up import InboundRecord, OfferStatus, SlotOffer
from dalpak.domain.records import Appointment, AppointmentStatus, WaitlistEntry
from dalpak.language.registry import language
from dalpak.ports.store import Claim, Claimed
from dalpak.tools.policy import PolicyCache
from dalpak.tools.written_replies import Done, ReplyDesk, act_on_reply

pytestmark = pytest.mark.integration


class Later(SystemClock):
    """The time that a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.at = super().now()

    def now(self) -> datetime:
        return self.at


@dataclass
class Replies:
    office: Office
    clock: Later
    count: int = 0

    async def arrives(self, text: str, *, after_s: float = 0) -> InboundRecord:
        """Written so long after now, and stored."""
        self.count += 1
        record = InboundRecord(
            id=f"inb_{self.count}",
            business_id=SALON.id,
            channel="whatsapp_cloud",
            provider_id=f"wamid.{self.count}",
            sender=CALLER,
            text=text,
            received_at=self.clock.at + timedelta(seconds=after_s),
        )
        async with self.office.store.writing(SCOPE) as w:
            assert await w.record_inbound(record)
        return record

    async def handle(self, inbound: InboundRecord) -> Done:
        desk = ReplyDesk(self.office.store, self.clock, SCOPE, language, PolicyCache())
        async with self.office.store.reading(SCOPE) as r:
            fresh = await r.inbound(inbound.id)
        assert fresh is not None
        return await act_on_reply(desk, fresh)

    async def says(self, text: str) -> str:
        """Written and handled a second after what was before."""
        self.clock.at += timedelta(seconds=1)
        inbound = await self.arrives(text)
        self.clock.at += timedelta(seconds=1)
        return (await self.handle(inbound)).outcome

    async def offer(self, *, minutes: int = 30) -> SlotOffer:
        """A freed time that is kept for the person."""
        now = self.clock.at
        start = (now + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
        end, until = start + timedelta(minutes=30), now + timedelta(minutes=minutes)
        async with self.office.store.writing(SCOPE) as w:
            lead = await w.find_or_create_lead(phone=CALLER, name="נועה", call_id=None, now=now)
            day = start.date()
            entry = WaitlistEntry("wait_1", lead.id, None, ("cut",), None, day, day, (0, 1440), now)
            await w.join_waitlist(entry)
            claim = Claim("dana", "cut", start, end, start, end, "offer_1", "offer_1", until, None)
            claimed = await w.claim(claim, now)
            assert isinstance(claimed, Claimed)
            made = await w.make_offer(
                SlotOffer(
                    id="offer_1",
                    entry_id=entry.id,
                    lead_id=lead.id,
                    appointment_id=claimed.appointment.id,
                    phone=CALLER,
                    resource_id="dana",
                    start=start,
                    status=OfferStatus.OPEN,
                    expires_at=until,
                    created_at=now,
                )
            )
        assert made is not None
        return made

    async def kept(self, appointment_id: str) -> Appointment:
        return await self.office.appointment(appointment_id)


@pytest.fixture
async def replies(tmp_path: Path, first_start: Path) -> AsyncIterator[Replies]:
    shutil.copy(first_start, tmp_path)
    office = Office(tmp_path)
    office.clock = clock = Later()
    yield Replies(office, clock)
    await office.aclose()


async def test_a_yes_written_before_the_question_went_out_answers_nothing(
    replies: Replies,
) -> None:
    appointment_id = await replies.office.book()
    replies.clock.at += timedelta(seconds=1)
    cancel = await replies.arrives("לבטל")
    early = await replies.arrives("כן", after_s=5)
    replies.clock.at += timedelta(seconds=10)
    assert (await replies.handle(cancel)).outcome == "asked_cancel"
    assert (await replies.handle(early)).outcome == "recorded"
    assert await replies.says("כן") == "cancelled"
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.CANCELLED


async def test_handling_one_reply_again_gives_the_same_answer(replies: Replies) -> None:
    """The process died between the act and its record, or another one took the flow over."""
    appointment_id = await replies.office.book()
    await replies.says("לבטל")
    replies.clock.at += timedelta(seconds=1)
    yes = await replies.arrives("כן")
    done = await replies.handle(yes)
    assert done == Done("cancelled", appointment_id)
    assert await replies.handle(yes) == done


async def test_no_keeps_the_appointment_and_a_later_yes_means_nothing(replies: Replies) -> None:
    appointment_id = await replies.office.book()
    assert [await replies.says(text) for text in ("כן", "ביטול", "לא", "כן", "תודה!")] == [
        "recorded",
        "asked_cancel",
        "kept",
        "recorded",
        "recorded",
    ]
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED


async def test_what_was_moved_since_the_question_is_asked_about_again(replies: Replies) -> None:
    appointment_id = await replies.office.book()
    await replies.says("ביטול")
    replies.clock.at += timedelta(seconds=1)
    await replies.office.move(appointment_id)
    assert await replies.says("כן") == "asked_cancel"
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED
    assert await replies.says("כן") == "cancelled"


async def test_nobody_cancels_what_is_not_theirs(replies: Replies) -> None:
    appointment_id = await replies.office.book(phone="+972541112222")

    assert await replies.says("לבטל") == "nothing_to_cancel"
    assert await replies.says("כן") == "recorded"
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED


async def test_two_machines_do_not_talk_for_ever(replies: Replies) -> None:
    outcomes = [await replies.says("שינוי") for _ in range(17)]

    assert outcomes[:10] == ["told_how_to_change"] * 10
    assert outcomes[10:15] == ["told_business"] * 5
    assert outcomes[15:] == ["recorded"] * 2


async def test_an_old_question_is_not_answered_any_more(replies: Replies) -> None:
    appointment_id = await replies.office.book()
    assert await replies.says("לבטל") == "asked_cancel"
    replies.clock.at += timedelta(hours=25)

    assert await replies.says("כן") == "recorded"
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED


async def test_what_stands_between_ends_the_question(replies: Replies) -> None:
    await replies.office.book()
    await replies.says("לבטל")
    assert await replies.says("שינוי") == "told_how_to_change"

    assert await replies.says("כן") == "recorded"


async def test_a_free_sentence_between_does_not(replies: Replies) -> None:
    await replies.office.book()
    await replies.says("לבטל")
    assert await replies.says("רגע אני בודקת עם בעלי") == "told_business"

    assert await replies.says("כן") == "cancelled"


async def test_too_late_to_cancel_is_said(replies: Replies) -> None:
    async with replies.office.store.writing(SCOPE) as w:
        await w.save_policy({"allow_24_7": True, "cancel_notice_min": 5000})
    appointment_id = await replies.office.book()

    assert await replies.says("לבטל") == "too_late"
    assert await replies.says("כן") == "recorded"
    assert (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED


async def test_yes_to_an_offer_books_it_once(replies: Replies) -> None:
    offer = await replies.offer()
    assert [await replies.says("כן") for _ in range(2)] == ["accepted", "accepted"]

    row = await replies.kept(offer.appointment_id)
    assert (row.status, row.phone, row.name) == (AppointmentStatus.BOOKED, CALLER, "נועה")
    async with replies.office.store.reading(SCOPE) as r:
        events = await r.events(offer.appointment_id)
        assert [e.type for e in events] == ["appointment.created"]
        assert await r.waitlist() == []


async def test_no_to_an_offer_frees_the_time(replies: Replies) -> None:
    offer = await replies.offer()
    assert await replies.says("לא תודה") == "declined"

    assert (await replies.kept(offer.appointment_id)).status is AppointmentStatus.EXPIRED
    assert await replies.says("כן") == "recorded"


async def test_yes_to_an_offer_that_passed_books_nothing(replies: Replies) -> None:
    offer = await replies.offer(minutes=30)
    replies.clock.at += timedelta(minutes=31)

    assert await replies.says("כן") == "offer_gone"
    assert (await replies.kept(offer.appointment_id)).status is not AppointmentStatus.BOOKED


@pytest.mark.parametrize("offer_is_later", [True, False])
async def test_of_two_questions_the_later_one_is_answered(
    replies: Replies, offer_is_later: bool
) -> None:
    appointment_id = await replies.office.book()
    replies.clock.at += timedelta(seconds=1)
    if offer_is_later:
        await replies.says("לבטל")
        replies.clock.at += timedelta(seconds=1)
        await replies.offer()
    else:
        await replies.offer()
        await replies.says("לבטל")

    assert await replies.says("כן") == ("accepted" if offer_is_later else "cancelled")
    booked = (await replies.kept(appointment_id)).status is AppointmentStatus.BOOKED
    assert booked == offer_is_later
