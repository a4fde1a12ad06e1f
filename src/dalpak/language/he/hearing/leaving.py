"""What a goodbye does to an answer, in any language: beside it a kind word is politeness and no yes.

A booking hangs on the difference between "yes, thanks, bye" and "fine, we will talk, bye". Which
words say what is each language's own affair.
"""

from enum import IntEnum

from dalpak.language.base import Answer, Intent


class Parting(IntEnum):
    """How a caller takes leave; the greater one counts. Thanks alone are none."""

    NONE = 0
    FAREWELL = 1
    NEVER_MIND = 2
    """What was talked about is given up."""
    LATER = 3
    """What was talked about is left for another time."""


def on_leaving(
    answer: Answer | None, intent: Intent | None, parting: Parting, *, firm: bool
) -> tuple[Answer | None, Intent | None, bool]:
    """The answer and the wish of somebody who takes leave, and True where the caller must be asked.

    `firm`: a word was said that is a yes by itself, whatever politeness stands beside it.
    """
    unclear = False
    if answer is Answer.AFFIRM and parting is not Parting.NONE:
        if parting is Parting.FAREWELL:
            answer = Answer.AFFIRM if firm else Answer.UNSURE
        else:
            answer = Answer.UNSURE if firm else None
        unclear = answer is Answer.UNSURE
    if parting is Parting.LATER and intent is None and answer in (None, Answer.UNSURE):
        intent = Intent.GOODBYE
    return answer, intent, unclear
