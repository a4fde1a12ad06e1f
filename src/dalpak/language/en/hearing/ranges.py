"""Rules for stretches of days: weeks, weekends, months, holidays, until, after, from-to."""

from datetime import date, timedelta

from dalpak.language.en.hearing.days import day_after_leads, leads_to_month
from dalpak.language.en.hearing.durations import duration_at
from dalpak.language.en.hearing.holidays import occurrence
from dalpak.language.en.hearing.lexicon import COMING, LAST, NEXT, THIS, UNTIL, Kind, Unit
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import (
    Day,
    Match,
    Range,
    Recipe,
    add_months_to,
    month_end,
    next_month,
    week_start,
    weekday_from,
    weekday_of,
)

_FRIDAY, _SATURDAY = 5, 6
_EDGES = {
    **dict.fromkeys(words("beginning start early"), 0),
    **dict.fromkeys(words("middle mid"), 1),
    **dict.fromkeys(words("end late"), 2),
}
_OF_WEEK = ((0, 2), (2, 4), (4, _SATURDAY))
_FEW_DAYS = 3
_ANY_TIME = words("any anytime time sometime")
_BEFORE = words("before")
_AFTER = words("after following")
_BY = UNTIL | words("by")


def range_rule(view: View, n: int) -> Match | None:
    """Any stretch of days."""
    return (
        _not_before(view, n)
        or _from_to(view, n)
        or _one_sided(view, n)
        or _onward(view, n)
        or stretch_at(view, n)
    )


def stretch_at(view: View, n: int) -> Match | None:
    """A week, a weekend, a month, a year or a holiday that begins at item `n`."""
    return (
        _edge(view, n)
        or _weekend(view, n)
        or _coming(view, n)
        or _week(view, n)
        or _month(view, n)
        or _holiday(view, n)
    )


# --- weeks, months -----------------------------------------------------------------------------


def _week(view: View, n: int) -> Match | None:
    """This week (what is left of it), next week, the week after next, last week."""
    start = week_start(view.today)
    if view.says(n, "week", "after", "next"):
        return Match(n + 3, (_days(start + timedelta(days=14), 7, "week"),))
    unit = view.at(n + 1)
    if unit.kind is not Kind.UNIT or unit.value != Unit.WEEK or unit.key != "week":
        return None
    match view.key(n):
        case "next":
            return Match(n + 2, (_days(start + timedelta(days=7), 7, "week"),))
        case "last":
            return Match(n + 2, (_days(start - timedelta(days=7), 7, "week"),))
        case "this" | "coming":
            return Match(n + 2, (Range(view.today, start + timedelta(days=6), "week"),))
        case _:
            return None


def _days(first: date, count: int, whole: str = "") -> Range:
    return Range(first, first + timedelta(days=count - 1), whole)


def _coming(view: View, n: int) -> Match | None:
    """ "In the next two weeks", "the coming days"."""
    j = view.skip(n, words("in within over the"))
    if view.key(j) not in (NEXT, COMING):
        return None
    if (
        view.key(j + 1) in ("few", "days")
        and view.key(j + 1 + (view.key(j + 1) == "few")) == "days"
    ):
        end = j + 2 + (view.key(j + 1) == "few")
        return Match(end, (Range(view.today, view.today + timedelta(days=_FEW_DAYS)),))
    found = duration_at(view, j + 1)
    if found is None or not found[0].days:
        return None
    return Match(found[1], (Range(view.today, view.today + timedelta(days=found[0].days)),))


def _weekend(view: View, n: int) -> Match | None:
    """Friday and Saturday."""
    j = view.skip(n, words("the this next coming last"))
    if view.key(j) != "weekend" and not (view.says(j, "end", "of", "the", "week")):
        return None
    if view.key(j) != "weekend":
        return None
    friday = weekday_from(view.today, _FRIDAY)
    if weekday_of(view.today) == _SATURDAY:
        friday = view.today - timedelta(days=1)
    word = view.key(j - 1) if j > n else ""
    if word == NEXT:
        friday = week_start(view.today) + timedelta(days=7 + _FRIDAY)
    elif word == LAST:
        friday = week_start(view.today) - timedelta(days=7 - _FRIDAY)
    first = friday if word == LAST else max(friday, view.today)
    return Match(j + 1, (Range(first, friday + timedelta(days=1), "week"),))


