"""What the built-in agent must know of the business to understand a caller: today, hours, names.

It asks the tools, as every agent must; what they do not tell, it does without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dalpak.domain.walltime import weekday
from dalpak.errors import ProviderError
from dalpak.language.base import Asked, HearingContext, Intent, Named, Spoken
from dalpak.ports.agent import Toolbox


@dataclass(frozen=True, slots=True)
class Offering:
    """A service or a member of staff."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    ipa: str | None = None

    @property
    def spoken(self) -> Spoken:
        return Spoken(self.name, self.ipa)

    @property
    def named(self) -> Named:
        return Named(self.id, self.name, self.aliases)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now` is in the business's own zone; every spoken time is told in it."""

    now: datetime
    hours: Mapping[str, tuple[tuple[time, time], ...]]
    services: tuple[Offering, ...] = ()
    staff: tuple[Offering, ...] = ()

    def local(self, iso: str) -> datetime:
        return datetime.fromisoformat(iso).astimezone(self.now.tzinfo)

    def opens_on(self, day: date) -> bool:
        """On a usual day of that weekday; of exceptions the calendar knows."""
        return bool(self.hours.get(weekday(day)))

    def hearing(
        self, asked: Asked, offered: Sequence[datetime], proposed: Intent | None = None
    ) -> HearingContext:
        return HearingContext(
            now=self.now,
            hours=dict(self.hours),
            asked=asked,
            proposed=proposed,
            offered=tuple(offered),
            services=tuple(s.named for s in self.services),
            staff=tuple(s.named for s in self.staff),
        )


async def look_around(tools: Toolbox) -> Surroundings:
    """One read of the business. ProviderError when even that is impossible: nothing can be said."""
    outcome = await tools.call("business.overview", {})
    if not outcome.ok:
        raise ProviderError("business_unreadable", str(outcome.data.get("error")))
    data: Any = outcome.data
    return Surroundings(
        now=datetime.fromisoformat(data["now_iso"]).astimezone(ZoneInfo(data["timezone"])),
        hours={day: tuple(map(_window, windows)) for day, windows in data["hours"].items()},
        services=tuple(map(_offering, data["services"])),
        staff=tuple(map(_offering, data["staff"])),
    )


def _window(window: Sequence[str]) -> tuple[time, time]:
    opens, closes = window
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _offering(item: Mapping[str, Any]) -> Offering:
    return Offering(item["id"], item["name"], tuple(item.get("aliases", ())), item.get("ipa"))
