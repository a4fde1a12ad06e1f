"""The stopwatch: latency marks where the caller is, each once per turn (SPEC H2)."""

from dalpak.call.effects import LatencyMark, RecordMark
from dalpak.call.floor import Utterance
from dalpak.call.limits import Ms


class Stopwatch:
    """Marks of one turn. A mark that was taken is never taken again for that turn."""

    def __init__(self) -> None:
        self._taken: set[tuple[int, LatencyMark]] = set()

    def _mark(self, turn: int, mark: LatencyMark, ms: Ms) -> list[RecordMark]:
        if (turn, mark) in self._taken:
            return []
        self._taken.add((turn, mark))
        return [RecordMark(turn, mark, max(0, ms))]

    def committed(self, turn: int, utterance: Utterance) -> list[RecordMark]:
        """From the caller's first voiced frame to the first partial; from the last one to the final."""
        effects: list[RecordMark] = []
        if not utterance.voiced_ms:
            return effects
        if utterance.first_partial_at is not None:
            since_first = utterance.first_partial_at - utterance.began_at
            effects += self._mark(turn, LatencyMark.STT_FIRST_PARTIAL_MS, since_first)
        if utterance.words_at is not None:
            since_last = utterance.words_at - utterance.last_voiced_at
            effects += self._mark(turn, LatencyMark.STT_FINAL_MS, since_last)
        return effects

    def answered(self, turn: int, started_at: Ms, now: Ms) -> list[RecordMark]:
        return self._mark(turn, LatencyMark.AI_LATENCY_MS, now - started_at)

    def audio_ready(self, turn: int, asked_at: Ms, now: Ms) -> list[RecordMark]:
        return self._mark(turn, LatencyMark.TTS_READY_MS, now - asked_at)

    def first_frame(self, turn: int, anchor: Ms, now: Ms) -> list[RecordMark]:
        """From the caller's last word to the first frame (or shown word) of the answer."""
        return self._mark(turn, LatencyMark.TOTAL_MS, now - anchor)

    def renumber(self, draft: int, turn: int) -> None:
        """The draft is the turn: what was taken for it is taken."""
        self._taken |= {(turn, mark) for number, mark in self._taken if number == draft}

    def heard(self, turn: int, anchor: Ms, began: Ms) -> list[RecordMark]:
        """From the caller's last word to the answer in the caller's ear: `began` is when a mark says it began there."""
        return self._mark(turn, LatencyMark.HEARD_MS, began - anchor)

    def send_lag(self, turn: int, lag: Ms) -> list[RecordMark]:
        """The worst lateness of a frame against its schedule, once the answer was sent."""
        return self._mark(turn, LatencyMark.TTS_SEND_LAG_MS, lag)
