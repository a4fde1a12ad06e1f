"""Why the caller speaks: intents from fixed phrases and from the company that words keep.

Words fall into classes; an intent is a set of classes that must meet in one utterance. The order of
RULES is the priority. A wish that is denied ("I don't want to cancel") is none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.base import Intent
from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import PhraseBook, spans

CANCEL = words("cancel cancelling canceling cancellation cancelled canceled delete call-off")
POSTPONE = words("postpone postponing delay push pushing defer")
ADVANCE = words("advance forward sooner")
MOVE = (
    words(
        """move moving reschedule rescheduling change changing switch switching shift rearrange swap
        bring"""
    )
    | POSTPONE
)
APPOINTMENT = words(
    "appointment appointments booking bookings visit slot slots meeting reservation"
)
BOOK = words("book booking schedule scheduling reserve arrange appointment make get set fix")
BOOK_VERB = words("book schedule reserve arrange")
WISH = words("want wanna like need can could would may looking hoping please i'd i'll let's")
WHEN = words("when what which")
FREE = words("free available availability open openings opening slots slot times space room")
ITS = words("my our mine")
OPENING = words("open opening close closing closed hours opens closes work working")
PLACE = words("you your are do the until till on today tomorrow saturday friday sunday shop salon")
PRICE = words("price prices cost costs charge charges fee fees rate rates pay expensive")
WHERE = words("where address located location directions parking park")
OTHER = words("other another different else more alternative")
OTHER_OF = words(
    "time times day days date dates slot slots hour option options something anything week one"
)
AGAIN = words("new another instead different")

_PHRASES: PhraseBook[Intent] = PhraseBook(
    (
        (
            Intent.WRONG_NUMBER,
            """wrong number|i have the wrong number|i dialed the wrong number|i dialled the wrong number|
            i called by mistake|called by mistake|dialed by mistake|dialled by mistake|
            i didn't mean to call you|i reached the wrong place|the wrong place|wrong place""",
        ),
        (
            Intent.HUMAN,
            """a person|real person|a human|human being|human|representative|a representative|
            an agent|real agent|operator|the operator|receptionist|the receptionist|secretary|
            the secretary|the manager|a manager|the owner|speak to someone|speak with someone|
            talk to someone|talk with someone|speak to somebody|talk to somebody|speak to|
            talk to|put me through|transfer me|connect me|someone real|somebody real|
            are you a robot|you're a robot|not a robot|a robot|a machine|customer service|
            the boss|speak with|talk with|a live person|someone there|an actual person""",
        ),
        (
            Intent.CALLBACK,
            """call me back|call me|phone me back|ring me back|ring me|get back to me|a call back|
            a callback|callback|call back|leave a message|take a message|leave him a message|
            leave her a message|tell him to call|tell her to call|have someone call|
            have somebody call|someone to call me|give me a call|return my call""",
        ),
        (
            Intent.WAITLIST,
            """waiting list|wait list|waitlist|standby list|if something opens up|if anything opens up|
            if something opens|if a slot opens|if there's a cancellation|if there is a cancellation|
            if someone cancels|if somebody cancels|if anyone cancels|if anything frees up|
            if something frees up|in case of a cancellation|let me know if|notify me if|
            when something opens up|if anything comes up|if something comes up""",
        ),
        (
            Intent.REPEAT,
            """what did you say|say that again|say it again|can you repeat|could you repeat|repeat that|
            repeat please|please repeat|repeat|come again|pardon|pardon me|i beg your pardon|
            i didn't hear|i did not hear|didn't hear you|i didn't catch|didn't catch that|
            i didn't get that|didn't get that|i didn't understand|i did not understand|
            i don't understand|once more|one more time|again please|what were the options|
            what were the times|what was that|sorry what|excuse me what|what's that|i can't hear|
            can't hear you|speak slower|slower please|more slowly|slow down|what do you mean|
            tell me again|run that by me|what options|what are my options|huh""",
        ),
        (
            Intent.CANCEL,
            """can't make it to my|won't be able to come|won't be able to make it|not able to come|
            i can't come|i'm not coming|not going to make it|call it off|call off|
            take me off|i don't need the appointment|don't need my appointment|
            i no longer need""",
        ),
        (
            Intent.QUERY_PRICE,
            """how much|what's the price|what is the price|what does it cost|what do you charge""",
        ),
        (
            Intent.QUERY_ADDRESS,
            """where are you|where is it|where do i come|where exactly|your address|the address|
            what street|which street|how do i get there|how do i get to you|how to get there|
            is there parking|do you have parking|where can i park|your location|what city""",
        ),
        (
            Intent.QUERY_HOURS,
            """opening hours|business hours|working hours|your hours|what hours|when are you open|
            are you open|are you closed|when do you open|when do you close|what time do you open|
            what time do you close|how late are you open|until when are you open|do you work on|
            are you working|what days are you open|which days are you open|till when are you open""",
        ),
        (
            Intent.QUERY_APPOINTMENT,
            """when is my appointment|what time is my appointment|when's my appointment|
            when is my booking|when am i booked|what day is my appointment|which day is my appointment|
            do i have an appointment|have i got an appointment|when am i scheduled|when am i coming|
            check my appointment|about my appointment|i forgot when|remind me when|when was i booked|
            when do i come|when am i supposed to come|what time am i|is my appointment""",
        ),
        (
            Intent.QUERY_AVAILABILITY,
            """what do you have|what have you got|what's available|what is available|what's free|
            what is free|anything free|anything available|what times|which times|what slots|
            which slots|do you have anything|do you have any|have you got anything|have you got any|
            is there anything|are there any|any openings|any availability|any slots|
            when can i come|when could i come|when do you have|what days do you have|
            when is the next|what's the earliest|what is the earliest|what's the soonest|
            when's the earliest|when is the earliest|what's the next|do you have time|
            do you have a slot|do you have space|do you have room|is there room|is there a slot""",
        ),
        (
            Intent.REQUEST_OTHER_TIME,
            """what else|anything else|something else|other options|other times|other days|another time|
            another day|another date|another slot|another option|a different time|a different day|
            a different date|different time|different day|some other time|some other day|
            any other time|any other day|any other times|any other options|other time|other day|
            later than that|earlier than that|any alternatives|an alternative|more options|
            more times|something later|something earlier|anything later|anything earlier|
            a later time|an earlier time|a bit later|a bit earlier|a little later|a little earlier|
            a later one|an earlier one|a later slot|an earlier slot""",
        ),
        (
            Intent.GOODBYE,
            """goodbye|good bye|bye|bye bye|see you|see you later|see you then|have a good day|
            have a nice day|have a great day|have a good one|that's all|that is all|that's it|
            that is it|that will be all|that'll be all|thank you bye|thanks bye|thank you very much|
            thanks a lot|thank you so much|thanks for your help|thank you for your help|
            nothing else|nothing more|i'm done|we're done|good night|cheers|take care|talk later|
            no that's all|no that's it""",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Rule:
    """An intent where every class of `needs` has a word; `unless` forbids."""

    intent: Intent
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str] = frozenset()


