"""The items of one utterance with what the listener knows, as the rules look at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from dalpak.language.base import Asked, HearingContext
from dalpak.language.en.hearing.items import Item
from dalpak.language.en.hearing.lexicon import (
    COUNTED,
    IMPERSONAL,
    NUMBERED,
    PLAIN,
    PRONOUN_ONE,
    Kind,
)

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
        """A bare number answers the question that was asked."""
        return self.context.asked in (Asked.WHEN, Asked.CHOICE, Asked.YES_NO)

    def at(self, n: int) -> Item:
        return self.items[n] if 0 <= n < len(self.items) else _NOTHING

    def kind(self, n: int) -> Kind:
        return self.at(n).kind

    def key(self, n: int) -> str:
        return self.at(n).key

    def inside(self, n: int) -> bool:
        return 0 <= n < len(self.items)

    def says(self, n: int, *words: str) -> bool:
        """These words stand from `n` on."""
        return self.key(n) == words[0] and all(
            self.key(n + k) == word for k, word in enumerate(words)
        )

    def skip(self, n: int, keys: Collection[str]) -> int:
        """The first place from `n` on that is none of these words."""
        while self.inside(n) and self.kind(n) is Kind.WORD and self.key(n) in keys:
            n += 1
        return n

    def plain(self, n: int) -> bool:
        """There is nothing at `n`, or something beside which a bare number can be an hour."""
        item = self.at(n)
        if not self.inside(n) or item.boundary:
            return True
        return item.kind not in (Kind.WORD, Kind.TAKEN) or item.key in PLAIN

    def names_a_thing(self, n: int) -> bool:
        """The number at `n` names or counts something: "floor two", "the early one", "two people"."""
        before, item, after = self.at(n - 1), self.at(n), self.at(n + 1)
        if before.key in NUMBERED:
            return True
        if before.key in ("is", "turns", "turned") and self.key(n - 2) not in IMPERSONAL:
            return True  # "my son is six"
        if item.key == "one" and not item.digits and before.key in PRONOUN_ONE:
            return True
        return not after.boundary and (after.key in COUNTED or after.kind is Kind.UNIT)
