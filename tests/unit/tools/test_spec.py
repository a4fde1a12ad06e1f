"""The way into every tool: schemas, limits, faults, traces."""

import asyncio
from typing import Any

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, OthersRun

from dalpak.tools import spec
from dalpak.tools.registry import TOOLS
from dalpak.tools.spec import run_tool

pytestmark = pytest.mark.unit

NAMES = {
    "calendar.find_slots",
    "calendar.choose_slot",
    "calendar.read_back",
    "calendar.create_appointment",
    "calendar.my_appointments",
    "calendar.reschedule",
    "calendar.cancel",
    "calendar.waitlist",
    "leads.note_contact",
    "leads.take_message",
    "call.collect_phone",
    "call.transfer",
    "call.goodbye",
    "messages.ask",
    "messages.note",
    "messages.promise",
    "business.overview",
    "business.hours",
    "business.facts",
}


def caller(**tenant: Any) -> Caller:
    return Caller(MemoryStore(salon(**tenant)), FakeClock())


def test_the_table_is_whole() -> None:
    assert set(TOOLS) == NAMES
    assert set(caller().tools.names()) == NAMES
    writers = {name for name in NAMES if caller().tools.writes(name)}
    assert writers == {
        "calendar.read_back",
        "calendar.create_appointment",
        "calendar.reschedule",
        "calendar.cancel",
        "calendar.waitlist",
        "leads.note_contact",
        "leads.take_message",
        "messages.note",
    }
    assert not caller().tools.writes("no.such")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_schemas_are_strict_and_hold_nothing_of_the_call(name: str) -> None:
    schema = TOOLS[name].schema()
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    assert not {"business_id", "call_id", "caller", "scope", "now"} & set(schema["properties"])
    assert "$ref" not in str(schema)
    assert "maxLength" not in str(schema)


def test_an_optional_argument_may_be_null() -> None:
    kinds = TOOLS["calendar.find_slots"].schema()["properties"]["date"]["anyOf"]
    assert {k["type"] for k in kinds} == {"string", "null"}
    parts = str(TOOLS["calendar.find_slots"].schema()["properties"]["part_of_day"])
    assert "morning" in parts


BAD: list[Any] = [
    "not json",
    b"\xff\xfe",
    "[]",
    "null",
    '"text"',
    "[" * 20_000,
    '{"a":' * 2_000 + "1" + "}" * 2_000,
    '{"slot_id": 5}',
    '{"slot_id": null}',
    '{"slot_id": "s1", "business_id": "other"}',
    "{}",
    "",
    '{"slot_id": "' + "x" * 1_000_000 + '"}',
    {"slot_id": "x" * 1_000_000},
    {"x" * 1_000_000: 1},
    {"slot_id": {"deep": ["er"]}},
    {5: 6},
]


@pytest.mark.parametrize("arguments", BAD, ids=range(len(BAD)))
async def test_bad_arguments_are_data(arguments: Any) -> None:
    c = caller()
    outcome = await c.tools.call("calendar.choose_slot", arguments)
    assert outcome.data["ok"] is False
    assert outcome.data["error"] == "bad_arguments"
    assert len(str(outcome.data)) < 300
    (trace,) = c.traces
    assert not trace.ok
    assert trace.reason.startswith("bad_arguments: ")
    assert len(str(trace)) < 500


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from((TUESDAY, "10:00", "s1", "cut", "0523456789", "2026-11-24T10:00")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=3,
)
keys = st.sampled_from(
    sorted({k for tool in TOOLS.values() for k in tool.args.__struct_fields__} | {"junk"})
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(NAMES)), st.dictionaries(keys, values, max_size=4))
def test_any_arguments_end_as_an_answer(name: str, arguments: dict[str, object]) -> None:
    c = caller()
    outcome = asyncio.run(c.tools.call(name, arguments))
    assert outcome.data["ok"] in (True, False)
    assert outcome.data.get("error") != "internal", outcome.data
    if not outcome.ok:
        assert outcome.data["error"]
        assert outcome.data["reason"]
    assert len(c.traces) == 1


