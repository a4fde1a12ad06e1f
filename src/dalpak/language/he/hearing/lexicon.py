"""The closed vocabulary of time in Hebrew: every word the grammar knows, and what it stands for.

Literal tables only, and the look-up that strips prefix letters. Words that mean yes, no or a wish
are in answers.py and intents.py; nothing here decides anything.
"""

from dataclasses import dataclass
from enum import StrEnum, auto
from types import MappingProxyType

from dalpak.language.base import PartOfDay
from dalpak.language.he.hearing.normalise import fold


class Kind(StrEnum):
    """What a word can be in the grammar."""

    NUM = auto()
    ORD = auto()
    HALF = auto()
    QUARTER = auto()
    THREE = auto()
    """The construct "three of", said only in "three quarters"."""
    DAY = auto()
    WEEKDAY = auto()
    LETTER = auto()
    MONTH = auto()
    HEBREW_MONTH = auto()
    UNIT = auto()
    DUAL = auto()
    RELATIVE = auto()
    NOW = auto()
    PART = auto()
    NEXT = auto()
    NEAR = auto()
    THIS = auto()
    LAST = auto()
    WEEKEND = auto()
    OUT_OF = auto()
    """Going out of a holy day: its evening."""
    EVE = auto()
    EDGE = auto()
    """Beginning, middle or end of a stretch of time."""
    OF = auto()
    AFTER = auto()
    BEFORE = auto()
    UNTIL = auto()
    BETWEEN = auto()
    FROM = auto()
    ONWARD = auto()
    MORE = auto()
    MINUS = auto()
    ABOUT = auto()
    EXACTLY = auto()
    OR = auto()
    NO = auto()
    INSTEAD = auto()
    EXCEPT = auto()
    FIX = auto()
    EVERY = auto()
    CLOCK = auto()
    DMY = auto()
    SPAN = auto()
    """Two numbers joined by a dash."""
    MERIDIEM = auto()
    EARLY = auto()
    LATE = auto()
    HOLIDAY = auto()
    SAME = auto()
    TAKEN = auto()
    """A word that another reader has consumed."""
    WORD = auto()
    """Any other word."""


@dataclass(frozen=True, slots=True)
class Lex:
    """One meaning of one word. `form` is "f", "m", "fm" (both) or "d" (digits) for numbers."""

    kind: Kind
    value: int = 0
    form: str = ""


DAY, WEEK, MONTH, YEAR, HOUR, MINUTE = range(6)
"""Values of a UNIT and of a DUAL."""

START, MIDDLE, END = range(3)
"""Values of an EDGE."""

PARTS = (
    PartOfDay.MORNING,
    PartOfDay.NOON,
    PartOfDay.AFTERNOON,
    PartOfDay.EVENING,
    PartOfDay.NIGHT,
)
"""A PART's value is an index into this."""

PREFIXES = frozenset(
    "ו ב ל מ ה ש כ וב ול ומ וה וש וכ שב של שה מה לה בה כש וכש ושב ולה ומה ובה כשב כה".split()
)

_FEMININE = {
    0: "אפס",
    1: "אחת",
    2: "שתיים שתים שתי",
    3: "שלוש שלש",
    4: "ארבע",
    5: "חמש",
    6: "שש",
    7: "שבע",
    9: "תשע",
    10: "עשר",
}
_MASCULINE = {
    1: "אחד",
    2: "שניים שנים",
    3: "שלושה שלשה",
    4: "ארבעה",
    5: "חמישה חמשה",
    6: "שישה ששה",
    7: "שבעה",
    9: "תשעה",
    10: "עשרה",
}
_COMMON = {
    8: "שמונה שמנה",
    20: "עשרים",
    30: "שלושים שלשים",
    40: "ארבעים",
    50: "חמישים חמשים",
    60: "שישים ששים",
    70: "שבעים",
    80: "שמונים שמנים",
    90: "תשעים",
    100: "מאה",
    200: "מאתיים מאתים",
    1000: "אלף",
    2000: "אלפיים אלפים",
}
HUNDREDS = frozenset({"מאות"})

