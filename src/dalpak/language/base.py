"""What every language must be able to do: hear (text to meaning) and speak (facts to words).

Pure. Nothing here knows a booking policy, a provider or a clock: the caller of `understand`
passes the present moment and what is on the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words to be said: `text` for people, screens and provider TTS; `ipa` for espeak-ng.

    `ipa` is IPA with stress marks (`ʃalˈom`) and the punctuation of `text`, or None where we only
    have letters (a caller's name): then espeak reads the letters as best it can. Neither ever holds
    a digit in a phrase that is given to TTS.

    `parts` are the leaves it was joined from, in order, punctuation marks apart; a leaf has none.
    The prompt bank knows leaves, so that a sentence can be put together from what it has.
    """

    text: str
    ipa: str | None = None
    parts: tuple["Spoken", ...] = field(default=(), compare=False, repr=False)

    def __add__(self, other: "Spoken") -> "Spoken":
        return say(self, other)

    @property
    def leaves(self) -> tuple["Spoken", ...]:
        """What it is made of: itself when it is a leaf."""
        return self.parts or ((self,) if self.text else ())


PUNCTUATION = (",", ".", "?", "!")
"""A leaf that is one of these is a pause, not words."""


def say(*parts: "Spoken | str") -> Spoken:
    """Join parts with single spaces; the IPA is kept only if every part has one."""
    spoken = [_leaf(p) if isinstance(p, str) else p for p in parts]
    leaves = tuple(leaf for p in spoken for leaf in p.leaves)
    if len(leaves) == 1:
        return leaves[0]
    text = _joined([leaf.text for leaf in leaves])
    ipa = [leaf.ipa for leaf in leaves if leaf.ipa is not None]
    return Spoken(text, _joined(ipa) if len(ipa) == len(leaves) else None, leaves)


def _leaf(text: str) -> Spoken:
    return Spoken(text, text if text in PUNCTUATION else None)


def _joined(words: Sequence[str]) -> str:
    text = " ".join(words)
    for mark in PUNCTUATION:
        text = text.replace(f" {mark}", mark)
    return text


class Intent(StrEnum):
    """Why the caller speaks. Labels are those of the acceptance data."""

    BOOK = "book"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    QUERY_APPOINTMENT = "query_appointment"
    QUERY_AVAILABILITY = "query_availability"
    QUERY_HOURS = "query_hours"
    QUERY_PRICE = "query_price"
    QUERY_ADDRESS = "query_address"
    REQUEST_OTHER_TIME = "request_other_time"
    HUMAN = "human"
    CALLBACK = "callback"
    WAITLIST = "waitlist"
    REPEAT = "repeat"
    GOODBYE = "goodbye"
    WRONG_NUMBER = "wrong_number"


class Answer(StrEnum):
    """A reply to a yes/no question."""

    AFFIRM = "affirm"
    DENY = "deny"
    UNSURE = "unsure"
    WAIT = "wait"


class PartOfDay(StrEnum):
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


class Preference(StrEnum):
    """A wish relative to what is on the table, or to everything that is free."""

    EARLIER = "earlier"
    LATER = "later"
    EARLIEST = "earliest"
    LATEST = "latest"


class Asked(StrEnum):
    """What the agent's last question was: it decides how an ambiguous answer is read."""

    NOTHING = "nothing"
    WHEN = "when"
    CHOICE = "choice"
    NAME = "name"
    PHONE = "phone"
    YES_NO = "yes_no"
    SERVICE = "service"


