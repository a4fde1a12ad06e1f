"""How the linked device stands, out of what the sidecar says of itself; and its QR code as a picture.

Reads only, and believes nothing of what it reads. The QR text and the pairing code open the account
to whoever has them: they are kept nowhere, and no `repr` shows them.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import segno

from dalpak.errors import ProviderError
from dalpak.logs import mask_phone
from dalpak.services.whatsapp.exchange import dict_of, text_of
from dalpak.services.whatsapp.sidecar import Sidecar

ANSWER_S = 4.0
"""The sidecar is on this machine and answers within milliseconds; a page does not wait for one that hangs."""
WHY_MAX = 120
"""Characters of WhatsApp's own words about a fault."""
CODE_MAX = 16
QR_MAX = 1024
"""Characters; WhatsApp's have about 240. A larger one would take a core for a second."""
QUIET_ZONE = 4
"""Modules of white around the code, as its standard wants them: also on a dark page."""


class LinkState(StrEnum):
    NOT_RUNNING = "not_running"
    SILENT = "silent"
    """Something is there and does not answer, or not as the sidecar does."""
    OTHER_TOKEN = "other_token"
    STARTING = "starting"
    PAIRING = "pairing"
    RECONNECTING = "reconnecting"
    OPEN = "open"
    LOGGED_OUT = "logged_out"
    FORBIDDEN = "forbidden"
    REPLACED = "replaced"
    STOPPED = "stopped"


OF_SIDECAR = frozenset(LinkState) - {
    LinkState.NOT_RUNNING,
    LinkState.SILENT,
    LinkState.OTHER_TOKEN,
}
ENDED = frozenset({LinkState.LOGGED_OUT, LinkState.FORBIDDEN, LinkState.REPLACED})
"""It waits for a person: only then may it be told to begin anew."""


@dataclass(frozen=True, slots=True)
class Link:
    state: LinkState
    since: datetime | None = None
    next_try: datetime | None = None
    attempt: int = 0
    fault: str = ""
    """WhatsApp's number of the last fault, and its words."""
    number: str = ""
    """Masked."""
    restricted_until: datetime | None = None
    new_people: tuple[int, int] | None = None
    """Today, and the most that are allowed."""
    untold: int = 0
    """Events that wait until the server takes them."""
    qr: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


async def link_of(sidecar: Sidecar) -> Link:
    """Never raises: a sidecar that cannot be asked is a state too."""
    try:
        async with asyncio.timeout(ANSWER_S):
            health = await sidecar.ask("GET", "/health")
            pairing = health.get("state") == LinkState.PAIRING
            return read_link(health, await sidecar.ask("GET", "/v1/pairing") if pairing else {})
    except ProviderError as fault:
        return Link(_unanswered(fault))
    except TimeoutError:
        return Link(LinkState.SILENT)


def _unanswered(fault: ProviderError) -> LinkState:
    if fault.code == "unauthorized":
        return LinkState.OTHER_TOKEN
    # With these words the sidecar was there and did not answer; with any other nobody listened.
    lost = fault.code != "unreachable" or fault.detail in {"timeout", "connection_lost"}
    return LinkState.SILENT if lost else LinkState.NOT_RUNNING


def read_link(health: dict[str, Any], pairing: dict[str, Any]) -> Link:
    """Of the sidecar's own words (sidecars/baileys/src/server.js)."""
    state = text_of(health.get("state"))
    if state not in OF_SIDECAR:
        return Link(LinkState.SILENT)
    people, most = health.get("new_people_today"), health.get("new_people_per_day")
    both = isinstance(people, int) and isinstance(most, int)
    return Link(
        LinkState(state),
        since=_instant(health.get("since")),
        next_try=_instant(health.get("retry_at")),
        attempt=_count(health.get("attempt")),
        fault=_fault(health.get("last")),
        number=mask_phone(text_of(health.get("number"))[:CODE_MAX]),
        restricted_until=_instant(dict_of(health.get("restricted")).get("until")),
        new_people=(_count(people), _count(most)) if both else None,
        untold=_count(health.get("untold")),
        qr=_within(pairing.get("qr"), QR_MAX),
        code=_within(pairing.get("code"), CODE_MAX),
    )


def qr_svg(text: str, title: str) -> str:
    """Dark on white with its quiet zone, whatever the page's colours are, or cameras do not find it.

    About 20 ms of a core: never on the event loop.
    """
    picture = segno.make_qr(text, error="l").svg_inline(
        omitsize=True,
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=title,
    )
    # So that a screen reader takes it as one picture with that title.
    return picture.replace("<svg ", '<svg role="img" ', 1)


def _fault(last: object) -> str:
    """`{code, why}` while it tries again, the code alone once it has ended."""
    if isinstance(last, dict):
        parts = [text_of(last.get("code")), text_of(last.get("why"))]
        return mask_phone(" ".join(p for p in parts if p and p != "0"))[:WHY_MAX]
    return text_of(last)[:WHY_MAX]


def _within(value: object, most: int) -> str:
    text = text_of(value)
    return text if len(text) <= most else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _instant(value: object) -> datetime | None:
    """Milliseconds since 1970."""
    ms = _count(value)
    try:
        return datetime.fromtimestamp(ms / 1000, UTC) if ms else None
    except (OverflowError, OSError, ValueError):
        return None
