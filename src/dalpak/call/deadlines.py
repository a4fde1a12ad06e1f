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
    STRAY_VOICE = "stray_voice"
    IDLE_PROMPT = "idle_prompt"
    IDLE_GOODBYE = "idle_goodbye"
    WARNING = "warning"
    MAX_CALL = "max_call"
    CLOSING = "closing"


def table(call: Call, now: Ms) -> list[tuple[Ms | None, Due]]:
    """Every deadline with its moment, None while it does not run; which goes first at one moment, is in the order."""
    rows: list[tuple[Ms | None, Due]] = [
        (call.playout.next_send(now), Due.FRAME),
        (call.playout.marks_overdue_at(), Due.MARKS_OVERDUE),
        (call.playout.audio_overdue_at(), Due.AUDIO_OVERDUE),
        (call.closing_at, Due.CLOSING),
    ]
    if call.closing_at is None:
        rows += (
            (call.floor.finalize_at(), Due.FINALIZE),
            (call.floor.words_overdue_at(), Due.WORDS_OVERDUE),
            (call.commit_at(), Due.COMMIT),
            (call.draft_at(), Due.DRAFT),
            (call.barge_resume_at(), Due.BARGE_RESUME),
            (call.filler_at(now), Due.FILLER),
            (call.reply_overdue_at(), Due.REPLY_OVERDUE),
            (call.idle.reminder_at(call), Due.KEY_REMINDER),
            (call.stray_voice_at(), Due.STRAY_VOICE),
            (call.idle.prompt_at(call), Due.IDLE_PROMPT),
            (call.idle.goodbye_at(call), Due.IDLE_GOODBYE),
            (call.warning_at, Due.WARNING),
            (call.max_call_at, Due.MAX_CALL),
        )
    return rows


def earliest(call: Call, now: Ms) -> tuple[Ms, Due] | None:
    """The next deadline: due when its moment is not after `now`. None when nothing runs."""
    first: tuple[Ms, Due] | None = None
    for at, due in table(call, now):
        if at is not None and (first is None or at < first[0]):
            first = at, due
    return first
