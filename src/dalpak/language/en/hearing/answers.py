"""Yes, no, not sure, wait: what an utterance answers to a question.

A booking hangs on this: a clear "no" beats any number of kind words, and where yes and no
contradict each other there is no answer at all.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum, auto

from dalpak.language.base import Answer
from dalpak.language.en.hearing.lexicon import PLAIN
from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import Found, PhraseBook, spans


class Word(StrEnum):
    """What a phrase contributes; NEUTRAL ones only keep their words from being read otherwise."""

    YES = auto()
    KIND = auto()
    """A word of approval that is also a filler or praise: a yes only with nothing else beside it."""
    NO = auto()
    UNSURE = auto()
    WAIT = auto()
    NEUTRAL = auto()


_BOOK: PhraseBook[Word] = PhraseBook(
    (
        (
            Word.YES,
            """yes|yes please|yeah|yea|yep|yup|ya|uh huh|mm hmm|mhm|aye|of course|certainly|absolutely|
            definitely|that's correct|that is correct|that's right|
            that is right|sure|sure thing|for sure|why not|no problem|
            no problem at all|not a problem|no objection|i don't mind|don't mind|i confirm|confirm|
            confirmed|confirm it|that works|that works for me|works for me|it works|that'll work|
            that will work|that suits me|suits me|that suits|that would be great|that would be perfect|
            that would be good|that'd be great|that'd be good|that's fine|that is fine|that's good|
            that is good|that's perfect|that's great|it's fine|it is fine|it's good|fine by me|fine with me|
            i'm fine with that|i'm good with that|i agree|agreed|book it|book me in|
            please book it|go ahead|please do|do it|let's do it|let's do that|let's go with that|
            let's book it|sounds good|sounds great|sounds perfect|sounds fine|i'd love that|i do|
            affirmative|by all means|gladly|with pleasure|you got it|i think so|i guess so|
            one hundred percent|a hundred percent|100 percent|100%|not bad|can't complain|i can't wait|
            nothing against it|i'll take it|i will take it|take it|i'll take that|all correct|
            everything is correct|everything's correct|it's correct|it is correct|it's right""",
        ),
        (
            Word.KIND,
            """ok|okay|okey|alright|all right|fine|good|great|perfect|excellent|wonderful|lovely|super|
            cool|awesome|brilliant|fantastic|very good|very well|nice|got it|great thanks|amazing|
            happy with that|i'd like that|works|suits|it's possible|exactly|precisely|correct|right|
            all right then|indeed|deal|done|positive|it is|i'd be happy to""",
        ),
        (
            Word.NO,
            """no|nope|nah|no no|no thanks|no thank you|not really|not at all|absolutely not|definitely not|
            certainly not|of course not|no way|never|negative|don't|do not|please don't|don't book it|
            do not book it|don't do it|not that|not that one|not this|it doesn't work|that doesn't work|
            doesn't work|does not work|that doesn't suit me|doesn't suit me|it doesn't suit|
            that doesn't suit|does not suit|that won't work|won't work|that's not good|not good|no good|
            that's no good|that is no good|not right|that's not right|that is not right|that's wrong|
            that is wrong|wrong|incorrect|not correct|that's not correct|that is not correct|i can't|
            i cannot|i can't make it|can't make it|can't do that|i can't do that|i can't do it|
            i disagree|i don't think so|don't think so|i'd rather not|rather not|i prefer not|
            i don't want|i don't want it|i don't want that|don't want that|forget it|forget about it|
            never mind|nevermind|leave it|neither|neither of them|none of them|none of those|
            none of these|nothing|not possible|impossible|that's impossible|that's a problem|
            it's a problem|not interested|i'm not interested|i'm afraid not|unfortunately not|
            i'm busy then|i work then|i'm working then|that's a mistake|it's a mistake|not okay|not ok|
            not fine|not today|sorry no|stop|i refuse|no need""",
        ),
        (
            Word.UNSURE,
            """i don't know|don't know|dunno|i dunno|i do not know|not sure|i'm not sure|i am not sure|
            not certain|i'm not certain|no idea|i have no idea|haven't decided|i haven't decided|
            i'm undecided|it depends|depends|maybe|maybe yes|maybe not|perhaps|possibly|could be|
            might be|probably|we'll see|i'll see|let me think|let me think about it|i need to think|
            i have to think|i'll think about it|i need to check|i have to check|i need to ask|
            i have to ask|i'd have to ask|i'd have to check|i can't remember|i don't remember|
            fifty fifty|hard to say|who knows|good question|i can't decide|i can't say|can't say""",
        ),
        (
            Word.WAIT,
            """wait|wait a minute|wait a second|wait a moment|please wait|hold on|hold on a second|
            hold on a minute|hold on please|hang on|hang on a second|hang on a minute|hang on a sec|
            one moment|one moment please|just a moment|a moment|one second|just a second|a second|
            one sec|just a sec|a sec|one minute|just a minute|a minute|give me a second|
            give me a minute|give me a moment|give me a sec|let me check|let me look|let me see|
            i'm checking|i am checking|i'm looking|checking|bear with me|don't hang up|stay on the line|
            half a minute|two minutes please|two seconds|give me two minutes|let me check my calendar|
            let me check my diary|let me look at my calendar|i'm opening my calendar""",
        ),
        (
            Word.NEUTRAL,
            """doesn't matter|it doesn't matter|does not matter|no matter|no preference|don't care|
            i don't care|not before|not after|not later|not earlier|no later|no earlier|not only|
            or not|if not|yes or no|good morning|good afternoon|good evening|good night|good day|
            good bye|good luck|i didn't understand|i did not understand|didn't hear|i can't hear|
            can't hear|didn't get|didn't catch|not clear|good at|right now|right away|right after|
            all good|how good|no one|nobody|no rush|not until|if possible|as possible|too good|
            have a good one|have a good day|have a great day|have a nice day|a good time|good time|
            any good|something good|what's good|best|nothing else|nothing more|right number|
            wrong number|anything but|is it possible|would it be possible|as soon as possible|
            great day|nice day|lovely day""",
        ),
    )
)

