"""Rules for single days: relative ones, so many days from now; and the one door to all days."""

from datetime import UTC, date, timedelta

from dalpak.language.he.hearing.calendar_math import MAX_DAYS_AHEAD, add_months
from dalpak.language.he.hearing.dates import (
    calendar_at,
    day_of_month_at,
    hebrew_date_at,
    month_first_at,
    written_at,
)
from dalpak.language.he.hearing.durations import Duration, duration_at
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.nodes import Body, Day, Impossible, Match, Moment, Range, Recipe
from dalpak.language.he.hearing.view import View
from dalpak.language.he.hearing.weekdays import and_later, weekday_at

_THE_DAY, _OBJECT = "היום", "את"
""""Today" is also "the day", which an object marker or an "of" beside it tells."""

_MINE = "שלי"
_WHAT_IS_IT = (("מה",), ("איזה", "יום"), ("מה", "התאריך"), ("מה", "היום"))
_WITHIN = ("תוך", "בתוך")


def day_at(view: View, n: int) -> Match | None:
    """The single day that begins at item `n`; also used by the rules for ranges."""
    return (
        written_at(view, n)
        or calendar_at(view, n)
        or month_first_at(view, n)
        or hebrew_date_at(view, n)
        or _relative(view, n)
        or weekday_at(view, n)
        or day_of_month_at(view, n)
    )


def single_day(match: Match | None) -> Day | None:
    """The day of a match that is nothing else."""
    body = match.bodies[0] if match is not None and match.bodies else None
    return body if isinstance(body, Day) else None


def day_rule(view: View, n: int) -> Match | None:
    """A single day, or an instant counted from now."""
    return (
        _same_day(view, n)
        or _at_once(view, n)
        or _from_now(view, n)
        or _past(view, n)
        or _counted_from(view, n)
        or day_at(view, n)
    )


# --- relative ----------------------------------------------------------------------------------


def _relative(view: View, n: int) -> Match | None:
    """Today, tomorrow; "tomorrow in a week"."""
    item = view.at(n)
    if item.kind is not Kind.RELATIVE:
        return None
    same = view.kind(n - 1) is Kind.SAME
    if item.key == _THE_DAY and (same or _asks_the_date(view, n)):
        return None
    if item.key == _THE_DAY and (view.at(n - 1).key == _OBJECT or view.kind(n + 1) is Kind.OF):
        return None
    if item.value < 0 and view.tells:
        return Match(n + 1, ())
    return and_later(view, n + 1, Day(view.today + timedelta(days=item.value)))


def _asks_the_date(view: View, n: int) -> bool:
    """ "What day is today": a question about the calendar; "my day" is none of it either."""
    before = tuple(view.at(k).key for k in range(n))
    asks = n + 1 == len(view.items) and before in _WHAT_IS_IT
    return asks or view.at(n + 1).key == _MINE


def _same_day(view: View, n: int) -> Match | None:
    """ "On the same day": that of the times on the table, if it is one."""
    if view.kind(n) is not Kind.SAME:
        return None
    after = view.at(n + 1)
    if after.kind is not Kind.DAY and after.key != _THE_DAY:
        return None
    days = {at.date() for at in view.context.offered}
    return Match(n + 2, (Day(days.pop()),) if len(days) == 1 else ())


def _at_once(view: View, n: int) -> Match | None:
    """ "Now", only as a whole answer: in a sentence it is seldom the time that is wanted."""
    if view.kind(n) is not Kind.NOW or len(view.items) > 1:
        return None
    return Match(n + 1, (Moment(view.now),))


def _from_now(view: View, n: int) -> Match | None:
    """ "In two days", "in half an hour", "within a week", "in a week on ..."."""
    more = view.at(n)
    if more.kind is not Kind.MORE:
        return None
    found = duration_at(view, n + 1)
    if found is None:
        return None
    length, end = found
    base = _measured_from(view, end)
    if base is not None:
        return Match(base[1], (_later(view, base[0], length),))
    if more.key in _WITHIN and not length.minutes:
        last = _later(view, view.today, length)
        return Match(end, (Range(view.today, last.on),)) if isinstance(last, Day) else None
    return Match(end, (_later(view, view.today, length),))


def _later(view: View, base: date, length: Duration) -> Body:
    """`length` after `base` (wall time for days, absolute for hours and minutes)."""
    if length.days > MAX_DAYS_AHEAD or length.months > MAX_DAYS_AHEAD // 28:
        return Impossible()
    if length.minutes:
        if length.minutes > MAX_DAYS_AHEAD * 24 * 60:
            return Impossible()
        now = view.now
        if now.tzinfo is None:
            return Moment(now + timedelta(minutes=length.minutes))
        absolute = now.astimezone(UTC) + timedelta(minutes=length.minutes)
        return Moment(absolute.astimezone(now.tzinfo))
    day = add_months(base, length.months) + timedelta(days=length.days)
    return Day(day, Recipe.OFFSET)


def _measured_from(view: View, n: int) -> tuple[date, int] | None:
    """A day with "from": the start of a count ("a week from Tuesday")."""
    item = view.at(n)
    if not item.has("מ") or item.boundary:
        return None
    found = day_at(view, n)
    day = single_day(found)
    return None if found is None or day is None else (day.on, found.end)


def _counted_from(view: View, n: int) -> Match | None:
    """ "A week from today", "two days after tomorrow"."""
    item = view.at(n)
    if item.prefix not in ("", "ב", "ו") or view.kind(n - 1) is Kind.MORE:
        return None
    found = duration_at(view, n)
    if found is None or found[0].minutes:
        return None
    length, end = found
    base = _measured_from(view, end)
    if base is None and view.kind(end) is Kind.AFTER and view.kind(end + 1) is not Kind.PART:
        after = day_at(view, end + 1)
        day = single_day(after)
        if after is not None and day is not None:
            base = day.on, after.end
    return None if base is None else Match(base[1], (_later(view, base[0], length),))


def _past(view: View, n: int) -> Match | None:
    """ "Seven days ago"."""
    if view.kind(n) is not Kind.BEFORE or view.at(n + 1).prefix:
        return None
    found = duration_at(view, n + 1)
    if found is None:
        return None
    length, end = found
    if length.days > MAX_DAYS_AHEAD or length.months > MAX_DAYS_AHEAD // 28:
        return None
    if view.tells:
        return Match(end, ())
    if length.minutes:
        return Match(end, (Moment(view.now - timedelta(minutes=length.minutes)),))
    return Match(end, (Day(add_months(view.today, -length.months) - timedelta(days=length.days)),))