class Completeness(StrEnum):
    """Whether a caller who falls silent after these words has finished, as far as words can tell."""

    COMPLETE = "complete"
    OPEN = "open"
    """The last words want others after them: "on", "and", "I would like", or a filler."""
    DIGITS = "digits"
    """A number is being said, and more digits of it are to come."""
    HESITATION = "hesitation"
    """Nothing was said yet: the caller is looking for words."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the business that callers call by name: a service or a member of staff."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HearingContext:
    """What the listener already knows when a sentence arrives.

    `hours` maps weekday ("sun".."sat") to its opening windows as (open, close) local times,
    empty when closed: a bare hour is read as the candidate inside them.
    `offered` are the start times on the table, in the order they were offered.
    """

    now: datetime
    hours: dict[str, tuple[tuple[time, time], ...]] = field(default_factory=dict)
    asked: Asked = Asked.NOTHING
    offered: tuple[datetime, ...] = ()
    proposed: Intent | None = None
    """What the open yes/no question asks to be allowed: a wish for just that is a yes."""
    services: tuple[Named, ...] = ()
    staff: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of one utterance. Everything is optional; nothing is ever guessed.

    `when_date` / `when_time` are local to the business. Ambiguity is an answer: the alternatives
    are in `date_alternatives` / `time_candidates` and `needs_clarification` is set where only the
    caller can tell. `excluded_*` are values that the caller refused ("not Sunday"). `window` is
    [from, to) as wall times, None for an open end. `choice` is 1-based, -1 the last one.
    """

    text: str
    intent: Intent | None = None
    answer: Answer | None = None
    when_date: date | None = None
    date_alternatives: tuple[date, ...] = ()
    date_range: tuple[date, date] | None = None
    date_from: date | None = None
    date_to: date | None = None
    excluded_dates: tuple[date, ...] = ()
    when_time: time | None = None
    time_candidates: tuple[time, ...] = ()
    excluded_times: tuple[time, ...] = ()
    window: tuple[time | None, time | None] | None = None
    part_of_day: PartOfDay | None = None
    choice: int | None = None
    wants_earliest: bool = False
    name: str | None = None
    phone: str | None = None
    phone_valid: bool | None = None
    service_ids: tuple[str, ...] = ()
    staff_id: str | None = None
    any_staff: bool = False
    party_size: int | None = None
    corrects: bool = False
    needs_clarification: bool = False
    excluded_weekdays: tuple[str, ...] = ()
    """"sun".."sat", as in `HearingContext.hours`: weekdays refused by name."""
    excluded_parts: tuple[PartOfDay, ...] = ()
    preference: Preference | None = None
    shift_days: int | None = None
    """How far an appointment is to move ("put it off by a week" = 7)."""
    own_number: bool = False
    """The caller wants the number that the call comes from."""
    hangs_on_no: bool = False
    """The yes is a no of which one short word may have been lost ("it suits" of "does not suit")."""
    service_heard: str | None = None
    """The service in the caller's words, also when the business has none of that name."""
    staff_heard: str | None = None

    @property
    def says_when(self) -> bool:
        """True when the utterance holds any hint of a day or an hour."""
        return any(
            x is not None
            for x in (
                self.when_date,
                self.date_range,
                self.date_from,
                self.date_to,
                self.when_time,
                self.window,
                self.part_of_day,
            )
        )


class Speech(Protocol):
    """Facts to words: what TTS is given. Never a digit; neutral to the caller's gender."""

    def clock(self, at: time) -> Spoken: ...

    def day(self, day: date, today: date) -> Spoken:
        """Near: today / tomorrow + weekday; else weekday and date. Always sure of the day."""
        ...

    def moment(self, at: datetime, now: datetime) -> Spoken:
        """Day and hour with part of day; both aware and in the business's zone."""
        ...

    def number(self, n: int, *, feminine: bool = True) -> Spoken: ...

    def digits(self, digits: str) -> Spoken:
        """Digit by digit in groups, as phone numbers are read."""
        ...

    def money(self, shekels: int) -> Spoken: ...

    def duration(self, minutes: int) -> Spoken: ...

    def listing(self, parts: Sequence[Spoken], *, last: str = "or") -> Spoken:
        """'a, b or c' (`last` = "or" | "and")."""
        ...


class Language(Protocol):
    """One language: registered in `language/registry.py`."""

    code: str
    locale: str
    speech: Speech

    def understand(self, text: str, context: HearingContext) -> Understood: ...

    def phrase(self, key: str, /, **slots: Spoken) -> Spoken:
        """The sentence registered under `key` with its slots filled; slots it has no use for are
        ignored. KeyError names an unknown key or a missing slot."""
        ...

    def written(self, key: str, /, **slots: str) -> str:
        """A text for reading (WhatsApp, pages); digits are allowed here."""
        ...

    def prompts(self) -> dict[str, Spoken]:
        """Every sentence and fragment that the prompt bank renders ahead, by a stable id."""
        ...

    def claims_booking(self, text: str) -> bool:
        """True when free text says that something was booked, moved or cancelled: it is blocked."""
        ...

    def is_backchannel(self, text: str) -> bool:
        """True for 'mm', 'yes yes', 'hello?': words that never take the floor."""
        ...

    def completeness(self, text: str, asked: Asked) -> Completeness:
        """How finished all that the caller said so far sounds; `asked` is our last question."""
        ...
