"""The idle caller: asked again after a while, sent off kindly in the end, reminded while keying a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dalpak.call.limits import Limits, Ms

if TYPE_CHECKING:
    from dalpak.call.machine import Call


class Idle:
    """Counts only silence in which nobody speaks, thinks or keys."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.quiet_since: Ms = 0
        """When our last word was heard (or given up)."""
        self.prompts = 0
        self._began_at: Ms = 0

    def caller_active(self) -> None:
        self.prompts = 0

    def prompted(self, now: Ms) -> None:
        if self.prompts == 0:
            self._began_at = now - self._limits.idle_prompt_ms
        self.prompts += 1

    def _quiet_from(self, call: Call) -> Ms | None:
        if (
            call.playout.busy
            or call.turns.thinking
            or call.floor.caller_speaking
            or not call.started
        ):
            return None
        return max(self.quiet_since, call.floor.last_word_at, call.keypad.last_key_at or 0)

    def reminder_at(self, call: Call) -> Ms | None:
        """While a number is being keyed: a reminder, never a flush."""
        quiet = self._quiet_from(call)
        if quiet is None or not call.keypad.collecting:
            return None
        reminders_end = self._began_at + self._limits.idle_goodbye_ms
        if self.prompts and quiet + self._limits.key_reminder_ms >= reminders_end:
            return None
        return quiet + self._limits.key_reminder_ms

    def prompt_at(self, call: Call) -> Ms | None:
        quiet = self._quiet_from(call)
        if quiet is None or call.keypad.collecting or self.prompts:
            return None
        return quiet + self._limits.idle_prompt_ms

    def goodbye_at(self, call: Call) -> Ms | None:
        quiet = self._quiet_from(call)
        if quiet is None or not self.prompts:
            return None
        return max(
            self._began_at + self._limits.idle_goodbye_ms, quiet + self._limits.idle_prompt_ms
        )
