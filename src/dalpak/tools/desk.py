"""The desk of one call: its tools, its gate and the business's words, as ports/desk.py asks for
them.

Here the caller's own words and keys become the consent that the gate wants: an agent has no say in
it.
"""

from collections.abc import Callable, Sequence
from datetime import time

from dalpak.call.inputs import Said
from dalpak.call.prompts import Prompts
from dalpak.clock import Clock
from dalpak.domain.phones import parse_phone
from dalpak.domain.policy import Policy
from dalpak.domain.records import Business, CallRecord, Resource, Service, TenantScope, TraceRecord
from dalpak.domain.walltime import WEEKDAYS
from dalpak.language.base import (
    Answer,
    Asked,
    HearingContext,
    Language,
    Named,
    Spoken,
    Understood,
)
from dalpak.language.message_wishes import message_wish
from dalpak.ports.agent import Toolbox
from dalpak.ports.desk import DeskFactory
from dalpak.ports.store import Store
from dalpak.tools.consent import PROPOSES, Purpose
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.gate import BookingGate
from dalpak.tools.message_answers import MessageAnswers
from dalpak.tools.policy import PolicyCache
from dalpak.tools.toolbox import BoundToolbox

ALL_DAY = ((0, 24 * 60),)
KEY_ANSWERS = {"1": Answer.AFFIRM, "2": Answer.DENY}
"""What the keypad read-back offers: 1 confirms, 2 changes; and the question about messages: 1 is a yes."""
HINTS_MAX = 100
"""Phrases that an STT accepts as hints."""


class ToolDesk:
    """Implements ports.desk.CallDesk."""

    def __init__(
        self, ctx: CallContext, office: Office, turn: list[int], hears: list[bool]
    ) -> None:
        self.tools: Toolbox = BoundToolbox(ctx)
        self.language = ctx.language
        self.business: Business = office.business
        self.hints = _hints(office)
        self._ctx, self._office, self._turn, self._hears = ctx, office, turn, hears

    def prompts(self, *, ears: bool) -> Prompts:
        phrase, name = self.language.phrase, self.business.name
        business = Spoken(name, self.business.ipa)
        return Prompts(
            greeting=phrase("greeting" if ears else "greeting_keypad", business=business),
            fillers=(phrase("filler"), phrase("filler_2"), phrase("filler_3")),
            apology=phrase("apology" if ears else "apology_keypad"),
            not_heard=phrase("did_not_hear"),
            give_up=phrase("give_up"),
            idle_goodbye=phrase("idle_goodbye"),
            keypad_reminder=phrase("keypad_reminder"),
            keypad_cleared=phrase("keypad_cleared"),
            long_call_warning=phrase("long_call_warning"),
            max_goodbye=phrase("max_goodbye"),
            drain_goodbye=phrase("drain_goodbye"),
        )

    def turn_began(self, number: int, said: Said, *, ears: bool) -> None:
        self._turn[0], self._hears[0] = number, ears
        messages = self._ctx.messages
        asked = messages.is_asking
        wish = message_wish(self.language.code, said.text)
        words = self._words(wish.rest if wish is not None else said.text)
        if said.text or said.keys:
            messages.caller_said(_plain_answer(said, words), wish)
        if said.keys and (phone := parse_phone(said.keys)) is not None:
            self._ctx.gate.keyed = phone.e164
        # A yes to one question is none to another.
        self._ctx.gate.caller_said(None if asked else self._answer(said, words))

    def draft_began(self, number: int, *, ears: bool) -> None:
        self._turn[0], self._hears[0] = number, ears

    def _words(self, text: str) -> Understood | None:
        """What the caller said apart from a wish about messages; None for nothing."""
        return self.language.understand(text, self._hearing()) if text else None

    def _answer(self, said: Said, words: Understood | None) -> Answer | None:
        """A key answers by its number; words by their meaning, as far as they change nothing
        else."""
        if said.keys:
            return KEY_ANSWERS.get(said.keys)
        return self._ctx.gate.answer_in(words, self._office.zone) if words is not None else None

    def _hearing(self) -> HearingContext:
        gate, back = self._ctx.gate, self._ctx.gate.read_back
        cancels = back is not None and back.purpose is Purpose.CANCEL
        subject = gate.own(back.appointment_id) if back and cancels else gate.chosen
        return HearingContext(
            now=self._office.local(self._ctx.clock.now()),
            hours=_hours(self._office.policy),
            asked=Asked.YES_NO,
            offered=(self._office.local(subject.start),) if subject else (),
            proposed=PROPOSES.get(back.purpose) if back else None,
            services=tuple(_named(s) for s in self._office.services),
            staff=tuple(_named(r) for r in self._office.resources),
        )

    def read_back_heard(self, tag: str) -> None:
        self._ctx.gate.heard(tag)
        self._ctx.messages.heard(tag)

    def state(self) -> dict[str, object]:
        return {"gate": self._ctx.gate.to_json(), "messages": self._ctx.messages.to_json()}

    def restore(self, state: dict[str, object]) -> None:
        """Every tool of the call has the same objects, so they are changed in place."""
        gate, messages = state.get("gate"), state.get("messages")
        if isinstance(gate, dict):
            vars(self._ctx.gate).update(vars(BookingGate.from_json(gate)))
        if isinstance(messages, dict):
            vars(self._ctx.messages).update(vars(MessageAnswers.from_json(messages)))


