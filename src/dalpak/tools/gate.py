"""The booking gate of one call: what must have happened before an appointment may be created,
moved or cancelled.

    offered in this call -> chosen -> contact known -> read back -> heard -> a clear yes -> may
    create

    the caller's own -> (offered -> chosen ->) read back for that purpose -> heard -> a clear yes ->
    may change

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

from dalpak.language.base import Answer, Understood
from dalpak.tools.consent import Purpose, Subject, changes_something

MAX_OFFERS = 256
"""Slots remembered per call; past it the oldest is forgotten and can no longer be chosen."""
MAX_OWN = 32
"""Appointments of the caller remembered per call, the last told ones."""
MAX_LOOKUPS = 3
"""Different names and numbers that one call may try: nobody gets to guess."""


class GateReason(StrEnum):
    """Why an appointment may not be created or changed yet."""

    NOT_OFFERED = "not_offered"
    NOT_CHOSEN = "not_chosen"
    NO_CONTACT = "no_contact"
    NOT_READ_BACK = "not_read_back"
    WRONG_NONCE = "wrong_nonce"
    NOT_HEARD = "not_heard"
    NO_YES = "no_yes"
    NOT_YOURS = "not_yours"


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
    more_service_ids: tuple[str, ...] = ()

    @property
    def service_ids(self) -> tuple[str, ...]:
        return (self.service_id, *self.more_service_ids)


@dataclass(frozen=True, slots=True)
class Own:
    """An appointment that was shown to be the caller's: by its number, this call, or by details."""

    id: str
    start: datetime
    end: datetime
    resource_id: str
    service_ids: tuple[str, ...]


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
    """Empty when the appointment is to be cancelled."""
    name: str | None
    phone: str | None
    heard: bool = False
    affirmed: bool = False
    passed: bool = False
    """Something else than a yes came after it was heard."""
    purpose: Purpose = Purpose.BOOK
    appointment_id: str = ""
    """What is to be moved or cancelled."""


