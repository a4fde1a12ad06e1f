"""Texts of messages that a business may edit: their placeholders, their check, their filling.

    Hello[ {name}], your appointment is set for {date} at {time}.

`{name}` stands for a value; what is in `[…]` is left out when one of its values is empty. Values
are data: they are never read as templates. Which text is used is decided by the flows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dalpak.errors import PolicyError

MAX_TEXT: Final = 900
"""Characters: WhatsApp's templates take 1,024 with their values filled in."""

_VISIT: Final = ("name", "date", "time", "business", "service", "staff", "address", "link")


@dataclass(frozen=True, slots=True)
class Kind:
    """`placeholders` in the order in which a provider's own template gets them."""

    placeholders: tuple[str, ...]
    required: tuple[str, ...]


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "confirmation": Kind(_VISIT, ("date", "time")),
        "rescheduled": Kind(_VISIT, ("date", "time")),
        "cancelled": Kind(_VISIT[:5], ("date", "time")),
        "reminder": Kind(_VISIT[:7], ("date", "time")),
        "waitlist_offer": Kind((*_VISIT[:6], "until"), ("date", "time", "until")),
        "call_summary": Kind(("summary",), ("summary",)),
        "opt_out": Kind(("business",), ()),
        "lead_notice": Kind(("name", "phone", "text"), ("phone", "text")),
    }
)
"""What may stand in a message, and what it would be wrong without. `opt_out` is no message but the
last line of one that goes to a number which was told in a call."""

_TOKEN = re.compile(r"\{(?P<field>[^{}\[\]]*)\}|(?P<odd>[{}\[\]])|(?P<text>[^{}\[\]]+)")
_FIELD = re.compile(r"[a-z_]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text, or the name of a value; both are part of the optional segment `segment` (0: none)."""

    text: str
    is_field: bool
    segment: int


def check(text: object, kind: str, field: str) -> str:
    """The text, if it can be sent. Raises PolicyError naming `field` and what is wrong."""
    spec = KINDS[kind]
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
        raise PolicyError(field, text, f"a text of 1 to {MAX_TEXT} characters")
    pieces = _parse(text, field)
    used = [piece.text for piece in pieces if piece.is_field]
    for name in used:
        if name not in spec.placeholders:
            raise PolicyError(field, f"{{{name}}}", f"one of {_listed(spec.placeholders)}")
    always = {piece.text for piece in pieces if piece.is_field and not piece.segment}
    missing = [name for name in spec.required if name not in always]
    if missing:
        raise PolicyError(field, text, f"a text with {_listed(missing)} outside of […]")
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """The message. A text that was checked fits any values of its kind."""
    pieces = _parse(text, "template")
    empty = {p.segment for p in pieces if p.is_field and p.segment and not values.get(p.text)}
    return "".join(
        values.get(p.text, "") if p.is_field else p.text for p in pieces if p.segment not in empty
    ).strip()


def values_in_order(kind: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Every value of the kind, for providers whose own templates hold the words; none for a kind
    that is not in the table, such as an answer to a reply."""
    spec = KINDS.get(kind)
    return () if spec is None else tuple(values.get(name, "") for name in spec.placeholders)


def _parse(text: str, field: str) -> Sequence[_Piece]:
    pieces: list[_Piece] = []
    segments, inside = 0, False
    for token in _TOKEN.finditer(text):
        name, odd = token["field"], token["odd"]
        segment = segments if inside else 0
        if name is not None:
            if not _FIELD.fullmatch(name):
                raise PolicyError(field, f"{{{name}}}", "a placeholder such as {date}")
            pieces.append(_Piece(name, True, segment))
        elif odd == "[" and not inside:
            segments, inside = segments + 1, True
        elif odd == "]" and inside:
            inside = False
        elif odd is not None:
            raise PolicyError(field, odd, "brackets in pairs, none inside another")
        else:
            pieces.append(_Piece(token["text"], False, segment))
    if inside:
        raise PolicyError(field, "[", "brackets in pairs, none inside another")
    return pieces


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
