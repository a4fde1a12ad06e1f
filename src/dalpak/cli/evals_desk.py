"""The real front desk for `simulator/evals`: store, tools, agent and session, one salon per call.

No voice, no flows, no wire: words in, words out, in virtual time. What is said is not decided here.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dalpak.agents.agent_factory import get_ops_agent
from dalpak.call.inputs import CallerHungUp, FinalHeard, Input, KeyPressed
from dalpak.cli.terminal import TerminalLine
from dalpak.clock import Clock, VirtualClock
from dalpak.config import Settings
from dalpak.domain.records import (
    Appointment,
    Business,
    CallEnd,
    CallRecord,
    Resource,
    Service,
    TenantScope,
)
from dalpak.extensions import limits_of
from dalpak.language.registry import language
from dalpak.ports.store import Claim, Claimed
from dalpak.runtime.calls import Calls, Kit
from dalpak.runtime.session import Session
from dalpak.runtime.supervise import Supervisor
from dalpak.services import registry
from dalpak.simulator.evals.goals import Goal
from dalpak.simulator.evals.salon import SERVICES, ZONE, Taken
from dalpak.simulator.evals.stage import Aftermath, Reply, Row
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.desk import desk_factory

POLL_S = 0.05
"""How often it is looked whether the front desk has finished; virtual time, so it costs nothing."""
ANSWER_S = 60.0
"""The longest wait for an answer, silence of the caller included."""
PAUSE_S = 0.8
"""A caller takes a moment before speaking."""
LISTENS = ("listening", "waiting_for_dtmf")


@dataclass(frozen=True, slots=True)
class Model:
    """The business that every salon is a copy of."""

    business: Business
    policy: dict[str, object]
    services: tuple[Service, ...]
    resources: tuple[Resource, ...]


async def read_model(store: SqlStore, business: Business) -> Model:
    async with store.reading(TenantScope(business.id)) as reading:
        return Model(
            business,
            (await reading.policy()).raw,
            tuple(await reading.services()),
            tuple(await reading.resources()),
        )


class RealDesk:
    """`simulator.evals.stage.FrontDesk`."""

    def __init__(self, settings: Settings, store: SqlStore, model: Model) -> None:
        self._settings, self._store, self._model = settings, store, model
        self._calls = 0

    @asynccontextmanager
    async def call(self, goal: Goal, seed: int) -> AsyncIterator["RealExchange"]:
        elapsed = timedelta(seconds=asyncio.get_running_loop().time())
        clock = VirtualClock(goal.now - elapsed, seed)
        business = await self._salon(goal, clock)
        call_id = clock.new_id("call_")
        record = CallRecord(
            id=call_id,
            business_id=business.id,
            transport="terminal",
            external_id=f"terminal:{call_id}",
            account_id="",
            caller=goal.caller_id,
            called=business.phone,
            started_at=clock.now(),
            last_seen_at=clock.now(),
        )
        async with self._store.writing(TenantScope(business.id)) as tx:
            record = await tx.open_call(record)
        exchange = RealExchange(self._store, clock, Calls(self._kit(clock)), record)
        try:
            yield exchange
        finally:
            await exchange.hang_up()

    def _kit(self, clock: Clock) -> Kit:
        settings = self._settings
        return Kit(
            limits=limits_of(settings),
            store=self._store,
            clock=clock,
            agent=get_ops_agent(settings),
            open_desk=desk_factory(self._store, clock, language),
            voice=None,
            stt=None,
            make_vad=registry.voice_activity_detector,
            debounce_ms=settings.stt_partial_debounce_ms,
            tts_timeout_s=settings.tts_timeout_ms / 1000,
            max_live_calls=settings.max_live_calls,
            journal_dir=None,
        )

    async def _salon(self, goal: Goal, clock: Clock) -> Business:
        """A tenant of its own, with the goal's diary."""
        self._calls += 1
        model = self._model
        business = replace(
            model.business,
            id=f"salon-{self._calls}",
            phone=f"+9723{self._calls:07}",
            owner_phone=model.business.owner_phone if goal.has_owner else None,
        )
        await self._store.add_business(
            business, policy=model.policy, services=model.services, resources=model.resources
        )
        if goal.taken:
            await self._book(business, clock, goal.taken, "diary", None)
        if goal.own:
            await self._book(business, clock, goal.own, goal.name, goal.caller_id)
        return business

    async def _book(
        self,
        business: Business,
        clock: Clock,
        visits: Sequence[Taken],
        name: str,
        phone: str | None,
    ) -> None:
        """Some time ago."""
        async with self._store.writing(TenantScope(business.id)) as tx:
            lead = await tx.find_or_create_lead(
                phone=phone, name=name, call_id=None, now=clock.now()
            )
            for taken in visits:
                claimed = await tx.claim(_claim(taken, clock), clock.now())
                assert isinstance(claimed, Claimed), taken
                await tx.confirm(
                    claimed.appointment.id,
                    holder="diary",
                    lead_id=lead.id,
                    name=name,
                    phone=phone,
                    now=clock.now(),
                )


