"""A caller who books by keypad over a real socket, and has no ears.

It hears that the front desk speaks and that it has finished, never what it says. So it knows the
menus by heart, and when something unexpected was said it simply answers once more: a slot that was
just taken costs it another round. Whether it has an appointment is not for it to say: verdict.py
asks the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dalpak.clock import Clock
from dalpak.simulator.twilio import PhoneCall

DAYS_ON_A_PAGE = 3
TIMES_ON_A_PAGE = 4
KEY_MORE, KEY_FIRST = "9", "1"
DAYS_USED = 20
"""Callers are spread over so many days with free times, so that two members of staff can take
them all.
"""

FINISHED_MS = 700
"""Silence after which a person thinks that the other has finished."""
ANSWER_S = 15.0
"""Nothing heard for so long: the line is dead."""
EXTRA_ROUNDS = 3
"""Times the caller begins anew after something that it did not expect."""
CALL_S = 150.0
"""A person would have hung up long before."""

PHONE_PREFIX = "05590"
"""Of a range that is not given to anybody: a simulated booking must never reach a real person."""
PHONES = 100_000


class Manner(StrEnum):
    PATIENT = "patient"
    """Listens to every menu until its end."""
    HURRIED = "hurried"
    """Keys into the menus as soon as they begin; only the read-back must be heard."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What one caller wants: the keys of each answer, in order."""

    keys: tuple[str, ...]
    phone: str

    @property
    def if_unexpected(self) -> tuple[str, ...]:
        """What to key when the answers are used up and the call goes on: the first of whatever is
        offered and yes to it, then the number once more, in case that it was not taken.
        """
        return (KEY_FIRST, KEY_FIRST, f"{self.phone}#", KEY_FIRST) * EXTRA_ROUNDS


def errand(number: int, first_phone: int = 0) -> Errand:
    """The errand of caller `number` (from 0): a day, a time and a telephone number of its own."""
    # The first day may be today, with little of it left.
    day = 1 + number // TIMES_ON_A_PAGE % DAYS_USED
    page, key = divmod(day, DAYS_ON_A_PAGE)
    # Keys may be typed ahead: who wants a later day knows where it is.
    choose_day = KEY_MORE * page + str(key + 1)
    choose_time = str(1 + number % TIMES_ON_A_PAGE)
    phone = f"{PHONE_PREFIX}{(first_phone + number) % PHONES:05}"
    return Errand((choose_day, choose_time, f"{phone}#", KEY_FIRST), phone)


class KeypadCaller:
    def __init__(
        self,
        call: PhoneCall,
        wanted: Errand,
        clock: Clock,
        *,
        manner: Manner = Manner.PATIENT,
        on_step: Callable[[int], None] = lambda _step: None,
    ) -> None:
        """`on_step` is told how many answers were keyed."""
        self._call, self._wanted, self._clock = call, wanted, clock
        self._manner, self._on_step = manner, on_step
        self.steps = 0
        """Answers keyed so far."""
        self.gave_up = ""
        """Why the caller hung up; empty when the front desk ended the call."""

    async def run(self) -> None:
        """From the greeting to the goodbye. Hangs up when nothing is heard, or after too long."""
        until = self._clock.monotonic_ms() + round(CALL_S * 1000)
        answers = [*self._wanted.keys, *self._wanted.if_unexpected]
        for step, keys in enumerate(answers):
            voices = self._call.hearing.voices if step else 0
            if not await self._call.answered(voices, ANSWER_S):
                return self._give_up("nothing was heard")
            if self._manner is Manner.PATIENT or step >= len(self._wanted.keys) - 1:
                await self._call.quiet(FINISHED_MS)
            if self._call.over.is_set():
                return None
            if self._clock.monotonic_ms() > until:
                return self._give_up("the call took too long")
            await self._call.press(keys)
            self.steps = step + 1
            self._on_step(self.steps)
        return self._give_up("the dialogue did not end")

    def _give_up(self, why: str) -> None:
        if not self._call.over.is_set():
            self.gave_up = why
            self._call.hang_up()
