"""The providers of `whole.py`, in one process: speech and voice over gRPC, a model over SSE, at fixed latencies.

The latencies are those of the peers' measurements (docs/performance.md), constant, so that what varies is the
server's. Whatever a caller says is one sentence, and the model answers with two. Writes the settings with which
a server finds it, and FLOOR_MS: what the providers alone take between the caller's last word and the first sound.
"""

import argparse
import asyncio
import json
from pathlib import Path

import uvloop

from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.latency import Latency
from dalpak.simulator.openai_server import OpenAiServer, Pace
from dalpak.simulator.openai_wire import Answer, Call, Request, answer
from dalpak.simulator.recogniser import Script

STT_FINAL_MS = 100
MODEL_FIRST_MS = 300
MODEL_TOKEN_MS = 10
TTS_FIRST_MS = 150
CALLER = "I would like to come on Tuesday after four if there is anything free".split()
FIRST = "Let me have a look at the calendar for you."
REST = (
    " There may be something on Tuesday, and we are open until seven in the evening on most days."
)


class EverySound(Script):
    """Whoever speaks says the same."""

    def words(self, sound: bytes) -> list[str]:
        del sound
        return list(CALLER)


def mind(request: Request) -> Answer:
    del request
    return answer(Call("say", {"text": FIRST + REST, "asks": "when"}))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, required=True, help="written when all is up")
    asked = parser.parse_args()
    google = GoogleSimulator(script=EverySound())
    google.speech.final_latency = Latency(STT_FINAL_MS, STT_FINAL_MS)
    google.tts.streaming_latency = Latency(TTS_FIRST_MS, TTS_FIRST_MS)
    pace = Pace(MODEL_FIRST_MS, MODEL_FIRST_MS, MODEL_TOKEN_MS, MODEL_TOKEN_MS)
    async with google, OpenAiServer(mind, pace=pace) as model:
        model.keep_requests = False
        words = len(FIRST.split())
        settings = {
            "STT_PROVIDER": "google",
            "GOOGLE_STT_ENDPOINT": google.address,
            "GOOGLE_PROJECT": "bench",
            "TTS_PROVIDER": "google",
            "GOOGLE_TTS_ENDPOINT": google.address,
            "AGENT_PROVIDER": "openai",
            "OPENAI_BASE_URL": model.base_url,
            "FLOOR_MS": str(STT_FINAL_MS + MODEL_FIRST_MS + words * MODEL_TOKEN_MS + TTS_FIRST_MS),
        }
        written = asked.settings.with_suffix(".new")
        await asyncio.to_thread(written.write_text, json.dumps(settings))
        await asyncio.to_thread(written.rename, asked.settings)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
