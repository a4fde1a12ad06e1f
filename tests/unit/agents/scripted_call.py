"""A call with the built-in agent, turn by turn, where a test says what each sentence means.

What hearing makes of real sentences is tested with hearing; here only the dialogue is.
"""

import json
import re
from dataclasses import dataclass, field

from scripted_desk import ScriptedDesk

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.language.base import Asked, HearingContext, Spoken, Understood
from dalpak.language.he import HEBREW
from dalpak.language.he.phrases import CONVERSATION
from dalpak.language.he.phrases_call import CALL
from dalpak.ports.agent import AgentState, AgentTurn, Direct, Directive, Said, Say


class ScriptedLanguage:
    """Hebrew, except that the next sentence means what the test says it means."""

    code, locale, speech = HEBREW.code, HEBREW.locale, HEBREW.speech
    phrase, written, prompts = HEBREW.phrase, HEBREW.written, HEBREW.prompts
    claims_booking, is_backchannel = HEBREW.claims_booking, HEBREW.is_backchannel

    def __init__(self) -> None:
        self.next = Understood("")
        self.context: HearingContext | None = None

    def understand(self, text: str, context: HearingContext) -> Understood:
        self.context = context
        return self.next


PATTERNS = {
    key: re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)))
    for key, (text, _) in (CONVERSATION | CALL).items()
}


@dataclass
class Reply:
    """What the agent did in one turn."""

    says: list[Spoken] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(s.text for s in self.says)

    def said(self, key: str) -> bool:
        """True when one of the sentences is this phrase, whatever its slots hold."""
        return any(PATTERNS[key].fullmatch(s.text) for s in self.says)


@dataclass
class ScriptedCall:
    desk: ScriptedDesk = field(default_factory=ScriptedDesk)
    ears: bool = True
    stored: dict[str, object] = field(default_factory=dict)
    turns: int = 0
    language: ScriptedLanguage = field(default_factory=ScriptedLanguage)
    asked: Asked = Asked.NOTHING

    async def turn(self, said: Said) -> Reply:
        """Every turn starts from JSON, as if another process had gone on."""
        self.turns += 1
        self.desk.ears = self.ears
        state = AgentState(json.loads(json.dumps(self.stored)))
        ask = AgentTurn(
            number=self.turns,
            said=said,
            tools=self.desk,
            language=self.language,
            state=state,
            ears=self.ears,
            caller_phone=self.desk.caller_phone,
        )
        reply = Reply()
        async for output in BuiltinAgent().reply(ask):
            match output:
                case Say():
                    reply.says.append(output.spoken)
                    reply.tags += [output.tag] if output.tag else []
                case Direct(directive):
                    reply.directives.append(directive)
        self.stored = state.to_json()
        self.asked = state.asked
        assert not any(c.isdigit() for c in reply.text), reply.text
        return reply

    async def means(self, text: str = "words", /, **meaning: object) -> Reply:
        self.language.next = Understood(text, **meaning)  # type: ignore[arg-type]
        return await self.turn(Said(text=text))

    async def keys(self, keys: str) -> Reply:
        return await self.turn(Said(keys=keys))

    async def press(self, *keys: str) -> Reply:
        """Several keys or numbers, one turn each; the last reply."""
        reply = Reply()
        for key in keys:
            reply = await self.keys(key)
        return reply

    async def opens(self) -> Reply:
        return await self.turn(Said(opening=True))

    async def silence(self) -> Reply:
        return await self.turn(Said(silence=True))
