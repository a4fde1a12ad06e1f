"""The agent with a model, its real SDK and client, against the simulated server: what tests of it share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from dalpak.agents.openai_agent import OpenAiAgent, Patience
from dalpak.agents.openai_models import UNKNOWN, Capabilities
from dalpak.agents.openai_sdk import Endpoint, OpenAiModel
from dalpak.language.he import HEBREW
from dalpak.simulator.openai_minds import Competent
from dalpak.simulator.openai_server import MODEL, OpenAiServer

APIS = ("responses", "chat")
KEY = "sk-simulated"
SMALL_TALK = "שלום וברוכים הבאים. למתי תרצו לקבוע תור?"
EASY = Patience(first_token_s=20, stall_s=20, answer_s=30)
"""A busy machine fails no test: what is late is tested with a server that never answers."""


def competent() -> Competent:
    return Competent(HEBREW, SMALL_TALK)


@asynccontextmanager
async def model_agent(
    server: OpenAiServer,
    api: str,
    *,
    patience: Patience = EASY,
    caps: Capabilities = UNKNOWN,
    base_url: str = "",
) -> AsyncIterator[OpenAiAgent]:
    at = Endpoint(base_url or server.base_url, KEY, api, MODEL)
    async with httpx2.AsyncClient(timeout=30) as http:
        yield OpenAiAgent(OpenAiModel(at, caps, http), patience)
