"""Services and staff: what the business calls them, and what callers call them anyway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.base import Asked, HearingContext, Named
from dalpak.language.he.hearing.lexicon import PREFIXES, look_up
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook
from dalpak.language.he.hearing.vocabulary import PLAIN

_COMMON = tuple(
    keys_of(name)
    for name in """
    תספורת גבר|תספורת גברים|תספורת אישה|תספורת נשים|תספורת ילד|תספורת ילדים|תספורת וזקן|
    תספורת|תספורת וצבע|תספורת ופן|צבע|צביעה|צבע לשיער|גוונים|פן|החלקה|החלקת קרטין|זקן|
    עיצוב זקן|חפיפה|מניקור|פדיקור|מניקור פדיקור|לק ג'ל|לק|בניית ציפורניים|ציפורניים|גבות|
    עיצוב גבות|סידור גבות|שפם|שעווה|הסרת שיער|לייזר|איפור|איפור כלה|טיפול פנים|טיפול|טיפולים|
    עיסוי|מסאז'|מסאז|רפלקסולוגיה|בדיקה|בדיקת שיניים|בדיקת עיניים|בדיקת ראייה|בדיקת דם|
    בדיקת שמיעה|ייעוץ|פגישת ייעוץ|טיפול שורש|סתימה|ניקוי שיניים|ניקוי אבנית|שיננית|עקירה|
    עקירת שן|הלבנה|הלבנת שיניים|יישור שיניים|פיזיותרפיה|דיקור|אימון|שיעור|שיעור ניסיון|טסט|חיסון|
    טיפול עשרת אלפים|החלפת צמיגים|החלפת שמן|תיקון|צילום|הארכת ריסים|ריסים|תוספות|ראסטות|קעקוע|
    פירסינג|וטרינר|רופא|רופא שיניים
    """.split("|")
    if name.strip()
)
_AT = frozenset(keys_of("אצל לאצל"))
_WITH = frozenset(keys_of("עם"))
_TITLES = frozenset(keys_of("ד״ר דר דוקטור פרופסור פרופ׳ הרב גברת מר"))
_APPOINTMENT = frozenset(keys_of("תור התור לקבוע להזמין לתאם"))
_NOT_SERVICE = PLAIN | frozenset(
    keys_of(
        """
        לי לו לה להם מחר היום ליום לשעה לשבוע לבת לבן לאמא לאבא לאישה לבעל לאשתי לבעלי לילד לילדה
        לזוג לשניים לשלושה לארבעה לכולם לכולנו לשנינו לכל אדם לעצמי לחבר לחברה זוג
        """
    )
)

_ANYONE: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """לא משנה אצל מי|לא משנה מי|לא משנה לי מי|לא משנה לי אצל מי|לא אכפת לי מי|
            לא אכפת לי אצל מי|אצל כל אחד|אצל כל אחת|אצל מי שפנוי|אצל מי שיש|מי שפנוי|מי שפנויה|
            מי שיש|אצל מישהו|עם מי שפנוי|עם מי שיש|לא משנה עם מי|אין לי העדפה|אין העדפה|
            כל אחד מהם|כל אחד מהצוות|כל מי שפנוי|אצל כל מי שפנוי""",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done and by whom."""

    service_ids: tuple[str, ...] = ()
    service_heard: str | None = None
    staff_id: str | None = None
    staff_heard: str | None = None
    any_staff: bool = False
    taken: frozenset[int] = frozenset()
    """Tokens that name a person and must not be read as a day or an hour."""


def read_wanted(
    tokens: Sequence[Token],
    skip: Collection[int],
    context: HearingContext,
    introduced: Collection[int] = (),
) -> Wanted:
    """Services and staff named in the utterance; at `introduced` the caller's own name begins."""
    anyone = _ANYONE.find(tokens, skip)
    services = _services(tokens, skip, context.services)
    staff_id, staff_heard, taken = _staff(tokens, skip, context, introduced)
    if anyone:
        staff_id, staff_heard = None, None
    heard = _service_words(tokens, skip, services)
    spoken = frozenset(n for f in anyone for n in range(f.start, f.end))
    named = frozenset(n for _, start, end in services for n in range(start, end))
    return Wanted(
        tuple(dict.fromkeys(s for s, _, _ in services)),
        heard,
        staff_id,
        staff_heard,
        bool(anyone),
        taken | spoken | named,
    )


def _strip(whole: str, first: str) -> bool:
    """`whole` is `first`, with or without prefix letters."""
    return whole == first or (whole.endswith(first) and whole[: -len(first)] in PREFIXES)


