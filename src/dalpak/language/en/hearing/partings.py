"""Words of taking leave: a goodbye, or "another time"; and the words that say yes in spite of one.

What they do to an answer is `neutral.on_leaving`; the goodbye as a wish is in intents.py.
"""

from collections.abc import Sequence

from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import PhraseBook
from dalpak.language.neutral import Parting

_BOOK: PhraseBook[Parting] = PhraseBook(
    (
        (
            Parting.FAREWELL,
            """bye|bye bye|goodbye|good bye|see you later|have a good day|
            have a nice day|have a great day|have a lovely day|have a good one|good night|take care|
            that's all|that is all|that's it|that is it|i'm done|we're done|cheerio""",
        ),
        (
            Parting.LATER,
            """talk later|talk soon|speak later|we'll talk|we will talk|i'll call back|i will call back|
            i'll call again|i'll call later|i'll call another time|i'll ring back|i'll get back to you|
            another time|some other time|maybe another time|i'll manage|i will manage|never mind|
            nevermind|thanks anyway|thank you anyway|i'll think about it|i'll leave it|leave it""",
        ),
    )
)

_FIRM = words(
    """yes yeah yea yep yup sure correct right certainly absolutely definitely confirm confirmed agreed
    book affirmative works suits"""
)
"""Words that say yes by themselves, whatever politeness stands beside them."""


def read_parting(tokens: Sequence[Token]) -> Parting:
    return max((f.label for f in _BOOK.find(tokens)), default=Parting.NONE)


def says_firmly(tokens: Sequence[Token]) -> bool:
    """A word that is a yes by itself is among them."""
    return any(t.key in _FIRM for t in tokens)
