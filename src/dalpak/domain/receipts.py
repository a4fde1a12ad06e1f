"""Which of two tellings about one message counts. Pure: a provider's receipts come twice, late and
in any order, and the same set of them must always end in the same state.

What a receipt looks like on the wire is in services/whatsapp; the row is the store's.
"""

RANK = {
    "pending": 0,
    "sending": 1,
    "unknown": 1,
    "accepted": 2,
    "sent": 3,
    "failed": 4,
    "recorded": 5,
    "delivered": 5,
    "read": 6,
}
"""`failed` beats a promise (a carrier that took it may still give up) and loses to proof: what arrived
on one device did not fail, whichever was told last. `read` may come without `delivered`."""


def merged(known: str, told: str) -> str:
    """The state after a receipt. Order and repetition make no difference; an unknown word changes
    nothing, and a skipped message stays skipped."""
    if known == "skipped" or told not in RANK:
        return known
    return told if RANK[told] > RANK.get(known, -1) else known
