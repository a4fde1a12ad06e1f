"""The agent with a model, and the model scripted: what is carried out, what is spoken, what the model never learns."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from desk_call import CALLER
from front_desk import MONDAY_TEN, TUESDAY
from hypothesis import example, given
from hypothesis import strategies as st
from scripted_model import PATIENCE, ModelCall, say, texts, tool

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.memory import recall
from dalpak.agents.openai_agent import OpenAiAgent
from dalpak.agents.openai_models import UNKNOWN
from dalpak.agents.openai_notes import HISTORY_MAX, recall_notes
from dalpak.agents.openai_sdk import CutShort, Refused, ToolWritten, Words
from dalpak.agents.openai_tools import model_tools
from dalpak.agents.prompts import receptionist as prompts
from dalpak.clock import SystemClock, run_virtual
from dalpak.domain.records import AppointmentStatus
from dalpak.errors import ProviderError
from dalpak.language.he import HEBREW
from dalpak.ports.agent import AgentTurn, Direct, Said, Say
from dalpak.services.resilience import RetryBudget

pytestmark = pytest.mark.unit

PHONE = "0523456789"
FIND = tool("calendar_find_slots", f'{{"date": "{TUESDAY}", "time": "10:00", "limit": null}}')
NAME = tool("leads_note_contact", '{"name": "דנה", "phone": null}')


def call(caller: str | None = CALLER) -> ModelCall:
    return ModelCall(caller=caller)


def run(play: Coroutine[Any, Any, Any]) -> Any:
    return run_virtual(play)


def chosen(c: ModelCall) -> str:
    slot = recall(c.state).slot
    assert slot is not None
    return slot.id


async def booked(c: ModelCall) -> ModelCall:
    await c.begin()
    await c.hears("מחר בעשר", *FIND)
    await c.hears("דנה", *NAME)
    if c.caller is None:
        await c.hears("", keys=PHONE)
    await c.hears("כן", *tool("calendar_create_appointment", f'{{"slot": "{chosen(c)}"}}'))
    return c


# -- a booking ---------------------------------------------------------------------------------------


def test_one_model_call_makes_a_turn_and_code_speaks_the_facts() -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("מחר בעשר", *FIND)
        assert len(c.model.asked) == 1
        assert not any(o.free_text for o in out if isinstance(o, Say))
        assert texts(out)[-1] == HEBREW.phrase("ask_name").text
        assert recall(c.state).slot is not None

    run(play())


@pytest.mark.parametrize("caller", [CALLER, None])
def test_a_whole_booking(caller: str | None) -> None:
    c = run(booked(call(caller)))
    (row,) = c.rows()
    assert (row.status, row.name) == (AppointmentStatus.BOOKED, "דנה")
    assert row.phone == (caller or "+972523456789")
    assert row.start.astimezone(MONDAY_TEN.tzinfo).isoformat() == f"{TUESDAY}T10:00:00+02:00"
    assert c.traces.count("calendar.create_appointment") == 1
    assert len(c.model.asked) == 3, "numbers and keys are not the model's business"


def test_nothing_is_booked_before_the_yes_whatever_the_model_wants() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        await c.hears("דנה", *NAME)
        out = await c.hears("מה השעה", *tool("calendar_create_appointment", '{"slot": "s1"}'))
        assert [o.tag for o in out if isinstance(o, Say) and o.tag], "it is read back again"
        assert [r.status for r in c.rows()] == [AppointmentStatus.HELD]

    run(play())


@pytest.mark.parametrize(
    "slot", ["", f"{TUESDAY}T10:00:00+02:00", f"{TUESDAY}T10:00"], ids=["id", "start", "wall"]
)
def test_the_slot_may_be_named_in_every_way_the_tool_takes(slot: str) -> None:
    async def play() -> ModelCall:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        await c.hears("דנה", *NAME)
        wanted = slot or chosen(c)
        await c.hears("כן", *tool("calendar_create_appointment", f'{{"slot": "{wanted}"}}'))
        return c

    c = run(play())
    assert [r.status for r in c.rows()] == [AppointmentStatus.BOOKED]
    assert recall(c.state).booked is not None


def test_off_the_grid_the_two_nearest_are_offered() -> None:
    async def play() -> None:
        c = await call().begin()
        wish = tool("calendar_find_slots", f'{{"date": "{TUESDAY}", "time": "10:07"}}')
        await c.hears("מחר בעשר ושבע", *wish)
        assert len(recall(c.state).offered) == 2

    run(play())


@pytest.mark.parametrize(
    "wish",
    ['{"date": "2026-02-31"}', '{"date": 5}', '{"time": "25:99"}', '{"limit": "many"}', '{"x": 1}'],
)
def test_a_wish_that_means_nothing_is_asked_again(wish: str) -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("מתישהו", *tool("calendar_find_slots", wish))
        assert texts(out) == [HEBREW.phrase("ask_when_again").text]
        # And the built-in agent can go on: nothing unreadable was remembered.
        await c.hears("מחר בעשר", *FIND)
        assert recall(c.state).slot is not None

    run(play())


def test_a_slot_that_was_never_offered_is_not_taken() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("הראשון", *tool("calendar_choose_slot", '{"slot_id": "s77"}'))
        assert recall(c.state).slot is None
        await c.hears("השני", *tool("calendar_choose_slot", '{"slot_id": "s2"}'))
        assert recall(c.state).slot is not None, "the next free times stood in the prompt"

    run(play())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
LIKELY = st.sampled_from([TUESDAY, "10:00", "s1", "s7", "book", "cancel", "דנה", "appt_1", "cut"])
KNOWN = sorted({name for shown in model_tools() for name in shown.schema["properties"]})
ARGUMENTS = st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=4), JSON | LIKELY, max_size=4)
CHOICES = st.tuples(st.sampled_from([shown.name for shown in model_tools()]), ARGUMENTS)


@given(st.lists(CHOICES, min_size=1, max_size=6))
@example([("calendar_create_appointment", {"slot": {"$ne": 1}})])
def test_whatever_a_model_writes_as_arguments_the_turn_is_answered_or_given_back(
    choices: list[tuple[str, dict[str, object]]],
) -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        given_back: set[str] = set()
        for name, arguments in choices:
            try:
                assert await c.hears("רגע", *tool(name, json.dumps(arguments)))
            except ProviderError as fault:
                given_back.add(fault.code)
        assert given_back <= {"empty", "garbage"}
        assert AppointmentStatus.BOOKED not in {row.status for row in c.rows()}

    run(play())


# -- changes -----------------------------------------------------------------------------------------


def test_an_appointment_is_moved_by_the_models_choices() -> None:
    async def play() -> None:
        c = await booked(call())
        mine = c.rows()[0].id
        await c.hears("יש לי תור", *tool("calendar_my_appointments"))
        wish = f'{{"date": "{TUESDAY}", "time": "11:00", "moving": "{mine}"}}'
        out = await c.hears("להזיז לאחת עשרה", *tool("calendar_find_slots", wish))
        assert [o.tag for o in out if isinstance(o, Say) and o.tag], "the move is read back at once"
        slot = next(i for i, at in recall_notes(c.state).slots.items() if f"{TUESDAY}T11:00" in at)
        change = f'{{"appointment_id": "{mine}", "slot": "{slot}"}}'
        await c.hears("כן", *tool("calendar_reschedule", change))
        assert f"reschedule of {mine} to {slot}, waiting" in c.model.prompts
        assert c.rows()[0].start.astimezone(MONDAY_TEN.tzinfo).hour == 11

    run(play())


def test_an_appointment_is_cancelled_only_after_a_yes() -> None:
    async def play() -> None:
        c = await booked(call())
        mine = f'{{"appointment_id": "{c.rows()[0].id}"}}'
        out = await c.hears("לבטל", *tool("calendar_cancel", mine))
        assert [o.tag for o in out if isinstance(o, Say) and o.tag], "it is asked first"
        assert c.rows()[0].status is AppointmentStatus.BOOKED
        await c.hears("כן", *tool("calendar_cancel", mine))
        assert c.rows()[0].status is AppointmentStatus.CANCELLED

    run(play())


def test_somebody_elses_appointment_stays() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("לבטל", *tool("calendar_cancel", '{"appointment_id": "appt_other"}'))
        other = '{"appointment_id": "appt_other", "slot": "s1"}'
        await c.hears("להזיז", *tool("calendar_reschedule", other))
        assert c.rows() == []

    run(play())


# -- free words --------------------------------------------------------------------------------------


def test_free_words_are_spoken_as_they_come_and_marked_as_free() -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("שלום", *say("שלום וברוכים הבאים. למתי?", "when"))
        assert texts(out) == ["שלום וברוכים הבאים.", "למתי?"]
        assert all(isinstance(o, Say) and o.free_text and o.tag is None for o in out)
        assert recall(c.state).waiting_for == "when"

    run(play())


def test_words_outside_any_tool_are_free_words_too() -> None:
    async def play() -> None:
        c = await call().begin()
        assert texts(await c.hears("שלום", Words("שלום. "), Words("מה שלומך"))) == [
            "שלום.",
            "מה שלומך",
        ]

    run(play())


def test_a_server_that_does_not_stream_arguments_is_heard_all_the_same() -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("שלום", ToolWritten("say", '{"text": "שלום. למתי?", "asks": "when"}'))
        assert texts(out) == ["שלום.", "למתי?"]

    run(play())


def test_the_first_answer_has_at_most_24_words_and_later_ones_may_have_more() -> None:
    async def play() -> None:
        c = await call().begin()
        long = "מילה " * 15 + ". " + "מילה " * 15 + "."
        first = texts(await c.hears("שלום", *say(long)))
        later = texts(await c.hears("שלום", *say(long)))
        assert sum(len(t.split()) for t in first) <= 24 < sum(len(t.split()) for t in later)

    run(play())


def test_one_action_is_carried_out_and_a_second_one_is_not() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND, *tool("call_goodbye"), *FIND)
        assert "call.goodbye" not in c.traces
        assert c.traces.count("calendar.find_slots") == 2, "the look ahead, and the model's own"

    run(play())


@pytest.mark.parametrize("words", [[Words("רגע, אני בודקת. ")], say("רגע, אני בודקת.")])
def test_words_before_an_action_are_spoken_first(words: list[Any]) -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("מחר בעשר", *words, *FIND)
        assert texts(out)[0] == "רגע, אני בודקת."
        assert recall(c.state).slot is not None

    run(play())


@pytest.mark.parametrize(
    ("chosen", "directive"),
    [
        ("call_transfer", "TransferTo"),
        ("call_goodbye", "SayGoodbye"),
        ("call_collect_phone", "CollectDigits"),
    ],
)
def test_directives_come_from_tools_and_are_said_with_words(chosen: str, directive: str) -> None:
    async def play() -> None:
        c = await call().begin()
        out = texts(await c.hears("נציג", *tool(chosen)))
        assert len(out) >= 2
        assert out[-1] == directive

    run(play())


def test_questions_about_the_business_are_answered_from_its_rows() -> None:
    async def play() -> None:
        c = await call().begin()
        out = texts(await c.hears("איפה אתם", *tool("business_facts", '{"topic": "address"}')))
        assert "Main Street" in out[0]
        assert out[-1].endswith("?")

    run(play())


# -- what the model never learns ---------------------------------------------------------------------


def test_no_number_reaches_the_model_in_a_whole_call() -> None:
    async def play() -> None:
        c = await call(None).begin()
        await c.hears("שלום, המספר שלי 052-3456789", heard=None)
        await c.hears("אפס חמש שתיים שלוש ארבע חמש שש שבע שמונה תשע")
        await booked(c)
        await c.hears("תודה", *say("להתראות."))
        spoken = HEBREW.speech.digits(PHONE).text
        for secret in (PHONE, "3456789", "972523456789", spoken, spoken.split(",")[1].strip()):
            assert secret not in c.model.prompts, secret

    run(play())


def test_the_verified_number_of_the_caller_is_never_sent() -> None:
    c = run(booked(call()))
    assert CALLER not in c.model.prompts
    assert CALLER.removeprefix("+972") not in c.model.prompts
    assert "number known" in c.model.prompts


@pytest.mark.parametrize(
    "said",
    [Said(keys="1"), Said(silence=True), Said(opening=True)],
    ids=["keys", "silence", "open"],
)
def test_what_is_no_speech_is_answered_without_the_model(said: Said) -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("", keys=said.keys, silence=said.silence, opening=said.opening)
        assert out
        assert c.model.asked == []

    run(play())


def test_a_message_for_the_business_goes_to_no_model() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("נציג", *tool("leads_take_message", '{"text": ""}'))
        assert recall(c.state).waiting_for == "message"
        await c.hears("תגידו לה שהכלב חולה")
        await c.hears("שלום", *say("שלום."))
        assert "הכלב" not in c.model.prompts

    run(play())


# -- history -----------------------------------------------------------------------------------------


def test_only_what_was_heard_enters_the_history() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("שלום", *say("בוקר טוב לכם. למתי תרצו לבוא?"))
        await c.hears("רגע", *say("כן?"), unheard=True, heard="בוקר טוב")
        told = c.model.asked[-1][1]
        assert [m["content"] for m in told if m["role"] == "assistant"] == [
            f"בוקר טוב {prompts.CUT_OFF}"
        ]

    run(play())


def test_a_read_back_is_in_the_history_as_one_line_and_cut_as_another() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        out = await c.hears("דנה", *NAME)
        assert prompts.READ_BACK in str(recall_notes(c.state).history[-1])
        await c.hears("רגע", *say("כן?"), unheard=True, heard=" ".join(texts(out)[0].split()[:2]))
        assert prompts.READ_BACK_CUT in c.model.prompts
        assert prompts.READ_BACK not in c.model.prompts

    run(play())


def test_a_blocked_claim_is_not_remembered_as_said() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("שלום", *say("קבעתי לך תור למחר."))
        await c.hears("תודה", *say("בבקשה."))
        assert "קבעתי" not in c.model.prompts
        assert prompts.BLOCKED in c.model.prompts

    run(play())


def test_a_turn_that_somebody_else_answered_is_told_as_such() -> None:
    async def play() -> None:
        c = await call().begin()
        with pytest.raises(ProviderError):
            await c.hears("שלום", ProviderError("rate_limited"))
        await c.hears("שלום שוב", *say("שלום."))
        told = [m["role"] for m in c.model.asked[-1][1]]
        assert told == ["user", "assistant", "user"]
        assert prompts.ANSWERED in c.model.prompts

    run(play())


def test_the_history_is_bounded() -> None:
    async def play() -> None:
        c = await call().begin()
        for _ in range(HISTORY_MAX):
            await c.hears("שלום " * 1_000, *say("שלום."))
        assert len(recall_notes(c.state).history) == HISTORY_MAX
        assert max(len(m["content"]) for m in c.model.asked[-1][1]) < 2_000

    run(play())


@pytest.mark.parametrize("late_system", [False, True])
def test_what_never_changes_stands_before_what_does(late_system: bool) -> None:
    """A provider caches by prefix: instructions and the conversation so far are the same bytes in the next turn."""

    async def play() -> None:
        c = await call().begin()
        c.model.caps = replace(UNKNOWN, late_system=late_system)
        await c.hears("שלום", *say("שלום."))
        await c.hears("מחר", *say("רגע."))
        await c.hears("בעשר", *say("כן."))
        first, second, third = c.model.asked
        assert first[0] == second[0] == third[0]
        assert first[2] == third[2]
        before = [m["content"] for m in second[1][: -2 if late_system else -1]]
        assert len(before) == 2
        assert [m["content"] for m in third[1]][: len(before)] == before
        assert "now:" not in first[0]

    run(play())


# -- late, broken, refusing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "code", "after"),
    [
        ([60.0, *FIND], "timeout", 1.5),
        ([Words(""), 1.0, Words(""), 60.0], "timeout", 1.5),
        ([Refused()], "refused", 0),
        ([0.0], "empty", 0),
        ([Words("  ")], "empty", 0),
        (tool("calendar_find_slots", "{"), "garbage", 0),
        (tool("no_such_tool"), "garbage", 0),
        (tool("business_overview"), "garbage", 0),
        ([ProviderError("rate_limited", retryable=False)], "rate_limited", 0),
        (say(""), "empty", 0),
    ],
)
def test_a_model_that_gives_nothing_gives_the_turn_back(
    steps: list[Any], code: str, after: float
) -> None:
    async def play() -> None:
        c = await call().begin()
        began = asyncio.get_running_loop().time()
        with pytest.raises(ProviderError) as failed:
            await c.hears("מחר בעשר", *steps)
        assert failed.value.code == code
        assert asyncio.get_running_loop().time() - began == pytest.approx(after)
        assert c.model.closed == 1, "its connection is let go"

    run(play())


def test_useful_tokens_that_keep_coming_may_take_longer() -> None:
    async def play() -> None:
        c = await call().begin()
        slow: list[Any] = [
            s for word in "שלום וברוכים הבאים אלינו".split() for s in (0.9, Words(f"{word} "))
        ]
        out = await c.hears("שלום", *slow)
        assert texts(out) == ["שלום וברוכים הבאים אלינו"]

    run(play())


def test_an_answer_that_stalls_ends_with_the_question_that_stands() -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("שלום", Words("שלום וברוכים הבאים. אני "), 60.0)
        assert texts(out)[0] == "שלום וברוכים הבאים."
        assert asyncio.get_running_loop().time() == pytest.approx(PATIENCE.stall_s)
        assert len(out) == 2, "half a sentence is never heard"
        assert texts(out)[1] == HEBREW.phrase("ask_when").text

    run(play())


@pytest.mark.parametrize("name", ["no_such_tool", "calendar_find_slots"])
def test_words_before_an_unreadable_action_are_followed_by_the_question(name: str) -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("שלום", Words("שלום לכם. "), *tool(name, "{"))
        assert texts(out) == ["שלום לכם.", HEBREW.phrase("ask_when").text]

    run(play())


def test_an_endless_answer_is_cut() -> None:
    async def play() -> None:
        c = await call().begin()
        endless: list[Any] = [s for _ in range(10_000) for s in (0.01, Words("well and "))]
        out = await c.hears("שלום", *endless)
        assert len(out) == 1
        assert asyncio.get_running_loop().time() < 8

    run(play())


def test_a_call_that_was_written_before_the_stream_hung_is_carried_out() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND, 60.0)
        assert asyncio.get_running_loop().time() < 1
        assert recall(c.state).slot is not None

    run(play())


def test_the_last_sentence_of_an_answer_that_ran_into_its_limit_is_left_out() -> None:
    async def play() -> None:
        c = await call().begin()
        out = await c.hears("שלום", Words("שלום לכם. אפשר לבוא ביום"), CutShort())
        assert texts(out) == ["שלום לכם."]

    run(play())


@pytest.mark.parametrize(
    "code", ["unreachable", "connection_lost", "server_error", "parameter_dropped"]
)
def test_what_fails_at_once_is_tried_once_more(code: str) -> None:
    async def play() -> None:
        c = await call().begin()
        c.model.answers.append([ProviderError(code)])
        assert texts(await c.hears("שלום", *say("שלום.")))[0] == "שלום."
        assert len(c.model.asked) == 2

    run(play())


def test_a_server_in_trouble_is_not_asked_twice_as_much() -> None:
    async def play() -> None:
        c = await call().begin()
        c.agent = OpenAiAgent(c.model, PATIENCE, RetryBudget(SystemClock(), most=1, per_s=0.001))  # type: ignore[arg-type]
        for _ in range(9):
            c.model.answers += [[ProviderError("server_error")], [ProviderError("server_error")]]
            with pytest.raises(ProviderError):
                await c.hears("שלום")
        assert len(c.model.asked) == 10, "nine turns and one second try"

    run(play())


def test_nobody_waits_for_a_second_try_when_the_first_took_long() -> None:
    async def play() -> None:
        c = await call().begin()
        with pytest.raises(ProviderError):
            await c.hears("שלום", 1.0, ProviderError("server_error"))
        assert len(c.model.asked) == 1

    run(play())


# -- the built-in agent goes on ----------------------------------------------------------------------


def test_the_builtin_agent_goes_on_where_the_model_stopped() -> None:
    """Slot and name chosen by the model, the rest by the dialogue: one memory, one gate."""

    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        await c.hears("דנה", *NAME)
        c.desk.turn_began(3, Said(text="כן"), ears=True)
        turn = AgentTurn(3, Said(text="כן"), c.desk.tools, HEBREW, c.state, True, CALLER)
        out = [o async for o in BuiltinAgent().reply(turn)]
        assert out
        assert [r.status for r in c.rows()] == [AppointmentStatus.BOOKED]

    run(play())


def test_a_name_asked_for_in_the_models_own_words_is_heard_as_one_by_the_builtin_agent() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        await c.hears("מה?", *say("על שם מי לרשום?", "name"))
        c.desk.turn_began(3, Said(text="רונית"), ears=True)
        turn = AgentTurn(3, Said(text="רונית"), c.desk.tools, HEBREW, c.state, True, CALLER)
        out = [o async for o in BuiltinAgent().reply(turn)]
        assert recall(c.state).has_name
        assert not any(isinstance(o, Direct) for o in out)

    run(play())
