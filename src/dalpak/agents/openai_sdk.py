"""The only file that knows the OpenAI Agents SDK: one agent built once, one model call per run, its faults as ours.

The SDK's tools do nothing: which tool the model calls is read from the stream, and code carries it out. The SDK is
imported by `OpenAiModel` itself, so that who never chose it never loads it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dalpak.agents.openai_models import OUTPUT_TOKENS_MAX, TEMPERATURE, Capabilities
from dalpak.agents.openai_prompt import Message
from dalpak.agents.openai_tools import model_tools
from dalpak.errors import ProviderError
from dalpak.logs import get_logger

LEFT_OVER_S = 0.25
"""For what a model still sends behind its last useful token; usually nothing but the end of the stream."""
CLOSE_S = 1.0
"""How long a cancelled run may take to let go of its connection."""
CONFIGS_MAX = 100
"""Keys of the prompt cache whose settings are kept: one for every business and language."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is, and how it is spoken to."""

    base_url: str
    api_key: str
    api: str
    """`responses` or `chat`."""
    model: str


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of plain text, outside any tool."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolBegun:
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentPiece:
    text: str


@dataclass(frozen=True, slots=True)
class ToolWritten:
    """A whole tool call; the arguments as the model wrote them."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The model, or its provider's filter, will not answer."""


@dataclass(frozen=True, slots=True)
class CutShort:
    """The answer ran into its limit of tokens."""


Heard = Words | ToolBegun | ArgumentPiece | ToolWritten | Refused | CutShort


class OpenAiModel:
    """`http` is an `httpx2.AsyncClient`: the process's own, shared by every call."""

    def __init__(self, endpoint: Endpoint, caps: Capabilities, http: Any) -> None:
        import agents
        import openai

        agents.set_tracing_disabled(True)
        # Faults come to us as exceptions and are told once, without what was sent.
        logging.getLogger("openai.agents").setLevel(logging.CRITICAL)
        self._sdk: Any = agents
        self._openai: Any = openai
        self.endpoint, self._http = endpoint, http
        self._faults: tuple[type[BaseException], ...] = (
            openai.OpenAIError,
            agents.AgentsException,
            # What a library says of garbage on the wire: its parsers raise whatever comes to them.
            *(ValueError, TypeError, LookupError, AttributeError, AssertionError, RuntimeError),
            *(OSError, EOFError),
            *_http_faults(),
        )
        self._log = get_logger(__name__)
        self.caps = caps
        self._configs: dict[str, Any] = {}
        self._agent = self._built()

    def _built(self) -> Any:
        from dalpak.agents.openai_client import DirectClient

        sdk, at = self._sdk, self.endpoint
        client = DirectClient(
            api_key=at.api_key or "none",
            base_url=at.base_url,
            max_retries=0,
            http_client=self._http,
        )
        kind = sdk.OpenAIResponsesModel if at.api == "responses" else sdk.OpenAIChatCompletionsModel
        tools = [_inert(sdk, tool, strict=self.caps.strict) for tool in model_tools()]
        return sdk.Agent(
            name="receptionist",
            instructions=_instructions,
            model=kind(model=at.model, openai_client=client),
            tools=tools,
            tool_use_behavior=sdk.StopAtTools(stop_at_tool_names=[t.name for t in tools]),
            reset_tool_choice=False,
        )

    def _settings(self, key: str) -> Any:
        caps, chat = self.caps, self.endpoint.api == "chat"
        extra: dict[str, Any] = {"prompt_cache_key": key} if caps.cache_key else {}
        by_other_name = chat and caps.completion_tokens
        if by_other_name:
            extra["max_completion_tokens"] = OUTPUT_TOKENS_MAX
        reasoning = None
        if caps.effort is not None:
            from openai.types.shared import Reasoning

            reasoning = Reasoning(effort=caps.effort)  # type: ignore[arg-type]
        return self._sdk.ModelSettings(
            tool_choice="required",
            temperature=TEMPERATURE if caps.temperature else None,
            max_tokens=None if by_other_name else OUTPUT_TOKENS_MAX,
            parallel_tool_calls=False if caps.parallel_flag else None,
            reasoning=reasoning,
            verbosity="low" if caps.verbosity else None,
            store=False if caps.cache_key else None,
            extra_args=extra or None,
        )

    def _config(self, key: str) -> Any:
        """The run's; made once per key, as making one costs more than most of the run. A run reads it and no more."""
        config = self._configs.get(key)
        if config is None:
            if len(self._configs) >= CONFIGS_MAX:
                self._configs.clear()
            config = self._configs[key] = self._sdk.RunConfig(
                tracing_disabled=True,
                trace_include_sensitive_data=False,
                model_settings=self._settings(key),
            )
        return config

    def ask(self, instructions: str, messages: Sequence[Message], key: str) -> "Run":
        """Begin one model call."""
        result = self._sdk.Runner.run_streamed(
            self._agent,
            list(messages),
            context=instructions,
            max_turns=1,
            run_config=self._config(key),
        )
        return Run(result, self)

    def fault_of(self, fault: BaseException) -> ProviderError:
        """An SDK's exception as one of ours; its text may hold what was sent, so it is not kept."""
        kinds, what = self._openai, type(fault).__name__
        match fault:
            case kinds.APITimeoutError() | TimeoutError():
                return ProviderError("timeout", what)
            case kinds.APIConnectionError() | OSError():
                return ProviderError("unreachable", what)
            case kinds.AuthenticationError() | kinds.PermissionDeniedError():
                return ProviderError("auth_failed", what, retryable=False)
            case kinds.RateLimitError():
                return ProviderError("rate_limited", what, retryable=False)
            case kinds.NotFoundError():
                return ProviderError("model_not_found", what, retryable=False)
            case kinds.APIStatusError(status_code=status) if status >= 500:
                return ProviderError("server_error", str(status))
            case kinds.APIStatusError(status_code=status):
                return ProviderError("bad_request", str(status), retryable=False)
        if isinstance(fault, _http_faults()):
            return ProviderError("connection_lost", what)
        return ProviderError("garbage", what, retryable=False)

    def drop_refused_parameter(self, fault: BaseException) -> bool:
        """A server that does not take a parameter is asked without it from now on."""
        if not isinstance(fault, self._openai.BadRequestError):
            return False
        parameter = str(fault.param or "")
        less = self.caps.without(parameter)
        if less is None:
            return False
        self._log.warning("MODEL_PARAMETER_DROPPED", parameter=parameter, model=self.endpoint.model)
        self.caps = less
        self._configs.clear()
        self._agent = self._built()
        return True

    @property
    def faults(self) -> tuple[type[BaseException], ...]:
        return self._faults


