"""Why was nothing sent? Every reason, by the command, the board and the rows themselves."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.domain.follow_up import ConsentAnswer
from dalpak.errors import ProviderError
from dalpak.flows.board import FlowBoard, FlowState, FlowView
from dalpak.flows.engine import DurableEngine
from dalpak.flows.retries import FlowLimits
from dalpak.flows.why import Verdict, why, words_of
from dalpak.ports.messenger import Delivery, Features

pytestmark = pytest.mark.integration

SLOW = FlowLimits(beat_s=0.1, first_retry_s=600.0, drain_timeout_s=0.2)
LANDLINE = "+97235551234"


def command(office: Office, *words: str) -> tuple[int, Any]:
    """`dalpak flows … --json` on the office's database: exit code and what it printed."""
    found = CliRunner().invoke(
        app, ["flows", *words, "--db", office.settings.db_url, "--json"], catch_exceptions=False
    )
    return found.exit_code, json.loads(found.stdout) if found.stdout.startswith(
        ("[", "{")
    ) else None


async def reasons(office: Office, engine: DurableEngine, booked: str) -> dict[str, Any]:
    """The finding about the confirmation, once there is a word about it."""

    async def look() -> dict[str, Any] | None:
        found = await why(office.store, SCOPE, engine.board, booked)
        assert found is not None
        (confirmation,) = [f for f in found if f.flow == "confirm_appointment"]
        if confirmation.verdict is Verdict.PENDING and not confirmation.next_try_at:
            return None
        if confirmation.reason == "in_doubt":
            # The board was read before it was being sent.
            return None
        return {
            "verdict": confirmation.verdict,
            "reason": confirmation.reason,
            "words": confirmation.words,
            "next": confirmation.next_try_at,
            "error": confirmation.error,
        }

    return await office.eventually(look)


@pytest.mark.parametrize(
    ("phone", "said", "answers", "verdict", "reason"),
    [
        (None, None, [], "skipped", "no_phone"),
        (LANDLINE, None, [], "skipped", "landline"),
        (CALLER, ConsentAnswer.DECLINED, [], "skipped", "no_consent"),
        (CALLER, ConsentAnswer.OPTED_OUT, [], "skipped", "opted_out"),
        (CALLER, None, [Delivery("failed", reason="template_refused", code="132001")],
         "failed", "template_refused"),
        (CALLER, None, [Delivery("failed", reason="not_on_whatsapp", code="131026")],
         "failed", "not_on_whatsapp"),
        (CALLER, None, [ProviderError("provider_down")], "pending", "provider_down"),
        (CALLER, None, [], "sent", ""),
    ],
    ids=["no phone", "landline", "no consent", "opted out", "template", "refused", "later", "sent"],
)  # fmt: skip
async def test_each_reason_is_told(
    office: Office,
    phone: str | None,
    said: ConsentAnswer | None,
    answers: list[Delivery | Exception],
    verdict: str,
    reason: str,
) -> None:
    engine = office.hire(FakeMessenger(answers), limits=SLOW)
    await engine.start()
    await office.call()
    if said is not None:
        async with office.store.writing(SCOPE) as w:
            await w.record_consent(CALLER, said, source="call", now=office.clock.now())
    booked = await office.book(phone=phone)

    found = await reasons(office, engine, booked)

    assert (found["verdict"], found["reason"]) == (verdict, reason)
    if reason:
        assert words_of(reason) in found["words"]
    if verdict == "pending":
        assert found["next"] is not None
        assert f"{found['next']:%H:%M:%S}" in found["words"]
    if reason == "template_refused":
        assert found["error"] == "132001"


class WhileItRuns(FlowBoard):
    """The flow does all its work while the board is being asked about it."""

    def __init__(self, office: Office, engine: DurableEngine) -> None:
        self._office, self._engine = office, engine
        self._started = False

    async def flow(self, flow_id: str) -> FlowView | None:
        if not self._started:
            self._started = True
            await self._engine.start()

        async def done() -> FlowView | None:
            view = await self._engine.board.flow(flow_id)
            return view if view and view.state is FlowState.DONE else None

        return await self._office.eventually(done)


async def test_a_flow_that_ends_while_one_asks_has_its_message(office: Office) -> None:
    engine = office.hire(FakeMessenger())
    await engine.prepare()
    await office.call()
    booked = await office.book(phone=None)

    asked = await why(office.store, SCOPE, WhileItRuns(office, engine), booked)

    (found,) = [f for f in asked or () if f.flow == "confirm_appointment"]
    assert (found.verdict, found.reason) == (Verdict.SKIPPED, "no_phone")


