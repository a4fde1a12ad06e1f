"""What a simulated caller wants of one call, and what must be in the database afterwards.

Plain values, drawn by `families.py`. How it is said is the caller's affair (`caller.py`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from dalpak.simulator.evals.salon import Taken


class Opening(StrEnum):
    """How much the caller tells in the first sentence."""

    HELLO = "hello"
    INTENT = "intent"
    SERVICE = "service"
    WHEN = "when"
    FULL = "full"
    SLIP = "slip"
    """Corrects itself within the sentence."""
    AVAILABILITY = "availability"
    HUMAN = "human"
    MESSAGE = "message"
    CANCEL = "cancel"
    WHEN_MINE = "when_mine"
    MOVE = "move"
    MOVE_TO = "move_to"
    """With the new day and hour."""
    WAITLIST = "waitlist"
    WAITLIST_DAY = "waitlist_day"
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"
    """Never says a word."""
    PRICE = "price"
    """Two things at once: an appointment, and what it costs."""


class Question(StrEnum):
    """What the front desk asked last, as a listener understands it."""

    WHEN = "when"
    DAY = "day"
    HOUR = "hour"
    SERVICE = "service"
    OFFER = "offer"
    NAME = "name"
    CALLER_PHONE = "caller_phone"
    PHONE = "phone"
    CONFIRM = "confirm"
    WHICH_OWN = "which_own"
    CONFIRM_CHANGE = "confirm_change"
    CONFIRM_WAITLIST = "confirm_waitlist"
    NEXT = "next"
    CHANGE = "change"
    MORE = "more"
    MESSAGE = "message"
    OFFER_MESSAGE = "offer_message"
    CALLBACK = "callback"
    MENU = "menu"
    AGAIN = "again"


class Change(StrEnum):
    """What shall become of an appointment that stands."""

    NONE = "none"
    CANCEL = "cancel"
    MOVE = "move"


class Twist(StrEnum):
    """What a caller does instead of answering, once."""

    CHANGE = "change"
    """Goes on to the next wish."""
    PRICE = "price"
    HOURS = "hours"
    ADDRESS = "address"
    REPEAT = "repeat"
    WAIT = "wait"
    SILENCE = "silence"
    ABUSE = "abuse"
    NONSENSE = "nonsense"
    INJECT = "inject"
    UNSURE = "unsure"
    WRONG_KEYS = "wrong_keys"
    CLEARED_KEYS = "cleared_keys"
    OTHER_PHONE = "other_phone"
    SPEAK_PHONE = "speak_phone"
    PLAIN_NO = "plain_no"
    HANG_UP = "hang_up"
    LEAVE = "leave"
    HUMAN = "human"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class When:
    """A wish in the caller's head; what it is said by. None where the caller does not care."""

    day: date | None = None
    at: time | None = None
    part: str | None = None
    """"morning" | "noon" | "afternoon" | "evening"."""
    window: tuple[time, time] | None = None
    next_week: bool = False
    earliest: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, and what of the front desk's answers is taken."""

    when: When
    takes: "Takes"
    impossible: bool = False
    """Cannot be had: the caller will be told so, and then takes an offer or goes on to the next."""


@dataclass(frozen=True, slots=True)
class Takes:
    """The starts that satisfy the caller: all conditions that are set must hold."""

    start: datetime | None = None
    days: tuple[date, date] | None = None
    hours: tuple[time, time] | None = None
    """[from, to)."""
    nothing: bool = False

    def may_be_on(self, day: date) -> bool:
        """No condition speaks against this day."""
        if self.start is not None and self.start.date() != day:
            return False
        return self.days is None or self.days[0] <= day <= self.days[1]

    def suits(self, start: datetime) -> bool:
        if self.nothing or (self.start is not None and start != self.start):
            return False
        if self.days is not None and not self.days[0] <= start.date() <= self.days[1]:
            return False
        return self.hours is None or self.hours[0] <= start.time() < self.hours[1]


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment to be had."""

    service_id: str
    wishes: tuple[Wish, ...]
    staff_id: str | None = None
    service_said: str = ""
    """The caller's word for it; empty: not told until asked or read back wrong."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One call's purpose. `visits` that must be in the diary in the end are those `booked`."""

    family: str
    now: datetime
    opening: Opening
    visits: tuple[Visit, ...] = ()
    booked: int = 0
    """How many of the visits must be booked in the end: the first ones."""
    name: str = ""
    phone: str = ""
    """National digits, as they are keyed or said."""
    caller_id: str | None = None
    """E.164 as the carrier tells it."""
    taken: tuple[Taken, ...] = ()
    own: tuple[Taken, ...] = ()
    """Appointments of the caller's own that stand before the call, by time."""
    about: int | None = None
    """Which of them the call is about."""
    change: Change = Change.NONE
    """A move is to what the first visit asks for."""
    waits: date | None = None
    """The full day that is waited for."""
    twists: tuple[tuple[Question, Twist], ...] = ()
    has_owner: bool = True
    """Somebody can be reached when the caller wants a person."""
    transferred: bool = False
    message: str = ""
    """What must be noted for the business."""
    told: frozenset[str] = field(default_factory=frozenset)
    """Phrases of which one must have been heard: an answer to a question."""
    patience: int = 3
    """Offers refused before a caller who wants none of them leaves."""

    @property
    def caller_owns(self) -> bool:
        """The call is about appointments that stand, or about waiting for one."""
        mine = self.opening in (Opening.CANCEL, Opening.WHEN_MINE, Opening.MOVE, Opening.MOVE_TO)
        return mine or self.waits is not None
