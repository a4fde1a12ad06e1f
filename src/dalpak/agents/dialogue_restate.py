"""Where were we? The last question again: after "repeat", a silence, a break or a side question."""

from dalpak.agents.dialogue import Script, Talk, Waiting
from dalpak.agents.dialogue_booking import (
    ask_service,
    proceed,
    read_back,
)
from dalpak.agents.dialogue_menus import day_menu, time_menu
from dalpak.agents.dialogue_offers import offer
from dalpak.agents.dialogue_parting import (
    anything_else,
    collect_callback_phone,
    collect_phone,
)


def restate(talk: Talk, *, hint: bool = False) -> Script[None]:
    """Ask again what was asked last; `hint` adds what else the keys can do."""
    m = talk.memory
    match talk.waiting:
        case Waiting.DAY_MENU:
            yield from day_menu(talk, hint=hint)
        case Waiting.TIME_MENU if m.menu_day is not None:
            yield from time_menu(talk, m.menu_day, hint=hint)
        case Waiting.TIME_MENU | Waiting.CHOICE if m.offered:
            yield from offer(talk, m.offered)
        case Waiting.NAME:
            yield talk.ask(Waiting.NAME, "ask_name")
        case Waiting.CALLER_PHONE:
            key = "keypad_offer_caller_phone" if talk.by_keypad else "ask_phone_caller"
            yield talk.ask(Waiting.CALLER_PHONE, key)
        case Waiting.PHONE:
            yield from collect_phone(talk)
        case Waiting.CALLBACK_PHONE:
            yield from collect_callback_phone(talk)
        case Waiting.MESSAGE:
            yield talk.ask(Waiting.MESSAGE, "ask_message")
        case Waiting.OFFER_MESSAGE:
            yield talk.ask(Waiting.OFFER_MESSAGE, "offer_message")
        case Waiting.MORE:
            yield from anything_else(talk)
        case Waiting.SERVICE:
            yield from ask_service(talk)
        case Waiting.CONFIRM | Waiting.SEND_MESSAGES if m.slot is not None and m.errand is None:
            yield from read_back(talk)
        case _:
            yield from proceed(talk)


def briefly(talk: Talk) -> Script[None]:
    """The question again; of a read-back that was heard, its question only."""
    errand = talk.memory.errand
    if talk.by_keypad:
        yield from restate(talk)
    elif talk.waiting is Waiting.CONFIRM:
        yield talk.ask(Waiting.CONFIRM, "confirm_again")
    elif talk.waiting is Waiting.CONFIRM_CHANGE and errand is not None:
        yield talk.ask(Waiting.CONFIRM_CHANGE, f"confirm_{errand.purpose}_again")
    else:
        yield from restate(talk)
