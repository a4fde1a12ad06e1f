"""Is this really Twilio? Signatures of webhooks and of the media socket's handshake.

The signed URL is built from PUBLIC_BASE_URL, never from Host or X-Forwarded-*: whoever connects
chooses those. No auth token configured means that every answer is no. A signature carries no time,
so it can be replayed for ever; the one-time stream token is what ends that, in media_ws_ai.py.
"""

from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, ImmutableMultiDict
from starlette.requests import Request
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from dalpak.config import Settings

MAX_FORM_BYTES = 65_536
"""Twilio's forms are about 2 KB; the rest is read by nobody before the signature is known."""

MAX_FORM_FIELDS = 200

Form = ImmutableMultiDict[str, str]


class TwilioAuth:
    """One per app, with a validator per accepted auth token (two while one is being rotated)."""

    def __init__(self, settings: Settings) -> None:
        self._validators = tuple(RequestValidator(token) for token in settings.twilio_auth_tokens)
        self._base_url = settings.public_base_url
        self._socket_urls = _signed_forms(settings.public_ws_url)

    def accepts_socket(self, headers: Headers) -> bool:
        """A handshake is signed over the exact wss URL of the TwiML, with no parameters."""
        return any(self._signed(url, Form(), headers) for url in self._socket_urls)

    def accepts_form(self, path: str, query: str, form: Form, headers: Headers) -> bool:
        """A webhook is signed over its full URL and all of its form fields."""
        url = f"{self._base_url}{path}" + (f"?{query}" if query else "")
        return self._signed(url, form, headers)

    def _signed(self, url: str, form: Form, headers: Headers) -> bool:
        """By HMAC-SHA1 with an auth token, whatever X-Twilio-Webhooks-Signature-Settings may say:
        a header that the sender chooses must not choose how it is checked.
        """
        signatures = headers.getlist("x-twilio-signature")
        if len(signatures) != 1:
            return False
        return any(v.validate(url, form, signatures[0]) for v in self._validators)


def _signed_forms(url: str) -> tuple[str, ...]:
    """What a handshake to this URL of ours may have been signed as: with a trailing slash, with the
    scheme's own port. (Twilio's validator tries ports too, but takes 80 for wss.)
    """
    parts = urlsplit(url)
    hosts = [parts.netloc]
    if parts.port is None:
        hosts.append(f"{parts.netloc}:{443 if parts.scheme == 'wss' else 80}")
    paths = (parts.path, parts.path + "/")
    return tuple(f"{parts.scheme}://{host}{path}" for host in hosts for path in paths)


async def read_form(request: Request) -> Form | None:
    """The fields of a urlencoded body, duplicates kept as they are signed. None when it is no form
    or too long.
    """
    if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return None
    try:
        fields = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS
        )
    except ValueError:
        return None
    return Form(fields)


async def signed_form(request: Request, auth: TwilioAuth) -> Form | None:
    """The webhook's form if Twilio signed it, else None."""
    form = await read_form(request)
    if form is None:
        return None
    query = request.scope["query_string"].decode("latin-1")
    accepted = auth.accepts_form(request.scope["path"], query, form, request.headers)
    return form if accepted else None
