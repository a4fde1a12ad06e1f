"""Hebrew hearing: `understand` turns what a caller said into its meaning.

A token grammar in five steps: normalise -> items (number words) -> rules (atoms) -> polarity ->
combine. Readers of names, numbers, wishes and answers take their words out first. Pure: the present
moment, the question that was asked and the offers come in with the context.
"""

from dataclasses import replace

from dalpak.language.base import (
    Answer,
    Asked,
    HearingContext,
    Intent,
    Preference,
    Understood,
)
from dalpak.language.he.hearing.answers import hangs_on_no, read_answer
from dalpak.language.he.hearing.beside import read_beside
from dalpak.language.he.hearing.catalogue import Wanted, read_wanted
from dalpak.language.he.hearing.choices import fits_offer, read_choice
from dalpak.language.he.hearing.combine import When, combine
from dalpak.language.he.hearing.intents import (
    APPOINTMENT,
    BOOK,
    CANCEL,
    MOVE,
    WISH,
    Wish,
    read_intent,
)
from dalpak.language.he.hearing.items import items_of
from dalpak.language.he.hearing.leaving import on_leaving
from dalpak.language.he.hearing.names import HeardName, is_doubtful, name_starts, read_name
from dalpak.language.he.hearing.normalise import Token, tokens_of
from dalpak.language.he.hearing.partings import read_parting, says_firmly
from dalpak.language.he.hearing.phones import read_phone, wants_own_number
from dalpak.language.he.hearing.proposed import as_proposed
from dalpak.language.he.hearing.scan import scan, spent_tokens
from dalpak.language.he.hearing.view import View
from dalpak.language.he.hearing.vocabulary import idioms_in
from dalpak.language.he.hearing.wishes import read_party, read_preference, read_shift

__all__ = ["understand"]

_CHANGES = frozenset(
    {
        Intent.REQUEST_OTHER_TIME,
        Intent.CANCEL,
        Intent.RESCHEDULE,
        Intent.HUMAN,
        Intent.CALLBACK,
        Intent.WAITLIST,
        Intent.WRONG_NUMBER,
        Intent.REPEAT,
    }
)
"""Wishes beside which a "yes" is no consent to what was offered."""


def understand(text: str, context: HearingContext) -> Understood:
    """The meaning of one utterance; never raises on any text, never reads a clock."""
    tokens = tokens_of(text)
    if not tokens:
        return Understood(text)
    idioms = idioms_in(tokens)
    phone = read_phone(tokens, asked=context.asked is Asked.PHONE)
    busy = idioms | (phone.taken if phone else frozenset())
    wanted = read_wanted(tokens, busy, context, name_starts(tokens, busy))
    busy |= wanted.taken
    name = read_name(tokens, busy, context.asked, read_beside(tokens, busy - idioms, context))
    taken = busy | (name.taken if name else frozenset())
    wish = read_intent(tokens, taken - idioms, offered=bool(context.offered))
    moving = wish.intent is Intent.RESCHEDULE
    view = View(items_of(tokens, taken), context, moving)
    booking_words = any(t.whole in APPOINTMENT or t.whole in BOOK for t in tokens)
    nodes = scan(view, booking_words=booking_words)
    when = combine(view, nodes, moving=moving)
    bare = context.asked is Asked.NAME and when.says_something
    if name is not None and bare and is_doubtful(tokens, name):
        name = None
    preference = read_preference(tokens)
    choice = read_choice(when, context, preference)
    heard = _temporal(Understood(text), when, choice)
    heard = _people(heard, name, wanted)
    if phone is not None:
        heard = replace(heard, phone=phone.number, phone_valid=phone.valid)
    heard = replace(
        heard,
        own_number=phone is None and wants_own_number(tokens),
        preference=preference,
        party_size=read_party(view, tokens),
        shift_days=read_shift(view) if moving else None,
    )
    skip = (taken - idioms) | spent_tokens(view, nodes)
    if context.proposed is not None and wish.intent is context.proposed:
        return _proposed(heard, tokens, wish, skip, when, context)
    return _answered(heard, tokens, wish, skip, when, context)


def _temporal(heard: Understood, when: When, choice: int | None) -> Understood:
    stretch = when.stretch
    closed = None
    if stretch is not None and stretch.first is not None and stretch.last is not None:
        closed = (stretch.first, stretch.last)
    return replace(
        heard,
        when_date=when.day,
        date_alternatives=when.day_alternatives,
        date_range=closed,
        date_from=stretch.first if stretch is not None and closed is None else None,
        date_to=stretch.last if stretch is not None and closed is None else None,
        excluded_dates=tuple(dict.fromkeys(when.refused_days)),
        when_time=when.at,
        time_candidates=when.at_candidates,
        excluded_times=tuple(dict.fromkeys(when.refused_times)),
        window=when.window,
        part_of_day=when.part,
        choice=choice,
        corrects=when.corrects,
        needs_clarification=when.unclear and choice is None,
        excluded_weekdays=tuple(dict.fromkeys(when.refused_weekdays)),
        excluded_parts=tuple(dict.fromkeys(when.refused_parts)),
    )


