"""The items of one utterance with what the listener knows, as the rules look at them."""

from dataclasses import dataclass
from datetime import date, datetime

from dalpak.language.base import Asked, HearingContext
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.vocabulary import COUNTED, NUMBERED, PLAIN, is_hum, is_plural_noun

_NOTHING = Item(Kind.TAKEN, -1, -1)
"""Stands before the first item and after the last."""


@dataclass(frozen=True, slots=True)
class View:
    """Items and context; `at` never fails, so that rules may look past both ends."""

    items: tuple[Item, ...]
    context: HearingContext
    moving: bool = False
    """An appointment is to be moved: "from A to B" are two days, not a stretch."""

    @property
    def now(self) -> datetime:
        return self.context.now

    @property
    def today(self) -> date:
        return self.context.now.date()

    @property
    def asked_when(self) -> bool:
        """A bare number or ordinal answers the question that was asked."""
        return self.context.asked in (Asked.WHEN, Asked.CHOICE, Asked.YES_NO)

    @property
    def tells(self) -> bool:
        """Words beside those of time: then what is past is a story, not a wish."""
        return any(i.kind in (Kind.WORD, Kind.TAKEN) for i in self.items)

    def at(self, n: int) -> Item:
        return self.items[n] if 0 <= n < len(self.items) else _NOTHING

    def kind(self, n: int) -> Kind:
        return self.at(n).kind

    def inside(self, n: int) -> bool:
        return 0 <= n < len(self.items)

    def counts_before(self, n: int) -> bool:
        """The item before `n` is a noun that takes a number ("floor", "street", "aged")."""
        return self.at(n - 1).key in NUMBERED and self.inside(n - 1)

    def plain(self, n: int) -> bool:
        """There is nothing at `n`, or a word beside which a bare number can be an hour."""
        item = self.at(n)
        if not self.inside(n) or item.boundary:
            return True
        known = item.key in PLAIN or item.key.removeprefix("ו") in PLAIN or is_hum(item.key)
        return known or item.kind not in (Kind.WORD, Kind.TAKEN)

    def noun_after(self, n: int) -> bool:
        """What stands at `n` is counted by the number before it."""
        item = self.at(n)
        if not self.inside(n) or item.boundary or item.prefix:
            return False
        if item.kind in (Kind.UNIT, Kind.DUAL):
            return True
        return item.kind is Kind.WORD and counted(item.key)


def counted(key: str) -> bool:
    """A noun that a number before it counts."""
    return key in COUNTED or is_plural_noun(key)
