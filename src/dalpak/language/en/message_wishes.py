"""English for being written to, or not: the words that carry such a wish, as patterns. Data only.

Between a "no" and the message only words stand that belong to it, so that a "no" to something else
is never taken for this one. A message for the staff ("leave a message") is none of it.
"""

import re

_MEDIUM = r"(?:whats ?app(?: messages?)?|sms|texts?(?: messages?)?|messages)"
_SEND = r"(?:send|get|receive|write)"
_WHAT = (
    r"(?:me|us|any|a|an|the|it|that|this|by|on|over|via|to|more|confirmation|reminders?|message)"
)
_LEADS = r"(?:want|need|please|you|to)"
_NO = r"(?:don['’]?t|do not|no|not|without|never)"

REFUSES = re.compile(
    r"\b(?:don['’]?t|do not|never)\s+(?:text|message|whats ?app)\s+(?:me|us)\b"
    rf"|\b{_NO}(?:\s+(?:{_LEADS}|{_SEND}|{_WHAT}))*\s+{_MEDIUM}\b"
    rf"|\b(?:don['’]?t|do not|never)(?:\s+{_LEADS})*\s+{_SEND}\s+(?:me|us)"
    r"(?:\s+(?:a|any|message|anything|confirmation))*\b",
    re.IGNORECASE,
)
WANTS = re.compile(
    rf"\b{_SEND}(?:\s+{_WHAT})*\s+(?:{_MEDIUM}|message)\b"
    r"|\b(?:text|message|whats ?app)\s+(?:me|us)\b",
    re.IGNORECASE,
)
JOINS = frozenset({"but", "and", "just", "please", "can", "could", "you", "I", "want", "to"})
"""Words that led to the wish and mean nothing without it."""
