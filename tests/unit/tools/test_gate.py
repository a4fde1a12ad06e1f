"""The gate against anybody: whatever is called in whatever order, consent cannot be forged."""

import json
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dalpak.language.base import Answer, Intent, PartOfDay, Understood
from dalpak.tools.gate import MAX_OFFERS, BookingGate, GateReason, Hold, Offer

pytestmark = pytest.mark.unit

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jerusalem")


def offered(gate: BookingGate, n: int = 0) -> Offer:
    start = START + timedelta(hours=n)
    return gate.offer(
        start=start, end=start + timedelta(minutes=30), resource_id="dana", service_id="cut"
    )


def agreed() -> tuple[BookingGate, str]:
    gate = BookingGate()
    slot = offered(gate).id
    gate.choose(slot)
    gate.note_name("Noa")
    assert gate.mint("n1") is None
    gate.heard("n1")
    gate.caller_said(Answer.AFFIRM)
    return gate, slot


def test_the_one_way_in() -> None:
    gate, slot = agreed()
    assert gate.may_create(slot, "n1") is None


def test_every_missing_step_has_its_reason() -> None:
    gate = BookingGate()
    assert gate.may_create("s1", "n1") is GateReason.NOT_OFFERED
    slot = offered(gate).id
    assert gate.mint("n1") is GateReason.NOT_CHOSEN
    assert gate.may_create(slot, "n1") is GateReason.NOT_CHOSEN
    gate.choose(slot)
    assert gate.mint("n1") is GateReason.NO_CONTACT
    assert gate.may_create(slot, "n1") is GateReason.NO_CONTACT
    gate.note_phone("+972523456789")
    assert gate.may_create(slot, "n1") is GateReason.NOT_READ_BACK
    assert gate.mint("n1") is None
    assert gate.may_create(slot, "n1") is GateReason.NOT_HEARD
    gate.caller_said(Answer.AFFIRM)
    assert gate.may_create(slot, "n1") is GateReason.NOT_HEARD
    gate.heard("n0")
    assert gate.may_create(slot, "n1") is GateReason.NOT_HEARD
    gate.heard("n1")
    # The yes came before the read-back was heard: it was no answer to it.
    assert gate.may_create(slot, "n1") is GateReason.NO_YES
    gate.caller_said(Answer.UNSURE)
    assert gate.may_create(slot, "n1") is GateReason.NO_YES
    gate.caller_said(Answer.AFFIRM)
    assert gate.may_create(slot, "n2") is GateReason.WRONG_NONCE
    assert gate.may_create(slot, "n1") is None


@pytest.mark.parametrize("change", ["slot", "name", "phone", "mint", "deny", "created"])
def test_any_change_voids_consent(change: str) -> None:
    gate, slot = agreed()
    match change:
        case "slot":
            other = offered(gate, 1).id
            gate.choose(other)
            gate.choose(slot)
        case "name":
            gate.note_name("Dana")
        case "phone":
            gate.note_phone("+972523456789")
        case "mint":
            gate.mint("n2")
        case "deny":
            gate.caller_said(Answer.DENY)
        case "created":
            gate.created(slot, "appt_1")
    assert gate.may_create(slot, "n1") is not None


def test_what_changes_nothing_keeps_consent() -> None:
    gate, slot = agreed()
    gate.choose(slot)
    gate.note_name("Noa")
    offered(gate, 3)
    assert gate.choose("s99") is None
    assert gate.may_create(slot, "n1") is None


def test_a_later_turn_that_is_not_a_yes_takes_it_back() -> None:
    gate, slot = agreed()
    gate.caller_said(None)
    assert gate.may_create(slot, "n1") is GateReason.NO_YES
    gate.caller_said(Answer.AFFIRM)
    assert gate.may_create(slot, "n1") is None


def test_the_same_slot_keeps_its_id_and_memory_is_bounded() -> None:
    gate = BookingGate()
    first = offered(gate)
    assert offered(gate) == first
    gate.choose(first.id)
    for n in range(1, MAX_OFFERS + 50):
        offered(gate, n)
    assert len(gate.offers) == MAX_OFFERS
    assert gate.chosen == first
    assert gate.choose("s2") is None


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (Understood("yes", answer=Answer.AFFIRM), Answer.AFFIRM),
        (Understood("no", answer=Answer.DENY), Answer.DENY),
        (Understood("hm"), None),
        (Understood("yes book it", answer=Answer.AFFIRM, intent=Intent.BOOK), Answer.AFFIRM),
        (
            Understood("yes at ten", answer=Answer.AFFIRM, when_time=START.astimezone(ZONE).time()),
            Answer.AFFIRM,
        ),
        (
            Understood("yes at five", answer=Answer.AFFIRM, when_time=datetime(1, 1, 1, 17).time()),
            Answer.UNSURE,
        ),
        (
            Understood("yes tuesday", answer=Answer.AFFIRM, when_date=START.date()),
            Answer.AFFIRM,
        ),
        (
            Understood("yes sunday", answer=Answer.AFFIRM, when_date=datetime(2026, 11, 29).date()),
            Answer.UNSURE,
        ),
        (
            Understood("yes but evening", answer=Answer.AFFIRM, part_of_day=PartOfDay.EVENING),
            Answer.UNSURE,
        ),
        (Understood("yes, Noa", answer=Answer.AFFIRM, name="Noa"), Answer.AFFIRM),
        (Understood("yes, Dana", answer=Answer.AFFIRM, name="Dana"), Answer.UNSURE),
        (Understood("yes 052", answer=Answer.AFFIRM, phone="0523456789"), Answer.UNSURE),
        (
            Understood("yes this morning", answer=Answer.AFFIRM, part_of_day=PartOfDay.MORNING),
            Answer.AFFIRM,
        ),
        (Understood("yes bye", answer=Answer.AFFIRM, intent=Intent.GOODBYE), Answer.AFFIRM),
        (Understood("yes the cut", answer=Answer.AFFIRM, service_ids=("cut",)), Answer.AFFIRM),
        (Understood("yes, colour", answer=Answer.AFFIRM, service_ids=("colour",)), Answer.UNSURE),
        (Understood("yes by Yossi", answer=Answer.AFFIRM, staff_id="yossi"), Answer.UNSURE),
        (Understood("yes a week later", answer=Answer.AFFIRM, shift_days=7), Answer.UNSURE),
        (Understood("yes cancel", answer=Answer.AFFIRM, intent=Intent.CANCEL), Answer.UNSURE),
        (Understood("yes no five", answer=Answer.AFFIRM, corrects=True), Answer.UNSURE),
    ],
)
def test_a_yes_that_changes_something_is_not_a_yes(
    words: Understood, answer: Answer | None
) -> None:
    gate, _ = agreed()
    assert gate.answer_in(words, ZONE) is answer


