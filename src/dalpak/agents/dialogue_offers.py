"""Times put on the table: which of many, how many, and in what words.

What becomes of an answer is decided elsewhere; nothing here looks for a time.
"""

from collections.abc import Sequence

from dalpak.agents.dialogue import FIRST_ANSWER_WORDS, Script, Talk, Waiting, words_in
from dalpak.agents.dialogue_menus import slot_menu
from dalpak.agents.memory import Slot
from dalpak.agents.surroundings import Offering
from dalpak.language.base import Spoken
from dalpak.ports.agent import Say

OFFERS = 3
REFUSAL_OFFERS = 2
"""Beside a refusal: SPEC C2 promises both suggestions, whatever else the answer holds."""


def spread(slots: Sequence[Slot]) -> list[Slot]:
    """Few of many: the first, the middle and the last say more of a day than its first three."""
    if len(slots) <= OFFERS:
        return list(slots)
    return [slots[0], slots[len(slots) // 2], slots[-1]]


def offer(talk: Talk, slots: Sequence[Slot], *, least: int = 1) -> Script[None]:
    """Put times on the table: as many as can be said in one short answer, `least` in any case."""
    if talk.by_keypad:
        yield from slot_menu(talk, slots)
        return
    talk.memory.offered = list(slots[:OFFERS])
    room = FIRST_ANSWER_WORDS - talk.words_said
    for count in range(len(talk.memory.offered), 0, -1):
        spoken = offer_words(talk, talk.memory.offered[:count])
        if count == 2 and words_in(spoken) > room:
            # Two are a choice, one is none: rather fewer words than fewer times.
            spoken = two_in_short(talk, talk.memory.offered)
        if count <= least or words_in(spoken) <= room:
            talk.memory.offered = talk.memory.offered[:count]
            talk.memory.waiting_for = Waiting.CHOICE
            yield Say(spoken)
            return


def offer_words(talk: Talk, slots: Sequence[Slot]) -> Spoken:
    """The day once when all are on it, else each with its day."""
    size = ("one", "two", "three")[len(slots) - 1]
    days = {talk.world.local(slot.start).date() for slot in slots}
    names = ("first", "second", "third")
    if len(days) == 1:
        hours = {name: talk.hour_of(slot) for name, slot in zip(names, slots, strict=False)}
        return talk.language.phrase(f"offer_day_{size}", day=talk.day_of(slots[0]), **hours)
    moments = {name: talk.moment_of(slot) for name, slot in zip(names, slots, strict=False)}
    return talk.language.phrase(f"offer_{size}", **moments)


def two_in_short(talk: Talk, slots: Sequence[Slot]) -> Spoken:
    """In as few words as can be: the day once when both are on it."""
    first, second = slots[:2]
    days = {talk.world.local(slot.start).date() for slot in (first, second)}
    then = talk.hour_of(second) if len(days) == 1 else talk.moment_of(second)
    return talk.language.phrase("offer_two_short", first=talk.moment_of(first), second=then)


def visit_words(talk: Talk, service: Offering) -> Spoken:
    """The service, and who gives it if the caller asked for somebody."""
    by = next((s for s in talk.world.staff if s.id == talk.memory.staff_id), None)
    if by is None:
        return service.spoken
    return talk.language.phrase("service_by", service=service.spoken, staff=by.spoken)
