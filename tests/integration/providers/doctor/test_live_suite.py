"""`make live` is worth something only if it runs: here the simulators stand where the real services would.

A test of each suite; not of the ears, which take the time that the speech takes.
"""

import asyncio
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from model_on_the_wire import competent
from tests import serving

from dalpak.simulator import azure_server
from dalpak.simulator.azure_server import AzureFault, AzureServer
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.openai_server import OpenAiServer

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[4]
RUN_S = 120
A_FEW = "no_header or books_what_was_agreed"
"""A test of each suite is enough to see that they run."""


async def live(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Exit code and output of the live suites in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-m", "live", "tests/live", "-p", "no:cacheprovider"),
        *arguments,
        env=serving.environment(folder, 8080, environment | {"TWILIO_AUTH_TOKEN": ""}),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(RUN_S):
        out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


def table(output: str) -> dict[str, tuple[int, int]]:
    """Held and failed, by service."""
    rows = re.finditer(r"^((?:tts|agent|stt|doctor) .+?) +(\d+) +(\d+) +\S+", output, re.MULTILINE)
    return {row[1]: (int(row[2]), int(row[3])) for row in rows}


async def test_the_suites_run_and_tell_it_in_a_table(tmp_path: Path) -> None:
    """Two voices and a model keep their contracts, one voice gives no sound."""
    async with AsyncExitStack() as stack:
        google = await stack.enter_async_context(GoogleSimulator())
        azure = await stack.enter_async_context(AzureServer())
        azure.troubles.extend([AzureFault.EMPTY] * 50)
        model = await stack.enter_async_context(OpenAiServer(competent()))
        environment = {
            "TTS_PROVIDER": "google",
            "GOOGLE_TTS_ENDPOINT": google.address,
            "AZURE_TTS_URL": azure.url,
            "AZURE_SPEECH_KEY": azure_server.API_KEY,
            "OPENAI_BASE_URL": model.base_url,
            "LLM_FIRST_TOKEN_MS": "30000",  # a busy machine is no late model
            "LLM_ANSWER_MS": "60000",
        }
        code, output = await live(tmp_path, environment, "-k", A_FEW)

    assert code == 1, output
    assert table(output) == {
        "tts google": (1, 0),
        "tts google_unary": (1, 0),
        "tts azure": (0, 1),
        "agent openai": (1, 0),
    }
    assert len(model.requests) >= 3, "the model was really asked"
