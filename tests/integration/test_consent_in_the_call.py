"""Consent to messages, asked and refused in the call: real desk, real agents, real database."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.call.inputs import Said
from dalpak.cli.common import settings_for
from dalpak.clock import SystemClock
from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.extensions import build_extensions
from dalpak.language.he import HEBREW
from dalpak.language.registry import language
from dalpak.ports.agent import AgentState, AgentTurn, Say
from dalpak.store.demo import seed_demo
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.desk import ToolDesk, desk_factory

pytestmark = pytest.mark.integration

MOBILE = "+972541112233"
LANDLINE = "+97231112233"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ASKED = HEBREW.phrase("ask_whatsapp").text
PROMISED = HEBREW.phrase("confirmation_whatsapp").text
DECLINED = HEBREW.phrase("messages_declined").text
MORE = HEBREW.phrase("anything_else").text
BY_KEY = HEBREW.phrase("keypad_send").text
TO_READ_BACK = ("תספורת מחר בעשר", "דנה כהן")


class MorningClock(SystemClock):
    """Monday morning, whenever the tests run."""

    def now(self) -> datetime:
        return NOW


@dataclass
class Line:
    """One call: what is said goes to the desk and the agent; what is answered is heard to its end,
    unless `deaf`."""

    store: SqlStore
    scope: TenantScope
    caller: str | None = MOBILE
    senders: tuple[str, ...] = ("whatsapp_cloud", "outbox")
    ears: bool = True
    deaf: bool = False
    call_id: str = "call-1"
    desk: ToolDesk | None = None
    state: AgentState = field(default_factory=AgentState)
    turns: int = 0

    async def does(self, said: Said) -> list[str]:
        desk = self.desk or await self.pick_up()
        self.turns += 1
        desk.turn_began(self.turns, said, ears=self.ears)
        turn = AgentTurn(
            self.turns, said, desk.tools, HEBREW, self.state, self.ears, self.caller, None
        )
        told = [out async for out in BuiltinAgent().reply(turn) if isinstance(out, Say)]
        for out in told:
            if out.tag is not None and not self.deaf:
                desk.read_back_heard(out.tag)
        return [out.spoken.text for out in told]

    async def says(self, *texts: str) -> list[str]:
        """What the last of these is answered with."""
        told: list[str] = []
        for text in texts:
            told = await self.does(Said(text=text))
        return told

    async def pick_up(self, checkpoint: dict[str, object] | None = None) -> ToolDesk:
        record = CallRecord(
            self.call_id,
            self.scope.business_id,
            "twilio",
            self.call_id,
            "",
            self.caller,
            None,
            NOW,
            NOW,
        )
        async with self.store.writing(self.scope) as tx:
            record = await tx.open_call(record)
        record = replace(record, checkpoint=checkpoint)
        open_desk = desk_factory(self.store, MorningClock(), language, self.senders)
        desk = await open_desk(record, lambda _: None)
        assert isinstance(desk, ToolDesk)
        self.desk = desk
        return desk

    async def consent(self, phone: str = MOBILE) -> ConsentRecord | None:
        async with self.store.reading(self.scope) as r:
            return await r.consent(phone)

    async def booked(self) -> int:
        async with self.store.reading(self.scope) as r:
            return sum(row.status == "booked" for row in await r.appointments())

    async def rule(self, **raw: object) -> None:
        async with self.store.writing(self.scope) as tx:
            await tx.save_messaging(raw)


@pytest.fixture(scope="module")
def salon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo salon, made once."""
    path = tmp_path_factory.mktemp("consent") / "salon.db"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        store = SqlStore.open(url, MorningClock(), None)
        assert await seed_demo(store) is not None
        await store.aclose()

    asyncio.run(fill())
    return path


@pytest.fixture
async def line(tmp_path: Path, salon: Path) -> AsyncIterator[Line]:
    shutil.copy(salon, tmp_path)
    store = SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / salon.name}", MorningClock(), None)
    (business,) = await store.businesses()
    yield Line(store, TenantScope(business.id))
    await store.aclose()


# -- announced ------------------------------------------------------------------------------------


