"""What the languages share about unfinished speech: a telephone number that has begun and is not whole.

Words and the numbering plan stand in the languages.
"""

from dalpak.language.base import Asked

LONGEST_NATIONAL = 10
"""Digits of an Israeli mobile number; nobody is waited for beyond it."""
BEGUN = 3
"""Digits that, beginning with a nought, are a telephone number although nobody asked for one."""


def number_goes_on(number: str, asked: Asked, *, whole: bool) -> bool:
    """More digits are to come: the number does not fit the plan yet, and is not too long to become one that does."""
    if whole or len(number) >= LONGEST_NATIONAL:
        return False
    return asked is Asked.PHONE or (number.startswith("0") and len(number) >= BEGUN)
