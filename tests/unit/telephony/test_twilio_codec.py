"""Twilio's frames: what each means, and that nothing whatsoever makes the parser raise."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.telephony import twilio
from dalpak.telephony.drop import Drop

pytestmark = pytest.mark.unit

STREAM = "MZ18ad3ab5a668481ce02b83e7395059f0"
CALL = "CA250ab06acf0d45d3a4c8a4a4f3e3c1b5"
ACCOUNT = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"


def start(**changes: Any) -> dict[str, Any]:
    body = {
        "accountSid": ACCOUNT,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t-0k_en"},
    }
    return {"event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": body | changes}


def media(payload: str, **changes: Any) -> dict[str, Any]:
    body = {"track": "inbound", "chunk": "1", "timestamp": "5", "payload": payload}
    return {
        "event": "media",
        "sequenceNumber": "3",
        "streamSid": STREAM,
        "media": {k: v for k, v in (body | changes).items() if v is not ...},
    }


def parse(frame: Any) -> Any:
    return twilio.parse(json.dumps(frame))


def test_each_event_of_the_documentation_is_understood() -> None:
    frames = [
        {"event": "connected", "protocol": "Call", "version": "1.0.0"},
        start(),
        media(base64.b64encode(b"\xff" * 160).decode()),
        {
            "event": "dtmf",
            "streamSid": STREAM,
            "sequenceNumber": "5",
            "dtmf": {"track": "inbound_track", "digit": "1"},
        },
        {
            "event": "mark",
            "sequenceNumber": "4",
            "streamSid": STREAM,
            "mark": {"name": "g0:t1:s1:200"},
        },
        {
            "event": "stop",
            "sequenceNumber": "5",
            "streamSid": STREAM,
            "stop": {"accountSid": ACCOUNT, "callSid": CALL},
        },
    ]

    assert [parse(frame) for frame in frames] == [
        twilio.Connected(),
        twilio.Start(
            STREAM,
            CALL,
            ACCOUNT,
            {"token": "t-0k_en"},
            twilio.MediaFormat("audio/x-mulaw", 8000, 1),
        ),
        twilio.Media(b"\xff" * 160, timestamp_ms=5, sequence=1),
        twilio.Dtmf("1"),
        twilio.Mark("g0:t1:s1:200"),
        twilio.Stop(),
    ]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("not json at all", "not_json"),
        (b"\x00\xff\xfe\x80", "not_json"),
        ("\ud800", "not_json"),
        ('{"event":"\\ud800"}', "not_json"),
        ("null", "wrong_shape"),
        ("[]", "wrong_shape"),
        ("42", "wrong_shape"),
        ('"media"', "wrong_shape"),
        ("{}", "wrong_shape"),
        ('{"event":null}', "wrong_shape"),
        ('{"event":7}', "wrong_shape"),
        ('{"event":"media"}', "no_body"),
        ('{"event":"media","media":null}', "no_body"),
        ('{"event":"dtmf","dtmf":null}', "no_body"),
        ('{"event":"mark","mark":null}', "no_body"),
        ('{"event":"start","start":null}', "no_body"),
        ('{"event":"media","media":[]}', "wrong_shape"),
        ('{"event":"media","media":{}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":null}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":5}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":"!!!!"}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":"abc"}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":""}}', "empty_payload"),
        ('{"event":"media","media":{"payload":"/w==","track":"outbound"}}', "other_track"),
        ('{"event":"media","media":{"payload":"/w==","chunk":1e400}}', "wrong_shape"),
        ('{"event":"media","media":{"payload":"/w==","chunk":NaN}}', "not_json"),
        ('{"event":"dtmf","dtmf":{"digit":"12"}}', "bad_key"),
        ('{"event":"dtmf","dtmf":{"digit":"A"}}', "bad_key"),
        ('{"event":"dtmf","dtmf":{"digit":""}}', "bad_key"),
        ('{"event":"dtmf","dtmf":{"digit":1}}', "wrong_shape"),
        ('{"event":"mark","mark":{"name":""}}', "bad_mark"),
        ('{"event":"start","start":{}}', "bad_sid"),
        (
            '{"event":"start","start":{"streamSid":"a\\"b","callSid":"c","accountSid":"d"}}',
            "bad_sid",
        ),
        ('{"event":"reboot"}', "unknown_event"),
        ('{"event":"media","x":' + "[" * 20_000 + "]" * 20_000 + "}", "too_deep"),
        ('{"event":"media","pad":"' + "x" * twilio.MAX_FRAME_CHARS + '"}', "too_long"),
    ],
)
def test_a_bad_frame_is_dropped_with_its_reason(frame: str | bytes, reason: str) -> None:
    assert twilio.parse(frame) == Drop(reason)


def test_a_second_of_sound_is_the_most_that_one_frame_may_hold() -> None:
    fits = base64.b64encode(b"\xff" * twilio.MAX_PAYLOAD_BYTES).decode()
    more = base64.b64encode(b"\xff" * (twilio.MAX_PAYLOAD_BYTES + 1)).decode()

    assert isinstance(parse(media(fits)), twilio.Media)
    assert parse(media(more)) == Drop("payload_too_long")


def test_audio_of_any_length_is_heard() -> None:
    assert parse(media("/w==")).payload == b"\xff"
    assert len(parse(media(base64.b64encode(b"\x7f" * 161).decode())).payload) == 161


@pytest.mark.parametrize("written", ["", "-1", "1.5", "٣", "9" * 40, " 1", None, -1, 10**30, ...])
def test_a_number_that_is_none_costs_the_order_and_not_the_audio(written: Any) -> None:
    assert parse(media("/w==", chunk=written)) == twilio.Media(b"\xff", 5, None)


def test_of_two_equal_keys_the_last_counts() -> None:
    raw = '{"event":"stop","event":"dtmf","dtmf":{"digit":"1","digit":"2"}}'

    assert twilio.parse(raw) == twilio.Dtmf("2")


def test_the_stream_may_be_named_outside_of_start_only() -> None:
    assert parse(start(streamSid="")).stream_sid == STREAM


def test_a_parameter_that_is_no_text_is_left_out() -> None:
    raw = json.dumps(start(customParameters={"token": "ok", "odd": "MARK"})).encode()

    assert twilio.parse(raw.replace(b"MARK", b"\xff\xfe")).parameters == {"token": "ok"}


def test_parameters_that_twilio_would_not_send_are_left_out() -> None:
    given_ = {"token": "ok", "number": 7, "null": None, "list": ["x"], "long": "x" * 500}

    assert parse(start(customParameters=given_)).parameters == {"token": "ok"}
    many = parse(start(customParameters={str(n): "v" for n in range(100)}))
    assert len(many.parameters) == twilio.MAX_PARAMETERS


@pytest.mark.parametrize(
    "audio",
    [
        None,
        {},
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        {"encoding": "audio/x-l16", "sampleRate": 8000, "channels": 1},
    ],
)
def test_only_8_khz_mono_mu_law_is_supported(audio: Any) -> None:
    assert not parse(start(mediaFormat=audio)).media_format.supported
    assert parse(start()).media_format.supported


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
EVENTS = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "other"])
NEARLY = st.fixed_dictionaries(
    {"event": EVENTS | JSON},
    optional={
        "streamSid": JSON,
        "start": JSON | st.just(start()["start"]),
        "media": JSON
        | st.fixed_dictionaries(
            {"payload": JSON | st.just("/w==")}, optional={"chunk": JSON, "timestamp": JSON}
        ),
        "dtmf": JSON | st.fixed_dictionaries({"digit": JSON}),
        "mark": JSON | st.fixed_dictionaries({"name": JSON}),
    },
)
KINDS = (
    twilio.Connected,
    twilio.Start,
    twilio.Media,
    twilio.Dtmf,
    twilio.Mark,
    twilio.Stop,
    Drop,
)


@given(st.one_of(st.text(), st.binary(), JSON.map(json.dumps), NEARLY.map(json.dumps)))
def test_parsing_is_total(raw: str | bytes) -> None:
    assert isinstance(twilio.parse(raw), KINDS)


@given(st.data())
def test_a_good_frame_that_was_bitten_is_still_an_event_or_a_drop(data: st.DataObject) -> None:
    raw = bytearray(json.dumps(start()).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    assert isinstance(twilio.parse(bytes(raw)), KINDS)


@given(st.binary(min_size=1, max_size=2000))
def test_what_we_send_is_what_twilio_documents(payload: bytes) -> None:
    assert json.loads(twilio.encode_media(STREAM, payload)) == {
        "event": "media",
        "streamSid": STREAM,
        "media": {"payload": base64.b64encode(payload).decode()},
    }


@given(st.text(min_size=1, max_size=50))
def test_any_mark_name_survives_the_way_there_and_back(name: str) -> None:
    sent = json.loads(twilio.encode_mark(STREAM, name))

    assert sent == {"event": "mark", "streamSid": STREAM, "mark": {"name": name}}
    assert parse(sent) == twilio.Mark(name)


def test_a_clear_names_its_stream() -> None:
    assert json.loads(twilio.encode_clear(STREAM)) == {"event": "clear", "streamSid": STREAM}
