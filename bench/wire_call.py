"""One spoken booking the whole way: Twilio's protocol, the server, and the real clients of simulated providers.

`make wire-call` starts the product as a customer does, calls it over a signed webhook and a media socket with a
voice, and prints every turn with its marks and the appointment that is in the database afterwards. Exit code 1
without one.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop
from voiced import Providers
from whole import ADDRESS, PUBLIC, READY_S, TOKEN, free_port, wait_warm

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.clock import SystemClock
from dalpak.domain.records import TenantScope, TurnRecord
from dalpak.language.he.check_lines import WIRE_BOOKING
from dalpak.language.he.demo_salon import PHONE
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.spoken_caller import KEYS
from dalpak.simulator.twilio import PhoneCall, SimulatedTwilio
from dalpak.store.unit_of_work import SqlStore

CLOCK = SystemClock()
FINISHED_MS = 900
ANSWER_S = 20.0
WORD_MS = 200


async def person(call: PhoneCall, lines: Sequence[str] = WIRE_BOOKING) -> list[int]:
    """Says a line, or keys it, whenever the other side has finished. How long it then heard nothing, each time."""
    heard, finished_ms, silences = 0, CLOCK.monotonic_ms(), list[int]()
    for line in (*lines, ""):
        if not await call.answered(heard, ANSWER_S):
            break
        silences.append(max(0, CLOCK.monotonic_ms() - finished_ms))
        await call.quiet(FINISHED_MS)
        heard = call.hearing.voices
        voice = b""
        if line.startswith(KEYS):
            await call.press(line.removeprefix(KEYS).strip())
        elif line:
            voice = coded_voice(line, WORD_MS)
            call.say(voice)
        finished_ms = CLOCK.monotonic_ms() + len(voice) * 1000 // SAMPLE_RATE_HZ
    call.hang_up()
    return silences


def shown(turn: TurnRecord) -> str:
    marks = {
        "partial": turn.stt_first_partial_ms,
        "final": turn.stt_final_ms,
        "ai": turn.ai_latency_ms,
        "tts": turn.tts_ready_ms,
        "total": turn.total_ms,
    }
    told = "  ".join(f"{name} {ms}" for name, ms in marks.items() if ms is not None)
    return f"{turn.number:>3}  {turn.said}\n     -> {turn.heard}\n     {told}"


async def main() -> int:
    async with Providers.running(published=True) as providers:
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name), free_port()
            chosen = providers.settings(folder).model_dump(
                include={
                    "vad_provider", "stt_provider", "tts_provider", "google_project", "openai_model",
                    "google_stt_endpoint", "google_tts_endpoint", "agent_provider", "openai_base_url",
                }
            )  # fmt: skip
            env = {k.upper(): str(v) for k, v in chosen.items()} | {
                "OPENAI_API_KEY": "sk-simulated", "DATA_DIR": name, "PORT": str(port),
                "PUBLIC_BASE_URL": PUBLIC, "TWILIO_AUTH_TOKEN": TOKEN, "LOG_FORMAT": "json",
            }  # fmt: skip
            log = folder / "server.log"
            with log.open("wb") as out:
                server = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "dalpak", "serve"),
                    env={**os.environ, **env}, cwd=name, stdout=out, stderr=out,
                )  # fmt: skip
            try:
                async with asyncio.timeout(READY_S):
                    await asyncio.to_thread(wait_warm, log)
                return await talk(folder, port)
            finally:
                server.terminate()
                await server.wait()


async def talk(folder: Path, port: int) -> int:
    async with SimulatedTwilio(
        server=f"http://{ADDRESS}:{port}",
        public=PUBLIC,
        auth_token=TOKEN,
        called=PHONE,
        clock=CLOCK,
    ) as twilio:
        call = twilio.call()
        async with asyncio.TaskGroup() as group:
            group.create_task(call.run())
            speaking = group.create_task(person(call))
    store = SqlStore.open(f"sqlite+aiosqlite:///{folder / 'dalpak.db'}", CLOCK)
    found = await store.scope_of_call(external_id=call.call_sid)
    assert found is not None, call.error
    record = found[1]
    async with store.reading(TenantScope(record.business_id)) as reading:
        turns = await reading.turns(record.id)
        booked = await reading.appointments(call_id=record.id)
    await store.aclose()
    for turn in turns:
        print(shown(turn))
    for row in booked:
        print(f"booked {row.start.isoformat()}  {row.service_id}  {row.name}")
    heard, longest = call.hearing, max(speaking.result(), default=0)
    print(
        f"greeting {heard.greeting_ms} ms, {heard.pace.underruns} underruns, longest silence {longest} ms"
    )
    return 0 if len(booked) == 1 else 1


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
