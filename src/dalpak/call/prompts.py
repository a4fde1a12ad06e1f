"""The few sentences that the call itself says, without any agent: given by the language, never written here."""

from dataclasses import dataclass

from dalpak.language.base import Spoken


@dataclass(frozen=True, slots=True)
class Prompts:
    greeting: Spoken
    fillers: tuple[Spoken, ...]
    apology: Spoken
    """The reply failed: please say it again."""
    not_heard: Spoken
    give_up: Spoken
    """Replies fail one after another: somebody will call back."""
    idle_goodbye: Spoken
    keypad_reminder: Spoken
    keypad_cleared: Spoken
    long_call_warning: Spoken
    max_goodbye: Spoken
    drain_goodbye: Spoken