class BookingGate:
    """Everything is read-only outside but the services, `message`, `keyed` and the hold, which
    decide nothing here."""

    def __init__(self) -> None:
        self.service_id: str | None = None
        self.more_service_ids: tuple[str, ...] = ()
        self.message: str | None = None
        """What the caller left for the business in this call."""
        self.hold: Hold | None = None
        self.keyed: str | None = None
        """The last number that the caller pressed, E.164."""
        self.holds = 0
        """Holds placed so far; part of each hold's idempotency key."""
        self._offers: dict[str, Offer] = {}
        self._numbered = 0
        self._chosen: str | None = None
        self._name: str | None = None
        self._phone: str | None = None
        self._read_back: ReadBack | None = None
        self._booked: dict[str, str] = {}
        self._own: dict[str, Own] = {}
        self._lookups: list[str] = []
        self._changed: dict[str, str] = {}

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

    def own(self, appointment_id: str) -> Own | None:
        """The appointment, if it was shown to be this caller's."""
        return self._own.get(appointment_id)

    @property
    def owned(self) -> tuple[Own, ...]:
        return tuple(self._own.values())

    def changed_to(self, appointment_id: str) -> str | None:
        """The slot that this call moved it to; empty when it cancelled it, None for neither."""
        return self._changed.get(appointment_id)

    # -- what happens ------------------------------------------------------------------------------

    def offer(
        self,
        *,
        start: datetime,
        end: datetime,
        resource_id: str,
        service_id: str,
        any_staff: bool = True,
        more_service_ids: tuple[str, ...] = (),
    ) -> Offer:
        """Register a slot as offered; the same slot keeps its id."""
        same = Offer("", start, end, resource_id, service_id, any_staff, more_service_ids)
        for known in self._offers.values():
            if replace(known, id="") == same:
                return known
        self._numbered += 1
        offer = replace(same, id=f"s{self._numbered}")
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

    def identified(self, own: Own) -> None:
        """It was shown to be the caller's. Only tools that checked it may say so."""
        self._own.pop(own.id, None)
        self._own[own.id] = own
        if len(self._own) > MAX_OWN:
            del self._own[next(iter(self._own))]

    def may_look_up(self, details: str) -> bool:
        """False once this call has tried too many; the same details again are no further try."""
        if details not in self._lookups:
            if len(self._lookups) >= MAX_LOOKUPS:
                return False
            self._lookups.append(details)
        return True

    def mint(
        self, nonce: str, purpose: Purpose = Purpose.BOOK, appointment_id: str = ""
    ) -> GateReason | None:
        """Begin a read-back of what is chosen and known; an earlier one no longer counts."""
        self._read_back = None
        slot_id = ""
        if purpose is not Purpose.BOOK and appointment_id not in self._own:
            return GateReason.NOT_YOURS
        if purpose is not Purpose.CANCEL:
            if self.chosen is None:
                return GateReason.NOT_CHOSEN
            slot_id = self.chosen.id
        if purpose is Purpose.BOOK and not self._name and not self._phone:
            return GateReason.NO_CONTACT
        self._read_back = ReadBack(
            nonce,
            slot_id,
            self._name,
            self._phone,
            purpose=purpose,
            appointment_id=appointment_id,
        )
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
            yes = answer is Answer.AFFIRM
            passed = self._read_back.passed or not yes
            self._read_back = replace(self._read_back, affirmed=yes, passed=passed)

    def may_create(self, slot_id: str, nonce: str) -> GateReason | None:
        """None when the appointment may be created now, else what is missing first."""
        if slot_id not in self._offers:
            return GateReason.NOT_OFFERED
        if slot_id != self._chosen:
            return GateReason.NOT_CHOSEN
        if self._read_back is None and not (self._name or self._phone):
            return GateReason.NO_CONTACT
        return self._agreed(Purpose.BOOK, "", slot_id, nonce)

    def may_reschedule(self, appointment_id: str, slot_id: str, nonce: str) -> GateReason | None:
        """None when it may be moved to the slot now, else what is missing first."""
        if appointment_id not in self._own:
            return GateReason.NOT_YOURS
        if slot_id not in self._offers:
            return GateReason.NOT_OFFERED
        if slot_id != self._chosen:
            return GateReason.NOT_CHOSEN
        return self._agreed(Purpose.RESCHEDULE, appointment_id, slot_id, nonce)

    def may_cancel(self, appointment_id: str, nonce: str) -> GateReason | None:
        """None when it may be cancelled now, else what is missing first."""
        if appointment_id not in self._own:
            return GateReason.NOT_YOURS
        return self._agreed(Purpose.CANCEL, appointment_id, "", nonce)

    def _agreed(
        self, purpose: Purpose, appointment_id: str, slot_id: str, nonce: str
    ) -> GateReason | None:
        back = self._read_back
        if back is None or back.purpose is not purpose:
            return GateReason.NOT_READ_BACK
        if (back.nonce, back.appointment_id, back.slot_id) != (nonce, appointment_id, slot_id):
            return GateReason.WRONG_NONCE
        if not back.heard:
            return GateReason.NOT_HEARD
        return None if back.affirmed else GateReason.NO_YES

    def created(self, slot_id: str, appointment_id: str) -> None:
        """Consent is used up; the same slot asked for again gives the same appointment."""
        self._booked[slot_id] = appointment_id
        self._read_back = None
        self.hold = None

    def rescheduled(self, own: Own, slot_id: str) -> None:
        """Consent is used up; `own` is where it stands now."""
        self._own[own.id] = own
        self._changed[own.id] = slot_id
        self._read_back = None
        self.hold = None

    def cancelled(self, appointment_id: str) -> None:
        self._changed[appointment_id] = ""
        self._read_back = None

    def answer_in(self, words: Understood, zone: ZoneInfo) -> Answer | None:
        """The answer to give to `caller_said`: a yes that also changes something is not a yes.

        "I want tomorrow at five" agrees to the read-back that it follows; after other talk it is a wish.
        """
        if words.answer is not Answer.AFFIRM:
            return words.answer
        back = self._read_back
        subject: Subject | None = self.chosen
        if back is not None and back.purpose is Purpose.CANCEL:
            subject = self.own(back.appointment_id)
        purpose = back.purpose if back is not None else Purpose.BOOK
        changes = changes_something(words, subject, purpose, self._name, zone)
        changes = changes or (back is not None and back.passed and words.says_when)
        return Answer.UNSURE if changes else Answer.AFFIRM

    # -- checkpoint --------------------------------------------------------------------------------

    def to_json(self) -> dict[str, object]:
        """JSON values only; `from_json` gives an equal gate."""
        return {
            "service_id": self.service_id,
            "more_service_ids": list(self.more_service_ids),
            "message": self.message,
            "keyed": self.keyed,
            "holds": self.holds,
            "hold": _plain(self.hold),
            "offers": [_plain(o) for o in self._offers.values()],
            "numbered": self._numbered,
            "chosen": self._chosen,
            "name": self._name,
            "phone": self._phone,
            "read_back": _plain(self._read_back),
            "booked": dict(self._booked),
            "own": [_plain(o) for o in self._own.values()],
            "lookups": list(self._lookups),
            "changed": dict(self._changed),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Of what `to_json` wrote; raises on anything else."""
        gate = cls()
        gate.service_id = data["service_id"]
        gate.more_service_ids = tuple(data["more_service_ids"])
        gate.message = data["message"]
        gate.keyed = data.get("keyed")
        gate.holds = data["holds"]
        hold, back = data["hold"], data["read_back"]
        gate.hold = Hold(**_times(hold, "until")) if hold else None
        gate._offers = {o["id"]: Offer(**_visit(o, "more_service_ids")) for o in data["offers"]}
        gate._numbered = data["numbered"]
        gate._chosen = data["chosen"]
        gate._name = data["name"]
        gate._phone = data["phone"]
        if back:
            gate._read_back = ReadBack(**{**back, "purpose": Purpose(back["purpose"])})
        gate._booked = dict(data["booked"])
        gate._own = {o["id"]: Own(**_visit(o, "service_ids")) for o in data["own"]}
        gate._lookups = list(data["lookups"])
        gate._changed = dict(data["changed"])
        return gate


def _plain(value: Offer | Own | Hold | ReadBack | None) -> dict[str, object] | None:
    if value is None:
        return None
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(value).items()}


def _times(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {**data, **{k: datetime.fromisoformat(data[k]) for k in keys}}


def _visit(data: dict[str, Any], services: str) -> dict[str, Any]:
    return {**_times(data, "start", "end"), services: tuple(data[services])}
