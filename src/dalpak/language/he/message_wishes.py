"""Hebrew for being written to, or not: the words that carry such a wish, as patterns. Data only.

Between a "no" and the message only words stand that belong to it, so that a "no" to something else
is never taken for this one. A message for the staff ("to leave a message") is none of it.
"""

import re

_MEDIUM = (
    r"(?:[בה]|את ה|ב-)?(?:ו{1,2}א?[טצ]ס?[- ]?א[פף]|ואטס[- ]?א[פף]|whats ?app"
    r"|סמס|אס אם אס|אסאמאס|sms|מסרונים|מסרון|הודעות)"
)
_SEND = r"(?:ת?שלחו?|תשלחי|שלחי|שתשלחו|שתשלחי|שתשלח|שישלחו|ישלחו|שולחים|לשלוח|תכתבו|לכתוב)"
_GET = r"(?:לקבל|אקבל|נקבל)"
_WHAT = r"(?:לי|לנו|אליי|אלי|אלינו|את זה|את|זה|שום|כל|עוד|גם|כלום|אישור|תזכורת|תזכורות|הודעה|הודעת)"
_LEADS = r"(?:אני|אנחנו|רוצה|רוצים|צריך|צריכה|צריכים|חייב|חייבת|חייבים|מעוניין|מעוניינת|צורך|מעדיף|מעדיפה)"
_NO = r"(?:לא|אל|בלי|ללא|אין צורך)"

REFUSES = re.compile(
    rf"(?<!\w)ו?ש?{_NO}(?:\s+(?:{_LEADS}|{_SEND}|{_GET}|{_WHAT}))*\s+{_MEDIUM}(?!\w)"
    rf"|(?<!\w)ו?ש?(?:לא|אל)(?:\s+{_LEADS})*\s+{_SEND}(?:\s+{_WHAT})+(?!\w)",
    re.IGNORECASE,
)
WANTS = re.compile(
    rf"(?<!\w)ו?(?:{_SEND}|{_GET})(?:\s+{_WHAT})*\s+(?:{_MEDIUM}|הודעה)(?!\w)", re.IGNORECASE
)
JOINS = frozenset({"אבל", "רק", "ורק", "אז", "ו", "בבקשה", "אפשר", "אני", "רוצה"})
"""Words that led to the wish and mean nothing without it."""