_ORDINALS = {
    1: ("ראשון", "ראשונה"),
    2: ("שני", "שנייה שניה"),
    3: ("שלישי", "שלישית"),
    4: ("רביעי", "רביעית"),
    5: ("חמישי חמשי", "חמישית"),
    6: ("שישי ששי", "שישית ששית"),
    7: ("שביעי", "שביעית"),
    8: ("שמיני", "שמינית"),
    9: ("תשיעי", "תשיעית"),
    10: ("עשירי", "עשירית"),
}

MONTHS = (
    "ינואר",
    "פברואר",
    "מרץ מרס מארס",
    "אפריל",
    "מאי",
    "יוני",
    "יולי",
    "אוגוסט",
    "ספטמבר",
    "אוקטובר",
    "נובמבר",
    "דצמבר",
)

HEBREW_MONTHS = (
    "ניסן",
    "אייר",
    "סיוון",
    "תמוז",
    "אב",
    "אלול",
    "תשרי",
    "חשוון מרחשוון חשון",
    "כסלו",
    "טבת",
    "שבט",
    "אדר",
)
"""Numbered from Nisan = 1, as in hebrew_calendar.py."""

LETTERS = MappingProxyType({letter: n for n, letter in enumerate("אבגדהו")})
"""Weekday letters, Sunday = 0."""

_WORDS: tuple[tuple[Kind, int, str], ...] = (
    (Kind.HALF, 0, "חצי"),
    (Kind.QUARTER, 0, "רבע"),
    (Kind.THREE, 0, "שלושת"),
    (Kind.DAY, 0, "יום ימי"),
    (Kind.WEEKDAY, 6, "שבת"),
    (Kind.UNIT, DAY, "ימים"),
    (Kind.UNIT, WEEK, "שבוע שבועות"),
    (Kind.UNIT, MONTH, "חודש חודשים"),
    (Kind.UNIT, YEAR, "שנה"),
    (Kind.UNIT, HOUR, "שעה שעות"),
    (Kind.UNIT, MINUTE, "דקה דקות דק"),
    (Kind.DUAL, DAY, "יומיים"),
    (Kind.DUAL, WEEK, "שבועיים"),
    (Kind.DUAL, HOUR, "שעתיים"),
    (Kind.DUAL, YEAR, "שנתיים"),
    (Kind.RELATIVE, 0, "היום"),
    (Kind.RELATIVE, 1, "מחר למחרת"),
    (Kind.RELATIVE, 2, "מחרתיים מוחרתיים"),
    (Kind.RELATIVE, -1, "אתמול אמש"),
    (Kind.RELATIVE, -2, "שלשום"),
    (Kind.NOW, 0, "עכשיו מיד מייד כרגע"),
    (Kind.PART, 0, "בוקר בקר בקרים"),
    (Kind.PART, 1, "צהריים צהרי צוהריים"),
    (Kind.PART, 2, "אחהצ אחצ"),
    (Kind.PART, 3, "ערב"),
    (Kind.PART, 4, "לילה ליל"),
    (Kind.PART, 3, "בערבים"),
    (Kind.NEXT, 0, "הבא הבאה הבאים הבאות"),
    (Kind.NEAR, 0, "הקרוב הקרובה הקרובים הקרובות"),
    (Kind.THIS, 0, "הזה הזאת הזו הנוכחי הנוכחית"),
    (Kind.LAST, 0, "שעבר שעברה האחרון האחרונה"),
    (Kind.WEEKEND, 0, "סופש סופשבוע"),
    (Kind.OUT_OF, 0, "מוצאי מוצש מוצאש צאת"),
    (Kind.EDGE, START, "תחילת התחלת בתחילת ראשית"),
    (Kind.EDGE, MIDDLE, "אמצע"),
    (Kind.EDGE, END, "סוף"),
    (Kind.OF, 0, "של"),
    (Kind.AFTER, 0, "אחרי אחר לאחר מאחרי"),
    (Kind.BEFORE, 0, "לפני"),
    (Kind.UNTIL, 0, "עד"),
    (Kind.BETWEEN, 0, "בין"),
    (Kind.FROM, 0, "החל"),
    (Kind.ONWARD, 0, "והלאה הלאה ואילך ומעלה אילך"),
    (Kind.MORE, 0, "עוד בעוד תוך בתוך כעבור"),
    (Kind.MINUS, 0, "פחות"),
    (Kind.ABOUT, 0, "בסביבות סביבות סביב בערך לקראת באזור באיזור איזור אזור משהו כמו"),
    (Kind.EXACTLY, 0, "בדיוק בול עגול"),
    (Kind.OR, 0, "או"),
    (Kind.NO, 0, "לא ולא"),
    (Kind.INSTEAD, 0, "אלא"),
    (Kind.EXCEPT, 0, "חוץ למעט מלבד פרט"),
    (Kind.EVERY, 0, "כל"),
    (
        Kind.FIX,
        0,
        "סליחה טעיתי התכוונתי אמרתי תיקון אופס בעצם כלומר טעות התבלבלתי ליתר תתקן תתקני",
    ),
    (Kind.MERIDIEM, 0, "am a a.m"),
    (Kind.MERIDIEM, 1, "pm p p.m"),
    (Kind.EARLY, 0, "מוקדם מוקדמת"),
    (Kind.LATE, 0, "מאוחר מאוחרת יאוחר מאוחרות"),
    (Kind.SAME, 0, "אותה אותו"),
)

