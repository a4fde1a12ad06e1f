"""Meta's webhook read: everything it tells, and nothing that it does not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.ports.messenger import DeliveryState, Inbound, Receipt, Refusal
from dalpak.services.whatsapp.exchange import json_object
from dalpak.services.whatsapp.meta_events import events
from dalpak.simulator.meta_server import MetaServer, Taken

pytestmark = pytest.mark.unit

SENT = Taken("wamid.1", "+972523456789", "", "confirmation", "dlv_1")


def read(**told: Any) -> list[Receipt | Inbound]:
    body, _ = MetaServer().webhook(**told)
    return events(json.loads(body))


def test_one_webhook_may_tell_many_things() -> None:
    server = MetaServer()
    statuses = tuple(server.receipt(SENT, s) for s in ("sent", "delivered", "read"))
    messages = (server.message("+972523456789", "לבטל", id_="wamid.in"),)
    found = read(statuses=statuses, messages=messages)

    receipts = [e for e in found if isinstance(e, Receipt)]
    assert [r.state for r in receipts] == ["sent", "delivered", "read"]
    assert {(r.provider_id, r.delivery_id) for r in receipts} == {("wamid.1", "dlv_1")}
    (inbound,) = [e for e in found if isinstance(e, Inbound)]
    assert (inbound.sender, inbound.receiver) == ("+972523456789", "+97233334444")
    assert inbound.text == "לבטל"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, Refusal.NOT_ON_WHATSAPP),
        (131047, Refusal.OUTSIDE_WINDOW),
        (131050, Refusal.OPTED_OUT),
        (132001, Refusal.TEMPLATE_REFUSED),
        (250, Refusal.NOT_ALLOWED),
        (77, Refusal.REFUSED),
    ],
)
def test_a_failure_says_why(code: int, reason: Refusal) -> None:
    (receipt,) = read(statuses=(MetaServer().receipt(SENT, "failed", code=code),))

    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.reason, receipt.code) == (
        DeliveryState.FAILED,
        reason,
        str(code),
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "button", "button": {"text": "כן", "payload": "yes"}}, "כן"),
        ({"type": "interactive", "interactive": {"button_reply": {"title": "לא"}}}, "לא"),
        ({"type": "interactive", "interactive": {"list_reply": {"title": "הסר"}}}, "הסר"),
        ({"type": "image", "image": {"id": "1"}}, ""),
        ({"type": "text", "text": None}, ""),
        ({}, ""),
    ],
)
def test_a_pressed_button_counts_as_its_words(message: dict[str, Any], text: str) -> None:
    whole = {"from": "972523456789", "id": "w", "context": {"id": "wamid.1"}, **message}
    (inbound,) = read(messages=(whole,))

    assert isinstance(inbound, Inbound)
    assert (inbound.text, inbound.answers) == (text, "wamid.1")


def test_somebody_without_a_number_has_an_empty_one() -> None:
    (inbound,) = read(messages=({"id": "w", "from": "IL.userid", "type": "text"},))

    assert isinstance(inbound, Inbound)
    assert inbound.sender == ""


NAMES = (
    "entry changes value statuses messages metadata id from messaging_product status timestamp "
    "errors code text type"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner | st.sampled_from(["whatsapp", "sent", "failed", "text"]),
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(value=JSON)
def test_any_json_is_read_without_a_fault(value: object) -> None:
    wrapped = {"entry": [{"changes": [{"value": value}]}]}
    for body in (value, wrapped):
        raw = json.dumps(body).encode()
        assert all(e.provider_id for e in events(json_object(raw) or {}))
