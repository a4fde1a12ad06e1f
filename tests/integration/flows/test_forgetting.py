"""The engine's own chore takes what is personal out of old messages."""

from datetime import timedelta

import pytest
from flow_office import CALLER, SALON, SCOPE, Office

from dalpak.domain.records import MessageRecord

pytestmark = pytest.mark.integration


async def test_an_engine_forgets_what_a_business_keeps_no_longer(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        for name, days in (("old", 31), ("young", 29)):
            at = office.clock.now() - timedelta(days=days)
            await w.save_message(
                MessageRecord(
                    name, SALON.id, name, "fake", CALLER, "confirmation", "שלום", "sent", "",
                    None, None, at,
                )
            )  # fmt: skip
    await office.hire().start()

    async def look() -> dict[str, str] | None:
        texts = {m.id: m.text for m in await office.messages()}
        return texts if not texts["old"] else None

    assert await office.eventually(look) == {"old": "", "young": "שלום"}
