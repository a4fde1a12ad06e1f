"""Appointments of the caller's own: whether there are any, which one is meant, and its read-back.

Whose an appointment is, is decided behind the tools. Siblings of the booking path, as the scripts
about messages are: nothing here finds a time or knows what comes after.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from dalpak.agents.dialogue import (
    CANCEL,
    FIRST_ANSWER_WORDS,
    OWN_TOLD,
    RESCHEDULE,
    TELL,
    Script,
    Talk,
    Waiting,
    error_of,
    failed,
    text_of,
    use,
    words_in,
)
from dalpak.agents.dialogue_menus import options
from dalpak.agents.dialogue_messages import ask_first
from dalpak.agents.dialogue_parting import anything_else, collect_phone, goodbye
from dalpak.agents.memory import Errand, Own
from dalpak.language.base import Spoken, say
from dalpak.ports.agent import Say, ToolOutcome

GONE = frozenset({"no_appointment", "not_yours", "too_many_tries"})
"""There is nothing of the caller's to be told or changed."""


def tell(talk: Talk) -> Script[None]:
    """When they are, and is there anything else."""
    talk.memory.errand = Errand(TELL)
    if not (yield from look_up(talk, says=True)):
        return
    talk.memory.errand = None
    more = words_in(talk.language.phrase("anything_else"))
    if talk.by_keypad or talk.words_said + more <= FIRST_ANSWER_WORDS:
        yield from anything_else(talk)
    else:
        talk.memory.waiting_for = Waiting.MORE


def look_up(talk: Talk, *, says: bool = False) -> Script[list[Own]]:
    """The caller's coming appointments; none where that was said, or something asked for first.

    `says`: told as they are found.
    """
    outcome = yield from use("calendar.my_appointments")
    if outcome.ok:
        own = _listed(outcome)
        if says and outcome.say is not None:
            yield Say(_in_short(talk, own, outcome.say))
        return own
    if error_of(outcome) == "need_identity" and not _told_who(talk):
        yield from _ask_who(talk)
    elif failed(outcome):
        talk.memory.errand = None
        yield talk.say("tool_failed")
        yield from anything_else(talk)
    else:
        yield from none_there(talk, outcome)
    return []


def has_any() -> Script[bool]:
    """The caller has an appointment, as far as that can be told without asking."""
    return (yield from use("calendar.my_appointments")).ok


def _in_short(talk: Talk, own: Sequence[Own], whole: Spoken) -> Spoken:
    """Where all that there is to tell is too long for one answer: the times alone, the next first."""
    room = FIRST_ANSWER_WORDS - talk.words_said
    if words_in(whole) <= room or len(own) < 2:
        return whole
    short = whole
    for count in range(min(len(own), OWN_TOLD), 0, -1):
        times = [talk.moment_of(each) for each in own[:count]]
        listed = talk.language.speech.listing(times, last="and")
        key = "your_appointments_are" if count == len(own) else "your_next_are"
        short = talk.language.phrase(key, appointments=listed)
        if words_in(short) <= room:
            break
    return short


def _listed(outcome: ToolOutcome) -> list[Own]:
    rows: Any = outcome.data.get("appointments") or []
    return [_own(row) for row in rows]


def _own(row: Mapping[str, Any]) -> Own:
    return Own(str(row["appointment_id"]), str(row["start_iso"]), list(row["service_ids"]))


def none_there(talk: Talk, outcome: ToolOutcome) -> Script[None]:
    """Nothing to tell or to change, and what can be done instead."""
    talk.memory.errand = None
    talk.memory.forget_slot()
    yield Say(outcome.say) if outcome.say is not None else talk.say("no_appointment")
    if talk.by_keypad:
        yield from goodbye(talk)
    else:
        yield talk.ask(Waiting.MORE, "book_or_message")


# -- who is calling, where no carrier vouches for it -------------------------------------------------


def _told_who(talk: Talk) -> bool:
    """Nothing more can be asked of who is calling."""
    m = talk.memory
    return m.has_phone and (m.has_name or talk.by_keypad)


