"""The doctor's look at Google's ears and voices: the real client libraries against the simulated service."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from doctor_stage import look, settings_with
from google.cloud.location import locations_pb2
from google.cloud.speech_v2.types.locations_metadata import LocationsMetadata
from tests.serving import free_port

from dalpak.services.checks.ears import EarsCheck
from dalpak.services.checks.registry import STT, TTS
from dalpak.services.checks.voice import VoiceCheck
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.google_faults import GoogleFault

pytestmark = pytest.mark.integration

VOICE, EARS = VoiceCheck(TTS), EarsCheck(STT)


@pytest.fixture
async def google() -> AsyncIterator[GoogleSimulator]:
    async with GoogleSimulator(seed=1) as simulator:
        yield simulator


def voiced(folder: Path, address: str, **changes: Any) -> Any:
    values = {"tts_provider": "google", "google_tts_endpoint": address, "google_tts_timeout_s": 10}
    return settings_with(folder, **values | changes)


def eared(folder: Path, address: str, **changes: Any) -> Any:
    values = {
        "stt_provider": "google",
        "google_stt_endpoint": address,
        "google_stt_final_s": 10,
        "tts_provider": "silent",
        "espeak_program": "no-such-program",
    }
    return settings_with(folder, **values | changes)


@pytest.mark.parametrize("provider", ["google", "google_unary"])
async def test_a_voice_that_speaks(tmp_path: Path, google: GoogleSimulator, provider: str) -> None:
    (found,) = await look(VOICE, voiced(tmp_path, google.address, tts_provider=provider))

    assert found.state == "ok", found
    assert found.took_ms is not None


@pytest.mark.parametrize(
    ("fault", "words", "setting"),
    [
        (GoogleFault.UNAUTHENTICATED, "key", "GOOGLE_CREDENTIALS_FILE"),
        (GoogleFault.QUOTA, "quota", "Quotas"),
        (GoogleFault.SILENT, "in time", "GOOGLE_TTS_VOICE"),
        (GoogleFault.RESET, "reached", "HTTPS"),
    ],
)
async def test_what_is_wrong_with_a_voice(
    tmp_path: Path, google: GoogleSimulator, fault: GoogleFault, words: str, setting: str
) -> None:
    """In one piece: a stream that breaks while it is still asking does not tell why."""
    google.tts.troubles.order(fault)
    changes = {"google_tts_timeout_s": 0.3} if fault is GoogleFault.SILENT else {}

    (found,) = await look(
        VOICE, voiced(tmp_path, google.address, tts_provider="google_unary", **changes)
    )

    assert found.state == "error"
    assert words in found.found
    assert setting in found.remedy


async def test_a_voice_that_cannot_stream_is_told_which_can(
    tmp_path: Path, google: GoogleSimulator
) -> None:
    settings = voiced(tmp_path, google.address, google_tts_voice="he-IL-Wavenet-A")

    (found,) = await look(VOICE, settings)

    assert found.state == "error"
    assert "he-IL-Chirp3-HD-Aoede, he-IL-Chirp3-HD-Charon" in found.remedy


async def test_a_second_voice_is_tried_too_and_only_warned_of(
    tmp_path: Path, google: GoogleSimulator
) -> None:
    gone = f"127.0.0.1:{free_port()}"
    settings = voiced(tmp_path, gone, tts_provider="silent", tts_second="google")

    first, second = await look(VOICE, settings)

    assert (first.name, second.name, second.state) == ("voice", "second voice", "warning")
    assert "reached" in second.found


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_ears_that_hear(tmp_path: Path, google: GoogleSimulator, api: str) -> None:
    """The sentence is spoken by the simulated voice: a coded one, which the simulated ears can read."""
    settings = eared(
        tmp_path,
        google.address,
        google_stt_api=api,
        tts_provider="google",
        google_tts_endpoint=google.address,
    )

    (found,) = await look(EARS, settings)

    assert found.state == "ok", found
    assert "final" in found.found
    assert google.speech.open_streams == 0


@pytest.mark.parametrize(
    ("fault", "words", "setting"),
    [
        (GoogleFault.UNAUTHENTICATED, "key", "GOOGLE_CREDENTIALS_FILE"),
        (GoogleFault.QUOTA, "quota", "Quotas"),
    ],
)
async def test_what_is_wrong_with_the_ears(
    tmp_path: Path, google: GoogleSimulator, fault: GoogleFault, words: str, setting: str
) -> None:
    google.speech.troubles.order(fault)

    (found,) = await look(EARS, eared(tmp_path, google.address))

    assert found.state == "error", found
    assert words in found.found
    assert setting in found.remedy


async def test_ears_that_cannot_be_reached(tmp_path: Path) -> None:
    (found,) = await look(EARS, eared(tmp_path, f"127.0.0.1:{free_port()}"))

    assert found.state == "error"
    assert "reached" in found.found


async def test_the_models_of_a_region_are_asked_for(tmp_path: Path) -> None:
    """By Google's own Locations service, as `gcloud` does."""
    from dalpak.services.checks.google import models

    offered = LocationsMetadata(
        languages={"models": {"iw-IL": {"model_features": {"chirp_3": {}, "short": {}}}}}
    )

    async def location(request: Any, _context: Any) -> Any:
        answer = locations_pb2.Location(name=request.name, location_id="eu")
        answer.metadata.Pack(LocationsMetadata.pb(offered))
        return answer

    method = grpc.unary_unary_rpc_method_handler(
        location,
        request_deserializer=locations_pb2.GetLocationRequest.FromString,
        response_serializer=locations_pb2.Location.SerializeToString,
    )
    server = grpc.aio.server()
    service = {"GetLocation": method}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("google.cloud.location.Locations", service),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        told = await models(eared(tmp_path, f"127.0.0.1:{port}"))
    finally:
        await server.stop(None)

    assert told == "chirp_3, short"


async def test_a_library_that_is_missing_is_named(
    tmp_path: Path, google: GoogleSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dalpak.services.tts.google", None)

    (found,) = await look(VOICE, voiced(tmp_path, google.address))

    assert found.state == "error"
    assert "library" in found.found
    assert "make run" in found.remedy
