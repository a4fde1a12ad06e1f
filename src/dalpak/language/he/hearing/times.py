"""Rules for hours: the clock in all its Hebrew forms, and parts of the day.

Each rule looks at one place of a View and gives a Match or None. Which half of the day a bare hour
means is decided later, in resolve.py.
"""

from dataclasses import dataclass

from dalpak.language.base import PartOfDay
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import HOUR, MINUTE, PARTS, Kind
from dalpak.language.he.hearing.nodes import Clock, Day, Match, Part, Recipe
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View

_MIDNIGHT = frozenset(keys_of("חצות בחצות לחצות"))
_MIDDAY = frozenset(keys_of("היום הצהריים"))
_SINGULAR_HOUR = "שעה"
_FULL_HOUR = "00"
_TO_MINUTES = frozenset({5, 10, 15, 20, 25})
"""Minutes that are said before the hour without the word "minutes" ("twenty to six")."""

_AFTER_WORK = frozenset(keys_of("העבודה עבודה המשרד"))
_AFTER_SCHOOL = frozenset(keys_of("הלימודים לימודים הגן גן הצהרון צהרון"))
_AGED = frozenset(keys_of("בן בת בני בנות גיל בגיל מגיל"))
_BEFORE_NOON = ("לפנהצ", "לפנצ")
_TOWARDS = ("לפנות", "ולפנות")
_NOON_OF, _THE_DAY, _ON = "צהרי", "היום", "על"
_EDGES_OF_DAY = (PartOfDay.MORNING, PartOfDay.NOON, PartOfDay.EVENING)
"""Beginning, middle and end of "the day"."""

