"""`reminder.due`: remind of a visit, if it still stands where it stood when the reminder fell due.

Which reminder is due, and when, is in `domain/reminders.py`; who looks for them in `housekeeping.py`.
"""

from zoneinfo import ZoneInfo

from dalpak.domain.messaging import rules_of
from dalpak.domain.records import Appointment, TenantScope
from dalpak.domain.reminders import LEAST_LEAD, quiet_until
from dalpak.flows.deliver import deliver
from dalpak.flows.desk import Desk, Payload, Postponed, id_of, instant_of
from dalpak.flows.visit import about_visit, must_stand
from dalpak.ports.engine import FlowContext


async def remind_appointment(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id, rule, start (of the visit, when it fell due)."""
    scope = TenantScope(id_of(payload, "business_id"))
    start = instant_of(payload, "start")

    def still(row: Appointment) -> str:
        if row.start != start:
            return "moved"
        late = desk.clock.now() >= start
        return must_stand(row) or ("too_late" if late else "")

    compose = about_visit(desk, "reminder", id_of(payload, "appointment_id"), still)

    async def send() -> str:
        async with desk.store.reading(scope) as r:
            business, rules = await r.business(), rules_of((await r.messaging()).raw)
        # An outage of the provider may have lasted into the night.
        awake = quiet_until(rules, ZoneInfo(business.timezone), desk.clock.now())
        if awake is not None and awake <= start - LEAST_LEAD:
            raise Postponed(awake, "quiet")
        return await deliver(desk, scope, f"{context.flow_id}:send", compose)

    return str(await context.step("send", send))
