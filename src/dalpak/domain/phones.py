"""Israeli telephone numbers: what a caller keyed, typed or was heard to say, to E.164. No
dependency.

The rule accepts every number of the right length and prefix: ranges are opened faster than tables
are updated. `plausible` is what the tables of 2026 know; what is not is read back once more.
Foreign numbers are not captured here: those come verified from the carrier, or not at all.
"""

import re
import unicodedata
from dataclasses import dataclass

COUNTRY = "972"
MAX_TEXT = 64
"""Characters; anything longer is not a telephone number."""

_SEPARATORS = re.compile(r"[\s\-–—./()]+")
_NATIONAL = re.compile(r"05\d{8}|07\d{8}|0[23489]\d{7}", re.ASCII)
_KNOWN_RANGES = re.compile(
    r"05(?:(?:[0-2][02-9]|[36]\d|[49][2-9]|8[3-7])\d{6}"
    r"|5(?:01|2\d|3[0-3]|4[3-5]|5[0-25689]|6[6-8]|7[0-267]|8[7-9]|9[1-9])\d{5}"
    r"|5(?:4(?:0[0-4]|10|6[015-9])|57[0-289]|8[06][0-2])\d{4})"
    r"|07(?:(?:18|2[23]|3[237]|47|6[258]|7\d|82|9[2-9])\d{6}"
    r"|(?:280[01]|38(?:[05]\d|8[0-358])|8(?:33|55|77|81)\d)\d{4})"
    r"|029[1-9]\d{5}|0(?:2[0-8]|[3489]\d)\d{6}",
    re.ASCII,
)
"""Mobile, VoIP and fixed ranges assigned by the Ministry of Communications (as of late 2026)."""
_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""What Twilio sends for anonymous, restricted, blocked, unknown and unavailable callers."""
_ANY_E164 = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phone:
    e164: str
    national: str
    """With its leading zero, digits only: what people say."""
    mobile: bool
    """Only a mobile is sure to have WhatsApp."""
    plausible: bool
    """False: right in form, in no range known to be in use. Read it back, then accept it."""


def _digits(text: str) -> str | None:
    """Digits of any script, a leading plus kept, separators and bidi marks dropped; None if there
    is more."""
    kept: list[str] = []
    for char in _SEPARATORS.sub("", text):
        if unicodedata.category(char) == "Cf":
            continue
        if char == "+" and not kept:
            kept.append(char)
            continue
        value = unicodedata.decimal(char, None)
        if value is None:
            return None
        kept.append(str(value))
    return "".join(kept)


def parse_phone(text: str) -> Phone | None:
    """A number of Israel however it is written, or None. A committing `#` at the end is ignored."""
    if len(text) > MAX_TEXT:
        return None
    digits = _digits(text.strip().removesuffix("#"))
    if digits is None:
        return None
    national = _to_national(digits)
    if not _NATIONAL.fullmatch(national):
        return None
    return Phone(
        e164=f"+{COUNTRY}{national[1:]}",
        national=national,
        mobile=national.startswith("05"),
        plausible=_KNOWN_RANGES.fullmatch(national) is not None,
    )


def _to_national(digits: str) -> str:
    for prefix in (f"+{COUNTRY}", f"00{COUNTRY}", COUNTRY):
        rest = digits.removeprefix(prefix)
        if rest != digits and len(rest) >= 8:
            return rest if rest.startswith("0") else f"0{rest}"
    if re.fullmatch(r"[57]\d{8}", digits, re.ASCII):
        return f"0{digits}"
    return digits


def carrier_phone(text: str | None) -> str | None:
    """The E.164 of a caller id as the carrier sends it, foreign ones too; None for withheld or odd
    ones."""
    if not text or text in _WITHHELD:
        return None
    phone = parse_phone(text)
    if phone is not None:
        return phone.e164
    return text if _ANY_E164.fullmatch(text) else None


def spoken_digits(e164: str) -> str:
    """What is read back: the national digits of an Israeli number, all digits of another."""
    phone = parse_phone(e164)
    return phone.national if phone else e164.removeprefix("+")


def why_not_a_phone(text: str) -> str:
    """`too_short`, `too_long`, `not_digits` or `unknown_prefix`, for a text that `parse_phone`
    refuses."""
    digits = _digits(text.strip().removesuffix("#")) if len(text) <= MAX_TEXT else None
    if digits is None or not digits:
        return "not_digits"
    national = _to_national(digits)
    wanted = 9 if re.match(r"0[23489]", national) else 10
    if len(national) != wanted and not national.startswith("+"):
        return "too_short" if len(national) < wanted else "too_long"
    return "unknown_prefix"


def mask(number: str) -> str:
    """`0501234567` -> `050•••••67`: enough to recognise, not enough to call."""
    keep = 4 if number.startswith("+") else 3
    if len(number) < keep + 4:
        return "•" * len(number)
    return number[:keep] + "•" * (len(number) - keep - 2) + number[-2:]
