"""The Node sidecar's HTTP side on a loopback port, with WhatsApp behind it: for tests without Node.

The real one (sidecars/baileys) runs in a test of its own against the same adapter. Here WhatsApp
can be away, an account restricted (463), a number unknown. Nothing here is used by the product.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, replace

from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply

TOKEN = "the-sidecar-token"
NUMBER = "+97233334444"
CODE = "ABCD2345"


@dataclass(slots=True)
class Taken:
    """A message that the sidecar handed to WhatsApp."""

    id: str
    key: str
    to: str
    text: str
    delivery_id: str
    state: str = "pending"
    code: str = ""


@dataclass(slots=True)
class Link:
    """How the account stands, in the sidecar's own words and fields; instants are ms since 1970."""

    state: str = "open"
    qr: str | None = None
    code: str | None = None
    attempt: int = 0
    last: object = None
    retry_at: int | None = None
    number: str | None = NUMBER
    since: int = 1_763_900_000_000
    paired: bool = True


class WhatsappSidecarServer(ProviderHttp):
    """`arrived` is what people have: the same id again is no second message."""

    def __init__(self) -> None:
        super().__init__()
        self.link = Link()
        self.restricted: dict[str, object] | None = None
        self.messages: dict[str, Taken] = {}
        self.handed_over: list[str] = []
        self.pairs: list[str] = []
        """Numbers that a pairing code was asked for."""
        self.refuses: dict[str, str] = {}
        """Number -> the sidecar's word: "not_on_whatsapp", "account_restricted", "daily_cap"."""

    @property
    def connected(self) -> bool:
        return self.link.state == "open"

    @connected.setter
    def connected(self, now: bool) -> None:
        self.link.state = "open" if now else "reconnecting"

    @property
    def arrived(self) -> list[Taken]:
        return list(self.messages.values())

    async def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"error": "unauthorized"})
        if asked.path != "/v1/messages":
            return self._about_the_link(asked)
        if asked.method == "GET":
            known = self.messages.get(asked.query.get("idempotency_key", ""))
            return Reply(404, {"error": "not_found"}) if known is None else _shown(known)
        body = asked.json
        key, to = str(body["idempotency_key"]), str(body["to"])
        if key in self.messages:
            self.handed_over.append(self.messages[key].id)
            return _shown(self.messages[key])
        if not self.connected:
            return Reply(503, {"error": "not_connected", "state": "reconnecting"})
        if to in self.refuses:
            word = self.refuses[to]
            return Reply(423 if word == "account_restricted" else 422, {"error": word})
        message = Taken(message_id(key), key, to, str(body["text"]), str(body["delivery_id"]))
        self.messages[key] = message
        self.handed_over.append(message.id)
        return _shown(message)

    def _about_the_link(self, asked: Asked) -> Reply:
        link = asdict(self.link)
        match asked.method, asked.path:
            case "GET", "/health":
                told = {"restricted": self.restricted, "untold": 0, "failures": 0}
                people = {"new_people_today": len(self.messages), "new_people_per_day": 10}
                shown = {name: link[name] for name in link if name not in ("qr", "code")}
                return Reply(200, shown | told | people)
            case "GET", "/v1/pairing":
                names = ("state", "qr", "code", "number", "paired")
                return Reply(200, {name: link[name] for name in names})
            case "POST", "/v1/pair":
                return self._pair(str(asked.json["phone"]))
            case "POST", "/v1/restart":
                self.link = Link("starting", number=None, paired=False)
                return Reply(200, {"state": self.link.state})
        return Reply(404, {"error": "not_found"})

    def _pair(self, phone: str) -> Reply:
        if self.link.paired:
            return Reply(409, {"error": "already_paired"})
        if self.link.state != "pairing":
            return Reply(503, {"error": "not_connected", "state": self.link.state})
        self.pairs.append(phone)
        self.link.code = CODE
        return Reply(200, {"code": CODE})

    def ask_to_pair(self, qr: str) -> None:
        """WhatsApp shows a new QR code, as it does every 20 seconds until a device is linked."""
        self.link = replace(
            self.link, state="pairing", qr=qr, number=None, paired=False, retry_at=None
        )

    def api_fault(self) -> Reply:
        return Reply(503, {"error": "not_connected", "state": "reconnecting"})

    # -- what it tells later -----------------------------------------------------------------------

    def webhook(self, *events: dict[str, object]) -> tuple[bytes, dict[str, str]]:
        """A body as the sidecar posts it, and its headers with the signature."""
        body = json.dumps({"events": list(events)}).encode()
        digest = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
        return body, {"content-type": "application/json", "x-signature-256": f"sha256={digest}"}

    def receipt(self, message: Taken, state: str, *, code: str = "") -> dict[str, object]:
        told = {"type": "receipt", "message_id": message.id, "delivery_id": message.delivery_id}
        return {**told, "state": state, "code": code}

    def message(self, sender: str, text: str, *, id_: str) -> dict[str, object]:
        return {
            "type": "message",
            "message_id": id_,
            "sender": sender,
            "receiver": NUMBER,
            "text": text,
            "at": 1763900000,
        }


def message_id(key: str) -> str:
    """WhatsApp's id as the sidecar makes it from the key: the same key is the same message."""
    return "3EB0" + hashlib.sha256(key.encode()).hexdigest().upper()[:18]


def _shown(message: Taken) -> Reply:
    body = {"message_id": message.id, "state": message.state, "code": message.code}
    return Reply(200, body)