def _edge(view: View, n: int) -> Match | None:
    """Beginning, middle or end of a week or a month: "early next week", "the end of December"."""
    if view.key(n) not in _EDGES or view.kind(n) is not Kind.WORD:
        return None
    edge = _EDGES[view.key(n)]
    j = view.skip(n + 1, words("of in the"))
    if j == n + 1 and view.key(n) in ("end", "beginning", "start", "middle"):
        return None
    shift = 7 if view.key(j) == NEXT else 0
    k = j + 1 if view.key(j) in (NEXT, THIS, COMING) else j
    unit = view.at(k)
    if unit.kind is Kind.UNIT and unit.value == Unit.WEEK:
        if k == n + 1:
            return None
        start = week_start(view.today) + timedelta(days=shift)
        begin, last = _OF_WEEK[edge]
        if start + timedelta(days=last) < view.today:
            start += timedelta(days=7)
        first = max(start + timedelta(days=begin), view.today)
        return Match(k + 1, (Range(first, start + timedelta(days=last), "week"),))
    month = _month(view, j, sure=True)
    if month is None or not isinstance(whole := month.bodies[0], Range) or whole.last is None:
        return None
    tens = ((1, 10), (11, 20), (21, whole.last.day))[edge]
    begin_on, last_on = whole.last.replace(day=tens[0]), whole.last.replace(day=tens[1])
    if last_on < view.today:
        return None
    return Match(month.end, (Range(max(begin_on, view.today), last_on, "month"),))


def _month(view: View, n: int, *, sure: bool = False) -> Match | None:
    """A month by name, this month, next month; next year."""
    today = view.today
    j = n + 1 if view.key(n) in (THIS, NEXT, LAST, COMING, "the") else n
    item = view.at(j)
    if item.kind is Kind.MONTH:
        after = view.at(j + 2 if view.key(j + 1) == "the" else j + 1)
        if after.kind in (Kind.ORD, Kind.NUM) and after.value <= 31 and not after.boundary:
            return None
        year = after.value if after.kind is Kind.NUM and 1900 <= after.value <= 2100 else 0
        if not (sure or year or (j > n and view.key(n) != "the") or leads_to_month(view, j)):
            return None
        number = item.value
        whole = _whole_month(year or next_month(today, number), number, today)
        return Match(j + 2 if year else j + 1, (whole,))
    shift = {NEXT: 1, LAST: -1, THIS: 0, COMING: 0}.get(view.key(n))
    if sure and view.key(n) != "the" and item.kind is Kind.UNIT and shift is None:
        shift = 0  # "the end of the month": the article was read already
    if item.kind is not Kind.UNIT or shift is None:
        return None
    if item.value == Unit.MONTH:
        year, month = add_months_to(today.year, today.month, shift)
        return Match(j + 1, (_whole_month(year, month, today),))
    if item.value == Unit.YEAR:
        first = date(today.year + shift, 1, 1) if shift else today
        return Match(j + 1, (Range(first, date(today.year + shift, 12, 31)),))
    return None


def _whole_month(year: int, month: int, today: date) -> Range:
    """The month, without its past days if it is this one."""
    last = month_end(year, month)
    first = last.replace(day=1)
    return Range(today if first < today <= last else first, last, "month")


def _holiday(view: View, n: int) -> Match | None:
    """A holiday, or its eve: "Purim", "the eve of Passover", "Passover eve", "erev Purim"."""
    j = n
    if view.key(n) in ("eve", "erev"):
        j = view.skip(n + 1, words("of"))
    item = view.at(j)
    found = occurrence(item.value, view.today) if item.kind is Kind.HOLIDAY else None
    if found is None:
        return None
    if j > n or view.key(j + 1) == "eve":
        return Match(j + 1 + (j == n), (Day(found[0] - timedelta(days=1)),))
    first, last = max(found[0], view.today), found[1]
    return Match(j + 1, (Day(first) if found[0] == last else Range(first, last),))


# --- open and closed ranges --------------------------------------------------------------------


def _ends(view: View, n: int) -> tuple[date | None, date | None, int] | None:
    """First and last day of the day or stretch at `n`, and where it ends."""
    found = day_after_leads(view, n) or stretch_at(view, view.skip(n, words("the")))
    if found is None:
        found = stretch_at(view, n)
    if found is None:
        return None
    match found.bodies[0]:
        case Day(on=on):
            return on, on, found.end
        case Range(first=first, last=last):
            return first, last, found.end
        case _:
            return None


def _one_sided(view: View, n: int) -> Match | None:
    """ "Until Thursday", "by Thursday" (inclusive), "before Thursday", "after Tuesday"."""
    start = view.skip(n, _ANY_TIME)
    key = view.key(start)
    if view.kind(start) is not Kind.WORD or key not in _BEFORE | _AFTER | _BY:
        return None
    found = _ends(view, start + 1)
    if found is None:
        return None
    first, last, end = found
    if key in _BY:
        return Match(end, (Range(None, last),)) if last else None
    if key in _BEFORE:
        return Match(end, (Range(None, first - timedelta(days=1)),)) if first else None
    return Match(end, (Range(last + timedelta(days=1), None),)) if last else None


