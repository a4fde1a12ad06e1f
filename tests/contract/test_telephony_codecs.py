"""One suite for every socket transport: recordings are understood, no frame at all raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.telephony.drop import Drop
from dalpak.telephony.registry import TRANSPORTS

pytestmark = pytest.mark.contract

RECORDED = {
    "twilio": [
        '{"event":"connected","protocol":"Call","version":"1.0.0"}',
        '{"event":"start","sequenceNumber":"1","start":{"accountSid":"ACf3d2c1b0a9f8e7d6c5b4a39281706'
        '15f","streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0","callSid":"CA250ab06acf0d45d3a4c8a4a4f'
        '3e3c1b5","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"c'
        'hannels":1},"customParameters":{"token":"Zk3"}},"streamSid":"MZ18ad3ab5a668481ce02b83e739505'
        '9f0"}',
        '{"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"5"'
        ',"payload":"/////////////w=="},"streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0"}',
        '{"event":"dtmf","streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0","sequenceNumber":"5","dtmf"'
        ':{"track":"inbound_track","digit":"1"}}',
        '{"event":"mark","sequenceNumber":"4","streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0","mark"'
        ':{"name":"my label"}}',
        '{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"ACf3d2c1b0a9f8e7d6c5b4a3928170615'
        'f","callSid":"CA250ab06acf0d45d3a4c8a4a4f3e3c1b5"},"streamSid":"MZ18ad3ab5a668481ce02b83e739'
        '5059f0"}',
    ],
    "browser": [
        '{"type":"start","sound":true}',
        '{"type":"text","text":"\\u05e9\\u05dc\\u05d5\\u05dd"}',
        '{"type":"key","key":"5"}',
        '{"type":"mark","name":"g0:t0:s0:200"}',
        '{"type":"hangup"}',
    ],
}

each_transport = pytest.mark.parametrize("name", sorted(TRANSPORTS))


def test_every_transport_has_a_recording() -> None:
    assert RECORDED.keys() == TRANSPORTS.keys()
    assert all(name == transport.name for name, transport in TRANSPORTS.items())


@each_transport
def test_recorded_frames_are_understood_as_text_and_as_bytes(name: str) -> None:
    parse = TRANSPORTS[name].parse

    events = [parse(frame) for frame in RECORDED[name]]
    assert [event for event in events if isinstance(event, Drop)] == []
    assert len({type(event) for event in events}) == len(events)
    assert [parse(frame.encode()) for frame in RECORDED[name]] == events


@each_transport
@given(data=st.data())
def test_no_frame_raises(name: str, data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(RECORDED[name]))
    cut = data.draw(st.integers(0, len(recorded)))
    raw = data.draw(
        st.one_of(
            st.text(),
            st.binary(),
            st.just(recorded[:cut]),
            st.just(recorded[:cut] + data.draw(st.text(max_size=8)) + recorded[cut:]),
        )
    )
    event = TRANSPORTS[name].parse(raw)

    assert event is not None
    if isinstance(event, Drop):
        assert event.reason.isidentifier()


@each_transport
@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
        ),
        max_leaves=9,
    ),
    data=st.data(),
)
def test_a_recorded_frame_with_a_member_replaced_does_not_raise(
    name: str, junk: object, data: st.DataObject
) -> None:
    frame = json.loads(data.draw(st.sampled_from(RECORDED[name])))
    place = frame
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not (isinstance(place[key], dict) and place[key]) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = junk

    assert TRANSPORTS[name].parse(json.dumps(frame)) is not None
