"""What a person needs to mend one provider: the shape of the small tables beside this file."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dalpak.config import Settings
from dalpak.errors import ConfigError, ProviderError
from dalpak.services.checks.faults import Trouble, trouble
from dalpak.services.checks.finding import Finding, State

FAULTS = (ProviderError, ConfigError, ImportError, TimeoutError)
"""What an adapter may end in while it is tried; anything else is a bug of the check."""

Offers = Callable[[Settings], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Provider:
    """In words: where its keys are, where its quota is, and which of our settings choose from what it has."""

    title: str
    keys: str
    quota: str
    choice: str
    reach: str = "let this machine reach it over HTTPS (firewall, proxy, DNS)"
    offers: Offers | None = None
    """What it has for Hebrew, in a few words; asked when it does not have what the settings name. Raises
    ProviderError."""

    def remedy(self, kind: Trouble) -> str:
        words = {
            Trouble.KEY: self.keys,
            Trouble.QUOTA: self.quota,
            Trouble.CHOICE: self.choice,
            Trouble.SLOW: f"try again; if it stays, a provider nearer to this machine: {self.choice}",
            Trouble.UNREACHABLE: self.reach,
        }
        return words.get(kind, f"{self.title}'s own status page; then run the doctor again")


async def failed(
    name: str, about: Provider, settings: Settings, fault: Exception, *, only: bool = True
) -> Finding:
    """The finding for a fault. `only` False: there is another provider before it, so it is a warning."""
    state = State.ERROR if only else State.WARNING
    if isinstance(fault, ConfigError):
        return Finding(name, state, f"{about.title}: {fault}", about.keys)
    if isinstance(fault, ImportError):
        remedy = "set it up again (make run), or install the extra that pyproject.toml names for it"
        return Finding(name, state, f"{about.title}: the library {fault.name} is missing", remedy)
    kind = trouble(fault)
    found, remedy = f"{about.title}: {kind}", about.remedy(kind)
    if isinstance(fault, ProviderError):
        found += f" ({fault.code})"
    if kind is Trouble.CHOICE and about.offers is not None:
        try:
            remedy += f". It has: {await about.offers(settings)}"
        except ProviderError:
            remedy += ". What it has could not be asked"
    return Finding(name, state, found, remedy)