RULES = (
    Rule(Intent.RESCHEDULE, (CANCEL, BOOK_VERB, AGAIN)),
    Rule(Intent.CANCEL, (CANCEL,)),
    Rule(Intent.RESCHEDULE, (MOVE,)),
    Rule(Intent.QUERY_PRICE, (PRICE,)),
    Rule(Intent.QUERY_ADDRESS, (WHERE,)),
    Rule(Intent.BOOK, (BOOK_VERB,)),
    Rule(Intent.BOOK, (WISH, APPOINTMENT), unless=FREE & words("free available availability")),
    Rule(Intent.QUERY_AVAILABILITY, (WHEN, FREE - OPENING)),
    Rule(Intent.QUERY_AVAILABILITY, (words("available availability free"),), unless=BOOK_VERB),
    Rule(Intent.QUERY_HOURS, (OPENING - words("work working"), PLACE)),
    Rule(Intent.BOOK, (APPOINTMENT,)),
)

_FIRST = (
    Intent.WRONG_NUMBER,
    Intent.HUMAN,
    Intent.WAITLIST,
    Intent.CALLBACK,
    Intent.REPEAT,
    Intent.CANCEL,
)
"""Phrases that beat every rule."""

_BEFORE_RULES = (
    Intent.QUERY_PRICE,
    Intent.QUERY_ADDRESS,
    Intent.QUERY_HOURS,
    Intent.QUERY_APPOINTMENT,
    Intent.REQUEST_OTHER_TIME,
    Intent.QUERY_AVAILABILITY,
)
_CHANGES = (Intent.CANCEL, Intent.RESCHEDULE)
_NOT = words("not don't doesn't no never")
_REACH = 4
"""Words back from a verb in which a "not" denies it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The intent and the tokens of the phrase that told it."""

    intent: Intent | None
    spent: frozenset[int]


def read_intent(tokens: Sequence[Token], skip: Collection[int]) -> Wish:
    """The caller's intent; `skip` are tokens of a name, a number or a service."""
    found = _PHRASES.find(tokens, skip)
    spent = spans(found)
    said = {f.label for f in found}
    for intent in _FIRST:
        if intent in said:
            return Wish(intent, spent)
    keys = [t.key for n, t in enumerate(tokens) if n not in skip]
    by_rule = _by_rule(keys)
    if by_rule in _CHANGES:
        return Wish(by_rule, spent)
    books = by_rule is Intent.BOOK and any(key in BOOK_VERB for key in keys)
    for intent in _BEFORE_RULES:
        if intent in said and not (intent is Intent.QUERY_AVAILABILITY and books):
            return Wish(intent, spent)
    if by_rule is not None:
        return Wish(by_rule, spent)
    return Wish(Intent.GOODBYE if Intent.GOODBYE in said else None, spent)


def _by_rule(keys: list[str]) -> Intent | None:
    for rule in RULES:
        if any(key in rule.unless for key in keys):
            continue
        met = all(any(key in need for key in keys) for need in rule.needs)
        if met and not _denied(keys, rule.needs[0]):
            return rule.intent
    return None


def _denied(keys: list[str], verb: frozenset[str]) -> bool:
    """A "not" stands shortly before every word of the class."""
    places = [k for k, key in enumerate(keys) if key in verb]
    return bool(places) and all(
        any(key in _NOT for key in keys[max(0, k - _REACH) : k]) for k in places
    )
