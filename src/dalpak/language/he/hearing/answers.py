"""Yes, no, not sure, wait: what an utterance answers to a question.

A booking hangs on this: a clear "no" beats any number of kind words, and where yes and no
contradict each other there is no answer at all.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum, auto

from dalpak.language.base import Answer
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import Found, PhraseBook
from dalpak.language.he.hearing.vocabulary import PLAIN, is_hum


class Word(StrEnum):
    """What a phrase contributes; NEUTRAL ones only keep their words from being read otherwise."""

    YES = auto()
    KIND = auto()
    """A word of approval that is also a filler ("okay, so ...")."""
    NO = auto()
    UNSURE = auto()
    WAIT = auto()
    NEUTRAL = auto()


_BOOK: PhraseBook[Word] = PhraseBook(
    (
        (
            Word.YES,
            """
            כן|כן כן|אהה|אה הא|אהא|אהממ|בטח|בטח שכן|ברור|ברור שכן|בהחלט|בהחלט כן|בוודאי|ודאי|
            בודאי|כמובן|לגמרי|נכון|נכון מאוד|זה נכון|הכל נכון|בדיוק|בדיוק כך|בדיוק ככה|מאשר|
            מאשרת|מאשרים|אני מאשר|אני מאשרת|אישור|מאושר|אין בעיה|אין שום בעיה|אין בעיה בכלל|לא לא אין בעיה|לא בעיה|
            זה לא בעיה|זו לא בעיה|לא איכפת לי|לא אין בעיה|
            אין לי בעיה|אין לי בעיה עם זה|למה לא|ולמה לא|מתאים|מתאים לי|מתאימה|מתאימה לי|
            זה מתאים|זה מתאים לי|מסתדר|מסתדר לי|זה מסתדר|עובד לי|עובד בשבילי|זה עובד|נוח לי|
            זה נוח|זה נוח לי|טוב לי|זה טוב|זה טוב לי|סבבה לי|זה בסדר|זה בסדר גמור|בסדר מבחינתי|
            מבחינתי בסדר|מבחינתי כן|סגרנו|סגרת|בוא נסגור|בואי נסגור|נסגור על זה|נסגור|לך על זה|
            לכי על זה|הולך על זה|הולכת על זה|יאללה סגור|בשמחה|בכיף|ברצון|מסכים|מסכימה|אני מסכים|
            אני מסכימה|חיובי|נראה לי שכן|אני חושב שכן|אני חושבת שכן|חושב שכן|חושבת שכן|זורם|
            זורמת|אני זורם|אני זורמת|דיל|פיקס|מאה אחוז|מאה אחוזים|אלף אחוז|100 אחוז|100%|
            חד משמעית|חד משמעי|על בטוח|יס|yes|yeah|yep|sure|ok|okay|לא רואה סיבה שלא|לא רואה בעיה|אין סיבה שלא|
            כן נכון|לא מפריע לי|לא אכפת לי|אני בעד|מאמץ|אוקיי כן|כן בטח|נהדר תקבע|אין מניעה|
            אין שום מניעה|למה שלא|איך לא|מה השאלה|בטח למה לא|בסדר שיהיה|אחלה בחלה|אני בפנים|בפנים|
            סגור עניין|מיליון אחוז|אין בעיות|בוודאות|מדויק|מקובל|מקובל עליי|זה מקובל|זה מקובל עליי|
            הולך עליי|יאפ|אין לי התנגדות|אין התנגדות|לא רע בכלל|ועוד איך|תאשר|תאשרי|תאשרו|אשר|אשרי|
            בוא נעשה את זה|בואי נעשה את זה|נלך על זה|בוא נלך על זה|בואי נלך על זה|אני אגיע|אני אהיה|
            נשמע הגיוני|הגיוני|כמובן שכן|הפרטים נכונים|כל הפרטים נכונים|הכל בסדר|הכל מדויק|נכון הכל|אכן|
            אכן כן|אכן נכון|אמן|הסכמתי|אהיה שם|נהיה שם|החלטי|לא יכול להיות יותר טוב|אין יותר טוב מזה
            """,
        ),
        (
            Word.KIND,
            """
            אוקיי|אוקי|או קיי|או קי|אוקי דוקי|אוקיידוקי|בסדר|בסדר גמור|סבבה|סבבה לגמרי|סבבה גמור|אחלה|
            אחלה של|מעולה|מצוין|מצויין|מושלם|נהדר|יופי|יופי של|טוב|טוב מאוד|יפה|יפה מאוד|
            נשמע טוב|נשמע לי טוב|נשמע מצוין|נשמע מעולה|נשמע אחלה|נשמע סבבה|נשמע בסדר|נשמע לי|
            נשמע|הכל טוב|אפשר|לא רע|מהמם|פצצה|פגז|אש|על הכיפאק|הכיפאק|מדהים|נפלא|וואלה כן|קיי|תותח|
            תותחית|אלוף|אלופה|קול|מגניב|סבבי|סבאבה|סבבה אחי|יאללה טוב|ממתק|תענוג|פרפקט|תקבע|
            תקבעי|תקבעו|קבע|קבעי|תרשום|תרשמי|תרשמו|תסגור|תסגרי|סגור|תזמין לי|תזמיני לי|אשמח|
            אשמח מאוד|הולך|אפשרי|יכול|יכולה|אני יכול|אני יכולה|אני רוצה|רוצה|אני לוקח|אני לוקחת|
            לוקח|לוקחת|ניקח|אקח|אני אקח|תשריין|תשרייני|תשמור לי|תשמרי לי|שיהיה|יאללה|קדימה|קבענו|
            בול|גדול|אין עליך|חמוד|חבל על הזמן|מושלמי|יופי טופי|רשום אותי|תרשום אותי|תרשמי אותי|
            שריין לי|שרייני לי|סחטיין|סחתיין|מצידי|מצדי|נקבע|בוא נקבע|בואי נקבע|נקבע ככה|סע על זה|
            סעי על זה|סע|סעי|זה הכי טוב|שמרי לי|שמור לי
            """,
        ),
        (
            Word.NO,
            """
            לא|לא לא|ממש לא|בכלל לא|לא תודה|לא מתאים|לא מתאימה|לא רוצה|שלילי|בשום אופן|
            בשום אופן לא|בשום פנים|אי אפשר|זה לא|אין מצב|אין סיכוי|אין לי אפשרות|אין לי זמן|עזוב|
            עזבי|תעזוב|תעזבי|עזוב אותי|עזבו|תשכח מזה|תשכחי מזה|מוותר|מוותרת|אני מוותר|אני מוותרת|
            אוותר|מה פתאום|חס וחלילה|חלילה|נראה לי שלא|אני חושב שלא|אני חושבת שלא|חושב שלא|
            חושבת שלא|מעדיף שלא|מעדיפה שלא|עדיף שלא|פחות|פחות מתאים|פחות מתאים לי|פחות נוח|
            פחות טוב|פחות מסתדר|בעייתי|זה בעייתי|בעיה|זה בעיה|יש לי בעיה|קשה לי|חבל|חבל לא|
            טעית|את טועה|אתה טועה|עוד לא|בלי לקבוע|שכח מזה|שכחי מזה|תשכח|תשכחי|ויתרתי|ודאי שלא|לא יסתדר|
            זה לא יסתדר|כנראה לא יסתדר|חס ושלום|נגטיב|סטופ|תעצור|תעצרי|כבר לא צריך|כבר לא צריכה|לצערי|
            לצערי לא|אל תקבע|אל תקבעי|אל|טעות|זו טעות|זאת טעות|no|nope|תבטל|תבטלי|לא ולא|לא בסדר|
            לא טוב|לא נכון|לא בדיוק|לא כל כך|לא ממש|לא נראה לי|לא אוקיי|לא סבבה|ברור שלא|בטח שלא|
            כמובן שלא|בוודאי שלא|מסרב|מסרבת|דיי|מספיק|לא היום|לא מעוניין|לא מעוניינת|לא צריך|
            לא צריכה|אני עובד|אני עובדת|אני בעבודה|אני עסוק|אני עסוקה|עסוק|עסוקה|מאוחר מדי|
            מוקדם מדי|מאוחר לי|מוקדם לי|רחוק מדי|רחוק לי|יקר מדי|יקר לי|כנראה שלא|לא נראה|
            לא אפשרי|לא בא בחשבון|אני עובד אז|אני עובדת אז|אני עסוק אז|אני עסוקה אז|לא משהו|
            אף אחד|אף אחד מהם|אף אחת|אף אחת מהן|שניהם לא|שתיהן לא|לא זה ולא זה|לא שניהם
            """,
        ),
        (
            Word.UNSURE,
            """
            כנראה|כנראה שכן|אצטרך|אצטרך לשאול|לא יודע|לא יודעת|אני לא יודע|אני לא יודעת|
            לא יודע מה להגיד|לא בטוח|לא בטוחה|לא בטוח בזה|לא סגור|לא סגורה|לא סגור על זה|
            אין לי מושג|אין מושג|לא החלטתי|עוד לא החלטתי|עדיין לא החלטתי|מתלבט|מתלבטת|אני מתלבט|
            אני מתלבטת|תלוי|זה תלוי|אולי|אולי כן|אולי לא|אולי כן אולי לא|יכול להיות|
            יכול להיות שכן|יכול להיות שלא|ייתכן|יתכן|נראה|נראה כבר|צריך לחשוב|צריכה לחשוב|
            תן לי לחשוב|תני לי לחשוב|תן לחשוב|חייב לחשוב|חייבת לחשוב|חייב לבדוק|
            חייבת לבדוק|
            אני צריך לחשוב|אני צריכה לחשוב|צריך לחשוב על זה|צריכה לחשוב על זה|אחשוב על זה|
            אני אחשוב|אני אחשוב על זה|לחשוב על זה|צריך לבדוק|צריכה לבדוק|אני צריך לבדוק|
            אני צריכה לבדוק|אצטרך לבדוק|אני אבדוק|צריך להתייעץ|צריכה להתייעץ|צריך לשאול|
            צריכה לשאול|להתייעץ|לא זוכר|לא זוכרת|לא כל כך יודע|לא כל כך בטוח|לא ממש יודע|
            לא ממש יודעת|לא ממש בטוח|לא ממש בטוחה|חמישים חמישים|קשה לי להגיד|קשה להגיד|מי יודע|
            אלוהים יודע|שאלה טובה|לא כל כך יודעת|לא כל כך בטוחה|עוד לא יודע|עוד לא יודעת|
            עדיין לא יודע|עדיין לא יודעת|אין לי שמץ|מסופק|מסופקת|בערך
            """,
        ),
        (
            Word.WAIT,
            """
            רגע|רגע אחד|רגע רגע|רק רגע|עוד רגע|שנייה|שניה|שנייה אחת|רק שנייה|עוד שנייה|
            עוד שנייה אחת|שנייה שנייה|דקה|דקה אחת|רק דקה|עוד דקה|חכה|חכי|חכו|תחכה|תחכי|תחכו|
            חכה רגע|חכי רגע|חכה שנייה|חכי שנייה|תמתין|תמתיני|תמתינו|המתן|המתיני|רגע בבקשה|
            תן לי רגע|תני לי רגע|תן לי שנייה|תני לי שנייה|תן לי דקה|תני לי דקה|תן לי שתי דקות|
            תני לי שתי דקות|תן לבדוק|אני בודק|אני בודקת|בודק|בודקת|בודק ביומן|בודקת ביומן|
            אני מסתכל|אני מסתכלת|אני פותח יומן|אני פותחת יומן|אל תנתק|אל תנתקי|אל תנתקו|
            תן לי לבדוק|תני לי לבדוק|תן לי רגע לבדוק|תני לי רגע לבדוק|תן לי שנייה לבדוק|
            תני לי שנייה לבדוק|שנייה אני בודק|שנייה אני בודקת|רגע אני בודק|רגע אני בודקת|
            תהיה איתי רגע|תהיי איתי רגע|חצי דקה|שתי דקות|תישאר על הקו|תישארי על הקו|רגע קטן|
            סבלנות|דקונת|שניונת|רק אבדוק|רק אבדוק ביומן|רק לבדוק|רק לבדוק ביומן
            """,
        ),
        (
            Word.NEUTRAL,
            """
            לא משנה|לא משנה לי|לא חשוב|לא משנה מתי|לא משנה אצל מי|לא רק|אם לא|או לא|כן או לא|
            לא פחות|לא יותר|מה לא|שלא|כבר לא|לא לפני|לא אחרי|לא מאוחר|לא מוקדם|לא יאוחר|יום טוב|
            לילה טוב|שבוע טוב|המשך יום טוב|פחות או יותר|לא נורא|לא הבנתי|לא שמעתי|לא הבנו|לא תפסתי|לא קלטתי|
            הכל טוב|מה טוב|הכי טוב|יותר טוב|אין לי|כמה שיותר טוב|בוקר טוב|ערב טוב|לא שומעים|
            לא שומע|לא שומעת|לא ברור|לא מובן
            """,
        ),
    )
)

_YES = "כן"
_AROUND_A_NAME = frozenset(keys_of("לא רגע סליחה טעות"))
"""Answers of one word that also lead from a wrong name to the right one."""

_ABLE = frozenset(
    keys_of("יכול יכולה יכולים מתאים מתאימה טוב נוח מסתדר אפשרי אוכל נוכל פנוי פנויה")
)
_FIRM = frozenset(keys_of("כן בטח בהחלט בוודאי ודאי ברור לגמרי מאשר מאשרת למה"))
_DENIABLE = frozenset(
    keys_of(
        """נכון מתאים מתאימה טוב נוח מסתדר רוצה יכול יכולה אפשר אפשרי מסכים מסכימה מעוניין מעוניינת
        עובד הולך"""
    )
)
"""Words that only a "no" before them parts from a refusal."""
_SAYS_YES = frozenset(
    keys_of(
        """כן אהה בטח בהחלט בוודאי ודאי ברור לגמרי מאשר מאשרת מאושר מאה אלף אוקיי אוקי סבבה מעולה מצוין
        מצויין מושלם נהדר אחלה יופי יאללה קדימה סגור סגרנו בכיף בשמחה אשמח תקבע תקבעי תרשום תרשמי
        קבע קבעי בסדר גמור מאוד בדיוק בול למה yes ok okay"""
    )
)
"""Words beside which no "no" was lost: nobody refuses with them."""
_STRANGE_MIN = 2
"""So many words without a meaning make a soft yes doubtful: a "no" may be among them, misheard."""

_ASKS = frozenset(keys_of("כמה מתי איפה איך מי איזה איזו האם"))
_CONTRADICTS = frozenset({"בעצם", "סליחה", "טעיתי", "רגע", "התכוונתי", "דווקא"})


def read_answer(
    tokens: Sequence[Token],
    skip: Collection[int],
    spent_no: Collection[int] = (),
    *,
    says_more: bool,
    asked: bool,
) -> tuple[Answer | None, bool]:
    """The answer, and True where yes and no contradict each other.

    `skip`: tokens that belong to something else. `spent_no`: each "no" that refuses a value ("not
    Tuesday") and so is no answer, unless it also says that something does not suit. `says_more`:
    the utterance also names times or a wish, beside which a kind word is only a filler. `asked`: a
    yes/no question is open.
    """
    found = [
        f
        for f in _not_denied(tokens, _BOOK.find(tokens, skip))
        if not (f.end == f.start + 1 and f.start in spent_no and not _unable(tokens, f.end))
    ]
    strange = _strange(tokens, skip, found)
    if strange or _asks(tokens, skip, found):
        soft = any(f.label in (Word.YES, Word.KIND) for f in found)
        found = [f for f in found if f.label not in (Word.YES, Word.KIND) or _firm(tokens, f)]
        if asked and soft and not found and not says_more and strange >= _STRANGE_MIN:
            return Answer.UNSURE, True
    words = [f.label for f in found]
    if says_more:
        words = [w for w in words if w not in (Word.UNSURE, Word.WAIT)]
        if not asked:
            words = [w for w in words if w is not Word.KIND]
    if not words:
        return None, False
    if Word.UNSURE in words:
        return (Answer.DENY if words[0] is Word.NO else Answer.UNSURE), False
    if Word.NO in words:
        return _no_or_contradiction(tokens, [f for f in found if f.label in (Word.YES, Word.NO)])
    if words[-1] is Word.WAIT or (Word.WAIT in words and Word.YES not in words):
        return Answer.WAIT, False
    return Answer.AFFIRM, False


def hangs_on_no(tokens: Sequence[Token]) -> bool:
    """True for a yes that would be a no if one short word of it was lost on the line."""
    words = {t.whole.removeprefix("ו") for t in tokens}
    return bool(words & _DENIABLE) and not words & _SAYS_YES


def answer_words(tokens: Sequence[Token], skip: Collection[int]) -> frozenset[int]:
    """Tokens that answer, hesitate or refuse and so are no name; single kind words may be one."""
    found = (
        f
        for f in _BOOK.find(tokens, skip)
        if f.end > f.start + 1
        or (
            f.label in (Word.NO, Word.UNSURE, Word.WAIT)
            and tokens[f.start].whole not in _AROUND_A_NAME
        )
    )
    return frozenset(n for f in found for n in range(f.start, f.end))


def _firm(tokens: Sequence[Token], found: Found[Word]) -> bool:
    """A word that is a yes in any company."""
    return tokens[found.start].whole.removeprefix("ו") in _FIRM


def _rest(tokens: Sequence[Token], skip: Collection[int], found: list[Found[Word]]) -> list[str]:
    """The words that are part of no answer."""
    covered = {n for f in found for n in range(f.start, f.end)} | set(skip)
    return [t.whole for n, t in enumerate(tokens) if n not in covered]


def _asks(tokens: Sequence[Token], skip: Collection[int], found: list[Found[Word]]) -> bool:
    """A word of question beside approval: it is not meant as a yes."""
    return any(w in _ASKS for w in _rest(tokens, skip, found))


def _strange(tokens: Sequence[Token], skip: Collection[int], found: list[Found[Word]]) -> int:
    """How many of the other words are not everyday ones: beside them approval may be a filler."""
    return sum(not (w in PLAIN or is_hum(w)) for w in _rest(tokens, skip, found))


def _unable(tokens: Sequence[Token], n: int) -> bool:
    return n < len(tokens) and tokens[n].whole in _ABLE


def _not_denied(tokens: Sequence[Token], found: list[Found[Word]]) -> list[Found[Word]]:
    """Without the neutral phrases, and without the good words that a "no" before them denies."""
    out: list[Found[Word]] = []
    for f in found:
        adjoining = bool(out) and out[-1].label is Word.NO and out[-1].end == f.start
        denied = adjoining and not tokens[f.start].boundary and tokens[f.start].whole != _YES
        if f.label is not Word.NEUTRAL and not (denied and f.label in (Word.YES, Word.KIND)):
            out.append(f)
    return out


def _no_or_contradiction(
    tokens: Sequence[Token], found: list[Found[Word]]
) -> tuple[Answer | None, bool]:
    """A "no" stands unless a correction turns it into a yes; "no ... yes" alone is no answer."""
    last_no = max(f.end for f in found if f.label is Word.NO)
    yes_after = [f for f in found if f.label is Word.YES and f.start >= last_no]
    if not yes_after:
        return Answer.DENY, False
    between = tokens[last_no : yes_after[0].start]
    if any(t.whole in _CONTRADICTS for t in between):
        return Answer.AFFIRM, False
    return None, True
