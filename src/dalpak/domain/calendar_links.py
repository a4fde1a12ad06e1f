"""Links to calendars that nobody can guess: their paths, and the tokens in them. Pure.

A staff member's feed has a random secret of its own. The file of one appointment has a token made
from a secret of the business, so that a message can be written again with the same link. Where the
secrets are kept is the store's matter.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

ROOT = "/calendar"
APPOINTMENTS = "appointments"
"""Subject of the secret behind the files of single appointments."""


def staff_subject(resource_id: str) -> str:
    """Subject of the secret of a staff member's feed."""
    return f"staff:{resource_id}"


def staff_path(business_id: str, resource_id: str, secret: str) -> str:
    return f"{ROOT}/{business_id}/staff/{resource_id}/{secret}.ics"


def appointment_token(secret: str, appointment_id: str) -> str:
    digest = hmac.digest(secret.encode(), appointment_id.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")


def appointment_path(business_id: str, appointment_id: str, secret: str) -> str:
    token = appointment_token(secret, appointment_id)
    return f"{ROOT}/{business_id}/appointment/{appointment_id}/{token}.ics"


def is_token(given: str, right: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), right.encode())
