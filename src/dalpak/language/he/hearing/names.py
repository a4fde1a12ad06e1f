"""The caller's name, out of "my name is ...", "on the name of ...", or a bare answer.

A first name may be a word of time (Monday is also a girl's name): when a name was asked for, or a
carrier phrase leads to it, it is a name. A bare name is what beside.py leaves over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.base import Asked
from dalpak.language.he.hearing.beside import Beside
from dalpak.language.he.hearing.given_names import GIVEN_NAMES
from dalpak.language.he.hearing.intents import WISHING
from dalpak.language.he.hearing.lexicon import Kind, look_up
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook
from dalpak.language.he.hearing.vocabulary import PLAIN

MAX_WORDS = 4
"""Words of the longest name that is taken."""


def _set(words: str) -> frozenset[str]:
    return frozenset(keys_of(words))


_CARRIERS: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """
            קוראים לי|וקוראים לי|קוראים לו|קוראים לה|השם שלי|השם שלי הוא|השם שלי זה|השם שלה|
            השם שלו|שמי|שמי הוא|ושמי|על שם|על השם|על השם של|על שם של|רשום על שם|תרשום על שם|
            תרשמי על שם|בשם|השם הוא|השם זה|השם|שם מלא|השם המלא|השם המלא הוא|השם המלא שלי|
            השם הפרטי|השם הפרטי שלי|שם פרטי|שם פרטי שלי|שמי הפרטי|שמי המלא|מדבר|מדברת|כאן מדבר|
            כאן מדברת|אני נקרא|אני נקראת
            """,
        ),
        (
            False,
            """זה|זאת|זו|אני|כאן|פה|תרשום|תרשמי|רשום|רשמי|תכתוב|תכתבי|שם|זה על שם|של|קוראים|מכאן|
            אומרים לי|הוא""",
        ),
    )
)
"""True leads to a name anywhere; False only when a name was asked for or is talked about."""

_ABOUT_NAME = _set("השם שמי שם")
"""After one of these "it is" and the like lead to a name, whatever was asked."""

_SPELLING = _set("עם כמו בלי באות")
"""Words that begin the spelling of the name before them ("Sara with a kaf")."""

_SURNAME = _set("משפחה")
_SURNAME_LEAD = _set("שם ושם השם והשם")

_EDGE = PLAIN | _set(
    """כן לא אה אמ אמממ אז טוב שלום היי הלו תודה רבה בבקשה מדבר מדברת כאן פה זה השם סליחה כאילו יופי
    אוקיי בטח ברור נו ככה בוקר ערב אהלן מה שלומך סבבה בכבוד כבר"""
)
"""Words that stand around a name and are not part of it."""

_STOP = PLAIN | _set(
    """המספר מספר והמספר הטלפון טלפון והטלפון נייד הנייד והנייד ואני ורוצה ורציתי מתקשר מתקשרת בקשר
    לגבי ואפשר עם כמו בלי באות אצל תספורת לתספורת עסק הסלון והטלפון מהעבודה דחוף לבטל לקבוע להזיז
    מדבר מדברת והתור והנייד בנייד בטלפון בבקשה תודה גרה גר מגיע מגיעה שם ושם והכל אחרי בשביל"""
)
_NOT_A_NAME = _set(
    """
    למה מה מי איך איפה מתי כמה רוצה רוצים צריך צריכה לתת להגיד לומר אפשר יש אין יודע יודעת בשביל
    חייב חייבת לבטל לקבוע לדבר נציג אנונימי פרטי סודי עזוב עזבי חכה רגע שנייה שניה דקה לא תור
    התור שאלה נתתי ממנו איתך איתכם אליך עברית אנגלית חשוב משנה רלוונטי מתאים נכון עכשיו נוח ככה
    כך דחוף זוכר זוכרת בטוח בטוחה נמצא רשום מופיע אצלכם לקוח לקוחה חדש חדשה קיים קיימת תחזור
    תחזרי לחזור שוב ביי להתראות מספר טלפון שלך אתקשר אחזור פעם ממהר ממהרת נוהג נוהגת כועס כועסת עצבני עצבנית
    עזאזל לעזאזל גרוע גרועה נורא חוצפה בושה מעצבן נמאס סתום אבא אמא הבת הבן הילד הילדה אשתי בעלי טמבל טיפש אידיוט מטומטם
    """
)
_WHICH = "ש"
_DID = "תי"
_DID_MIN = 5
"""Letters of the shortest word that this ending makes a verb of the past ("I heard")."""
_THIS = _set("זה זאת זו כאן")
_GREETINGS = _set("היי שלום הלו אהלן הי בוקר צהריים ערב טוב טובים אה אמ")
_SPEAKING = _set("מדבר מדברת")
_SELF = _set("אני ואני רציתי ורציתי רוצה מתקשר מתקשרת מדבר מדברת")
_CORRECTS = _set("סליחה בעצם טעיתי התכוונתי אמרתי אלא תיקון לא רגע טעות")
_PARTICLES = _set("בן בת אבו אבן דה די ואן אל בר")
_TIME_KINDS = frozenset(
    {Kind.DAY, Kind.RELATIVE, Kind.UNIT, Kind.DUAL, Kind.MORE, Kind.NOW, Kind.PART, Kind.UNTIL}
)
_NAME_KINDS = frozenset({Kind.ORD, Kind.MONTH, Kind.HEBREW_MONTH, Kind.WEEKDAY, Kind.NUM})


@dataclass(frozen=True, slots=True)
class HeardName:
    name: str
    taken: frozenset[int]


def name_starts(tokens: Sequence[Token], skip: Collection[int]) -> frozenset[int]:
    """Places where the caller's own name must begin, even if the staff have one of that name."""
    return frozenset(f.end for f in _CARRIERS.find(tokens, skip) if f.label)