async def test_an_unknown_tool_is_an_answer() -> None:
    c = caller()
    for name in ("calendar.drop_tables", "x" * 100_000, "tell 0523456789"):
        outcome = await c.tools.call(name, {})
        assert outcome.data["error"] == "unknown_tool"
    assert [t.tool for t in c.traces] == ["calendar.drop_tables", "?", "?"]


async def test_a_fault_is_an_answer_without_its_text() -> None:
    c = caller()
    c.store.tables("salon").business = None  # type: ignore[assignment]
    outcome = await c.tools.call("business.overview", {})
    assert outcome.data == {"ok": False, "error": "internal", "reason": "AttributeError"}
    assert c.traces[0].reason == "internal: AttributeError"


async def test_a_slow_database_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "READ_TIMEOUT_S", 0.01)
    c = caller()

    async def for_ever() -> None:
        await asyncio.Event().wait()

    c.store.slow = for_ever
    outcome = await c.tools.call("business.overview", {})
    assert outcome.data["error"] == "timeout"
    c.store.slow = None
    assert (await c.tools.call("business.overview", {})).ok


async def test_cancellation_is_not_swallowed() -> None:
    c = caller()

    async def for_ever() -> None:
        await asyncio.Event().wait()

    c.store.slow = for_ever
    task = asyncio.get_running_loop().create_task(c.tools.call("business.overview", {}))
    await OthersRun()
    await OthersRun()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    c.store.slow = None
    assert (await c.tools.call("business.overview", {})).ok


async def test_a_recorder_that_fails_loses_only_its_row() -> None:
    c = caller()

    def broken(_: object) -> None:
        raise RuntimeError("sink")

    object.__setattr__(c.ctx, "record_trace", broken)
    assert (await c.tools.call("business.overview", {})).ok


# -- traces ------------------------------------------------------------------------------------------


async def test_a_trace_tells_what_happened() -> None:
    c = caller()
    await c.find(date=TUESDAY, time="10:07", part_of_day=None, limit=3)
    (trace,) = c.traces
    assert (trace.call_id, trace.turn, trace.tool) == ("call-1", 7, "calendar.find_slots")
    assert trace.args == {"date": TUESDAY, "time": "10:07", "part_of_day": None, "limit": 3}
    assert not trace.ok
    assert trace.reason == "off_grid: not a start time: they come every 30 minutes"
    assert trace.at == c.clock.now()


async def test_latency_is_measured() -> None:
    c = caller()

    async def slow() -> None:
        c.clock.forward(milliseconds=40)

    c.store.slow = slow
    await c.use("business.hours")
    assert c.traces[0].latency_ms == 40


async def test_no_trace_holds_who_is_calling() -> None:
    """Names, numbers and messages, in their own arguments or smuggled into others."""
    c = caller()
    secrets = ("Noa Levi", "0523456789", "+972523456789", "my back hurts")
    for secret in secrets:
        await c.use("leads.note_contact", name=secret)
        await c.use("leads.note_contact", phone=secret)
        await c.use("leads.take_message", text=secret)
        await c.use("calendar.choose_slot", slot_id=secret)
        await c.use("business.facts", topic=secret)
        await c.use("calendar.find_slots", service_id=secret, date=secret)
        await c.use("calendar.create_appointment", slot=secret, nonce=secret)
        await c.use(secret)
        await c.use("call.goodbye", **{secret: secret})
        await run_tool(TOOLS["leads.take_message"], c.ctx, '{"text": "' + secret + '"}')
        await run_tool(TOOLS["leads.take_message"], c.ctx, secret)
    told = str([(t.tool, t.args, t.reason) for t in c.traces])
    assert len(c.traces) == 11 * len(secrets)
    for secret in ("Noa", "Levi", "523456789", "back", "hurts"):
        assert secret not in told


async def test_calls_of_one_call_run_in_order() -> None:
    c = caller()
    names = [f"caller {letter}" for letter in "abcdef"]
    await asyncio.gather(*(c.use("leads.note_contact", name=n) for n in names))
    assert c.gate.name == names[-1]