class Run:
    """One model call that is going on. It must be closed, whatever came of it."""

    def __init__(self, result: Any, model: OpenAiModel) -> None:
        self._result, self._model = result, model
        self._events = result.stream_events()

    async def hear(self) -> Heard | None:
        """The next of what the model writes; None at its end. ProviderError; "parameter_dropped" when asking again
        may help.
        """
        try:
            while (event := await anext(self._events, None)) is not None:
                heard = _heard(event.data) if event.type == "raw_response_event" else None
                if heard is not None:
                    return heard
        except self._model.faults as fault:
            if self._model.drop_refused_parameter(fault):
                raise ProviderError("parameter_dropped") from None
            raise self._model.fault_of(fault) from None
        return None

    async def close(self, *, gently: bool) -> None:
        """Gently: what is left of the answer is read, so that the connection is there for the next turn. Else, and
        when that takes too long, the connection is closed with it.
        """
        if gently:
            try:
                async with asyncio.timeout(LEFT_OVER_S):
                    while await self.hear() is not None:
                        continue
            except (TimeoutError, ProviderError):
                pass
        task = self._result.run_loop_task
        if task is not None and not task.done():
            self._result.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
        try:
            # The SDK waits here for its run, which is over, and tells once more how it ended.
            async with asyncio.timeout(CLOSE_S):
                await self._events.aclose()
        except TimeoutError:
            return
        except self._model.faults:
            return


def _heard(data: Any) -> Heard | None:
    kind = getattr(data, "type", "")
    if kind == "response.output_text.delta":
        return Words(str(data.delta))
    if kind == "response.function_call_arguments.delta":
        return ArgumentPiece(str(data.delta))
    if kind in {"response.refusal.delta", "response.refusal.done"}:
        return Refused()
    if kind == "response.incomplete":
        return CutShort()
    item = getattr(data, "item", None)
    if item is None or item.type != "function_call":
        return None
    if kind == "response.output_item.added":
        return ToolBegun(str(item.name))
    if kind == "response.output_item.done":
        return ToolWritten(str(item.name), str(item.arguments))
    return None


async def _nothing(_context: Any, _arguments: str) -> str:
    return ""


def _inert(sdk: Any, tool: Any, *, strict: bool) -> Any:
    return sdk.FunctionTool(
        name=tool.name,
        description=tool.about,
        params_json_schema=tool.schema,
        on_invoke_tool=_nothing,
        strict_json_schema=strict,
    )


def _instructions(context: Any, _agent: Any) -> str:
    return str(context.context)


def _http_faults() -> tuple[type[BaseException], ...]:
    import httpx2

    return (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
