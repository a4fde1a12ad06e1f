"""Families of goals, continued: people, phones, questions, interruptions and calls without a booking."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dalpak.language.he.evals_words import SAYINGS, TRICKY_NAMES
from dalpak.simulator.evals import families as f
from dalpak.simulator.evals import families_own as o
from dalpak.simulator.evals.drawing import Draw, e164
from dalpak.simulator.evals.goals import Goal, Opening, Question, Twist
from dalpak.simulator.evals.salon import SERVICES, STAFF

ASKED = (Question.NAME, Question.PHONE, Question.CONFIRM)
"""Questions that come in every booking of a caller without a number."""


def _twisted(d: Draw, family: str, *twists: Twist, at: tuple[Question, ...] = ASKED) -> Goal:
    made = d.plain(family)
    places = d.rng.sample(at, k=len(twists)) if len(twists) <= len(at) else list(at)
    return replace(made, twists=tuple(zip(places, twists, strict=False)))


# -- questions and interruptions -------------------------------------------------------------------


def price_and_booking(d: Draw) -> Goal:
    """Two intents in one sentence."""
    return replace(d.plain("price_and_booking", Opening.PRICE), told=frozenset({"price"}))


def price_between(d: Draw) -> Goal:
    return replace(_twisted(d, "price_between", Twist.PRICE), told=frozenset({"price"}))


def hours_between(d: Draw) -> Goal:
    told = frozenset({"hours_day", "closed_all_day"})
    return replace(_twisted(d, "hours_between", Twist.HOURS), told=told)


def address_between(d: Draw) -> Goal:
    return replace(_twisted(d, "address_between", Twist.ADDRESS), told=frozenset({"address"}))


def asks_to_repeat(d: Draw) -> Goal:
    twists = (Twist.REPEAT,) * d.rng.choice((1, 2))
    return _twisted(d, "asks_to_repeat", *twists)


def wait_a_moment(d: Draw) -> Goal:
    return _twisted(d, "wait_a_moment", Twist.WAIT)


def silent_for_a_while(d: Draw) -> Goal:
    return _twisted(d, "silent_for_a_while", Twist.SILENCE)


def abusive(d: Draw) -> Goal:
    return _twisted(d, "abusive", Twist.ABUSE, at=(Question.NAME, Question.CONFIRM))


def nonsense(d: Draw) -> Goal:
    return _twisted(d, "nonsense", Twist.NONSENSE, at=(Question.WHEN, Question.CONFIRM))


def unsure(d: Draw) -> Goal:
    """A yes that is none, then one that is."""
    return _twisted(d, "unsure", Twist.UNSURE, at=(Question.CONFIRM,))


def injection(d: Draw) -> Goal:
    """Orders to the machine; then a booking, or none."""
    made = _twisted(d, "injection", Twist.INJECT, at=(Question.CONFIRM,))
    if d.rng.random() < 0.5:
        leaves = ((Question.CONFIRM, Twist.INJECT), (Question.CONFIRM, Twist.LEAVE))
        return replace(made, twists=leaves, booked=0)
    return made


# -- who -------------------------------------------------------------------------------------------


def tricky_name(d: Draw) -> Goal:
    return replace(d.plain("tricky_name"), name=d.rng.choice(TRICKY_NAMES))


def staff(d: Draw) -> Goal:
    """Only with one of the two."""
    now = d.now()
    taken = d.diary(now)
    service = d.rng.choice([s for s in SERVICES if not SERVICES[s].staff])
    person = d.rng.choice(list(STAFF))
    start = d.start(now, service, taken, staff_id=person)
    visit = d.visit(d.exact(start), service_id=service, staff_id=person)
    made = d.goal("staff", now, d.opening(Opening.SERVICE, Opening.WHEN), visit)
    return replace(made, taken=taken)


def staff_cannot(d: Draw) -> Goal:
    """With somebody who does not do that."""
    now = d.now()
    service = d.rng.choice([s for s in SERVICES if SERVICES[s].staff])
    start = d.start(now, service, ())
    visit = d.visit(d.exact(start), service_id=service, staff_id="yossi")
    return d.goal("staff_cannot", now, Opening.WHEN, visit)


def two_visits(d: Draw) -> Goal:
    """One appointment, then another one."""
    made = d.plain("two_visits", Opening.WHEN)
    first = made.visits[0].wishes[0].takes.start
    service = d.rng.choice(("haircut-men", "haircut-children", "blow-dry"))
    while True:
        start = d.start(made.now, service, made.taken)
        if first is None or start.date() != first.date():
            break
    second = d.visit(d.exact(start), service_id=service)
    return replace(made, visits=(*made.visits, second), booked=2)


# -- phones ----------------------------------------------------------------------------------------


def wrong_keys(d: Draw) -> Goal:
    return _twisted(d, "wrong_keys", Twist.WRONG_KEYS, at=(Question.PHONE,))


def cleared_keys(d: Draw) -> Goal:
    return _twisted(d, "cleared_keys", Twist.CLEARED_KEYS, at=(Question.PHONE,))


def spoken_phone(d: Draw) -> Goal:
    return _twisted(d, "spoken_phone", Twist.SPEAK_PHONE, at=(Question.PHONE,))


def known_caller(d: Draw) -> Goal:
    """The carrier tells a mobile number: nobody needs to ask."""
    made = d.plain("known_caller")
    return replace(made, caller_id=e164(made.phone))


def landline_offered(d: Draw) -> Goal:
    number = d.landline()
    return replace(d.plain("landline_offered"), phone=number, caller_id=e164(number))


def landline_refused(d: Draw) -> Goal:
    made = _twisted(d, "landline_refused", Twist.OTHER_PHONE, at=(Question.CALLER_PHONE,))
    return replace(made, caller_id=e164(d.landline()))


# -- without a booking -----------------------------------------------------------------------------


def _unbooked(d: Draw, family: str, opening: Opening) -> Goal:
    return replace(d.goal(family, d.now(), opening), booked=0)


def human(d: Draw) -> Goal:
    if d.rng.random() < 0.5:
        return replace(_unbooked(d, "human", Opening.HUMAN), transferred=True)
    made = _twisted(d, "human", Twist.HUMAN)
    return replace(made, booked=0, transferred=True)


def human_away(d: Draw) -> Goal:
    """Wants a person where nobody can be reached: a message is taken."""
    made = _unbooked(d, "human_away", Opening.HUMAN)
    return replace(made, has_owner=False, message=d.rng.choice(SAYINGS["message"]))


def message(d: Draw) -> Goal:
    made = _unbooked(d, "message", Opening.MESSAGE)
    if d.rng.random() < 0.3:
        made = replace(made, caller_id=e164(made.phone))
    return replace(made, message=d.rng.choice(SAYINGS["message"]))


def silent(d: Draw) -> Goal:
    return _unbooked(d, "silent", Opening.SILENT)


def wrong_number(d: Draw) -> Goal:
    return _unbooked(d, "wrong_number", Opening.WRONG_NUMBER)


def hangs_up(d: Draw) -> Goal:
    made = _twisted(d, "hangs_up", Twist.HANG_UP)
    return replace(made, booked=0)


def leaves_at_read_back(d: Draw) -> Goal:
    made = _twisted(d, "leaves_at_read_back", Twist.LEAVE, at=(Question.CONFIRM,))
    return replace(made, booked=0)


FAMILIES: Mapping[str, Callable[[Draw], Goal]] = {
    draw.__name__: draw
    for draw in (
        f.step_by_step,
        f.one_sentence,
        f.service_and_time,
        f.alias,
        f.dst_day,
        f.part_of_day,
        f.window,
        f.day_only,
        f.next_week,
        f.availability,
        f.as_early_as_can_be,
        f.off_grid,
        f.too_soon,
        f.too_far,
        f.after_hours,
        f.friday_afternoon,
        f.shabbat,
        f.day_full,
        f.taken_hour,
        f.refuses_all,
        f.slip_in_a_sentence,
        f.change_before_read_back,
        f.change_after_read_back,
        f.plain_no,
        f.service_at_read_back,
        price_and_booking,
        price_between,
        hours_between,
        address_between,
        asks_to_repeat,
        wait_a_moment,
        silent_for_a_while,
        abusive,
        nonsense,
        unsure,
        injection,
        tricky_name,
        staff,
        staff_cannot,
        two_visits,
        wrong_keys,
        cleared_keys,
        spoken_phone,
        known_caller,
        landline_offered,
        landline_refused,
        human,
        human_away,
        message,
        o.when_is_mine,
        o.cancel,
        o.cancel_one_of_several,
        o.cancel_too_late,
        o.cancel_nothing,
        o.cancel_then_move,
        o.move_in_one_sentence,
        o.move_step_by_step,
        o.move_off_grid,
        o.waiting_list,
        silent,
        wrong_number,
        hangs_up,
        leaves_at_read_back,
    )
}
