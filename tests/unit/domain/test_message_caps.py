"""The limits on messages: a number is never bombarded, and nothing that is owed is lost."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.message_caps import (
    ANOTHERS,
    HOUR,
    REPLY,
    TOO_MANY,
    Candidate,
    Sent,
    Whose,
    may_go_at,
    what_holds,
    whose,
)
from dalpak.domain.messaging import MessagingRules
from dalpak.domain.records import CallRecord

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOA, GIL = "+972523456789", "+972523456701"
RULES = MessagingRules()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_message(
    to: str = NOA,
    call_id: str | None = None,
    *,
    owed: bool = True,
    good_until: datetime | None = None,
) -> Candidate:
    return Candidate(to, call_id, owed, good_until)


def sent(*minutes_ago: float, to: str = NOA, call_id: str | None = None) -> list[Sent]:
    return [Sent("confirmation", to, call_id, NOON - minutes(ago)) for ago in minutes_ago]


@pytest.mark.parametrize(
    ("before", "turn"),
    [
        ([], NOON),
        (sent(5), NOON),
        (sent(5, 50), NOON + minutes(10)),
        (sent(5, 50, 59), NOON + minutes(10)),
        (sent(5, 60), NOON),
        (sent(5, 5, to=GIL), NOON),
        ([Sent(REPLY, NOA, None, NOON), Sent(REPLY, NOA, None, NOON)], NOON),
    ],
)
def test_the_third_within_an_hour_waits_for_the_first_to_be_an_hour_old(
    before: list[Sent], turn: datetime
) -> None:
    assert may_go_at(RULES, before, a_message(), NOON) == turn
    assert may_go_at(RULES, before, a_message(owed=False), NOON) == turn


def test_what_would_come_too_late_goes_at_once_where_it_is_owed_and_else_not() -> None:
    soon = NOON + minutes(9)
    assert may_go_at(RULES, sent(5, 50), a_message(good_until=soon), NOON) == NOON
    assert may_go_at(RULES, sent(5, 50), a_message(good_until=soon, owed=False), NOON) is None
    later = NOON + minutes(10)
    assert may_go_at(RULES, sent(5, 50), a_message(good_until=later), NOON) == later


def test_past_the_share_of_a_call_what_it_owes_comes_once_an_hour_and_the_rest_not_at_all() -> None:
    numbers = [f"+97252345670{n}" for n in range(5)]
    share = [one for n, to in enumerate(numbers) for one in sent(10 * n + 1, to=to, call_id="c")]
    assert may_go_at(RULES, share, a_message(call_id="c"), NOON) == NOON + minutes(59)
    assert may_go_at(RULES, share, a_message(call_id="c", owed=False), NOON) is None
    assert may_go_at(RULES, share[1:], a_message(call_id="c"), NOON) == NOON
    assert may_go_at(RULES, share, a_message(call_id="d"), NOON) == NOON
    assert may_go_at(RULES, share, a_message(), NOON) == NOON


def a_call(caller: str | None, *confirmed: str) -> CallRecord:
    return CallRecord("c", "b", "twilio", "CA1", "", caller, None, NOON, NOON, confirmed=confirmed)


@pytest.mark.parametrize(
    ("call", "wrote", "expected"),
    [
        (a_call(NOA), False, Whose.CALLERS),
        (a_call("052-345-6789"), False, Whose.CALLERS),
        (a_call(GIL), False, Whose.ANOTHERS),
        (a_call(GIL), True, Whose.CALLERS),
        (a_call(GIL, NOA), False, Whose.ANOTHERS),
        (a_call(None), False, Whose.UNCONFIRMED),
        (a_call("anonymous"), True, Whose.UNCONFIRMED),
        (a_call("+266696687", GIL), False, Whose.UNCONFIRMED),
        (a_call(None, GIL, NOA), False, Whose.ANOTHERS),
        (a_call(None, NOA), True, Whose.CALLERS),
    ],
)
def test_whose_number_it_is(call: CallRecord, wrote: bool, expected: Whose) -> None:
    assert whose(call, NOA, wrote=wrote) is expected


def to_another(*, owed: bool = True, call_id: str = "c") -> Candidate:
    return Candidate(NOA, call_id, owed, None, anothers=True)


def test_a_number_that_is_another_s_has_one_message_of_a_call() -> None:
    once = sent(10, call_id="c")
    assert may_go_at(RULES, [], to_another(), NOON) == NOON
    assert may_go_at(RULES, once, to_another(), NOON) == NOON + minutes(50)
    assert may_go_at(RULES, once, to_another(owed=False), NOON) is None
    assert what_holds(RULES, once, to_another()) == ANOTHERS
    # Of another call, to another number, or an answer: not counted.
    for other in (sent(10, call_id="d"), sent(10, to=GIL, call_id="c")):
        assert may_go_at(RULES, other, to_another(), NOON) == NOON
    reply = [Sent(REPLY, NOA, "c", NOON)]
    assert may_go_at(RULES, reply, to_another(), NOON) == NOON
    twice = MessagingRules(most_to_others=2)
    assert may_go_at(twice, once, to_another(owed=False), NOON) == NOON
    assert what_holds(RULES, sent(5, 10, call_id="d"), to_another()) == TOO_MANY


# -- any day -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that a flow wants to send."""

    number: int
    at: float
    to: str
    call_id: str | None
    owed: bool
    good_for: float | None
    anothers: bool

    @property
    def candidate(self) -> Candidate:
        until = None if self.good_for is None else NOON + minutes(self.at + self.good_for)
        return Candidate(self.to, self.call_id, self.owed, until, self.anothers)


