"""The agent with a model: the model chooses one action a turn, the built-in dialogue carries it out and speaks.

Its own free words are spoken while it still writes them. Keys, silences, telephone numbers and messages never reach
it: the built-in dialogue answers those on the same memory. A turn in which the model is late, broken or refuses raises
ProviderError before anything was said; what then answers is not decided here.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from dalpak.agents.builtin_agent import BuiltinAgent, perform
from dalpak.agents.dialogue import Talk, Waiting, slots_of, words_in
from dalpak.agents.dialogue_restate import restate
from dalpak.agents.memory import keep, recall
from dalpak.agents.openai_actions import Choice, carry_out
from dalpak.agents.openai_notes import Notes, NotingTools, keep_notes, recall_notes
from dalpak.agents.openai_prompt import cache_key, instructions, messages
from dalpak.agents.openai_sdk import (
    ArgumentPiece,
    CutShort,
    Heard,
    OpenAiModel,
    Refused,
    Run,
    ToolBegun,
    ToolWritten,
    Words,
)
from dalpak.agents.openai_tools import ASKS, SAY, arguments_of, our_names
from dalpak.agents.openai_warmup import rehearse
from dalpak.agents.openai_words import ArgumentText, Sentences
from dalpak.agents.prompts import receptionist as prompts
from dalpak.agents.surroundings import look_around
from dalpak.errors import ProviderError
from dalpak.language.base import Asked, Spoken
from dalpak.language.message_wishes import message_wish
from dalpak.ports.agent import AgentOutput, AgentTurn, Said, Say

FREE_SLOTS = 6
"""Of the next free times, told to the model before anything was offered."""
TRIES_MAX = 2
"""Requests in one turn: a second one only for a connection or a server that failed at once."""
DROPPED = "parameter_dropped"
AT_ONCE = frozenset({"unreachable", "connection_lost", "server_error", DROPPED})

PRIVATE = frozenset(
    {
        Waiting.PHONE,
        Waiting.CALLER_PHONE,
        Waiting.CALLBACK_PHONE,
        Waiting.MESSAGE,
        Waiting.SEND_MESSAGES,
    }
)
"""While a number, a message or a consent is asked for, the caller's words go to no model."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the model may take, in seconds. Whole turns are watched over by the call itself."""

    first_token_s: float
    stall_s: float
    answer_s: float


class Retries(Protocol):
    """What keeps second tries from multiplying the load of a server in trouble."""

    def request(self) -> None:
        """A first try was made."""
        ...

    def take(self) -> bool:
        """Whether a second one may be made now; then it counts as made."""
        ...