def read_name(
    tokens: Sequence[Token], skip: Collection[int], asked: Asked, beside: Beside
) -> HeardName | None:
    """The name in the utterance. Where it was asked for it may stand bare, unless the utterance
    says something else; where something else was asked, a full name may."""
    loose = asked is Asked.NAME and beside.clear and not beside.orders
    taken = frozenset(skip) | beside.spent
    for found in _CARRIERS.find(tokens, skip):
        likely = loose and found.start not in beside.spent
        about = beside.clear and any(t.whole in _ABOUT_NAME for t in tokens[: found.start])
        if not (found.label or likely or about or _introduces(tokens, found.start)):
            continue
        heard = _after(tokens, found.end, skip if found.label else taken, asked=loose)
        if heard is not None and (found.label or likely or about or _goes_on(tokens, heard)):
            corrected = _corrected(tokens, heard, skip) if loose else heard
            span = range(found.start, found.end)
            return HeardName(corrected.name, corrected.taken | frozenset(span))
    if loose:
        return _bare(tokens, taken)
    full = _full(tokens, taken) if beside.clear and asked is not Asked.NOTHING else None
    return full or (None if asked is Asked.NAME else _before_speaking(tokens, skip))


def is_doubtful(tokens: Sequence[Token], heard: HeardName) -> bool:
    """One bare word that nobody is known to be called by: beside a time it is a word misheard."""
    return len(heard.taken) == 1 and tokens[min(heard.taken)].whole not in GIVEN_NAMES


def _full(tokens: Sequence[Token], skip: Collection[int]) -> HeardName | None:
    """A known first name with a family name and nothing else: a name at any time."""
    heard = _bare(tokens, skip)
    if heard is None or len(heard.taken) < 2:
        return None
    known = tokens[min(heard.taken)].whole in GIVEN_NAMES
    rest = (t.whole for n, t in enumerate(tokens) if n not in heard.taken and n not in skip)
    return heard if known and all(w in _EDGE | _CORRECTS for w in rest) else None


def _before_speaking(tokens: Sequence[Token], skip: Collection[int]) -> HeardName | None:
    """ "Hello, Dana Cohen speaking" at the beginning."""
    n = 0
    while n < len(tokens) and tokens[n].whole in _GREETINGS:
        n += 1
    words: list[int] = []
    while n < len(tokens) and n not in skip and tokens[n].whole not in _SPEAKING:
        if len(words) == MAX_WORDS or not _part_of_name(tokens, n, first=not words):
            return None
        words.append(n)
        n += 1
    return _heard(tokens, words) if n < len(tokens) and tokens[n].whole in _SPEAKING else None


def _introduces(tokens: Sequence[Token], n: int) -> bool:
    """ "Hello, this is ..." at the beginning."""
    return tokens[n].whole in _THIS and all(t.whole in _GREETINGS for t in tokens[:n])


def _goes_on(tokens: Sequence[Token], heard: HeardName) -> bool:
    """After "this is ..." the caller goes on speaking of themselves: then it was a name."""
    n = max(heard.taken) + 1
    return len(heard.taken) <= 2 and n < len(tokens) and tokens[n].whole in _SELF


def _part_of_name(tokens: Sequence[Token], n: int, *, first: bool) -> bool:
    token = tokens[n]
    if token.is_digits or token.whole in _STOP or token.whole in _NOT_A_NAME:
        return False
    if token.whole in WISHING or token.whole.removeprefix(_WHICH) in WISHING:
        return False
    if token.whole in GIVEN_NAMES:
        return first or not token.boundary
    if len(token.key) >= _DID_MIN and token.key.endswith(_DID):
        return False
    if not first and token.boundary:
        return False
    found = look_up(token.whole)
    if found is None or found[1].kind in (Kind.WORD, Kind.LETTER):
        return True
    prefix, lex = found
    if lex.kind in _TIME_KINDS and not prefix:
        return False
    if lex.kind in _NAME_KINDS:
        # "At three" ends a name; "Monday" as a first name or "Sabbath" as a surname do not.
        timed = n + 1 < len(tokens) and _is_hour(tokens[n + 1])
        return not prefix and not (timed and not first) and lex.kind is not Kind.NUM
    return bool(prefix) and prefix not in ("ב", "ל", "מ", "ו", "ה", "וב", "ול")


