"""Fixed expressions that only look like times: their words are read by nobody else."""

from collections.abc import Sequence

from dalpak.language.en.hearing.normalise import Token
from dalpak.language.en.hearing.phrases import PhraseBook, spans

_IDIOMS: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """good morning|good afternoon|good evening|good night|have a good day|have a nice day|
            have a great day|have a good evening|have a nice evening|have a good one|
            have a good weekend|have a nice weekend|happy hanukkah|happy passover|happy purim|
            happy holidays|happy holiday|shabbat shalom|one moment|one second|one sec|one minute|
            a second|a sec|a minute|a moment|two minutes|two seconds|just a minute|five minutes please|
            half a minute|first of all|the first time|first time|my first time|the second time|
            second time|the last time|last time|one more time|one more thing|one thing|
            second thoughts|on second thought|at first|one day|some day|all day|every day|
            the other day|day off|birthday|may i|if i may|i may|you may|may have|may be|
            one of|one another|no one|fifty fifty|one hundred percent|hundred percent|100 percent|
            24 7|twenty four seven|this time|at the moment|once a week|twice a week|
            second hand|number one|at one point|by the way|these days|nowadays|long time""",
        ),
    )
)


def idioms_in(tokens: Sequence[Token]) -> frozenset[int]:
    """Positions of the words that belong to a fixed expression."""
    return spans(_IDIOMS.find(tokens))
