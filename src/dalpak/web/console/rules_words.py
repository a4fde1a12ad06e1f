"""The Hebrew words of the page of the rules of writing: what a field is called, and what it expected.
Nothing else.
"""

from collections.abc import Mapping

from dalpak.domain.messaging import (
    LEAST_HOLD_MIN,
    MAX_DAYS_BEFORE,
    MAX_HOLD_MIN,
    MAX_HOURS_BEFORE,
    MAX_KEEP_DAYS,
    MAX_PER_CALL,
    MAX_PER_HOUR,
)


def _from(low: int, high: int) -> str:
    return f"מספר שלם בין {low} ל־{high}"


CHANNELS: Mapping[str, str] = {
    "outbox": "תיבת יוצא, לא נשלח דבר",
    "whatsapp_cloud": "וואטסאפ רשמי (Meta)",
    "twilio_whatsapp": "וואטסאפ (Twilio)",
    "twilio_sms": "מסרון SMS (Twilio)",
    "baileys": "וואטסאפ, מכשיר מקושר",
}
"""By messenger; shorter than on the page that sets one up."""

LABELS: Mapping[str, str] = {
    "channels": "ערוצי השליחה",
    "summary_to": "מי מקבל סיכום שיחה",
    "reminders": "תזכורות",
    "quiet_hours": "שעות השקט",
    "rest_from": "שעת תחילת המנוחה",
    "rest_to": "שעת סיום המנוחה",
    "waitlist_hold_min": "דקות שמירת התור המוצע",
    "most_per_hour": "הודעות בשעה למספר אחד",
    "most_per_call": "הודעות בעקבות שיחה אחת",
    "most_to_others": "הודעות בעקבות שיחה אחת למספר אחר",
    "keep_days": "ימי שמירה",
}
"""By field of `domain/messaging.py`."""

PARTS: Mapping[str, str] = {"days_before": "ימים לפני", "hours_before": "שעות לפני", "at": "שעה"}
"""Of a reminder."""

EXPECTED: Mapping[str, str] = {
    "channels": "כל ערוץ פעם אחת",
    "summary_to": "אחת האפשרויות שברשימה",
    "reminders": "תזכורות ששונות זו מזו",
    "days_before": _from(1, MAX_DAYS_BEFORE),
    "hours_before": _from(1, MAX_HOURS_BEFORE),
    "at": "שעה, למשל 18:00",
    "quiet_hours": "שתי שעות שונות זו מזו, למשל 21:00 ו־08:00",
    "rest_from": "שעה, למשל 15:00",
    "rest_to": "שעה, למשל 21:00",
    "waitlist_hold_min": _from(LEAST_HOLD_MIN, MAX_HOLD_MIN),
    "most_per_hour": _from(1, MAX_PER_HOUR),
    "most_per_call": _from(1, MAX_PER_CALL),
    "most_to_others": _from(1, MAX_PER_CALL),
    "keep_days": _from(1, MAX_KEEP_DAYS),
}
"""By field, or by part of a reminder."""


def label_of(field: str) -> str:
    """`reminders[1].at` -> the second reminder's hour. The name itself where there is no word."""
    head, _, part = field.partition("]")
    key, _, index = head.partition("[")
    label = LABELS.get(key, key)
    if key == "reminders" and index:
        label = f"תזכורת {int(index) + 1}"
    part = part.removeprefix(".")
    return f"{label}, {PARTS[part]}" if part in PARTS else label


def expected_of(field: str) -> str:
    """What would be right there; nothing where there is no word for it."""
    head, _, part = field.partition("]")
    return EXPECTED.get(part.removeprefix(".")) or EXPECTED.get(head.partition("[")[0], "")
