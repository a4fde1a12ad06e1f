"""Whole calls: the real session, desk and SQLite, the real SDK, a model on the wire. Words in, words out."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from model_on_the_wire import APIS, competent
from scraped import samples

from dalpak.agents import agent_factory
from dalpak.call.inputs import CallerHungUp, FinalHeard, Input, KeyPressed
from dalpak.cli.terminal import TerminalLine
from dalpak.config import Settings
from dalpak.domain.records import Appointment, AppointmentStatus, CallRecord, TenantScope
from dalpak.extensions import Extensions, build_extensions
from dalpak.language.he import HEBREW
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.openai_server import Fault, OpenAiServer
from dalpak.web.metrics import answer_for

pytestmark = pytest.mark.integration

LISTENS = ("listening", "waiting_for_dtmf")
WAIT_STEPS = 3_000


@pytest.fixture(autouse=True)
def own_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_factory, "OPS_AGENT", None)
    monkeypatch.setattr(agent_factory, "BUILDS", 0)


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with OpenAiServer(competent()) as opened:
        yield opened


def settings(folder: Path, server: OpenAiServer, api: str, **more: object) -> Settings:
    """A busy machine must not fail a test: the model may take its time, the call waits for it."""
    values: dict[str, object] = {
        "data_dir": folder,
        "flows_enabled": False,
        "tts_provider": "silent",
        "agent_provider": "openai",
        "openai_api_key": "sk-simulated",
        "openai_base_url": server.base_url,
        "openai_api": api,
        "openai_model": "simulated-model",
        "llm_first_token_ms": 20_000,
        "reply_timeout_ms": 30_000,
        **more,
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


class Conversation:
    """A typed call: words to the session, and what it says back."""

    def __init__(self, extensions: Extensions, record: CallRecord) -> None:
        self.clock = extensions.clock
        self.texts: list[str] = []
        line = TerminalLine(self._show)
        self.session = extensions.calls.open(record, line, text_only=True)
        line.hear = self.session.hear
        self._supervisor = Supervisor("test")
        self._supervisor.spawn(self.session.run(), name="call")

    def _show(self, kind: str, data: dict[str, object]) -> None:
        if kind == "agent":
            self.texts.append(str(data["text"]))

    async def does(self, *inputs: Input) -> list[str]:
        before = len(self.texts)
        for what in inputs:
            self.session.hear(what)
        for _ in range(WAIT_STEPS):
            await self.clock.sleep(0.01)
            answered = len(self.texts) > before and self.session.phase in LISTENS
            if answered or self.session.is_over:
                break
        return self.texts[before:]

    async def hang_up(self) -> None:
        self.session.hear(CallerHungUp())
        for _ in range(WAIT_STEPS):
            if not self._supervisor.running:
                return
            await self.clock.sleep(0.01)


async def converse(extensions: Extensions, *lines: str | Input) -> tuple[CallRecord, list[str]]:
    business = extensions.demo
    assert business is not None
    now = extensions.clock.now()
    record = CallRecord(
        extensions.clock.new_id("call_"),
        business.id,
        "terminal",
        extensions.clock.new_id(),
        "",
        None,
        None,
        now,
        now,
    )
    async with extensions.store.writing(TenantScope(business.id)) as tx:
        record = await tx.open_call(record)
    call = Conversation(extensions, record)
    await call.does()
    for line in lines:
        if isinstance(line, str) and line.isdecimal():
            await call.does(*(KeyPressed(key) for key in f"{line}#"))
        elif isinstance(line, str):
            await call.does(FinalHeard(line))
        else:
            await call.does(line)
    await call.hang_up()
    return record, call.texts


def a_free_hour(extensions: Extensions) -> tuple[str, datetime]:
    """A day on which the salon is open, far enough ahead, in words the callers use."""
    assert extensions.demo is not None
    now = extensions.clock.now()
    day = now + timedelta(days=1)
    while day.weekday() in {4, 5}:
        day += timedelta(days=1)
    return HEBREW.speech.day(day.date(), now.date()).text, day


async def appointments(extensions: Extensions, record: CallRecord) -> list[Appointment]:
    async with extensions.store.reading(TenantScope(record.business_id)) as reading:
        return [a for a in await reading.appointments() if a.call_id == record.id]


@pytest.mark.parametrize("api", APIS)
async def test_a_call_books_in_the_database_and_leaves_its_traces(
    tmp_path: Path, server: OpenAiServer, api: str
) -> None:
    async with build_extensions(settings(tmp_path, server, api), serving=False) as extensions:
        assert agent_factory.OPS_AGENT is not None
        assert agent_factory.OPS_AGENT.name == "openai+builtin"
        day, _ = a_free_hour(extensions)
        record, texts = await converse(
            extensions, "שלום", f"אני רוצה תור ב{day} בשעה אחת עשרה", "דנה כהן", "0523456789", "כן"
        )
        (row,) = await appointments(extensions, record)
        assert (row.status, row.name, row.phone) == (
            AppointmentStatus.BOOKED,
            "דנה כהן",
            "+972523456789",
        ), texts
        async with extensions.store.reading(TenantScope(record.business_id)) as reading:
            traces = [t.tool for t in await reading.traces(record.id)]
        assert traces.count("calendar.create_appointment") == 1
        assert agent_factory.BUILDS == 1
        told = samples(answer_for(extensions, tasks=0).decode())
        assert not any("provider_" in name for name, _ in told)
    assert server.connections == 1, "one connection for the whole call"
    assert agent_factory.OPS_AGENT is None, "what it was lent is closed"


async def test_a_call_whose_model_dies_is_booked_by_the_builtin_agent(
    tmp_path: Path, server: OpenAiServer
) -> None:
    async with build_extensions(
        settings(tmp_path, server, "responses"), serving=False
    ) as extensions:
        day, _ = a_free_hour(extensions)
        server.faults = [None, None]
        server.always = Fault.HTTP_500
        record, texts = await converse(
            extensions, "שלום", f"תור ב{day} בשעה אחת עשרה", "דנה כהן", "0523456789", "כן"
        )
        rows = await appointments(extensions, record)
        assert [r.status for r in rows] == [AppointmentStatus.BOOKED], texts
        told = samples(answer_for(extensions, tasks=0).decode())
        # A turn is replaced whether the model failed in it or was spared.
        assert told["dalpak_provider_failures_total", ("llm", "server_error")] >= 1
        assert told["dalpak_provider_replacements_total", ("llm",)] >= 1
        assert not any(labels[:1] == ("agent",) for _, labels in told), "no caller noticed"


async def test_without_its_key_the_process_starts_and_answers(
    tmp_path: Path, server: OpenAiServer
) -> None:
    asked = settings(
        tmp_path,
        server,
        "responses",
        openai_api_key="",
        openai_base_url="https://api.openai.com/v1",
    )
    async with build_extensions(asked, serving=False) as extensions:
        _, texts = await converse(extensions, "שלום")
        assert len(texts) >= 2
    assert server.requests == []