def _match(tokens: Sequence[Token], n: int, keys: tuple[str, ...]) -> bool:
    if not keys or n + len(keys) > len(tokens) or not _strip(tokens[n].whole, keys[0]):
        return False
    return all(tokens[n + k].whole == keys[k] for k in range(1, len(keys)))


def _forms(named: Named) -> list[tuple[str, ...]]:
    return [keys for form in (named.name, *named.aliases) if (keys := keys_of(form))]


def _services(
    tokens: Sequence[Token], skip: Collection[int], services: Sequence[Named]
) -> list[tuple[str, int, int]]:
    """The business's services by name or alias, the longest first at each place."""
    forms = [(keys, s.id) for s in services for keys in _forms(s)]
    forms.sort(key=lambda row: -len(row[0]))
    out: list[tuple[str, int, int]] = []
    n = 0
    while n < len(tokens):
        found = next(
            (
                (service_id, n, n + len(keys))
                for keys, service_id in forms
                if n not in skip and _match(tokens, n, keys)
            ),
            None,
        )
        if found is not None:
            out.append(found)
        n = found[2] if found is not None else n + 1
    return out


def _service_words(
    tokens: Sequence[Token], skip: Collection[int], services: list[tuple[str, int, int]]
) -> str | None:
    """The service in the caller's words."""
    if services:
        _, start, end = services[0]
        return _words(tokens, start, end, known=None)
    for n in range(len(tokens)):
        if n in skip:
            continue
        for keys in sorted(_COMMON, key=len, reverse=True):
            if _match(tokens, n, keys):
                return _words(tokens, n, n + len(keys), known=keys[0])
    return _unknown_service(tokens, skip)


def _words(tokens: Sequence[Token], start: int, end: int, known: str | None) -> str:
    raw = [t.raw for t in tokens[start:end]]
    if known is not None and tokens[start].key != known:
        raw[0] = raw[0][-len(known) :] if raw[0].endswith(known) else raw[0][1:]
    return " ".join(raw)


def _unknown_service(tokens: Sequence[Token], skip: Collection[int]) -> str | None:
    """ "An appointment for <something>" that no table has."""
    for n, token in enumerate(tokens[:-1]):
        after = tokens[n + 1]
        if token.whole not in _APPOINTMENT or n + 1 in skip or after.is_digits:
            continue
        word = after.whole
        noun = word.startswith("ל") and len(word) > 3 and look_up(word) is None
        if noun and not {word, word[1:]} & _NOT_SERVICE and after.raw[0] == "ל":
            return after.raw[1:]
    return None


def _staff(
    tokens: Sequence[Token],
    skip: Collection[int],
    context: HearingContext,
    introduced: Collection[int],
) -> tuple[str | None, str | None, frozenset[int]]:
    """Who is to do it: (id, words, tokens). The "with" before them stays for other readers."""
    forms = sorted(
        ((keys, s.id) for s in context.staff for keys in _forms(s)), key=lambda row: -len(row[0])
    )
    for n, token in enumerate(tokens):
        if n in skip or (token.whole not in _AT and token.whole not in _WITH):
            continue
        for keys, staff_id in forms:
            if _match(tokens, n + 1, keys):
                span = frozenset(range(n + 1, n + 1 + len(keys)))
                return staff_id, _raw(tokens, n + 1, n + 1 + len(keys)), span
        if token.whole in _AT:
            return _unknown_staff(tokens, n)
    if context.asked in (Asked.NAME, Asked.PHONE):
        return None, None, frozenset()
    for n in range(len(tokens)):
        for keys, staff_id in forms:
            temporal = len(keys) == 1 and look_up(keys[0]) is not None
            free = n not in skip and n not in introduced
            if free and not temporal and _match(tokens, n, keys):
                span = frozenset(range(n, n + len(keys)))
                return staff_id, _raw(tokens, n, n + len(keys)), span
    return None, None, frozenset()


def _raw(tokens: Sequence[Token], start: int, end: int) -> str:
    return " ".join(t.raw for t in tokens[start:end])


def _unknown_staff(
    tokens: Sequence[Token], n: int
) -> tuple[str | None, str | None, frozenset[int]]:
    """A person named after "at" whom the business did not list."""
    end = n + 2
    if end <= len(tokens) and tokens[n + 1].whole in _TITLES:
        end += 1
    if end > len(tokens) or tokens[end - 1].whole in PLAIN or tokens[end - 1].is_digits:
        return None, None, frozenset()
    if tokens[end - 1].whole in frozenset(keys_of("מי איזה כולם אותו אותה מישהו")):
        return None, None, frozenset()
    return None, _raw(tokens, n + 1, end), frozenset(range(n, end))
