"""Ways out of the dialogue: goodbye, a person, a message for one."""

from dalpak.agents.dialogue import Script, Talk, Waiting, use
from dalpak.ports.agent import CollectDigits, Direct, Say, SayGoodbye, ToolOutcome

PHONE_DIGITS = 15


def goodbye(talk: Talk) -> Script[None]:
    outcome = yield from use("call.goodbye")
    yield talk.say("goodbye_booked" if talk.memory.booked else "goodbye")
    yield Direct(outcome.directive or SayGoodbye())


def anything_else(talk: Talk) -> Script[None]:
    """What was wanted is done; who is led by keys has nothing to say to that."""
    if talk.by_keypad:
        yield from goodbye(talk)
    else:
        yield talk.ask(Waiting.MORE, "anything_else")


def wrong_number(talk: Talk) -> Script[None]:
    outcome = yield from use("call.goodbye")
    yield talk.say("wrong_number")
    yield Direct(outcome.directive or SayGoodbye())


def person(talk: Talk) -> Script[None]:
    """Connect to the business, or take a message when nobody can be reached."""
    outcome = yield from use("call.transfer")
    if outcome.ok and outcome.directive is not None:
        yield Say(outcome.say) if outcome.say is not None else talk.say("transfer")
        yield Direct(outcome.directive)
    elif talk.by_keypad:
        yield from collect_callback_phone(talk)
    else:
        yield talk.ask(Waiting.MESSAGE, "no_person")


def collect_phone(talk: Talk, outcome: ToolOutcome | None = None) -> Script[None]:
    """SPEC C3: one short sentence, and the keypad waits for `#`."""
    directive = outcome.directive if outcome is not None else None
    if directive is None:
        directive = (yield from use("call.collect_phone")).directive
    yield talk.ask(Waiting.PHONE, "ask_phone_keypad")
    yield Direct(directive or CollectDigits("phone", PHONE_DIGITS))


def collect_callback_phone(talk: Talk) -> Script[None]:
    outcome = yield from use("call.collect_phone")
    yield talk.ask(Waiting.CALLBACK_PHONE, "ask_phone_callback")
    yield Direct(outcome.directive or CollectDigits("phone", PHONE_DIGITS))


def take_message(talk: Talk, text: str) -> Script[None]:
    """What the caller wants to be told on; without a number nobody could answer it."""
    outcome = yield from use("leads.take_message", text=text)
    if not outcome.ok:
        yield talk.say("tool_failed")
        yield talk.ask(Waiting.MESSAGE, "ask_message")
        return
    if talk.caller_phone or talk.memory.has_phone:
        yield talk.say("message_taken")
        yield talk.ask(Waiting.MORE, "anything_else")
    else:
        yield from collect_callback_phone(talk)


def take_callback_phone(talk: Talk, digits: str) -> Script[None]:
    """The number for calling back; a caller without a voice leaves only that."""
    outcome = yield from use("leads.note_contact", phone=digits)
    if not outcome.ok:
        yield talk.say("bad_number")
        yield from collect_callback_phone(talk)
        return
    talk.memory.has_phone = True
    if talk.by_keypad:
        yield from use("leads.take_message", text=talk.language.written("no_note"))
    yield talk.say("message_taken")
    yield from goodbye(talk)
