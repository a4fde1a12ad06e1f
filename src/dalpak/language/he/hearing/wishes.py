"""The smaller wishes of a sentence: earlier or later, how many people, how far to move a visit."""

from collections.abc import Sequence

from dalpak.language.base import Preference
from dalpak.language.he.hearing.durations import duration_at
from dalpak.language.he.hearing.intents import ADVANCE, APPOINTMENT, MOVE, POSTPONE
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook
from dalpak.language.he.hearing.view import View

_PREFERENCES: PhraseBook[Preference] = PhraseBook(
    (
        (
            Preference.LATER,
            """
            יותר מאוחר|מאוחר יותר|אחרי זה|יותר לקראת הערב|קצת מאוחר|מאוחר קצת|יותר רחוק|
            מאוחר מדי בשבילכם|מוקדם מדי|מוקדם לי|זה מוקדם|מוקדם לי מדי
            """,
        ),
        (
            Preference.EARLIER,
            """יותר מוקדם|מוקדם יותר|לפני זה|קצת מוקדם|מוקדם קצת|משהו קרוב יותר|
            יותר קרוב|קרוב יותר|מאוחר מדי|מאוחר לי|זה מאוחר|מאוחר לי מדי""",
        ),
        (
            Preference.EARLIEST,
            """
            הכי מוקדם|כמה שיותר מוקדם|הכי קרוב|הקרוב ביותר|הכי מהר|כמה שיותר מהר|בהקדם|
            בהקדם האפשרי|מוקדם ככל האפשר|כמה שיותר קרוב|הכי מוקדם שאפשר|הכי מהר שאפשר|דחוף|
            הראשון הפנוי|התור הראשון|המוקדם ביותר|הקרוב שיש|התור הקרוב|הפנוי הראשון|
            התור הפנוי הראשון|התור הפנוי|מה שיותר מוקדם|מה שיותר מהר|הכי קרוב שיש|כמה שקודם|
            הכי דחוף
            """,
        ),
        (
            Preference.LATEST,
            """הכי מאוחר|כמה שיותר מאוחר|המאוחר ביותר|מאוחר ככל האפשר|הכי מאוחר שיש""",
        ),
    )
)

_PAIRS: PhraseBook[int] = PhraseBook(
    (
        (
            2,
            """
            שנינו|לשנינו|שתינו|לשתינו|זוג|לזוג|תור זוגי|זוגי|לי ולבעלי|לי ולאשתי|אני ובעלי|
            אני ואשתי|לי ולבן זוגי|לי ולבת זוגי|אני ובן זוגי|אני ובת זוגי|לי ולחבר|לי ולחברה|
            אני וחבר|אני וחברה|אני והבת|אני והבן|לי ולבן|לי ולבת|לי ולבן שלי|לי ולבת שלי|
            לי ולילד|לי ולילדה|לי ולאמא|לי ולאבא|לי ולאחותי|לי ולאחי|אני ואחותי|אני ואחי|
            אני ואמא|אני ואבא
            """,
        ),
        (3, """שלושתנו|לשלושתנו"""),
        (4, """ארבעתנו|לארבעתנו"""),
    )
)

_PEOPLE = frozenset(keys_of("אנשים איש תורים נפשות ילדים בנות בנים נשים גברים מבוגרים חברות חברים"))
_VISITS = frozenset(keys_of("תורים אנשים נפשות איש מבוגרים"))
MAX_PARTY = 20
"""More people than this in one call are a misunderstanding."""


def read_preference(tokens: Sequence[Token]) -> Preference | None:
    """A wish for earlier or later; putting an appointment off is one too."""
    found = _PREFERENCES.find(tokens)
    if found:
        return found[-1].label
    words = {t.whole for t in tokens}
    if words & ADVANCE:
        return Preference.EARLIER
    return Preference.LATER if words & POSTPONE else None


def preference_words(tokens: Sequence[Token]) -> frozenset[int]:
    """Tokens that wish for earlier or later."""
    return frozenset(n for f in _PREFERENCES.find(tokens) for n in range(f.start, f.end))


def read_shift(view: View) -> int | None:
    """Days by which an appointment is to move, negative for earlier: "by a week", "by two days"."""
    sign = 0
    for n, item in enumerate(view.items):
        if item.key in MOVE:
            sign = -1 if item.key in ADVANCE else 1
            continue
        if (
            not sign
            or not item.has("ב")
            or item.kind not in (Kind.UNIT, Kind.DUAL, Kind.DAY, Kind.NUM)
        ):
            continue
        found = duration_at(view, n)
        if found is None or found[0].months or found[0].minutes or not found[0].days:
            continue
        if view.kind(found[1]) in (Kind.NEXT, Kind.NEAR, Kind.THIS):
            continue
        return sign * found[0].days
    return None


def read_party(view: View, tokens: Sequence[Token]) -> int | None:
    """How many people want to come: "for three", "two appointments", "me and my wife"."""
    for n, item in enumerate(view.items):
        if item.kind not in (Kind.NUM, Kind.ORD) or not 2 <= item.value <= MAX_PARTY:
            continue
        after = view.at(n + 1)
        counted = after.kind is Kind.WORD and not after.prefix
        if counted and after.key in _VISITS:
            return item.value
        if counted and after.key in _PEOPLE and item.has("ל"):
            return item.value
        alone = item.kind is Kind.NUM and item.form == "m" and item.prefix == "ל"
        booked = any(t.whole in APPOINTMENT for t in tokens)
        if alone and booked and item.value <= 10 and after.kind not in (Kind.MONTH, Kind.UNIT):
            return item.value
    found = _PAIRS.find(tokens)
    return found[0].label if found else None
