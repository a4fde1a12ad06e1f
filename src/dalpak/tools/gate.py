"""The booking gate of one call: what must have happened before an appointment may be created.

    offered in this call -> chosen -> contact known -> read back -> heard -> a clear yes -> may
    create

Server-side state, not prompt wording: an agent proposes, only the code that owns the playback marks
calls `heard`, and only the code that hears the caller calls `caller_said`. Pure: no I/O, no policy,
no words. Anything that changes the slot, the name or the number voids the read-back and the consent
with it.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from dalpak.domain.booking import day_part
from dalpak.domain.walltime import minute_of
from dalpak.language.base import Answer, Intent, Understood

MAX_OFFERS = 256
"""Slots remembered per call; past it the oldest is forgotten and can no longer be chosen."""


class GateReason(StrEnum):
    """Why an appointment may not be created yet."""

    NOT_OFFERED = "not_offered"
    NOT_CHOSEN = "not_chosen"
    NO_CONTACT = "no_contact"
    NOT_READ_BACK = "not_read_back"
    WRONG_NONCE = "wrong_nonce"
    NOT_HEARD = "not_heard"
    NO_YES = "no_yes"


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot as it was offered. Ids are valid in this call only; they need not be secret."""

    id: str
    start: datetime
    end: datetime
    resource_id: str
    service_id: str
    any_staff: bool
    """True when the caller did not ask for this member of staff."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The row that keeps the chosen slot for this call."""

    appointment_id: str
    slot_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ReadBack:
    nonce: str
    slot_id: str
    name: str | None
    phone: str | None
    heard: bool = False
    affirmed: bool = False


_PLAIN_INTENTS = (None, Intent.BOOK, Intent.GOODBYE)