_TURNED = (
    (("not", "before"), True),
    (("no", "earlier", "than"), True),
    (("not", "earlier", "than"), True),
    (("not", "until"), True),
    (("starting", "from"), True),
    (("starting", "on"), True),
    (("starting",), True),
    (("beginning",), True),
    (("as", "of"), True),
    (("not", "after"), False),
    (("no", "later", "than"), False),
    (("not", "later", "than"), False),
    (("up", "to"), False),
    (("up", "until"), False),
)


def _not_before(view: View, n: int) -> Match | None:
    """ "Not before Tuesday", "starting Tuesday" is from it on; "no later than" is until it."""
    for phrase, from_it in _TURNED:
        if view.says(n, *phrase) and not (view.moving and phrase[0] == "up"):
            found = _ends(view, n + len(phrase))
            if found is not None:
                first, last, end = found
                return Match(end, (Range(first, None) if from_it else Range(None, last),))
    return None


def _from_to(view: View, n: int) -> Match | None:
    """ "Between Monday and Wednesday", "from Sunday to Wednesday", "Monday through Thursday"."""
    word = view.key(n)
    start = n + 1 if word in ("between", "from") else n
    if word == "from" and view.moving:
        return None
    if view.kind(start) is Kind.SPAN:
        return _dashed(view, start)
    first = day_after_leads(view, start) if start > n else _plain_day(view, start)
    if first is None or not isinstance(day := first.bodies[0], Day):
        return None
    link = view.key(first.end)
    if link not in UNTIL | {"to", "and"} or (link == "and") != (word == "between"):
        return None
    if view.moving and link == "to":
        return None
    second = day_after_leads(view, first.end + 1)
    if second is None or not isinstance(last := second.bodies[0], Day):
        return None
    begin, end = _borrowed(day, last)
    return Match(second.end, (Range(begin, end),)) if begin <= end else None


def _plain_day(view: View, n: int) -> Match | None:
    return None if view.key(n) in ("on", "for") else day_after_leads(view, n)


def _borrowed(first: Day, last: Day) -> tuple[date, date]:
    """Both ends; "the first to the fifth of December" gives its month, a weekday follows the first."""
    if last.recipe is Recipe.WEEKDAY and last.weekday is not None and not last.alternatives:
        return first.on, weekday_from(first.on, last.weekday)
    borrows = first.recipe is Recipe.DAY_OF_MONTH and last.recipe is not Recipe.DAY_OF_MONTH
    if borrows and first.on.day <= last.on.day:
        return last.on.replace(day=first.on.day), last.on
    if last.recipe is Recipe.DAY_OF_MONTH and last.on.day > first.on.day:
        return first.on, first.on.replace(
            day=min(last.on.day, month_end(first.on.year, first.on.month).day)
        )
    return first.on, last.on


def _dashed(view: View, n: int) -> Match | None:
    """ "1-5 December"."""
    j = view.skip(n + 1, words("of"))
    if view.kind(j) is not Kind.MONTH:
        return None
    begin, _, last, _ = view.at(n).parts
    month = view.at(j).value
    year = next_month(view.today, month)
    if not 1 <= begin < last <= month_end(year, month).day:
        return None
    return Match(j + 1, (Range(date(year, month, begin), date(year, month, last)),))


def _onward(view: View, n: int) -> Match | None:
    """ "From Tuesday on", "Tuesday onwards", "Tuesday or later"."""
    pointed = view.key(n) == "from"
    if pointed and view.moving:
        return None
    found = _ends(view, n + 1) if pointed else None
    if not pointed:
        day = _plain_day(view, n)
        if day is not None and isinstance(body := day.bodies[0], Day):
            found = body.on, body.on, day.end
    if found is None or found[0] is None:
        return None
    first, _, end = found
    past = _past_onward(view, end)
    return Match(past, (Range(first, None),)) if pointed or past > end else None


def _past_onward(view: View, n: int) -> int:
    for phrase in (("and", "on"), ("or", "later"), ("or", "after")):
        if view.says(n, *phrase) and not view.at(n).boundary:
            return n + 2
    if view.key(n) in ("onward", "onwards", "forward"):
        return n + 1
    return n + 1 if view.key(n) == "on" and not view.inside(n + 1) else n
