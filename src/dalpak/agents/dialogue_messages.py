"""The message that follows the call: announced, asked about where the business wants a yes, refused
when the caller says so.

What counts as an answer is decided behind the tools, from the caller's own words; these scripts only
bring them to the point. Siblings of the booking path: nothing here knows what comes next.
"""

from dalpak.agents.dialogue import Script, Talk, Waiting, use
from dalpak.language.message_wishes import message_wish
from dalpak.ports.agent import Say

BARE_ANSWER_WORDS = 2
"""So few words beside a wish, at the question about messages, only repeat it."""


def ask_first(talk: Talk, appointment_id: str = "") -> Script[bool]:
    """True when the question was put: the read-back, of a booking or of a change to an appointment,
    waits for its answer."""
    outcome = yield from use("messages.ask", **_about(appointment_id))
    if outcome.data.get("unwritten"):
        yield from use("messages.note")
    if not outcome.ok or outcome.say is None:
        return False
    talk.memory.waiting_for = Waiting.SEND_MESSAGES
    yield Say(outcome.say, tag=outcome.say_tag)
    if talk.by_keypad:
        yield talk.say("keypad_send")
    return True


def note_answer(talk: Talk) -> Script[None]:
    """To the question; where there was no clear one, nothing is noted."""
    yield from use("messages.note")
    talk.memory.waiting_for = Waiting.NOTHING


def promise(appointment_id: str = "") -> Script[None]:
    """After a booking, or after a change to an appointment."""
    outcome = yield from use("messages.promise", **_about(appointment_id))
    if outcome.ok and outcome.say is not None:
        yield Say(outcome.say)


def _about(appointment_id: str) -> dict[str, object]:
    return {"appointment_id": appointment_id} if appointment_id else {}


def hear_wish(talk: Talk, text: str) -> Script[str]:
    """Note a wish about messages that is in these words; gives what else they say."""
    wish = message_wish(talk.language.code, text)
    if wish is None or talk.waiting is Waiting.MESSAGE:
        return text
    outcome = yield from use("messages.note")
    told = outcome.say if outcome.ok else None
    yield Say(told) if told is not None else talk.say("do_not_know")
    if talk.waiting is not Waiting.SEND_MESSAGES:
        return wish.rest
    talk.memory.waiting_for = Waiting.NOTHING
    return wish.rest if len(wish.rest.split()) > BARE_ANSWER_WORDS else ""
