"""The engine on a real SQLite file: in the fact's transaction, each effect once, nobody waits."""

import asyncio
import threading

import pytest
from flow_office import CALLER, PATIENCE_S, QUICK, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.events import Event, EventType, call_ended
from dalpak.errors import ProviderError
from dalpak.flows.database import Executors, open_engine
from dalpak.flows.desk import Desk, Payload, Poison
from dalpak.flows.engine import NotPrepared
from dalpak.flows.registry import FLOWS
from dalpak.flows.retries import FlowLimits
from dalpak.ports.engine import FlowContext

pytestmark = pytest.mark.integration


async def tell(office: Office, number: int = 1) -> Event:
    """An event of its own, without the facts that a real one follows."""
    event = call_ended(SALON.id, f"call_{number}", office.clock.now())
    async with office.store.writing(SCOPE) as w:
        await w.publish(event)
    return event


# -- events in -------------------------------------------------------------------------------------


async def test_a_booking_is_confirmed_and_a_call_summarised(office: Office) -> None:
    await office.hire().start()
    await office.call()
    appointment_id = await office.book()
    await office.end_call()

    messages = {m.kind: m for m in await office.settled(2)}

    assert set(messages) == {"confirmation", "call_summary"}
    confirmation = messages["confirmation"]
    assert (confirmation.channel, confirmation.state, confirmation.reason) == (
        "outbox",
        "recorded",
        "",
    )
    assert confirmation.idem_key == (
        f"confirm_appointment:appointment.created:{appointment_id}:send"
    )


async def test_a_rolled_back_transaction_leaves_nothing(office: Office) -> None:
    engine = office.hire()
    await engine.prepare()
    await office.call()

    with pytest.raises(ZeroDivisionError):
        await office.fail_to_end_call()
    assert await office.flows() == []

    await office.end_call()
    assert await office.flows() == ["summarise_call:call.ended:call_1"]


async def test_an_event_told_twice_starts_one_flow(office: Office) -> None:
    engine = office.hire()
    await engine.start()
    await office.call()
    assert await office.end_call()
    assert not await office.end_call()
    # Even past the store's own guard: the second emitter's transaction reaches the engine again.
    event = call_ended(SALON.id, "call_1", office.clock.now())
    async with office.store._write() as transaction:
        await transaction.run_sync(lambda connection: engine.on_event(event, connection))

    await office.settled(1)
    await tell(office, 2)
    await office.eventually(engine.dead_letters)

    assert len(await office.messages()) == 1
    assert len(await office.flows()) == 2


async def test_an_event_before_the_tables_fails_with_its_fact(office: Office) -> None:
    office.hire()
    await office.call()

    with pytest.raises(NotPrepared):
        await office.end_call()

    async with office.store.reading(SCOPE) as r:
        call = await r.call("call_1")
    assert call is not None
    assert call.ended_at is None


async def test_an_event_nobody_follows_starts_nothing(office: Office) -> None:
    await office.hire(flows={}).prepare()
    await office.call()

    assert await office.end_call()

    assert await office.flows() == []


async def test_one_engine_per_process(office: Office) -> None:
    first = office.hire()
    await first.start()
    with pytest.raises(RuntimeError, match="another flow engine"):
        await office.hire().start()
    with pytest.raises(RuntimeError, match="starts once"):
        await first.start()
    await first.stop()


# -- failures --------------------------------------------------------------------------------------


async def test_an_outage_of_the_provider_is_waited_out(office: Office) -> None:
    down = ProviderError("http_503")
    messenger = FakeMessenger(answers=[down, down])
    await office.hire(messenger).start()
    await office.call()
    await office.end_call()

    (message,) = await office.settled(1)

    assert message.state == "accepted"
    assert {x.idem_key for x in messenger.sent} == {message.idem_key}
    assert len(messenger.sent) == 3
    assert len(await office.flows()) == 3


