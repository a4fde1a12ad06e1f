"""`dalpak understand`: lines in, meanings out, and a sentence for people."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dalpak.cli.app import app

pytestmark = pytest.mark.unit

NOW = "2026-11-22T10:15:00+02:00"


def run(*lines: object, now: str = NOW) -> tuple[int, list[dict[str, Any]]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(app, ["understand", "--now", now], input=text)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_lines_in_lines_out_in_order() -> None:
    code, out = run(
        {"id": "a", "text": "מחר בשעה עשר"},
        "",
        {"id": "b", "text": "כן", "context": {"asked": "confirm"}},
    )
    assert code == 0
    assert [line["id"] for line in out] == ["a", "b"]
    assert out[0]["meaning"]["date"] == "2026-11-23"
    assert out[0]["meaning"]["time"] == "10:00"
    assert out[1]["meaning"] == {"intent": "affirm"}


def test_a_line_brings_its_own_moment_and_hours() -> None:
    line = {"id": 1, "text": "מחר בשבע", "ref": "2026-11-24T08:00:00+02:00"}
    morning = {"sun-thu": ["06:00", "12:00"], "fri": None, "sat": None}
    _, out = run(line, {**line, "id": 2, "hours": morning})
    assert [o["meaning"]["date"] for o in out] == ["2026-11-25", "2026-11-25"]
    assert [o["meaning"]["time"] for o in out] == ["19:00", "07:00"]


def test_what_is_offered_can_be_chosen() -> None:
    offered = ["2026-11-24T10:00", "2026-11-24T15:30"]
    _, out = run({"id": 1, "text": "השני", "context": {"asked": "choose", "offered": offered}})
    assert out[0]["meaning"]["chosen_index"] == 1


@pytest.mark.parametrize(
    "bad",
    ["not json", "[1]", "5", '{"id": "x"}', '{"id": "x", "text": "היום", "hours": {"yom": []}}',
     '{"id": "x", "text": "היום", "ref": "soon"}'],
)  # fmt: skip
def test_a_bad_line_is_told_and_the_next_is_answered(bad: str) -> None:
    code, out = run(bad, {"id": "good", "text": "היום"})
    assert code == 1
    assert out[0]["error"]
    assert out[1]["meaning"]["date"] == "2026-11-22"


def test_a_sentence_for_people_and_as_json(tmp_path: Path) -> None:
    sentence = ["understand", "מחר בשעה עשר", "--now", NOW]
    told = CliRunner().invoke(app, sentence)
    assert told.exit_code == 0
    assert "2026-11-23" in told.stdout
    assert "Sunday 2026-11-22 10:15" in told.stdout
    data = json.loads(CliRunner().invoke(app, [*sentence, "--json"]).stdout)
    assert data["time"] == "10:00"
    assert "nothing" in CliRunner().invoke(app, ["understand", "xyzzy"]).stdout
