"""Every phrase of the data files, graded by their conventions."""

from typing import Any

import pytest
from hearing_cases import DEV, OWN, cases, graded, meant

pytestmark = pytest.mark.unit

ALL = [*cases(DEV), *cases(OWN)]


@pytest.mark.parametrize("case", ALL, ids=lambda c: f"{c['id']}-{c['group']}")
def test_phrase_means_what_its_row_says(case: dict[str, Any]) -> None:
    got = meant(case)
    assert graded(case["expect"], got) == [], (case["text"], case["expect"], got)


def test_own_phrases_are_many_and_of_every_group() -> None:
    own = list(cases(OWN))
    dev_groups = {case["group"] for case in cases(DEV)}
    assert len(own) >= 300
    assert dev_groups <= {case["group"] for case in own}
    assert len({(c["text"], str(c.get("context"))) for c in own}) > 0.97 * len(own)


@pytest.mark.parametrize(
    ("expect", "got", "wrong"),
    [
        ({"date": "2026-12-01"}, {"date": "2026-12-02"}, ["date"]),
        ({"date": "2026-12-04", "alternatives": ["2026-11-27"]}, {"date": "2026-11-27"}, []),
        ({"time": None}, {"time": "10:00"}, ["time"]),
        ({"time": None}, {}, []),
        ({"absent": ["date"]}, {"date": "2026-12-01"}, ["absent"]),
        ({"intent_any": ["unsure", "deny"]}, {"intent": "affirm"}, ["intent_any"]),
        ({"intent_any": ["unsure", "deny"]}, {"intent": "deny"}, []),
        (
            {"time_candidates": ["03:00", "15:00"]},
            {"time_candidates": ["15:00"]},
            ["time_candidates"],
        ),
        ({"phone_valid": False}, {"phone_valid": True}, ["phone_valid"]),
    ],
)
def test_grading_tells_right_from_wrong(
    expect: dict[str, Any], got: dict[str, object], wrong: list[str]
) -> None:
    assert graded(expect, got) == wrong
