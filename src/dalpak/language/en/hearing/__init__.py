"""English hearing: `understand` turns what a caller said into its meaning.

A token grammar in the shape of the Hebrew one: normalise -> items (number words) -> rules (atoms) ->
polarity -> combine. Readers of names, numbers, wishes and answers take their words out first. Pure:
the present moment, the question that was asked and the offers come in with the context.
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
from dalpak.language.en.hearing.answers import read_answer
from dalpak.language.en.hearing.catalogue import Wanted, read_wanted
from dalpak.language.en.hearing.combine import combine
from dalpak.language.en.hearing.idioms import idioms_in
from dalpak.language.en.hearing.intents import APPOINTMENT, BOOK, Wish, read_intent
from dalpak.language.en.hearing.items import items_of
from dalpak.language.en.hearing.names import HeardName, read_name
from dalpak.language.en.hearing.normalise import Token, tokens_of
from dalpak.language.en.hearing.partings import read_parting, says_firmly
from dalpak.language.en.hearing.phones import read_phone, wants_own_number
from dalpak.language.en.hearing.scan import scan
from dalpak.language.en.hearing.view import View
from dalpak.language.en.hearing.wishes import read_party, read_preference, read_shift
from dalpak.language.neutral import Node, When, as_proposed, on_leaving, read_choice

__all__ = ["understand"]


def understand(text: str, context: HearingContext) -> Understood:
    """The meaning of one utterance; never raises on any text, never reads a clock."""
    tokens = tokens_of(text)
    if not tokens:
        return Understood(text)
    idioms = idioms_in(tokens)
    phone = read_phone(tokens, idioms, asked=context.asked is Asked.PHONE)
    busy = idioms | (phone.taken if phone else frozenset())
    wanted = read_wanted(tokens, busy, context)
    name = read_name(tokens, busy | wanted.taken, asked=context.asked is Asked.NAME)
    taken = busy | wanted.taken | (name.taken if name else frozenset())
    wish = read_intent(tokens, taken - idioms)
    moving = wish.intent is Intent.RESCHEDULE
    view = View(items_of(tokens, taken), context, moving)
    booking_words = any(t.key in APPOINTMENT or t.key in BOOK for t in tokens)
    nodes = scan(view, booking_words=booking_words)
    when = combine(view, nodes)
    preference = read_preference(tokens)
    heard = _temporal(Understood(text), when, read_choice(when, context, preference))
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
    skip = (taken - idioms) | _spent_tokens(view, nodes)
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


def _spent_tokens(view: View, nodes: tuple[Node, ...]) -> frozenset[int]:
    """Tokens that the grammar of time has read, so that they are no answer as well."""
    spent: set[int] = set()
    for node in nodes:
        spent.update(range(view.at(node.start).start, view.at(node.end - 1).end))
    return frozenset(spent)


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
    says_more = when.says_something or wish.intent is not None or heard.phone is not None
    answer, contradicts = read_answer(tokens, skip | wish.spent, says_more=says_more, asked=asked)
    intent = wish.intent
    if when.no_is_spent and answer is Answer.DENY and context.asked is not Asked.YES_NO:
        answer = None  # the "no" was said of a value
    if asked:
        firm = says_firmly(tokens)
        answer, intent, unclear = on_leaving(answer, intent, read_parting(tokens), firm=firm)
        contradicts = contradicts or unclear
    if context.asked is Asked.YES_NO:
        settled = answer is not None and not (contradicts and intent is Intent.GOODBYE)
        if settled and intent in (Intent.BOOK, Intent.GOODBYE):
            intent = None
        if answer is Answer.AFFIRM and _differs(when, context):
            answer, heard = None, replace(heard, corrects=True)
        if when.no_is_spent and answer is None and not contradicts:
            answer = Answer.DENY
    return replace(
        heard,
        intent=intent,
        answer=answer,
        wants_earliest=heard.preference is Preference.EARLIEST,
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
    """A wish for just what was asked about is no other wish."""
    said = _answered(heard, tokens, replace(wish, intent=None), skip, when, context)
    return as_proposed(said, no_is_spent=when.no_is_spent)


def _differs(when: When, context: HearingContext) -> bool:
    """A "yes" that names another day or hour than the one on the table is no yes to it."""
    if len(context.offered) != 1:
        return False
    offer = context.offered[0]
    return (when.day is not None and when.day != offer.date()) or (
        when.at is not None and when.at != offer.time()
    )
