"""Finding fixed phrases in a row of tokens: a table of word sequences with what each stands for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dalpak.language.he.hearing.normalise import Token, keys_of

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Found(Generic[L]):
    """One phrase over the tokens [start, end)."""

    label: L
    start: int
    end: int


class PhraseBook(Generic[L]):
    """Labels by phrase; at each place the longest phrase wins."""

    def __init__(self, table: Iterable[tuple[L, str]], *, joined: bool = True) -> None:
        """`table`: label and phrases parted by `|`. `joined`: "and" may be glued to a phrase."""
        self._joined = joined
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
            if found is None:
                n += 1
            else:
                out.append(found)
                n = found.end
        return out

    def _at(self, tokens: Sequence[Token], n: int, skip: Collection[int]) -> Found[L] | None:
        whole = tokens[n].whole
        for first in (whole, self._without_and(whole)):
            for keys, label in self._by_first.get(first, ()):
                end = n + len(keys)
                if end > len(tokens) or any(k in skip for k in range(n, end)):
                    continue
                if all(tokens[n + k].whole == keys[k] for k in range(1, len(keys))):
                    return Found(label, n, end)
        return None

    def _without_and(self, whole: str) -> str:
        return whole[1:] if self._joined and len(whole) > 2 and whole[0] == "ו" else ""
