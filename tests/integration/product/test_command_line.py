"""Commands as a person or a script uses them: what they print, and their exit codes."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from product_stage import CALL_S, FAST_VOICE, Stage, played, with_own_server
from tests import serving
from typer.testing import CliRunner

from dalpak.cli.app import app

pytestmark = pytest.mark.integration

NOW = "2026-11-24T10:00:00+02:00"
SPOKEN = """\
// a comment, and an empty line

אני רוצה לקבוע תספורת גברים מחר בעשר בבוקר
קוראים לי דנה כהן
> 0559012345#
כן
לא תודה
"""
LATENCY_ROWS = {4, 5, 6}
KEYED = "> 2\n> 1\n> 0559012345#\n> 1\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: no settings but these, and nothing in its data folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "HOST", "DATABASE_URL", "PUBLIC_BASE_URL", "MESSENGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TTS_PROVIDER", "silent")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "")
    # As `main` does for commands: what is logged is no output.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    yield tmp_path
    structlog.reset_defaults()


def dalpak(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output (with the complaint of a failing command)."""
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout or result.output


def dalpak_json(*arguments: str) -> Any:
    code, out = dalpak(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def script(home: Path, text: str) -> str:
    (home / "script.txt").write_text(text, encoding="utf-8")
    return str(home / "script.txt")


# -- call --------------------------------------------------------------------------------------


def test_a_spoken_script_books_and_says_how(home: Path) -> None:
    result = dalpak_json("call", "--script", script(home, SPOKEN), "--now", NOW)

    assert [a["start"] for a in result["appointments"]] == ["2026-11-25T10:00:00+02:00"]
    assert result["appointments"][0]["phone"] == "+972559012345"
    assert (result["ended"], result["faults"]) == ("agent", 0)
    assert {line["who"] for line in result["transcript"]} == {"agent", "caller"}
    assert "0559012345" not in json.dumps(result["transcript"]), "a keyed number is masked"
    assert "waiting_for_dtmf" in result["phases"]
    booked = [t for t in result["tools"] if t["tool"] == "calendar.create_appointment"]
    assert [t["ok"] for t in booked] == [True]


def test_the_same_script_at_the_same_time_gives_the_same_call(home: Path) -> None:
    keyed = ("call", "--keypad", "--script", script(home, KEYED), "--now", NOW)

    assert dalpak_json(*keyed) == dalpak_json(*keyed)


def test_scripts_that_share_a_database_do_not_get_the_same_slot(home: Path) -> None:
    database = str(home / "shared.db")
    keyed = ("call", "--keypad", "--script", script(home, KEYED), "--db", database)
    booked = [dalpak_json(*keyed, "--now", f"2026-11-24T10:0{n}:00+02:00") for n in range(3)]
    slots = [(a["start"], a["resource_id"]) for call in booked for a in call["appointments"]]

    assert len(slots) == len(set(slots)) == 3


def test_a_script_is_shown_to_people_as_a_conversation(home: Path) -> None:
    code, out = dalpak("call", "--script", script(home, SPOKEN), "--now", NOW)

    assert code == 0
    assert "booked 2026-11-25T10:00:00+02:00" in out
    assert "caller" in out


def test_what_a_call_changed_is_shown_to_people(home: Path) -> None:
    database, caller = str(home / "salon.db"), ("--caller", "+972559012345")
    book = "תספורת מחר בעשר\nנועה כהן\n0559012345\nכן\nלא תודה\n"
    cancel = "אני רוצה לבטל את התור שלי\nכן\nלא תודה\n"
    for text, shown in ((book, "booked 2026-"), (cancel, "cancelled an appointment")):
        said = ("call", "--script", script(home, text), "--now", NOW, "--db", database, *caller)
        code, out = dalpak(*said)
        assert code == 0
        assert shown in out
        assert "nothing was booked" not in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["call", "--now", NOW], "--now"),
        (["call", "--script", "nowhere.txt"], "--script"),
        (["call", "--script", "script.txt", "--now", "tomorrow"], "--now"),
        (["call", "--script", "script.txt", "--now", "2026-11-24T10:00:00"], "--now"),
        (["call", "--script", "script.txt", "--business", "nobody"], "--business"),
        (["replay", "nowhere.jsonl"], "FILE"),
        (["replay", "script.txt"], "FILE"),
        (["calls"], "no database yet"),
        (["outbox"], "no database yet"),
        (["calls", "show", "x"], "no database yet"),
        (["simulate"], "TWILIO_AUTH_TOKEN"),
        (["simulate", "--url", "https://voice.example.com"], "--url"),
        (["simulate", "--url", "http://192.0.2.1:8080"], "--url"),
    ],
    ids=lambda value: str(value),
)
def test_bad_input_is_named(home: Path, arguments: list[str], named: str) -> None:
    script(home, KEYED)
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert named in result.output
    assert "Traceback" not in result.output


