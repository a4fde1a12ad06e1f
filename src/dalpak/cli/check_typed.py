"""Rows 8 and 9 of the GO/NO-GO table: a typed call in virtual time that asks for an hour that is no
start time, takes one of the two suggested, and keys its number.

The same conversation as `dalpak call --script`, against a real database; and the refusal once more
from the tool itself, as an agent would see it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dalpak.cli.call import Options, run_script
from dalpak.cli.check_marks import settings_in
from dalpak.clock import VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.domain.phones import parse_phone
from dalpak.domain.records import CallRecord, TraceRecord
from dalpak.extensions import build_extensions
from dalpak.language.he.check_lines import OFF_GRID_BOOKING, PHONE

NOW = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
"""A Tuesday morning with nothing booked: the same dialogue every day of the year."""
OFF_GRID = "2026-11-25T10:07:00+02:00"


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of the typed call."""

    error: str
    """What `create_appointment` said of an off-grid start."""
    suggestions: int
    need_phone: bool
    waited_for_keys: bool
    committed: bool
    """The keyed number is the appointment's."""
    booked: bool
    faults: int
    errors: tuple[str, ...] = ()


def typed_call(folder: Path) -> Typed:
    """`folder` is empty and this call's own."""
    options = Options(business="", caller=None, keypad=False)
    idle: dict[str, Any] = {"idle_prompt_ms": 3_600_000, "idle_goodbye_ms": 7_200_000}
    result = run_virtual(
        run_script(settings_in(folder, **idle), VirtualClock(NOW), options, list(OFF_GRID_BOOKING))
    )
    if isinstance(result, int):
        return Typed("", 0, False, False, False, False, 0, ("the typed call did not begin",))
    refusal = run_virtual(_refusal(settings_in(folder), VirtualClock(NOW)))
    phone = parse_phone(PHONE)
    reasons = [str(tool["reason"]).partition(":")[0] for tool in result["tools"]]
    booked = result["appointments"]
    return Typed(
        error=str(refusal.get("error", "")) if "off_grid" in reasons else "",
        suggestions=len(refusal.get("suggestions", ())),
        need_phone="need_phone" in reasons,
        waited_for_keys="waiting_for_dtmf" in result["phases"],
        committed=phone is not None and [a["phone"] for a in booked] == [phone.e164],
        booked=len(booked) == 1,
        faults=int(result["faults"]) + reasons.count("internal"),
    )


async def _refusal(settings: Settings, clock: VirtualClock) -> dict[str, Any]:
    """`calendar.create_appointment` asked for a start that is on no grid."""
    async with build_extensions(settings, clock=clock, serving=False) as ext:
        business = (await ext.store.businesses())[0]
        now = clock.now()
        record = CallRecord(
            clock.new_id(), business.id, "terminal", "check", "", None, business.phone, now, now
        )
        desk = await ext.calls.kit.open_desk(record, _ignore)
        outcome = await desk.tools.call("calendar.create_appointment", {"slot": OFF_GRID})
    return outcome.data


def _ignore(_trace: TraceRecord) -> None:
    """The outcome itself is looked at."""
