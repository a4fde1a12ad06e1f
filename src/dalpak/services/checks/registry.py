"""Everything that is asked of the outside, in the order in which it is shown. One line adds a check.

How to mend a provider is in the file of its own that the tables here name; nothing is asked at import.
"""

from collections.abc import Mapping

from dalpak.services.checks import (
    azure,
    clock_skew,
    ears,
    google,
    messages,
    openai,
    public_url,
    soniox,
    twilio,
    vad,
    voice,
    whisper,
)
from dalpak.services.checks.ears import EarsCheck
from dalpak.services.checks.finding import Check
from dalpak.services.checks.provider import Provider
from dalpak.services.checks.voice import VoiceCheck

TTS: Mapping[str, Provider] = {
    "google": google.TTS,
    "google_unary": google.TTS,
    "azure": azure.TTS,
}
STT: Mapping[str, Provider] = {
    "google": google.STT,
    "soniox": soniox.STT,
    "whisper": whisper.STT,
}

CHECKS: tuple[Check, ...] = (
    Check(voice.NAME, VoiceCheck(TTS)),
    Check(ears.NAME, EarsCheck(STT, instead={"whisper": whisper.look})),
    Check(vad.NAME, vad.look),
    Check(openai.NAME, openai.look),
    Check(messages.NAME, messages.look),
    Check(twilio.NAME, twilio.look),
    Check(public_url.NAME, public_url.look),
    Check(clock_skew.NAME, clock_skew.look),
)
