"""Two guards over free text: does it claim that something was booked, and is it only a hum.

A model's own words may never say that an appointment was made, moved or cancelled: that is told by
code, from committed rows. The claim guard prefers a false alarm to a false confirmation.
"""

from collections.abc import Sequence

from dalpak.language.en.hearing.normalise import Token, tokens_of, words
from dalpak.language.en.hearing.phrases import PhraseBook

MAX_BACKCHANNEL_WORDS = 5
"""A longer utterance says something, whatever its words."""

_DONE = words(
    """booked reserved scheduled rescheduled cancelled canceled confirmed moved arranged set fixed
    secured registered entered finalised finalized changed postponed saved noted secured completed
    penciled pencilled"""
)
"""Words that say that something was done."""

_OF_VISIT = words(
    """appointment appointments booking visit slot reservation time cancellation it i'm i've we've
    we i your you you're yours for on at all haircut treatment calendar diary"""
)
"""Words that say that it was done to an appointment."""

_NEGATES = words(
    """not no nothing isn't haven't hasn't wasn't aren't yet can't cannot couldn't if before unless
    whether once to would could should shall will like want is-it are-we don't didn't never without"""
)
_REACH = 4
"""Words back in which a negation or a condition undoes the claim."""

_CLAIMS: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """you're all set|you are all set|all set|you're set|you're booked|you are booked|
            you're confirmed|you are confirmed|you're in|see you on|see you tomorrow|see you at|
            see you then|see you today|see you next|we'll see you|we will see you|i've booked|
            i have booked|i booked|we've booked|we booked|i've scheduled|i've cancelled|
            i've canceled|i have cancelled|i have canceled|i've moved|i have moved|i moved your|
            i cancelled|i canceled|i scheduled|has been moved|was moved|has been booked|
            has been set|has been cancelled|has been canceled|is set for|is booked|is confirmed|
            is cancelled|is canceled|is scheduled|booked you|put you down|put you in|got you down|
            got you in|have you down|your appointment is|your appointment's|you have an appointment|
            we're expecting you|we are expecting you|it's done|everything is set|everything's set|
            consider it done|it's in the calendar|that's booked|that's confirmed|that's cancelled""",
        ),
    )
)


def claims_booking(text: str) -> bool:
    """True when free text says that an appointment was made, moved, cancelled or stands."""
    tokens = tokens_of(text)
    for found in _CLAIMS.find(tokens):
        if not _undone(tokens, found.start, found.end):
            return True
    for n, token in enumerate(tokens):
        if token.key not in _DONE or _undone(tokens, n, n + 1):
            continue
        if len(tokens) <= _REACH or any(t.key in _OF_VISIT for t in tokens):
            return True
    return False


def _undone(tokens: Sequence[Token], start: int, end: int) -> bool:
    """A negation or a condition stands shortly before, in the same clause, or inside."""
    for n in range(end - 1, max(-1, start - _REACH - 1), -1):
        if tokens[n].key in _NEGATES:
            return True
        if tokens[n].boundary and n <= start:
            return False
    return False


_HUMS = words(
    """mm mmm mhm hm hmm hmmm uh um uhhuh huh ah aha oh ok okay yes yeah yep yup sure right good fine
    great nice hello hi hey wow cool really i see alright exactly perfect lovely got it yea"""
)
_TAKES_THE_FLOOR = words("no wait sorry stop hold hang but")
_PRONOUNS = words("i see got it")


def is_backchannel(text: str) -> bool:
    """True for hums, "yes yes", "okay", "hello?": words that never take the floor."""
    tokens = tokens_of(text)
    if not tokens or len(tokens) > MAX_BACKCHANNEL_WORDS:
        return False
    keys = [t.key for t in tokens]
    if any(key in _TAKES_THE_FLOOR for key in keys) or all(key in _PRONOUNS for key in keys):
        return keys in (["i", "see"], ["got", "it"])
    return all(_hum(key) for key in keys)


def _hum(key: str) -> bool:
    """A listed hum, or one drawn out ("mmmmm")."""
    return key in _HUMS or (len(key) > 1 and set(key) <= set("mhua") and len(set(key)) < 3)
