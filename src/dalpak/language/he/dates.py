"""Hebrew days and clock times in words: the fragments that moments are put together from.

Every function returns one leaf, so that the prompt bank can hold them all. How leaves become
"on Tuesday, the first of December, at half past three" is in `speech.py`.
"""

from datetime import date, time

from dalpak.language.base import PartOfDay, Spoken
from dalpak.language.he.numbers import and_, cardinal, counted, prefixed

_WEEKDAYS: tuple[tuple[str, str], ...] = (
    ("יום שני", "jˈom ʃenˈi"),
    ("יום שלישי", "jˈom ʃliʃˈi"),
    ("יום רביעי", "jˈom ʁeviʔˈi"),
    ("יום חמישי", "jˈom χamiʃˈi"),
    ("יום שישי", "jˈom ʃiʃˈi"),
    ("שבת", "ʃabˈat"),
    ("יום ראשון", "jˈom ʁiʃˈon"),
)
"""From Monday, as `date.weekday()` counts."""

_MONTHS: tuple[tuple[str, str], ...] = (
    ("בינואר", "bejˈanuaʁ"),
    ("בפברואר", "befˈebʁuaʁ"),
    ("במרץ", "bemˈeʁts"),
    ("באפריל", "beʔapʁˈil"),
    ("במאי", "bemˈaj"),
    ("ביוני", "bejˈuni"),
    ("ביולי", "bejˈuli"),
    ("באוגוסט", "beʔˈogust"),
    ("בספטמבר", "beseptˈembeʁ"),
    ("באוקטובר", "beʔoktˈobeʁ"),
    ("בנובמבר", "benovˈembeʁ"),
    ("בדצמבר", "bedetsˈembeʁ"),
)
_ORDINALS: tuple[tuple[str, str], ...] = (
    ("הראשון", "haʁiʃˈon"),
    ("השני", "haʃenˈi"),
    ("השלישי", "haʃliʃˈi"),
    ("הרביעי", "haʁeviʔˈi"),
    ("החמישי", "haχamiʃˈi"),
    ("השישי", "haʃiʃˈi"),
    ("השביעי", "haʃviʔˈi"),
    ("השמיני", "haʃminˈi"),
    ("התשיעי", "hatʃiʔˈi"),
    ("העשירי", "haʔasiʁˈi"),
)
_NEAR: tuple[tuple[str, str], ...] = (
    ("היום", "hajˈom"),
    ("מחר", "maχˈaʁ"),
    ("מחרתיים", "moχʁotˈajim"),
)
_PARTS: dict[PartOfDay, tuple[str, str]] = {
    PartOfDay.MORNING: ("בבוקר", "babˈokeʁ"),
    PartOfDay.NOON: ("בצהריים", "batsohoʁˈajim"),
    PartOfDay.AFTERNOON: ("אחר הצהריים", "aχˈaʁ hatsohoʁˈajim"),
    PartOfDay.EVENING: ("בערב", "baʔˈeʁev"),
    PartOfDay.NIGHT: ("בלילה", "balˈajla"),
}
_MINUTES: dict[int, tuple[str, str]] = {
    1: ("ודקה", "vedakˈa"),
    5: ("וחמישה", "veχamiʃˈa"),
    10: ("ועשרה", "veʔasaʁˈa"),
    15: ("ורבע", "vaʁˈeva"),
    30: ("וחצי", "vaχˈetsi"),
}
QUARTER_TO = 45
NEAR_DAYS = len(_NEAR)


def part_of_day(at: time) -> PartOfDay:
    """Which part of the day people call this hour."""
    if 5 <= at.hour < 12:
        return PartOfDay.MORNING
    if 12 <= at.hour < 15:
        return PartOfDay.NOON
    if 15 <= at.hour < 18:
        return PartOfDay.AFTERNOON
    if 18 <= at.hour < 22:
        return PartOfDay.EVENING
    return PartOfDay.NIGHT


def part_name(part: PartOfDay) -> Spoken:
    return Spoken(*_PARTS[part])


def weekday(day: date) -> Spoken:
    return Spoken(*_WEEKDAYS[day.weekday()])


def on_weekday(day: date) -> Spoken:
    return prefixed("ב", "be" if day.weekday() != 5 else "ba", weekday(day))


def near_day(days_ahead: int) -> Spoken:
    """Today, tomorrow, in two days."""
    return Spoken(*_NEAR[days_ahead])


def day_of_month(day: int) -> Spoken:
    """The ordinal to ten, the definite masculine cardinal after it."""
    if day <= len(_ORDINALS):
        return Spoken(*_ORDINALS[day - 1])
    return prefixed("ה", "ha", cardinal(day, feminine=False))


def in_month(month: int) -> Spoken:
    return Spoken(*_MONTHS[month - 1])


def hour(at: int) -> Spoken:
    """The hour on a twelve-hour dial; hours are feminine."""
    return cardinal(at % 12 or 12, feminine=True)


def minutes_past(minute: int) -> Spoken:
    """What follows the hour. Not for the full hour, nor for a quarter to the next."""
    if minute in _MINUTES:
        return Spoken(*_MINUTES[minute])
    if minute < 20:
        past = and_(counted(minute, feminine=True))
        return Spoken(f"{past.text} דקות", f"{past.ipa} dakˈot")
    words = cardinal(minute, feminine=True)
    return and_(words) if minute % 10 == 0 else words


def dial(at: time) -> tuple[Spoken, ...]:
    """The time without its part of day: one leaf on five-minute steps, two elsewhere."""
    if at.minute == QUARTER_TO:
        following = hour(at.hour + 1)
        to = prefixed("ל", "le", following)
        return (Spoken(f"רבע {to.text}", f"ʁˈeva {to.ipa}"),)
    on = hour(at.hour)
    if at.minute == 0:
        return (on,)
    past = minutes_past(at.minute)
    if at.minute % 5 == 0:
        return (Spoken(f"{on.text} {past.text}", f"{on.ipa} {past.ipa}"),)
    return (on, past)
