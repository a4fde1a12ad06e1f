"""`dalpak slots`: every form a case may come in, and a bad one that stops nobody else's answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dalpak.cli.app import app

pytestmark = pytest.mark.unit

FILE = Path(__file__).parents[2] / "data" / "policy_cases.json"
ONE: dict[str, Any] = {
    "id": "one",
    "policy": {"hours": {"tue": [["09:00", "10:00"], ["08:00", "07:00"]]}, "step": 30,
               "duration": 30, "tz": "Asia/Jerusalem"},
    "date": "2026-11-24",
    "now": "2026-11-23T10:00:00+02:00",
    "busy": [["2026-11-24T09:30", "2026-11-24T10:00"]],
}  # fmt: skip


def run(text: str | None = None, file: Path | str = "-") -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(app, ["slots", "--case", str(file)], input=text)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_the_acceptance_document() -> None:
    code, lines = run(file=FILE)
    cases = {c["id"]: c for c in json.loads(FILE.read_text())["cases"]}
    assert code == 0
    assert [line["id"] for line in lines] == list(cases)
    for line in lines:
        case = cases[line["id"]]
        assert len(line["slots"]) == case["expect_count"], line["id"]
        assert case["expect_slots"] in (None, line["slots"]), line["id"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ONE),
        json.dumps(ONE, indent=1),
        json.dumps([ONE]),
        json.dumps({"cases": [ONE]}),
        "\n" + json.dumps(ONE) + "\n\n",
    ],
)
def test_one_case_in_every_form(text: str) -> None:
    """Backward windows are none, times without an offset are the business's own."""
    assert run(text) == (0, [{"id": "one", "slots": ["09:00"]}])


def test_a_line_each() -> None:
    two = json.dumps(ONE) + "\n" + json.dumps({**ONE, "id": "two", "busy": []}) + "\n"
    assert run(two) == (
        0,
        [{"id": "one", "slots": ["09:00"]}, {"id": "two", "slots": ["09:00", "09:30"]}],
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"policy": {**ONE["policy"], "step": 0}}, "slot_size_min: expected a whole number"),
        ({"policy": {**ONE["policy"], "rule": 1}}, "rule: expected one of"),
        ({"policy": {**ONE["policy"], "hours": {"yom": []}}}, "hours.yom: expected one of"),
        ({"policy": {**ONE["policy"], "capacity": 0}}, "capacity: expected a whole number"),
        ({"date": "soon"}, "Invalid isoformat"),
        ({"now": None}, "argument must be str"),
    ],
)
def test_a_bad_case_is_told_and_the_others_are_answered(changes: dict[str, Any], told: str) -> None:
    code, lines = run(json.dumps([{**ONE, "id": "bad", **changes}, ONE, 7]))
    assert code == 1
    assert told in lines[0]["error"]
    assert lines[1] == {"id": "one", "slots": ["09:00"]}
    assert "error" in lines[2]


def test_what_is_no_json_at_all() -> None:
    assert run("not json")[0] == 2
