"""What the caller's words mean for the booking, given what was asked.

`on_words` takes an `Understood` and does the rest of the turn. Facts are noted first, whatever was
asked (people answer with more than the question); then the answer itself; then it goes on.
"""

from dalpak.agents.dialogue import Script, Talk, Waiting
from dalpak.agents.dialogue_asides import QUESTIONS, answer
from dalpak.agents.dialogue_booking import (
    NAME_TRIES,
    choose,
    create,
    proceed,
    take_name,
    take_phone,
)
from dalpak.agents.dialogue_changes import (
    ANSWERS,
    begin,
    is_new_wish,
    keep_it,
    means_what_stands,
    on_answer,
)
from dalpak.agents.dialogue_facts import (
    drop_slot,
    note_name,
    note_service,
    note_when,
    points_at,
)
from dalpak.agents.dialogue_keys import start_again
from dalpak.agents.dialogue_menus import day_menu
from dalpak.agents.dialogue_messages import note_answer
from dalpak.agents.dialogue_parting import (
    collect_phone,
    goodbye,
    person,
    take_callback_phone,
    take_message,
    wrong_number,
)
from dalpak.agents.dialogue_picks import BESIDE, another, picked, wants_another, wants_time
from dalpak.agents.dialogue_restate import briefly, restate
from dalpak.language.base import Answer, Intent, Understood

MISSES_MAX = 2
"""Not understood this often in a row: the keypad takes over."""
HELLO_MAX_WORDS = 2
"""The first words of a call, so few and without a meaning of their own, are a greeting."""
DECLINE_MAX_WORDS = 3
NAME_MAX_CHARS = 40
NAME_MAX_WORDS = 4


def on_words(talk: Talk, u: Understood) -> Script[None]:
    if talk.waiting is Waiting.MESSAGE and _is_message(u):
        yield from take_message(talk, u.text)
    elif not _says_something(talk, u):
        yield from not_understood(talk, u)
    else:
        talk.memory.misses = 0
        if talk.ears:
            talk.memory.keypad = False
        yield from _understood(talk, u)


def _is_message(u: Understood) -> bool:
    """Anything but a few words that decline, end the call, or ask to hear it again."""
    if u.intent in {Intent.GOODBYE, Intent.REPEAT}:
        return False
    return u.answer is not Answer.DENY or len(u.text.split()) > DECLINE_MAX_WORDS


def not_understood(talk: Talk, u: Understood) -> Script[None]:
    """Once: the question again. Again: the keypad, which needs no understanding."""
    m = talk.memory
    if talk.waiting is Waiting.NAME:
        m.name_tries += 1
        yield talk.ask(Waiting.NAME, "ask_name_again")
        return
    first = talk.waiting is Waiting.NOTHING and m.misses == 0
    if first and len(u.text.split()) <= HELLO_MAX_WORDS:
        yield from proceed(talk)
        return
    m.misses += 1
    if m.misses < MISSES_MAX or not talk.ears:
        yield from _ask_again(talk)
        return
    m.misses = 0
    if talk.waiting is Waiting.MORE:
        # All is done; a menu now would only keep a caller who is leaving.
        yield from goodbye(talk)
        return
    m.keypad = True
    yield talk.say("did_not_understand_2")
    if m.slot is None:
        yield from day_menu(talk)
    else:
        yield from restate(talk)


def _ask_again(talk: Talk) -> Script[None]:
    if talk.waiting is Waiting.NOTHING or (talk.waiting is Waiting.WHEN and not talk.by_keypad):
        yield talk.say("did_not_understand")
    else:
        yield talk.say("sorry")
        yield from briefly(talk)


def _says_something(talk: Talk, u: Understood) -> bool:
    facts = (u.intent, u.answer, u.choice, u.name, u.phone, u.staff_id)
    hints = u.date_alternatives or u.time_candidates or u.excluded_dates or u.excluded_times
    told = any(f is not None for f in facts) or u.says_when or bool(hints or u.service_ids)
    told = told or u.wants_earliest or u.any_staff or u.own_number or u.preference is not None
    return told or _plain_name(talk, u) is not None


def _plain_name(talk: Talk, u: Understood) -> str | None:
    """Asked twice for a name, we take the words as they are: people have unheard-of names."""
    words = u.text.split()
    asked_twice = talk.waiting is Waiting.NAME and talk.memory.name_tries >= NAME_TRIES
    short = 0 < len(words) <= NAME_MAX_WORDS and len(u.text) <= NAME_MAX_CHARS
    has_digit = any(c.isdecimal() for c in u.text)
    return u.text.strip() if asked_twice and short and not has_digit else None