_YES_WORDS = words("yes yeah yep")
_LIMITS = words("but not except unless if without")
"""Beside a yes they make it a yes to something else: it is asked again."""

_ASKS = words("what when where who how why which is are do does can could")
_CONTRADICTS = words("actually sorry wait mean meant rather oh")


def read_answer(
    tokens: Sequence[Token], skip: Collection[int], *, says_more: bool, asked: bool
) -> tuple[Answer | None, bool]:
    """The answer, and True where yes and no contradict each other.

    `skip`: tokens that belong to something else. `says_more`: the utterance also names times or a
    wish, beside which a kind word is only a filler. `asked`: a yes/no question is open.
    """
    phrases = _BOOK.find(tokens, skip)
    found = _not_denied(tokens, phrases)
    if not _nothing_else(tokens, spans(phrases) | frozenset(skip)):
        found = [f for f in found if f.label is not Word.KIND]
    said = [f.label for f in found]
    if says_more:
        said = [w for w in said if w not in (Word.UNSURE, Word.WAIT)]
        if not asked:
            said = [w for w in said if w is not Word.KIND]
    if not said:
        return None, False
    if Word.UNSURE in said:
        return (Answer.DENY if said[0] is Word.NO else Answer.UNSURE), False
    if Word.NO in said:
        return _no_or_contradiction(tokens, [f for f in found if f.label in (Word.YES, Word.NO)])
    if said[-1] is Word.WAIT or (Word.WAIT in said and Word.YES not in said):
        return Answer.WAIT, False
    covered = spans(phrases) | frozenset(skip)
    limits = any(t.key in _LIMITS for n, t in enumerate(tokens) if n not in covered)
    return (None if limits else Answer.AFFIRM), False


def _nothing_else(tokens: Sequence[Token], covered: Collection[int]) -> bool:
    """Beside the phrases there are only fillers, and it is no question: "is that a good price"."""
    if tokens[0].key in _ASKS:
        return False
    return all(n in covered or t.key in PLAIN for n, t in enumerate(tokens))


def _not_denied(tokens: Sequence[Token], found: list[Found[Word]]) -> list[Found[Word]]:
    """Without the neutral phrases, and without the good words that a "no" before them denies."""
    out: list[Found[Word]] = []
    for f in found:
        adjoining = bool(out) and out[-1].label is Word.NO and out[-1].end == f.start
        denied = (
            adjoining and not tokens[f.start].boundary and tokens[f.start].key not in _YES_WORDS
        )
        if f.label is not Word.NEUTRAL and not (denied and f.label in (Word.YES, Word.KIND)):
            out.append(f)
    return out


def _no_or_contradiction(
    tokens: Sequence[Token], found: list[Found[Word]]
) -> tuple[Answer | None, bool]:
    """A "no" stands unless a correction turns it into a yes; "no ... yes" alone is no answer."""
    last_no = max(f.end for f in found if f.label is Word.NO)
    yes_after = [f for f in found if f.label is Word.YES and f.start >= last_no]
    if not yes_after:
        return Answer.DENY, False
    between = tokens[last_no : yes_after[0].start]
    if any(t.key in _CONTRADICTS for t in between):
        return Answer.AFFIRM, False
    return None, True
