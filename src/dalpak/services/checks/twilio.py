"""The telephone: is the account ours and open, is our token the one that signs, does a number lead here.

Read-only, over Twilio's REST API. Whether the public address answers is public_url.py's question.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from dalpak.logs import mask_phone
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.http import Answer, Unreachable, ask

NAME = "twilio"
NUMBERS = "twilio number"
CONSOLE = "Twilio Console > Account > API keys & tokens"
NUMBER_PAGE = "Twilio Console > Phone Numbers > Manage > Active numbers > the number > Voice"
PAGE_SIZE = "100"
"""Numbers looked at; a business has one or two."""


async def look(place: Installation) -> Sequence[Finding]:
    settings = place.settings
    if not settings.twilio_auth_tokens:
        return [_no_token(place)]
    if not settings.twilio_account_sid:
        return [
            Finding(
                NAME,
                State.WARNING,
                "TWILIO_AUTH_TOKEN is set, TWILIO_ACCOUNT_SID is not: the account cannot be checked",
                f"set TWILIO_ACCOUNT_SID (begins with AC; {CONSOLE})",
            )
        ]
    try:
        account = await _get(place, "")
        findings = [_account(place, account)]
        if account.ok:
            numbers = await _get(place, "/IncomingPhoneNumbers", PageSize=PAGE_SIZE)
            findings += _numbers(place, numbers, await place.numbers())
    except Unreachable as fault:
        return [
            Finding(
                NAME,
                State.ERROR,
                f"Twilio's API cannot be reached: {fault.detail}",
                "let this machine reach the internet over HTTPS (firewall, proxy, DNS)",
            )
        ]
    return findings


def _no_token(place: Installation) -> Finding:
    if place.settings.is_loopback and place.settings.public_base_url.startswith("http://"):
        return Finding(
            NAME,
            State.OK,
            "no telephone: the page, the terminal and `dalpak simulate` work without one",
        )
    return Finding(
        NAME,
        State.WARNING,
        "no Twilio token: every telephone call is refused (403)",
        f"set TWILIO_AUTH_TOKEN and TWILIO_ACCOUNT_SID ({CONSOLE})",
    )


async def _get(place: Installation, path: str, **params: str) -> Answer:
    settings = place.settings
    sid = settings.twilio_account_sid
    return await ask(
        place.clock,
        "GET",
        f"{settings.twilio_api_url}/2010-04-01/Accounts/{sid}{path}.json",
        basic=(sid, settings.twilio_auth_token.get_secret_value()),
        params=params,
    )


def _account(place: Installation, answer: Answer) -> Finding:
    if answer.status in {401, 403}:
        return Finding(
            NAME,
            State.ERROR,
            f"Twilio refuses the account SID and token ({answer.status})",
            f"copy both again from {CONSOLE}: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN",
            answer.took_ms,
        )
    if not answer.ok:
        return Finding(
            NAME,
            State.ERROR,
            f"Twilio answers {answer.status} for this account",
            "404: TWILIO_ACCOUNT_SID is wrong; 429 or 5xx: try again in a minute",
            answer.took_ms,
        )
    status, kind = answer.field("status"), answer.field("type")
    if status != "active":
        return Finding(
            NAME,
            State.ERROR,
            f"the account is {status}: Twilio delivers no calls",
            "Twilio Console > Billing: bring the account up to date",
            answer.took_ms,
        )
    if not _signs(place, answer):
        return Finding(
            NAME,
            State.ERROR,
            "TWILIO_AUTH_TOKEN is valid but is not the primary token, which signs every webhook",
            f"put the primary token into TWILIO_AUTH_TOKEN, the other into TWILIO_AUTH_TOKEN_NEXT ({CONSOLE})",
            answer.took_ms,
        )
    if kind == "Trial":
        return Finding(
            NAME,
            State.WARNING,
            "account active, a trial: it plays an announcement, and takes verified callers only",
            "Twilio Console > Billing > Upgrade",
            answer.took_ms,
        )
    return Finding(
        NAME, State.OK, "account active, the token is the one that signs", "", answer.took_ms
    )


def _signs(place: Installation, answer: Answer) -> bool:
    """Whether the account's primary token is one of ours. Twilio tells it with the account; where it does not,
    there is nothing to compare with.
    """
    primary = answer.field("auth_token")
    if not isinstance(primary, str) or not primary:
        return True
    ours = place.settings.twilio_auth_tokens
    return any(hmac.compare_digest(primary.encode(), token.encode()) for token in ours)


def _numbers(place: Installation, answer: Answer, businesses: Sequence[str]) -> list[Finding]:
    rows = answer.field("incoming_phone_numbers")
    if not answer.ok or not isinstance(rows, list):
        return [
            Finding(
                NUMBERS,
                State.WARNING,
                f"the account's numbers cannot be read ({answer.status})",
                NUMBER_PAGE,
            )
        ]
    owned = {str(row.get("phone_number")): row for row in rows if isinstance(row, Mapping)}
    if not owned:
        return [
            Finding(
                NUMBERS,
                State.ERROR,
                "the account has no telephone number",
                "Twilio Console > Phone Numbers > Buy a number (with Voice)",
            )
        ]
    ours = [number for number in businesses if number in owned]
    if not ours:
        return [
            Finding(
                NUMBERS,
                State.ERROR,
                f"no business here has a number of this account ({', '.join(map(mask_phone, owned))})",
                "give a business the number: dalpak number BUSINESS +972...",
            )
        ]
    return [_number(place, number, owned[number]) for number in ours]


def _number(place: Installation, number: str, row: Mapping[str, Any]) -> Finding:
    """The number's webhook and callback against PUBLIC_BASE_URL."""
    base, shown = place.settings.public_base_url, mask_phone(number)
    voice, status = f"{base}/voice/incoming", f"{base}/voice/status"
    elsewhere = row.get("voice_application_sid") or row.get("trunk_sid")
    if elsewhere or row.get("voice_url") != voice:
        leads = (
            "to a TwiML app or a SIP trunk"
            if elsewhere
            else f"to {row.get('voice_url') or 'nothing'}"
        )
        return Finding(
            NUMBERS,
            State.ERROR,
            f"{shown}: a call leads {leads}",
            f"{NUMBER_PAGE}: 'A call comes in' = Webhook, {voice}, HTTP POST",
        )
    if row.get("voice_method", "POST") != "POST":
        return Finding(
            NUMBERS,
            State.ERROR,
            f"{shown}: the webhook is called by GET",
            f"{NUMBER_PAGE}: HTTP POST",
        )
    if row.get("status_callback") != status:
        return Finding(
            NUMBERS,
            State.WARNING,
            f"{shown}: no status callback: a call that the caller ends early is closed a minute late",
            f"{NUMBER_PAGE}: 'Call status changes' = {status}, HTTP POST",
        )
    return Finding(NUMBERS, State.OK, f"{shown} leads to {voice}")
