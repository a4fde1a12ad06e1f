"""The voice detector: is the model there, does it load, and what is used where it does not."""

import asyncio
from collections.abc import Sequence

from dalpak.services.checks.finding import Finding, Installation, State

NAME = "voice detector"
REMEDY = "fetch the model again: .venv/bin/python scripts/silero.py (set-up does it), or set VAD_PROVIDER=energy"


async def look(place: Installation) -> Sequence[Finding]:
    settings = place.settings
    if settings.stt_provider == "none":
        return [Finding(NAME, State.OK, "not needed: nobody listens to callers' voices")]
    if settings.vad_provider == "energy":
        found = "by loudness (embedded): noise may be taken for a voice"
        return [Finding(NAME, State.OK, found)]
    if settings.vad_provider != "silero":
        found = f"VAD_PROVIDER={settings.vad_provider}"
        return [Finding(NAME, State.ERROR, found, "set it to silero or energy")]
    began = place.clock.monotonic_ms()
    try:
        await asyncio.to_thread(_load)
    except (ImportError, OSError, ValueError) as fault:
        missing = f"the library {fault.name}" if isinstance(fault, ImportError) else "its model"
        found = f"Silero cannot be used, {missing} is missing: voices are told by loudness"
        return [Finding(NAME, State.WARNING, found, REMEDY)]
    took = place.clock.monotonic_ms() - began
    return [Finding(NAME, State.OK, "Silero: the model is the right one and loads", "", took)]


def _load() -> None:
    from dalpak.services.vad.silero import SileroDetectors

    SileroDetectors().close()
