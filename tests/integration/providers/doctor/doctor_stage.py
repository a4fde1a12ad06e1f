"""Providers' HTTP sides for the doctor, told answer by answer, and the doctor's own way of looking."""

import asyncio
import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.services.checks.finding import Finding, Installation, Look
from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply

SECRET = "s3cret-that-nobody-may-read"
NUMBER = "+97233334444"


class Told(ProviderHttp):
    """Answers what it was told for a path; 404 else. `key`: the authorization that it wants."""

    def __init__(self, key: str = "", **answers: Reply) -> None:
        super().__init__()
        self.key = key
        self.answers: dict[str, Reply] = {f"/{path}": reply for path, reply in answers.items()}
        self.mute = False

    async def answer(self, asked: Asked) -> Reply:
        if self.mute:
            await self._closing.wait()
        if self.key and asked.headers.get("authorization") != self.key:
            return Reply(401, {"error": {"code": "invalid_api_key", "message": f"wrong: {SECRET}"}})
        return self.answers.get(asked.path, Reply(404, {}))

    def api_fault(self) -> Reply:
        return Reply(500, {})


class QuickClock(SystemClock):
    """Real time, except that nobody waits for speech to be spoken."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # noqa: TID251 - a clock


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def settings_with(folder: Path, **changes: Any) -> Settings:
    return Settings(**{"_env_file": None, "data_dir": folder, "seed_demo": False} | changes)


async def look(
    check: Look, settings: Settings, *, numbers: Sequence[str] = (NUMBER,)
) -> list[Finding]:
    """What a check finds; that no line of it tells a secret is asked every time."""

    async def known() -> Sequence[str]:
        return numbers

    found = list(await check(Installation(settings, QuickClock(), known)))
    told = repr(found)
    assert SECRET not in told
    assert all(finding.remedy for finding in found if finding.state != "ok")
    return found


def states(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.name: str(finding.state) for finding in findings}
