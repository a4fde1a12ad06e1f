"""The page on which messaging is set up: which messenger there is, what it lacks, and linking a device.

How the link stands is read in whatsapp_link.py, what a messenger needs in whatsapp_settings.py; the
words are in whatsapp_words.py. What the sidecar does with WhatsApp is the sidecar's.
"""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from dalpak.domain.phones import MAX_TEXT, carrier_phone
from dalpak.errors import ProviderError
from dalpak.services.whatsapp.sidecar import Sidecar
from dalpak.web.console.render import page
from dalpak.web.console.visit import Visit
from dalpak.web.console.whatsapp_link import ENDED, LinkState, link_of, qr_svg
from dalpak.web.console.whatsapp_settings import set_ups
from dalpak.web.console.whatsapp_words import DEFAULT, WORDS

PATH = "/set-up/whatsapp"
SEPARATORS = " -–—./()"
"""With the dashes that telephones write."""
STATUS = {"bad_number": 422, "already_paired": 409, "not_ended": 409}
"""Of the answers to a form; 503 for whatever is nobody's mistake."""

TONES = {LinkState.OPEN: "good", LinkState.STARTING: "wait", LinkState.PAIRING: "wait"}
STILL = frozenset({LinkState.OPEN, *ENDED})
"""States that a person or nobody changes: asked after less often."""


async def whatsapp(visit: Visit) -> Response:
    """GET: how it stands. POST: `what` is pair (with `phone`) or restart."""
    if not visit.posted:
        return await _show(visit)
    change, sidecar = CHANGES.get(visit.asked("what")), visit.ext.sidecar
    if change is None or sidecar is None:
        return Response("bad request", 400)
    try:
        refused = await change(sidecar, visit)
    except ProviderError as fault:
        refused = fault.code
    if refused:
        return await _show(visit, refused=refused, phone=visit.asked("phone")[:MAX_TEXT])
    language = _known(visit.asked("language"))
    return RedirectResponse(f"{PATH}?{urlencode({'language': language})}", 303)


async def _pair(sidecar: Sidecar, visit: Visit) -> str:
    """Why not, as in `Words.refusals`. The code is not in this answer: the page shows it while it holds."""
    number = account_number(visit.asked("phone"))
    if number is None:
        return "bad_number"
    await sidecar.ask("POST", "/v1/pair", {"phone": number})
    return ""


async def _restart(sidecar: Sidecar, _visit: Visit) -> str:
    """Why not. Only where it has ended: a second connection beside a living one closes both."""
    link = await link_of(sidecar)
    if link.state not in ENDED:
        return "not_ended"
    await sidecar.ask("POST", "/v1/restart", {})
    return ""


CHANGES: dict[str, Callable[[Sidecar, Visit], Awaitable[str]]] = {
    "pair": _pair,
    "restart": _restart,
}


def account_number(text: str) -> str | None:
    """E.164 of a number as people write or paste it, foreign ones with their prefix; None for anything else."""
    if len(text) > MAX_TEXT:
        return None
    kept = "".join(c for c in text if c not in SEPARATORS and unicodedata.category(c) != "Cf")
    return carrier_phone("+" + kept[2:] if kept.startswith("00") else kept)


async def _show(visit: Visit, *, refused: str = "", phone: str = "") -> Response:
    ext, code, businesses = visit.ext, _known(visit.asked("language")), visit.businesses
    words = WORDS[code]
    link = await link_of(ext.sidecar) if ext.sidecar is not None else None
    picture = ""
    if link is not None and link.qr:
        picture = await asyncio.to_thread(qr_svg, link.qr, words.page["qr"])
    found = set_ups(ext.settings)
    return page(
        "whatsapp.html",
        STATUS.get(refused, 503) if refused else 200,
        csrf=visit.csrf,
        words=words,
        t=words.page,
        language=code,
        languages=WORDS,
        path=PATH,
        link=link,
        tone=TONES.get(link.state, "bad") if link else "",
        still=link is None or link.state in STILL,
        qr=picture,
        set_ups=found,
        chosen=next((each for each in found if each.chosen), None),
        messenger=ext.settings.messenger,
        zone=ZoneInfo(businesses[0].timezone) if businesses else ZoneInfo("UTC"),
        refused=words.refusals.get(refused, words.refusals["other"]) if refused else "",
        phone=phone,
        bad_phone=refused == "bad_number",
    )


def _known(language: str) -> str:
    return language if language in WORDS else DEFAULT
