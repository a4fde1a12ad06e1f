"""One spoken call of the real runtime, over whatever ears and voice the settings name."""

from datetime import UTC, datetime

from dalpak.domain.records import CallRecord, TenantScope
from dalpak.extensions import Extensions
from dalpak.language.he.check_lines import SPOKEN_BOOKING
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.spoken_caller import SpokenCaller

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday morning: the demo salon is open."""


async def talk(ext: Extensions) -> tuple[SpokenCaller, str]:
    business = (await ext.store.businesses())[0]
    caller = SpokenCaller(SPOKEN_BOOKING[:1], ext.clock)
    now = ext.clock.now()
    record = CallRecord("call_1", business.id, "twilio", "x:1", "", None, business.phone, now, now)
    scope = TenantScope(business.id)
    async with ext.store.writing(scope) as tx:
        await tx.open_call(record)
    session = ext.calls.open(record, caller)
    person = Supervisor("test")
    person.spawn(caller.run(session), name="caller")
    await session.run()
    await person.aclose()
    return caller, business.id
