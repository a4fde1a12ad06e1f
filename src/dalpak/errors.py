"""The exceptions of this project, in one tree.

Expected outcomes are values, never exceptions; what is here is a fault or a misuse.

    DalpakError
    ├── ConfigError          the operator's setting is wrong: names field, value, expectation
    ├── PolicyError          a business's policy is wrong: names field, value, expectation
    ├── ScopeError           a query without, or outside, its tenant
    └── ProviderError        an outside service failed; becomes an input of the call
"""

from dataclasses import dataclass


class DalpakError(Exception):
    """Root of every exception that this project raises itself."""


@dataclass(eq=False)
class FieldError(DalpakError):
    """Bad data that a person wrote: which field, what stood there, what was expected."""

    field: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, got {self.value!r}"


class ConfigError(FieldError):
    """A setting of the process cannot be used."""


class PolicyError(FieldError):
    """A business's booking policy cannot be used."""


class ScopeError(DalpakError):
    """A row of another tenant, or no tenant at all, was asked for."""


@dataclass(eq=False)
class ProviderError(DalpakError):
    """An outside service failed. `code` is stable and machine-readable; `retryable` says if waiting helps."""

    code: str
    detail: str = ""
    retryable: bool = True
    retry_after_s: float = 0.0
    """The provider's own wish: not before so many seconds; 0 where it said nothing."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code
