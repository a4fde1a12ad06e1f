"""What a caller makes of the front desk's last sentences: the question, the offers, what was told.

By the words alone. The keys are those of the phrase tables; their words are in the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from dalpak.language.he.evals_hearing import (
    Sentence,
    clock_in,
    day_in,
    key_in,
    moment_in,
    near_day_in,
    recognise,
    split_visit,
    two_moments_in,
)
from dalpak.simulator.evals.goals import Question

QUESTIONS: dict[str, Question] = {
    "greeting": Question.WHEN,
    "ask_when": Question.WHEN,
    "sure_when": Question.WHEN,
    "service_when": Question.WHEN,
    "ask_when_again": Question.WHEN,
    "changed_mind": Question.CHANGE,
    "ask_which_day": Question.DAY,
    "ask_which_hour": Question.HOUR,
    "ask_service": Question.SERVICE,
    "ask_name": Question.NAME,
    "ask_name_again": Question.NAME,
    "ask_phone_caller": Question.CALLER_PHONE,
    "ask_phone_keypad": Question.PHONE,
    "read_back": Question.CONFIRM,
    "read_back_no_phone": Question.CONFIRM,
    "read_back_no_name": Question.CONFIRM,
    "confirm_again": Question.CONFIRM,
    "ask_whatsapp": Question.CONFIRM,
    "ask_text": Question.CONFIRM,
    "ask_whatsapp_on_record": Question.CONFIRM,
    "ask_text_on_record": Question.CONFIRM,
    "which_appointment": Question.WHICH_OWN,
    "cancel_read_back": Question.CONFIRM_CHANGE,
    "reschedule_read_back": Question.CONFIRM_CHANGE,
    "confirm_cancel_again": Question.CONFIRM_CHANGE,
    "confirm_reschedule_again": Question.CONFIRM_CHANGE,
    "move_when": Question.WHEN,
    "waitlist_when": Question.WHEN,
    "waitlist_read_back": Question.CONFIRM_WAITLIST,
    "anything_else": Question.MORE,
    "book_or_message": Question.NEXT,
    "offer_message": Question.OFFER_MESSAGE,
    "ask_message": Question.MESSAGE,
    "no_person": Question.MESSAGE,
    "not_by_phone_yet": Question.OFFER_MESSAGE,
    "ask_phone_callback": Question.CALLBACK,
    "keypad_option": Question.MENU,
    "keypad_option_short": Question.MENU,
    "tool_failed": Question.AGAIN,
    "did_not_hear": Question.AGAIN,
    "did_not_understand": Question.AGAIN,
    "sorry": Question.AGAIN,
    "apology": Question.AGAIN,
    "wait_ok": Question.AGAIN,
    "still_there": Question.AGAIN,
}
"""By phrase; AGAIN means that the question before stands. Asked whether it may be written to, a caller
without a read-back says no: it came for an appointment."""

OFFERS = frozenset(
    """offer_one offer_two offer_three offer_two_short offer_day_one offer_day_two
    offer_day_three""".split()
)
REFUSALS = frozenset(
    """off_grid too_soon too_far closed taken just_taken day_full none_free does_not_exist
    not_possible closed_all_day same_time""".split()
)
REPROMPTS = frozenset(
    """did_not_hear did_not_understand did_not_understand_2 sorry apology ask_name_again bad_number
    tool_failed""".split()
)
"""The front desk did not get what was said."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What would be booked, as it was told."""

    service: str
    when: datetime | None
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class ChangeTold:
    """What would become of an appointment, or has become of it. `new` is None where it is cancelled."""

    service: str
    old: datetime | None
    new: datetime | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A key of a menu, and the day or the hour that it stands for, or both."""

    key: str
    day: date | None
    at: time | None


@dataclass(slots=True)
class Heard:
    """One turn of the front desk."""

    sentences: list[Sentence] = field(default_factory=list)
    question: Question | None = None
    offers: list[datetime] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)
    """Two readings of an hour that the caller was asked about, as spoken."""
    read_back: ReadBack | None = None
    chosen: datetime | None = None
    """"Fine, Tuesday at three": what the front desk has taken."""
    options: list[Option] = field(default_factory=list)
    service: str = ""
    """Told with it, as is who gives it."""
    staff: str = ""
    booked: list[tuple[str, datetime | None]] = field(default_factory=list)
    change: ChangeTold | None = None
    """Read back, for a yes."""
    wish: str = ""
    """What would be waited for, as it was told."""
    moved: list[tuple[str, datetime | None]] = field(default_factory=list)
    cancelled: list[tuple[str, datetime | None]] = field(default_factory=list)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(s.key for s in self.sentences)

    @property
    def refused(self) -> bool:
        return bool(self.keys & REFUSALS)


def listen(texts: Sequence[str], now: datetime) -> Heard:
    """Understand the sentences of one turn, in order; the last question counts."""
    heard = Heard()
    for text in texts:
        readings = recognise(text)
        sentence = next((r for r in readings if _is_sound(r, now)), readings[0])
        heard.sentences.append(sentence)
        _take(heard, sentence, now)
    return heard


def _take(heard: Heard, sentence: Sentence, now: datetime) -> None:
    key, slots = sentence.key, sentence.slots
    question = QUESTIONS.get(key)
    if key in OFFERS:
        question = Question.OFFER
        heard.offers = _offers(sentence, now)
    elif key.startswith("read_back"):
        heard.read_back = ReadBack(
            slots["service"],
            moment_in(slots["when"], now),
            slots.get("name", ""),
            slots.get("phone", ""),
        )
    elif key == "booked":
        heard.booked.append((slots["service"], moment_in(slots["when"], now)))
    elif key == "cancel_read_back":
        heard.change = ChangeTold(slots["service"], moment_in(slots["when"], now))
    elif key == "reschedule_read_back":
        old, new = two_moments_in(f"{slots['old']}, {slots['when']}", now)
        heard.change = ChangeTold(slots["service"], old, new)
    elif key in ("cancelled", "rescheduled"):
        done = heard.cancelled if key == "cancelled" else heard.moved
        done.append((slots["service"], moment_in(slots["when"], now)))
    elif key == "waitlist_read_back":
        heard.wish = slots["wish"]
    elif key in ("slot_chosen", "slot_chosen_service"):
        heard.service, _, heard.staff = split_visit(slots.get("service", ""))
        heard.chosen = moment_in(slots["when"], now)
    elif key in ("keypad_option", "keypad_option_short"):
        heard.options.append(_option(key_in(slots["key"]), slots["what"], now))
    elif key == "ask_which_hour":
        heard.hours = [slots["first"], slots["second"]]
    if question is not None and not (question is Question.AGAIN and heard.question):
        heard.question = question


def _option(key: str, what: str, now: datetime) -> Option:
    """A day in short ("tomorrow", "on Wednesday"), or a time with or without its day."""
    at = moment_in(what, now)
    if at is not None:
        return Option(key, at.date(), at.time())
    clock = clock_in(what)
    return Option(key, None if clock else near_day_in(what, now.date()), clock)


def _is_sound(sentence: Sentence, now: datetime) -> bool:
    """Every time in it is one."""
    if sentence.key in OFFERS:
        told = sum(name in sentence.slots for name in ("first", "second", "third"))
        return len(_offers(sentence, now)) == told
    if sentence.key == "reschedule_read_back":
        both = f"{sentence.slots['old']}, {sentence.slots['when']}"
        return None not in two_moments_in(both, now)
    return "when" not in sentence.slots or moment_in(sentence.slots["when"], now) is not None


def _offers(sentence: Sentence, now: datetime) -> list[datetime]:
    slots = sentence.slots
    told = [slots[name] for name in ("first", "second", "third") if name in slots]
    if "day" not in slots:
        found = [moment_in(text, now) for text in told]
        hour = clock_in(told[-1])
        if found[0] is not None and hour is not None:
            # The day was told with the first one.
            found[-1] = datetime.combine(found[0].date(), hour, now.tzinfo)
        return [at for at in found if at is not None]
    day = day_in(slots["day"], now.date())
    clocks = [clock_in(text) for text in told]
    return [datetime.combine(day, at, now.tzinfo) for at in clocks if day and at]
