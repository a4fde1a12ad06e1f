"""The composition root: every heavy client, built once at startup, closed once at the end (SPEC A4).

The only module that knows every adapter. A part that fails to start is logged and replaced by what works without
it; it never takes the process down. Nothing here is imported by what it builds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dalpak.agents.agent_factory import Outside, get_ops_agent, release_ops_agent, warm_up
from dalpak.call.limits import Limits
from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings
from dalpak.domain.records import Business, Resource, Service, TenantScope
from dalpak.errors import ProviderError
from dalpak.language.base import Language, Spoken
from dalpak.language.registry import language
from dalpak.logs import get_logger
from dalpak.ports.agent import Agent
from dalpak.ports.stt import SpeechToText
from dalpak.ports.tts import TextToSpeech
from dalpak.runtime.calls import Calls, Kit
from dalpak.runtime.drain import Drain
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.tallies import Tallies
from dalpak.services import registry
from dalpak.services.resilience import CircuitBreaker, RetryBudget
from dalpak.services.tts.bank import PromptBank
from dalpak.store.demo import seed_demo
from dalpak.store.engines import acquire_process_lock, sqlite_path
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.desk import desk_factory
from dalpak.tools.registry import TOOLS

if TYPE_CHECKING:
    from dalpak.flows.engine import DurableEngine
    from dalpak.services.llm.openai_http import OpenAiHttp
    from dalpak.services.whatsapp.sidecar import Sidecar

BUSINESSES_WARMED = 50
"""Names of more are rendered when they are first said."""
WARM_EVERY_S = 450.0
"""SPEC F1: the voice provider is pinged every 7-8 minutes, or its connection goes cold."""


@dataclass(slots=True)
class Extensions:
    """What routes, commands and tests take; one per process."""

    settings: Settings
    clock: Clock
    log: Any
    store: SqlStore
    calls: Calls
    drain: Drain
    bank: PromptBank
    flows: "DurableEngine | None"
    language_of: Callable[[str], Language]
    demo: Business | None = None
    """The demo business, if this start created it."""
    sidecar: "Sidecar | None" = None
    """Where a linked device is the messenger: asked by the page that links it."""


def limits_of(settings: Settings) -> Limits:
    """The core's limits in its own units."""
    return Limits(
        lead_ms=settings.playout_lead_ms,
        buffer_ms=round(settings.playout_buffer_s * 1000),
        hangover_ms=settings.vad_hangover_ms,
        min_utterance_ms=round(settings.min_utt_sec * 1000),
        stt_timeout_ms=settings.stt_timeout_ms,
        commit_pause_ms=settings.commit_pause_ms,
        filler_ms=settings.filler_after_ms,
        reply_timeout_ms=settings.reply_timeout_ms,
        audio_timeout_ms=settings.tts_timeout_ms,
        idle_prompt_ms=settings.idle_prompt_ms,
        idle_goodbye_ms=settings.idle_goodbye_ms,
        max_call_ms=round(settings.max_call_s * 1000),
        warning_ms=round(settings.max_call_warning_s * 1000),
    )


@asynccontextmanager
async def build_extensions(
    settings: Settings,
    *,
    clock: Clock | None = None,
    serving: bool = True,
    stt: SpeechToText | None = None,
    voice: TextToSpeech | None = None,
) -> AsyncIterator[Extensions]:
    """Build everything, yield it, close everything.

    `serving` False is for commands: no process lock, no flow runner of its own, no warm-up. `stt` and `voice`
    replace the configured providers (simulations).
    """
    clock = clock or SystemClock()
    log = get_logger("dalpak")
    async with AsyncExitStack() as stack:
        store, flows, demo = await _database(settings, clock, stack, log, serving=serving)
        supervisor = Supervisor("extensions")
        tallies = Tallies(TOOLS)
        bank = PromptBank(
            voice or registry.text_to_speech(settings, tallies),
            folder=settings.prompt_cache_dir or settings.data_dir / "prompts",
            clock=clock,
        )
        stack.push_async_callback(bank.aclose)
        ears = stt or registry.speech_to_text(settings, tallies)
        if ears is not None:
            stack.push_async_callback(ears.aclose)
        detectors = registry.voice_activity_detectors(settings)
        stack.callback(detectors.close)
        agent = _mind(settings, clock, stack, tallies, supervisor if serving else None)
        senders = flows.messengers if flows is not None else ()
        extensions = Extensions(
            settings=settings,
            clock=clock,
            log=log,
            store=store,
            calls=_calls(settings, clock, store, bank, ears, agent, detectors, senders, tallies),
            drain=Drain(clock, settings.drain_deadline_s),
            bank=bank,
            flows=flows,
            language_of=language,
            demo=demo,
        )
        if serving:
            extensions.sidecar = registry.sidecar(settings)
            if extensions.sidecar is not None:
                stack.push_async_callback(extensions.sidecar.aclose)
            supervisor.spawn(extensions.calls.lag.watch(), name="loop_lag")
            supervisor.spawn(_keep_warm(store, bank, clock), name="warmup")
            if ears is not None:
                supervisor.spawn(_keep_ears_warm(ears, clock), name="warmup.ears")
            if settings.flows_here:
                await start_flows(flows, stack, log)
        stack.push_async_callback(supervisor.aclose)
        yield extensions


