"""What leaves for each provider: templates where free text is not allowed, and values they can take."""

from datetime import timedelta
from typing import Any

import pytest
from messenger_stages import CALLER, TEXT, message

from dalpak.ports.messenger import DeliveryState, Refusal
from dalpak.services.whatsapp.meta import MetaMessenger
from dalpak.services.whatsapp.twilio_messages import SMS, WHATSAPP, TwilioMessenger
from dalpak.simulator import meta_server, twilio_messaging_server
from dalpak.simulator.meta_server import MetaServer
from dalpak.simulator.twilio_messaging_server import TwilioMessagingServer

pytestmark = pytest.mark.integration


async def by_meta(server: MetaServer, **changes: Any) -> Any:
    messenger = MetaMessenger(
        url=f"{server.url}/v26.0",
        phone_number_id=meta_server.PHONE_NUMBER_ID,
        token=meta_server.TOKEN,
        templates={"confirmation.en": "set/en_US", "reminder": "remind_me"},
    )
    try:
        delivery = await messenger.send(message(**changes))
    finally:
        await messenger.aclose()
    return delivery, server.asked[-1].json


async def test_meta_gets_a_template_with_the_values_in_order() -> None:
    async with MetaServer({"confirmation": 3, "set": 1, "remind_me": 1}) as server:
        values = ("נועה", "יום ב׳\n24.11", "")
        delivery, body = await by_meta(server, values=values)
        assert delivery.state == DeliveryState.ACCEPTED
        assert body["to"] == CALLER.removeprefix("+")
        assert body["biz_opaque_callback_data"] == "dlv_1"
        template = body["template"]
        assert (template["name"], template["language"]) == ("confirmation", {"code": "he"})
        told = [p["text"] for p in template["components"][0]["parameters"]]
        assert told == ["נועה", "יום ב׳ 24.11", "-"]

        _, english = await by_meta(server, language="en")
        named = english["template"]
        assert (named["name"], named["language"]) == ("set", {"code": "en_US"})
        _, reminder = await by_meta(server, kind="reminder")
        assert reminder["template"]["name"] == "remind_me"


async def test_meta_gets_free_text_only_while_the_window_is_open() -> None:
    async with MetaServer() as server:
        server.open_windows.add(CALLER)
        delivery, body = await by_meta(server, window_open=True)

        assert delivery.state == DeliveryState.ACCEPTED
        assert (body["type"], body["text"]["body"]) == ("text", TEXT)


async def test_meta_refuses_what_its_template_does_not_fit() -> None:
    async with MetaServer({"confirmation": 2}) as server:
        delivery, _ = await by_meta(server)
        assert (delivery.state, delivery.reason) == ("failed", Refusal.TEMPLATE_REFUSED)
        delivery, _ = await by_meta(server, kind="unheard_of")
        assert (delivery.reason, delivery.code) == (Refusal.TEMPLATE_REFUSED, "132001")


def twilio(server: TwilioMessagingServer, channel: str, **changes: Any) -> TwilioMessenger:
    values: dict[str, Any] = {
        "channel": channel,
        "url": server.url,
        "account_sid": twilio_messaging_server.ACCOUNT,
        "auth_token": twilio_messaging_server.TOKEN,
        "sender": twilio_messaging_server.SMS_FROM,
        "contents": {"confirmation": "HX01"},
        "callback_origin": "https://voice.example.com",
    }
    return TwilioMessenger(**(values | changes))


async def test_twilio_whatsapp_gets_content_and_variables() -> None:
    async with TwilioMessagingServer({"HX01": "{1} / {2}"}) as server:
        messenger = twilio(server, WHATSAPP)
        await messenger.send(message(values=("a", "b")))
        form = server.asked[-1].form
        assert (form["ContentSid"], form["ContentVariables"]) == ("HX01", '{"1":"a","2":"b"}')
        assert "Body" not in form
        assert form["StatusCallback"].endswith("/whatsapp/twilio/status?d=dlv_1")
        assert [m.body for m in server.taken] == ["a / b"]

        without = await messenger.send(message(kind="call_summary"))
        assert (without.reason, len(server.taken)) == (Refusal.TEMPLATE_REFUSED, 1)
        await messenger.aclose()


async def test_twilio_sms_is_text_and_may_go_by_a_messaging_service() -> None:
    async with TwilioMessagingServer() as server:
        messenger = twilio(server, SMS, sender="MG1", callback_origin="")
        await messenger.send(message())
        await messenger.aclose()
        form = server.asked[-1].form

    assert form == {"To": CALLER, "MessagingServiceSid": "MG1", "Body": TEXT}


async def test_a_message_of_an_hour_before_is_not_the_attempt_that_is_looked_for() -> None:
    async with TwilioMessagingServer() as server:
        messenger = twilio(server, SMS)
        await messenger.send(message())
        then = server.now + timedelta(hours=1)
        assert await messenger.lookup(message(first_tried_at=then)) is None
        found = await messenger.lookup(message(first_tried_at=server.now))
        assert found is not None
        assert found.provider_id == server.taken[0].sid
        server.taken[0].status = "undelivered"
        failed = await messenger.lookup(message(first_tried_at=server.now))
        assert failed is not None
        assert failed.state == DeliveryState.FAILED
        await messenger.aclose()
