"""A model's words while they are still being written: from pieces of a JSON argument to sentences that can be spoken.

Pure. What is spoken is whole: a sentence that breaks off is never heard (half a time is a wrong time). How much of a
model's talk is heard at all is limited here too.
"""

import re

FIRST_ANSWER_WORDS = 24
"""SPEC D4: of the first answer of a call."""
SENTENCES_MAX = 3
CHARACTERS_MAX = 320
"""Of one answer; a caller remembers two sentences."""
BUFFER_MAX = 4096
"""Characters without an end of sentence; more is no speech."""

_END = re.compile(r"[.!?…]+[\"'\u05f4”’)\]]*(?=\s)|\n")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": ""}
_KEY = re.compile(r'"text"\s*:\s*"')


class ArgumentText:
    """The value of "text" in a JSON object that arrives in pieces, decoded as far as it is certain."""

    def __init__(self) -> None:
        self._raw = ""
        self._at: int | None = None
        self.complete = False

    def feed(self, piece: str) -> str:
        """The characters that this piece made certain."""
        if self.complete:
            return ""
        self._raw += piece
        if self._at is None:
            found = _KEY.search(self._raw)
            if found is None:
                self._raw = self._raw[-BUFFER_MAX:]
                return ""
            self._at = found.end()
        out: list[str] = []
        raw, at = self._raw, self._at
        while at < len(raw):
            char = raw[at]
            if char == '"':
                self.complete = True
                break
            if char != "\\":
                out.append(char)
                at += 1
                continue
            decoded, width = _escape(raw[at : at + 12])
            if not width:
                break
            out.append(decoded)
            at += width
        self._raw, self._at = raw[at:], 0
        return "".join(out)


def _escape(raw: str) -> tuple[str, int]:
    """One escape at the beginning of `raw`, and how long it is; 0 while it is not all there."""
    if len(raw) < 2:
        return "", 0
    if raw[1] != "u":
        return _ESCAPES.get(raw[1], raw[1]), 2
    first = _unit(raw[2:6])
    if first is None:
        return ("", 0) if len(raw) < 6 else ("", 6)
    if not 0xD800 <= first < 0xE000:
        return chr(first), 6
    if len(raw) < 12 and "\\u".startswith(raw[6:8]):
        return "", 0
    second = _unit(raw[8:12]) if raw[6:8] == "\\u" else None
    if second is None and raw[6:8] == "\\u" and len(raw) < 12:
        return "", 0
    if first < 0xDC00 and second is not None and 0xDC00 <= second < 0xE000:
        return chr(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), 12
    # Half of a pair means nothing by itself.
    return "", 6


def _unit(digits: str) -> int | None:
    if len(digits) < 4:
        return None
    try:
        return int(digits, 16)
    except ValueError:
        return None


class Sentences:
    """Cuts a growing text into whole sentences, up to what one answer may have."""

    def __init__(self, *, first_answer: bool) -> None:
        self._words_left = FIRST_ANSWER_WORDS if first_answer else CHARACTERS_MAX
        self._characters_left = CHARACTERS_MAX
        self._sentences_left = SENTENCES_MAX
        self._text = ""
        self.any = False
        """Something was given out."""

    @property
    def full(self) -> bool:
        """Nothing more will be given out."""
        return not (self._sentences_left and self._words_left and self._characters_left)

    @property
    def untouched(self) -> bool:
        """No character has come in."""
        return not self.any and not self._text

    def feed(self, text: str) -> list[str]:
        """The sentences that are whole now."""
        self._text += text
        whole: list[str] = []
        while (end := _END.search(self._text)) is not None:
            whole += self._take(self._text[: end.end()])
            self._text = self._text[end.end() :]
        if len(self._text) > CHARACTERS_MAX:
            # Longer than all that may be said, and no end of a sentence in sight.
            whole += self.finish()
        return whole

    def finish(self) -> list[str]:
        """The rest, when the text came to its own end. Words that broke off are simply not asked for."""
        rest, self._text = self._text, ""
        return self._take(rest)

    def _take(self, text: str) -> list[str]:
        words = text.split()
        if not words or self.full:
            return []
        fits = len(words) <= self._words_left and len(text) <= self._characters_left
        if not fits and self.any:
            self._sentences_left = 0
            return []
        if not fits:
            # The very first is too long: rather its beginning, up to a comma if there is one, than silence.
            words = _beginning(words[: self._words_left], self._characters_left)
            self._sentences_left = 1
        self._words_left -= len(words)
        self._characters_left = max(0, self._characters_left - len(" ".join(words)))
        self._sentences_left -= 1
        self.any = True
        return [" ".join(words)]


def _beginning(words: list[str], characters: int) -> list[str]:
    while len(words) > 1 and len(" ".join(words)) > characters:
        words = words[:-1]
    commas = [n for n, word in enumerate(words, 1) if word.endswith(",")]
    kept = words[: commas[-1]] if commas and commas[-1] > len(words) // 3 else words
    joined = " ".join(kept)[:characters]
    return joined.rstrip(",").split()
