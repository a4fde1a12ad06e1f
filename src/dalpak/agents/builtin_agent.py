"""The built-in agent: a deterministic booking dialogue in the call's language, without any model.

The default, and what every other agent falls back to. It decides nothing here: scripts of
`dialogue_*.py` do; this runs their tool calls and speaks their sentences.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from dalpak.agents.dialogue import Script, Talk, UseTool, Waiting, words_in
from dalpak.agents.dialogue_booking import proceed
from dalpak.agents.dialogue_keys import on_keys
from dalpak.agents.dialogue_messages import hear_wish
from dalpak.agents.dialogue_parting import PHONE_DIGITS
from dalpak.agents.dialogue_restate import briefly, restate
from dalpak.agents.dialogue_words import on_words
from dalpak.agents.memory import keep, recall
from dalpak.agents.surroundings import look_around
from dalpak.ports.agent import (
    AgentOutput,
    AgentTurn,
    CollectDigits,
    Direct,
    Directive,
    Say,
    Toolbox,
    ToolOutcome,
)

TOOLS_PER_TURN_MAX = 24
"""Tool calls of one turn; a dialogue that wants more is going round in circles."""

KEYED = frozenset({Waiting.PHONE, Waiting.CALLBACK_PHONE})
"""While a number is asked for, the keypad waits for it, whatever else is said in between."""

_NOTHING = ToolOutcome({})
_TOO_MANY = ToolOutcome({"ok": False, "error": "internal", "reason": "too many tools in one turn"})


class BuiltinAgent:
    """`ports.agent.Agent`; stateless: everything it remembers is in the turn's state."""

    name = "builtin"

    async def reply(self, turn: AgentTurn) -> AsyncGenerator[AgentOutput, None]:
        memory = recall(turn.state)
        world = await look_around(turn.tools)
        talk = Talk(memory, turn.language, world, turn.ears, turn.caller_phone)
        try:
            directives: list[Directive] = []
            async with aclosing(perform(respond(talk, turn), turn.tools)) as outputs:
                async for output in outputs:
                    if isinstance(output, Say):
                        talk.words_said += words_in(output.spoken)
                    else:
                        directives.append(output.directive)
                    yield output
            if talk.waiting in KEYED and not directives:
                yield Direct(CollectDigits("phone", PHONE_DIGITS))
        finally:
            keep(turn.state, memory)
            turn.state.asked = talk.asked


async def perform(script: Script[None], tools: Toolbox) -> AsyncGenerator[AgentOutput, None]:
    """Run a script to its end; its tool calls get their outcomes, its sentences go out."""
    used = 0
    try:
        action = next(script)
        while True:
            result = _NOTHING
            if isinstance(action, UseTool):
                used += 1
                result = _TOO_MANY
                if used <= TOOLS_PER_TURN_MAX:
                    result = await tools.call(action.name, action.arguments)
            else:
                yield action
            action = script.send(result)
    except StopIteration:
        return


def respond(talk: Talk, turn: AgentTurn) -> Script[None]:
    """The whole answer to one turn."""
    said = turn.said
    if said.opening:
        yield from _open(talk)
    elif said.keys:
        yield from on_keys(talk, said.keys)
    elif said.silence:
        yield talk.say("ears_lost" if said.stray else "still_there")
        yield from restate(talk)
    else:
        yield from _hear(talk, said.text)


def _hear(talk: Talk, text: str) -> Script[None]:
    rest = yield from hear_wish(talk, text)
    if rest or not text:
        context = talk.world.hearing(talk.asked, talk.on_the_table(), talk.proposed)
        yield from on_words(talk, talk.language.understand(rest, context))
    else:
        yield from briefly(talk)


def _open(talk: Talk) -> Script[None]:
    """The greeting was said by the call itself; what follows depends on what was before."""
    if talk.waiting is Waiting.NOTHING and talk.memory.slot is None:
        yield from proceed(talk)
        return
    lost_ears = not talk.ears and talk.waiting not in {Waiting.DAY_MENU, Waiting.TIME_MENU}
    yield talk.say("ears_lost" if lost_ears else "resumed_after_break")
    yield from restate(talk)
