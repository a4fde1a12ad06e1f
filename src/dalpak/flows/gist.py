"""What a model says a call was about: asked with a deadline, checked, and left out when in doubt.

The facts of a summary never come from here: times, names and bookings are the recorded ones.
"""

import asyncio
import re

from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk
from dalpak.flows.summarize import CallFacts
from dalpak.logs import get_logger
from dalpak.ports.summarizer import Exchange, SummaryRequest

log = get_logger(__name__)

DEADLINE_S = 15.0
"""Nobody waits on the line; the summary goes out without it after this."""
MAX_CHARS = 240
MAX_TURNS = 60
"""The last of a call; a longer one is told by its end."""

_NUMBER = re.compile(r"\+?\d(?:[\s\-.()]?\d){5,}")
"""Six digits or more: a telephone or identity number has no place in a summary."""


async def gist_of(desk: Desk, facts: CallFacts) -> str:
    """One checked sentence, or nothing."""
    if desk.summarizer is None or not any(turn.said for turn in facts.turns):
        return ""
    request = SummaryRequest(
        facts.business.language,
        [Exchange(turn.said, turn.heard) for turn in facts.turns[-MAX_TURNS:]],
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            said = await desk.summarizer.gist(request)
    except (ProviderError, TimeoutError) as e:
        log.warning("summary without a gist", error=type(e).__name__)
        return ""
    claims = desk.language_of(facts.business.language).claims_booking
    return checked(said, may_claim=bool(facts.appointments), claims_booking=claims(said))


def checked(said: str, *, may_claim: bool, claims_booking: bool) -> str:
    """On one line, short, without numbers; nothing at all when it tells of a booking that is not
    in the rows."""
    if claims_booking and not may_claim:
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    line = _NUMBER.sub("•••", line)
    return line if len(line) <= MAX_CHARS else line[: MAX_CHARS - 1].rstrip() + "…"
