"""What a provider sends for sound: ours as it is, a header off, samples made ours, anything else refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.mulaw import SILENCE_FRAME, decode, energy
from dalpak.errors import ProviderError
from dalpak.services.tts.wav import NOT_MULAW, ROAR, bare, header_of, whole
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.google_tts import MULAW, PCM, wav

pytestmark = pytest.mark.unit

VOICE = coded_voice("שלום עולם")


@given(
    audio=st.binary(max_size=500).filter(
        lambda b: energy(b) < ROAR and not b.startswith((*NOT_MULAW, b"RIFF"))
    )
)
def test_raw_mulaw_of_any_length_is_left_alone(audio: bytes) -> None:
    assert bare(audio) == whole(audio) == audio


def test_a_header_of_our_own_format_is_taken_off() -> None:
    audio = wav(VOICE, code=MULAW, rate_hz=8000, bits=8)
    assert bare(audio) == whole(audio) == VOICE


def test_parts_between_the_headers_are_passed_over() -> None:
    audio = wav(VOICE, code=MULAW, rate_hz=8000, bits=8)
    fact = b"fact" + (4).to_bytes(4, "little") + len(VOICE).to_bytes(4, "little")
    longer = audio[:36] + fact + audio[36:]
    assert whole(longer) == VOICE


def test_a_length_written_before_it_was_known_does_not_matter() -> None:
    audio = wav(b"", code=MULAW, rate_hz=8000, bits=8) + VOICE
    assert bare(audio) == VOICE


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
def test_samples_with_a_header_become_mulaw(rate_hz: int) -> None:
    plain = decode(VOICE)
    samples = b"".join(plain[at : at + 2] * (rate_hz // 8000) for at in range(0, len(plain), 2))
    audio = whole(wav(samples, code=PCM, rate_hz=rate_hz, bits=16))
    assert len(audio) == len(VOICE)
    assert energy(audio) == pytest.approx(energy(VOICE), rel=0.3)


@pytest.mark.parametrize(
    "audio",
    [
        wav(VOICE, code=MULAW, rate_hz=16000, bits=8),
        wav(VOICE, code=6, rate_hz=8000, bits=8),
        wav(VOICE, code=PCM, rate_hz=8000, bits=8),
        decode(VOICE),
        decode(SILENCE_FRAME * 2),
        b"ID3\x04" + VOICE,
        b"OggS" + VOICE,
        b"RIFF\0\0\0\0WAVEfmt ",
        b"RIFF\0\0\0\0WAVE" + b"junk\x04\0\0\0" * 100,
    ],
    ids=["16kHz", "A-law", "8-bit", "samples", "silent samples", "mp3", "ogg", "cut", "junk"],
)
def test_anything_else_is_refused(audio: bytes) -> None:
    with pytest.raises(ProviderError, match="tts_format"):
        whole(audio)


def test_a_stream_is_not_turned_into_ours_in_the_middle() -> None:
    with pytest.raises(ProviderError, match="tts_format: 8000 Hz, WAV format 1"):
        bare(wav(decode(VOICE), code=PCM, rate_hz=8000, bits=16))


def test_one_loud_peak_is_no_roar() -> None:
    assert bare(b"\x00" * 100) == b"\x00" * 100


def test_no_header_is_no_fault() -> None:
    assert header_of(VOICE) is None
    assert header_of(b"") is None