async def _database(
    settings: Settings, clock: Clock, stack: AsyncExitStack, log: Any, *, serving: bool
) -> tuple[SqlStore, "DurableEngine | None", Business | None]:
    """Migrated, with its flows, and with the demo business where it was empty."""
    if serving and (path := sqlite_path(settings.db_url)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        stack.callback(acquire_process_lock(path).release)
    if settings.run_migrations_on_start:
        with clock.real_work():
            await asyncio.to_thread(migrate, settings.db_url)
    flows = await flow_engine(settings, clock, log)
    store = SqlStore.open(settings.db_url, clock, flows.on_event if flows else None)
    stack.push_async_callback(store.aclose)
    demo = await seed_demo(store) if settings.seed_demo else None
    return store, flows, demo


def _mind(
    settings: Settings,
    clock: Clock,
    stack: AsyncExitStack,
    tallies: Tallies,
    warming: Supervisor | None,
) -> Agent:
    """The agent, with the client of its model's server where it has one; that is closed with the rest."""
    model = registry.model_client(settings, clock)
    if model is None:
        return get_ops_agent(settings)
    stack.push_async_callback(model.aclose)
    stack.callback(release_ops_agent)
    breaker, retries = CircuitBreaker("openai", clock), RetryBudget(clock)
    agent = get_ops_agent(settings, lambda: Outside(model.client, breaker, retries, tallies))
    if warming is not None:
        warming.spawn(_keep_model_warm(agent, model, clock), name="warmup.model")
    return agent


def _calls(
    settings: Settings,
    clock: Clock,
    store: SqlStore,
    bank: PromptBank,
    stt: SpeechToText | None,
    agent: Agent,
    detectors: registry.Detectors,
    senders: tuple[str, ...],
    tallies: Tallies,
) -> Calls:
    return Calls(
        Kit(
            limits=limits_of(settings),
            store=store,
            clock=clock,
            agent=agent,
            open_desk=desk_factory(store, clock, language, senders),
            voice=bank,
            stt=stt,
            make_vad=detectors,
            debounce_ms=settings.stt_partial_debounce_ms,
            tts_timeout_s=settings.tts_timeout_ms / 1000,
            max_live_calls=settings.max_live_calls,
            max_loop_lag_ms=settings.max_loop_lag_ms,
            journal_dir=settings.data_dir / "journal",
        ),
        tallies,
    )


async def flow_engine(settings: Settings, clock: Clock, log: Any) -> "DurableEngine | None":
    """The engine with its tables ready; without it bookings still commit, and their events are kept."""
    if not settings.flows_enabled:
        return None
    from dalpak.flows.engine import DurableEngine

    async def open_store() -> SqlStore:
        return SqlStore.open(settings.db_url, clock, engine.on_event)

    engine = DurableEngine(
        settings=settings,
        clock=clock,
        messengers=registry.messengers(settings),
        summarizer=registry.summarizer(settings),
        language_of=language,
        open_store=open_store,
    )
    try:
        await engine.prepare()
    except Exception as fault:  # degrade: SPEC A4
        log.warning("FLOWS_NOT_READY", error=type(fault).__name__)
        return None
    return engine


async def start_flows(flows: "DurableEngine | None", stack: AsyncExitStack, log: Any) -> bool:
    """Run them until `stack` closes. False when there are none, or they could not be started."""
    if flows is None:
        return False
    try:
        await flows.start()
    except Exception as fault:  # degrade: SPEC A4
        log.warning("FLOWS_NOT_STARTED", error=type(fault).__name__)
        return False
    stack.push_async_callback(flows.stop)
    return True


async def _keep_warm(store: SqlStore, bank: PromptBank, clock: Clock) -> None:
    """`maybe_warmup` at startup, then a ping every 7.5 minutes (SPEC F1)."""
    while True:
        for code, prompts in (await prompts_of(store)).items():
            await bank.maybe_warmup(prompts, locale=language(code).locale)
        await clock.sleep(WARM_EVERY_S)


async def _keep_ears_warm(stt: SpeechToText, clock: Clock) -> None:
    """Beside the voice, not after it: the first caller needs both."""
    while True:
        await stt.warm_up()
        await clock.sleep(WARM_EVERY_S)


async def _keep_model_warm(agent: Agent, model: "OpenAiHttp", clock: Clock) -> None:
    """The SDK's first turn rehearsed, and a connection that is open when the next caller speaks."""
    log = get_logger("dalpak")
    await warm_up(agent)
    while True:
        try:
            log.info("MODEL_WARM", ms=await model.ping())
        except ProviderError as fault:
            log.warning("MODEL_NOT_REACHED", code=fault.code)
        await clock.sleep(WARM_EVERY_S)


async def prompts_of(store: SqlStore) -> dict[str, dict[str, Spoken]]:
    """By language: what it always says, and the names of the businesses that speak it."""
    found: dict[str, dict[str, Spoken]] = {}
    for business in (await store.businesses())[:BUSINESSES_WARMED]:
        prompts = found.setdefault(business.language, dict(language(business.language).prompts()))
        async with store.reading(TenantScope(business.id)) as reading:
            named: list[Business | Service | Resource] = [business]
            named += [*await reading.services(), *await reading.resources()]
        for thing in named:
            prompts[f"name/{business.id}/{thing.id}"] = Spoken(thing.name, thing.ipa)
    return found