def _claim(taken: Taken, clock: Clock) -> Claim:
    service = SERVICES[taken.service_id]
    end = taken.start + timedelta(minutes=service.duration_min)
    return Claim(
        resource_id=taken.staff_id,
        service_id=taken.service_id,
        start=taken.start,
        end=end,
        block_start=taken.start,
        block_end=end + timedelta(minutes=service.clean_up_min),
        holder="diary",
        idem_key=f"diary:{taken.start.isoformat()}:{taken.staff_id}",
        hold_until=clock.now() + timedelta(minutes=1),
        call_id=None,
    )


class RealExchange:
    """`simulator.evals.stage.Exchange`: one live session at a line that is a list of texts."""

    def __init__(self, store: SqlStore, clock: Clock, calls: Calls, record: CallRecord) -> None:
        self._store, self._clock, self._record = store, clock, record
        self._texts: list[str] = []
        self._end: CallEnd | None = None
        line = TerminalLine(self._show)
        self._session: Session = calls.open(record, line, text_only=True)
        line.hear = self._session.hear
        self._running = Supervisor("evals").spawn(self._run(), name="call")

    async def _run(self) -> None:
        self._end = await self._session.run()

    def _show(self, kind: str, data: dict[str, object]) -> None:
        if kind == "agent":
            self._texts.append(str(data["text"]))

    async def greeting(self) -> Reply:
        return await self._reply()

    async def say(self, text: str) -> Reply:
        return await self._act(FinalHeard(text))

    async def press(self, keys: str) -> Reply:
        return await self._act(*(KeyPressed(key) for key in keys))

    async def wait(self) -> Reply:
        before = len(self._texts)
        for _ in range(round(ANSWER_S / POLL_S)):
            if len(self._texts) > before or self._session.is_over:
                break
            await self._clock.sleep(POLL_S)
        return await self._reply()

    async def _act(self, *inputs: Input) -> Reply:
        await self._clock.sleep(PAUSE_S)
        for what in inputs:
            self._session.hear(what)
        return await self._reply()

    async def _reply(self) -> Reply:
        """All that is said until the front desk listens again, or is gone."""
        for _ in range(round(ANSWER_S / POLL_S)):
            await self._clock.sleep(POLL_S)
            if self._session.is_over or self._session.phase in LISTENS:
                break
        texts, self._texts = self._texts, []
        return Reply(texts, over=self._session.is_over)

    async def hang_up(self) -> None:
        if not self._session.is_over:
            self._session.hear(CallerHungUp())
        await self._running

    async def aftermath(self, phones: Sequence[str]) -> Aftermath:
        await self.hang_up()
        scope = TenantScope(self._record.business_id)
        async with self._store.writing(scope) as tx:
            booked = await tx.appointments()
            leads = [
                await tx.find_or_create_lead(
                    phone=phone, name=None, call_id=None, now=self._clock.now()
                )
                for phone in phones
            ]
            waits = await tx.waitlist()
        ours = sorted((a for a in booked if a.call_id == self._record.id), key=_made_at)
        theirs = [a for a in booked if a.phone and a.phone == self._record.caller]
        own = sorted((a for a in theirs if a not in ours), key=lambda a: a.start)
        return Aftermath(
            tuple(map(_row, ours)),
            " ".join(lead.note for lead in leads if lead.note),
            self._end,
            own=tuple(map(_row, own)),
            waits=tuple(entry.first_day for entry in waits),
        )


def _made_at(appointment: Appointment) -> datetime:
    return appointment.created_at


def _row(a: Appointment) -> Row:
    start = a.start.astimezone(ZONE)
    return Row(start, a.service_id, a.resource_id, a.name or "", a.phone or "")
