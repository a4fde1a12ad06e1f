"""Finding fixed phrases in a row of tokens: a table of word sequences with what each stands for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dalpak.language.en.hearing.normalise import Token, keys_of

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Found(Generic[L]):
    """One phrase over the tokens [start, end)."""

    label: L
    start: int
    end: int


class PhraseBook(Generic[L]):
    """Labels by phrase; at each place the longest phrase wins."""

    def __init__(self, table: Iterable[tuple[L, str]]) -> None:
        """`table`: label and phrases parted by `|`."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], L]]] = {}
        for label, phrases in table:
            for phrase in phrases.split("|"):
                keys = keys_of(phrase)
                if keys:
                    self._by_first.setdefault(keys[0], []).append((keys, label))
        for rows in self._by_first.values():
            rows.sort(key=lambda row: -len(row[0]))

    def find(self, tokens: Sequence[Token], skip: Collection[int] = ()) -> list[Found[L]]:
        """Every phrase in order, none overlapping another or a token of `skip`."""
        out: list[Found[L]] = []
        n = 0
        while n < len(tokens):
            found = None if n in skip else self._at(tokens, n, skip)
            if found is not None:
                out.append(found)
            n = n + 1 if found is None else found.end
        return out

    def _at(self, tokens: Sequence[Token], n: int, skip: Collection[int]) -> Found[L] | None:
        for keys, label in self._by_first.get(tokens[n].key, ()):
            end = n + len(keys)
            if end > len(tokens) or any(k in skip for k in range(n, end)):
                continue
            if all(tokens[n + k].key == keys[k] for k in range(1, len(keys))):
                return Found(label, n, end)
        return None


def spans(found: Iterable[Found[L]]) -> frozenset[int]:
    """Every token of the phrases that were found."""
    return frozenset(n for f in found for n in range(f.start, f.end))
