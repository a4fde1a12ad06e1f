"""What the callers of `dalpak check` say. Data only; a line beginning with `>` is keys pressed."""

from typing import Final

PHONE: Final = "0559099999"
"""In a range that is not given to anybody."""

OFF_GRID_BOOKING: Final = (
    "שלום, אני רוצה לקבוע תספורת גברים",
    "מחר בעשר ושבע דקות",
    "הראשון",
    "קוראים לי דנה כהן",
    f"> {PHONE}#",
    "כן",
    "לא תודה",
)
"""Typed: an hour that is no start time, then one of the two suggested; the number by keypad."""

SPOKEN_BOOKING: Final = (
    "אני רוצה לקבוע תספורת גברים מחר בעשר בבוקר",
    "קוראים לי דנה כהן",
    f"> {PHONE}#",
    "כן",
    "לא תודה",
)
"""Spoken, as short as a booking can be."""

WIRE_BOOKING: Final = (
    "אני רוצה את התור הכי מוקדם שיש",
    "הראשון",
    "קוראים לי דנה כהן",
    f"> {PHONE}#",
    "כן",
    "לא תודה",
)
"""Spoken on any day of the year: whatever is free first."""
