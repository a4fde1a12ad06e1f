"""The public address as Twilio will use it: a signed webhook and a signed socket, through the tunnel and back.

The webhook that is asked tells of a call that does not exist and changes nothing; the socket is closed before
its `start`, which opens no call and touches no provider.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from dalpak.config import is_loopback
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.http import Unreachable, ask

NAME = "public address"
SOCKET = "media socket"
PATH = "/voice/stream-status"
SOCKET_S = 5.0


async def look(place: Installation) -> Sequence[Finding]:
    settings = place.settings
    parts = urlsplit(settings.public_base_url)
    if not settings.twilio_auth_tokens:
        return [] if is_loopback(parts.hostname or "") else [await _answers(place)]
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        return [
            Finding(
                NAME,
                State.ERROR,
                f"{settings.public_base_url} is not https: Twilio opens its socket over TLS only",
                "set PUBLIC_BASE_URL to the https address of the tunnel or the load balancer",
            )
        ]
    answers = await _answers(place)
    if answers.state is not State.OK:
        return [answers]
    signed = await _signed(place)
    if signed is not None:
        return [signed]
    return [answers, await _socket(place)]


async def _answers(place: Installation) -> Finding:
    base = place.settings.public_base_url
    try:
        answer = await ask(place.clock, "GET", f"{base}/healthz")
    except Unreachable as fault:
        return Finding(
            NAME,
            State.ERROR,
            f"{base} cannot be reached: {fault.detail}",
            "start the server (make run) and the tunnel, and set PUBLIC_BASE_URL to the tunnel's address",
        )
    if answer.field("ok") is not True:
        return Finding(
            NAME,
            State.ERROR,
            f"{base} is answered by something else ({answer.status})",
            "lead the tunnel to this server's port, or set PUBLIC_BASE_URL to the address that does",
            answer.took_ms,
        )
    return Finding(NAME, State.OK, f"{base} answers", "", answer.took_ms)


async def _signed(place: Installation) -> Finding | None:
    """What stands between the signature and the server; None when it is accepted."""
    base, sid = place.settings.public_base_url, place.settings.twilio_account_sid
    form = {"CallSid": "CAdoctor", "AccountSid": sid, "StreamEvent": "stream-stopped"}
    headers = {"X-Twilio-Signature": _sign(place, f"{base}{PATH}", form)}
    try:
        unsigned = await ask(place.clock, "POST", f"{base}{PATH}", form=form)
        signed = await ask(place.clock, "POST", f"{base}{PATH}", form=form, headers=headers)
    except Unreachable as fault:
        return Finding(
            NAME,
            State.ERROR,
            f"{base}{PATH}: {fault.detail}",
            "is the tunnel still up? Run the doctor again",
        )
    if unsigned.status != 403:
        return Finding(
            NAME,
            State.ERROR,
            f"a webhook without a signature is answered with {unsigned.status} instead of 403",
            "something in front of the server answers for it: let /voice/ pass unchanged",
        )
    if not signed.ok:
        return Finding(
            NAME,
            State.ERROR,
            f"a webhook signed with our token is refused ({signed.status})",
            "restart the server: it runs with another PUBLIC_BASE_URL or TWILIO_AUTH_TOKEN than these settings",
        )
    return None


async def _socket(place: Installation) -> Finding:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus, WebSocketException

    url = place.settings.public_ws_url
    began = place.clock.monotonic_ms()
    try:
        headers = {"X-Twilio-Signature": _sign(place, url, {})}
        async with connect(
            url,
            additional_headers=headers,
            open_timeout=SOCKET_S,
            close_timeout=1,
            compression=None,
            proxy=None,
        ):
            took = place.clock.monotonic_ms() - began
    except InvalidStatus as refusal:
        return Finding(
            SOCKET,
            State.ERROR,
            f"the media socket is refused ({refusal.response.status_code})",
            "let the proxy pass WebSocket upgrades and the X-Twilio-Signature header for /ws/twilio",
        )
    except (WebSocketException, OSError, TimeoutError):
        return Finding(
            SOCKET,
            State.ERROR,
            "the media socket cannot be opened",
            "let the tunnel or proxy pass WebSocket upgrades for /ws/twilio",
        )
    return Finding(SOCKET, State.OK, "a signed socket opens", "", took)


def _sign(place: Installation, url: str, form: dict[str, str]) -> str:
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    token = place.settings.twilio_auth_tokens[0]
    return str(RequestValidator(token).compute_signature(url, form))
