"""Questions about the business in the middle of anything: answered from its data, then back."""

from dalpak.agents.dialogue import Script, Talk, error_of, use
from dalpak.agents.dialogue_booking import ask_service
from dalpak.language.base import Intent, Understood
from dalpak.ports.agent import Say

QUESTIONS = frozenset({Intent.QUERY_HOURS, Intent.QUERY_PRICE, Intent.QUERY_ADDRESS})


def answer(talk: Talk, intent: Intent, u: Understood) -> Script[bool]:
    """Say what the tools say; what they do not know is not invented. False: a question is open."""
    talk.memory.price_asked = False
    if intent is Intent.QUERY_HOURS:
        day = u.when_date or u.date_from
        outcome = yield from use("business.hours", date=day.isoformat() if day else None)
    elif intent is Intent.QUERY_PRICE:
        assumed = talk.service.id if talk.memory.slot and talk.service else None
        service = u.service_ids[0] if u.service_ids else talk.memory.service_id or assumed
        outcome = yield from use("business.facts", topic="price", service_id=service)
    else:
        outcome = yield from use("business.facts", topic="address")
    if outcome.ok and outcome.say is not None:
        yield Say(outcome.say)
    elif error_of(outcome) == "need_service":
        talk.memory.price_asked = True
        yield from ask_service(talk)
        return False
    else:
        yield talk.say("do_not_know")
    return True
