"""Services and staff: what the business calls them, and what callers call them anyway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.base import Asked, HearingContext, Named
from dalpak.language.en.hearing.lexicon import NUMBERS, PLAIN, WEEKDAYS
from dalpak.language.en.hearing.normalise import Token, keys_of, words
from dalpak.language.en.hearing.phrases import PhraseBook, spans


def _stem(key: str) -> str:
    """Singular and plural, and a possessive, are one word here; so are the two spellings of colour."""
    key = key.replace("colour", "color")
    return key[:-1] if key.endswith("s") and len(key) > 3 and not key.endswith("ss") else key


def _stems(phrase: str) -> tuple[str, ...]:
    return tuple(map(_stem, keys_of(phrase)))


_COMMON_NAMES = tuple(
    _stems(name)
    for name in """mens haircut|men's haircut|womens haircut|women's haircut|kids haircut|haircut|hair cut|
    trim|hair colour|hair color|colour|color|highlights|blow dry|blowdry|straightening|beard trim|
    shave|manicure|pedicure|gel nails|nails|eyebrows|brows|waxing|wax|laser|makeup|make up|facial|
    massage|checkup|check up|cleaning|teeth cleaning|filling|root canal|whitening|eye test|
    consultation|physiotherapy|lesson|training session|vaccination|oil change|treatment""".split(
        "|"
    )
)
_COMMON = {
    first: sorted((name for name in _COMMON_NAMES if name[0] == first), key=len, reverse=True)
    for first in {name[0] for name in _COMMON_NAMES}
}
"""What callers ask for, by its first word, the longest name first."""

_WITH = words("with by")
_NAMES_THE_CALLER = words("is i'm under of name's name")
"""After these a name is the caller's own, whoever else has it."""

_REFUSES = words("not without except don't")
_TITLES = words("dr doctor professor prof mr mrs ms miss")
_NOT_STAFF = PLAIN | words(
    """my a an the his her their both everyone him her them who which regard regards respect wife
    husband son daughter friend colour color beard highlights blow hair kids baby noon midday"""
)

_ANYONE: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """anyone|anybody|with anyone|with anybody|whoever|whoever is free|whoever's free|
            whoever is available|whoever's available|doesn't matter who|doesn't matter with whom|
            it doesn't matter who|i don't care who|don't care who|no preference|any stylist|
            any of them|anyone's fine|any barber|any hairdresser|no matter who|don't mind who|
            i don't mind who""",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done and by whom."""

    service_ids: tuple[str, ...] = ()
    service_heard: str | None = None
    staff_id: str | None = None
    staff_heard: str | None = None
    any_staff: bool = False
    taken: frozenset[int] = frozenset()
    """Tokens that name a thing or a person and must not be read as a day or an hour."""


def read_wanted(tokens: Sequence[Token], skip: Collection[int], context: HearingContext) -> Wanted:
    """Services and staff named in the utterance."""
    anyone = _ANYONE.find(tokens, skip)
    services = _services(tokens, skip, context.services)
    staff_id, staff_heard, taken = _staff(tokens, skip, context)
    if anyone:
        staff_id, staff_heard = None, None
    named = frozenset(n for _, start, end in services for n in range(start, end))
    return Wanted(
        tuple(dict.fromkeys(service for service, _, _ in services)),
        _service_words(tokens, skip, services),
        staff_id,
        staff_heard,
        bool(anyone),
        taken | spans(anyone) | named,
    )


def _match(stems: Sequence[str], n: int, form: tuple[str, ...]) -> bool:
    return stems[n] == form[0] and tuple(stems[n : n + len(form)]) == form


def _forms(things: Sequence[Named]) -> list[tuple[tuple[str, ...], str]]:
    """Every name and alias, the longest first."""
    forms = [
        (keys, thing.id)
        for thing in things
        for form in (thing.name, *thing.aliases)
        if (keys := _stems(form))
    ]
    return sorted(forms, key=lambda row: -len(row[0]))


def _services(
    tokens: Sequence[Token], skip: Collection[int], services: Sequence[Named]
) -> list[tuple[str, int, int]]:
    """The business's services by name or alias, the longest first at each place."""
    forms = _forms(services)
    stems = [_stem(t.key) for t in tokens]
    out: list[tuple[str, int, int]] = []
    n = 0
    while n < len(tokens):
        found = None if n in skip else next((f for f in forms if _match(stems, n, f[0])), None)
        if found is not None:
            out.append((found[1], n, n + len(found[0])))
        n += len(found[0]) if found is not None else 1
    return out


def _service_words(
    tokens: Sequence[Token], skip: Collection[int], services: list[tuple[str, int, int]]
) -> str | None:
    """The service in the caller's words."""
    if services:
        _, start, end = services[0]
        return _raw(tokens, start, end)
    stems = [_stem(t.key) for t in tokens]
    for n in range(len(tokens)):
        if n in skip or stems[n] not in _COMMON:
            continue
        for form in _COMMON[stems[n]]:
            if _match(stems, n, form):
                return _raw(tokens, n, n + len(form))
    return None


def _staff(
    tokens: Sequence[Token], skip: Collection[int], context: HearingContext
) -> tuple[str | None, str | None, frozenset[int]]:
    """(id, words, tokens) of the person: after "with", else by name anywhere."""
    forms = _forms(context.staff)
    stems = [_stem(t.key) for t in tokens]
    for n, token in enumerate(tokens[:-1]):
        if n in skip or token.key not in _WITH or (n and tokens[n - 1].key in _REFUSES):
            continue
        for keys, staff_id in forms:
            if _match(stems, n + 1, keys):
                end = n + 1 + len(keys)
                return staff_id, _raw(tokens, n + 1, end), frozenset(range(n, end))
        unknown = _unknown_staff(tokens, n) if token.key == "with" else None
        if unknown is not None:
            return None, unknown[0], unknown[1]
    if context.asked is Asked.NAME:
        return None, None, frozenset()
    for n in range(len(tokens)):
        if n in skip or _not_meant(tokens, n):
            continue
        for keys, staff_id in forms:
            if _match(stems, n, keys):
                end = n + len(keys)
                return staff_id, _raw(tokens, n, end), frozenset(range(n, end))
    return None, None, frozenset()


def _not_meant(tokens: Sequence[Token], n: int) -> bool:
    """The name at `n` is the caller's own, or is refused ("not with Tamar")."""
    before = [t.key for t in tokens[max(0, n - 2) : n]]
    return bool(before) and (before[-1] in _NAMES_THE_CALLER or any(k in _REFUSES for k in before))


def _unknown_staff(tokens: Sequence[Token], n: int) -> tuple[str, frozenset[int]] | None:
    """A person named after "with" whom the business did not list."""
    end = n + 2 + (tokens[n + 1].key in _TITLES)
    if end > len(tokens):
        return None
    key = tokens[end - 1].key
    if key in _NOT_STAFF or key in NUMBERS or key in WEEKDAYS or tokens[end - 1].is_digits:
        return None
    if not tokens[end - 1].raw[:1].isupper() and tokens[n + 1].key not in _TITLES:
        return None
    return _raw(tokens, n + 1, end), frozenset(range(n, end))


def _raw(tokens: Sequence[Token], start: int, end: int) -> str:
    return " ".join(t.raw for t in tokens[start:end])
