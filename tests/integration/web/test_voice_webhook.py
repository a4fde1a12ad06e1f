"""Twilio's webhooks: who is answered with what, and that asking twice changes nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from edge_harness import (
    CLINIC,
    SALON,
    Edge,
    Phone,
    mint,
    parameters,
    running_edge,
    settings_for,
    sid,
)

from dalpak.domain.records import CallEnd, TenantScope

pytestmark = pytest.mark.integration


async def kept(edge: Edge, call_sid: str) -> Any:
    """The call's row, None if there is none."""
    found = await edge.extensions.store.scope_of_call(external_id=call_sid)
    return None if found is None else found[1]


async def close(edge: Edge, call_sid: str, reason: CallEnd) -> None:
    scope, call = await edge.extensions.store.scope_of_call(external_id=call_sid)
    async with edge.extensions.store.writing(scope) as changes:
        await changes.close_call(call.id, reason=reason, now=edge.extensions.clock.now())


async def test_a_call_is_connected_with_a_way_to_go_on(edge: Edge) -> None:
    answer = await edge.post("/voice/incoming", edge.form(sid(1)))

    assert answer.headers["content-type"].startswith("text/xml")
    assert parameters(answer.text).keys() == {"token"}
    for expected in (
        '<Connect action="https://voice.example.com/voice/after?attempt=1" method="POST">',
        'url="wss://voice.example.com/ws/twilio"',
        'statusCallback="https://voice.example.com/voice/stream-status"',
        '<Redirect method="POST">https://voice.example.com/voice/resume?attempt=1</Redirect>',
    ):
        assert expected in answer.text
    assert answer.text.index("</Connect>") < answer.text.index("<Redirect")


async def test_the_business_is_the_one_whose_number_was_called(edge: Edge) -> None:
    await edge.ring(sid(1), To=CLINIC.phone)
    await edge.ring(sid(2), To=SALON.phone)

    assert (await kept(edge, sid(1))).business_id == CLINIC.id
    assert (await kept(edge, sid(2))).business_id == SALON.id


@pytest.mark.parametrize("caller", ["anonymous", "", "+266696687x", "sip:bob@example.com"])
async def test_a_hidden_caller_has_no_number(edge: Edge, caller: str) -> None:
    await edge.ring(sid(1), From=caller)

    assert (await kept(edge, sid(1))).caller is None


async def test_an_unknown_number_is_told_so_and_hung_up_on(edge: Edge) -> None:
    answer = await edge.post("/voice/incoming", edge.form(sid(1), To="+97299999999"))

    assert re.search(r'<Say language="he-IL" voice="[^"]+">[^<]+</Say><Hangup', answer.text)
    assert await kept(edge, sid(1)) is None


async def test_the_same_webhook_twice_is_one_call_with_two_tokens(edge: Edge) -> None:
    first = await edge.ring(sid(1))
    call = await kept(edge, sid(1))
    second = await edge.ring(sid(1))

    assert first["token"] != second["token"]
    assert (await kept(edge, sid(1))).id == call.id
    assert edge.calls.reserved == 1


async def test_the_same_webhook_twice_at_once_is_one_call(edge: Edge) -> None:
    async with asyncio.TaskGroup() as both:
        for _ in range(2):
            both.create_task(edge.ring(sid(1)))

    scope = TenantScope(SALON.id)
    async with edge.extensions.store.reading(scope) as questions:
        assert len(await questions.calls()) == 1
    assert edge.calls.reserved == 1


async def test_a_full_house_is_told_so_and_nothing_is_written(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, max_live_calls=2)) as edge:
        tokens = [await edge.ring(sid(number)) for number in range(2)]
        refused = await edge.post("/voice/incoming", edge.form(sid(2)))
        assert "<Say" in refused.text
        assert "<Connect" not in refused.text
        assert await kept(edge, sid(2)) is None

        async with edge.handshake() as ws:
            phone = Phone(ws, sid(0))
            await phone.begin(tokens[0]["token"])
            await phone.echo("1")
            assert edge.calls.reserved == 1  # the one that arrived counts by itself now
        assert edge.calls.opened[0].record.external_id == sid(0)


