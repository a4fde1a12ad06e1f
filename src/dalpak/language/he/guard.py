"""Two guards over free text: does it claim that something was booked, and is it only a hum.

A model's own words may never say that an appointment was made, moved or cancelled: that is told by
code, from committed rows. The claim guard prefers a false alarm to a false confirmation.
"""

from collections.abc import Sequence

from dalpak.language.he.hearing.normalise import Token, keys_of, tokens_of
from dalpak.language.he.hearing.phrases import PhraseBook

MAX_BACKCHANNEL_WORDS = 5
"""A longer utterance says something, whatever its words."""


def _set(words: str) -> frozenset[str]:
    return frozenset(keys_of(words))


_I_DID = _set(
    """
    קבעתי קבענו קבעת וקבעתי וקבענו שקבעתי שקבענו רשמתי רשמנו ורשמתי שריינתי שריינו ושריינתי
    הזמנתי הזמנו והזמנתי סגרתי סגרנו סידרתי סידרנו תיאמתי תיאמנו אישרתי אישרנו ביטלתי ביטלנו
    וביטלתי הזזתי הזזנו והזזתי העברתי העברנו והעברתי דחיתי דחינו הקדמתי הקדמנו שיניתי שינינו
    עדכנתי עדכנו הכנסתי הכנסנו שמרתי שמרנו
    """
)
"""Verbs by which the speaker claims to have done it."""

_DONE = _set(
    """
    נקבע נקבעה נקבעו נקבעתם שנקבע ונקבע נרשם נרשמה נרשמת נרשמתם שוריין שוריינה הוזמן הוזמנה
    נסגר נסגרה סודר סודרה תואם תואמה אושר אושרה ואושר מאושר מאושרת בוטל בוטלה ובוטל מבוטל מבוטלת
    התבטל התבטלה הוזז הוזזה הועבר הועברה נדחה נדחתה הוקדם הוקדמה שונה עודכן עודכנה הוכנס נכנס
    נשמר נשמרה קבוע קבועה רשום רשומה רשומים משוריין משוריינת סגור סגורה מוזמן מוזמנת
    booked reserved scheduled rescheduled cancelled canceled confirmed
    """
)
"""Words that say that something was done, to an appointment if one is named beside them."""

_OF_VISIT = _set(
    """
    תור התור תורך תורכם לתור בתור תורים התורים פגישה הפגישה הזמנה ההזמנה שלך שלכם לך לכם אותך
    אתכם אותו אותה הביטול ביטול המועד מועד השעה ביומן הכל you your appointment booking slot
    reservation it im i ive weve its youre all התספורת הטיפול הביקור בשבילך עבורך אצלנו
    """
)
"""Words that say that it was done to an appointment."""

_NEGATES = _set("לא טרם אין בלי אם האם not isnt havent hasnt wasnt yet cant couldnt if לפני כדי")
_REACH = 3
"""Words back in which a negation or a condition undoes the claim."""

_CLAIMS: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """
            הכל מסודר|הכול מסודר|הכל סגור|הכול סגור|זהו סגרנו|אתם ביומן|אתה ביומן|את ביומן|
            הכנסתי אותך|הכנסתי אתכם|רשמתי אותך|רשמתי אתכם|יש לך תור|יש לכם תור|התור שלך ביום|
            התור שלך ב|התור שלך מחר|התור שלך היום|התור שלכם ביום|התור שלך בשעה|מחכים לך ביום|
            מחכים לך מחר|מחכים לך בשעה|נתראה ביום|נתראה מחר|נתראה בשעה|ניפגש ביום|ניפגש מחר|
            נפגש ביום|נפגש מחר|קבעתי לך|קבענו לך|קבעתי לכם|סגרתי לך|שריינתי לך|הזמנתי לך|
            ביטלתי לך|העברתי לך|הזזתי לך|you are all set|youre all set|youre set|all set|
            you are booked|youre booked|you are confirmed|see you on|see you tomorrow|see you at|
            ive booked|i booked|i have booked|ive scheduled|i have scheduled|ive cancelled|
            ive canceled|i have cancelled|i have canceled|ive moved|i have moved|i moved your|
            we booked you|i cancelled|i canceled|i scheduled|has been moved|was moved|
            has been booked|has been set|has been cancelled|is set for|is booked|is confirmed|
            is cancelled|is scheduled|booked you|put you down|your appointment is
            """,
        ),
    )
)


def claims_booking(text: str) -> bool:
    """True when free text says that an appointment was made, moved, cancelled or stands."""
    tokens = tokens_of(text)
    for found in _CLAIMS.find(tokens):
        if not _undone(tokens, found.start, found.end):
            return True
    about_visit = len(tokens) <= _REACH or any(t.whole in _OF_VISIT for t in tokens)
    return any(
        (token.whole in _I_DID or (about_visit and token.whole in _DONE))
        and not _undone(tokens, n, n + 1)
        for n, token in enumerate(tokens)
    )


def _undone(tokens: Sequence[Token], start: int, end: int) -> bool:
    """A negation or a condition stands shortly before, in the same clause, or inside."""
    for n in range(end - 1, max(-1, start - _REACH - 1), -1):
        if tokens[n].whole in _NEGATES:
            return True
        if tokens[n].boundary and n <= start:
            return False
    return False


_HUMS = _set(
    """אה אהה אהא אהם אהמ אם אמ אממ אמממ המ הממ מ מממ ממ מממממ ממממ הם אוקי אוקיי אוקיי כן בסדר טוב
    סבבה נכון הבנתי ברור הלו אלו יפה יופי וואו וואי ואלה וואלה אוי או אחלה מעולה נהדר הא אההה אהממ
    mm mmm mhm hm hmm uh um ok okay yes yeah hello אהמם כןכן אא"""
)
_FULL_STOPPERS = _set("לא רגע שנייה סליחה חכה חכי תעצור תעצרי די")


def is_backchannel(text: str) -> bool:
    """True for hums, "yes yes", "okay", "hello?": words that never take the floor."""
    tokens = tokens_of(text)
    if not tokens or len(tokens) > MAX_BACKCHANNEL_WORDS:
        return False
    return all(_hum(t.whole) and t.whole not in _FULL_STOPPERS for t in tokens)


def _hum(word: str) -> bool:
    """A listed hum, or one drawn out ("mmmmm")."""
    return word in _HUMS or (len(word) > 1 and set(word) <= set("אהמ") and len(set(word)) < 3)
