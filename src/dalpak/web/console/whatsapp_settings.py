"""What each messenger needs before it works, and whether it is there. Names of settings, never their values.

What a missing one means is said in words in whatsapp_words.py; whether WhatsApp is connected at this
moment is read in whatsapp_link.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from dalpak.config import Settings


class For(StrEnum):
    """What does not work without it."""

    SENDING = "sending"
    HEARING = "hearing"
    """Receipts, and what people write back."""
    STRANGERS = "strangers"
    """Writing to people who have not written first: templates that the provider approved."""


_PUBLIC = {"public_base_url": For.HEARING}
_TWILIO = {"twilio_account_sid": For.SENDING, "twilio_auth_token": For.SENDING}

NEEDS: Mapping[str, Mapping[str, For]] = {
    "outbox": {},
    "whatsapp_cloud": {
        "whatsapp_cloud_phone_number_id": For.SENDING,
        "whatsapp_cloud_token": For.SENDING,
        "whatsapp_cloud_app_secret": For.HEARING,
        "whatsapp_cloud_verify_token": For.HEARING,
        **_PUBLIC,
    },
    "twilio_whatsapp": {
        **_TWILIO,
        "twilio_whatsapp_from": For.SENDING,
        "twilio_contents": For.STRANGERS,
        **_PUBLIC,
    },
    "twilio_sms": {**_TWILIO, "twilio_sms_from": For.SENDING, **_PUBLIC},
    "baileys": {},
}
"""Messenger -> setting -> what for. Meta's templates need no setting: a kind has one of its own name."""

WEBHOOKS: Mapping[str, str] = {
    "whatsapp_cloud": "/whatsapp/meta",
    "twilio_whatsapp": "/whatsapp/twilio",
    "twilio_sms": "/whatsapp/twilio",
}


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    """As in the environment."""
    what_for: For
    present: bool


@dataclass(frozen=True, slots=True)
class SetUp:
    """One messenger and its settings."""

    messenger: str
    chosen: bool
    settings: tuple[Setting, ...]
    webhook: str
    """The address to give to the provider; empty where it calls nobody, or could not reach us."""

    def missing(self, what_for: str) -> list[str]:
        return [s.name for s in self.settings if s.what_for == what_for and not s.present]


def set_ups(settings: Settings) -> list[SetUp]:
    """Every messenger that there is, in the order of the table."""
    return [
        SetUp(
            messenger,
            chosen=messenger == settings.messenger,
            settings=tuple(
                Setting(field.upper(), what_for, _present(settings, field))
                for field, what_for in needs.items()
            ),
            webhook=_webhook(settings, messenger),
        )
        for messenger, needs in NEEDS.items()
    ]


def _present(settings: Settings, field: str) -> bool:
    if field == "public_base_url":
        return not settings.public_is_loopback
    value = getattr(settings, field)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _webhook(settings: Settings, messenger: str) -> str:
    path = WEBHOOKS.get(messenger, "")
    return "" if not path or settings.public_is_loopback else settings.public_base_url + path