async def test_after_a_booking_the_confirmation_is_announced_once(line: Line) -> None:
    told = await line.says(*TO_READ_BACK, "כן")
    assert told[1:] == [PROMISED, MORE]
    assert await line.consent() is None
    again = await line.says("עוד תור", "תספורת מחר באחת עשרה", "כן")
    assert await line.booked() == 2
    assert PROMISED not in again


@pytest.mark.parametrize(
    ("caller", "senders"),
    [
        (LANDLINE, ("whatsapp_cloud",)),
        (MOBILE, ("outbox",)),
        (MOBILE, ("outbox", "whatsapp_cloud")),
        (MOBILE, ()),
    ],
)
async def test_what_will_not_come_is_not_announced(
    line: Line, caller: str, senders: tuple[str, ...]
) -> None:
    line.caller, line.senders = caller, senders
    told = await line.says(*TO_READ_BACK)
    if caller == LANDLINE:
        told = await line.says("כן")
    told = await line.says("כן")
    assert await line.booked() == 1
    assert PROMISED not in told


async def test_a_text_message_is_not_called_whatsapp(line: Line) -> None:
    await line.rule(channels=["twilio_sms"])
    line.senders = ("whatsapp_cloud", "twilio_sms")
    told = await line.says(*TO_READ_BACK, "כן")
    assert HEBREW.phrase("confirmation_text").text in told


@pytest.mark.parametrize("answer", [ConsentAnswer.DECLINED, ConsentAnswer.OPTED_OUT])
async def test_who_said_no_before_is_promised_nothing(line: Line, answer: ConsentAnswer) -> None:
    async with line.store.writing(line.scope) as tx:
        await tx.record_consent(MOBILE, answer, source="inbound", now=NOW)
    told = await line.says(*TO_READ_BACK, "כן")
    assert await line.booked() == 1
    assert PROMISED not in told


# -- refused and wished for -----------------------------------------------------------------------


async def test_no_whatsapp_after_the_booking_is_on_record_in_the_callers_words(line: Line) -> None:
    await line.says(*TO_READ_BACK, "כן")
    told = await line.says("אל תשלחו לי וואטסאפ")
    assert told == [DECLINED, MORE]
    record = await line.consent()
    assert record is not None
    assert (record.answer, record.source, record.call_id, record.wording) == (
        ConsentAnswer.DECLINED,
        "call",
        "call-1",
        "אל תשלחו לי וואטסאפ",
    )


async def test_yes_but_no_whatsapp_books_and_promises_nothing(line: Line) -> None:
    told = await line.says(*TO_READ_BACK, "כן אבל בלי וואטסאפ")
    assert told[0] == DECLINED
    assert await line.booked() == 1
    assert PROMISED not in told
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.DECLINED


async def test_a_wish_alone_at_the_read_back_is_no_answer_to_it(line: Line) -> None:
    told = await line.says(*TO_READ_BACK, "תשלחו לי אישור בוואטסאפ")
    assert told[-1] == HEBREW.phrase("confirm_again").text
    assert await line.booked() == 0
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.GRANTED
    await line.says("כן")
    assert await line.booked() == 1


async def test_a_no_without_a_number_is_kept_until_there_is_one(line: Line) -> None:
    line.caller = None
    assert (await line.says("בלי וואטסאפ"))[0] == DECLINED
    await line.says(*TO_READ_BACK)
    await line.does(Said(keys="0541112233"))
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.DECLINED


async def test_a_stop_is_ended_from_that_very_line_only(line: Line) -> None:
    async with line.store.writing(line.scope) as tx:
        await tx.record_consent(MOBILE, ConsentAnswer.OPTED_OUT, source="inbound", now=NOW)
    line.caller = None
    await line.says(*TO_READ_BACK)
    await line.does(Said(keys="0541112233"))
    told = await line.says("תשלחו לי אישור בוואטסאפ")
    assert told[0] == HEBREW.phrase("do_not_know").text
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.OPTED_OUT
    own = Line(line.store, line.scope, call_id="call-2")
    await own.says("תשלחו לי אישור בוואטסאפ")
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.GRANTED


