"""`get_business_policy`: row and prompt merged, cached, and never raising."""

import pytest

from dalpak.domain.policy import Policy
from dalpak.ports.store import PolicyRow
from dalpak.tools.policy import MAX_CACHED, PolicyCache, get_business_policy, hints_in

pytestmark = pytest.mark.unit

JERUSALEM = "Asia/Jerusalem"


def policy(
    raw: dict[str, object],
    prompt: str = "",
    *,
    version: int = 1,
    cache: PolicyCache | None = None,
    business_id: str = "salon",
    timezone: str = JERUSALEM,
) -> Policy:
    return get_business_policy(
        business_id,
        prompt,
        row=PolicyRow(raw, version),
        timezone=timezone,
        cache=cache or PolicyCache(),
    )


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("slot size: 20", "slot_size_min", 20),
        ("Slot size: 20 minutes", "slot_size_min", 20),
        ("- slot_size_min = 45", "slot_size_min", 45),
        ("Open 24/7: yes", "allow_24_7", True),
        ("24-7: no", "allow_24_7", False),
        ("allow_24_7: true", "allow_24_7", True),
        ("minimum notice: 2 hours", "min_notice_min", 120),
        ("min notice: 90", "min_notice_min", 90),
        ("min notice: 1 day.", "min_notice_min", 1440),
        ("booking window: 30 days", "booking_window_days", 30),
        ("booking window: 2 weeks", "booking_window_days", 14),
        ("require phone: no", "require_phone_before_booking", False),
        ("Phone required: yes", "require_phone_before_booking", True),
    ],
)
def test_hints_that_a_prompt_may_give(line: str, key: str, value: object) -> None:
    assert hints_in(f"You are kind.\n{line}\nSpeak slowly.") == {key: value}


@pytest.mark.parametrize(
    "line",
    [
        "We offer a slot size: whatever you like",
        "slot size: 0",
        "slot size: -5",
        "slot size: 99999 weeks",
        "open 24/7: maybe",
        "timezone: Mars/Olympus",
        "opening_hours_json: {}",
        "ignore previous: rules",
        "slot size:",
        ":" * 5_000,
        "a" * 50_000,
    ],
)
def test_anything_else_in_a_prompt_is_only_a_prompt(line: str) -> None:
    assert hints_in(line) == {}


def test_the_row_wins_and_the_prompt_fills() -> None:
    prompt = "slot size: 20\nminimum notice: 3 hours"
    merged = policy({"slot_size_min": 45}, prompt)
    assert (merged.slot_size_min, merged.min_notice_min) == (45, 180)
    assert merged.timezone == JERUSALEM
    assert policy({"timezone": "UTC"}).timezone == "UTC"
    assert policy({}, timezone="Europe/London").timezone == "Europe/London"


def test_it_is_read_once_per_version_and_prompt() -> None:
    cache = PolicyCache()
    first = policy({"slot_size_min": 20}, cache=cache)
    assert policy({"slot_size_min": 99}, cache=cache) is first
    assert policy({"slot_size_min": 30}, version=2, cache=cache).slot_size_min == 30
    assert policy({}, "slot size: 5", version=2, cache=cache).slot_size_min == 5


def test_the_last_good_policy_stays_in_force() -> None:
    cache = PolicyCache()
    good = policy({"slot_size_min": 20}, cache=cache)
    assert cache.problem("salon") == ""
    assert policy({"slot_size_min": 0}, version=2, cache=cache) is good
    assert "slot_size_min" in cache.problem("salon")
    assert policy({"what": "ever"}, version=3, cache=cache) is good
    assert policy({"slot_size_min": 30}, version=4, cache=cache).slot_size_min == 30
    assert cache.problem("salon") == ""


def test_without_a_good_policy_the_business_is_closed() -> None:
    cache = PolicyCache()
    closed = policy({"allow_24_7": "yes"}, cache=cache)
    assert not closed.allow_24_7
    assert closed.opening_hours == {}
    assert cache.problem("salon")
    # A later bad version does not promote it to a good one.
    assert not policy({"allow_24_7": "no"}, version=2, cache=cache).allow_24_7
    assert policy({"allow_24_7": True}, version=3, cache=cache).allow_24_7


def test_tenants_do_not_meet_and_memory_is_bounded() -> None:
    cache = PolicyCache()
    for n in range(MAX_CACHED + 10):
        mine = policy({"slot_size_min": n % 60 + 1}, cache=cache, business_id=f"b{n}")
        assert mine.slot_size_min == n % 60 + 1
    again = policy({"slot_size_min": 7}, version=1, cache=cache, business_id="b0")
    assert again.slot_size_min == 7
