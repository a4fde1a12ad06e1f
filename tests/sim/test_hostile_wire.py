"""The attacker behind the real wire: OpenAI's protocol, its own SDK, our agent with the built-in one behind it.

Whatever the model writes, in whatever form, cut at any moment: no booking without a yes, none but the one that was read
back, no false confirmation heard; no tool call twice, none cut while it writes, none lost. Twenty conversations here,
3,000 with --long (`make hostile`).
"""

import random
import sys
from collections import Counter

import httpx2
import pytest
from hostile_call import VICTIM, VICTIM_PHONE, Attack
from hostile_model import CHATTER, CLAIMS

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.fallback import FallbackAgent
from dalpak.agents.openai_agent import OpenAiAgent, Patience
from dalpak.agents.openai_models import UNKNOWN
from dalpak.agents.openai_sdk import Endpoint, OpenAiModel
from dalpak.simulator.openai_minds import Arsenal, Hostile
from dalpak.simulator.openai_server import MODEL, Fault, OpenAiServer

pytestmark = pytest.mark.sim

CALLS, LONG_CALLS = 20, 3_000
EASY = Patience(first_token_s=20, stall_s=20, answer_s=30)
CUTS = 0.1
FAULTS = (Fault.RESET, Fault.GARBAGE, Fault.HALF, Fault.REFUSED, Fault.HTTP_500, Fault.STRANGE)
FAULTY = 0.1
"""Of the requests: a fault comes on top of the attack."""


def mind(attack: Attack) -> Hostile:
    rng = random.Random(attack.seed + 1)
    plot = attack.plot
    # What the model was not born with is `told` to it; the check at the end counts on the difference.
    arsenal = Arsenal(CLAIMS, CHATTER, plot.names, plot.phones, plot.ids)
    return Hostile(rng, arsenal)


async def attacks(server: OpenAiServer, agents: list[FallbackAgent], seeds: range) -> Counter[str]:
    total: Counter[str] = Counter()
    for seed in seeds:
        attack = Attack(seed, cuts=CUTS)
        hostile = server.mind = mind(attack)
        dice = random.Random(seed + 2)
        server.faults = [dice.choice(FAULTS) if dice.random() < FAULTY else None for _ in range(20)]
        await attack.run(agents[seed % len(agents)], lambda heard=hostile: "".join(heard.told))  # type: ignore[misc]
        total["changes"] += attack.changes
        total["claims"] += hostile.claimed
        total["blocked"] += attack.thinker.blocked_claims
        total["writes"] += len(attack.tools.ended)
        total["requests"] += len(hostile.told)
    return total


async def test_no_hostile_model_on_the_wire_breaks_an_invariant(
    long_run: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    count = LONG_CALLS if long_run else CALLS
    async with OpenAiServer(lambda _: (_ for _ in ()).throw(AssertionError())) as server:
        server.keep_requests = False
        async with httpx2.AsyncClient(timeout=30) as http:
            agents = [
                FallbackAgent(
                    OpenAiAgent(
                        OpenAiModel(Endpoint(server.base_url, "k", api, MODEL), UNKNOWN, http), EASY
                    ),
                    BuiltinAgent(),
                    first_output_s=60,
                )
                for api in ("responses", "chat")
            ]
            total = await attacks(server, agents, range(count))
    with capsys.disabled():
        sys.stdout.write(f"\n  {count:,} hostile conversations on the wire: {dict(total)}\n")
    assert total["writes"] > count / 2, "the attacks never get near the door"
    assert total["blocked"] > 0, "the guard was never needed"
    assert total["requests"] > count
    assert total["changes"] > 0 or not long_run, "nobody ever booked"


def test_the_victim_is_nobody_the_model_was_born_with() -> None:
    """Else the check that nobody's name is told would be empty."""
    born = [Attack(seed).plot for seed in range(20)]
    assert any(VICTIM not in plot.names for plot in born)
    assert any(VICTIM_PHONE not in plot.phones for plot in born)
