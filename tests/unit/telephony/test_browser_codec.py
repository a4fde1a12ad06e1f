"""The console's test-call socket: what the page may say, and what it is told."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.telephony import browser
from dalpak.telephony.drop import Drop

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ({"type": "start", "sound": True}, browser.Start(sound=True)),
        ({"type": "start"}, browser.Start(sound=False)),
        ({"type": "text", "text": " מחר \n בעשר\u0000 "}, browser.Text("מחר בעשר")),
        ({"type": "key", "key": "#"}, browser.Key("#")),
        ({"type": "mark", "name": "g0:t1:s1:200"}, browser.Mark("g0:t1:s1:200")),
        ({"type": "hangup"}, browser.HangUp()),
        ({"type": "hangup", "more": [1]}, browser.HangUp()),
    ],
)
def test_what_the_page_says_is_understood(frame: Any, event: object) -> None:
    assert browser.parse(json.dumps(frame)) == event


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "not_json"),
        ("[]", "wrong_shape"),
        ('{"type":"text","text":5}', "wrong_shape"),
        ('{"type":"text","text":" \\n "}', "empty_text"),
        ('{"type":"text"}', "empty_text"),
        (json.dumps({"type": "text", "text": "x" * 501}), "text_too_long"),
        (json.dumps({"type": "text", "text": "x" * 9000}), "too_long"),
        ('{"type":"key","key":"12"}', "bad_key"),
        ('{"type":"key"}', "bad_key"),
        ('{"type":"mark"}', "bad_mark"),
        ('{"type":"start","sound":"yes"}', "wrong_shape"),
        ('{"type":"eval"}', "unknown_event"),
        ('{"type":"start","x":' + "[" * 4_000 + "]" * 4_000 + "}", "too_deep"),
    ],
)
def test_a_bad_frame_is_dropped_with_its_reason(raw: str, reason: str) -> None:
    assert browser.parse(raw) == Drop(reason)


@given(st.text(max_size=600))
def test_typed_text_holds_nothing_that_cannot_be_shown(text: str) -> None:
    event = browser.parse(json.dumps({"type": "text", "text": text}))

    if isinstance(event, browser.Text):
        assert event.text.isprintable()
        assert 0 < len(event.text) <= browser.MAX_TEXT_CHARS
    else:
        assert isinstance(event, Drop)


def test_what_the_page_is_told() -> None:
    told = [
        browser.encode_media(b"\xff\x7f"),
        browser.encode_mark('g0:"x"'),
        browser.encode_clear(),
        browser.encode_show("transcript", {"who": "caller", "text": "שלום", "ms": 3}),
        browser.encode_ended("agent"),
    ]

    assert [json.loads(text) for text in told] == [
        {"type": "media", "payload": base64.b64encode(b"\xff\x7f").decode()},
        {"type": "mark", "name": 'g0:"x"'},
        {"type": "clear"},
        {"type": "show", "kind": "transcript", "data": {"who": "caller", "text": "שלום", "ms": 3}},
        {"type": "ended", "reason": "agent"},
    ]