# -- the answer ----------------------------------------------------------------------------------


def _understood(talk: Talk, u: Understood) -> Script[None]:
    m = talk.memory
    if u.answer is Answer.WAIT and not u.says_when:
        yield talk.say("wait_ok")
    elif u.intent is Intent.REPEAT:
        yield from restate(talk)
    elif u.intent is Intent.HUMAN:
        yield from person(talk)
    elif u.intent is Intent.WRONG_NUMBER:
        yield from wrong_number(talk)
    elif u.intent is Intent.GOODBYE and not (u.says_when or _answers(talk, u)):
        yield from goodbye(talk)
    elif u.intent is Intent.CALLBACK:
        yield talk.ask(Waiting.MESSAGE, "ask_message")
    elif talk.waiting in ANSWERS and u.intent not in QUESTIONS:
        yield from on_answer(talk, u)
    elif is_new_wish(talk, u) or (yield from means_what_stands(talk, u)):
        yield from begin(talk, u)
    elif u.intent in QUESTIONS:
        assert u.intent is not None
        yield from _question(talk, u.intent, u)
    elif m.price_asked and u.service_ids and not u.says_when:
        yield from _question(talk, Intent.QUERY_PRICE, u)
    else:
        yield from _facts(talk, u)


def _answers(talk: Talk, u: Understood) -> bool:
    """ "Yes, thanks, bye": the yes comes first. "Fine, bye" may be one: it is asked about."""
    asked = talk.waiting in {Waiting.CONFIRM, Waiting.CONFIRM_CHANGE, Waiting.CONFIRM_WAITLIST}
    return asked and u.answer in {Answer.AFFIRM, Answer.UNSURE}


def _question(talk: Talk, intent: Intent, u: Understood) -> Script[None]:
    """Answer it, then back to where we were; facts told with it are not lost."""
    m = talk.memory
    answered = yield from answer(talk, intent, u)
    named = m.service_id is None and note_service(talk, u)
    if not answered:
        return
    if named:
        drop_slot(talk)
    if intent is Intent.QUERY_PRICE:
        m.service_told = True
    if talk.waiting is Waiting.SERVICE:
        talk.memory.waiting_for = Waiting.NOTHING
    if intent is not Intent.QUERY_HOURS and (u.says_when or u.name or u.phone):
        yield from _facts(talk, u)
    elif named and m.want.has_day:
        yield from proceed(talk)
    else:
        yield from restate(talk)


def _facts(talk: Talk, u: Understood) -> Script[None]:
    """Note who and what, then read the rest as the answer to the question."""
    m = talk.memory
    if m.booked is not None and (wants_time(u) or u.service_ids):
        m.new_booking()
    if u.intent is Intent.BOOK and m.errand is not None and not m.errand.appointment_id:
        # A new one after all, before anything was found of what stands.
        m.errand = None
    talk.wants_visit = u.intent in {Intent.BOOK, Intent.QUERY_AVAILABILITY}
    changed = note_service(talk, u)
    noted_name = yield from note_name(talk, u)
    if u.phone is not None:
        if talk.waiting is Waiting.CALLBACK_PHONE:
            yield from take_callback_phone(talk, u.phone)
            return
        if note_when(talk, u):
            changed = True
        if changed:
            drop_slot(talk)
        yield from take_phone(talk, u.phone)
        return
    if not (u.says_when or u.wants_earliest or u.time_candidates or u.choice) and changed:
        drop_slot(talk)
        yield from proceed(talk)
    elif noted_name and not (u.says_when or u.wants_earliest):
        yield from proceed(talk)
    else:
        yield from _answered(talk, u, changed)


def _answered(talk: Talk, u: Understood, changed: bool) -> Script[None]:
    match talk.waiting:
        case Waiting.CONFIRM:
            yield from _confirm(talk, u, changed)
        case Waiting.CHOICE | Waiting.TIME_MENU:
            yield from _choice(talk, u)
        case Waiting.NAME if (name := u.name or _plain_name(talk, u)) and not u.says_when:
            yield from take_name(talk, name)
        case Waiting.SEND_MESSAGES if not wants_time(u):
            yield from note_answer(talk)
            yield from proceed(talk)
        case Waiting.CALLER_PHONE | Waiting.PHONE if not u.says_when:
            yield from _phone_answer(talk, u)
        case Waiting.MORE if not wants_time(u):
            yield from _more(talk, u)
        case Waiting.OFFER_MESSAGE if u.answer is Answer.AFFIRM:
            yield talk.ask(Waiting.MESSAGE, "ask_message")
        case Waiting.OFFER_MESSAGE | Waiting.MESSAGE if u.answer is Answer.DENY:
            yield talk.ask(Waiting.MORE, "anything_else")
        case Waiting.OFFER_MESSAGE if not wants_time(u):
            yield from _ask_again(talk)
        case _:
            yield from _new_time(talk, u)