def test_simulated_callers_never_reach_a_real_messenger(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSENGER", "whatsapp_cloud")
    code, out = dalpak("simulate")

    assert code == 2
    assert "MESSENGER" in out


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("PUBLIC_BASE_URL", "voice"), ("HOST", "0.0.0.0")]
)
def test_a_wrong_setting_is_named_in_one_line(home: Path, name: str, value: str) -> None:
    environment = serving.environment(home / "data", 8080) | {name: value}
    done = subprocess.run(
        [sys.executable, "-m", "dalpak", "doctor"],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert (name if name != "HOST" else "ADMIN_PASSWORD_HASH") in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


# -- looking back --------------------------------------------------------------------------------


def test_calls_are_listed_shown_and_replayed(home: Path) -> None:
    database = str(home / "kept.db")
    made = dalpak_json("call", "--script", script(home, SPOKEN), "--now", NOW, "--db", database)
    call_id = made["call_id"]

    (listed,) = dalpak_json("calls", "--db", database)
    assert (listed["id"], listed["end_reason"]) == (call_id, "agent")
    shown = dalpak_json("calls", "show", call_id[:12], "--db", database)
    assert shown["call"] == listed
    assert len(shown["turns"]) == made["turns"]
    assert [t["tool"] for t in shown["tools"]] == [t["tool"] for t in made["tools"]]
    assert [a["id"] for a in shown["appointments"]] == [a["id"] for a in made["appointments"]]
    assert {e["type"] for e in shown["events"]} == {"appointment.created", "call.ended"}
    assert dalpak_json("outbox", "--db", database) == []
    for command in (["calls"], ["calls", "show", call_id], ["outbox"]):
        assert dalpak(*command, "--db", database)[0] == 0


def test_an_unknown_call_is_said_to_be_unknown(home: Path) -> None:
    database = str(home / "kept.db")
    dalpak_json("call", "--keypad", "--script", script(home, KEYED), "--now", NOW, "--db", database)

    code, out = dalpak("calls", "show", "call_nothing", "--db", database)
    assert code == 2
    assert "CALL_ID" in out


def test_a_journal_replays_the_same_and_an_altered_one_does_not(home: Path) -> None:
    dalpak_json("call", "--keypad", "--script", script(home, KEYED), "--now", NOW)
    (journal,) = (home / "data" / "journal").glob("*.jsonl")

    replayed = dalpak_json("replay", str(journal))
    assert replayed["same"] is True
    assert replayed["steps"] > 20

    lines = journal.read_text(encoding="utf-8").splitlines()
    pressed = next(n for n, line in enumerate(lines) if '"KeyPressed"' in line)
    (home / "altered.jsonl").write_text("\n".join(lines[:pressed] + lines[pressed + 1 :]))
    code, out = dalpak("replay", str(home / "altered.jsonl"), "--json")
    assert code == 1
    assert json.loads(out)["differences"]


def test_the_doctor_tells_what_is_missing(home: Path) -> None:
    found = {finding["name"]: finding for finding in dalpak_json("doctor")}

    assert found["database"]["state"] == "warning"
    assert found["sqlite"]["state"] == "ok"
    assert all(f["remedy"] for f in found.values() if f["state"] != "ok")
    dalpak_json(
        "call", "--keypad", "--script", script(home, KEYED), "--db", str(home / "data/dalpak.db")
    )
    found = {finding["name"]: finding for finding in dalpak_json("doctor")}
    assert found["database"]["state"] == "ok"


# -- simulate ------------------------------------------------------------------------------------


@with_own_server(TWILIO_AUTH_TOKEN="", PUBLIC_BASE_URL="http://127.0.0.1:8080")
async def two_commands(stage: Stage) -> tuple[int, dict[str, Any], str]:
    """`make run` and `dalpak simulate`, with no token set anywhere."""
    server = stage.own[two_commands]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dalpak", "simulate", "--calls", "2", "--json"),
        env=server.env,
        cwd=server.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(CALL_S):
        out, complaint = await process.communicate()
    assert process.returncode is not None
    assert out, complaint.decode()
    return process.returncode, json.loads(out), server.text()


@played(two_commands)
def test_two_plain_commands_are_enough_to_see_calls_booked(outcome: Any) -> None:
    code, summary, _ = outcome

    assert code == 0
    assert (summary["calls"], summary["booked"], summary["confirmed"]) == (2, 2, 2)
    assert (summary["failed"], summary["errors"]) == (0, [])
    assert summary["frames"] > 500


@played(two_commands)
def test_the_server_says_who_can_call_it(outcome: Any) -> None:
    assert "only `dalpak simulate` on this machine can call" in outcome[2]


# -- check ---------------------------------------------------------------------------------------


def test_the_check_says_go(tmp_path: Path) -> None:
    """Three of its rows are latencies: on a machine that does something else they prove nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "dalpak", "check", "--json"],
        env=serving.environment(tmp_path / "data", serving.free_port(), FAST_VOICE),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=CALL_S,
        check=False,
    )
    data = json.loads(done.stdout)
    wrong = [row for row in data["rows"] if not row["ok"]]

    assert [row for row in wrong if row["id"] not in LATENCY_ROWS] == []
    assert [row["id"] for row in data["rows"]] == list(range(1, 12))
    assert [row for row in data["rows"] if "not measured" in row["value"]] == []
    assert (data["go"], done.returncode) == ((True, 0) if not wrong else (False, 1))
    assert not (tmp_path / "data" / "dalpak.db").exists(), "it keeps off the operator's data"