def _ask_who(talk: Talk) -> Script[None]:
    """The name, then the number that it was booked with, keyed or said."""
    if not talk.memory.has_name and not talk.by_keypad:
        yield talk.ask(Waiting.NAME, "ask_name")
    else:
        yield from collect_phone(talk)


# -- which one ---------------------------------------------------------------------------------------


def settle_which(talk: Talk, errand: Errand) -> Script[bool]:
    """True once it is clear which appointment is meant; else something was asked or told."""
    if errand.purpose == TELL:
        yield from tell(talk)
        return False
    if not errand.appointment_id:
        errand.own = errand.own or (yield from look_up(talk))
        if len(errand.own) != 1:
            if errand.own:
                yield from ask_which(talk, errand)
            return False
        errand.appointment_id = errand.own[0].id
    _aim(talk, errand)
    return True


def _aim(talk: Talk, errand: Errand) -> None:
    """A new hour alone is of the same day, and "by a week" keeps the hour."""
    own, want = errand.meant, talk.memory.want
    if errand.purpose != RESCHEDULE or own is None:
        return
    at = talk.world.local(own.start)
    if errand.shift_days is not None:
        want.set_day(at.date() + timedelta(days=errand.shift_days))
        if not want.has_hour:
            want.set_time(at.time())
        errand.shift_days = None
    elif want.has_hour and not want.has_day:
        want.set_day(at.date())


def ask_which(talk: Talk, errand: Errand) -> Script[None]:
    """The next ones by name; a further one can be told by its day."""
    told = errand.own[:OWN_TOLD]
    if talk.by_keypad:
        talk.memory.waiting_for = Waiting.WHICH_OWN
        yield from options(talk, [_in_words(talk, own, talk.moment_of(own)) for own in told])
        return
    question = _which(talk, told, talk.moment_of)
    if words_in(question) + talk.words_said > FIRST_ANSWER_WORDS:
        one_day = len({talk.world.local(own.start).date() for own in told}) == 1
        question = _which(talk, told, talk.hour_of if one_day else talk.day_of)
    talk.memory.waiting_for = Waiting.WHICH_OWN
    yield Say(question)


def _which(talk: Talk, told: Sequence[Own], when: Callable[[Own], Spoken]) -> Spoken:
    listed = talk.language.speech.listing([_in_words(talk, own, when(own)) for own in told])
    return talk.language.phrase("which_appointment", appointments=listed)


def _in_words(talk: Talk, own: Own, when: Spoken) -> Spoken:
    service = service_of(talk, own)
    return say(service, when) if service.text else when


def service_of(talk: Talk, own: Own) -> Spoken:
    """What it is for; empty for what the business has stopped offering."""
    named = [s.spoken for s in talk.world.services if s.id in own.service_ids]
    if len(named) < 2:
        return named[0] if named else Spoken("")
    return talk.language.speech.listing(named, last="and")


# -- the read-back -----------------------------------------------------------------------------------


def read_back_change(talk: Talk, errand: Errand) -> Script[ToolOutcome | None]:
    """What would be moved or cancelled, for a clear yes; the outcome of what cannot be.

    Where the question about messages comes first, its answer leads back here.
    """
    m = talk.memory
    m.errand = errand
    if errand.appointment_id and (yield from ask_first(talk, errand.appointment_id)):
        return None
    outcome = yield from use(
        "calendar.read_back", purpose=errand.purpose, appointment_id=errand.appointment_id
    )
    if not outcome.ok:
        return outcome
    m.nonce = outcome.say_tag or text_of(outcome, "nonce")
    m.doubted = False
    m.waiting_for = Waiting.CONFIRM_CHANGE
    if outcome.say is not None:
        yield Say(outcome.say, tag=outcome.say_tag)
    if talk.by_keypad:
        yield talk.say(
            "keypad_confirm_cancel" if errand.purpose == CANCEL else "keypad_confirm_again"
        )
    return None