async def test_a_step_that_is_done_is_not_repeated_by_a_retry(office: Office) -> None:
    ran: list[str] = []

    async def two_steps(context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        async def first() -> str:
            ran.append("first")
            return "kept"

        async def second() -> str:
            ran.append("second")
            if ran.count("second") < 2:
                raise OSError("not yet")
            return "done"

        kept = await context.step("first", first)
        return f"{kept} {await context.step('second', second)}"

    await office.hire(flows={EventType.CALL_ENDED: {"two_steps": two_steps}}).start()
    await tell(office)

    await office.eventually(lambda: done_twice(office))

    assert ran == ["first", "second", "second"]


async def done_twice(office: Office) -> bool:
    return len(await office.flows("SUCCESS")) == 2


async def test_poison_goes_to_the_dead_letters_and_the_others_flow(office: Office) -> None:
    async def poisoned(_context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        raise Poison("no_such_thing")

    flows = {
        EventType.CALL_ENDED: {"poisoned": poisoned, **FLOWS[EventType.CALL_ENDED]},
    }
    engine = office.hire(flows=flows)
    await engine.start()
    await office.call()
    await office.end_call()

    await office.settled(1)
    (letter,) = await office.eventually(engine.dead_letters)

    assert (letter.flow, letter.error) == ("poisoned", "no_such_thing")
    assert letter.flow_id == "poisoned:call.ended:call_1"
    assert letter.payload == {"business_id": SALON.id, "call_id": "call_1"}


async def test_a_bug_is_retried_a_few_times_and_never_told_in_its_own_words(
    office: Office,
) -> None:
    ran = 0

    async def buggy(context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        async def step() -> str:
            nonlocal ran
            ran += 1
            raise ValueError(f"the number is {CALLER}")

        return str(await context.step("step", step))

    limits = FlowLimits(first_retry_s=0.01, fault_attempts=2, beat_s=0.1)
    engine = office.hire(flows={EventType.CALL_ENDED: {"buggy": buggy}}, limits=limits)
    await engine.start()
    await tell(office)

    (letter,) = await office.eventually(engine.dead_letters)

    assert ran == 2
    assert letter.error == "ValueError"
    for table in ("workflow_status", "workflow_input", "workflow_output", "operation_outputs"):
        assert CALLER not in str(await office.sql(f"SELECT * FROM {table}"))


async def test_a_flow_nobody_knows_any_more(office: Office) -> None:
    async def retired(_context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        raise AssertionError("not in this release")

    await office.hire(flows={EventType.CALL_ENDED: {"retired": retired}}).prepare()
    await tell(office)
    engine = office.hire()
    await engine.start()

    (letter,) = await office.eventually(engine.dead_letters)

    assert (letter.flow, letter.error) == ("retired", "unknown_flow")


async def test_a_sleep_that_is_over_does_not_confuse_a_flow(office: Office) -> None:
    async def patient(context: FlowContext, desk: Desk, _payload: Payload) -> str:
        await context.sleep_until(desk.clock.now().isoformat())

        async def step() -> str:
            return "awake"

        return str(await context.step("step", step))

    await office.hire(flows={EventType.CALL_ENDED: {"patient": patient}}).start()
    await tell(office)

    await office.eventually(lambda: office.flows("SUCCESS"))

    # Steps are known by number: without a number of its own, a sleep that is over when the flow is
    # replayed would give its number to the step after it.
    names = await office.sql("SELECT function_name FROM operation_outputs ORDER BY function_id")
    assert names == [("DBOS.sleep",), ("step",)]


# -- beside the calls ------------------------------------------------------------------------------


async def test_a_blocking_flow_does_not_delay_the_voice_loop(
    office: Office,
) -> None:
    """The block ends only because the voice loop turns meanwhile, as often as it likes."""
    turns = 20
    blocked, ended = threading.Event(), threading.Event()

    async def blocking(context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        async def step() -> str:
            blocked.set()
            # What a badly written flow would do.
            assert ended.wait(PATIENCE_S), "the step's block was the loop's"
            return "late"

        return str(await context.step("step", step))

    engine = office.hire(flows={EventType.CALL_ENDED: {"blocking": blocking}})
    await engine.start()
    await tell(office)
    try:
        while not blocked.is_set():
            await office.clock.sleep(0.005)
        for _ in range(turns):
            await office.clock.sleep(0.005)
    finally:
        ended.set()

    await office.eventually(lambda: office.flows("SUCCESS"))
    assert await engine.dead_letters() == []


async def test_a_flow_that_hangs_is_left_behind_after_a_moment(office: Office) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def hanging(context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        async def step() -> str:
            loop.call_soon_threadsafe(started.set)
            await asyncio.Event().wait()
            return "never"

        return str(await context.step("step", step))

    limits = FlowLimits(drain_timeout_s=0.1)
    engine = office.hire(flows={EventType.CALL_ENDED: {"hanging": hanging}}, limits=limits)
    await engine.start()
    await tell(office)
    await started.wait()

    async with asyncio.timeout(PATIENCE_S):
        await engine.stop()

    assert len(await office.flows("PENDING")) == 1


# -- reapers ---------------------------------------------------------------------------------------


async def test_a_call_whose_process_died_is_closed_and_summarised(office: Office) -> None:
    engine = office.hire(stale_call_s=30)
    await engine.prepare()
    await office.call("dead", seen_s_ago=120)
    await office.call("alive", seen_s_ago=5)
    await engine.start()

    (message,) = await office.settled(1)

    assert message.call_id == "dead"
    async with office.store.reading(SCOPE) as r:
        dead, alive = await r.call("dead"), await r.call("alive")
    assert dead is not None
    assert dead.end_reason == "crashed"
    assert alive is not None
    assert alive.ended_at is None


async def test_flows_of_a_dead_process_are_taken_over(office: Office) -> None:
    await office.hire().prepare()
    await office.call()
    await office.end_call()
    await office.sql("UPDATE workflow_status SET status = 'PENDING', executor_id = 'ghost'")
    await office.hire().start()

    (message,) = await office.settled(1)

    assert message.state == "recorded"


async def test_flows_of_a_living_process_are_left_alone(office: Office) -> None:
    await office.hire().prepare()
    await tell(office, 1)
    await office.sql("UPDATE workflow_status SET status = 'PENDING', executor_id = 'neighbour'")
    database = open_engine(office.settings.db_url)
    await asyncio.to_thread(Executors(database).beat, "neighbour")
    limits = FlowLimits(beat_s=0.05, executor_dead_s=60.0)
    engine = office.hire(limits=limits)
    await engine.start()
    await tell(office, 2)

    await office.eventually(engine.dead_letters)

    assert await office.flows("PENDING") == ["summarise_call:call.ended:call_1"]
    database.dispose()


async def test_a_process_never_takes_itself_for_dead(office: Office) -> None:
    """Its beat may be old when it looks: the machine stood still, or the database was locked."""
    ran: list[str] = []
    may_end = threading.Event()

    async def slow(context: FlowContext, _desk: Desk, _payload: Payload) -> str:
        async def step() -> str:
            ran.append("step")
            while not may_end.is_set():
                await office.clock.sleep(0.01)
            return "done"

        return str(await context.step("step", step))

    limits = FlowLimits(beat_s=0.02, executor_dead_s=0.0)
    await office.hire(flows={EventType.CALL_ENDED: {"slow": slow}}, limits=limits).start()
    await tell(office)
    beats: set[int] = set()

    async def has_looked() -> bool:
        beats.update(row[0] for row in await office.sql("SELECT seen_ms FROM flow_executor"))
        return bool(ran) and len(beats) > 5

    try:
        await office.eventually(has_looked)
    finally:
        may_end.set()
    await office.eventually(lambda: office.flows("SUCCESS"))
    assert ran == ["step"]


async def test_a_flow_that_kills_its_processes_is_given_up(office: Office) -> None:
    await office.hire().prepare()
    await tell(office)
    await office.sql(
        "UPDATE workflow_status SET status = 'PENDING', executor_id = 'ghost', attributes = :lives",
        lives=f'{{"resumed": {QUICK.resumes}}}',
    )
    engine = office.hire()
    await engine.start()

    (letter,) = await office.eventually(engine.dead_letters)

    assert (letter.flow, letter.error) == ("summarise_call", "killed_process")


async def test_one_process_wins_the_dead_ones_flows(office: Office) -> None:
    await office.hire().prepare()
    database = open_engine(office.settings.db_url)
    executors = Executors(database)

    def claims() -> list[bool]:
        return [executors.claim("ghost", 60.0) for _ in range(3)]

    assert await asyncio.to_thread(claims) == [True, False, False]
    await asyncio.to_thread(executors.beat, "living")
    assert await asyncio.to_thread(executors.claim, "living", 60.0) is False
    await asyncio.to_thread(executors.leave, "living")
    assert await asyncio.to_thread(executors.claim, "living", 60.0) is True
    database.dispose()


async def test_old_flows_are_forgotten_and_dead_letters_kept(office: Office) -> None:
    engine = office.hire()
    await engine.start()
    await office.call()
    await office.end_call()
    await office.settled(1)
    await tell(office, 2)
    await office.eventually(engine.dead_letters)
    await office.eventually(lambda: office.flows("SUCCESS"))
    await engine.stop()
    await office.sql("UPDATE workflow_status SET completed_at = 1000, created_at = 1000")

    engine = office.hire()
    await engine.start()

    await office.eventually(lambda: none_succeeded(office))
    assert [x.flow for x in await engine.dead_letters()] == ["summarise_call"]
    assert len(await office.messages()) == 1


async def none_succeeded(office: Office) -> bool:
    return await office.flows("SUCCESS") == []