async def test_a_caller_who_never_arrives_gives_the_place_back(tmp_path: Path) -> None:
    async with running_edge(
        settings_for(tmp_path, max_live_calls=1, stream_token_ttl_s=0.001)
    ) as edge:
        for number in range(3):
            assert "<Connect" in (await edge.post("/voice/incoming", edge.form(sid(number)))).text


async def test_a_broken_socket_is_followed_by_another_one_for_the_same_call(edge: Edge) -> None:
    async with edge.talk(sid(1)) as phone:
        await phone.echo("1")
    answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))

    assert "/voice/after?attempt=2" in answer.text
    async with edge.handshake() as ws:
        phone = Phone(ws, sid(1), stream="MZ" + "7" * 32)
        await phone.begin(parameters(answer.text)["token"])
        await phone.echo("2")
    first, second = edge.calls.opened
    assert first.record.id == second.record.id


async def test_a_call_that_had_a_stream_before_is_resumed(edge: Edge) -> None:
    _, call = await mint(edge, sid(1))
    async with edge.extensions.store.writing(TenantScope(SALON.id)) as changes:
        now = edge.extensions.clock.now()
        await changes.touch_call(call.id, now=now, stream_id="MZ1")
        await changes.save_checkpoint(call.id, {"agent": {"asked": "when"}})
    answer = await edge.post("/voice/resume?attempt=1", edge.form(sid(1)))
    assert parameters(answer.text)["resume"] == "1"

    async with edge.handshake() as ws:
        phone = Phone(ws, sid(1))
        await phone.begin(parameters(answer.text)["token"])
        await phone.echo("1")
    (session,) = edge.calls.opened
    assert session.resumed
    assert session.record.checkpoint == {"agent": {"asked": "when"}}


async def test_a_call_that_breaks_again_and_again_is_ended_politely(edge: Edge) -> None:
    await edge.ring(sid(1))
    answer = await edge.post("/voice/after?attempt=5", edge.form(sid(1)))

    assert "<Say" in answer.text
    assert "<Connect" not in answer.text
    assert (await kept(edge, sid(1))).end_reason is CallEnd.CARRIER


@pytest.mark.parametrize("path", ["/voice/after?attempt=1", "/voice/resume?attempt=1"])
@pytest.mark.parametrize("reason", [CallEnd.AGENT, CallEnd.CALLER, CallEnd.MAX_DURATION])
async def test_a_call_that_ended_is_hung_up(edge: Edge, path: str, reason: CallEnd) -> None:
    await edge.ring(sid(1))
    await close(edge, sid(1), reason)

    answer = await edge.post(path, edge.form(sid(1)))
    assert re.search(r"<Response><Hangup ?/></Response>", answer.text)
    assert "<Connect" not in (await edge.post("/voice/incoming", edge.form(sid(1)))).text


async def test_a_transferred_call_rings_the_business_and_nobody_else(edge: Edge) -> None:
    await edge.ring(sid(1))
    await close(edge, sid(1), CallEnd.TRANSFERRED)
    answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))

    assert f"<Number>{SALON.owner_phone}</Number>" in answer.text
    assert 'action="https://voice.example.com/voice/after-dial"' in answer.text
    answered = await edge.post("/voice/after-dial", edge.form(sid(1), DialCallStatus="completed"))
    assert "<Say" not in answered.text
    missed = await edge.post("/voice/after-dial", edge.form(sid(1), DialCallStatus="no-answer"))
    assert "<Say" in missed.text
    assert "<Hangup" in missed.text


async def test_a_business_without_a_phone_of_its_own_is_not_dialled(edge: Edge) -> None:
    await edge.ring(sid(1), To=CLINIC.phone)
    await close(edge, sid(1), CallEnd.TRANSFERRED)
    answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))

    assert "<Dial" not in answer.text
    assert "<Hangup" in answer.text


