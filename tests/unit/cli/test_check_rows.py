"""The GO/NO-GO table: each row says NO as soon as what it measures is past its bar."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dalpak.cli import check
from dalpak.cli.check import TABLE, Measured
from dalpak.cli.check_marks import Marks
from dalpak.cli.check_served import Served
from dalpak.cli.check_source import calls_outside
from dalpak.cli.check_spoken import Spoken
from dalpak.cli.check_typed import Typed

pytestmark = pytest.mark.unit

MARKS = Marks(6, (420, 300), (260, 250), (4, 30), (12, 150), (0, 1))
SERVED = Served(3, 3, 3, 3, 3, 3000, 0, 1, 1, 0, MARKS, ())
TYPED = Typed("off_grid", 2, True, True, True, True, 0)
GOOD = Measured(SERVED, Spoken(MARKS), TYPED)

SPOILT = {
    "agent built again": (3, {"agent_builds": 2}),
    "agent never built": (3, {"agent_builds": 0}),
    "app started again": (3, {"app_starts": 2}),
    "slow partial": (4, {"partial": (601,)}),
    "slow final": (4, {"final": (901,)}),
    "nothing was heard": (4, {"final": ()}),
    "slow AI": (5, {"ai": (1501,) * 20}),
    "one AI answer far too slow": (5, {"ai": (1,) * 100 + (1801,)}),
    "no AI answer": (5, {"ai": ()}),
    "slow voice": (6, {"tts_ready": (401,)}),
    "voice behind": (6, {"tts_behind": (1001,)}),
    "late frames": (6, {"late_frames": 1}),
    "send queue full": (7, {"queue_full": 1}),
    "off-grid accepted": (8, {"error": ""}),
    "one suggestion": (8, {"suggestions": 1}),
    "exception": (8, {"faults": 1}),
    "phone not asked for": (9, {"need_phone": False}),
    "keys not waited for": (9, {"waited_for_keys": False}),
    "hash does not commit": (9, {"committed": False}),
    "unconfirmed": (10, {"confirmations": 2}),
    "not booked": (10, {"booked": 2}),
    "no call at all": (10, {"calls": 0, "booked": 0, "confirmations": 0}),
    "end not told": (11, {"ended_events": 2}),
    "no summary": (11, {"summaries": 2}),
}


def failing(measured: Measured) -> set[int]:
    """Of the rows that are read from calls; the first two read the source."""
    return {number for number, _, _, judge in TABLE[2:] if not judge(measured)[0]}


def spoil(changes: dict[str, object]) -> Measured:
    """The good measurement with one thing wrong, wherever that thing is."""

    def changed(value: object) -> dict[str, object]:
        return {k: v for k, v in changes.items() if hasattr(value, k)}

    marks = replace(MARKS, **changed(MARKS))  # type: ignore[arg-type]
    served = replace(SERVED, marks=marks, **changed(SERVED))  # type: ignore[arg-type]
    typed = replace(TYPED, **({} if changed(SERVED) else changed(TYPED)))  # type: ignore[arg-type]
    return Measured(served, Spoken(marks), typed)


def test_there_are_eleven_rows_in_order() -> None:
    assert [row[0] for row in TABLE] == list(range(1, 12))


def test_what_is_well_gets_a_go() -> None:
    assert failing(GOOD) == set()


@pytest.mark.parametrize(("row", "changes"), SPOILT.values(), ids=SPOILT)
def test_one_thing_wrong_fails_its_row(row: int, changes: dict[str, object]) -> None:
    assert row in failing(spoil(changes))
    assert failing(spoil(changes)) <= {row, 9, 10, 11}


def test_every_row_can_fail() -> None:
    measured = {row for row, _ in SPOILT.values()}

    assert measured == set(range(3, 12))


def test_rows_one_and_two_read_the_source(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "app_factory.py").write_text("def create_app():\n    ...\napp = create_app()\n")
    (tmp_path / "web" / "routes.py").write_text("# fine\napp = create_app(settings)\n")
    (tmp_path / "other.py").write_text("recreate_app()\ncreate_application()\n")

    found = calls_outside("create_app", allowed=("app_factory.py",), package=tmp_path)

    assert found == ["web/routes.py:2"]


@pytest.mark.parametrize(("measured", "code"), [(GOOD, 0), (spoil({"queue_full": 1}), 1)])
def test_the_answer_as_json_and_as_exit_code(
    measured: Measured,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(check, "_measure", lambda _settings, _folder: measured)

    assert check.check(as_json=True) == code
    data = json.loads(capsys.readouterr().out)
    assert data["go"] is (code == 0)
    assert [row["id"] for row in data["rows"]] == list(range(1, 12))
    assert all(row.keys() == {"id", "name", "ok", "value", "bar"} for row in data["rows"])
    assert data["go"] is all(row["ok"] for row in data["rows"])


def test_people_get_a_table_and_the_complaints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = replace(GOOD, spoken=Spoken(MARKS, ("the caller heard nothing",)))
    monkeypatch.setattr(check, "_measure", lambda _settings, _folder: bad)

    assert check.check(as_json=False) == 0
    said = capsys.readouterr().out
    assert "GO" in said
    assert "the caller heard nothing" in said
