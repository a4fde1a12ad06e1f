"""Random policies by seed against the oracle: a few hundred here, a hundred thousand with --long."""

import pytest
from slot_oracle import oracle
from slot_worlds import Salon, salon_of

from dalpak.domain.booking import Accepted, Request, decide
from dalpak.domain.slots import Slot, free_slots

pytestmark = pytest.mark.unit

SEEDS, LONG_SEEDS = 500, 100_000
REFUSALS_EACH = 2


def offered(s: Salon) -> tuple[Slot, ...]:
    return free_slots(s.policy, s.service, s.day, s.busy, s.now, resources=s.resources)


def test_random_policies_offer_what_the_oracle_counts(long_run: bool) -> None:
    seeds = range(LONG_SEEDS if long_run else SEEDS)
    some, wrong = 0, []
    for seed in seeds:
        s = salon_of(seed)
        found = [slot.start for slot in offered(s)]
        if found != oracle(s.policy, s.hours, s.day, s.busy, s.now, s.resources, s.service):
            wrong.append(seed)
        some += bool(found)
    assert wrong == []
    assert some > len(seeds) / 10, "the worlds are too closed to show anything"


def test_what_a_random_policy_offers_it_accepts_and_nothing_else(long_run: bool) -> None:
    seeds = range(LONG_SEEDS // 10 if long_run else SEEDS // 2)
    accepted = refused = 0
    for seed in seeds:
        s = salon_of(seed)
        slots = offered(s)
        starts = {slot.start for slot in slots}
        for slot in slots[:: max(1, len(slots) // 3)]:
            request = Request.of_instant(slot.start, s.policy.zone)
            decision = decide(request, s.policy, s.service, s.resources, s.busy, s.now)
            assert decision == Accepted(slot), f"seed {seed}"
            accepted += 1
        for n in range(REFUSALS_EACH):
            at = s.now.astimezone(s.policy.zone).replace(second=0, microsecond=0)
            request = Request(s.day, at.replace(hour=(seed * 7 + n * 11) % 24).time())
            decision = decide(request, s.policy, s.service, s.resources, s.busy, s.now)
            if isinstance(decision, Accepted):
                assert decision.slot.start in starts, f"seed {seed}"
            else:
                refused += 1
                assert len(decision.suggestions) <= 2, f"seed {seed}"
                assert len(decision.suggestions) == 2 or len(starts) < 2, f"seed {seed}"
    assert accepted > len(seeds) / 3
    assert refused > len(seeds) / 3
