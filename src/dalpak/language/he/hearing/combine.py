"""What the wanted and refused bodies of an utterance add up to: one day, one hour, one window.

Ambiguity leaves here as alternatives with `unclear` set; nothing is guessed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dalpak.language.base import Asked, HearingContext, PartOfDay
from dalpak.language.he.hearing.calendar_math import WEEKDAYS
from dalpak.language.he.hearing.merge import merge_days
from dalpak.language.he.hearing.nodes import (
    Body,
    Clock,
    Day,
    Impossible,
    Moment,
    Node,
    Part,
    Pick,
    Range,
    Recipe,
    Window,
)
from dalpak.language.he.hearing.polarity import Axis, Value, values_of
from dalpak.language.he.hearing.resolve import start_time, window_times
from dalpak.language.he.hearing.view import View

_FORTNIGHT = timedelta(days=14)
"""A refused stretch of at least this length is not listed day by day."""


@dataclass(slots=True)
class When:
    """The temporal meaning of one utterance; the fields are those of `Understood`."""

    day: date | None = None
    day_alternatives: tuple[date, ...] = ()
    stretch: Range | None = None
    at: time | None = None
    at_candidates: tuple[time, ...] = ()
    window: tuple[time | None, time | None] | None = None
    part: PartOfDay | None = None
    pick: int | None = None
    refused_days: list[date] = field(default_factory=list)
    refused_weekdays: list[str] = field(default_factory=list)
    refused_times: list[time] = field(default_factory=list)
    refused_parts: list[PartOfDay] = field(default_factory=list)
    refused_picks: list[int] = field(default_factory=list)
    corrects: bool = False
    unclear: bool = False
    no_is_spent: bool = False
    """A "no" was said of a value, so it is not an answer to the question."""

    @property
    def says_something(self) -> bool:
        return any(
            x is not None
            for x in (self.day, self.stretch, self.at, self.window, self.part, self.pick)
        ) or bool(self.day_alternatives or self.at_candidates)


def combine(view: View, nodes: tuple[Node, ...], *, moving: bool) -> When:
    """The meaning of all bodies together. `moving`: an appointment is to be moved."""
    values = values_of(view, nodes)
    _turn_lone_refusal(values, view.context)
    when = When()
    when.corrects = any(v.replaced or (v.fixes and v.wanted) or v.after_no for v in values)
    if any(v.refused for v in values) and any(v.wanted for v in values):
        when.corrects = True
    when.no_is_spent = any(v.refused or v.replaced for v in values)
    _wanted_parts(when, values)
    _wanted_days(when, [v for v in values if v.wanted and v.axis is Axis.DAY], view, moving=moving)
    hours = [v for v in values if v.wanted and v.axis is Axis.HOUR]
    hours = _target_hours(values, hours) if moving else hours
    _wanted_hours(when, hours, values, view.context)
    picks = [v.body.index for v in values if v.wanted and isinstance(v.body, Pick)]
    if len(set(picks)) == 1:
        when.pick = picks[0]
    elif picks:
        when.unclear = True
    _refused(when, [v for v in values if v.refused], view.context)
    when.unclear = when.unclear or (bool(when.refused_picks) and when.pick is None)
    for value in values:
        if value.replaced is not None and value.wanted and not value.fixes and not value.after_no:
            _keep_replaced(when, value.replaced, view.context)
    return when


def _turn_lone_refusal(values: list[Value], context: HearingContext) -> None:
    """ "No five" after another hour was offered is a correction: five itself was not on the table.

    So it is where a name or a number was asked for: there is nothing there that could be refused.
    """
    refused = [v for v in values if v.refused and not v.excepted]
    open_offer = bool(context.offered) and context.asked in (Asked.YES_NO, Asked.CHOICE)
    if not open_offer and context.asked not in (Asked.NAME, Asked.PHONE):
        return
    axes = [v.axis for v in refused]
    beside = [v for v in values if v.wanted and not _refines(v, values)]
    if beside or not refused or len(set(axes)) < len(axes):
        return
    bodies = [_refined(v, values, context) for v in refused]
    if not all(isinstance(b, Day | Clock) for b in bodies):
        return
    if any(all(_names(b, at) for b in bodies) for at in context.offered):
        return
    if all(isinstance(b, Day) and b.on == context.now.date() for b in bodies):
        return
    for value in refused:
        value.refused, value.after_no = False, True


def _names(body: Body, at: datetime) -> bool:
    """The day or the hour of this offer."""
    match body:
        case Day(on=on):
            return at.date() == on
        case Clock() as clock:
            return at.time() in clock.readings()
        case _:
            return False


def _refines(value: Value, values: list[Value]) -> bool:
    """It only says more of what was refused before it: its week or month, its part of the day."""
    place = values.index(value)
    if isinstance(value.body, Part):
        return any(v.refused for v in values[:place])
    follows = bool(place) and values[place - 1].node.end == value.node.start
    whole = isinstance(value.body, Range) and bool(value.body.whole)
    return whole and follows and values[place - 1].refused


def _refined(value: Value, values: list[Value], context: HearingContext) -> Body:
    """What is refused, a day as the one of the week or month that is said after it."""
    stretches = [v.body for v in values if isinstance(v.body, Range) and v.wanted]
    if not isinstance(value.body, Day) or not stretches:
        return value.body
    merged = merge_days([value.body], stretches, context.now.date())
    return merged.day or value.body


# --- parts and days ----------------------------------------------------------------------------


def _wanted_parts(when: When, values: list[Value]) -> None:
    """The part of day; none where several are offered as alternatives."""
    parts = [v.body.part for v in values if v.wanted and isinstance(v.body, Part)]
    if len(set(parts)) == 1 or (parts and not any(v.either for v in values)):
        when.part = parts[-1]


def _part_of(hour: Value, values: list[Value]) -> PartOfDay | None:
    """The part of day that goes with an hour: the nearest one with no "or" between them."""
    place = values.index(hour)
    best: tuple[int, PartOfDay] | None = None
    for k, value in enumerate(values):
        if not (value.wanted and isinstance(value.body, Part)):
            continue
        low, high = min(k, place), max(k, place)
        if any(v.either for v in values[low + 1 : high + 1]):
            continue
        # One that follows directly is nearer than one that precedes.
        distance = 2 * (high - low) - (k > place)
        if best is None or distance < best[0]:
            best = distance, value.body.part
    return best[1] if best else None


def _wanted_days(when: When, values: list[Value], view: View, *, moving: bool) -> None:
    bodies = [v.body for v in values]
    if any(isinstance(b, Impossible) for b in bodies):
        when.unclear = True
    moments = [b.at for b in bodies if isinstance(b, Moment)]
    if moments:
        when.day, when.at = moments[-1].date(), moments[-1].time().replace(second=0, microsecond=0)
        return
    days = [b for b in bodies if isinstance(b, Day)]
    if view.context.offered and all(o.date() != view.today for o in view.context.offered):
        days = [d for d in days if d.recipe is not Recipe.SOFT_TODAY]
    if moving:
        days = _targets(days)
    stretches = [b for b in bodies if isinstance(b, Range)]
    if moving and stretches and all(d.source for d in days):
        days = []
    if any(v.either for v in values) and len(days) + len(stretches) > 1:
        _either_day(when, days, stretches)
        return
    merged = merge_days(days, stretches, view.today)
    when.stretch = merged.stretch
    if merged.day is not None:
        when.day = merged.day.on
        when.day_alternatives = merged.day.alternatives
        when.unclear = when.unclear or merged.day.unsure
    if merged.conflict:
        when.day_alternatives, when.unclear = merged.conflict, True


def _targets(days: list[Day]) -> list[Day]:
    """Of "from Monday to Wednesday" the second, where an appointment is moved."""
    targets = [d for d in days if d.target]
    return targets or [d for d in days if not d.source] or days


def _target_hours(values: list[Value], hours: list[Value]) -> list[Value]:
    """Of the hours of a move those that are not of the appointment's present day, else the last."""
    kept: list[Value] = []
    for hour in hours:
        days = [v.body for v in values if isinstance(v.body, Day) and v.node.end <= hour.node.start]
        if not days or not days[-1].source:
            kept.append(hour)
    targeted = any(isinstance(v.body, Day) and not v.body.source for v in values)
    kept = kept if targeted and kept else hours
    return kept[-1:] if len(kept) > 1 and not any(v.either for v in kept) else kept


