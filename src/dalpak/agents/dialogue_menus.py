"""Keypad menus: days that have free slots, then times of one day. One key each.

    1 … n   the options, in the order they are told
    8       another day (in the menu of times)
    9       more of the same
    0       a person, or a message for one
    *       hear it again

Asking only: what a key does is in `dialogue_keys.py`. The keys are the same in every menu, so that
an impatient caller may press them ahead.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from dalpak.agents.dialogue import Script, Talk, Waiting, failed, slots_of, use
from dalpak.agents.memory import Slot
from dalpak.language.base import Spoken
from dalpak.ports.agent import Say, ToolOutcome

DAYS = 3
"""With the greeting before it, the first menu stays within 24 words (SPEC D4)."""
TIMES = 4
DAY_SLOTS_MAX = 100
"""More starts than a day of ten hours has on any sensible grid."""
DAYS_AHEAD = 60

KEY_MORE = "9"
KEY_OTHER_DAY = "8"
KEY_PERSON = "0"
KEY_REPEAT = "*"


def day_menu(talk: Talk, *, hint: bool = False) -> Script[None]:
    """The next days that have anything free, after those told before; then round again."""
    m = talk.memory
    m.menu_day, m.offered = None, []
    free, outcome = yield from _free_days(talk, (m.menu_page + 1) * DAYS)
    days = free[m.menu_page * DAYS :]
    if not days:
        m.menu_page, days = 0, free[:DAYS]
    if not days:
        yield talk.say("tool_failed" if failed(outcome) else "none_free")
        m.waiting_for, m.menu = Waiting.DAY_MENU, []
        yield talk.say("keypad_person")
        return
    m.menu = [day.isoformat() for day in days]
    m.waiting_for = Waiting.DAY_MENU
    yield from options(talk, [_short_day(talk, day) for day in days])
    yield talk.say("keypad_more_days")
    if hint:
        yield talk.say("keypad_person")


def _free_days(talk: Talk, count: int) -> Script[tuple[list[date], ToolOutcome]]:
    """The first `count` days that have anything free: over a range the calendar tells each once."""
    today = talk.world.now.date()
    outcome = yield from use(
        "calendar.find_slots",
        date=today.isoformat(),
        date_to=(today + timedelta(days=DAYS_AHEAD)).isoformat(),
        **talk.subject,
        limit=count,
    )
    slots = slots_of(outcome) if outcome.ok else []
    days = sorted({talk.world.local(slot.start).date() for slot in slots})
    return days, outcome


def _short_day(talk: Talk, day: date) -> Spoken:
    """The first word of the day is enough for the near ones: today, tomorrow, on Wednesday."""
    spoken = talk.language.speech.day(day, talk.world.now.date())
    within_a_week = (day - talk.world.now.date()).days < 7
    return spoken.leaves[0] if within_a_week else spoken


def time_menu(talk: Talk, day: str, *, hint: bool = False) -> Script[None]:
    """A page of one day's times, spread over the whole day, so that no page is only mornings."""
    m = talk.memory
    outcome = yield from use(
        "calendar.find_slots",
        date=day,
        **talk.subject,
        limit=DAY_SLOTS_MAX,
    )
    slots = slots_of(outcome) if outcome.ok else []
    if not slots:
        yield talk.say("day_full")
        m.menu_page = 0
        yield from day_menu(talk)
        return
    pages = ceil(len(slots) / TIMES)
    m.menu_day = day
    m.menu_page %= pages
    yield from slot_menu(talk, slots[m.menu_page :: pages], more=pages > 1)
    if hint:
        yield talk.say("keypad_person")


def slot_menu(talk: Talk, slots: Sequence[Slot], *, more: bool = False) -> Script[None]:
    """These times on the keys; with their day when it is not the one just chosen."""
    m = talk.memory
    m.offered = list(slots[:TIMES])
    m.menu = [slot.start for slot in m.offered]
    m.waiting_for = Waiting.TIME_MENU
    days = {talk.world.local(slot.start).date().isoformat() for slot in m.offered}
    one_day = days == {m.menu_day}
    told = [talk.hour_of(slot) if one_day else talk.moment_of(slot) for slot in m.offered]
    if one_day:
        yield talk.say("keypad_time_menu")
    yield from options(talk, told)
    if more:
        yield talk.say("keypad_more_times")
    yield talk.say("keypad_other_day")


def options(talk: Talk, what: Sequence[Spoken]) -> Script[None]:
    """What each key stands for, from one on."""
    for n, option in enumerate(what, start=1):
        key = "keypad_option" if n == 1 else "keypad_option_short"
        number = talk.language.speech.number(n)
        yield Say(talk.language.phrase(key, what=option, key=number))
