"""Who may change an appointment, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from dalpak.domain.changes import Change, in_time, is_upcoming, same_person
from dalpak.domain.policy import Policy
from dalpak.domain.records import Appointment, AppointmentStatus

pytestmark = pytest.mark.unit

START = datetime(2027, 3, 26, 9, tzinfo=UTC)
POLICY = Policy(cancel_notice_min=24 * 60, reschedule_notice_min=120)
SECOND = timedelta(seconds=1)


def row(**changes: object) -> Appointment:
    values: dict[str, object] = {
        "id": "a",
        "business_id": "b",
        "resource_id": "r",
        "service_id": "s",
        "start": START,
        "end": START + timedelta(hours=1),
        "status": AppointmentStatus.BOOKED,
        "lead_id": None,
        "call_id": None,
        "name": "נועה כהן",
        "phone": "+972523456789",
        "hold_until": None,
        "created_at": START,
    }
    return Appointment(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "notice"),
    [(Change.CANCEL, timedelta(days=1)), (Change.RESCHEDULE, timedelta(hours=2))],
)
def test_the_notice_is_absolute_and_its_boundary_is_in_time(
    change: Change, notice: timedelta
) -> None:
    """The night before this day the clock in Jerusalem skips an hour: 24 hours stay 24 hours."""
    assert in_time(POLICY, change, START, START - notice)
    assert not in_time(POLICY, change, START, START - notice + SECOND)
    assert in_time(POLICY, change, START, START - notice + SECOND, grace=SECOND)


def test_what_began_is_never_in_time() -> None:
    free = Policy()
    assert in_time(free, Change.CANCEL, START, START - SECOND)
    assert not in_time(free, Change.CANCEL, START, START)
    assert not in_time(free, Change.CANCEL, START, START, grace=timedelta(hours=1))
    with pytest.raises(TypeError):
        in_time(free, Change.CANCEL, START, START.replace(tzinfo=None))


def test_upcoming_is_booked_and_ahead() -> None:
    assert is_upcoming(row(), START - SECOND)
    assert not is_upcoming(row(), START)
    assert not is_upcoming(row(status=AppointmentStatus.CANCELLED), START - SECOND)
    assert not is_upcoming(row(status=AppointmentStatus.HELD), START - SECOND)


@pytest.mark.parametrize(
    ("name", "digits", "same"),
    [
        ("נועה כהן", "6789", True),
        ("נועה", "6789", True),
        ("נועה  כהן לוי", "6789", True),
        ("נועה-כהן", "+972523456789", True),
        ("כהן", "6789", False),
        ("נועה לוי", "6789", False),
        ("נוע", "6789", False),
        ("נועה", "6780", False),
        ("נועה", "789", False),
        ("נועה", "", False),
        ("", "6789", False),
        ("!!", "6789", False),
        ("נועה", "+972533456789", False),
    ],
)
def test_name_and_last_digits_together(name: str, digits: str, same: bool) -> None:
    assert same_person(row(), name, digits) is same


def test_without_name_or_number_nobody_is_the_same() -> None:
    assert not same_person(row(name=None), "נועה", "6789")
    assert not same_person(row(phone=None), "נועה", "6789")
    assert same_person(row(name="NOA"), "noa", "6789")
