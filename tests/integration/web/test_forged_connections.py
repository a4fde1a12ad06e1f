"""Whoever is not Twilio gets nothing: no session is opened, so no provider is ever built, whatever
they send.

A handshake is replayed for ever (its signature has no time), so past the handshake the one-time
token decides.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from edge_harness import (
    ACCOUNT,
    CLINIC,
    PUBLIC,
    TOKEN,
    Edge,
    Phone,
    mint,
    parameters,
    running_edge,
    settings_for,
    sid,
)
from twilio.request_validator import HMAC_SHA256, RequestValidator
from websockets.exceptions import InvalidHandshake, InvalidMessage

from dalpak.domain.records import CallEnd, TenantScope

pytestmark = pytest.mark.integration

WSS = "wss://voice.example.com/ws/twilio"
RIGHT = RequestValidator(TOKEN)
WRONG = RequestValidator("another-token")
GOOD = RIGHT.compute_signature(WSS, {})

HANDSHAKES: dict[str, Any] = {
    "no signature": {},
    "an empty signature": {"x-twilio-signature": ""},
    "garbage": {"x-twilio-signature": "garbage"},
    "not ASCII": {"x-twilio-signature": "חתימה".encode().decode("latin-1")},
    "cut short": {"x-twilio-signature": GOOD[:-1]},
    "one character changed": {"x-twilio-signature": GOOD[:-2] + "A="},
    "lower case": {"x-twilio-signature": GOOD.lower()},
    "sent twice": [("x-twilio-signature", GOOD), ("x-twilio-signature", GOOD)],
    "another token": {"x-twilio-signature": WRONG.compute_signature(WSS, {})},
    "another host": {
        "x-twilio-signature": RIGHT.compute_signature("wss://evil.example/ws/twilio", {})
    },
    "https instead of wss": {
        "x-twilio-signature": RIGHT.compute_signature(f"{PUBLIC}/ws/twilio", {})
    },
    "ws instead of wss": {
        "x-twilio-signature": RIGHT.compute_signature("ws://voice.example.com/ws/twilio", {})
    },
    "another path": {"x-twilio-signature": RIGHT.compute_signature(WSS + "2", {})},
    "another port": {
        "x-twilio-signature": RIGHT.compute_signature("wss://voice.example.com:8443/ws/twilio", {})
    },
    "a query string": {"x-twilio-signature": RIGHT.compute_signature(WSS + "?a=b", {})},
    "signed with parameters": {"x-twilio-signature": RIGHT.compute_signature(WSS, {"a": "b"})},
    "the signature of a webhook": {
        "x-twilio-signature": RIGHT.compute_signature(f"{PUBLIC}/voice/incoming", {"CallSid": "CA"})
    },
    "SHA-256 by its header": {
        "x-twilio-signature": RIGHT.compute_signature(WSS, {}, HMAC_SHA256),
        "x-twilio-webhooks-signature-settings": "key=k,algorithm=HMAC_SHA256",
    },
    "signed by an empty token": {
        "x-twilio-signature": RequestValidator("").compute_signature(WSS, {})
    },
    "our address instead of the public one": {
        "x-twilio-signature": RIGHT.compute_signature("ws://127.0.0.1/ws/twilio", {}),
        "x-forwarded-host": "127.0.0.1",
        "x-forwarded-proto": "ws",
    },
    "a header of one megabyte": {"x-twilio-signature": "A" * 1_048_576},
}


async def test_a_forged_handshake_is_refused_before_it_is_accepted(edge: Edge) -> None:
    answers = {}
    for kind, headers in HANDSHAKES.items():
        with pytest.raises((InvalidHandshake, InvalidMessage)) as refused:
            await edge.connect(headers)
        answers[kind] = str(refused.value).rpartition(" ")[2]

    # The protocol itself gives up a header that long, without an answer.
    assert answers == dict.fromkeys(HANDSHAKES, "403") | {"a header of one megabyte": "response"}
    assert edge.calls.opened == []


async def test_the_forms_of_our_own_url_that_twilio_may_sign_are_accepted(edge: Edge) -> None:
    for number, url in enumerate([WSS, WSS + "/", "wss://voice.example.com:443/ws/twilio"]):
        token, _ = await mint(edge, sid(number))
        async with edge.handshake(RIGHT.compute_signature(url, {})) as ws:
            phone = Phone(ws, sid(number))
            await phone.begin(token)
            await phone.echo("1")


async def test_both_tokens_are_accepted_while_one_is_being_rotated(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, twilio_auth_token_next="another-token")
    async with running_edge(settings) as edge:
        for number, signer in enumerate((RIGHT, WRONG)):
            token, _ = await mint(edge, sid(number))
            async with edge.handshake(signer.compute_signature(WSS, {})) as ws:
                phone = Phone(ws, sid(number))
                await phone.begin(token)
                await phone.echo("1")


async def test_without_an_auth_token_everything_is_refused(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, twilio_auth_token="")) as edge:
        for signer in (RIGHT, RequestValidator("")):
            with pytest.raises(InvalidHandshake, match="403"):
                await edge.handshake(signer.compute_signature(WSS, {}))
            form = edge.form(sid(1))
            signature = signer.compute_signature(f"{PUBLIC}/voice/incoming", form)
            answer = await edge.post("/voice/incoming", form, signature=signature)
            assert answer.status_code == 403
        assert edge.calls.opened == []


# -- past the handshake: the token ----------------------------------------------------------------

Attempt = Callable[[Edge, Phone], Awaitable[None]]


async def no_token(_edge: Edge, phone: Phone) -> None:
    await phone.begin(None)


async def empty_token(_edge: Edge, phone: Phone) -> None:
    await phone.begin("")


async def made_up_token(_edge: Edge, phone: Phone) -> None:
    await phone.begin("A" * 43)


async def a_token_that_is_a_number(_edge: Edge, phone: Phone) -> None:
    await phone.begin(7)


async def a_token_in_hebrew(_edge: Edge, phone: Phone) -> None:
    await phone.begin("אסימון")


async def a_token_with_half_a_character(_edge: Edge, phone: Phone) -> None:
    await phone.begin("\ud800")


async def a_token_cut_short(edge: Edge, phone: Phone) -> None:
    await phone.begin((await mint(edge, phone.call_sid))[0][:-1])


async def the_digest_instead_of_the_token(edge: Edge, phone: Phone) -> None:
    token = (await mint(edge, phone.call_sid))[0]
    await phone.begin(hashlib.sha256(token.encode()).hexdigest())


async def a_token_that_is_too_old(edge: Edge, phone: Phone) -> None:
    await phone.begin((await mint(edge, phone.call_sid, live_s=-1))[0])


async def the_token_of_another_call(edge: Edge, phone: Phone) -> None:
    await phone.begin((await mint(edge, sid(77)))[0])


async def the_token_of_another_business(edge: Edge, phone: Phone) -> None:
    await mint(edge, phone.call_sid)
    await phone.begin((await mint(edge, sid(78), business=CLINIC))[0])


async def another_account(edge: Edge, phone: Phone) -> None:
    token = (await mint(edge, phone.call_sid))[0]
    await phone.begin(token, accountSid="AC" + "0" * 32)


async def no_account(edge: Edge, phone: Phone) -> None:
    await phone.begin((await mint(edge, phone.call_sid))[0], accountSid="")


async def a_call_sid_with_a_quote(edge: Edge, phone: Phone) -> None:
    await phone.begin((await mint(edge, phone.call_sid))[0], callSid="CA' OR 1=1 --")


async def a_call_that_is_over(edge: Edge, phone: Phone) -> None:
    token, call = await mint(edge, phone.call_sid)
    store, now = edge.extensions.store, edge.extensions.clock.now()
    async with store.writing(TenantScope(call.business_id)) as changes:
        await changes.close_call(call.id, reason=CallEnd.CALLER, now=now)
    await phone.begin(token)


async def frames_and_no_start(_edge: Edge, phone: Phone) -> None:
    for _ in range(60):
        await phone.speak(b"\xff" * 160)


TOKENS: list[Attempt] = [
    no_token,
    empty_token,
    made_up_token,
    a_token_that_is_a_number,
    a_token_in_hebrew,
    a_token_with_half_a_character,
    a_token_cut_short,
    the_digest_instead_of_the_token,
    a_token_that_is_too_old,
    the_token_of_another_call,
    the_token_of_another_business,
    another_account,
    no_account,
    a_call_sid_with_a_quote,
    a_call_that_is_over,
    frames_and_no_start,
]


async def test_a_replayed_handshake_without_a_good_token_opens_nothing(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, pre_start_timeout_s=0.3)) as edge:
        for number, attempt in enumerate(TOKENS):
            async with edge.handshake() as ws:
                phone = Phone(ws, sid(number))
                await attempt(edge, phone)
                assert await phone.closed() == 1008, attempt.__name__
        assert edge.calls.opened == []


async def test_a_token_works_once(edge: Edge) -> None:
    token, _ = await mint(edge, sid(1))
    async with edge.handshake() as ws:
        phone = Phone(ws, sid(1))
        await phone.begin(token)
        await phone.echo("1")
        async with edge.handshake() as again:
            replay = Phone(again, sid(1))
            await replay.begin(token)
            assert await replay.closed() == 1008
        await phone.echo("2")

    assert len(edge.calls.opened) == 1


async def test_of_two_sockets_with_one_token_exactly_one_wins(tmp_path: Path) -> None:
    rounds = 25
    async with running_edge(settings_for(tmp_path)) as edge:
        for number in range(rounds):
            token, _ = await mint(edge, sid(number))
            async with edge.handshake() as one, edge.handshake() as two:
                phones = Phone(one, sid(number)), Phone(two, sid(number))
                async with asyncio.TaskGroup() as racing:
                    for phone in phones:
                        racing.create_task(phone.begin(token))
                    await edge.calls.until(partial(edge.calls.has_opened, number + 1))
                    for phone in phones:
                        racing.create_task(phone.press("1"))
                session = edge.calls.opened[number]
                await edge.calls.until(partial(bool, session.inputs))
                assert len(session.inputs) == 1
        assert len(edge.calls.opened) == rounds


# -- webhooks -------------------------------------------------------------------------------------

PATHS = (
    "/voice/incoming",
    "/voice/after",
    "/voice/resume",
    "/voice/after-dial",
    "/voice/stream-status",
    "/voice/status",
)


def sha1(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    return RequestValidator(token).compute_signature(url, form)


def forgeries(path: str, form: dict[str, str]) -> dict[str, str]:
    """Signatures that are not this form's, by what is wrong with them."""
    url = PUBLIC + path
    return {
        "none": "",
        "garbage": "garbage",
        "another token": sha1(url, form, "another-token"),
        "another host": sha1(f"https://evil.example{path}", form),
        "http": sha1(f"http://voice.example.com{path}", form),
        "trailing slash": sha1(url + "/", form),
        "another port": sha1(f"https://voice.example.com:8443{path}", form),
        "another path": sha1(f"{PUBLIC}/voice/other", form),
        "a query that was not sent": sha1(url + "?attempt=1", form),
        "a field more": sha1(url, form | {"Extra": "1"}),
        "a field less": sha1(url, {k: v for k, v in form.items() if k != "To"}),
        "another caller": sha1(url, form | {"From": "+972509999999"}),
        "another number called": sha1(url, form | {"To": CLINIC.phone}),
        "no form": sha1(url, {}),
        "the signature of a socket": GOOD,
        "cut short": sha1(url, form)[:-1],
    }