async def test_doubt_is_told_as_doubt(office: Office) -> None:
    lost = FakeMessenger([Delivery("unknown", reason="timeout")], features=Features(receipts=True))
    engine = office.hire(lost)
    await engine.start()
    await office.call()

    found = await reasons(office, engine, await office.book())

    assert (found["verdict"], found["reason"]) == ("in_doubt", "timeout")


async def test_what_was_given_up_is_told_and_can_be_run_again(office: Office) -> None:
    down = ProviderError("provider_down")
    limits = FlowLimits(beat_s=0.1, first_retry_s=0.01, provider_attempts=2)
    messenger = FakeMessenger([down, down])
    engine = office.hire(messenger, limits=limits)
    await engine.start()
    await office.call()
    booked = await office.book()
    flow_id = f"confirm_appointment:appointment.created:{booked}"
    (given_up,) = await office.eventually(lambda: engine.board.flows(states=[FlowState.GIVEN_UP]))
    assert (given_up.id, given_up.attempt, given_up.failed) == (flow_id, 2, 1)
    found = await reasons(office, engine, booked)
    assert (found["verdict"], found["reason"]) == ("failed", "provider_down")

    assert await engine.board.cancel(flow_id) is None
    again = await engine.board.retry(flow_id)
    assert again is not None
    assert again.attempt == 3
    (message,) = await office.settled(1)

    assert message.state == "accepted"
    done = await office.eventually(lambda: engine.board.flows(states=[FlowState.DONE]))
    assert [view.id for view in done] == [flow_id]
    assert await engine.board.retry(flow_id) is None


async def test_a_flow_that_waits_can_be_stopped(office: Office) -> None:
    messenger = FakeMessenger([ProviderError("provider_down")])
    engine = office.hire(messenger, limits=SLOW)
    await engine.start()
    await office.call()
    booked = await office.book()
    (waiting,) = await office.eventually(lambda: engine.board.flows(states=[FlowState.LATER]))
    assert waiting.next_at is not None

    stopped = await engine.board.cancel(waiting.id)

    assert stopped is not None
    assert stopped.state is FlowState.CANCELLED
    found = await reasons(office, engine, booked)
    assert (found["verdict"], found["reason"]) == ("failed", "provider_down")
    assert await engine.board.cancel("no_such_flow") is None


async def test_another_business_sees_none_of_it(office: Office) -> None:
    engine = office.hire()
    await engine.start()
    await office.call()
    await office.book()
    await office.settled(1)
    assert await engine.board.flows(business_id="clinic") == []
    assert len(await engine.board.flows(business_id=SALON.id)) == 1


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
async def told(office: Office) -> tuple[Office, str]:
    """One booking that was confirmed and one call that was summarised, with no engine left."""
    engine = office.hire()
    await engine.start()
    await office.call()
    booked = await office.book()
    await office.end_call()
    await office.settled(2)

    async def both_done() -> bool:
        return len(await engine.board.flows(states=[FlowState.DONE])) == 2

    await office.eventually(both_done)
    await engine.stop()
    return office, booked


def run_command(told: tuple[Office, str], *words: str) -> tuple[int, Any]:
    # The command has a loop of its own.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(command, told[0], *words).result()


async def test_flows_list_show_and_why(told: tuple[Office, str]) -> None:
    _, booked = told
    code, flows = run_command(told, "list")
    assert code == 0
    assert {f["flow"] for f in flows} == {"confirm_appointment", "summarise_call"}
    assert run_command(told, "list", "--state", "given_up") == (0, [])
    assert run_command(told, "list", "--business", "clinic") == (0, [])
    assert run_command(told, "list", "--state", "nonsense")[0] == 2

    flow_id = f"confirm_appointment:appointment.created:{booked}"
    code, shown = run_command(told, "show", flow_id)
    assert code == 0
    assert shown["flow"]["state"] == "done"
    assert shown["message"]["verdict"] == "sent"
    assert run_command(told, "show", "nonsense")[0] == 2

    for subject in (booked, "call_1"):
        code, found = run_command(told, "why", subject)
        assert code == 0
        assert {each["verdict"] for each in found} == {"sent"}
    assert {each["kind"] for each in found} == {"confirmation", "call_summary"}
    assert CALLER not in json.dumps(found)
    assert run_command(told, "why", "nonsense")[0] == 2


async def test_what_is_done_can_neither_be_retried_nor_cancelled(
    told: tuple[Office, str],
) -> None:
    flow_id = f"confirm_appointment:appointment.created:{told[1]}"
    assert run_command(told, "retry", flow_id)[0] == 1
    assert run_command(told, "cancel", flow_id)[0] == 1
    assert run_command(told, "retry", "nonsense")[0] == 2