def desk_factory(
    store: Store,
    clock: Clock,
    language_of: Callable[[str], Language],
    senders: Sequence[str] = (),
) -> DeskFactory:
    """`ports.desk.DeskFactory` over this process's store; policies are cached across calls.

    `senders`: messengers by name, the usual one first; without any no message is announced.
    """
    policies = PolicyCache()

    async def open_desk(record: CallRecord, on_trace: Callable[[TraceRecord], None]) -> ToolDesk:
        scope = TenantScope(record.business_id)
        turn, hears = [0], [True]
        async with store.reading(scope) as reading:
            business = await reading.business()
            ctx = CallContext(
                store=store,
                clock=clock,
                scope=scope,
                call_id=record.id,
                caller_phone=record.caller,
                language=language_of(business.language),
                policies=policies,
                gate=_gate(record),
                record_trace=on_trace,
                turn=lambda: turn[0],
                ears=lambda: hears[0],
                messages=_messages(record),
                senders=tuple(senders),
            )
            office = await read_office(reading, ctx)
        return ToolDesk(ctx, office, turn, hears)

    return open_desk


def _gate(record: CallRecord) -> BookingGate:
    """As the last checkpoint left it: a re-attached call goes on where it was."""
    gate = _checkpoint(record).get("gate")
    return BookingGate.from_json(gate) if isinstance(gate, dict) else BookingGate()


def _messages(record: CallRecord) -> MessageAnswers:
    said = _checkpoint(record).get("messages")
    return MessageAnswers.from_json(said) if isinstance(said, dict) else MessageAnswers()


def _checkpoint(record: CallRecord) -> dict[str, object]:
    state = (record.checkpoint or {}).get("desk")
    return state if isinstance(state, dict) else {}


def _plain_answer(said: Said, words: Understood | None) -> Answer | None:
    """To a question about messages: yes or no, and nothing else in the same breath."""
    if said.keys:
        return KEY_ANSWERS.get(said.keys)
    if words is None or words.says_when or words.corrects or words.phone or words.hangs_on_no:
        return None
    return words.answer


def _hours(policy: Policy) -> dict[str, tuple[tuple[time, time], ...]]:
    """The week's opening windows as wall times; the end of a day is its last minute."""
    week = dict.fromkeys(WEEKDAYS, ALL_DAY) if policy.allow_24_7 else policy.opening_hours
    return {
        day: tuple((_time(start), _time(end)) for start, end in windows)
        for day, windows in week.items()
    }


def _time(minute: int) -> time:
    minute = min(minute, 24 * 60 - 1)
    return time(minute // 60, minute % 60)


def _named(thing: Service | Resource) -> Named:
    return Named(thing.id, thing.name, thing.aliases)


def _hints(office: Office) -> tuple[str, ...]:
    things = [_named(thing) for group in (office.services, office.resources) for thing in group]
    names = [name for thing in things for name in (thing.name, *thing.aliases)]
    return tuple(dict.fromkeys(names))[:HINTS_MAX]