async def test_every_webhook_refuses_a_forged_form(edge: Edge) -> None:
    form = edge.form(sid(1), CallStatus="completed", StreamEvent="stream-error")
    answers = {
        (path, kind): (await edge.post(path, form, signature=signature)).status_code
        for path in PATHS
        for kind, signature in forgeries(path, form).items()
    }

    assert len(answers) == 96
    assert {what: status for what, status in answers.items() if status != 403} == {}
    assert edge.calls.reserved == 0
    assert await edge.extensions.store.scope_of_call(external_id=sid(1)) is None


async def test_what_is_signed_may_come_in_any_order(edge: Edge) -> None:
    form = dict(reversed(edge.form(sid(1)).items()))

    assert (await edge.post("/voice/incoming", form)).status_code == 200


async def test_a_body_that_twilio_would_not_send_is_refused_even_if_it_is_signed(
    edge: Edge,
) -> None:
    urlencoded = "application/x-www-form-urlencoded"
    fields = {f"f{n}": "1" for n in range(500)}
    bodies: list[tuple[str, bytes, dict[str, str]]] = [
        ("application/json", b'{"CallSid":"CA1"}', {}),
        ("multipart/form-data; boundary=x", b"--x--", {}),
        (urlencoded, b"a=" + b"x" * 70_000, {"a": "x" * 70_000}),
        (urlencoded, urlencode(fields).encode(), fields),
        (urlencoded, b"\xff\xfe%ff%zz=%80", {}),
        ("", b"", {}),
    ]
    for content_type, body, signed in bodies:
        headers = {"x-twilio-signature": sha1(f"{PUBLIC}/voice/incoming", signed)}
        if content_type:
            headers["content-type"] = content_type
        answer = await edge.http.post("/voice/incoming", content=body, headers=headers)
        assert answer.status_code == 403, (content_type, body[:40])


