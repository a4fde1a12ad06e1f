"""The chores beside the flows: resume what dead processes left, end lost calls, tell which reminders
are due, forget old flows and old messages.

Each chore is one bounded pass; the engine repeats it. DBOS alone resumes nothing of a dead process
(only a process with the same id would), and nobody tells `call.ended` for a call whose process
died.
"""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

from dalpak.clock import Clock
from dalpak.domain.events import reminder_due
from dalpak.domain.messaging import rules_of
from dalpak.domain.records import Appointment, CallEnd, TenantScope
from dalpak.domain.reminders import due_reminder, horizon
from dalpak.flows.database import Executors
from dalpak.flows.retries import FlowLimits
from dalpak.logs import get_logger
from dalpak.ports.store import Store

log = get_logger(__name__)

RESUMED = "resumed"
"""Attribute of a flow: how many processes it outlived. A resume sets DBOS's own count to zero."""


async def resume_orphans(executors: Executors, own_id: str, queue: str, limits: FlowLimits) -> int:
    """Put the unfinished flows of dead processes back into the queue; returns how many.

    Never one's own: after a machine that stood still one's own beat is as old as a dead one's.
    """
    from dbos import DBOS

    pending = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
    resumed = 0
    others = {flow.executor_id for flow in pending if flow.executor_id} - {own_id}
    for executor_id in sorted(others):
        if not await asyncio.to_thread(executors.claim, executor_id, limits.executor_dead_s):
            continue
        # Read again: another process may have resumed them before this one claimed. Whoever runs a
        # flow had beaten before it took it, so what is listed now belongs to the dead.
        left = await DBOS.list_workflows_async(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        for flow in left:
            lives = int((flow.attributes or {}).get(RESUMED, 0))
            if lives >= limits.resumes:
                await DBOS.cancel_workflow_async(flow.workflow_id)
                log.error("flow dead-lettered", event_id=flow.workflow_id, error="killed_process")
                continue
            await DBOS.update_workflow_attributes_async(
                flow.workflow_id, {RESUMED: lives + 1}, merge=True
            )
            await DBOS.resume_workflow_async(flow.workflow_id, queue_name=queue)
            resumed += 1
    if resumed:
        log.warning("flows of dead processes resumed", flows=resumed)
    return resumed


async def close_stale_calls(store: Store, clock: Clock, stale_call_s: float) -> int:
    """Close calls that no process keeps alive, which tells `call.ended`; returns how many."""
    now = clock.now()
    before = now - timedelta(seconds=stale_call_s)
    closed = 0
    for stale in await store.stale_calls(before=before):
        async with store.writing(TenantScope(stale.business_id)) as w:
            call = await w.call(stale.id)
            # Asked again inside the transaction: its process may only have been slow.
            if call is None or call.ended_at is not None or call.last_seen_at >= before:
                continue
            if await w.close_call(call.id, reason=CallEnd.CRASHED, now=now):
                closed += 1
                log.warning("stale call closed", call_id=call.id)
    return closed


async def tell_due_reminders(store: Store, clock: Clock) -> int:
    """Publish `reminder.due` for every visit whose moment has come; returns how many.

    Nothing waits for its day in the engine: what is due is read from the appointments as they are,
    so a visit that moved or was cancelled, and a rule that changed, need no clearing up.
    """
    told = 0
    for business in await store.businesses():
        scope, zone = TenantScope(business.id), ZoneInfo(business.timezone)
        async with store.reading(scope) as r:
            rules, now = rules_of((await r.messaging()).raw), clock.now()
            if not rules.reminders:
                continue
            # A day at a time: no list of the store is longer than its bound.
            days = [now + timedelta(days=n) for n in range(horizon(rules).days + 1)]
            rows = [
                row
                for day in days
                for row in await r.appointments(start=day, end=day + timedelta(days=1))
            ]
            due = {
                reminder_due(business.id, row.id, found.rule, row.start, now).id: row
                for row in rows
                if (found := due_reminder(row, rules, zone, now)) is not None
            }
            known = await r.known_events(due)
        for row in (row for event_id, row in due.items() if event_id not in known):
            told += await _tell_reminder(store, scope, row, clock)
    return told


async def _tell_reminder(store: Store, scope: TenantScope, seen: Appointment, clock: Clock) -> bool:
    async with store.writing(scope) as w:
        await w.lock_appointment(seen.id)
        business, row = await w.business(), await w.appointment(seen.id)
        rules, now = rules_of((await w.messaging()).raw), clock.now()
        # Asked again under the lock: it may have been moved or cancelled since it was listed.
        if row is None:
            return False
        found = due_reminder(row, rules, ZoneInfo(business.timezone), now)
        if found is None:
            return False
        return await w.publish(reminder_due(business.id, row.id, found.rule, row.start, now))


async def forget_old_flows(executors: Executors, clock: Clock, limits: FlowLimits) -> int:
    """Delete one batch of flows that succeeded long ago; dead letters stay."""
    from dbos import DBOS

    before = (clock.now() - timedelta(days=limits.keep_done_days)).isoformat()
    old = await DBOS.list_workflows_async(
        status="SUCCESS",
        completed_before=before,
        limit=limits.tidy_batch,
        load_input=False,
        load_output=False,
    )
    if old:
        await DBOS.delete_workflows_async([flow.workflow_id for flow in old])
    await asyncio.to_thread(executors.forget)
    return len(old)


async def forget_old_messages(store: Store, clock: Clock, limits: FlowLimits) -> int:
    """Of each business, take what is personal out of one batch of messages that it keeps no longer."""
    forgotten = 0
    for business in await store.businesses():
        async with store.writing(TenantScope(business.id)) as w:
            kept = timedelta(days=rules_of((await w.messaging()).raw).keep_days)
            forgotten += await w.forget_messages(before=clock.now() - kept, limit=limits.tidy_batch)
    return forgotten
