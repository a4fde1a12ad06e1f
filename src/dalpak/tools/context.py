"""What a tool knows of the call it serves. Tenant, call and caller come from here and from nowhere
else.

Made once per call by the runtime, restored with the gate after a re-attach. No tool schema has any
of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dalpak.clock import Clock
from dalpak.domain.phones import carrier_phone
from dalpak.domain.policy import Policy
from dalpak.domain.records import Business, Resource, Service, TenantScope, TraceRecord
from dalpak.domain.slots import last_day, together, who_can
from dalpak.language.base import Language, Spoken
from dalpak.ports.store import Reading, Store
from dalpak.tools.gate import BookingGate
from dalpak.tools.message_answers import MessageAnswers
from dalpak.tools.policy import PolicyCache, get_business_policy

HOLD_FOR = timedelta(minutes=3)
"""How long a read-back keeps its slot, and the grace on the notice while it does."""


def _hears() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class CallContext:
    """`record_trace` must not block; `turn` gives the number of the running turn."""

    store: Store
    clock: Clock
    scope: TenantScope
    call_id: str
    caller_phone: str | None
    """E.164 of the caller as the carrier vouches for it; withheld or nonsense becomes None."""
    language: Language
    policies: PolicyCache
    gate: BookingGate
    record_trace: Callable[[TraceRecord], None]
    turn: Callable[[], int]
    ears: Callable[[], bool] = field(default=_hears)
    """False while the caller cannot be understood by voice: then no name can be asked for."""
    messages: MessageAnswers = field(default_factory=MessageAnswers)
    senders: tuple[str, ...] = ()
    """Messengers of this installation, the usual one first; empty: nobody is written to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "caller_phone", carrier_phone(self.caller_phone))


@dataclass(frozen=True, slots=True)
class Office:
    """The business as one transaction sees it."""

    business: Business
    policy: Policy
    services: tuple[Service, ...]
    resources: tuple[Resource, ...]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.policy.zone

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    @property
    def last_day(self) -> date:
        return last_day(self.policy, self.now)

    def local(self, at: datetime) -> datetime:
        """The same instant on the business's wall clock."""
        return at.astimezone(self.zone)

    def service(self, service_id: str | None) -> Service | None:
        """By id; without one, the first: a business lists its usual service first."""
        if service_id is None:
            return self.services[0] if self.services else None
        return next((s for s in self.services if s.id == service_id), None)

    def visit(self, service_ids: Sequence[str]) -> Service | None:
        """Services done in one visit, as one; None when one is not known or nobody gives them
        all."""
        known = [s for s in map(self.service, service_ids) if s is not None]
        return together(known) if known and len(known) == len(service_ids) else None

    def spoken_services(self, language: Language, service_ids: Sequence[str]) -> Spoken:
        """Their names, as a listing where they are several."""
        known = [s for s in map(self.service, service_ids) if s is not None]
        names = [Spoken(s.name, s.ipa) for s in known]
        if len(names) < 2:
            return names[0] if names else Spoken("")
        return language.speech.listing(names, last="and")

    def who_can(self, service: Service, resource_id: str | None = None) -> Sequence[Resource]:
        return who_can(service, self.resources, resource_id)


async def read_office(reading: Reading, ctx: CallContext) -> Office:
    """Read the business inside an open transaction; the policy is the one in force at this
    moment."""
    return await open_office(reading, ctx.policies, ctx.clock.now())


async def open_office(reading: Reading, policies: PolicyCache, now: datetime) -> Office:
    """The same where there is no call: for what follows one."""
    business = await reading.business()
    policy = get_business_policy(
        business.id,
        business.prompt,
        row=await reading.policy(),
        timezone=business.timezone,
        cache=policies,
    )
    return Office(
        business,
        policy,
        tuple(await reading.services()),
        tuple(await reading.resources()),
        now,
    )