# -- asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("כן", ConsentAnswer.GRANTED),
        ("לא", ConsentAnswer.DECLINED),
        ("לא תודה", ConsentAnswer.DECLINED),
    ],
)
async def test_where_a_yes_is_needed_it_is_asked_before_the_read_back(
    line: Line, said: str, answer: ConsentAnswer
) -> None:
    await line.rule(consent_required=True)
    assert (await line.says(*TO_READ_BACK))[-1] == ASKED
    assert await line.consent() is None
    told = await line.says(said)
    assert told[-1].endswith("לקבוע?")
    assert await line.booked() == 0
    record = await line.consent()
    assert record is not None
    assert (record.answer, record.wording, record.call_id) == (answer, ASKED, "call-1")
    told = await line.says("כן")
    assert await line.booked() == 1
    assert (PROMISED in told) is (answer is ConsentAnswer.GRANTED)


async def test_an_unclear_answer_is_asked_about_once_and_then_let_be(line: Line) -> None:
    await line.rule(consent_required=True)
    await line.says(*TO_READ_BACK)
    assert (await line.says("אולי"))[-1] == ASKED
    assert (await line.says("אולי"))[-1].endswith("לקבוע?")
    told = await line.says("כן")
    assert await line.booked() == 1
    assert PROMISED not in told
    assert await line.consent() is None


async def test_a_yes_to_a_question_that_was_not_heard_is_no_consent(line: Line) -> None:
    await line.rule(consent_required=True)
    line.deaf = True
    await line.says(*TO_READ_BACK)
    line.deaf = False
    assert (await line.says("כן"))[-1] == ASKED
    assert await line.consent() is None
    await line.says("כן")
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.GRANTED


@pytest.mark.parametrize(
    ("key", "answer"), [("1", ConsentAnswer.GRANTED), ("2", ConsentAnswer.DECLINED)]
)
async def test_by_keypad_one_is_a_yes_and_two_is_a_no(
    line: Line, key: str, answer: ConsentAnswer
) -> None:
    await line.rule(consent_required=True)
    line.ears = False
    await line.does(Said(opening=True))
    await line.does(Said(keys="1"))
    assert (await line.does(Said(keys="1")))[-2:] == [ASKED, BY_KEY]
    assert (await line.does(Said(keys="7")))[-2:] == [ASKED, BY_KEY]
    told = await line.does(Said(keys=key))
    assert told[-1] == HEBREW.phrase("keypad_confirm_again").text
    record = await line.consent()
    assert record is not None
    assert record.answer is answer
    await line.does(Said(keys="1"))
    assert await line.booked() == 1


async def test_who_answered_once_is_not_asked_again(line: Line) -> None:
    await line.rule(consent_required=True)
    await line.says(*TO_READ_BACK, "כן", "כן")
    told = await line.says("עוד תור", "תספורת מחר באחת עשרה")
    assert told[-1].endswith("לקבוע?")


async def test_an_agent_that_notes_what_nobody_said_notes_nothing(line: Line) -> None:
    await line.rule(consent_required=True)
    desk = await line.pick_up()
    await line.says(*TO_READ_BACK)
    outcome = await desk.tools.call("messages.note", {})
    assert outcome.data["error"] == "nothing_said"
    assert await line.consent() is None


async def test_another_process_takes_the_answer_to_a_question_that_was_heard(line: Line) -> None:
    await line.rule(consent_required=True)
    desk = await line.pick_up()
    await line.says(*TO_READ_BACK)
    await line.pick_up({"desk": desk.state()})
    await line.says("כן")
    record = await line.consent()
    assert record is not None
    assert record.answer is ConsentAnswer.GRANTED


async def test_the_desk_of_the_product_knows_what_messages_go_out_by(tmp_path: Path) -> None:
    settings = settings_for(
        str(tmp_path / "salon.db"),
        data_dir=tmp_path,
        flows_enabled=True,
        flows_here=False,
        messenger="twilio_sms",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=SecretStr("not-a-token"),
        twilio_sms_from="+972521110000",
    )
    async with build_extensions(settings, serving=False) as ext:
        assert ext.demo is not None
        assert ext.flows is not None
        assert ext.flows.messengers[0] == "twilio_sms"
        record = CallRecord("call-1", ext.demo.id, "terminal", "x1", "", MOBILE, None, NOW, NOW)
        desk = await ext.calls.kit.open_desk(record, lambda _: None)
        assert isinstance(desk, ToolDesk)
        assert desk._ctx.senders == ext.flows.messengers
