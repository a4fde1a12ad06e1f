"""Words of taking leave: a goodbye, or "another time"; and the words that say yes in spite of one.

What they do to an answer is in leaving.py; the goodbye as a wish is in intents.py.
"""

from collections.abc import Sequence

from dalpak.language.he.hearing.leaving import Parting
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook

_BOOK: PhraseBook[Parting] = PhraseBook(
    (
        (
            Parting.FAREWELL,
            """ביי|ביי ביי|בביי|להתראות|תודה ושלום|יום טוב|יום נעים|יום מקסים|ערב טוב לך|
            ערב נעים|המשך יום|המשך ערב|המשך שבוע|לילה טוב|שבת שלום|שבוע טוב|חג שמח|זה הכל|זהו|
            זהו זה|סיימנו|סיימתי|נתראה|כל טוב|bye|ביוש|היה נעים|
            שיהיה יום|שיהיה לך יום|שיהיה לכם יום""",
        ),
        (
            Parting.NEVER_MIND,
            """לא משנה|לא נורא|לא חשוב|תודה בכל זאת|תודה בכל מקרה|אוותר|אני אוותר|נוותר""",
        ),
        (
            Parting.LATER,
            """נדבר|נהיה בקשר|אתקשר|אני אתקשר|אחזור אליך|אחזור אליכם|נחזור אליכם|נחזור אליך|אני אחזור|
            אסתדר|נסתדר|פעם אחרת|בפעם אחרת|הזדמנות אחרת|אבדוק ואחזור|אחשוב ואחזור|אתייעץ|נתייעץ|
            אחשוב|אני אחשוב|אשקול|אני אשקול|נשקול|אשאיר את זה|נשאיר את זה|אני אמשיך לחפש|
            אמצא מקום אחר""",
        ),
    )
)

_STILL_OPEN = frozenset(keys_of("לי מתי אצל מי איזה איזו עם"))
"""After "it does not matter" these make it a free choice, not a leave."""
_DOES_NOT_MATTER = ("משנה", "חשוב")

_FIRM = frozenset(
    keys_of(
        """כן נכון בטח בהחלט בוודאי ודאי לגמרי מאשר מאשרת מסכים מסכימה מתאים מתאימה מאושר סגרנו קבענו
        סגור תקבע תקבעי תקבעו קבע קבעי תרשום תרשמי תרשמו תשריין תשרייני yes sure"""
    )
)
"""Words that say yes by themselves, whatever politeness stands beside them."""


def read_parting(tokens: Sequence[Token]) -> Parting:
    found = (
        f.label
        for f in _BOOK.find(tokens)
        if not (
            tokens[f.end - 1].whole in _DOES_NOT_MATTER
            and f.end < len(tokens)
            and tokens[f.end].whole in _STILL_OPEN
        )
    )
    return max(found, default=Parting.NONE)


def says_firmly(tokens: Sequence[Token]) -> bool:
    """A word that is a yes by itself is among them."""
    return any(t.whole.removeprefix("ו") in _FIRM for t in tokens)
