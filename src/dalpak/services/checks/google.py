"""Google's speech and voices: where their keys are, and what they offer for Hebrew when a setting asks otherwise.

Google's libraries are imported when something is asked, never before.
"""

from typing import Any

from dalpak.config import Settings
from dalpak.services.checks.provider import Provider

QUESTION_S = 3.0
VOICES_SHOWN = 5
LOCALE = "he-IL"
STT_CODE = "iw-IL"
"""Hebrew's code in Google's speech-to-text."""

KEYS = (
    "set GOOGLE_CREDENTIALS_FILE to a service account's JSON key (Cloud Console > IAM & Admin > Service accounts > "
    "Keys), and enable the {api} (APIs & Services > Library)"
)
QUOTA = "Cloud Console > IAM & Admin > Quotas, filter {api}; and Billing"


async def voices(settings: Settings) -> str:
    """The Hebrew voices, those that stream first. Raises ProviderError."""
    from dalpak.services.google_channel import FAULTS, Endpoint, GoogleChannels, provider_error
    from dalpak.services.resilience import deadline
    from dalpak.services.tts.google import SERVICE, client_of

    endpoint = Endpoint.parse(settings.google_tts_endpoint, "GOOGLE_TTS_ENDPOINT")
    channels: GoogleChannels[Any] = GoogleChannels(settings, endpoint, SERVICE, client_of)
    try:
        client = await channels.client()
        answer = await deadline(
            client.list_voices(language_code=LOCALE, timeout=QUESTION_S), QUESTION_S
        )
    except FAULTS as fault:
        raise provider_error(SERVICE, fault) from fault
    finally:
        await channels.aclose()
    names = sorted((voice.name for voice in answer.voices), key=lambda n: ("Chirp3" not in n, n))
    if not names:
        return "no Hebrew voice at this endpoint"
    more = f" and {len(names) - VOICES_SHOWN} more" if len(names) > VOICES_SHOWN else ""
    return ", ".join(names[:VOICES_SHOWN]) + more


async def models(settings: Settings) -> str:
    """The models that hear Hebrew at GOOGLE_STT_LOCATION, by the v2 recogniser. Raises ProviderError."""
    from google.cloud.location import locations_pb2  # type: ignore[import-untyped]
    from google.cloud.speech_v2.types.locations_metadata import LocationsMetadata

    from dalpak.services.google_channel import FAULTS, Endpoint, GoogleChannels, provider_error
    from dalpak.services.resilience import deadline
    from dalpak.services.stt.google_wire import SpeechV2

    dialect = SpeechV2(settings)
    endpoint = Endpoint.parse(settings.google_stt_endpoint or dialect.host(), "GOOGLE_STT_ENDPOINT")
    channels: GoogleChannels[Any] = GoogleChannels(settings, endpoint, "google_stt", dialect.client)
    try:
        client, project = await channels.client(), await channels.project()
        place = f"projects/{project}/locations/{settings.google_stt_location}"
        location = await deadline(
            client.get_location(
                request=locations_pb2.GetLocationRequest(name=place), timeout=QUESTION_S
            ),
            QUESTION_S,
        )
    except FAULTS as fault:
        raise provider_error("google_stt", fault) from fault
    finally:
        await channels.aclose()
    told = LocationsMetadata.pb()()
    location.metadata.Unpack(told)
    hebrew = LocationsMetadata.wrap(told).languages.models.get(STT_CODE)
    names = sorted(hebrew.model_features) if hebrew is not None else []
    return ", ".join(names) or f"no model for Hebrew in {settings.google_stt_location}"


STT = Provider(
    title="Google Speech-to-Text",
    keys=KEYS.format(api="Cloud Speech-to-Text API") + "; for v2 also GOOGLE_PROJECT",
    quota=QUOTA.format(api="Speech-to-Text"),
    choice="set GOOGLE_STT_MODEL, GOOGLE_STT_LOCATION or GOOGLE_STT_API",
    offers=models,
)
TTS = Provider(
    title="Google Text-to-Speech",
    keys=KEYS.format(api="Cloud Text-to-Speech API"),
    quota=QUOTA.format(api="Text-to-Speech"),
    choice="set GOOGLE_TTS_VOICE (TTS_PROVIDER=google, a Chirp3-HD voice) or GOOGLE_TTS_UNARY_VOICE (google_unary)",
    offers=voices,
)
