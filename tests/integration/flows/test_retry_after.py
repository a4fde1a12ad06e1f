"""A provider that asks to be left alone for a while is: real clients, their providers simulated on the
wire, the real engine."""

from datetime import datetime, timedelta

import pytest
from flow_office import Office
from messenger_stages import REMOTE

from dalpak.flows.board import FlowState
from dalpak.simulator.provider_http import HttpFault

pytestmark = pytest.mark.integration

WISH_S = 1200
NEAR = timedelta(seconds=300)
"""No clock here is that slow, and no pause of ours is that long."""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("whatsapp_cloud", HttpFault.RATE_LIMITED),
        ("whatsapp_cloud", HttpFault.API_FAULT),
        ("twilio_sms", HttpFault.DOWN),
    ],
)
async def test_the_next_try_is_when_the_provider_wants_it(
    office: Office, name: str, fault: HttpFault
) -> None:
    async with REMOTE[name]() as on:
        assert on.server is not None
        on.server.faults.append(fault)
        on.server.retry_after = str(WISH_S)
        engine = office.hire(on.messenger)
        await engine.start()
        await office.call()
        flow_id = f"confirm_appointment:appointment.created:{await office.book()}"

        async def look() -> datetime | None:
            view = await engine.board.flow(flow_id)
            return view.next_at if view is not None and view.state is FlowState.LATER else None

        wished = office.clock.now() + timedelta(seconds=WISH_S)
        assert abs(await office.eventually(look) - wished) < NEAR
        assert len(on.server.asked) == 1
        await engine.stop()
