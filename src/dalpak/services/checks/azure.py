"""Azure's voices: where their key is, and which Hebrew ones a region has."""

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.errors import ProviderError
from dalpak.services.checks.http import ask
from dalpak.services.checks.provider import Provider

LOCALE = "he-IL"


async def voices(settings: Settings) -> str:
    """Raises ProviderError."""
    answer = await ask(
        SystemClock(),
        "GET",
        f"{settings.azure_tts_url}/cognitiveservices/voices/list",
        headers={"Ocp-Apim-Subscription-Key": settings.azure_speech_key.get_secret_value()},
    )
    if not answer.ok or not isinstance(answer.body, list):
        raise ProviderError(str(answer.status))
    rows = [row for row in answer.body if isinstance(row, dict) and row.get("Locale") == LOCALE]
    return ", ".join(sorted(str(row.get("ShortName")) for row in rows)) or "no Hebrew voice here"


TTS = Provider(
    title="Azure Speech",
    keys="set AZURE_SPEECH_KEY (portal.azure.com > your Speech resource > Keys and Endpoint) and AZURE_TTS_URL to "
    "the same resource's region",
    quota="portal.azure.com > your Speech resource > Pricing tier, and Cost analysis",
    choice="set AZURE_TTS_VOICE and AZURE_TTS_URL",
    offers=voices,
)
