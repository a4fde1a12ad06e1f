"""Is this machine's clock right? Compared with the Date that a configured provider puts on every answer.

A wrong clock offers times that have passed, and makes signed credentials (Google's) invalid.
"""

from collections.abc import Sequence

from dalpak.config import Settings
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.http import Unreachable, ask

NAME = "clock"
NOTICED_S = 5.0
"""The header counts whole seconds and travels; below this it says nothing."""
WRONG_S = 60.0
"""A minute is the grid of bookings, and what providers of signed credentials begin to mind."""
REMEDY = "switch time synchronisation on: timedatectl set-ntp true"


async def look(place: Installation) -> Sequence[Finding]:
    asked = witness(place.settings)
    if asked is None:
        return [Finding(NAME, State.OK, "not compared: no outside service is configured")]
    try:
        answer = await ask(place.clock, "GET", asked)
    except Unreachable as fault:
        return [Finding(NAME, State.WARNING, f"not compared: {asked}: {fault.detail}", REMEDY)]
    if answer.date is None:
        return [Finding(NAME, State.WARNING, f"not compared: {asked} tells no time", REMEDY)]
    # What was written somewhere during the round trip is compared with its middle.
    here = place.clock.now().timestamp() - answer.took_ms / 2000
    off = here - answer.date.timestamp() - 0.5
    if abs(off) < NOTICED_S:
        return [Finding(NAME, State.OK, "agrees with the provider's", "", answer.took_ms)]
    state = State.WARNING if abs(off) < WRONG_S else State.ERROR
    way = "ahead" if off > 0 else "behind"
    return [
        Finding(NAME, state, f"{abs(off):.0f} s {way} of the provider's", REMEDY, answer.took_ms)
    ]


def witness(settings: Settings) -> str | None:
    """The HTTP address of a provider that is configured; it is asked without any key, and may well refuse."""
    voices = {settings.tts_provider, settings.tts_second}
    google = any(name.startswith("google") for name in {*voices, settings.stt_provider})
    candidates = (
        (bool(settings.twilio_auth_tokens), f"{settings.twilio_api_url}/"),
        (google, f"https://{settings.google_tts_endpoint}/"),
        (settings.agent_provider == "openai", f"{settings.openai_base_url}/models"),
        ("azure" in voices, f"{settings.azure_tts_url}/"),
        (settings.messenger == "whatsapp_cloud", f"{settings.whatsapp_cloud_url}/"),
    )
    return next((url for configured, url in candidates if configured), None)
