"""Twilio's Messages resource on a loopback port: SMS and WhatsApp, its list and its callbacks.

Faults of the wire are in provider_http.py; the signature of a callback is Twilio's own library's.
Nothing here is used by the product itself.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply

ACCOUNT = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"
TOKEN = "the-auth-token"
WHATSAPP_FROM = "+97233334444"
SMS_FROM = "+97233335555"


@dataclass(slots=True)
class Taken:
    """A message that Twilio has."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    content: str
    created: datetime
    status: str = "queued"

    @property
    def row(self) -> dict[str, object]:
        return {
            "sid": self.sid,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "status": self.status,
            "direction": "outbound-api",
            "error_code": None,
            "messaging_service_sid": None,
            "date_created": format_datetime(self.created),
        }


class TwilioMessagingServer(ProviderHttp):
    """`contents`: content template -> its words with `{1}`… . `refuses`: number -> error code."""

    def __init__(self, contents: dict[str, str] | None = None) -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.contents = {"HX01": "{1}"} if contents is None else contents
        self.open_windows: set[str] = set()
        self.refuses: dict[str, int] = {}
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self.hide_latest = 0
        """How many of the latest messages its list does not show yet."""

    async def answer(self, asked: Asked) -> Reply:
        wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if asked.headers.get("authorization") != wanted:
            return _error(401, 20003)
        if asked.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return _error(404, 20404)
        return self._list(asked.query) if asked.method == "GET" else self._create(asked.form)

    def api_fault(self) -> Reply:
        return _error(500, 20500)

    def _list(self, query: dict[str, str]) -> Reply:
        shown = self.taken[: len(self.taken) - self.hide_latest]
        rows = [m.row for m in reversed(shown) if m.to == query.get("To", m.to)]
        return Reply(200, {"messages": rows[: int(query.get("PageSize", "50"))]})

    def _create(self, form: dict[str, str]) -> Reply:
        to, sender = form.get("To", ""), form.get("From", "")
        number = to.removeprefix("whatsapp:")
        if not number.startswith("+") or to.startswith("whatsapp:") != sender.startswith(
            "whatsapp:"
        ):
            return _error(400, 21211)
        if sender.removeprefix("whatsapp:") not in {WHATSAPP_FROM, SMS_FROM}:
            return _error(400, 21606)
        if (code := self.refuses.get(number)) is not None:
            return _error(400, code)
        body, content = form.get("Body", ""), form.get("ContentSid", "")
        if content:
            if content not in self.contents:
                return _error(400, 21655)
            variables = json.loads(form.get("ContentVariables", "{}"))
            body = self.contents[content]
            for name, value in variables.items():
                body = body.replace("{" + name + "}", value)
        elif to.startswith("whatsapp:") and number not in self.open_windows:
            return _error(400, 63016)
        sid = f"SM{len(self.taken) + 1:032x}"
        callback = form.get("StatusCallback", "")
        message = Taken(sid, to, sender, body, callback, content, self.now)
        self.taken.append(message)
        return Reply(201, message.row)

    # -- what it tells later -----------------------------------------------------------------------

    def callback(self, message: Taken, status: str, *, code: int = 0) -> dict[str, str]:
        """The form of one status callback; it goes to `message.callback`."""
        form = {
            "AccountSid": ACCOUNT,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": message.sender,
        }
        return form | {"ErrorCode": str(code)} if code else form

    def incoming(self, sender: str, text: str, *, sid: str, whatsapp: bool) -> dict[str, str]:
        """The form of a message that somebody wrote."""
        prefix, receiver = ("whatsapp:", WHATSAPP_FROM) if whatsapp else ("", SMS_FROM)
        return {
            "AccountSid": ACCOUNT,
            "MessageSid": sid,
            "From": prefix + sender,
            "To": prefix + receiver,
            "Body": text,
            "NumMedia": "0",
        }


def _error(status: int, code: int) -> Reply:
    return Reply(status, {"code": code, "message": "simulated", "status": status})
