"""From what STT or a keyboard gives to a row of comparable words. No meaning here.

Case and apostrophes are folded, hyphens part words, punctuation becomes a boundary flag, letters
that follow digits are words of their own ("3pm", "15th").
"""

from dataclasses import dataclass

MAX_TOKENS = 80
"""Words of one utterance that are read; a longer one is a monologue, its tail adds nothing."""

_TRANSLATE = str.maketrans(
    {**dict.fromkeys("’‘`´ʼ", "'"), **dict.fromkeys("–—‐‑−", "-"), "\u00a0": " ", "…": "."}
)
_BREAKS = frozenset(".,!?;:-")
_EDGE = '.,!?;:()[]{}*<>"“”-'
_SPELLINGS = {"a.m": "am", "p.m": "pm", "we'd": "we-would"}
"""Words that would become another one without their marks."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `key` is for comparing, `raw` is for people (a caller's name)."""

    key: str
    raw: str
    boundary: bool = False
    """Punctuation stood before it."""
    glued: bool = False
    """A hyphen or nothing at all stood before it."""

    @property
    def is_digits(self) -> bool:
        return self.key[:1].isdigit() or (self.key[:1] == "+" and self.key[1:2].isdigit())


def keys_of(phrase: str) -> tuple[str, ...]:
    """The comparable words of a phrase written in a table."""
    return tuple(token.key for token in tokens_of(phrase))


def words(text: str) -> frozenset[str]:
    """A set of comparable words, for the tables of the readers."""
    return frozenset(map(_fold, text.split()))


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of an utterance, in order."""
    out: list[Token] = []
    boundary = False
    for chunk in text.translate(_TRANSLATE).split():
        stripped = chunk.strip(_EDGE)
        lead, _, tail = chunk.partition(stripped) if stripped else (chunk, "", "")
        boundary = boundary or any(c in _BREAKS for c in lead)
        for n, piece in enumerate(_pieces(stripped)):
            raw = piece.strip("'")
            if raw:
                out.append(Token(_fold(raw), raw, boundary, glued=n > 0))
                boundary = False
        boundary = boundary or any(c in _BREAKS for c in tail)
        if len(out) >= MAX_TOKENS:
            break
    return tuple(out[:MAX_TOKENS])


def _fold(word: str) -> str:
    return _SPELLINGS.get(word.lower(), word.lower().replace("'", ""))


def _pieces(chunk: str) -> list[str]:
    """A chunk between spaces, parted at hyphens between words and where letters follow digits."""
    if not any(c.isdigit() for c in chunk):
        return [piece for piece in chunk.split("-") if piece]
    pieces: list[str] = []
    start = 0
    for n in range(1, len(chunk)):
        if chunk[n - 1].isdigit() and chunk[n].isalpha():
            pieces.append(chunk[start:n])
            start = n
    return [piece for piece in (*pieces, chunk[start:]) if piece.strip("-")]
