"""What a pressed key means, given what was asked. Keys are accepted beside speech at any time."""

from datetime import time

from dalpak.agents.dialogue import OWN_TOLD, Script, Talk, Waiting
from dalpak.agents.dialogue_booking import choose, create, proceed, take_phone
from dalpak.agents.dialogue_changes import commit, join_waitlist, keep_it
from dalpak.agents.dialogue_menus import (
    KEY_MORE,
    KEY_OTHER_DAY,
    KEY_PERSON,
    KEY_REPEAT,
    day_menu,
    time_menu,
)
from dalpak.agents.dialogue_messages import note_answer
from dalpak.agents.dialogue_parting import (
    collect_phone,
    goodbye,
    person,
    take_callback_phone,
)
from dalpak.agents.dialogue_restate import restate
from dalpak.agents.memory import Errand, Slot

PHONE_LEAST_DIGITS = 7
"""This many keys at once are a number, whatever was asked."""


def on_keys(talk: Talk, keys: str) -> Script[None]:
    talk.memory.misses = 0
    if talk.waiting is Waiting.CALLBACK_PHONE:
        yield from take_callback_phone(talk, keys)
    elif talk.waiting is Waiting.PHONE or len(keys) >= PHONE_LEAST_DIGITS:
        yield from take_phone(talk, keys)
    elif keys in {KEY_REPEAT, "#"}:
        yield from restate(talk, hint=True)
    elif keys == KEY_PERSON:
        yield from person(talk)
    else:
        yield from _option(talk, keys)


def _option(talk: Talk, key: str) -> Script[None]:
    m = talk.memory
    match talk.waiting, key:
        case Waiting.DAY_MENU, _:
            yield from _day_key(talk, key)
        case Waiting.TIME_MENU | Waiting.CHOICE, _:
            yield from _time_key(talk, key)
        case Waiting.CONFIRM, "1":
            yield from create(talk)
        case Waiting.CONFIRM, "2":
            yield from start_again(talk)
        case Waiting.CONFIRM_CHANGE | Waiting.CONFIRM_WAITLIST, "1" | "2":
            yield from _change_key(talk, key)
        case Waiting.WHICH_OWN, _ if m.errand is not None:
            yield from _own_key(talk, m.errand, key)
        case Waiting.SEND_MESSAGES, "1" | "2":
            yield from note_answer(talk)
            yield from proceed(talk)
        case Waiting.CALLER_PHONE, "1" if talk.caller_phone:
            yield from take_phone(talk, talk.caller_phone)
        case Waiting.CALLER_PHONE, "2":
            yield from collect_phone(talk)
        case Waiting.SERVICE, _:
            yield from _service_key(talk, key)
        case Waiting.WHICH_HOUR, "1" | "2":
            talk.memory.want.set_time(time.fromisoformat(m.hours_asked[int(key) - 1]))
            m.hours_asked = []
            yield from proceed(talk)
        case Waiting.OFFER_MESSAGE, "1":
            yield talk.ask(Waiting.MESSAGE, "ask_message")
        case Waiting.MORE | Waiting.OFFER_MESSAGE, "2":
            yield from goodbye(talk)
        case (
            (
                Waiting.CONFIRM
                | Waiting.CONFIRM_CHANGE
                | Waiting.CONFIRM_WAITLIST
                | Waiting.SEND_MESSAGES
                | Waiting.CALLER_PHONE
                | Waiting.OFFER_MESSAGE
                | Waiting.NAME
                | Waiting.MESSAGE
            ),
            _,
        ):
            yield from _not_an_option(talk)
        case _:
            m.keypad = True
            if m.booked is not None:
                m.new_booking()
            yield from day_menu(talk)


def start_again(talk: Talk) -> Script[None]:
    """The read-back was not what the caller wanted: nothing is booked; what is to change?"""
    m = talk.memory
    m.forget_slot()
    m.menu_page = 0
    if talk.by_keypad:
        yield from day_menu(talk)
        return
    # What was wanted stays: only the caller knows which of it is wrong.
    m.offered = []
    yield talk.ask(Waiting.WHEN, "changed_mind")


def _change_key(talk: Talk, key: str) -> Script[None]:
    if key == "2":
        yield from keep_it(talk)
    elif talk.waiting is Waiting.CONFIRM_WAITLIST:
        yield from join_waitlist(talk)
    else:
        yield from commit(talk)


def _own_key(talk: Talk, errand: Errand, key: str) -> Script[None]:
    told = errand.own[:OWN_TOLD]
    if key.isdecimal() and 1 <= int(key) <= len(told):
        errand.appointment_id = told[int(key) - 1].id
        yield from proceed(talk)
    else:
        yield from _not_an_option(talk)


def _day_key(talk: Talk, key: str) -> Script[None]:
    m = talk.memory
    if key == KEY_MORE:
        m.menu_page += 1
        yield from day_menu(talk)
    elif key.isdecimal() and 1 <= int(key) <= len(m.menu):
        m.menu_page = 0
        yield from time_menu(talk, m.menu[int(key) - 1])
    else:
        yield from _not_an_option(talk)


def _time_key(talk: Talk, key: str) -> Script[None]:
    m = talk.memory
    if key == KEY_MORE and m.menu_day is not None:
        m.menu_page += 1
        yield from time_menu(talk, m.menu_day)
    elif key == KEY_OTHER_DAY:
        m.keypad, m.menu_page = True, 0
        yield from day_menu(talk)
    elif key.isdecimal() and 1 <= int(key) <= len(m.offered):
        slot: Slot = m.offered[int(key) - 1]
        yield from choose(talk, slot)
    else:
        yield from _not_an_option(talk)


def _service_key(talk: Talk, key: str) -> Script[None]:
    services = talk.world.services
    if key.isdecimal() and 1 <= int(key) <= len(services):
        talk.memory.service_id = services[int(key) - 1].id
        talk.memory.waiting_for = Waiting.NOTHING
        yield from proceed(talk)
    else:
        yield from _not_an_option(talk)


def _not_an_option(talk: Talk) -> Script[None]:
    yield talk.say("keypad_not_an_option")
    yield from restate(talk, hint=True)