def _is_hour(token: Token) -> bool:
    found = look_up(token.whole)
    return found is not None and found[1].kind is Kind.NUM and found[0] == "ב"


def _after(
    tokens: Sequence[Token], start: int, skip: Collection[int], *, asked: bool
) -> HeardName | None:
    """The words of a name from `start` on."""
    n = start
    while asked and n < len(tokens) and tokens[n].whole in _EDGE and tokens[n].whole != "לא":
        n += 1
    words: list[int] = []
    while n < len(tokens) and n not in skip and len(words) < MAX_WORDS:
        if _surname_at(tokens, n):
            n += 2
            continue
        particle = bool(words) and tokens[n - 1].whole in _PARTICLES
        surname_number = particle and tokens[n].whole not in _STOP
        if not surname_number and not _part_of_name(tokens, n, first=not words):
            break
        words.append(n)
        n += 1
    return _heard(tokens, words)


def _surname_at(tokens: Sequence[Token], n: int) -> bool:
    """ "Family name" between a first name and a surname."""
    return (
        n + 1 < len(tokens) and tokens[n].whole in _SURNAME_LEAD and tokens[n + 1].whole in _SURNAME
    )


def _heard(tokens: Sequence[Token], words: list[int]) -> HeardName | None:
    if not words:
        return None
    name = " ".join(tokens[n].prefix + tokens[n].raw for n in words)
    return HeardName(name, frozenset(words))


def _corrected(tokens: Sequence[Token], heard: HeardName, skip: Collection[int]) -> HeardName:
    """The name said anew after "sorry" or "no", if there is one."""
    n = max(heard.taken) + 1
    if n < len(tokens) and tokens[n].whole in _CORRECTS:
        while n < len(tokens) and tokens[n].whole in _CORRECTS | _set("קוראים לי זה השם"):
            n += 1
        again = _after(tokens, n, skip, asked=True)
        if again is not None:
            return HeardName(again.name, heard.taken | again.taken)
    return heard


def _bare(tokens: Sequence[Token], skip: Collection[int]) -> HeardName | None:
    """A name without a carrier: what is left when the words around it are taken off."""
    kept = [n for n in range(len(tokens)) if n not in skip]
    while kept and tokens[kept[0]].whole in _EDGE and not _denies(tokens, kept):
        kept.pop(0)
    while kept and tokens[kept[-1]].whole in _EDGE:
        kept.pop()
    if not kept or any(tokens[n].whole in _NOT_A_NAME - _CORRECTS for n in kept):
        return None
    if _denies(tokens, kept):
        return _instead(tokens, kept[1:])
    heard = _after(tokens, kept[0], skip, asked=True)
    if heard is None:
        return None
    corrected = _corrected(tokens, heard, skip)
    rest = [n for n in kept if n not in corrected.taken and tokens[n].whole not in _EDGE]
    rest = [n for n in rest if tokens[n].whole not in _SURNAME | _CORRECTS]
    alone = len(heard.taken) >= 2
    after = max(corrected.taken) + 1
    spelled = after < len(tokens) and tokens[after].whole in _SPELLING
    known = bool(rest) and look_up(tokens[rest[0]].whole) is not None
    return corrected if not rest or alone or spelled or known else None


def _denies(tokens: Sequence[Token], kept: list[int]) -> bool:
    return bool(kept) and tokens[kept[0]].whole == "לא" and len(kept) > 1


def _instead(tokens: Sequence[Token], kept: list[int]) -> HeardName | None:
    """ "Not Dana Dina": of two equal halves the second; "no, Dana Cohen": both."""
    kept = [n for n in kept if tokens[n].whole not in _CORRECTS | _EDGE]
    if not all(_part_of_name(tokens, n, first=n == kept[0]) for n in kept):
        return None
    if len(kept) in (2, 3) and _first_and_family(tokens, kept):
        return _heard(tokens, kept)
    if len(kept) in (2, 4):
        return _heard(tokens, kept[len(kept) // 2 :])
    return _heard(tokens, kept) if len(kept) == 1 else None


def _first_and_family(tokens: Sequence[Token], kept: list[int]) -> bool:
    """A known first name and a family name of one word, or of two that a particle joins."""
    known = [tokens[n].whole in GIVEN_NAMES for n in kept]
    joined = len(kept) == 2 or tokens[kept[1]].whole in _PARTICLES
    return known[0] and joined and (len(kept) == 3 or not known[1])
