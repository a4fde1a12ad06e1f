"""What a codec answers for a frame that it will not use. A bad frame is dropped and counted; it
never ends a call.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drop:
    """`reason` is one of a small closed set of words, so that it can be a counter's label."""

    reason: str