async def test_a_socket_that_closes_after_a_transfer_is_followed_by_the_dial(edge: Edge) -> None:
    async with edge.talk(sid(1)) as phone:
        await phone.echo("1")
        edge.calls.opened[0].end(CallEnd.TRANSFERRED)
        assert await phone.closed() == 1000
        answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))

    assert "<Dial" in answer.text


async def test_a_stream_error_is_kept_once(edge: Edge) -> None:
    await edge.ring(sid(1))
    error = edge.form(
        sid(1), StreamEvent="stream-error", StreamSid="MZ1", StreamError="31920 handshake"
    )
    for _ in range(2):
        assert (await edge.post("/voice/stream-status", error)).status_code == 204
    started = edge.form(sid(1), StreamEvent="stream-started", StreamSid="MZ1")
    assert (await edge.post("/voice/stream-status", started)).status_code == 204

    async with edge.extensions.store.reading(TenantScope(SALON.id)) as questions:
        (trace,) = await questions.traces((await kept(edge, sid(1))).id)
    assert (trace.tool, trace.ok, trace.reason) == ("twilio.stream", False, "31920 handshake")


async def test_the_carriers_last_word_closes_a_call_once(edge: Edge) -> None:
    await edge.ring(sid(1))
    for status in ("ringing", "in-progress"):
        await edge.post("/voice/status", edge.form(sid(1), CallStatus=status))
        assert (await kept(edge, sid(1))).ended_at is None

    for status in ("failed", "completed"):
        done = edge.form(sid(1), CallStatus=status)
        assert (await edge.post("/voice/status", done)).status_code == 204
    call = await kept(edge, sid(1))
    assert call.end_reason is CallEnd.CARRIER
    async with edge.extensions.store.reading(TenantScope(SALON.id)) as questions:
        assert [event.type for event in await questions.events(call.id)] == ["call.ended"]


async def test_callbacks_for_a_call_we_never_had_are_taken_quietly(edge: Edge) -> None:
    status = edge.form(sid(9), CallStatus="completed")
    error = edge.form(sid(9), StreamEvent="stream-error", StreamError="31901")

    assert (await edge.post("/voice/status", status)).status_code == 204
    assert (await edge.post("/voice/stream-status", error)).status_code == 204
    assert "<Hangup" in (await edge.post("/voice/after?attempt=1", edge.form(sid(9)))).text


@pytest.mark.parametrize("call_sid", ["", "CA 1", "x" * 65, "CA'--"])
async def test_a_webhook_without_a_call_is_refused(edge: Edge, call_sid: str) -> None:
    assert (await edge.post("/voice/incoming", edge.form(call_sid))).status_code == 400


async def test_while_draining_a_new_caller_is_asked_to_wait_for_another_process(
    edge: Edge,
) -> None:
    with edge.extensions.drain.hold():
        edge.extensions.drain.request()
        answer = await edge.post("/voice/incoming", edge.form(sid(1)))
        assert ">https://voice.example.com/voice/incoming?attempt=1</Redirect>" in answer.text
        last = await edge.post("/voice/incoming?attempt=5", edge.form(sid(1)))
        assert "<Hangup" in last.text
        assert await kept(edge, sid(1)) is None


async def test_a_database_that_fails_is_asked_again_after_a_sentence(edge: Edge) -> None:
    await edge.ring(sid(1))
    await edge.extensions.store.aclose()
    (edge.settings.data_dir / "dalpak.db").unlink()
    (edge.settings.data_dir / "dalpak.db").mkdir()

    answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))
    assert answer.status_code == 200
    assert ">https://voice.example.com/voice/after?attempt=2</Redirect>" in answer.text
    status = edge.form(sid(1), CallStatus="completed")
    assert (await edge.post("/voice/status", status)).status_code == 503