class OpenAiAgent:
    """`ports.agent.Agent`; stateless: everything it remembers is in the turn's state."""

    name = "openai"

    def __init__(
        self, model: OpenAiModel, patience: Patience, retries: Retries | None = None
    ) -> None:
        """Without `retries` nothing but the turn's own time limits second tries."""
        self._model, self._patience, self._retries = model, patience, retries
        self._plain = BuiltinAgent()
        self._ours = our_names()

    async def warm_up(self) -> None:
        """`agent_factory.Warms`."""
        await rehearse(self._model)

    async def reply(self, turn: AgentTurn) -> AsyncGenerator[AgentOutput, None]:
        notes = recall_notes(turn.state)
        if turn.said.unheard:
            notes.heard_only(turn.heard)
        tools = NotingTools(turn.tools, notes)
        asking = replace(turn, tools=tools)
        try:
            private = _kept_from_the_model(turn)
            if private:
                notes.caller_said(private)
                answer = self._plain.reply(asking)
            else:
                answer = self._by_model(asking, notes, tools)
            async with aclosing(answer) as outputs:
                async for output in outputs:
                    if isinstance(output, Say):
                        notes.we_said(output, turn.language)
                    yield output
        finally:
            keep_notes(turn.state, notes)

    async def _by_model(
        self, turn: AgentTurn, notes: Notes, tools: NotingTools
    ) -> AsyncGenerator[AgentOutput, None]:
        memory = recall(turn.state)
        world = await look_around(tools)
        talk = Talk(memory, turn.language, world, turn.ears, turn.caller_phone)
        understood = turn.language.understand(
            turn.said.text, world.hearing(talk.asked, talk.on_the_table(), talk.proposed)
        )
        wish = message_wish(turn.language.code, turn.said.text)
        if understood.phone is not None or wish is not None:
            notes.caller_said(prompts.GAVE_NUMBER)
            async with aclosing(self._plain.reply(turn)) as outputs:
                async for output in outputs:
                    yield output
            return
        notes.caller_said(turn.said.text)
        reading = _Reading(first_answer=notes.answers == 0)
        gently = False
        try:
            await _look_ahead(talk, notes, tools)
            async with aclosing(self._answer(talk, notes, tools, reading)) as outputs:
                async for output in outputs:
                    if isinstance(output, Say):
                        talk.words_said += words_in(output.spoken)
                    yield output
            gently = True
        finally:
            keep(turn.state, memory)
            turn.state.asked = talk.asked
            if reading.run is not None:
                await reading.run.close(gently=gently)

    async def _answer(
        self, talk: Talk, notes: Notes, tools: NotingTools, reading: "_Reading"
    ) -> AsyncGenerator[AgentOutput, None]:
        """The model's own words, then what it chose, carried out."""
        choice, broken = None, False
        try:
            async with aclosing(self._listen(talk, notes, tools, reading)) as sentences:
                async for sentence in sentences:
                    yield sentence
            choice = self._choice(reading)
        except ProviderError:
            if not reading.sentences.any:
                raise
            broken = True
        if choice is not None:
            script = carry_out(talk, notes, choice)
        elif broken:
            # Half an answer was heard: it ends with the question that stands.
            script = restate(talk)
        else:
            _free_question(talk, reading)
            return
        async with aclosing(perform(script, tools)) as outputs:
            async for output in outputs:
                yield output

    # -- the model -----------------------------------------------------------------------------------

    async def _listen(
        self, talk: Talk, notes: Notes, tools: NotingTools, reading: "_Reading"
    ) -> AsyncGenerator[Say, None]:
        """Sentences of the model's own, as they become whole; `reading` keeps the rest."""
        began = asyncio.get_running_loop().time()
        if self._retries is not None:
            self._retries.request()
        rules = instructions(tools.overview, talk.language.code)
        for attempt in range(1, TRIES_MAX + 1):
            told = messages(talk, notes, late_system=self._model.caps.late_system)
            reading.run = self._model.ask(rules, told, cache_key(rules))
            try:
                async with aclosing(self._sentences(reading, began)) as sentences:
                    async for sentence in sentences:
                        yield Say(Spoken(sentence), free_text=True)
                return
            except ProviderError as fault:
                if attempt == TRIES_MAX or not self._once_more(fault, reading, began):
                    raise
                await reading.run.close(gently=False)

    def _once_more(self, fault: ProviderError, reading: "_Reading", began: float) -> bool:
        took = asyncio.get_running_loop().time() - began
        soon = took < self._patience.first_token_s / 2
        if fault.code not in AT_ONCE or not soon or reading.anything:
            return False
        return fault.code == DROPPED or self._retries is None or self._retries.take()

    async def _sentences(self, reading: "_Reading", began: float) -> AsyncGenerator[str, None]:
        """Each useful token within its time; what only keeps a connection open is none."""
        loop, patience = asyncio.get_running_loop(), self._patience
        limit, code = began + patience.first_token_s, "timeout"
        assert reading.run is not None
        while not reading.done:
            try:
                async with asyncio.timeout_at(min(limit, began + patience.answer_s)):
                    heard = await reading.run.hear()
            except TimeoutError:
                raise ProviderError(code, "no useful token in time") from None
            if heard is None:
                for sentence in reading.finish():
                    yield sentence
                return
            for sentence in reading.take(heard):
                yield sentence
            if not isinstance(heard, Words | ArgumentPiece) or heard.text:
                limit, code = loop.time() + patience.stall_s, "stalled"

    def _choice(self, reading: "_Reading") -> Choice | None:
        """What the model wants done. ProviderError when that cannot be read."""
        written = reading.written
        if written is None or written.name == SAY:
            if not reading.sentences.any:
                raise ProviderError("empty", "nothing that can be said or done", retryable=False)
            return None
        tool = self._ours.get(written.name)
        arguments = arguments_of(written.arguments)
        if tool is None or arguments is None:
            what = "arguments" if tool else "tool"
            raise ProviderError("garbage", f"unreadable {what}", retryable=False)
        return Choice(tool, arguments)


