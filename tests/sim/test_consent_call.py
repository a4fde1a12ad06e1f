"""A whole call in which consent to messages is asked: the call core, its marks, the real desk."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dalpak.cli.common import settings_for
from dalpak.cli.evals_desk import RealDesk, RealExchange, read_model
from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.follow_up import ConsentAnswer
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.extensions import build_extensions
from dalpak.language.he import HEBREW
from dalpak.language.registry import language
from dalpak.runtime.calls import Calls
from dalpak.tools.desk import desk_factory

pytestmark = pytest.mark.sim

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
MOBILE = "+972541112233"
ASKED = HEBREW.phrase("ask_text").text
PROMISED = HEBREW.phrase("confirmation_text").text


@pytest.mark.parametrize("required", [True, False])
def test_the_question_is_heard_answered_and_on_record_before_the_booking(
    tmp_path: Path, *, required: bool
) -> None:
    async def play() -> None:
        settings = settings_for(str(tmp_path / "salon.db"), flows_enabled=False, data_dir=tmp_path)
        elapsed = timedelta(seconds=asyncio.get_running_loop().time())
        clock = VirtualClock(NOW - elapsed, 1)
        async with build_extensions(settings, clock=clock, serving=False) as ext:
            assert ext.demo is not None
            scope = TenantScope(ext.demo.id)
            record = CallRecord("call-1", ext.demo.id, "terminal", "x1", "", MOBILE, None, NOW, NOW)
            async with ext.store.writing(scope) as tx:
                await tx.save_messaging({"consent_required": required})
                record = await tx.open_call(record)
            desk = RealDesk(settings, ext.store, await read_model(ext.store, ext.demo))
            open_desk = desk_factory(ext.store, clock, language, ("twilio_sms",))
            calls = Calls(replace(desk._kit(clock), open_desk=open_desk))
            line = RealExchange(ext.store, clock, calls, record)
            await line.greeting()
            await line.say("תספורת מחר בעשר")
            told = (await line.say("דנה כהן")).texts
            assert (ASKED in told) is required
            if required:
                told = (await line.say("כן")).texts
            assert told[-1].endswith("לקבוע?")
            async with ext.store.reading(scope) as r:
                asked = await r.consent(MOBILE)
            assert (asked.answer if asked else None) == (
                ConsentAnswer.GRANTED if required else None
            )
            assert PROMISED in (await line.say("כן")).texts
            await line.say("אל תשלחו לי הודעות")
            await line.hang_up()
            async with ext.store.reading(scope) as r:
                last = await r.consent(MOBILE)
            assert last is not None
            assert (last.answer, last.call_id) == (ConsentAnswer.DECLINED, "call-1")

    run_virtual(play())
