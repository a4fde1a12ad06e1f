"""Faults of providers, sorted by what mends them: the code of a ProviderError, whichever adapter raised it.

The words for one provider (which key, which page) are in that provider's own check.
"""

from enum import StrEnum

from dalpak.errors import ProviderError


class Trouble(StrEnum):
    KEY = "the key is refused"
    QUOTA = "the quota is used up, or there is no credit"
    CHOICE = "it does not have the model, voice or language that was asked for"
    SLOW = "it does not answer in time"
    UNREACHABLE = "it cannot be reached"
    OTHER = "it failed"


SIGNS: tuple[tuple[Trouble, tuple[str, ...]], ...] = (
    (
        Trouble.KEY,
        ("auth", "denied", "credential", "forbidden", "401", "403", "no_project"),
    ),
    (Trouble.QUOTA, ("quota", "exhaust", "rate", "429", "402", "billing")),
    (
        Trouble.CHOICE,
        ("refused", "invalid", "not_found", "404", "400", "unsupported", "bad_request"),
    ),
    (Trouble.SLOW, ("timeout", "deadline", "slow")),
    (Trouble.UNREACHABLE, ("unreachable", "unavailable", "connect", "network", "dns", "lost")),
)
"""In this order: a code that speaks of two things is the more definite one."""


def trouble(fault: Exception) -> Trouble:
    """What kind of trouble it is, by the fault's stable code."""
    if isinstance(fault, TimeoutError):
        return Trouble.SLOW
    code = fault.code.lower() if isinstance(fault, ProviderError) else ""
    for kind, signs in SIGNS:
        if any(sign in code for sign in signs):
            return kind
    return Trouble.OTHER
