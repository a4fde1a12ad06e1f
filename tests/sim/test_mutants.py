"""The rules are tested, too: each deliberate break of the core is noticed, by the rule meant for it."""

from collections.abc import Callable
from typing import Any

import pytest

from dalpak.call import couplings, drafting, machine, playout, turn, words
from dalpak.call.effects import ClearPlayback, SendFrame
from dalpak.call.floor import Floor
from dalpak.call.keypad import Keypad
from dalpak.call.machine import Call
from dalpak.call.playout import Playout, Speech
from dalpak.simulator.one_call import run_seed

pytestmark = pytest.mark.sim

SEEDS = 150
Patch = Callable[[pytest.MonkeyPatch], None]


def replaced(owner: Any, name: str, new: Any) -> Patch:
    return lambda patch: patch.setattr(owner, name, new)


def keeps_cancelled_speech(self: Playout, now: int) -> Any:
    dropped = [*self._awaiting, *self._queue]
    self.paused_at = None
    return dropped, self._clear(now)


def forgets_to_cancel(self: couplings.Couplings, turn: turn.Turn) -> None:
    turn.ended = True


def counts_every_final(self: words.KnownWords, text: str, now: int, **_: object) -> str:
    return text


def takes_any_mark(patch: pytest.MonkeyPatch) -> None:
    real = playout.parse_mark

    def blind(name: str) -> Any:
        parsed = real(name)
        return parsed and (BLIND.generation, *parsed[1:])

    class BLIND:
        generation = 0

    played = Playout.mark_played

    def mark_played(self: Playout, name: str) -> Any:
        BLIND.generation = self.generation
        return played(self, name)

    patch.setattr(playout, "parse_mark", blind)
    patch.setattr(Playout, "mark_played", mark_played)


def pours_it_all_out(self: Playout, now: int) -> int | None:
    if self.paused_at is not None or not self._queue:
        return None
    head = self._queue[0]
    return None if head.sent >= len(head.frames) and not head.complete else now


def sends_one_frame_per_wake(patch: pytest.MonkeyPatch) -> None:
    """Lost time is never regained: the mistake of a well-known framework."""
    real = Playout.send_due

    def send_due(self: Playout, now: int) -> Any:
        late = self.next_send(now)
        effects = real(self, now)
        frames = sum(isinstance(effect, SendFrame) for effect in effects)
        if late is not None and frames > 1 and self._run_sent > frames:
            self._run_start += (frames - 1) * 20
        return effects

    patch.setattr(Playout, "send_due", send_due)


def does_not_rewind(self: Playout, now: int) -> Any:
    if self.paused_at is not None or not self.busy:
        self.paused_at = now
        return []
    self.paused_at = now
    return self._clear(now)


def plays_over_the_caller(patch: pytest.MonkeyPatch) -> None:
    real = Playout.pause
    patch.setattr(Playout, "pause", lambda self, now: real(self, now) if self.busy else [])


def does_not_listen(self: Playout, now: int) -> list[ClearPlayback]:
    del self, now
    return []


def takes_the_newest_key(self: Keypad) -> str | None:
    return self._ahead.pop() if self._ahead else None


def commits_after_nine_digits(patch: pytest.MonkeyPatch) -> None:
    real = Keypad.press

    def press(self: Keypad, key: str, now: int) -> Any:
        pressed = real(self, key, now)
        return real(self, "#", now) if self.collecting and self.digits_so_far >= 9 else pressed

    patch.setattr(Keypad, "press", press)


def records_twice(patch: pytest.MonkeyPatch) -> None:
    real = couplings.Couplings._record_turn

    def record(self: couplings.Couplings) -> None:
        if self.turns.current is not None:
            self.turns.current.recorded = False
        real(self)

    patch.setattr(couplings.Couplings, "_record_turn", record)


def hears_what_was_not_made(self: Speech) -> str:
    return self.spoken.text if self.ended else ""


def wakes_too_late(patch: pytest.MonkeyPatch) -> None:
    real = Call.deadline

    def later(call: Call) -> int | None:
        at = real(call)
        return None if at is None else at + 400

    patch.setattr(Call, "deadline", later)


def finals_only(self: Floor, text: str, now: int) -> bool:
    del self, text, now
    return False


def forgets_to_drop(self: Playout) -> list[Speech]:
    """What was made of a dropped draft is said with the next one."""
    del self
    return []


def never_minds_what_was_said(patch: pytest.MonkeyPatch) -> None:
    """Takes the draft for the turn although the caller went on."""
    patch.setattr(drafting, "same_words", lambda one, other: True)
    patch.setattr(couplings, "same_words", lambda one, other: True)


MUTANTS: dict[str, tuple[Patch, set[str]]] = {
    "plays cancelled speech": (replaced(Playout, "cancel", keeps_cancelled_speech), {"old_sound"}),
    "barge-in forgets the turn": (
        replaced(couplings.Couplings, "_cancel_reply", forgets_to_cancel),
        {"numbers"},
    ),
    "a second final opens a turn": (
        replaced(words.KnownWords, "new_in_final", counts_every_final),
        {"one_turn"},
    ),
    "no watchdog": (
        replaced(turn.TurnBook, "reply_overdue_at", lambda self: None),
        {"watchdog", "dead_air"},
    ),
    "a silent voice is waited for": (
        replaced(Playout, "audio_overdue_at", lambda self: None),
        {"dead_air"},
    ),
    "dropped marks count as heard": (takes_any_mark, {"heard", "read_back", "no_gap"}),
    "pours seconds of speech out": (replaced(Playout, "next_send", pours_it_all_out), {"lead"}),
    "loses time for ever": (sends_one_frame_per_wake, {"pace"}),
    "goes on where it sent": (replaced(Playout, "pause", does_not_rewind), {"no_gap"}),
    "begins over the caller": (plays_over_the_caller, {"overlap"}),
    "cannot be interrupted": (replaced(Playout, "pause", does_not_listen), {"yield", "overlap"}),
    "kept keys in wrong order": (replaced(Keypad, "next_kept", takes_the_newest_key), {"keys"}),
    "a number ends by itself": (commits_after_nine_digits, {"keys"}),
    "a write is cut": (
        replaced(machine.Call, "_commit_waits", lambda self: False),
        {"write"},
    ),
    "hangs up before it was heard": (
        replaced(Playout, "busy", property(lambda self: bool(self._queue))),
        {"goodbye"},
    ),
    "a turn is recorded twice": (records_twice, {"records"}),
    "unmade words count as heard": (
        replaced(Speech, "heard_text", hears_what_was_not_made),
        {"heard"},
    ),
    "wakes too late": (wakes_too_late, {"future", "pace", "dead_air"}),
    "a dropped draft is said": (replaced(Playout, "drop_ahead", forgets_to_drop), {"ahead"}),
    "a draft answers other words": (never_minds_what_was_said, {"drafted"}),
    "partials are not heard": (replaced(Floor, "partial", finals_only), {"old_sound"}),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_core_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, expected = MUTANTS[name]
    patch(monkeypatch)

    for seed in range(SEEDS):
        failure = run_seed(seed).failure
        if failure is not None and failure.split(":")[0] in expected:
            return
    pytest.fail(f"{SEEDS} seeds let it live")
