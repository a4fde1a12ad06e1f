"""Which words of a coded voice the far end has certainly heard: those behind a mark that came back.

Kept apart from `call/playout.py`, whose reckoning it is there to check: that one knows sentences and lengths, this one
reads the words in the sound itself. What a clear dropped was not heard, whatever mark comes back for it.
"""

from collections import Counter

from dalpak.simulator.coded_voice import decoded


class HeardWords:
    """The line tells it, in order, what is sent, cleared and given back."""

    def __init__(self) -> None:
        self.by_turn: dict[int, list[str]] = {}
        """Of the turns of which something was heard."""
        self._sent: list[str] = []
        """Since the last mark that came back."""
        self._marks: dict[str, int] = {}
        """How many of them each mark stands behind."""

    def frame(self, payload: bytes) -> None:
        """A word counts with its last frame."""
        coded = decoded(payload)
        if coded is not None and coded.index == coded.count - 1:
            self._sent.append(coded.word)

    def mark(self, name: str) -> None:
        self._marks[name] = len(self._sent)

    def clear(self) -> None:
        self._sent.clear()
        self._marks.clear()

    def mark_back(self, name: str) -> None:
        """Nothing for a mark that a clear gave back."""
        count = self._marks.pop(name, 0)
        if not count:
            return
        heard, self._sent = self._sent[:count], self._sent[count:]
        self._marks = {other: behind - count for other, behind in self._marks.items()}
        self.by_turn.setdefault(turn_of(name), []).extend(heard)

    def claimed_unheard(self, turn: int, text: str) -> int:
        """How many words of `text`, said to be heard in this turn, were not."""
        heard = Counter(map(_bare, self.by_turn.get(turn, ())))
        return (Counter(map(_bare, text.split())) - heard).total()


def turn_of(mark: str) -> int:
    """`g0:t3:s5:600` is of turn 3."""
    return int(mark.split(":")[1].removeprefix("t"))


def _bare(word: str) -> str:
    """A sentence put together from the prompt bank has its pauses instead of its punctuation."""
    return word.strip(",.?!")