class _Reading:
    """What was made of one answer of the model so far."""

    def __init__(self, *, first_answer: bool) -> None:
        self.sentences = Sentences(first_answer=first_answer)
        self.written: ToolWritten | None = None
        """The first tool that was wholly written; a second one in the same answer is not carried out."""
        self.run: Run | None = None
        """The model call that it is read from."""
        self.anything = False
        self._text: ArgumentText | None = None
        self._cut = False

    @property
    def done(self) -> bool:
        acts = self.written is not None and self.written.name != SAY
        return acts or self.sentences.full

    def take(self, heard: Heard) -> list[str]:
        """The sentences that are whole now. ProviderError for a refusal."""
        self.anything = True
        match heard:
            case Words(text):
                return self.sentences.feed(text)
            case ToolBegun(name):
                self._text = ArgumentText() if name == SAY else None
            case ArgumentPiece(piece) if self._text is not None:
                return self.sentences.feed(self._text.feed(piece))
            case ToolWritten():
                self.written = heard
                self._text = None
                return self._said(heard) if heard.name == SAY else []
            case Refused():
                raise ProviderError("refused", retryable=False)
            case CutShort():
                self._cut = True
        return []

    def finish(self) -> list[str]:
        """The last sentence has often no full stop; one that ran into the limit of tokens has no end."""
        return [] if self._cut and self.sentences.any else self.sentences.finish()

    def _said(self, written: ToolWritten) -> list[str]:
        """The end of what is said; a server that did not stream it gives all of it here."""
        arguments = arguments_of(written.arguments)
        if arguments is None:
            # It broke off in its middle, whether or not the server says so.
            self._cut = True
            return []
        if self.sentences.untouched:
            return self.sentences.feed(f"{arguments.get('text', '')}") + self.sentences.finish()
        return self.sentences.finish()

    @property
    def asks(self) -> str:
        written = self.written
        arguments = arguments_of(written.arguments) if written is not None else None
        return str((arguments or {}).get("asks", ""))


def _kept_from_the_model(turn: AgentTurn) -> str:
    """What the history says instead of the caller's own keys or words; empty when a model may hear them."""
    said: Said = turn.said
    if said.keys:
        return prompts.KEYED
    if said.silence:
        return prompts.SILENT
    if said.opening:
        return prompts.CALLED
    memory = recall(turn.state)
    if not turn.ears or memory.keypad:
        return prompts.KEYED
    return prompts.GAVE_NUMBER if Waiting(memory.waiting_for) in PRIVATE else ""


async def _look_ahead(talk: Talk, notes: Notes, tools: NotingTools) -> None:
    """The next free times, once, while nothing is on the table: then the model can choose without looking."""
    m = talk.memory
    if notes.free or m.offered or m.slot or m.booked:
        return
    outcome = await tools.call("calendar.find_slots", {"limit": FREE_SLOTS})
    notes.free = [slot.id for slot in slots_of(outcome)]
    notes.last = ""


def _free_question(talk: Talk, reading: _Reading) -> None:
    """What the model's words ask for decides how the answer is heard, by whoever hears it."""
    waiting = ASKS.get(reading.asks)
    if waiting is not None and talk.asked is not Asked.YES_NO:
        talk.memory.waiting_for = waiting
