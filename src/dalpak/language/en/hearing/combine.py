"""What the wanted and refused bodies of an utterance add up to: one day, one hour, one window.

Ambiguity leaves here as alternatives with `unclear` set; nothing is guessed.
"""

from dalpak.language.base import HearingContext
from dalpak.language.en.hearing.polarity import values_of
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import (
    WEEKDAYS,
    Axis,
    Clock,
    Day,
    Impossible,
    Moment,
    Node,
    Part,
    Pick,
    Range,
    Value,
    When,
    Window,
    merge_days,
    start_time,
    window_times,
)


def combine(view: View, nodes: tuple[Node, ...]) -> When:
    """The meaning of all bodies together."""
    values = values_of(view, nodes)
    when = When()
    when.corrects = any(v.replaced or (v.fixes and v.wanted) or v.after_no for v in values)
    if any(v.refused for v in values) and any(v.wanted for v in values):
        when.corrects = True
    when.no_is_spent = any(v.refused or v.replaced for v in values)
    wanted = [v for v in values if v.wanted]
    _parts(when, [v for v in wanted if v.axis is Axis.PART])
    _days(when, [v for v in wanted if v.axis is Axis.DAY], view)
    hours = [v for v in wanted if v.axis is Axis.HOUR]
    _hours(when, _target_hours(values, hours) if view.moving else hours, view.context)
    picks = {v.body.index for v in wanted if isinstance(v.body, Pick)}
    if len(picks) == 1:
        when.pick = picks.pop()
    elif picks:
        when.unclear = True
    _refused(when, [v for v in values if v.refused], view.context)
    return when


# --- parts and days ----------------------------------------------------------------------------


def _parts(when: When, values: list[Value]) -> None:
    parts = [v.body.part for v in values if isinstance(v.body, Part)]
    if len(set(parts)) == 1 or (parts and not values[-1].either):
        when.part = parts[-1]


def _days(when: When, values: list[Value], view: View) -> None:
    bodies = [v.body for v in values]
    when.unclear = when.unclear or any(isinstance(b, Impossible) for b in bodies)
    moments = [b.at for b in bodies if isinstance(b, Moment)]
    if moments:
        when.day, when.at = moments[-1].date(), moments[-1].time().replace(second=0, microsecond=0)
        return
    days = [b for b in bodies if isinstance(b, Day)]
    if view.moving and any(not d.source for d in days):
        days = [d for d in days if not d.source]
    stretches = [b for b in bodies if isinstance(b, Range)]
    if any(v.either for v in values) and len(days) + len(stretches) > 1:
        _either_day(when, days, stretches)
        return
    merged = merge_days(days, stretches, view.today)
    when.stretch = merged.stretch
    if merged.day is not None:
        when.day, when.day_alternatives = merged.day.on, merged.day.alternatives
        when.unclear = when.unclear or merged.day.unsure
    if merged.conflict:
        when.day_alternatives, when.unclear = merged.conflict, True


def _either_day(when: When, days: list[Day], stretches: list[Range]) -> None:
    if not days:
        firsts = [r.first for r in stretches if r.first is not None]
        lasts = [r.last for r in stretches if r.last is not None]
        when.stretch = Range(min(firsts, default=None), max(lasts, default=None))
        return
    unique = list(dict.fromkeys(d.on for d in days))
    when.day, when.day_alternatives = unique[0], tuple(unique[1:])


# --- hours -------------------------------------------------------------------------------------


def _target_hours(values: list[Value], hours: list[Value]) -> list[Value]:
    """Of the hours of a move those that are not of the appointment's present day, else the last."""
    kept: list[Value] = []
    for hour in hours:
        days = [v.body for v in values if isinstance(v.body, Day) and v.node.end <= hour.node.start]
        if not days or not days[-1].source:
            kept.append(hour)
    kept = kept or hours
    return kept[-1:] if len(kept) > 1 and not any(v.either for v in kept) else kept


def _hours(when: When, values: list[Value], context: HearingContext) -> None:
    clocks = [v.body for v in values if isinstance(v.body, Clock)]
    windows = [v.body for v in values if isinstance(v.body, Window)]
    if windows and not clocks:
        when.window = window_times(_one_window(windows), when.part, when.day, context)
        return
    if not clocks or when.at is not None:
        return
    chosen = [start_time(c, when.part, when.day, context) for c in dict.fromkeys(clocks)]
    if len(chosen) == 1:
        when.at, when.at_candidates = chosen[0]
        when.unclear = when.unclear or when.at is None
        return
    when.at_candidates = tuple(t for t, _ in chosen if t is not None)
    if any(v.either for v in values):
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
            case Range() | Window() | Moment() | Impossible():
                continue
