"""The agent with a model, put together from the settings. Imported only by those who chose it."""

from typing import Any

from dalpak.agents.openai_agent import OpenAiAgent, Patience, Retries
from dalpak.agents.openai_models import capabilities
from dalpak.agents.openai_sdk import Endpoint, OpenAiModel
from dalpak.config import Settings


def build_openai_agent(
    settings: Settings, key: str, http: Any, retries: Retries | None = None
) -> OpenAiAgent:
    """`http` is the process's `httpx2.AsyncClient`. ImportError where the extra `openai` is not installed."""
    at = Endpoint(settings.openai_base_url, key, settings.openai_api, settings.openai_model)
    patience = Patience(
        first_token_s=settings.llm_first_token_ms / 1000,
        stall_s=settings.llm_stall_ms / 1000,
        answer_s=settings.llm_answer_ms / 1000,
    )
    return OpenAiAgent(OpenAiModel(at, capabilities(at.model), http), patience, retries)
