"""The closed vocabulary of time in English: every word the grammar knows, and what it stands for.

Literal tables only. Words that mean yes, no or a wish are in answers.py and intents.py; nothing
here decides anything.
"""

from enum import IntEnum, StrEnum, auto

from dalpak.language.base import PartOfDay
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.numbers import ORDINALS, SMALL, TENS


class Kind(StrEnum):
    """What a word can be in the grammar; function words are told by their key."""

    NUM = auto()
    ORD = auto()
    RELATIVE = auto()
    """Days from today."""
    WEEKDAY = auto()
    """From Sunday = 0."""
    MONTH = auto()
    UNIT = auto()
    PART = auto()
    CLOCK = auto()
    """Digits with a colon."""
    DATE = auto()
    """Digits of a whole date."""
    SPAN = auto()
    """Two numbers joined by a dash."""
    HOLIDAY = auto()
    TAKEN = auto()
    """A word that another reader has consumed."""
    WORD = auto()


class Unit(IntEnum):
    MINUTE = 0
    HOUR = 1
    DAY = 2
    WEEK = 3
    MONTH = 4
    YEAR = 5
    FORTNIGHT = 6


NUMBERS: dict[str, int] = {
    **{word: n for n, word in enumerate(SMALL)},
    **{word: 20 + 10 * n for n, word in enumerate(TENS)},
}
ORDINAL_WORDS: dict[str, int] = {word: n for n, word in enumerate(ORDINALS, 1) if "-" not in word}

WEEKDAYS: dict[str, int] = {
    word: n
    for n, row in enumerate(
        (
            "sunday sun",
            "monday mon",
            "tuesday tue tues",
            "wednesday wed weds",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat shabbat",
        )
    )
    for word in row.split()
}
MONTHS: dict[str, int] = {
    word: n
    for n, row in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for word in row.split()
}
ALSO_VERBS = frozenset({"may", "march", "mar"})
"""Months only beside a number or after a word that leads to a month."""

UNITS: dict[str, Unit] = {
    word: unit
    for unit, row in (
        (Unit.MINUTE, "minute minutes min mins"),
        (Unit.HOUR, "hour hours hr hrs"),
        (Unit.DAY, "day days"),
        (Unit.WEEK, "week weeks"),
        (Unit.MONTH, "month months"),
        (Unit.YEAR, "year years"),
        (Unit.FORTNIGHT, "fortnight fortnights"),
    )
    for word in row.split()
}
RELATIVE: dict[str, int] = {"today": 0, "tomorrow": 1, "tmrw": 1, "tomorow": 1, "yesterday": -1}

PARTS = (
    PartOfDay.MORNING,
    PartOfDay.NOON,
    PartOfDay.AFTERNOON,
    PartOfDay.EVENING,
    PartOfDay.NIGHT,
)
PART_WORDS: dict[str, int] = {
    "morning": 0,
    "mornings": 0,
    "midday": 1,
    "lunchtime": 1,
    "afternoon": 2,
    "afternoons": 2,
    "evening": 3,
    "evenings": 3,
    "night": 4,
}

ARTICLES = frozenset({"the", "a", "an"})
AT = words("at @")
ABOUT = words("about around approximately roughly circa like nearly almost exactly")
TO = words("to till til until before of")
PAST = words("past after")
UNTIL = words("until till til through thru")
ONWARD = words("on onward onwards forward later")
NEXT, THIS, COMING, LAST = "next", "this", "coming", "last"
MERIDIEM = {"am": 0, "pm": 12}

PLAIN = words(
    """i you we it its it's that's thats this that is are was be am i'm im i'd id i'll ill we'd we'll
    would like want need could can may please thanks thank hi hello hey good ok okay well so um uh
    yes yeah yep no not nope sure fine great perfect lovely book schedule make take do have get give
    set put me us my our a an the for at on in of by to then and or but maybe perhaps let's lets go
    with works work suits suit better best prefer preferably rather actually sorry mean meant wait
    how about what what's when which is there anything something any some free available available
    appointment appointments slot slots booking visit come coming see see you possible sometime say
    think just only really if cancel move change reschedule postpone push bring it at all instead of
    around oh hmm er other time times o'clock oclock sharp exactly make it i've got will should
    could you do does did don't doesn't can't early late earlier later still also too us here there
    from until till after before between next day morning afternoon evening night tonight works for
    me suits me great thanks everybody everyone anyone whatever mine same already hour"""
)
"""Words beside which a bare number can be an hour."""

NUMBERED = words(
    """number floor room apartment apt flat house building street st road line option table seat
    chapter page age aged gate bus class grade level size channel section version zone route code
    extension suite block"""
)
"""Nouns after which a number counts or names something, never an hour."""

PRONOUN_ONE = words(
    """the that this which any no every each some first second third last early late earlier later
    latest earliest other another either only right wrong same next new good better best middle
    morning afternoon evening noon midday sunday monday tuesday wednesday thursday friday saturday"""
)
"""Words after which "one" stands for a noun."""

IMPERSONAL = words("it that this what time hour appointment booking slot one there") | {""}
"""Before an "is" after which a number is an hour; after anybody else's it is an age."""

COUNTED = words(
    """people persons person adults kids children men women boys girls guys friends shekels shekel
    dollars dollar euros percent times appointments haircuts treatments of us weeks days months
    years minutes hours options choices things questions kilos metres meters pictures seconds second
    visits sessions and-a-half sisters brothers daughters sons dogs cats minute hour thousand
    hundred nis stars"""
)
"""Nouns before which a number counts."""
