"""From what STT or a keyboard gives to a row of comparable words.

Spelling is folded (niqqud, quotes, doubled yod and vav), punctuation becomes a boundary flag, a
prefix letter that stands before digits or alone is attached to what follows it. No meaning here.
"""

from dataclasses import dataclass, replace

MAX_TOKENS = 80
"""Words of one utterance that are read; a longer one is a monologue, its tail adds nothing."""

_QUOTES = {**dict.fromkeys("׳’‘`´", "'"), **dict.fromkeys("״“”„", '"')}
_DASHES = dict.fromkeys("־–—‐‑−", "-")
_TRANSLATE = str.maketrans({**_QUOTES, **_DASHES, "\u00a0": " ", "…": "."})
_SPELLINGS = {
    "הכול": "הכל",
    "כול": "כל",
    "בכול": "בכל",
    "לכול": "לכל",
    "מכול": "מכל",
    "שהכול": "שהכל",
    "ואללה": "ואלה",
    "מאד": "מאוד",
}
"""Words that are written in two ways, as the tables write them."""
_MARKS = "-'\""
_BREAKS = frozenset(".,!?;:")
_EDGE = ".,!?;:()[]{}*<>"
_PREFIX_LETTERS = frozenset("ובלהמכש")
_DAY_WORDS = frozenset(
    {"יום", "ביום", "ליום", "מיום", "ויום", "ימי", "בימי", "ימים", "עד", "וביום"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `key` is for comparing, `raw` is for people (a caller's name)."""

    key: str
    raw: str
    prefix: str = ""
    """A prefix letter that was written apart from a number or a word."""
    boundary: bool = False
    """Punctuation stood before it."""
    marked: bool = False
    """It had a geresh or gershayim: a letter that is a number, or an abbreviation."""

    @property
    def is_digits(self) -> bool:
        return self.key[:1].isdigit() or (self.key[:1] == "+" and self.key[1:2].isdigit())

    @property
    def whole(self) -> str:
        """The word with its prefix, as one comparable string."""
        return self.prefix + self.key


def fold(word: str) -> str:
    """The comparable form of one word: no quotes, single yod and vav, lower case."""
    word = word.lower().replace("'", "").replace('"', "")
    while "יי" in word:
        word = word.replace("יי", "י")
    while "וו" in word:
        word = word.replace("וו", "ו")
    return _SPELLINGS.get(word, word)


def keys_of(phrase: str) -> tuple[str, ...]:
    """The folded words of a phrase written in a table."""
    return tuple(fold(clean(word)) for word in phrase.split())


def clean(text: str) -> str:
    """Text without niqqud and cantillation, with one kind of quote and one kind of dash."""
    if any("\u0591" <= c <= "\u05c7" and c != "\u05be" for c in text):
        text = "".join(c for c in text if not ("\u0591" <= c <= "\u05c7") or c == "\u05be")
    return text.translate(_TRANSLATE)


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of an utterance, in order."""
    out: list[Token] = []
    boundary = False
    for chunk in clean(text).split():
        stripped = chunk.strip(_EDGE)
        if not stripped:
            boundary = boundary or any(c in _BREAKS for c in chunk)
            continue
        lead = chunk[: chunk.index(stripped[0])]
        for n, piece in enumerate(_pieces(stripped)):
            before = boundary or any(c in _BREAKS for c in lead)
            out.append(_token(piece, boundary=n == 0 and before))
        tail = chunk[chunk.rindex(stripped[-1]) + 1 :]
        boundary = any(c in _BREAKS for c in tail)
        if len(out) >= MAX_TOKENS:
            break
    return tuple(_attach_prefixes(out[:MAX_TOKENS]))


def _token(piece: str, *, boundary: bool) -> Token:
    prefix = ""
    for n, char in enumerate(piece):
        if char.isdigit() or char == "+":
            prefix, piece = piece[:n].rstrip(_MARKS), piece[n:]
            break
        if char not in _PREFIX_LETTERS and char not in _MARKS:
            break
    raw = piece.strip("'\"") if len(piece) > 2 else piece
    return Token(fold(piece), raw, prefix, boundary, "'" in piece or '"' in piece)


def _pieces(chunk: str) -> list[str]:
    """A chunk between spaces, split where digits meet letters and at dashes between words."""
    if not any(c.isdigit() for c in chunk):
        parts = [p for p in chunk.split("-") if p]
        return parts or [chunk]
    pieces: list[str] = []
    start = 0
    for n in range(1, len(chunk)):
        if chunk[n - 1].isdigit() and chunk[n].isalpha():
            pieces.append(chunk[start:n])
            start = n
    pieces.append(chunk[start:])
    return [p for piece in pieces for p in _letters_then_digits(piece)]


def _letters_then_digits(piece: str) -> list[str]:
    """Keep a prefix with its digits, part any other letters from them; drop a dash at an edge."""
    piece = piece.strip("-")
    for n, char in enumerate(piece):
        if char.isdigit() or char == "+":
            head = piece[:n].rstrip(_MARKS)
            if head and not all(c in _PREFIX_LETTERS for c in head):
                return [head, piece[n:]]
            return [piece]
    return [piece] if piece else []


def _attach_prefixes(tokens: list[Token]) -> list[Token]:
    """Join a prefix letter that stands alone with the next word, unless it names a weekday."""
    out: list[Token] = []
    pending = ""
    boundary = False
    for n, token in enumerate(tokens):
        alone = token.key in _PREFIX_LETTERS and not token.marked and not token.prefix
        after_day = bool(out) and out[-1].key in _DAY_WORDS and not pending
        if alone and not after_day and n + 1 < len(tokens) and not tokens[n + 1].boundary:
            pending += token.key
            boundary = boundary or token.boundary
            continue
        if pending:
            token = replace(
                token, prefix=pending + token.prefix, boundary=boundary or token.boundary
            )
            pending, boundary = "", False
        out.append(token)
    return out
