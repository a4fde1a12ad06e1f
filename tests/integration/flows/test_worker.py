"""The flows in a process of their own, and the commands for the texts, as an operator runs them."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from flow_office import PATIENCE_S, SALON, SCOPE, Office

pytestmark = pytest.mark.integration


def environment(folder: Path) -> dict[str, str]:
    mine = os.environ  # noqa: TID251 - a child process needs one
    kept = {name: mine[name] for name in ("PATH", "HOME", "LANG") if name in mine}
    return kept | {"DATA_DIR": str(folder), "LOG_FORMAT": "json", "TTS_PROVIDER": "silent"}


async def dalpak(folder: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dalpak",
        *words,
        cwd=folder,
        env=environment(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(folder: Path, *words: str, given: str = "") -> tuple[int | None, str, str]:
    """Exit code, output, complaints."""
    process = await dalpak(folder, *words)
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate(given.encode())
    return process.returncode, out.decode(), err.decode()


async def test_a_worker_runs_what_others_hand_over_and_stops_when_told(
    office: Office, tmp_path: Path
) -> None:
    # This process only hands over, as a server with FLOWS_HERE=false.
    await office.hire().prepare()
    worker = await dalpak(tmp_path, "worker")
    try:
        await office.call()
        await office.end_call()
        (message,) = await office.settled(1)
        assert message.state == "recorded"
        worker.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            assert await worker.wait() == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    assert len(await office.flows("SUCCESS")) == 1


async def test_the_texts_of_a_business(office: Office, tmp_path: Path) -> None:
    code, listed, _ = await run(tmp_path, "templates", "list", SALON.id, "--json")
    assert code == 0
    texts = {text["kind"]: text for text in json.loads(listed)}
    assert texts["reminder"]["own"] is False
    assert "{" not in texts["reminder"]["preview"]

    words = ("templates", "set", SALON.id, "reminder")
    code, out, _ = await run(tmp_path, *words, "-", given="תזכורת: {date} {time}\n")
    assert code == 0
    assert out.startswith("תזכורת: יום")
    code, _, err = await run(tmp_path, *words, "{date} {time} {tme}")
    assert code == 2
    assert "he.reminder" in err
    assert "{tme}" in err
    async with office.store.reading(SCOPE) as r:
        (kept,) = await r.templates()
    assert kept.text == "תזכורת: {date} {time}"


async def test_the_rules_of_writing(office: Office, tmp_path: Path) -> None:
    words = ("templates", "rules", SALON.id)
    changes = {"quiet_shabbat": True, "reminders": [{"hours_before": 2}]}
    code, out, _ = await run(tmp_path, *words, json.dumps(changes))
    assert code == 0
    shown = json.loads(out)
    assert (shown["quiet_shabbat"], shown["reminders"]) == (True, [{"hours_before": 2}])
    assert shown["quiet_hours"] is None, "what was saved before stays"

    code, _, err = await run(tmp_path, *words, '{"reminders": [{"hours_before": 0}]}')
    assert code == 2
    assert "reminders[0].hours_before" in err
    assert (await run(tmp_path, *words, "[]"))[0] == 2
    code, out, _ = await run(tmp_path, *words)
    assert (code, json.loads(out)) == (0, shown)
