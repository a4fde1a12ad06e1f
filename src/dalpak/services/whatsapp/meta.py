"""WhatsApp by Meta's Cloud API: templates at any time, free text while the person's window is open.

A caller on the telephone has not opened that window, so a confirmation is a template, whose words
Meta approved before; our values fill it. There is no key against doubles and no list to look into:
an attempt without an answer stays unknown until a receipt with our own id (biz_opaque_callback_data)
says what became of it. Webhooks are read in meta_events.py.
"""

from collections.abc import Mapping

from dalpak.ports.messenger import (
    Delivery,
    DeliveryState,
    Features,
    OutgoingMessage,
    Refusal,
)
from dalpak.services.whatsapp.exchange import (
    ANSWER_S,
    Answer,
    Json,
    Lost,
    ask,
    dict_of,
    http_client,
    list_of,
    refused,
    text_of,
    unanswered,
    unknown,
)
from dalpak.services.whatsapp.templates import template_for, template_values

NAME = "whatsapp_cloud"
TEXT_CHARS = 4096

REFUSALS: Mapping[str, Refusal] = {
    "0": Refusal.NOT_ALLOWED,
    "3": Refusal.NOT_ALLOWED,
    "10": Refusal.NOT_ALLOWED,
    "33": Refusal.NOT_ALLOWED,  # the sending number was deleted
    "190": Refusal.NOT_ALLOWED,
    "200": Refusal.NOT_ALLOWED,
    "368": Refusal.NOT_ALLOWED,
    "130472": Refusal.BLOCKED,
    "130497": Refusal.NOT_ALLOWED,
    "131005": Refusal.NOT_ALLOWED,
    "131021": Refusal.BAD_NUMBER,  # the business itself
    "131026": Refusal.NOT_ON_WHATSAPP,
    "131030": Refusal.NOT_ALLOWED,
    "131031": Refusal.NOT_ALLOWED,
    "131042": Refusal.NOT_ALLOWED,
    "131045": Refusal.NOT_ALLOWED,
    "131047": Refusal.OUTSIDE_WINDOW,
    "131049": Refusal.BLOCKED,
    "131050": Refusal.OPTED_OUT,
    "132000": Refusal.TEMPLATE_REFUSED,
    "132001": Refusal.TEMPLATE_REFUSED,
    "132005": Refusal.TEMPLATE_REFUSED,
    "132007": Refusal.TEMPLATE_REFUSED,
    "132012": Refusal.TEMPLATE_REFUSED,
    "132015": Refusal.TEMPLATE_REFUSED,
    "132016": Refusal.TEMPLATE_REFUSED,
    "133010": Refusal.NOT_ALLOWED,
}
"""By Meta's error code: trying again cannot help. Every code that is in neither table is REFUSED."""

LATER: Mapping[str, str] = {
    "1": "provider_down",
    "2": "provider_down",
    "4": "rate_limited",
    "80007": "rate_limited",
    "130429": "rate_limited",
    "131000": "provider_down",
    "131016": "provider_down",
    "131048": "rate_limited",
    "131056": "rate_limited",
    "131057": "provider_down",
    "133004": "provider_down",
}
"""Meta took nothing and waiting helps."""


class MetaMessenger:
    """One per process. `templates`: ours by "kind" or "kind.language", as "name" or "name/language";
    a kind that is not there has a template of its own name."""

    name = NAME
    features = Features(templates=True, receipts=True)

    def __init__(
        self,
        *,
        url: str,
        phone_number_id: str,
        token: str,
        templates: Mapping[str, str],
        answer_s: float = ANSWER_S,
    ) -> None:
        self._path = f"/{phone_number_id}/messages"
        self._templates = dict(templates)
        self._client = http_client(
            url, headers={"authorization": f"Bearer {token}"}, answer_s=answer_s
        )

    async def send(self, message: OutgoingMessage) -> Delivery:
        answer = await ask(self._client, "POST", self._path, json=self._body(message))
        return unknown(answer.reason) if isinstance(answer, Lost) else _outcome(answer)

    async def lookup(self, _message: OutgoingMessage) -> Delivery | None:
        """Meta has no list of what was sent: only a receipt tells."""
        return unknown("unclear")

    async def aclose(self) -> None:
        await self._client.aclose()

    def _body(self, message: OutgoingMessage) -> Json:
        body: Json = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.to.removeprefix("+"),
        }
        if message.delivery_id:
            body["biz_opaque_callback_data"] = message.delivery_id
        if message.window_open:
            text = {"preview_url": False, "body": message.text[:TEXT_CHARS]}
            return body | {"type": "text", "text": text}
        return body | {"type": "template", "template": self._template(message)}

    def _template(self, message: OutgoingMessage) -> Json:
        kind, language = message.kind, message.language
        known = template_for(self._templates, kind, language) or kind
        name, _, code = known.partition("/")
        values = template_values(message.values, message.text)
        parameters = [{"type": "text", "text": value} for value in values]
        return {
            "name": name,
            "language": {"code": code or language},
            "components": [{"type": "body", "parameters": parameters}],
        }


def _outcome(answer: Answer) -> Delivery:
    body = answer.body or {}
    error = dict_of(body.get("error"))
    if error:
        return _refusal(answer, text_of(error.get("code")))
    for message in list_of(body.get("messages")):
        provider_id = text_of(dict_of(message).get("id"))
        if answer.status < 300 and provider_id:
            return Delivery(DeliveryState.ACCEPTED, provider_id=provider_id)
    return unanswered(answer)


def _refusal(answer: Answer, code: str) -> Delivery:
    """Meta's own error says that it took nothing, whatever the HTTP status."""
    if code in LATER:
        raise answer.fault(LATER[code], code)
    return refused(refusal_of(code), code)


def refusal_of(code: str) -> Refusal:
    """What one of Meta's error codes means, in an answer or in a receipt."""
    if code.isdigit() and 200 <= int(code) <= 299:
        return Refusal.NOT_ALLOWED
    return REFUSALS.get(code, Refusal.REFUSED)
