"""Messages: does the way that they go answer for our account. Nothing is ever sent by a check."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from dalpak.errors import ConfigError, ProviderError
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.http import Unreachable, ask
from dalpak.services.checks.provider import Provider, failed
from dalpak.services.whatsapp.sidecar import sidecar_token

NAME = "messages"

META = Provider(
    title="WhatsApp Cloud API (Meta)",
    keys="set WHATSAPP_CLOUD_TOKEN (Meta Business settings > System users > Generate token, with "
    "whatsapp_business_messaging) and WHATSAPP_CLOUD_PHONE_NUMBER_ID (App dashboard > WhatsApp > API setup)",
    quota="Meta Business settings > WhatsApp accounts > Payment settings, and the number's messaging limit",
    choice="set WHATSAPP_CLOUD_PHONE_NUMBER_ID (App dashboard > WhatsApp > API setup)",
)
TWILIO = Provider(
    title="Twilio messages",
    keys="set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and the sender's number",
    quota="Twilio Console > Billing",
    choice="set TWILIO_SMS_FROM or TWILIO_WHATSAPP_FROM to a sender of this account",
)
BAILEYS = Provider(
    title="the WhatsApp sidecar",
    keys="start the server and the sidecar with the same BAILEYS_TOKEN and DATA_DIR",
    quota="wait a day",
    choice="link the account: dalpak whatsapp pair --phone +972...",
    reach="start it: dalpak whatsapp sidecar",
)

PAIR = frozenset({"pairing", "logged_out"})
"""The sidecar's states in which a person has to act."""

Ask = Callable[[Installation], Awaitable[Finding]]


async def look(place: Installation) -> Sequence[Finding]:
    name = place.settings.messenger
    if not place.settings.flows_enabled:
        return []
    if name not in WAYS:
        known = ", ".join(sorted(WAYS))
        return [Finding(NAME, State.ERROR, f"MESSENGER={name}", f"set it to one of {known}")]
    about, question = WAYS[name]
    try:
        return [await question(place)]
    except Unreachable as fault:
        found = f"{about.title} cannot be reached: {fault.detail}"
        return [Finding(NAME, State.ERROR, found, about.reach)]
    except (ProviderError, ConfigError) as fault:
        return [await failed(NAME, about, place.settings, fault)]


async def _outbox(_place: Installation) -> Finding:
    return Finding(NAME, State.OK, "kept in the outbox (embedded), to be read with: dalpak outbox")


async def _meta(place: Installation) -> Finding:
    settings = place.settings
    token = _needed(settings.whatsapp_cloud_token.get_secret_value(), "WHATSAPP_CLOUD_TOKEN")
    number = _needed(settings.whatsapp_cloud_phone_number_id, "WHATSAPP_CLOUD_PHONE_NUMBER_ID")
    answer = await ask(
        place.clock,
        "GET",
        f"{settings.whatsapp_cloud_url}/{number}",
        headers={"Authorization": f"Bearer {token}"},
        params={"fields": "display_phone_number,quality_rating"},
    )
    if not answer.ok:
        # 190 is Meta's code for a token that is wrong or has run out, whatever the status says.
        expired = answer.field("error", "code") == 190
        raise ProviderError(f"auth_{answer.status}" if expired else str(answer.status))
    missing = [
        name
        for name, value in (
            ("WHATSAPP_CLOUD_APP_SECRET", settings.whatsapp_cloud_app_secret),
            ("WHATSAPP_CLOUD_VERIFY_TOKEN", settings.whatsapp_cloud_verify_token),
        )
        if not value.get_secret_value()
    ]
    if missing:
        return Finding(
            NAME,
            State.WARNING,
            f"{META.title}: can send, but receipts and replies are refused",
            f"set {' and '.join(missing)} (App dashboard > App settings > Basic; WhatsApp > Configuration)",
            answer.took_ms,
        )
    if answer.field("quality_rating") == "RED":
        return Finding(
            NAME,
            State.WARNING,
            f"{META.title}: the number's quality is low: people block or report its messages",
            "WhatsApp Manager > Phone numbers: see why, before Meta limits the number",
            answer.took_ms,
        )
    return Finding(NAME, State.OK, f"{META.title}: token and number are valid", "", answer.took_ms)


async def _twilio(place: Installation) -> Finding:
    settings = place.settings
    sms = settings.messenger == "twilio_sms"
    sid = _needed(settings.twilio_account_sid, "TWILIO_ACCOUNT_SID")
    token = _needed(settings.twilio_auth_token.get_secret_value(), "TWILIO_AUTH_TOKEN")
    sender = settings.twilio_sms_from if sms else settings.twilio_whatsapp_from
    _needed(sender, "TWILIO_SMS_FROM" if sms else "TWILIO_WHATSAPP_FROM")
    # The list of what was sent answers for the account and its right to messages, and sends nothing.
    answer = await ask(
        place.clock,
        "GET",
        f"{settings.twilio_api_url}/2010-04-01/Accounts/{sid}/Messages.json",
        basic=(sid, token),
        params={"PageSize": "1"},
    )
    if not answer.ok:
        raise ProviderError(str(answer.status))
    if not sms and not settings.twilio_contents:
        return Finding(
            NAME,
            State.WARNING,
            f"{TWILIO.title}: no content template: only people who wrote in the last 24 hours are reached",
            "set TWILIO_CONTENTS (Twilio Console > Messaging > Content Template Builder)",
            answer.took_ms,
        )
    return Finding(NAME, State.OK, f"{TWILIO.title}: the account may send", "", answer.took_ms)


async def _baileys(place: Installation) -> Finding:
    settings = place.settings
    answer = await ask(
        place.clock,
        "GET",
        f"{settings.baileys_url}/health",
        headers={"Authorization": f"Bearer {sidecar_token(settings)}"},
    )
    if not answer.ok and answer.status != 503:
        raise ProviderError(str(answer.status))
    state = str(answer.field("state") or "unknown")
    if state != "open":
        return Finding(
            NAME,
            State.ERROR,
            f"{BAILEYS.title} runs, but WhatsApp is not connected ({state}); messages wait",
            BAILEYS.choice if state in PAIR else "it keeps trying; why: dalpak whatsapp status",
            answer.took_ms,
        )
    return Finding(NAME, State.OK, f"{BAILEYS.title} is connected to WhatsApp", "", answer.took_ms)


def _needed(value: str, setting: str) -> str:
    if not value:
        raise ConfigError(setting, "", "a value, for the messenger that MESSENGER names")
    return value


OUTBOX = Provider("the outbox", "", "", "")

WAYS: Mapping[str, tuple[Provider, Ask]] = {
    "outbox": (OUTBOX, _outbox),
    "whatsapp_cloud": (META, _meta),
    "twilio_whatsapp": (TWILIO, _twilio),
    "twilio_sms": (TWILIO, _twilio),
    "baileys": (BAILEYS, _baileys),
}
