"""Days and hours as callers say them, for the simulated callers of the evals.

Written apart from `dates.py` and `speech.py`: what the product says must not decide what it is
tested with. Forms only; which day is meant is the caller's affair.
"""

from collections.abc import Sequence
from datetime import date, time

from dalpak.language.he.evals_dice import Dice

HOURS = """אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר אחת־עשרה שתים־עשרה""".split()
WEEKDAYS = "שני שלישי רביעי חמישי שישי שבת ראשון".split()
"""From Monday, as `date.weekday()` counts."""
MONTHS = """ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר""".split()
_TO_TEN = "אחד שניים שלושה ארבעה חמישה שישה שבעה שמונה תשעה עשרה".split()
_TEENS = """אחד־עשר שנים־עשר שלושה־עשר ארבעה־עשר חמישה־עשר שישה־עשר שבעה־עשר שמונה־עשר
תשעה־עשר""".split()
_TENS = {20: "עשרים", 30: "שלושים"}

_PAST = {5: "וחמישה", 10: "ועשרה", 15: "ורבע", 20: "ועשרים", 25: "עשרים וחמש", 30: "וחצי"}
_PAST |= {35: "שלושים וחמש"}
_TO = {40: "עשרים", 45: "רבע", 50: "עשרה", 55: "חמישה"}

USUAL_HOURS = (8, 19)
"""A bare hour is taken to be in these."""

NEAR = ("היום", "מחר", "מחרתיים")
PARTS: dict[str, tuple[str, ...]] = {
    "morning": ("בבוקר", "לפני הצהריים", "בשעות הבוקר"),
    "noon": ("בצהריים", "בשעות הצהריים"),
    "afternoon": ("אחר הצהריים", "אחרי הצהריים", "בשעות אחר הצהריים"),
    "evening": ("בערב", "לקראת ערב"),
}


def hour_word(hour: int) -> str:
    return HOURS[(hour - 1) % 12].replace("־", " ")


def part_of(at: time) -> str:
    """The part of day that people name an hour by."""
    first = {5: "morning", 12: "noon", 15: "afternoon", 18: "evening"}
    return next(name for start, name in reversed(first.items()) if at.hour >= start)


def clock(at: time) -> str:
    """The hour in words, without a preposition."""
    if at.minute == 0:
        return hour_word(at.hour)
    if at.minute in _TO:
        return f"{_TO[at.minute]} ל{hour_word(at.hour + 1)}"
    return f"{hour_word(at.hour)} {_PAST[at.minute]}"


def hours(at: time, rng: Dice, *, plain: bool = False) -> str:
    """A whole way of naming the hour: words mostly, figures as an STT may write them."""
    words = clock(at)
    if not USUAL_HOURS[0] <= at.hour < USUAL_HOURS[1]:
        # Without its part of the day anybody would take it for the other one.
        part = PARTS[part_of(at)][0]
        return rng.choice((f"ב{words} {part}", f"בשעה {words} {part}", f"ב-{at:%H:%M}"))
    forms = [f"ב{words}"] * 4 + [f"בשעה {words}"] * 2
    if not plain:
        figures = f"{at.hour}:{at.minute:02}"
        part = rng.choice(PARTS[part_of(at)][:1])
        forms += [f"ב{words} {part}"] * 2 + [words, f"ב-{figures}", f"בשעה {figures}"]
        if at.minute == 0:
            forms += [f"ב-{at.hour % 12 or 12}"]
    return rng.choice(forms)


def _count(n: int) -> str:
    if n <= 10:
        return _TO_TEN[n - 1]
    if n < 20:
        return _TEENS[n - 11].replace("־", " ")
    tens, rest = n // 10 * 10, n % 10
    return _TENS[tens] + (f" ו{_TO_TEN[rest - 1]}" if rest else "")


def on_date(day: date, rng: Dice) -> str:
    month = MONTHS[day.month - 1]
    return rng.choice(
        (
            f"ב{_count(day.day)} ב{month}",
            f"ב{_count(day.day)} ל{month}",
            f"ב-{day.day} ב{month}",
            f"ב-{day.day}.{day.month}",
            f"בתאריך {_count(day.day)} ב{month}",
        )
    )


def on_weekday(day: date) -> str:
    name = WEEKDAYS[day.weekday()]
    return "בשבת" if day.weekday() == 5 else f"ביום {name}"


def days(day: date, today: date, rng: Dice) -> str:
    """A way of naming the day that means it and no other."""
    ahead = (day - today).days
    forms = [on_date(day, rng)]
    if 0 <= ahead < len(NEAR):
        forms = [NEAR[ahead]] * 4
    if 0 < ahead <= 7:
        forms += [on_weekday(day)] * (4 if ahead >= len(NEAR) else 1)
    if 1 < ahead < 7:
        forms += [f"{on_weekday(day)} הקרוב" if day.weekday() != 5 else "בשבת הקרובה"]
    if week_of(day) - week_of(today) == 1 and day.weekday() != 5:
        forms += [f"{on_weekday(day)} בשבוע הבא", f"בשבוע הבא {on_weekday(day)}"]
    return rng.choice(forms)


def week_of(day: date) -> int:
    """Number of its week, from Sunday to Saturday."""
    return day.toordinal() // 7


def between(first: time, last: time, rng: Dice) -> str:
    a, b = clock(first), clock(last)
    return rng.choice((f"בין {a} ל{b}", f"מ{a} עד {b}", f"בין השעות {a} ל{b}"))


def digits_spoken(digits: str, rng: Dice) -> str:
    """A phone number digit by digit, as callers dictate it."""
    names = ["אפס", *HOURS[:9]]
    words = [names[int(d)] for d in digits]
    cut = rng.choice(((3, 6), (3,), ()))
    groups: list[Sequence[str]] = []
    start = 0
    for end in (*cut, len(words)):
        groups.append(words[start:end])
        start = end
    return " ".join(" ".join(group) for group in groups)
