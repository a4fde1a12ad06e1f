"""The table of flows, and what an import of the engine costs."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from dalpak.domain.events import EventType, appointment_created, call_ended, lead_left
from dalpak.flows.registry import FLOWS
from dalpak.ports.messenger import OutgoingMessage
from dalpak.services.whatsapp.outbox import OutboxMessenger

pytestmark = pytest.mark.unit

AT = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_flow_is_named_as_its_function_and_once() -> None:
    named = [(name, flow) for flows in FLOWS.values() for name, flow in flows.items()]

    assert [name for name, _ in named] == [flow.__name__ for _, flow in named]
    assert len({name for name, _ in named}) == len(named)
    assert not any("#" in name or ":" in name for name, _ in named), "both separate parts of ids"


def test_the_operators_flows_are_there() -> None:
    assert set(FLOWS[EventType.APPOINTMENT_CREATED]) == {"confirm_appointment"}
    assert set(FLOWS[EventType.CALL_ENDED]) == {"summarise_call"}


@pytest.mark.parametrize(
    "event",
    [
        appointment_created("biz", "apt_1", AT),
        call_ended("biz", "call_1", AT),
        lead_left("biz", "lead_1", "call_1", AT),
    ],
)
def test_an_event_that_flows_follow_carries_ids_only(event: object) -> None:
    payload = event.payload  # type: ignore[attr-defined]
    assert payload
    assert all(name.endswith("_id") for name in payload)


def test_a_command_that_needs_no_flows_does_not_pay_for_them() -> None:
    code = "import sys, dalpak.flows.engine; print({'dbos', 'sqlalchemy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout.strip() == "set()"


async def test_the_outbox_records_every_message() -> None:
    message = OutgoingMessage("f:1:send:+972523456789", "+972523456789", "שלום", "confirmation")

    delivery = await OutboxMessenger().send(message)

    assert (delivery.state, delivery.reason) == ("recorded", "")
