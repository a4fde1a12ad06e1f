"""Which words of the STT are new: a stream repeats itself, and nothing that the caller said may count twice.

A partial grows; when the final stays away the partial is accepted in its place, and then the final comes late; a final
comes twice; words come again without any new voice behind them. Nothing here knows turns or time limits of the call.
"""

from dalpak.call.limits import Ms

PUNCTUATION = ".,?!;:"
"""What a final may add to the words of its partial."""


def same_words(one: str, other: str) -> bool:
    """A final repeats its partial, often with capitals and punctuation."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> list[str]:
    words = (word.strip(PUNCTUATION) for word in text.casefold().split())
    return [word for word in words if word]


class KnownWords:
    """The stream's last piece that counted, as the stream gave it."""

    def __init__(self, late_ms: Ms) -> None:
        self._late_ms = late_ms
        self._piece = ""
        self.counted_at: Ms = 0
        self._final_owed = False
        """The piece was accepted from a partial: the first final that repeats it is its own."""
        self._partial = ""

    def new_in_partial(self, text: str, now: Ms, *, voiced_since: bool, open_still: bool) -> str:
        """`voiced_since`: a voice since the piece counted; `open_still`: the piece is in the open utterance."""
        self._partial = text
        if self._said_again(text, voiced_since) and not open_still:
            return text
        return self._beyond(text, now, voiced_since)

    def new_in_final(self, text: str, now: Ms, *, voiced_since: bool) -> str:
        new = self._beyond(text, now, voiced_since)
        self._count(text if new else max(text, self._piece, key=len), now, owed=False)
        return new

    def accept(self, now: Ms) -> None:
        """The last partial counts, although its final has not come; without a new one nothing new counts."""
        if self._partial:
            self._count(self._partial, now, owed=True)

    def forget(self) -> None:
        """Typed words: whoever types the same again means it again."""
        self._piece = ""

    def _count(self, piece: str, now: Ms, *, owed: bool) -> None:
        self._piece, self.counted_at, self._final_owed = piece, now, owed
        self._partial = ""

    def _said_again(self, text: str, voiced_since: bool) -> bool:
        return voiced_since and self._piece.startswith(text)

    def _beyond(self, text: str, now: Ms, voiced_since: bool) -> str:
        known = self._piece
        if (
            not known
            or now > self.counted_at + self._late_ms
            or (voiced_since and not self._final_owed)
        ):
            return text
        if known.startswith(text) or known.endswith(text):
            return ""
        return text.removeprefix(f"{known} ")
