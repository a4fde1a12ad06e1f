"""One suite for every messenger: what may be sent again, what may not, and what became of a message.

Each talks over a real socket to its provider, simulated; what counts is what the provider has in the
end, not what the messenger says.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from messenger_stages import CALLER, EVERY, REMOTE, TEXT, Open, Stage, message, patience

from dalpak.errors import ProviderError
from dalpak.ports.messenger import (
    REASON_WORDS,
    Delivery,
    DeliveryState,
    OutgoingMessage,
    Refusal,
)
from dalpak.simulator.provider_http import HttpFault

pytestmark = pytest.mark.contract

every = pytest.mark.parametrize("stage", EVERY.values(), ids=EVERY)
each_remote = pytest.mark.parametrize("stage", REMOTE.values(), ids=REMOTE)

LEFT_BEHIND = [f for f in HttpFault if f.worked]
"""The provider has it and the answer suffers."""
NOT_LEFT = [HttpFault.RATE_LIMITED, HttpFault.DOWN, HttpFault.API_FAULT]
"""The provider says that it took nothing."""
NOBODY_KNOWS = [HttpFault.TIMEOUT_BEFORE, HttpFault.CLOSED_BEFORE]
"""From here it looks like the first kind."""

FIRST_TRY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def flat(text: str) -> str:
    return " ".join(text.split())


@every
async def test_a_message_is_sent_once_and_has_an_id(stage: Open) -> None:
    async with stage() as on:
        delivery = await on.messenger.send(message())

        assert delivery.state in {DeliveryState.RECORDED, DeliveryState.ACCEPTED}
        assert delivery.provider_id
        if on.server is not None:
            assert [(to, flat(text)) for to, text in on.accepted()] == [(CALLER, flat(TEXT))]


@every
async def test_its_name_is_the_one_that_settings_use(stage: Open) -> None:
    async with stage() as on:
        assert EVERY[on.messenger.name] is stage


@each_remote
@pytest.mark.parametrize("fault", [*LEFT_BEHIND, *NOBODY_KNOWS])
async def test_an_attempt_without_an_answer_is_unknown_and_never_failed(
    stage: Open, fault: HttpFault
) -> None:
    async with stage(patience(fault)) as on:
        assert on.server is not None
        on.server.faults.append(fault)
        delivery = await on.messenger.send(message())

        assert delivery.state == DeliveryState.UNKNOWN
        assert delivery.reason in {"timeout", "connection_lost", "garbage", "unclear"}
        assert len(on.server.asked) == 1, "it was sent again blindly"


@each_remote
@pytest.mark.parametrize("fault", NOT_LEFT)
async def test_what_the_provider_did_not_take_may_be_tried_again(
    stage: Open, fault: HttpFault
) -> None:
    async with stage() as on:
        assert on.server is not None
        on.server.faults.append(fault)
        with pytest.raises(ProviderError) as refused:
            await on.messenger.send(message())

        assert refused.value.retryable
        assert refused.value.code in REASON_WORDS
        assert on.accepted() == []
        assert (await on.messenger.send(message())).state == DeliveryState.ACCEPTED


@each_remote
@pytest.mark.parametrize(
    ("fault", "told", "wish_s"),
    [
        *((fault, "120", 120) for fault in NOT_LEFT),
        (HttpFault.DOWN, "Mon, 23 Nov 2026 12:30:00 GMT", 1800),
        (HttpFault.DOWN, "soon", 0),
        (HttpFault.DOWN, "", 0),
    ],
)
async def test_how_long_the_provider_wants_to_be_left_alone_is_passed_on(
    stage: Open, fault: HttpFault, told: str, wish_s: float
) -> None:
    async with stage() as on:
        assert on.server is not None
        on.server.faults.append(fault)
        on.server.retry_after = told
        with pytest.raises(ProviderError) as refused:
            await on.messenger.send(message())

        assert refused.value.retry_after_s == wish_s


@each_remote
async def test_a_provider_that_is_not_there_took_nothing(stage: Open) -> None:
    async with stage() as on:
        assert on.server is not None
        await on.server.__aexit__()
        with pytest.raises(ProviderError) as refused:
            await on.messenger.send(message())

        assert (refused.value.code, refused.value.retryable) == ("unreachable", True)


@each_remote
async def test_a_definite_refusal_says_why_and_gives_the_providers_code(stage: Open) -> None:
    async with stage() as on:
        for refusal in on.definite:
            on.refuse(CALLER, refusal)
            delivery = await on.messenger.send(message())

            assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, refusal)
            assert delivery.code
        assert on.accepted() == []


async def reconciled(on: Stage, first: OutgoingMessage) -> Delivery | None:
    """What a sender does about an attempt that nobody knows the end of, by the messenger's features."""
    again = replace(first, repeated=True, first_tried_at=FIRST_TRY)
    if on.messenger.features.deduplicates:
        return await on.messenger.send(again)
    if not on.messenger.features.can_be_asked:
        return None
    found = await on.messenger.lookup(again)
    return found if found is not None else await on.messenger.send(again)


@each_remote
@pytest.mark.parametrize("fault", [*LEFT_BEHIND, *NOBODY_KNOWS])
async def test_reconciling_leaves_exactly_one_message_where_the_provider_can_be_asked(
    stage: Open, fault: HttpFault
) -> None:
    async with stage(patience(fault)) as on:
        assert on.server is not None
        on.server.faults.append(fault)
        await on.messenger.send(message())
        delivery = await reconciled(on, message())

        if delivery is None:
            assert on.messenger.name == "whatsapp_cloud", "only Meta cannot be asked"
            assert len(on.server.asked) == 1
        else:
            assert delivery.state == DeliveryState.ACCEPTED
            assert delivery.provider_id
            assert len(on.accepted()) == 1


@every
async def test_lookup_never_sends(stage: Open) -> None:
    async with stage() as on:
        before = on.accepted()
        with suppress(ProviderError):
            found = await on.messenger.lookup(message(first_tried_at=FIRST_TRY))

            assert found is None or found.state == DeliveryState.UNKNOWN
        assert on.accepted() == before


@each_remote
async def test_another_message_to_the_same_person_is_not_taken_for_this_one(stage: Open) -> None:
    async with stage() as on:
        other = message(idem_key="reminder:e2", text="תזכורת: מחר בשעה 16:30")
        await on.messenger.send(other)

        if on.messenger.features.can_be_asked:
            assert await on.messenger.lookup(message(first_tried_at=FIRST_TRY)) is None


@each_remote
async def test_an_unanswered_lookup_is_a_fault_and_no_answer(stage: Open) -> None:
    async with stage() as on:
        assert on.server is not None
        await on.server.__aexit__()
        if on.messenger.features.can_be_asked:
            with pytest.raises(ProviderError):
                await on.messenger.lookup(message(first_tried_at=FIRST_TRY))


@each_remote
async def test_the_connection_is_kept_for_the_next_message(stage: Open) -> None:
    async with stage() as on:
        assert on.server is not None
        for n in range(3):
            await on.messenger.send(message(idem_key=f"key_{n}"))

        assert len(on.accepted()) == 3
        assert on.server.connections == 1


@every
async def test_closing_twice_is_harmless(stage: Open) -> None:
    async with stage() as on:
        await on.messenger.aclose()
        await on.messenger.aclose()
        assert on.accepted() == []


def test_every_refusal_has_words_for_people() -> None:
    assert set(Refusal) <= set(REASON_WORDS)
    assert all(len(words) > 10 for words in REASON_WORDS.values())
