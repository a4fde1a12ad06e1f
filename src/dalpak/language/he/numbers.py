"""Hebrew number words with their pronunciation: both genders, construct forms, up to 999,999.

Numbers only: what is counted, and how times and dates use them, is in `speech.py` and `dates.py`.
"""

from dalpak.language.base import Spoken

LARGEST = 999_999

_FEMININE: tuple[tuple[str, str], ...] = (
    ("אפס", "ˈefes"),
    ("אחת", "aχˈat"),
    ("שתיים", "ʃtˈajim"),
    ("שלוש", "ʃalˈoʃ"),
    ("ארבע", "ˈaʁba"),
    ("חמש", "χamˈeʃ"),
    ("שש", "ʃˈeʃ"),
    ("שבע", "ʃˈeva"),
    ("שמונה", "ʃmˈone"),
    ("תשע", "tˈeʃa"),
    ("עשר", "ˈeseʁ"),
    ("אחת עשרה", "aχˈat esʁˈe"),
    ("שתים עשרה", "ʃtˈejm esʁˈe"),
    ("שלוש עשרה", "ʃlˈoʃ esʁˈe"),
    ("ארבע עשרה", "aʁbˈa esʁˈe"),
    ("חמש עשרה", "χamˈeʃ esʁˈe"),
    ("שש עשרה", "ʃˈeʃ esʁˈe"),
    ("שבע עשרה", "ʃvˈa esʁˈe"),
    ("שמונה עשרה", "ʃmonˈe esʁˈe"),
    ("תשע עשרה", "tʃˈa esʁˈe"),
)
_MASCULINE: tuple[tuple[str, str], ...] = (
    ("אפס", "ˈefes"),
    ("אחד", "eχˈad"),
    ("שניים", "ʃnˈajim"),
    ("שלושה", "ʃloʃˈa"),
    ("ארבעה", "aʁbaʔˈa"),
    ("חמישה", "χamiʃˈa"),
    ("שישה", "ʃiʃˈa"),
    ("שבעה", "ʃivʔˈa"),
    ("שמונה", "ʃmonˈa"),
    ("תשעה", "tiʃʔˈa"),
    ("עשרה", "asaʁˈa"),
    ("אחד עשר", "aχˈad asˈaʁ"),
    ("שנים עשר", "ʃnˈejm asˈaʁ"),
    ("שלושה עשר", "ʃloʃˈa asˈaʁ"),
    ("ארבעה עשר", "aʁbaʔˈa asˈaʁ"),
    ("חמישה עשר", "χamiʃˈa asˈaʁ"),
    ("שישה עשר", "ʃiʃˈa asˈaʁ"),
    ("שבעה עשר", "ʃivʔˈa asˈaʁ"),
    ("שמונה עשר", "ʃmonˈa asˈaʁ"),
    ("תשעה עשר", "tiʃʔˈa asˈaʁ"),
)
_TENS: tuple[tuple[str, str], ...] = (
    ("עשרים", "esʁˈim"),
    ("שלושים", "ʃloʃˈim"),
    ("ארבעים", "aʁbaʔˈim"),
    ("חמישים", "χamiʃˈim"),
    ("שישים", "ʃiʃˈim"),
    ("שבעים", "ʃivʔˈim"),
    ("שמונים", "ʃmonˈim"),
    ("תשעים", "tiʃʔˈim"),
)
_THOUSANDS: tuple[tuple[str, str], ...] = (
    ("אלף", "ˈelef"),
    ("אלפיים", "alpˈajim"),
    ("שלושת אלפים", "ʃlˈoʃet alafˈim"),
    ("ארבעת אלפים", "aʁbˈaʔat alafˈim"),
    ("חמשת אלפים", "χamˈeʃet alafˈim"),
    ("ששת אלפים", "ʃˈeʃet alafˈim"),
    ("שבעת אלפים", "ʃivʔˈat alafˈim"),
    ("שמונת אלפים", "ʃmonˈat alafˈim"),
    ("תשעת אלפים", "tiʃʔˈat alafˈim"),
    ("עשרת אלפים", "asˈeʁet alafˈim"),
)
_CONSTRUCT_TWO = {True: ("שתי", "ʃtˈej"), False: ("שני", "ʃnˈej")}
_VOWELS = "aeiouˈ"


def and_(word: Spoken) -> Spoken:
    """The word with the conjunction: one word in writing and in speech."""
    return prefixed("ו", "ve", word)


def prefixed(letter: str, sound: str, word: Spoken) -> Spoken:
    """One leaf with a one-letter prefix; a glottal stop keeps two vowels apart."""
    if word.ipa is None:
        return Spoken(letter + word.text)
    glottal = "ʔ" if word.ipa[:1] in _VOWELS and _starts_with_vowel(word.ipa) else ""
    return Spoken(letter + word.text, sound + glottal + word.ipa)


def _starts_with_vowel(ipa: str) -> bool:
    return ipa.lstrip("ˈ")[:1] in "aeiou"


def cardinal(n: int, *, feminine: bool) -> Spoken:
    """A number in words as one leaf. ValueError outside 0 … LARGEST."""
    if not 0 <= n <= LARGEST:
        raise ValueError(f"a number from 0 to {LARGEST}, not {n}")
    components = _components(n, feminine)
    if len(components) > 1:
        last = and_(Spoken(*components[-1]))
        components[-1] = (last.text, last.ipa or "")
    return Spoken(" ".join(t for t, _ in components), " ".join(i for _, i in components))


def counted(n: int, *, feminine: bool) -> Spoken:
    """The number as it stands before a plural noun: the construct for two, else the cardinal."""
    return Spoken(*_CONSTRUCT_TWO[feminine]) if n == 2 else cardinal(n, feminine=feminine)


def _components(n: int, feminine: bool) -> list[tuple[str, str]]:
    if n < 20:
        return [(_FEMININE if feminine else _MASCULINE)[n]]
    found: list[tuple[str, str]] = []
    if n >= 1000:
        found.append(_thousands(n // 1000))
    hundreds, rest = divmod(n % 1000, 100)
    if hundreds == 1:
        found.append(("מאה", "meʔˈa"))
    elif hundreds == 2:
        found.append(("מאתיים", "matˈajim"))
    elif hundreds:
        text, ipa = _FEMININE[hundreds]
        found.append((f"{text} מאות", f"{ipa} meʔˈot"))
    if rest >= 20:
        found.append(_TENS[rest // 10 - 2])
        rest %= 10
    if rest:
        found.append((_FEMININE if feminine else _MASCULINE)[rest])
    return found


def _thousands(count: int) -> tuple[str, str]:
    if count <= 10:
        return _THOUSANDS[count - 1]
    many = cardinal(count, feminine=False)
    return f"{many.text} אלף", f"{many.ipa} ˈelef"
