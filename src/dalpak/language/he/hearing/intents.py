"""Why the caller speaks: intents from the company that words keep.

Words fall into classes; an intent is a set of classes that must meet in one utterance. The order of
RULES is the priority. Fixed phrases come first. A wish that is denied ("I do not want to cancel") is
none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dalpak.language.base import Intent
from dalpak.language.he.hearing.normalise import Token, fold, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook


def _set(words: str) -> frozenset[str]:
    return frozenset(keys_of(words))


CANCEL = _set(
    """לבטל לבטול בטל בטלי בטלו תבטל תבטלי תבטלו מבטל מבטלת מבטלים ביטול לביטול הביטול אבטל נבטל
    שתבטל שתבטלי שתבטלו ולבטל תמחק תמחקי תמחקו למחוק"""
)
POSTPONE = _set("לדחות דחה דחי תדחה תדחי תדחו דחייה לדחייה אדחה נדחה שתדחו שתדחה")
ADVANCE = _set("להקדים תקדים תקדימי תקדימו הקדמה להקדמה אקדים נקדים שתקדימו הקדימו")
MOVE = (
    _set(
        """להעביר תעביר תעבירי תעבירו העברה להעברה להזיז תזיז תזיזי תזיזו הזזה להזזה לשנות תשנה תשני
        תשנו שינוי לשינוי להחליף תחליף תחליפי תחליפו החלפה אעביר אזיז נזיז לעדכן שתזיזו שתעבירו"""
    )
    | POSTPONE
    | ADVANCE
)
APPOINTMENT = _set(
    """תור התור לתור בתור מהתור תורים התורים שהתור פגישה הפגישה לפגישה הזמנה ההזמנה ביקור תורי
    התורת מועד ותור ולתור תורות"""
)
BOOK = _set(
    """לקבוע תקבע תקבעי תקבעו קבע קבעי נקבע אקבע להזמין תזמין תזמיני לשריין תשריין תשרייני לרשום
    תרשום תרשמי לתאם תתאם תתאמי לקביעת קביעת ולקבוע שאקבע שנקבע שתקבעו תקבעו לתיאום תיאום לסגור
    להיכנס להסתפר להכניס תכניסו תכניס תכניסי"""
)
WISH = _set(
    """רוצה רוצים צריך צריכה צריכים מבקש מבקשת אשמח אפשר רציתי מחפש מחפשת מעוניין מעוניינת בא
    הייתי ניתן אבקש תן תני תנו בבקשה יכול יכולה תוכל תוכלי תוכלו"""
)
WHEN = _set("מתי לאיזו איזו איזה לאיזה באיזו באיזה מה מתיי למתי ממתי")
HAVE = _set("יש האם נשאר נשארו נותר נותרו יהיה קיים היש ישנו")
FREE = _set(
    """פנוי פנויה פנויים פנויות מקום מקומות זמינות זמין זמינים זמינה משהו תור תורים אפשרויות חור
    חלון שעות לקבל לבוא להגיע אפשר התפנה פניות"""
)
ITS = _set("שלי שלנו שקבעתי קבעתי קבענו שקבענו רשום רשומה רשומים נקבע שנקבע אצלי שיש")
OPENING = _set(
    """פתוחים פתוח פתוחה פותחים פותח סוגרים סוגר סגורים סגור סגורה עובדים פעילות הפתיחה פתיחה
    הפעילות העבודה פועלים סגירה הסגירה נפתחים נסגרים"""
)
HOURS = _set("שעות השעות בשעות לשעות ושעות והשעות")
YOURS = _set("שלכם שלכן אצלכם אצלכן העסק המקום החנות המספרה המרפאה הסלון הקליניקה המכון")
VACANT = _set("פנוי פנויה פנויים פנויות הפנויות זמינות הזמינות נשאר נשארו התפנה")
PLACE = _set(
    """אתם את אתה אצלכם המקום החנות העסק המספרה המרפאה הסלון הקליניקה ביום בשבת בשישי מחר היום האם עד
    שם בחג בערב שישי שבת יום"""
)
PRICE = _set(
    """מחיר המחיר במחיר מחירים המחירים במחירים עולה עולים עלות העלות תעלה יעלה
    מחירון המחירון תעריף התעריף התשלום גובים"""
)
HOW_MUCH = _set("כמה בכמה")
TAKE = _set("לוקחים לוקחת כסף שקל שקלים לשלם משלמים")
ADDRESS = _set("כתובת הכתובת מיקום המיקום מגיעים חניה חנייה לחנות מיקומכם")
HOW = _set("איך")
WHERE = _set("איפה לאן היכן ואיפה ולאן")
THERE = _set(
    """מגיעים להגיע מגיע מגיעה אגיע לבוא בא באה המקום החנות העסק המספרה המרפאה הסלון הקליניקה המכון
    הסניף נמצא נמצאת נמצאים"""
)
ARRIVE = _set("מגיעים להגיע מגיע מגיעה אגיע נוסעים ויז waze")
OTHER = _set("""אחר אחרת אחרים אחרות נוסף נוספת נוספים נוספות חלופי חלופית חלופה שונה אלטרנטיבה""")
OTHER_OF = _set(
    """שעה יום משהו זמן תור מועד אפשרות אפשרויות שעות ימים בשעה ביום תאריך תורים ליום לשעה זמנים
    מועדים בזמן במועד בתאריך אופציה אופציות הצעה הצעות תורות חלון שבוע בשבוע השעה היום"""
)
ADDITIONAL = _set("נוסף נוספת נוספים")
NEW = _set("חדש חדשה אחר במקום מחדש")

WISHING = (
    CANCEL | MOVE | APPOINTMENT | BOOK | WISH | FREE | OPENING | PRICE | ADDRESS | ARRIVE | OTHER
)
"""Words that say what is wanted wherever they stand."""

_PHRASES: PhraseBook[Intent] = PhraseBook(
    (
        (
            Intent.WRONG_NUMBER,
            """טעות במספר|טעיתי במספר|מספר שגוי|מספר לא נכון|המספר הלא נכון|למספר הלא נכון|
            התקשרתי בטעות|חייגתי בטעות|לא התקשרתי אליכם|הגעתי בטעות|הגעתי למקום הלא נכון|
            לא לשם התקשרתי|לא אליכם התקשרתי|סליחה טעות|סליחה זו טעות|סליחה זאת טעות|טעות סליחה|
            התבלבלתי במספר|חשבתי שזה|לא לפה התקשרתי|לא רציתי להתקשר אליכם|מספר לא נכון""",
        ),
        (
            Intent.HUMAN,
            """נציג|נציגה|לנציג|לנציגה|נציג אנושי|נציג שירות|בן אדם|לבן אדם|עם בן אדם|בנאדם|לבנאדם|
            בן אנוש|אדם אמיתי|מישהו אמיתי|מישהי אמיתית|אנושי|אנושית|מענה אנושי|מזכירה|למזכירה|
            המזכירה|פקיד|פקידה|לפקידה|הפקידה|בעל העסק|לבעל העסק|בעלת העסק|בעל הבית|לבעל הבית|
            רובוט|עם רובוט|עם מכונה|למכונה|המנהל|למנהל|מנהל|המנהלת|
            למנהלת|מנהלת|לדבר עם מישהו|לדבר עם מישהי|לדבר עם|שיחה עם|
            תעביר אותי|תעבירי אותי|תעבירו אותי|להעביר אותי|אפשר לדבר עם|תן לי לדבר עם|
            תני לי לדבר עם|אני לא רוצה רובוט|אתה רובוט|את רובוט|לא רוצה לדבר עם רובוט|
            לא רוצה לדבר עם מכונה|עם מישהו שם|מוקדן|מוקדנית|למוקד|בעלים|הבעלים|לבעלים|האחראי|
            האחראית|לאחראי|קבלה אנושית|תביא לי מישהו|תביאי לי מישהו|תן לי מישהו|תני לי מישהו""",
        ),
        (
            Intent.CALLBACK,
            """תחזרו אליי|תחזרו אלי|תחזור אליי|תחזור אלי|תחזרי אליי|תחזרי אלי|שתחזרו אליי|
            שתחזרו אלי|שיחזרו אליי|שיחזרו אלי|יחזרו אליי|יחזרו אלי|שיחזור אליי|שיחזור אלי|
            שמישהו יחזור|שמישהי תחזור|יחזור אליי|יחזור אלי|תתקשרו אליי|תתקשרו אלי|תתקשר אליי|
            תתקשרי אליי|תתקשרי אלי|תתקשר אלי|שיתקשרו אליי|שיתקשרו אלי|שתתקשרו אליי|לחזור אליי|
            לחזור אלי|להתקשר אליי|להתקשר אלי|חזרו אליי|חזרו אלי|להשאיר הודעה|להשאיר לו הודעה|
            להשאיר לה הודעה|תשאיר לו הודעה|תמסור לו|תמסרי לו|תמסור לה|תמסרי לה|תגיד לו שיתקשר|
            תגידי לו שיתקשר|שיתקשר אליי|שיתקשר אלי|שתתקשר אליי|שתתקשר אלי|שיצלצלו אליי|חזרה אליי""",
        ),
        (
            Intent.WAITLIST,
            """רשימת המתנה|רשימת ההמתנה|לרשימת המתנה|לרשימת ההמתנה|ברשימת המתנה|ברשימת ההמתנה|
            רשימה המתנה|אם מתפנה|אם יתפנה|אם מתפנים|אם יתפנו|אם מתבטל|אם יתבטל|אם מישהו מבטל|
            אם מישהו יבטל|אם יהיה ביטול|אם יש ביטול|אם יהיו ביטולים|אם יש ביטולים|כשיתפנה|
            כשמתפנה|ברגע שמתפנה|ברגע שיתפנה|במקרה של ביטול|תודיעו לי אם|תודיע לי אם|תודיעי לי אם|
            תעדכנו אותי אם|תעדכן אותי אם|להיכנס להמתנה|בהמתנה לתור|שיתפנה|שמתפנה""",
        ),
        (
            Intent.REPEAT,
            """מה אמרת|מה אמרתם|לא שמעתי|לא שמעתי אותך|לא שמעתי טוב|לא הבנתי|לא הבנתי אותך|לא תפסתי|
            לא קלטתי|אפשר לחזור|לחזור על זה|לחזור על|תחזור|תחזרי|תחזרו|תחזור על זה|תחזרי על זה|
            תחזור שוב|עוד פעם|עוד פעם אחת|שוב פעם|תגיד שוב|תגידי שוב|תגיד עוד פעם|תגידי עוד פעם|
            שוב בבקשה|מה היו האפשרויות|מה האפשרויות שוב|מה היה|סליחה מה|סליחה מה אמרת|מה זאת אומרת|
            לא שומע|לא שומעת|לא שומעים|לא שומע אותך|לא שומעת אותך|אפשר שוב|חזור|חזרי|חזור על זה|
            מה מה|הא מה|לאט יותר|יותר לאט|תדבר לאט|תדברי לאט|אפשר לאט|קצת יותר לאט|תקריא שוב|
            תקריאי שוב|לא ברור לי|לא הבנתי מה אמרת|איך אמרת|מה זה היה|תגיד לי שוב|תגידי לי שוב""",
        ),
        (
            Intent.CANCEL,
            """לא אוכל להגיע|לא נוכל להגיע|לא אגיע|לא נגיע|לא אוכל לבוא|לא נוכל לבוא|לא אבוא|לא נבוא|
            לא יכול להגיע|לא יכולה להגיע|לא יכולים להגיע|לא יכול לבוא|לא יכולה לבוא|לא מגיע לתור|
            לא מגיעה לתור|לוותר על התור|מוותר על התור|מוותרת על התור|תוריד אותי מהתור|
            תורידי אותי|תוריד אותי|לא צריך את התור|לא צריכה את התור|כבר לא צריך את התור|
            כבר לא צריכה את התור|לא רוצה את התור|לא רלוונטי התור|התור לא רלוונטי""",
        ),
        (
            Intent.QUERY_PRICE,
            """כמה זה|מה העלות|כמה אתם לוקחים|כמה לוקחים|כמה לוקח לכם|יקר|כמה יצא לי|כמה יצא|
            כמה כסף|בכמה זה|כמה עולה|כמה יעלה""",
        ),
        (
            Intent.QUERY_ADDRESS,
            """איפה אתם|איפה אתם נמצאים|איפה זה|איפה ממוקמים|איך מגיעים|איך להגיע|איך אני מגיע|
            איך אני מגיעה|באיזה רחוב|באיזו עיר|באיזה עיר|באיזה מקום אתם|באיזו שכונה|יש חניה|
            יש חנייה|יש לכם חניה|יש לכם חנייה|מה המיקום|תשלחו לי מיקום|תשלח לי מיקום""",
        ),
        (
            Intent.QUERY_HOURS,
            """שעות הפתיחה|שעות פתיחה|שעות הפעילות|שעות פעילות|שעות העבודה|שעות עבודה|עד מתי אתם|
            ממתי אתם|מתי אתם פותחים|מתי אתם סוגרים|מתי פותחים|מתי סוגרים|עד איזו שעה אתם|
            עד איזה שעה אתם|מאיזו שעה אתם|מאיזה שעה אתם|באיזה ימים אתם|באילו ימים אתם|
            באילו שעות אתם|באיזה שעות אתם|אתם עובדים|אתם פתוחים|אתם סגורים|פתוח אצלכם""",
        ),
        (
            Intent.QUERY_APPOINTMENT,
            """
            מתי התור שלי|מתי התור שלנו|מתי התור|מתי יש לי תור|מתי יש לי את התור|יש לי תור|
            יש לנו תור|האם יש לי תור|מתי קבעתי|מתי קבענו|לאיזה יום קבעתי|איזה יום קבעתי|
            באיזה יום קבעתי|על איזה יום|לאיזו שעה קבענו|לאיזו שעה קבעתי|לאיזה שעה קבעתי|
            באיזו שעה התור|באיזה שעה התור|באיזה יום התור|מה השעה של התור|מה התאריך של התור|
            לברר מתי|לבדוק מתי התור|לבדוק את התור|לברר לגבי התור|מה לגבי התור שלי|על מתי נקבע|
            למתי קבעתי|למתי נקבע|למתי התור|על איזו שעה|מתי אני צריך להגיע|מתי אני צריכה להגיע|
            מתי אני אמור להגיע|מתי אני אמורה להגיע|אני רשום|אני רשומה|מתי רשום לי|מתי הפגישה שלי|
            מתי הפגישה|שכחתי מתי
            """,
        ),
        (
            Intent.QUERY_AVAILABILITY,
            """
            מה יש לכם|מה יש לך|מה יש|מה פנוי|מה פנוי לכם|מתי פנוי|מתי יש|מתי אפשר|מתי אתם יכולים|
            איזה שעות|אילו שעות|איזה שעות יש|איזה תורים|אילו תורים|איזה ימים|אילו ימים|
            יש משהו פנוי|יש לכם משהו|יש לך משהו|יש לכם תור|יש לכם תורים|יש תורים|יש תור|
            יש לכם מקום|יש מקום|יש לך מקום|יש לך תור|יש לכם פנוי|יש פנוי|מתי התור הכי קרוב|
            מתי התור הקרוב|מה התור הכי קרוב|מה התור הקרוב|מה התור הפנוי|מתי התור הפנוי|
            מתי הכי קרוב|מה הכי קרוב|מה הכי מוקדם|מתי הכי מוקדם|מה יש פנוי|מתי יש לכם|יש זמן|
            יש לכם זמן|אתם פנויים|את פנויה|אתה פנוי|נשארו תורים|נשאר תור|נשאר מקום|יש אפשרות
            """,
        ),
        (
            Intent.REQUEST_OTHER_TIME,
            """מה עוד יש|מה יש עוד|יש עוד|עוד אפשרויות|עוד אופציות|עוד שעות|עוד אפשרות|משהו אחר|
            יותר מאוחר|יותר מוקדם|מאוחר יותר|מוקדם יותר|
            אפשרויות נוספות|אפשרויות אחרות|שעה אחרת|יום אחר|זמן אחר|מועד אחר|
            תור אחר|תאריך אחר|ביום אחר|בשעה אחרת|בזמן אחר|אופציה אחרת|אפשרות אחרת|
            אחרי זה|לפני זה|יותר לקראת|שבוע אחר|משהו יותר|משהו קרוב יותר|אין עוד|
            ימים אחרים|שעות אחרות|תורים אחרים|אין משהו אחר|הצעות אחרות|הצעה אחרת""",
        ),
        (
            Intent.GOODBYE,
            """ביי|ביי ביי|בביי|להתראות|להתראות לכם|שלום ותודה|תודה ושלום|תודה ביי|תודה רבה ביי|
            תודה להתראות|תודה רבה להתראות|יום טוב|שיהיה יום טוב|המשך יום טוב|המשך יום נעים|
            המשך ערב טוב|יום נעים|ערב נעים|לילה טוב|שבת שלום|זהו תודה|זה הכל|זה הכל תודה|
            זהו זה|זהו|תודה זה הכל|תודה רבה זה הכל|נדבר|נתראה|תודה לכם|תודה על העזרה|
            תודה רבה על העזרה|תודה רבה לך|תודה רבה|סיימנו|סיימתי|bye|ביוש|יאללה ביי|שבוע טוב|חג שמח""",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Rule:
    """An intent where every class of `needs` has a word; `unless` forbids."""

    intent: Intent
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str] = frozenset()


RULES = (
    Rule(Intent.RESCHEDULE, (CANCEL, BOOK, NEW)),
    Rule(Intent.CANCEL, (CANCEL,)),
    Rule(Intent.RESCHEDULE, (MOVE,)),
    Rule(Intent.QUERY_PRICE, (PRICE,)),
    Rule(Intent.QUERY_PRICE, (HOW_MUCH, TAKE)),
    Rule(Intent.QUERY_ADDRESS, (ADDRESS,)),
    Rule(Intent.QUERY_ADDRESS, (HOW, ARRIVE)),
    Rule(Intent.QUERY_ADDRESS, (WHERE, THERE)),
    Rule(Intent.REQUEST_OTHER_TIME, (OTHER, OTHER_OF)),
    Rule(Intent.QUERY_APPOINTMENT, (WHEN, APPOINTMENT, ITS), unless=WISH),
    Rule(Intent.QUERY_HOURS, (OPENING, WHEN)),
    Rule(Intent.QUERY_AVAILABILITY, (HOURS, VACANT), unless=BOOK | WISH),
    Rule(Intent.QUERY_HOURS, (HOURS, YOURS), unless=VACANT | BOOK | WISH | HAVE),
    Rule(Intent.BOOK, (BOOK, APPOINTMENT)),
    Rule(Intent.BOOK, (BOOK, WISH)),
    Rule(Intent.QUERY_AVAILABILITY, (WHEN, FREE), unless=BOOK | WISH),
    Rule(Intent.QUERY_AVAILABILITY, (HAVE, FREE), unless=BOOK),
    Rule(Intent.BOOK, (BOOK,)),
    Rule(Intent.BOOK, (WISH, APPOINTMENT)),
    Rule(Intent.QUERY_HOURS, (OPENING, PLACE)),
    Rule(Intent.BOOK, (APPOINTMENT,)),
)

_FIRST = (
    Intent.WRONG_NUMBER,
    Intent.HUMAN,
    Intent.WAITLIST,
    Intent.CALLBACK,
    Intent.REPEAT,
    Intent.CANCEL,
)
"""Phrases that beat every rule."""

_BEFORE_RULES = (Intent.QUERY_PRICE, Intent.QUERY_ADDRESS, Intent.QUERY_HOURS)
_AFTER_CHANGES = (
    Intent.QUERY_APPOINTMENT,
    Intent.REQUEST_OTHER_TIME,
    Intent.QUERY_AVAILABILITY,
)
_CHANGES = (Intent.CANCEL, Intent.RESCHEDULE)
_NO = "לא"
_AFTER, _NOON = _set("אחר"), fold("צהריים")
_WHAT = _set("מה סליחה הא")
"""Words that, said alone, ask to hear it again."""
_TURNS = _set("בעצם אלא דווקא")
"""Words behind which an answer of "no" ends and a wish begins."""
_REACH = 3
"""Words back from a verb in which a "no" denies it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The intent and the tokens of the phrase that told it."""

    intent: Intent | None
    spent: frozenset[int]
    one_more: bool = False
    """"Another appointment" besides the one that was made: it stays beside a yes."""


def read_intent(tokens: Sequence[Token], skip: Collection[int], *, offered: bool) -> Wish:
    """The caller's intent; `skip` are tokens of a name, a number or a service. With nothing
    `offered`, "another appointment" is one more, not one instead."""
    afternoon = frozenset(n for n in range(len(tokens)) if _part_of_day(tokens, n))
    found = _PHRASES.find(tokens, frozenset(skip) | afternoon)
    spent = frozenset(n for f in found for n in range(f.start, f.end))
    said = {f.label for f in found}
    for intent in _FIRST:
        if intent in said:
            return Wish(intent, spent)
    words = [(n, t.whole) for n, t in enumerate(tokens) if n not in skip and n not in afternoon]
    if words and all(w in _WHAT for _, w in words):
        return Wish(Intent.REPEAT, frozenset(n for n, _ in words))
    by_rule = _by_rule(words)
    if by_rule in _CHANGES:
        return Wish(by_rule, spent)
    if not offered and by_rule is Intent.REQUEST_OTHER_TIME and _one_more(words):
        return Wish(Intent.BOOK, spent, one_more=True)
    books = by_rule is Intent.BOOK and any(w in BOOK for _, w in words)
    for intent in _BEFORE_RULES + _AFTER_CHANGES:
        if intent in said and not (intent is Intent.QUERY_AVAILABILITY and books):
            return Wish(intent, spent)
    if by_rule is not None:
        return Wish(by_rule, spent)
    return Wish(Intent.GOODBYE if Intent.GOODBYE in said else None, spent)


def _one_more(words: list[tuple[int, str]]) -> bool:
    """ "Another appointment", as against another hour or another day."""
    return any(a in APPOINTMENT and b in ADDITIONAL for (_, a), (_, b) in pairwise(words))


def _part_of_day(tokens: Sequence[Token], n: int) -> bool:
    """The "after" of "afternoon" is also the word for "other"."""
    return tokens[n].whole in _AFTER and n + 1 < len(tokens) and tokens[n + 1].whole.endswith(_NOON)


def _by_rule(words: list[tuple[int, str]]) -> Intent | None:
    for rule in RULES:
        if any(w in rule.unless for _, w in words):
            continue
        if all(any(w in need for _, w in words) for need in rule.needs) and not _denied(
            words, rule.needs[0]
        ):
            return rule.intent
    return None


def _denied(words: list[tuple[int, str]], verb: frozenset[str]) -> bool:
    """A "no" stands shortly before every word of the class."""
    places = [k for k, (_, w) in enumerate(words) if w in verb]
    return bool(places) and all(_no_before(words, k) for k in places)


def _no_before(words: list[tuple[int, str]], place: int) -> bool:
    """A "no" that reaches so far; one that turns to something else ends before it."""
    for _, word in reversed(words[max(0, place - _REACH) : place]):
        if word in _TURNS:
            return False
        if word == _NO:
            return True
    return False