def _people(heard: Understood, name: HeardName | None, wanted: Wanted) -> Understood:
    return replace(
        heard,
        name=name.name if name else None,
        service_ids=wanted.service_ids,
        service_heard=wanted.service_heard,
        staff_id=wanted.staff_id,
        staff_heard=wanted.staff_heard,
        any_staff=wanted.any_staff,
    )


def _spent_no(when: When, tokens: tuple[Token, ...]) -> frozenset[int]:
    """Each "no", where one of them refused a value."""
    if not when.no_is_spent:
        return frozenset()
    return frozenset(n for n, t in enumerate(tokens) if t.whole in ("לא", "ולא"))


def _answered(
    heard: Understood,
    tokens: tuple[Token, ...],
    wish: Wish,
    skip: frozenset[int],
    when: When,
    context: HearingContext,
) -> Understood:
    """The utterance with its answer and its intent, which settle each other."""
    asked = context.asked in (Asked.YES_NO, Asked.CHOICE)
    says_more = (
        when.says_something
        or when.no_is_spent
        or wish.intent is not None
        or heard.phone is not None
    )
    intent = wish.intent
    if intent is None and context.asked is not Asked.SERVICE and _orders(heard, when, tokens):
        intent = Intent.BOOK
    answer, contradicts = read_answer(
        tokens,
        skip | wish.spent,
        _spent_no(when, tokens),
        says_more=says_more,
        asked=asked and _leaves_open(wish),
    )
    if asked:
        firm = says_firmly(tokens)
        answer, intent, unclear = on_leaving(answer, intent, read_parting(tokens), firm=firm)
        contradicts = contradicts or unclear
    if context.asked in (Asked.NAME, Asked.PHONE) and (
        heard.name or heard.phone or heard.own_number
    ):
        denied = heard.own_number and answer is Answer.DENY
        answer = answer if denied else None
        courtesy = intent is Intent.GOODBYE
        intent = None if courtesy or (intent is Intent.BOOK and not when.says_something) else intent
    if asked and context.asked is Asked.YES_NO:
        settled = answer is not None and not (contradicts and intent is Intent.GOODBYE)
        if settled and intent in (Intent.BOOK, Intent.GOODBYE) and not wish.one_more:
            intent = None
        if answer is Answer.AFFIRM and (_differs(when, context) or intent in _CHANGES):
            answer, heard = None, replace(heard, corrects=True)
        if when.no_is_spent and answer is None and not contradicts:
            answer = Answer.DENY
    earliest = heard.preference is Preference.EARLIEST
    return replace(
        heard,
        intent=intent,
        answer=answer,
        hangs_on_no=answer is Answer.AFFIRM and hangs_on_no(tokens),
        wants_earliest=earliest,
        needs_clarification=heard.needs_clarification or contradicts,
    )


def _proposed(
    heard: Understood,
    tokens: tuple[Token, ...],
    wish: Wish,
    skip: frozenset[int],
    when: When,
    context: HearingContext,
) -> Understood:
    """A wish for just what was asked about: its words are neither a no nor another wish."""
    verbs = frozenset(n for n, t in enumerate(tokens) if t.whole in CANCEL or t.whole in MOVE)
    rest = Wish(None, wish.spent | verbs)
    said = _answered(heard, tokens, rest, skip | rest.spent, when, context)
    return as_proposed(said, no_is_spent=when.no_is_spent)


def _orders(heard: Understood, when: When, tokens: tuple[Token, ...]) -> bool:
    """A service with a wish or a time is an order, without the word "appointment"."""
    if heard.service_heard is None:
        return False
    return when.says_something or any(t.whole in WISH for t in tokens)


def _leaves_open(wish: Wish) -> bool:
    """Beside a wish of another kind a kind word ("fine, how much is it") is no yes."""
    return wish.intent in (None, Intent.BOOK, Intent.GOODBYE)


def _differs(when: When, context: HearingContext) -> bool:
    """A "yes" that names another day or hour than the one on the table is no yes to it."""
    if when.no_is_spent:
        return True
    return len(context.offered) == 1 and not fits_offer(context.offered[0], when)