_LEXICON: dict[str, Lex] = {
    **{fold(w): Lex(Kind.NUM, n, "f") for n, ws in _FEMININE.items() for w in ws.split()},
    **{fold(w): Lex(Kind.NUM, n, "m") for n, ws in _MASCULINE.items() for w in ws.split()},
    **{fold(w): Lex(Kind.NUM, n, "fm") for n, ws in _COMMON.items() for w in ws.split()},
    **{fold(w): Lex(Kind.ORD, n, "m") for n, ws in _ORDINALS.items() for w in ws[0].split()},
    **{fold(w): Lex(Kind.ORD, n, "f") for n, ws in _ORDINALS.items() for w in ws[1].split()},
    **{fold(w): Lex(Kind.MONTH, n + 1) for n, ws in enumerate(MONTHS) for w in ws.split()},
    **{
        fold(w): Lex(Kind.HEBREW_MONTH, n + 1)
        for n, ws in enumerate(HEBREW_MONTHS)
        for w in ws.split()
    },
    **{fold(w): Lex(kind, value) for kind, value, ws in _WORDS for w in ws.split()},
}

_NEVER_PREFIXED = frozenset(
    {Kind.NO, Kind.MERIDIEM, Kind.OR, Kind.NEXT, Kind.NEAR, Kind.THIS, Kind.ONWARD, Kind.EVERY}
)

_NOT_STRIPPED = frozenset("כאב האב ואב לאב באב שאב מאב משנה".split())
"""Everyday words that happen to be a prefix and a word of the lexicon."""


def look_up(key: str) -> tuple[str, Lex] | None:
    """The prefix letters and the meaning of a folded word; None for a word not of this grammar.

    The whole word wins, then the shortest prefix: fewer letters are guessed away.
    """
    found = _LEXICON.get(key)
    if found is not None:
        return "", found
    if key in _NOT_STRIPPED:
        return None
    for n in (1, 2, 3):
        if n >= len(key):
            return None
        if key[:n] in PREFIXES:
            found = _LEXICON.get(key[n:])
            if found is not None and found.kind not in _NEVER_PREFIXED:
                return key[:n], found
    return None
