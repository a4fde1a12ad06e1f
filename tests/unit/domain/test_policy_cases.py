"""The acceptance list of slot rules, case by case."""

import json
from pathlib import Path
from typing import Any

import pytest

from dalpak.domain.cases import slots_of_case

pytestmark = pytest.mark.unit

CASES = json.loads((Path(__file__).parents[2] / "data" / "policy_cases.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_case(case: dict[str, Any]) -> None:
    slots = slots_of_case(case)
    assert len(slots) == case["expect_count"]
    if case["expect_slots"] is not None:
        assert slots == case["expect_slots"]


def test_the_list_is_whole() -> None:
    assert len(CASES) == 43
