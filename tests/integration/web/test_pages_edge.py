"""Health, headers, names, and the one start of a process."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from edge_harness import Edge, running_edge, settings_for

pytestmark = pytest.mark.integration


async def test_the_process_says_that_it_lives_and_how_many_talk(edge: Edge) -> None:
    assert (await edge.http.get("/healthz")).json() == {"ok": True}
    assert (await edge.http.get("/readyz")).json() == {"ready": True, "draining": False}
    assert (await edge.http.get("/health/active-calls")).json() == {"active": 0, "draining": False}
    async with edge.talk("CA1") as phone:
        await phone.echo("1")
        calls = await edge.http.get("/health/active-calls")
        assert calls.json() == {"active": 1, "draining": False}


async def test_every_answer_carries_the_security_headers(edge: Edge) -> None:
    for path in ("/healthz", "/nowhere", "/voice/incoming"):
        headers = (await edge.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "server" not in headers


async def test_without_https_there_is_no_hsts(tmp_path: Path) -> None:
    async with running_edge(
        settings_for(tmp_path, public_base_url="http://127.0.0.1:8080")
    ) as edge:
        assert "strict-transport-security" not in (await edge.http.get("/healthz")).headers


async def test_a_foreign_name_reaches_the_public_paths_only(edge: Edge) -> None:
    expected = {
        ("localhost", "/nowhere"): 404,
        ("127.0.0.1:1234", "/nowhere"): 404,
        ("[::1]:80", "/nowhere"): 404,
        ("evil.example", "/nowhere"): 403,
        ("voice.example.com", "/"): 403,
        ("voice.example.com", "/api/businesses/demo/calls"): 403,
        ("127.0.0.1.evil.example", "/"): 403,
        ("[", "/"): 403,
        ("voice.example.com", "/healthz"): 200,
        ("voice.example.com", "/voice/incoming"): 405,
    }
    answers = {
        (host, path): (await edge.http.get(path, headers={"host": host})).status_code
        for host, path in expected
    }

    assert answers == expected


async def test_with_a_password_any_name_may_ask(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, admin_password_hash="$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"
    )
    async with running_edge(settings) as edge:
        answer = await edge.http.get("/nowhere", headers={"host": "desk.example"})
        assert answer.status_code == 404


async def test_there_is_no_schema_for_strangers(edge: Edge) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await edge.http.get(path)).status_code == 404


async def test_a_process_announces_its_start_once(tmp_path: Path) -> None:
    """Two lifespans in one process: the second is an error in the log, never a second APP_START."""
    script = """
import asyncio, pathlib, sys
from dalpak.app_factory import create_app
from dalpak.logs import configure_logging
from edge_harness import build_edge, settings_for

async def main():
    configure_logging(debug=False, fmt="json")
    for _ in range(2):
        app = create_app(settings_for(pathlib.Path(sys.argv[1])), build=build_edge)
        async with app.router.lifespan_context(app):
            pass

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        str(tmp_path),
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    _, err = await process.communicate()
    events = [json.loads(line) for line in err.decode().splitlines() if line.startswith("{")]

    assert process.returncode == 0, err.decode()
    (start,) = [event for event in events if event["event"] == "APP_START"]
    assert start["build"]
    assert start["ts"].endswith("+00:00")
    assert [event["event"] for event in events] == ["APP_START", "APP_STARTED_AGAIN"]
