"""Whole sentences of simulated callers, put together from `evals_words.py` and `evals_times.py`.

One `Voice` is one caller's way of speaking; dice come in, so that a conversation replays.
"""

from collections.abc import Sequence
from datetime import date, time

from dalpak.language.he.evals_dice import Dice
from dalpak.language.he.evals_times import PARTS, between, days, digits_spoken, hours
from dalpak.language.he.evals_words import FILLERS, NTH, SAYINGS

NEXT_WEEK = ("בשבוע הבא", "לשבוע הבא", "מתישהו בשבוע הבא")
_FOR = "ל"
_NAMED = ("על שם {name}", "השם {name}", "קוראים לי {name}")
FILLER_SHARE = 0.12


class Voice:
    def __init__(self, rng: Dice, today: date) -> None:
        self._rng, self._today = rng, today

    def line(self, key: str, /, **slots: str) -> str:
        """One of the ways to say it; those that need a slot which is missing are left out."""
        ways = [w for w in SAYINGS[key] if all(slots.get(s) for s in _slots(w))]
        return self._rng.choice(ways).format(**slots)

    def halting(self, text: str) -> str:
        """Now and then with a word of hesitation before it."""
        if self._rng.random() >= FILLER_SHARE:
            return text
        return f"{self._rng.choice(FILLERS)} {text}"

    def when(
        self,
        *,
        day: date | None = None,
        at: time | None = None,
        part: str | None = None,
        window: tuple[time, time] | None = None,
        next_week: bool = False,
        earliest: bool = False,
    ) -> str:
        rng = self._rng
        if earliest:
            return self.line("want_soon")
        on = days(day, self._today, rng) if day is not None else ""
        if next_week:
            on = rng.choice(NEXT_WEEK)
        hour = ""
        if at is not None:
            hour = hours(at, rng)
        elif window is not None:
            hour = between(*window, rng)
        elif part is not None:
            hour = rng.choice(PARTS[part])
        turned = on and hour and at is not None and rng.random() < 0.15
        return " ".join(x for x in ((hour, on) if turned else (on, hour)) if x)

    def opening(
        self,
        *,
        service: str = "",
        when: str = "",
        name: str = "",
        staff: str = "",
        greets: bool = True,
    ) -> str:
        """A first sentence that asks for an appointment and tells what is given."""
        parts = [self.line("hello")] if greets and self._rng.random() < 0.5 else []
        parts.append(self.line("want"))
        if service:
            parts.append(_FOR + service)
        if staff:
            parts.append(self.line("with_staff", staff=staff))
        if when:
            parts.append(when)
        if name:
            parts.append(self._rng.choice(_NAMED).format(name=name))
        return " ".join(parts)

    def nth(self, n: int, count: int) -> str:
        ways = [w for w in NTH[n] if n < 3 or count == 3]
        return self.line("take_nth", nth=self._rng.choice(ways))

    def digits(self, national: str) -> str:
        return self.line("phone", digits=digits_spoken(national, self._rng))


def _slots(way: str) -> Sequence[str]:
    return [piece.partition("}")[0] for piece in way.split("{")[1:]]
