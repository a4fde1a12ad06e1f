"""Deadlines: one table from which both "wake me when" and "what is due" are read, so that they cannot disagree.

Every row is a question to a sub-machine. A row must move (or vanish) once its due has been handled.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dalpak.call.limits import Ms

if TYPE_CHECKING:
    from dalpak.call.machine import Call


class Due(StrEnum):
    FRAME = "frame"
    MARKS_OVERDUE = "marks_overdue"
    AUDIO_OVERDUE = "audio_overdue"
    BARGE_RESUME = "barge_resume"
    FINALIZE = "finalize"
    WORDS_OVERDUE = "words_overdue"
    COMMIT = "commit"
    DRAFT = "draft"
    FILLER = "filler"
    REPLY_OVERDUE = "reply_overdue"
    KEY_REMINDER = "key_reminder"
    IDLE_PROMPT = "idle_prompt"
    IDLE_GOODBYE = "idle_goodbye"
    WARNING = "warning"
    MAX_CALL = "max_call"
    CLOSING = "closing"


def table(call: Call, now: Ms) -> list[tuple[Ms, Due]]:
    """Every running deadline with its moment, in no order."""
    rows: list[tuple[Ms | None, Due]] = [
        (call.playout.next_send(now), Due.FRAME),
        (call.playout.marks_overdue_at(), Due.MARKS_OVERDUE),
        (call.playout.audio_overdue_at(), Due.AUDIO_OVERDUE),
        (call.closing_at, Due.CLOSING),
    ]
    if call.closing_at is None:
        rows += [
            (call.floor.finalize_at(), Due.FINALIZE),
            (call.floor.words_overdue_at(), Due.WORDS_OVERDUE),
            (call.commit_at(), Due.COMMIT),
            (call.draft_at(), Due.DRAFT),
            (call.barge_resume_at(), Due.BARGE_RESUME),
            (call.filler_at(now), Due.FILLER),
            (call.reply_overdue_at(), Due.REPLY_OVERDUE),
            (call.idle.reminder_at(call), Due.KEY_REMINDER),
            (call.idle.prompt_at(call), Due.IDLE_PROMPT),
            (call.idle.goodbye_at(call), Due.IDLE_GOODBYE),
            (call.warning_at, Due.WARNING),
            (call.max_call_at, Due.MAX_CALL),
        ]
    return [(at, due) for at, due in rows if at is not None]


def next_deadline(call: Call, now: Ms) -> Ms | None:
    rows = table(call, now)
    return min(at for at, _ in rows) if rows else None


def first_due(call: Call, now: Ms) -> Due | None:
    """The earliest deadline that has come; ties in the order of the table."""
    due = [(at, i, what) for i, (at, what) in enumerate(table(call, now)) if at <= now]
    return min(due)[2] if due else None
