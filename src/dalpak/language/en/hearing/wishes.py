"""The smaller wishes of a sentence: earlier or later, how many people, how far to move a visit."""

from collections.abc import Sequence

from dalpak.language.base import Preference
from dalpak.language.en.hearing.durations import duration_at
from dalpak.language.en.hearing.lexicon import Kind
from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import PhraseBook
from dalpak.language.en.hearing.view import View

_PREFERENCES: PhraseBook[Preference | None] = PhraseBook(
    (
        (
            Preference.LATER,
            """later|a bit later|a little later|something later|anything later|later on|later than that|
            too early|that's too early|too soon|after that|postpone|push back|push it back|
            push my appointment|delay|further out""",
        ),
        (
            Preference.EARLIER,
            """earlier|a bit earlier|a little earlier|something earlier|anything earlier|sooner|
            earlier than that|too late|that's too late|before that|move it up|bring it forward|
            move up|bring forward|move forward|closer|something closer""",
        ),
        (
            Preference.EARLIEST,
            """earliest|the earliest|soonest|the soonest|as soon as possible|asap|as early as possible|
            first available|the first available|next available|the next available|first opening|
            urgent|urgently|the nearest|nearest|first free|next free|as soon as you can""",
        ),
        (Preference.LATEST, "latest|the latest|as late as possible|last available|last slot"),
        (
            None,
            """no later than|not later than|no earlier than|not earlier than|or later|or earlier|
            see you later|talk later|later than|earlier than|call later|at the latest|at the earliest|
            or sooner|later today|
            later this week|later in the day|later in the week|the later one|
            the earlier one|the latest one|the earliest one""",
        ),
    )
)
"""None: the words belong to a window, a choice or a goodbye."""

_COMPARED = words("than")

_PAIRS: PhraseBook[int] = PhraseBook(
    (
        (
            2,
            """both of us|the two of us|me and my wife|me and my husband|my wife and i|my wife and me|
            my husband and i|my husband and me|me and my friend|my friend and i|me and my son|
            me and my daughter|my son and i|my daughter and i|a couple of us|me and my partner|
            my partner and i|me and my mother|me and my sister|me and my brother""",
        ),
    )
)
_PEOPLE = words("people persons adults kids children men women boys girls guests friends of")
_VISITS = words("appointments people persons guests adults")
MAX_PARTY = 20
"""More people than this in one call are a misunderstanding."""

_LATER_BY = words("postpone delay push back later")
_EARLIER_BY = words("earlier forward up sooner advance")
_MOVES = words("move shift bring push postpone delay reschedule change advance")


def read_preference(tokens: Sequence[Token]) -> Preference | None:
    """A wish for earlier or later; putting an appointment off is one too."""
    found = [f.label for f in _PREFERENCES.find(tokens) if f.label is not None]
    return found[-1] if found else None


def read_shift(view: View) -> int | None:
    """Days by which an appointment is to move, negative for earlier: "by a week", "up two days"."""
    keys = [item.key for item in view.items]
    if not any(key in _MOVES for key in keys):
        return None
    for n, item in enumerate(view.items):
        if item.key not in _LATER_BY | {"by"} | _EARLIER_BY:
            continue
        found = duration_at(view, view.skip(n + 1, words("by it")))
        if found is None or found[0].months or found[0].minutes or not found[0].days:
            continue
        if view.key(found[1]) in ("from", "after"):
            continue
        return found[0].days * (-1 if any(key in _EARLIER_BY for key in keys) else 1)
    return None


def read_party(view: View, tokens: Sequence[Token]) -> int | None:
    """How many people want to come: "for three people", "two appointments", "me and my wife"."""
    for n, item in enumerate(view.items):
        if item.kind is not Kind.NUM or not 2 <= item.value <= MAX_PARTY:
            continue
        after = view.at(n + 1)
        if after.boundary or after.kind is not Kind.WORD:
            continue
        if after.key in _VISITS or (view.key(n - 1) == "for" and after.key in _PEOPLE):
            return item.value
        if after.key == "of" and view.key(n + 2) == "us":
            return item.value
    found = _PAIRS.find(tokens)
    return found[0].label if found else None