def _either_day(when: When, days: list[Day], stretches: list[Range]) -> None:
    if not days:
        firsts = [r.first for r in stretches if r.first is not None]
        lasts = [r.last for r in stretches if r.last is not None]
        when.stretch = Range(min(firsts, default=None), max(lasts, default=None))
        return
    unique = list(dict.fromkeys(d.on for d in days))
    when.day, when.day_alternatives = unique[0], tuple(unique[1:])


# --- hours -------------------------------------------------------------------------------------


def _wanted_hours(
    when: When, hours: list[Value], values: list[Value], context: HearingContext
) -> None:
    clocks = {v.body: _part_of(v, values) for v in hours if isinstance(v.body, Clock)}
    windows = [v for v in hours if isinstance(v.body, Window)]
    if windows and not clocks:
        window = _one_window([v.body for v in windows if isinstance(v.body, Window)])
        when.window = window_times(window, _part_of(windows[-1], values), when.day, context)
        return
    if not clocks or when.at is not None:
        return
    chosen = [start_time(clock, part, when.day, context) for clock, part in clocks.items()]
    if len(chosen) == 1:
        when.at, when.at_candidates = chosen[0]
        when.unclear = when.unclear or when.at is None
        return
    when.at_candidates = tuple(t for t, _ in chosen if t is not None)
    if any(v.either for v in hours):
        when.at = when.at_candidates[0] if when.at_candidates else None
    else:
        when.unclear = True


def _one_window(windows: list[Window]) -> Window:
    """The last one; "after three" and "before five" make one."""
    start = next((w.start for w in windows if w.start and not w.end), None)
    end = next((w.end for w in windows if w.end and not w.start), None)
    return Window(start, end) if start and end else windows[-1]


# --- what is refused ---------------------------------------------------------------------------


def _refused(when: When, values: list[Value], context: HearingContext) -> None:
    for value in values:
        match value.body:
            case Day(on=on, weekday=weekday):
                when.refused_days.append(on)
                if weekday is not None:
                    when.refused_weekdays.append(WEEKDAYS[weekday])
            case Clock() as clock:
                at, readings = start_time(clock, when.part, None, context)
                when.refused_times.extend([at] if at is not None else readings)
            case Part(part):
                when.refused_parts.append(part)
            case Pick(index):
                when.refused_picks.append(index)
            case Range(first=first, last=last):
                if first is not None and last is not None and last - first < _FORTNIGHT:
                    count = (last - first).days + 1
                    when.refused_days.extend(first + timedelta(days=k) for k in range(count))
            case Window() | Moment() | Impossible():
                continue


def _keep_replaced(when: When, value: Value, context: HearingContext) -> None:
    """ "Tuesday not Wednesday" can be meant either way: the first stays as an alternative."""
    when.unclear = True
    match value.body:
        case Day(on=on):
            when.day_alternatives = (*when.day_alternatives, on)
        case Clock() as clock:
            at = start_time(clock, when.part, when.day, context)[0]
            if at is not None:
                when.at_candidates = (*when.at_candidates, at)
        case _:
            return
