"""Twilio's forms and the sidecar's events read: channel, numbers and states, and nothing made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.ports.messenger import DeliveryState, Inbound, Receipt, Refusal
from dalpak.services.whatsapp import baileys_events, twilio_events
from dalpak.simulator.twilio_messaging_server import Taken, TwilioMessagingServer

pytestmark = pytest.mark.unit

CALLER = "+972523456789"
SERVER = TwilioMessagingServer()


def taken(to: str) -> Taken:
    return Taken("SM1", to, "", "", "", "", SERVER.now)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "accepted"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("undelivered", "failed"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_each_status_of_twilio_has_its_state(status: str, state: str) -> None:
    receipt = twilio_events.receipt(SERVER.callback(taken(CALLER), status), "dlv_1")

    assert receipt is not None
    assert (receipt.state, receipt.delivery_id, receipt.provider_id) == (state, "dlv_1", "SM1")


def test_a_failure_by_twilio_says_why() -> None:
    form = SERVER.callback(taken(f"whatsapp:{CALLER}"), "undelivered", code=63016)
    receipt = twilio_events.receipt(form, "")

    assert receipt is not None
    assert (receipt.provider, receipt.reason) == ("twilio_whatsapp", Refusal.OUTSIDE_WINDOW)
    assert twilio_events.receipt(form | {"MessageStatus": "dreamt"}, "") is None


@pytest.mark.parametrize("whatsapp", [True, False])
def test_a_message_by_twilio_tells_its_channel(whatsapp: bool) -> None:
    told = twilio_events.inbound(SERVER.incoming(CALLER, "כן", sid="SM2", whatsapp=whatsapp))

    assert told is not None
    assert told.provider == ("twilio_whatsapp" if whatsapp else "twilio_sms")
    assert (told.sender, told.text, told.provider_id) == (CALLER, "כן", "SM2")
    assert told.receiver.startswith("+972")


def test_a_button_by_twilio_counts_as_its_words_and_no_id_as_nothing() -> None:
    form = SERVER.incoming(CALLER, "", sid="SM2", whatsapp=True) | {"ButtonText": "לבטל"}
    told = twilio_events.inbound(form)

    assert told is not None
    assert told.text == "לבטל"
    assert twilio_events.inbound({"From": CALLER}) is None


def test_the_sidecar_tells_receipts_and_messages() -> None:
    failed = {"type": "receipt", "message_id": "M", "state": "failed", "code": "463"}
    wrote = {"type": "message", "message_id": "I", "sender": CALLER, "receiver": "+97233334444"}
    receipt, inbound = baileys_events.events({"events": [failed, wrote | {"text": "כן", "at": 5}]})

    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED, Refusal.RESTRICTED)
    assert isinstance(inbound, Inbound)
    assert inbound.at is not None
    assert inbound.at.timestamp() == 5


WORDS = st.sampled_from(["receipt", "message", "sent", "failed", "", "+972523456789", 7, None, []])
EVENTS = st.lists(
    st.dictionaries(
        st.sampled_from(["type", "message_id", "state", "code", "sender", "text", "at"]), WORDS
    )
)


@given(told=EVENTS)
def test_any_events_are_read_without_a_fault(told: list[dict[str, object]]) -> None:
    assert len(baileys_events.events({"events": told})) <= len(told)