async def test_a_field_that_is_sent_twice_is_not_the_form_that_was_signed(edge: Edge) -> None:
    form = edge.form(sid(1))
    signature = sha1(f"{PUBLIC}/voice/incoming", form)
    body = "&".join(f"{k}={v.replace('+', '%2B')}" for k, v in form.items())
    headers = {
        "x-twilio-signature": signature,
        "content-type": "application/x-www-form-urlencoded",
    }
    twice = f"{body}&To=%2B97235556666"

    assert (
        await edge.http.post("/voice/incoming", content=twice, headers=headers)
    ).status_code == 403
    assert (
        await edge.http.post("/voice/incoming", content=body, headers=headers)
    ).status_code == 200


async def test_only_our_own_account_is_served(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, twilio_account_sid=ACCOUNT)) as edge:
        other = edge.form(sid(1), AccountSid="AC" + "0" * 32)
        assert (await edge.post("/voice/incoming", other)).status_code == 403
        assert (await edge.post("/voice/incoming", edge.form(sid(1)))).status_code == 200


async def test_the_socket_url_of_the_twiml_is_the_configured_one(edge: Edge) -> None:
    form = edge.form(sid(1))
    signature = sha1(f"{PUBLIC}/voice/incoming", form)
    answer = await edge.http.post(
        "/voice/incoming",
        data=form,
        headers={
            "x-twilio-signature": signature,
            "host": "127.0.0.1",
            "x-forwarded-host": "evil.example",
        },
    )

    assert 'url="wss://voice.example.com/ws/twilio"' in answer.text
    assert "evil" not in answer.text
    token = parameters(answer.text)["token"]
    assert len(base64.urlsafe_b64decode(token + "==")) == 32
    assert not hmac.compare_digest(token, "")
