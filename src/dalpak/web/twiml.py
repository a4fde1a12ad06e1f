"""The TwiML that this system answers with, and nothing else. Pure: from settings and plain values
to XML.

Every `<Connect>` has a way to go on: an action, and a redirect behind it. A socket that breaks then
becomes a new socket for the same call, instead of the end of it.
"""

from twilio.twiml.voice_response import (  # type: ignore[import-untyped]
    Connect,
    Dial,
    Stream,
    VoiceResponse,
)

from dalpak.config import Settings
from dalpak.language.base import Language

DIAL_TIMEOUT_S = 20
"""How long the business's own phone may ring."""

VOICES = {"he-IL": "Google.he-IL-Wavenet-A"}
"""Twilio's own voice for a sentence that is said without us. A locale that is not here gets
Twilio's default.
"""


def connect(settings: Settings, *, token: str, attempt: int, resumed: bool) -> str:
    """Open the media socket. `attempt` counts the sockets of this call, so that going on cannot
    become a loop.
    """
    base = settings.public_base_url
    stream = Stream(
        url=settings.public_ws_url,
        status_callback=f"{base}/voice/stream-status",
        status_callback_method="POST",
    )
    # Twilio does not deliver a query string on the socket's URL; parameters arrive in `start`.
    stream.parameter(name="token", value=token)
    if resumed:
        stream.parameter(name="resume", value="1")
    connecting = Connect(action=f"{base}/voice/after?attempt={attempt}", method="POST")
    connecting.append(stream)
    response = VoiceResponse()
    response.append(connecting)
    response.redirect(f"{base}/voice/resume?attempt={attempt}", method="POST")
    return str(response)


def say_and_hang_up(language: Language, key: str) -> str:
    response = _saying(language, key)
    response.hangup()
    return str(response)


def say_and_retry(language: Language, key: str, url: str) -> str:
    """One sentence, then ask again: by then another process may answer."""
    response = _saying(language, key)
    response.redirect(url, method="POST")
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def dial(settings: Settings, number: str) -> str:
    """Ring the business's own phone; what became of it is told to /voice/after-dial."""
    dialling = Dial(
        answer_on_bridge=True,
        timeout=DIAL_TIMEOUT_S,
        action=f"{settings.public_base_url}/voice/after-dial",
        method="POST",
    )
    dialling.number(number)
    response = VoiceResponse()
    response.append(dialling)
    return str(response)


def _saying(language: Language, key: str) -> VoiceResponse:
    response = VoiceResponse()
    voice = VOICES.get(language.locale)
    response.say(language.written(key), language=language.locale, voice=voice)
    return response
