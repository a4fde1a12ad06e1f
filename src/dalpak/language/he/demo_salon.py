"""The demo business in words: a hair salon with its services, staff and rules. Data only.

`store/demo.py` writes it into an empty database, so that the first call has somebody to talk to.
The owner's number is in a range that is not given to anybody: a demo must never call or write to a
real person.
"""

from typing import Final, NamedTuple

BUSINESS_ID: Final = "demo-salon"
NAME: Final = "מספרת תמר"
IPA: Final = "mispeʁˈat tamˈaʁ"
PHONE: Final = "+97237654321"
OWNER_PHONE: Final = "+972500000000"
TIMEZONE: Final = "Asia/Jerusalem"
ADDRESS: Final = "רחוב דיזנגוף 99, תל אביב"

FACTS: Final[dict[str, str]] = {
    "parking": "יש חניון ציבורי מול הכניסה, ואחרי השעה שבע החניה ברחוב חינם.",
    "payment": "אפשר לשלם במזומן, באשראי, בביט או בפייבוקס.",
    "accessibility": "הכניסה נגישה לכיסאות גלגלים, ללא מדרגות.",
}


class DemoService(NamedTuple):
    """`price` in whole shekels; `ipa` as espeak phonemes; `staff` empty means everyone."""

    id: str
    name: str
    ipa: str
    duration_min: int
    price: int
    aliases: tuple[str, ...]
    staff: tuple[str, ...] = ()
    clean_up_min: int = 0


class DemoStaff(NamedTuple):
    id: str
    name: str
    ipa: str
    aliases: tuple[str, ...]


STAFF: Final = (
    DemoStaff("tamar", "תמר", "tamˈaʁ", ("תמי", "תמרה")),
    DemoStaff("yossi", "יוסי", "jˈosi", ("יוסף",)),
)

SERVICES: Final = (
    DemoService(
        "haircut-women",
        "תספורת נשים",
        "tispˈoʁet naʃˈim",
        45,
        180,
        ("תספורת לאישה", "תספורת אישה", "תספורת לנשים"),
    ),
    DemoService(
        "haircut-men",
        "תספורת גברים",
        "tispˈoʁet gvaʁˈim",
        30,
        90,
        ("תספורת לגבר", "תספורת גבר", "תספורת לגברים", "מכונה"),
    ),
    DemoService(
        "haircut-children",
        "תספורת ילדים",
        "tispˈoʁet jeladˈim",
        30,
        70,
        ("תספורת לילד", "תספורת לילדה", "תספורת ילד", "תספורת לילדים"),
    ),
    DemoService(
        "colour",
        "צבע לשיער",
        "tsˈeva laseʔˈaʁ",
        90,
        280,
        ("צבע", "צביעה", "צביעת שיער", "שורשים"),
        staff=("tamar",),
        clean_up_min=15,
    ),
    DemoService(
        "highlights",
        "גוונים",
        "gvanˈim",
        120,
        450,
        ("גוונים בשיער", "פסים", "הבהרה"),
        staff=("tamar",),
        clean_up_min=15,
    ),
    DemoService(
        "blow-dry",
        "פן",
        "fˈen",
        30,
        80,
        ("פן לשיער", "עיצוב שיער", "סידור שיער", "ייבוש"),
    ),
)

POLICY: Final[dict[str, object]] = {
    "timezone": TIMEZONE,
    "allow_24_7": False,
    "opening_hours_json": {
        "sun": [["09:00", "19:00"]],
        "mon": [["09:00", "19:00"]],
        "tue": [["09:00", "19:00"]],
        "wed": [["09:00", "19:00"]],
        "thu": [["09:00", "19:00"]],
        "fri": [["08:30", "13:00"]],
        "sat": [],
    },
    "holidays": {"rest_days": "closed", "yom_haatzmaut": "closed", "eves": "short"},
    "short_day_hours_json": [["08:30", "12:00"]],
    "slot_size_min": 15,
    "default_service_min": 30,
    "min_notice_min": 60,
    "booking_window_days": 30,
    "require_phone_before_booking": True,
    "cancel_notice_min": 120,
    "reschedule_notice_min": 120,
}