def _new_time(talk: Talk, u: Understood) -> Script[None]:
    """What was said is read as when to come; with nothing of that kind, the question stands."""
    m = talk.memory
    if note_when(talk, u):
        drop_slot(talk)
    elif u.answer is Answer.UNSURE and m.slot is None and not m.want.has_day:
        m.want.earliest = True
    elif u.answer is Answer.DENY and talk.waiting is Waiting.NOTHING:
        # "No, thanks" to the greeting ends the call; a sentence with a "no" in it was half heard.
        brief = len(u.text.split()) <= DECLINE_MAX_WORDS
        yield from goodbye(talk) if brief else _ask_again(talk)
        return
    elif u.answer is Answer.DENY and (m.errand is not None or m.waits):
        yield from keep_it(talk)
        return
    elif u.answer is Answer.DENY and m.slot is None:
        yield talk.ask(Waiting.WHEN, "ask_when_again")
        return
    yield from proceed(talk)


def _confirm(talk: Talk, u: Understood, changed: bool) -> Script[None]:
    m = talk.memory
    same = m.slot is not None and (not u.says_when or points_at(talk, u, m.slot))
    if u.answer is Answer.AFFIRM and same and not changed and not u.corrects:
        yield from _agreed(talk, u)
    elif u.says_when and not same:
        note_when(talk, u)
        drop_slot(talk)
        yield from proceed(talk)
    elif u.intent is Intent.REQUEST_OTHER_TIME or u.preference in BESIDE:
        yield from another(talk, u)
    elif u.wants_earliest:
        yield from _new_time(talk, u)
    elif u.answer is Answer.DENY:
        yield from _no(talk, u)
    elif changed:
        drop_slot(talk)
        yield from proceed(talk)
    else:
        yield from briefly(talk)


def _agreed(talk: Talk, u: Understood) -> Script[None]:
    """A yes that one lost word would turn into a no is asked about, once."""
    m = talk.memory
    if u.hangs_on_no and not m.doubted:
        m.doubted = True
        yield from briefly(talk)
    else:
        yield from create(talk)


def _no(talk: Talk, u: Understood) -> Script[None]:
    """No to a read-back: another hour, another day, or whatever the caller will say next."""
    m = talk.memory
    if m.slot is not None and u.excluded_times:
        yield from another(talk, u)
    elif m.slot is not None and (u.excluded_dates or u.excluded_weekdays):
        m.refused.append(m.slot.start)
        drop_slot(talk)
        m.want.set_day(None)
        yield talk.ask(Waiting.DAY, "ask_which_day")
    else:
        yield from start_again(talk)


def _choice(talk: Talk, u: Understood) -> Script[None]:
    """One of the times on the table, another time, or none of them."""
    slot = picked(talk, u)
    if slot is not None:
        yield from choose(talk, slot)
    elif wants_another(u):
        yield from another(talk, u)
    elif u.says_when or u.wants_earliest or u.time_candidates:
        yield from _new_time(talk, u)
    else:
        yield from restate(talk)


def _phone_answer(talk: Talk, u: Understood) -> Script[None]:
    offered = talk.waiting is Waiting.CALLER_PHONE
    refuses = offered and u.answer is Answer.DENY
    if (u.own_number or u.answer is Answer.AFFIRM) and talk.caller_phone and not refuses:
        yield from take_phone(talk, talk.caller_phone)
    elif u.answer is Answer.DENY and talk.waiting is Waiting.PHONE:
        yield talk.say("phone_needed")
        yield from collect_phone(talk)
    else:
        yield from collect_phone(talk)


def _more(talk: Talk, u: Understood) -> Script[None]:
    if u.answer is Answer.AFFIRM or u.intent is Intent.REQUEST_OTHER_TIME:
        if talk.memory.booked is not None:
            talk.memory.new_booking()
        yield talk.ask(Waiting.WHEN, "ask_when")
    elif u.answer is Answer.DENY:
        yield from goodbye(talk)
    else:
        yield from restate(talk)