_NOT_TODAY_AFTER = frozenset(
    {
        Kind.ABOUT,
        Kind.UNTIL,
        Kind.AFTER,
        Kind.BEFORE,
        Kind.OF,
        Kind.BETWEEN,
        Kind.EVERY,
        Kind.FROM,
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """A clock with where it ended, and whether it stands without help."""

    clock: Clock
    end: int
    sure: bool


def clock_at(
    view: View, n: int, *, forced: bool = False, bare: bool = False, no_to: bool = False
) -> Said | None:
    """The clock that begins at item `n`.

    `forced`: something before it says that an hour must follow. `bare`: read the hour alone, the
    "and" after it belongs to somebody else ("between three and five"). `no_to`: so does the "to".
    """
    same = _same_hour(view, n)
    if same is not None:
        return same
    hour = view.at(n)
    if hour.kind is Kind.UNIT and hour.value == HOUR and hour.key.endswith(_SINGULAR_HOUR):
        said = _main(view, n + 1, forced=True, bare=bare)
        if said is None or (not hour.prefix and view.at(n + 1).value == 1 and not forced):
            return None
        return Said(said.clock, said.end, sure=True)
    to_the_hour = None if no_to else _minutes_to(view, n)
    return to_the_hour or _minutes_after(view, n) or _main(view, n, forced, bare)


def _same_hour(view: View, n: int) -> Said | None:
    """ "At the same hour": that of the times on the table, if it is one."""
    hour = view.at(n + 1)
    if view.kind(n) is not Kind.SAME or hour.kind is not Kind.UNIT or hour.value != HOUR:
        return None
    times = {at.time() for at in view.context.offered}
    if len(times) != 1:
        return None
    at = times.pop()
    return Said(Clock(at.hour, at.minute, exact=True), n + 2, sure=True)


def _minutes(view: View, n: int) -> tuple[int, int, bool] | None:
    """A count of minutes at `n`: (minutes, end, is it surely minutes)."""
    item = view.at(n)
    if item.kind is Kind.QUARTER:
        hour = view.at(n + 1)
        named = hour.kind is Kind.UNIT and hour.value == HOUR
        return 15, n + 2 if named else n + 1, True
    if item.kind is Kind.HALF and view.at(n + 1).kind is Kind.UNIT:
        return (30, n + 2, True) if view.at(n + 1).value == HOUR else None
    if item.kind is Kind.HALF and view.kind(n + 1) is Kind.AFTER:
        return 30, n + 1, True
    if item.kind is not Kind.NUM or not 1 <= item.value < 60:
        return None
    unit = view.at(n + 1)
    if unit.kind is Kind.UNIT and unit.value == MINUTE:
        return item.value, n + 2, True
    if item.value in _TO_MINUTES and not (item.digits and item.prefix):
        return item.value, n + 1, False
    return None


def _minutes_to(view: View, n: int) -> Said | None:
    """ "A quarter to seven", "ten (minutes) to four"."""
    minutes = _minutes(view, n)
    if minutes is None or view.at(n).has("מ") or view.at(n).has("ה"):
        return None
    count, j, _ = minutes
    hour = view.at(j)
    if hour.kind is not Kind.NUM or not hour.has("ל") or hour.boundary:
        return None
    if not 1 <= hour.value <= 24 or not (hour.feminine or hour.digits):
        return None
    if view.kind(j + 1) is Kind.MONTH:
        return None
    return Said(_before(hour.value, count), j + 1, sure=True)


def _before(hour: int, minutes: int) -> Clock:
    """So many minutes before a full hour; before one o'clock it is twelve something."""
    return Clock(hour - 1 if hour > 1 else 12, 60 - minutes, hour > 12)


def _minutes_after(view: View, n: int) -> Said | None:
    """ "A quarter past three", "twenty past three", "ten minutes before four"."""
    minutes = _minutes(view, n)
    if minutes is None:
        return None
    count, j, _ = minutes
    hour = view.at(j + 1)
    link = view.at(j)
    if link.kind not in (Kind.AFTER, Kind.BEFORE) or link.prefix:
        return None
    if not _is_hour(hour, forced=False) or hour.prefix not in ("", "ה") or hour.value == 0:
        return None
    if link.kind is Kind.AFTER:
        return Said(Clock(hour.value, count, hour.value > 12), j + 2, sure=True)
    return Said(_before(hour.value, count), j + 2, sure=True)


def _is_hour(item: Item, *, forced: bool) -> bool:
    if item.kind is not Kind.NUM or not 0 <= item.value <= 24:
        return False
    return item.feminine or item.digits or forced


def _main(view: View, n: int, forced: bool, bare: bool) -> Said | None:
    """The hour first: "three", "three and a half", "nine forty-five", "16:45", "3 pm"."""
    item = view.at(n)
    if item.key in _MIDNIGHT and view.inside(n):
        noon = view.at(n + 1).key in _MIDDAY
        return Said(Clock(12 if noon else 0, 0, exact=True), n + 2 if noon else n + 1, True)
    if item.kind is Kind.CLOCK:
        hour, minute = item.parts
        return _meridiem(view, Said(Clock(hour, minute, not 1 <= hour <= 12), n + 1, True))
    if item.kind is Kind.DMY and forced and item.parts[2] == 0 and item.parts[0] <= 24:
        return Said(Clock(item.parts[0], item.parts[1], item.parts[0] > 12), n + 1, True)
    packed = _packed(view, n, forced) or _led_by_nought(view, n)
    if packed is not None:
        return packed
    spoken_minutes = _past_the_hour(view, n + 1, bare=bare)
    loose = forced or view.kind(n + 1) in (Kind.HALF, Kind.QUARTER)
    if not _is_hour(item, forced=loose):
        return None
    exact = not 1 <= item.value <= 12
    prefixed = item.has("ב") or item.has("מ") or item.has("כ")
    if spoken_minutes is None:
        return _meridiem(view, Said(Clock(item.value, 0, exact), n + 1, forced or prefixed))
    minute, end = spoken_minutes
    hour = item.value
    if minute < 0:
        minute, hour = 60 + minute, hour - 1 if hour != 1 else 12
    return _meridiem(view, Said(Clock(hour, minute, exact), end, True))


def _led_by_nought(view: View, n: int) -> Said | None:
    """ "Oh nine thirty": the clock of twenty-four hours as it is read aloud."""
    nought, hour = view.at(n), view.at(n + 1)
    if nought.kind is not Kind.NUM or nought.value or nought.digits or hour.prefix:
        return None
    if not _is_hour(hour, forced=False) or hour.digits or not 1 <= hour.value <= 9:
        return None
    minutes = _past_the_hour(view, n + 2, bare=False)
    if minutes is None or minutes[0] < 0:
        return None
    return Said(Clock(hour.value, minutes[0], exact=True), minutes[1], sure=True)


def _packed(view: View, n: int, forced: bool) -> Said | None:
    """Digits without a colon: "1530", "330 pm"."""
    item = view.at(n)
    if item.kind is not Kind.NUM or not item.digits or not 100 <= item.value <= 2359:
        return None
    hour, minute = divmod(item.value, 100)
    sure = forced or item.has("ב") or view.kind(n + 1) is Kind.MERIDIEM
    looks_like_year = 1900 <= item.value <= 2100
    if hour > 23 or minute > 59 or not (sure or view.asked_when) or (looks_like_year and not sure):
        return None
    return _meridiem(view, Said(Clock(hour, minute, hour > 12 or hour == 0), n + 1, sure))


def _meridiem(view: View, said: Said) -> Said:
    """An "am" or "pm" after the hour, also as two letters."""
    item = view.at(said.end)
    if item.kind is not Kind.MERIDIEM:
        return said
    afternoon = item.value == 1
    end = said.end + 1
    if view.at(end).key == "m":
        end += 1
    hour = said.clock.hour % 12 + (12 if afternoon else 0)
    return Said(Clock(hour, said.clock.minute, exact=True), end, True)


def _past_the_hour(view: View, n: int, *, bare: bool) -> tuple[int, int] | None:
    """Minutes said after the hour, negative for "less"; and where they end."""
    item = view.at(n)
    if item.boundary or item.prefix not in ("", "ו") or (bare and item.prefix):
        return None
    if item.kind is Kind.HALF:
        return 30, n + 1
    if item.kind is Kind.QUARTER and not view.at(n + 1).has("ל"):
        return 15, n + 1
    if item.kind is Kind.THREE and view.at(n + 1).key in ("רבעי", "רבע"):
        return 45, n + 2
    if item.kind is Kind.UNIT and item.value == MINUTE and item.joined:
        return 1, n + 1
    if item.kind is Kind.MINUS:
        less = view.at(n + 1)
        if less.kind is Kind.QUARTER:
            return -15, n + 2
        if less.kind is Kind.NUM and 1 <= less.value < 60:
            return -less.value, _skip_minutes(view, n + 2)
        return None
    return _number_of_minutes(view, n)


def _number_of_minutes(view: View, n: int) -> tuple[int, int] | None:
    item = view.at(n)
    if item.kind is not Kind.NUM or not 0 <= item.value < 60:
        return None
    after = view.at(n + 1)
    if after.kind in (Kind.MONTH, Kind.HEBREW_MONTH):
        return None
    named = after.kind is Kind.UNIT and after.value == MINUTE and not after.prefix
    if item.digits and item.key == _FULL_HOUR:
        return 0, n + 1
    if item.value == 0 and not item.prefix:
        if after.kind is Kind.NUM and 0 <= after.value <= 9 and not after.prefix:
            return after.value, n + 2
        return None
    if named:
        return item.value, n + 2
    if item.prefix:
        after_hour = after.kind in (Kind.HALF, Kind.QUARTER) or after.has("ל")
        return (item.value, n + 1) if _round(item.value) and not after_hour else None
    if item.value >= 10 and item.value not in (11, 12) and after.kind is not Kind.HALF:
        return item.value, n + 1
    return None


def _round(minutes: int) -> bool:
    """With "and", a small number other than five is a second hour rather than minutes."""
    return minutes == 5 or minutes >= 10


def _skip_minutes(view: View, n: int) -> int:
    unit = view.at(n)
    return n + 1 if unit.kind is Kind.UNIT and unit.value == MINUTE else n


# --- rules -------------------------------------------------------------------------------------


def clock_rule(view: View, n: int) -> Match | None:
    """An hour, weak where only its company can say that it is one."""
    said = clock_at(view, n)
    if said is None:
        return None
    first = view.at(n)
    if view.at(n - 1).key in _AGED or (view.kind(n - 1) is Kind.SAME and not first.prefix):
        return None
    if _is_bare(view, n, said):
        if view.noun_after(said.end) or (not first.has("ב") and view.counts_before(n)):
            return None
        if first.has("ה") and not _on_offer(view, said.clock):
            return None
    if said.sure:
        return Match(said.end, (said.clock,))
    parted = view.kind(said.end) is Kind.PART or _part_by_two_words(view, said.end) is not None
    if parted and not view.at(said.end).boundary:
        return Match(said.end, (said.clock,))
    pointing = first.has("ל")
    if not ((pointing or view.plain(n - 1)) and _tolerates(view, said.end)):
        return None
    return Match(said.end, (said.clock,), weak=True)


def _on_offer(view: View, clock: Clock) -> bool:
    """ "The ten" is an hour where ten o'clock is on the table."""
    return any(o.time() in clock.readings() for o in view.context.offered)


def _is_bare(view: View, n: int, said: Said) -> bool:
    return said.end == n + 1 and view.kind(n) is Kind.NUM


def _tolerates(view: View, n: int) -> bool:
    """An unknown word may follow a bare hour only when an hour was asked for."""
    return view.plain(n) or view.asked_when


def part_rule(view: View, n: int) -> Match | None:
    """A part of the day, and today with it in "this evening"."""
    named = _part_by_two_words(view, n)
    if named is not None:
        return Match(n + 2, (Part(named),))
    item = view.at(n)
    if item.key in _BEFORE_NOON:
        return Match(n + 1, (Part(PartOfDay.MORNING),))
    if item.kind is not Kind.PART:
        return None
    part = PARTS[item.value]
    if item.prefix in ("ה", "וה") and part is not PartOfDay.NOON and _means_today(view, n):
        return Match(n + 1, (Day(view.today, Recipe.SOFT_TODAY), Part(part)))
    return Match(n + 1, (Part(part),))


def _part_by_two_words(view: View, n: int) -> PartOfDay | None:
    """ "After noon", "before noon", "towards evening", "after work", "the end of the day"."""
    item, after = view.at(n), view.at(n + 1)
    noon = after.kind is Kind.PART and PARTS[after.value] is PartOfDay.NOON
    if item.kind is Kind.AFTER:
        if noon or after.key in _AFTER_SCHOOL:
            return PartOfDay.AFTERNOON
        return PartOfDay.EVENING if after.key in _AFTER_WORK else None
    if item.kind is Kind.BEFORE and noon:
        return PartOfDay.MORNING
    if item.key in _TOWARDS and after.kind is Kind.PART:
        return PARTS[after.value]
    if after.key == _THE_DAY and item.kind is Kind.EDGE:
        return _EDGES_OF_DAY[item.value]
    if after.key == _THE_DAY and item.kind is Kind.PART and item.key.endswith(_NOON_OF):
        return PARTS[item.value]
    return None


def _means_today(view: View, n: int) -> bool:
    before = view.at(n - 1)
    if not view.inside(n - 1):
        return True
    return (
        before.key != _ON
        and before.kind not in _NOT_TODAY_AFTER
        and not (before.kind is Kind.UNIT and before.value == HOUR)
    )