WISHES = st.lists(
    st.builds(
        Wish,
        number=st.integers(0, 10**9),
        at=st.integers(0, 180).map(float),
        to=st.sampled_from([NOA, GIL]),
        call_id=st.sampled_from([None, "c1", "c2"]),
        owed=st.booleans(),
        good_for=st.none() | st.integers(-5, 600).map(float),
        anothers=st.booleans(),
    ),
    max_size=25,
    unique_by=lambda wish: wish.number,
)
LIMITS = st.builds(MessagingRules, most_per_hour=st.integers(1, 4), most_per_call=st.integers(1, 6))


@dataclass
class Day:
    """What became of every wish, as the engine would have it: who waits comes again in its turn."""

    sent: list[tuple[Sent, Wish]] = field(default_factory=list)
    dropped: list[Wish] = field(default_factory=list)
    attempts: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def day_of(rules: MessagingRules, wishes: list[Wish]) -> Day:
    day = Day()
    queue = [(NOON + minutes(wish.at), wish.number, wish) for wish in wishes]
    heapq.heapify(queue)
    while queue:
        now, number, wish = heapq.heappop(queue)
        day.attempts[number] += 1
        turn = may_go_at(rules, [one for one, _ in day.sent], wish.candidate, now)
        if turn is None:
            day.dropped.append(wish)
        elif turn > now:
            heapq.heappush(queue, (turn, number, wish))
        else:
            day.sent.append((Sent("confirmation", wish.to, wish.call_id, now), wish))
    return day


@given(rules=LIMITS, wishes=WISHES)
def test_nothing_owed_is_lost_and_nobody_is_bombarded(
    rules: MessagingRules, wishes: list[Wish]
) -> None:
    day = day_of(rules, wishes)

    assert len(day.sent) + len(day.dropped) == len(wishes)
    assert not [wish for wish in day.dropped if wish.owed]
    for one, wish in day.sent:
        # Only what would have been lost by waiting may be one too many.
        until = wish.candidate.good_until
        urgent = wish.owed and until is not None
        before = [
            other.at
            for other, _ in day.sent
            if other.to == one.to and one.at - HOUR < other.at <= one.at and other is not one
        ]
        earlier = [at for at in before if at < one.at]
        assert len(earlier) < rules.most_per_hour or urgent
        if wish.call_id and not wish.owed:
            of_call = [o for o, _ in day.sent if o.call_id == wish.call_id and o.at < one.at]
            assert len(of_call) < rules.most_per_call
            to_them = [o for o in of_call if o.to == wish.to]
            assert not wish.anothers or len(to_them) < rules.most_to_others
    assert max(day.attempts.values(), default=0) <= len(wishes) + 1


@given(rules=LIMITS, wishes=WISHES)
def test_in_no_hour_does_a_number_get_more_than_its_share_of_what_can_wait(
    rules: MessagingRules, wishes: list[Wish]
) -> None:
    patient = [wish for wish in wishes if wish.good_for is None]
    day = day_of(rules, patient)

    for to in (NOA, GIL):
        at = sorted(one.at for one, _ in day.sent if one.to == to)
        for first, over in zip(at, at[rules.most_per_hour :], strict=False):
            assert over - first >= HOUR
