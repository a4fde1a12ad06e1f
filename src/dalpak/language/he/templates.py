"""Phrases with slots become `Spoken`: text and IPA are cut at the same places into leaves.

Pure mechanics of the tables in `phrases.py` and `phrases_call.py`; no Hebrew of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dalpak.language.base import PUNCTUATION, Spoken, say

_CUT = re.compile(r"(\{\w+\}|[,.?!])")


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase: leaves, marks and slot names in order."""

    pieces: tuple[Spoken, ...]
    """A slot is a piece whose text is `{name}`."""

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(p.text[1:-1] for p in self.pieces if p.text.startswith("{"))

    @property
    def fixed(self) -> tuple[Spoken, ...]:
        """The leaves that never change, marks apart."""
        return tuple(
            p for p in self.pieces if not p.text.startswith("{") and p.text not in PUNCTUATION
        )

    def fill(self, slots: Mapping[str, Spoken]) -> Spoken:
        """KeyError names a slot that was not given."""
        return say(*(slots[p.text[1:-1]] if p.text.startswith("{") else p for p in self.pieces))


def template(text: str, ipa: str) -> Template:
    """ValueError when text and IPA differ in their slots or punctuation."""
    words = [w.strip() for w in _CUT.split(text) if w.strip()]
    sounds = [s.strip() for s in _CUT.split(ipa) if s.strip()]
    fixed = [[w for w in side if _CUT.fullmatch(w)] for side in (words, sounds)]
    if len(words) != len(sounds) or fixed[0] != fixed[1]:
        raise ValueError(f"text and IPA do not match: {text!r}")
    return Template(tuple(Spoken(w, s) for w, s in zip(words, sounds, strict=True)))
