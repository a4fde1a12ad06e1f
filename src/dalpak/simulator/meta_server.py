"""Meta's Cloud API for WhatsApp on a loopback port, with its refusals and its signed webhooks.

It knows templates, who is on WhatsApp and whose 24-hour window is open, and refuses as Meta does.
Faults of the wire are in provider_http.py. Nothing here is used by the product itself.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass

from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply

PHONE_NUMBER_ID = "106540352242922"
TOKEN = "the-cloud-token"
APP_SECRET = "the-app-secret"
VERIFY_TOKEN = "the-verify-token"
NUMBER = "+97233334444"


@dataclass(slots=True)
class Taken:
    """A message that Meta accepted."""

    id: str
    to: str
    text: str
    """Free text, or the template's values on lines."""
    template: str
    reference: str
    """biz_opaque_callback_data: comes back with its receipts."""


class MetaServer(ProviderHttp):
    """`templates`: name -> number of values. `refuses`: number -> Meta's error code for it."""

    def __init__(self, templates: dict[str, int] | None = None) -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.templates = {"confirmation": 1} if templates is None else templates
        self.open_windows: set[str] = set()
        self.refuses: dict[str, int] = {}

    async def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, 190)
        if asked.method != "POST" or asked.path != f"/v26.0/{PHONE_NUMBER_ID}/messages":
            return _error(400, 100)
        body = asked.json
        to = str(body.get("to", ""))
        if not re.fullmatch(r"[1-9]\d{6,14}", to):
            return _error(400, 131009)
        if (code := self.refuses.get(f"+{to}")) is not None:
            return _error(400, code)
        text, template, code = self._words(body, to)
        if code:
            return _error(404 if code == 132001 else 400, code)
        reference = str(body.get("biz_opaque_callback_data", ""))
        message = Taken(f"wamid.{len(self.taken) + 1:08d}", f"+{to}", text, template, reference)
        self.taken.append(message)
        return Reply(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": to, "wa_id": to}],
                "messages": [{"id": message.id, "message_status": "accepted"}],
            },
        )

    def api_fault(self) -> Reply:
        return _error(500, 131000)

    def _words(self, body: dict[str, object], to: str) -> tuple[str, str, int]:
        """Text, template and error code, as Meta judges a message."""
        match body:
            case {"type": "text", "text": {"body": str(text)}}:
                return text, "", 0 if f"+{to}" in self.open_windows else 131047
            case {
                "type": "template",
                "template": {
                    "name": str(name),
                    "language": {"code": str()},
                    "components": [{"type": "body", "parameters": list(parameters)}],
                },
            }:
                values = [str(p.get("text", "")) for p in parameters if isinstance(p, dict)]
                if name not in self.templates:
                    return "", name, 132001
                if len(values) != self.templates[name]:
                    return "", name, 132000
                wrong = any(not v or re.search(r"[\n\t]| {5}", v) for v in values)
                return "\n".join(values), name, 132012 if wrong else 0
            case _:
                return "", "", 100

    # -- what it tells later -----------------------------------------------------------------------

    def receipt(self, message: Taken, status: str, *, code: int = 0) -> dict[str, object]:
        """One entry of `statuses`."""
        told: dict[str, object] = {
            "id": message.id,
            "status": status,
            "timestamp": "1763900000",
            "recipient_id": message.to.removeprefix("+"),
            "biz_opaque_callback_data": message.reference,
        }
        return told | {"errors": [{"code": code, "title": "failed"}]} if code else told

    def message(self, sender: str, text: str, *, id_: str) -> dict[str, object]:
        """One entry of `messages`."""
        return {
            "from": sender.removeprefix("+"),
            "id": id_,
            "timestamp": "1763900000",
            "type": "text",
            "text": {"body": text},
        }

    def webhook(
        self,
        *,
        statuses: tuple[dict[str, object], ...] = (),
        messages: tuple[dict[str, object], ...] = (),
        number: str = NUMBER,
    ) -> tuple[bytes, dict[str, str]]:
        """A body as Meta posts it, and its headers with the signature over exactly these bytes."""
        value: dict[str, object] = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": number.removeprefix("+"),
                "phone_number_id": PHONE_NUMBER_ID,
            },
        }
        if statuses:
            value["statuses"] = list(statuses)
        if messages:
            value["messages"] = list(messages)
        change = {"field": "messages", "value": value}
        entry = {"id": "102290129340398", "changes": [change]}
        # Meta escapes slashes and everything beyond ASCII: only the raw bytes have this signature.
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]})
        raw = body.replace("/", "\\/").encode()
        return raw, {"content-type": "application/json", "x-hub-signature-256": signature(raw)}


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _error(status: int, code: int) -> Reply:
    error = {"message": "(#simulated)", "type": "OAuthException", "code": code}
    return Reply(status, {"error": error | {"fbtrace_id": "A"}})
