"""How much one answer of the store may hold. Nothing else."""

from typing import Final

MAX_ROWS: Final = 1_000
"""No list is longer than this: a page of a month at a busy business holds a few hundred."""