def test_a_time_repeated_after_other_talk_is_a_wish_and_a_plain_yes_still_a_yes() -> None:
    """ "I want tomorrow at ten", a question after the read-back, once booked a visit nobody had agreed to."""
    gate, slot = agreed()
    gate.caller_said(None)
    again = Understood("I want ten", answer=Answer.AFFIRM, when_time=START.astimezone(ZONE).time())
    gate.caller_said(gate.answer_in(again, ZONE))
    assert gate.may_create(slot, "n1") is GateReason.NO_YES
    gate.caller_said(gate.answer_in(Understood("yes", answer=Answer.AFFIRM), ZONE))
    assert gate.may_create(slot, "n1") is None


def test_a_checkpoint_gives_an_equal_gate() -> None:
    gate, slot = agreed()
    gate.hold, gate.holds = Hold("appt_1", slot, START), 2
    gate.message, gate.service_id = "call me", "cut"
    restored = BookingGate.from_json(json.loads(json.dumps(gate.to_json())))
    assert restored.to_json() == gate.to_json()
    assert restored.may_create(slot, "n1") is None
    assert restored.hold == gate.hold
    assert offered(restored, 5).id == offered(gate, 5).id


class Witness:
    """An independent record of what really happened, in the words of the rule."""

    def __init__(self) -> None:
        self.offered: set[str] = set()
        self.read: tuple[str, str] | None = None
        self.heard = self.yes = False

    def changed(self) -> None:
        self.read, self.heard, self.yes = None, False, False


SEQUENCES = 5_000
STEPS = 40


def test_no_sequence_of_calls_forges_consent() -> None:
    """A hostile caller of every method, in random order: creation implies the whole rule."""
    allowed = 0
    for seed in range(SEQUENCES):
        rng = random.Random(seed)
        gate, witness = BookingGate(), Witness()
        for step in range(STEPS):
            _hostile_step(rng, gate, witness, step)
            slot, nonce = f"s{rng.randint(1, 4)}", f"n{rng.randint(0, STEPS)}"
            if witness.read and rng.random() < 0.8:
                slot, nonce = witness.read
            if gate.may_create(slot, nonce) is None:
                allowed += 1
                assert slot in witness.offered, f"seed {seed}"
                assert witness.read == (slot, nonce), f"seed {seed}"
                assert witness.heard, f"seed {seed}"
                assert witness.yes, f"seed {seed}"
                assert gate.name or gate.phone, f"seed {seed}"
            if rng.random() < 0.1:
                gate = BookingGate.from_json(json.loads(json.dumps(gate.to_json())))
    assert allowed > 500, "the sequences never reach the end of the rule"


def _hostile_step(rng: random.Random, gate: BookingGate, witness: Witness, step: int) -> None:
    slot = f"s{rng.randint(1, 4)}"
    match rng.choices(range(8), weights=(4, 3, 1, 1, 3, 6, 6, 1))[0]:
        case 0:
            witness.offered.add(offered(gate, rng.randint(0, 3)).id)
        case 1:
            before = gate.chosen
            gate.choose(slot)
            if gate.chosen != before:
                witness.changed()
        case 2:
            name = rng.choice(("Noa", "Dana"))
            if name != gate.name:
                witness.changed()
            gate.note_name(name)
        case 3:
            phone = rng.choice(("+972523456789", "+972523456780"))
            if phone != gate.phone:
                witness.changed()
            gate.note_phone(phone)
        case 4:
            witness.changed()
            if gate.mint(f"n{step}") is None and gate.chosen is not None:
                witness.read = (gate.chosen.id, f"n{step}")
        case 5:
            nonce = witness.read[1] if witness.read and rng.random() < 0.8 else f"n{step - 1}"
            gate.heard(nonce)
            if witness.read and witness.read[1] == nonce:
                witness.heard = True
        case 6:
            answer = rng.choice((Answer.AFFIRM, Answer.AFFIRM, Answer.DENY, Answer.WAIT, None))
            gate.caller_said(answer)
            if answer is Answer.DENY:
                witness.changed()
            elif witness.heard:
                witness.yes = answer is Answer.AFFIRM
        case _:
            if gate.chosen is not None:
                gate.created(gate.chosen.id, "appt")
                witness.changed()