class BookingGate:
    """Everything is read-only outside but `service_id`, `message` and the hold, which decide
    nothing here."""

    def __init__(self) -> None:
        self.service_id: str | None = None
        self.message: str | None = None
        """What the caller left for the business in this call."""
        self.hold: Hold | None = None
        self.holds = 0
        """Holds placed so far; part of each hold's idempotency key."""
        self._offers: dict[str, Offer] = {}
        self._numbered = 0
        self._chosen: str | None = None
        self._name: str | None = None
        self._phone: str | None = None
        self._read_back: ReadBack | None = None
        self._booked: dict[str, str] = {}

    # -- what is known -----------------------------------------------------------------------------

    @property
    def name(self) -> str | None:
        return self._name

    @property
    def phone(self) -> str | None:
        """E.164."""
        return self._phone

    @property
    def chosen(self) -> Offer | None:
        return self._offers.get(self._chosen or "")

    @property
    def read_back(self) -> ReadBack | None:
        return self._read_back

    @property
    def offers(self) -> tuple[Offer, ...]:
        """In the order they were first offered."""
        return tuple(self._offers.values())

    def offer_of(self, slot_id: str) -> Offer | None:
        return self._offers.get(slot_id)

    def appointment_of(self, slot_id: str) -> str | None:
        """The appointment that this call created for the slot."""
        return self._booked.get(slot_id)

    # -- what happens ------------------------------------------------------------------------------

    def offer(
        self,
        *,
        start: datetime,
        end: datetime,
        resource_id: str,
        service_id: str,
        any_staff: bool = True,
    ) -> Offer:
        """Register a slot as offered; the same slot keeps its id."""
        for known in self._offers.values():
            if (known.start, known.end, known.resource_id, known.service_id, known.any_staff) == (
                start,
                end,
                resource_id,
                service_id,
                any_staff,
            ):
                return known
        self._numbered += 1
        offer = Offer(f"s{self._numbered}", start, end, resource_id, service_id, any_staff)
        self._offers[offer.id] = offer
        if len(self._offers) > MAX_OFFERS:
            del self._offers[next(k for k in self._offers if k not in (self._chosen, offer.id))]
        return offer

    def choose(self, slot_id: str) -> Offer | None:
        """None when it was never offered here; then nothing changes."""
        offer = self._offers.get(slot_id)
        if offer is not None and slot_id != self._chosen:
            self._chosen = slot_id
            self._read_back = None
        return offer

    def note_name(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self._read_back = None

    def note_phone(self, phone: str) -> None:
        if phone != self._phone:
            self._phone = phone
            self._read_back = None

    def mint(self, nonce: str) -> GateReason | None:
        """Begin a read-back of what is chosen and known; an earlier one no longer counts."""
        self._read_back = None
        if self.chosen is None:
            return GateReason.NOT_CHOSEN
        if not self._name and not self._phone:
            return GateReason.NO_CONTACT
        self._read_back = ReadBack(nonce, self.chosen.id, self._name, self._phone)
        return None

    def heard(self, nonce: str) -> None:
        """The mark behind the read-back was played. Only the runtime may say so."""
        if self._read_back is not None and self._read_back.nonce == nonce:
            self._read_back = replace(self._read_back, heard=True)

    def caller_said(self, answer: Answer | None) -> None:
        """The caller's own words or key, of every turn. Only the runtime may say so.

        A yes counts when the whole read-back was heard before it; any later turn that is not a yes
        takes it back, and a no ends the read-back.
        """
        if self._read_back is None:
            return
        if answer is Answer.DENY:
            self._read_back = None
        elif self._read_back.heard:
            self._read_back = replace(self._read_back, affirmed=answer is Answer.AFFIRM)

    def may_create(self, slot_id: str, nonce: str) -> GateReason | None:
        """None when the appointment may be created now, else what is missing first."""
        if slot_id not in self._offers:
            return GateReason.NOT_OFFERED
        if slot_id != self._chosen:
            return GateReason.NOT_CHOSEN
        back = self._read_back
        if back is None:
            contact = self._name or self._phone
            return GateReason.NOT_READ_BACK if contact else GateReason.NO_CONTACT
        if (back.nonce, back.slot_id) != (nonce, slot_id):
            return GateReason.WRONG_NONCE
        if not back.heard:
            return GateReason.NOT_HEARD
        return None if back.affirmed else GateReason.NO_YES

    def created(self, slot_id: str, appointment_id: str) -> None:
        """Consent is used up; the same slot asked for again gives the same appointment."""
        self._booked[slot_id] = appointment_id
        self._read_back = None
        self.hold = None

    def answer_in(self, words: Understood, zone: ZoneInfo) -> Answer | None:
        """The answer to give to `caller_said`: a yes that also changes something is not a yes."""
        if words.answer is not Answer.AFFIRM:
            return words.answer
        return Answer.UNSURE if self._changes(words, zone) else Answer.AFFIRM

    def _changes(self, words: Understood, zone: ZoneInfo) -> bool:
        chosen = self.chosen
        refuses = (
            words.excluded_dates
            or words.excluded_times
            or words.excluded_weekdays
            or words.excluded_parts
        )
        moves = words.preference is not None or words.shift_days is not None or words.wants_earliest
        other_service = chosen is None or any(s != chosen.service_id for s in words.service_ids)
        other_staff = chosen is None or words.staff_id not in (None, chosen.resource_id)
        return bool(
            words.corrects
            or words.intent not in _PLAIN_INTENTS
            or words.name not in (None, self._name)
            or words.phone is not None
            or refuses
            or moves
            or other_service
            or other_staff
            or (words.says_when and not self._means_chosen(words, zone))
        )

    def _means_chosen(self, words: Understood, zone: ZoneInfo) -> bool:
        """The hour or day that the caller repeated is that of the chosen slot."""
        if self.chosen is None or words.date_range or words.date_from or words.date_to:
            return False
        if words.window is not None:
            return False
        local = self.chosen.start.astimezone(zone)
        at = local.time()
        same_day = words.when_date in (None, local.date())
        same_hour = words.when_time in (None, at) or at in words.time_candidates
        same_part = words.when_time is not None or words.part_of_day in (
            None,
            day_part(minute_of(at)),
        )
        return same_day and same_hour and same_part

    # -- checkpoint --------------------------------------------------------------------------------

    def to_json(self) -> dict[str, object]:
        """JSON values only; `from_json` gives an equal gate."""
        return {
            "service_id": self.service_id,
            "message": self.message,
            "holds": self.holds,
            "hold": _plain(self.hold),
            "offers": [_plain(o) for o in self._offers.values()],
            "numbered": self._numbered,
            "chosen": self._chosen,
            "name": self._name,
            "phone": self._phone,
            "read_back": _plain(self._read_back),
            "booked": dict(self._booked),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Of what `to_json` wrote; raises on anything else."""
        gate = cls()
        gate.service_id = data["service_id"]
        gate.message = data["message"]
        gate.holds = data["holds"]
        hold, back = data["hold"], data["read_back"]
        gate.hold = Hold(**_times(hold, "until")) if hold else None
        gate._offers = {o["id"]: Offer(**_times(o, "start", "end")) for o in data["offers"]}
        gate._numbered = data["numbered"]
        gate._chosen = data["chosen"]
        gate._name = data["name"]
        gate._phone = data["phone"]
        gate._read_back = ReadBack(**back) if back else None
        gate._booked = dict(data["booked"])
        return gate


def _plain(value: Offer | Hold | ReadBack | None) -> dict[str, object] | None:
    if value is None:
        return None
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(value).items()}


def _times(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {**data, **{k: datetime.fromisoformat(data[k]) for k in keys}}
