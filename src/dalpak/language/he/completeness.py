"""Has a Hebrew speaker who falls silent after these words finished? Decided by the last words and our last question.

It only ever makes us wait longer, never shorter: a wrong "open" costs half a second, a wrong "complete" cuts somebody
off. No time and no voice here; how long "longer" is stands in `call/limits.py`.
"""

from collections.abc import Sequence

from dalpak.language.base import Asked, Completeness
from dalpak.language.he.hearing.lexicon import Kind, look_up
from dalpak.language.he.hearing.normalise import Token, keys_of, tokens_of
from dalpak.language.he.hearing.phones import fits_plan, read_phone
from dalpak.language.unfinished import number_goes_on


def _endings(phrases: str) -> tuple[tuple[str, ...], ...]:
    return tuple(keys_of(phrase) for phrase in phrases.split("|"))


_OPEN = _endings(
    """
    ב|ל|מ|ו|ה|של|על|אל|את|עם|בלי|עד|מן|בין|לפני|אחרי|אצל|בשביל|בגלל|לקראת|סביב|בערך|כמו|לגבי|
    בשעה|לשעה|ביום|ליום|בתאריך|או|אבל|כי|אם|אז|וגם|גם|רק|כש|ש|כאשר|למרות|בקשר|במקום|לפחות|
    אני|אנחנו|הוא|היא|אני רוצה|רציתי|רוצה|רוצים|הייתי רוצה|הייתי שמח|אשמח|אני צריך|אני צריכה|
    אני מחפש|אני מחפשת|אפשר|האם|מתי|כמה|איזה|איזו|יש לכם|יש לך|תוכלו|תוכל|תוכלי|
    השם שלי|שמי|השם הוא|השם זה|קוראים לי|מדבר|מדברת|המספר שלי|המספר הוא|הטלפון שלי|הנייד שלי|
    אה|אהה|אהמ|אמ|אממ|אמממ|המ|הממ|ממ|מממ|כאילו|זאת אומרת|כלומר|בוא נגיד|נגיד|יעני|רגע|שנייה|שניה|
    איך אומרים|תן לי לחשוב|תני לי לחשוב|תנו לי לחשוב|אני חושב|אני חושבת|שאני אחשוב
    """
)
"""Words after which a sentence goes on."""

_ALONE = frozenset(keys_of("רגע שניה שנייה אפשר מתי כמה רק גם אז אם"))
"""These are whole when they are all that is said."""

_LONGEST_ENDING = max(map(len, _OPEN))
_ENDINGS = frozenset(_OPEN)
_HUMS = frozenset("אהמ")


def completeness(text: str, asked: Asked) -> Completeness:
    """`text` is all that the caller said in this turn so far."""
    tokens = tokens_of(text)
    if not tokens:
        return Completeness.COMPLETE
    if asked is not Asked.YES_NO and all(_is_hesitation(token.whole) for token in tokens):
        return Completeness.HESITATION
    if _number_in_progress(tokens, asked):
        return Completeness.DIGITS
    if text.rstrip().endswith(("?", ".", "!")):
        return Completeness.COMPLETE
    return Completeness.OPEN if _ends_open(tokens) else Completeness.COMPLETE


def _is_hesitation(word: str) -> bool:
    """A hum that is no word; to a yes/no question it may be a yes."""
    return bool(word) and set(word) <= _HUMS


def _number_in_progress(tokens: Sequence[Token], asked: Asked) -> bool:
    """The last word is a digit of a number that goes on."""
    heard = read_phone(tokens, asked=True)
    if heard is None:
        return asked is Asked.PHONE and _is_number(tokens[-1])
    last = len(tokens) - 1 in heard.taken
    return last and number_goes_on(heard.number, asked, whole=fits_plan(heard.number))


def _is_number(token: Token) -> bool:
    found = look_up(token.whole)
    return token.is_digits or (found is not None and found[1].kind is Kind.NUM)


def _ends_open(tokens: Sequence[Token]) -> bool:
    words = [token.whole for token in tokens]
    if len(words) == 1 and (words[0] in _ALONE or _is_hesitation(words[0])):
        return False
    return any(
        tuple(words[-many:]) in _ENDINGS for many in range(1, min(len(words), _LONGEST_ENDING) + 1)
    ) or _drawn_out(words)


def _drawn_out(words: Sequence[str]) -> bool:
    """A hum at the end of other words: the speaker is looking for the next one."""
    return len(words) > 1 and len(words[-1]) > 1 and _is_hesitation(words[-1])
