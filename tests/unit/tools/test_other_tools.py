"""Contact, messages, the business's facts, and what is asked of the call itself."""

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon
from memory_store import MemoryStore

from dalpak.ports.agent import CollectDigits, SayGoodbye, TransferTo
from dalpak.tools.leads import MAX_MESSAGE, MAX_NAME, clean

pytestmark = pytest.mark.unit


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(salon())


@pytest.fixture
def caller(store: MemoryStore) -> Caller:
    return Caller(store, FakeClock())


# -- contact -----------------------------------------------------------------------------------------


async def test_contact_is_noted_and_told_without_the_number(caller: Caller) -> None:
    noted = await caller.use("leads.note_contact", name="  Noa \n Levi ", phone="052-345 6789")
    assert noted.data == {
        "ok": True,
        "has_name": True,
        "has_phone": True,
        "phone": "+972•••••••89",
        "mobile": True,
        "plausible": True,
    }
    assert (caller.gate.name, caller.gate.phone) == ("Noa Levi", "+972523456789")


@pytest.mark.parametrize(
    ("phone", "detail"),
    [
        ("05234567", "too_short"),
        ("05234567890123", "too_long"),
        ("*2700", "not_digits"),
        ("0612345678", "unknown_prefix"),
    ],
)
async def test_a_bad_number_says_why_and_changes_nothing(
    caller: Caller, phone: str, detail: str
) -> None:
    await caller.introduce()
    refused = await caller.use("leads.note_contact", phone=phone)
    assert (refused.data["error"], refused.data["detail"]) == ("bad_phone", detail)
    assert refused.data["reason"]
    assert caller.gate.phone == "+972523456789"


async def test_a_number_in_no_known_range_is_taken_and_marked(caller: Caller) -> None:
    noted = await caller.use("leads.note_contact", phone="0541234567")
    assert (noted.ok, noted.data["plausible"]) == (True, False)


async def test_a_name_is_letters(caller: Caller) -> None:
    for name in ("", "   ", "12345", "\u202e\u0000"):
        refused = await caller.use("leads.note_contact", name=name)
        assert refused.data["error"] == "bad_name"
    assert (await caller.use("leads.note_contact")).data["error"] == "bad_arguments"
    assert caller.gate.name is None


def test_text_of_callers_is_cleaned_and_cut() -> None:
    assert clean("a\u0000b\u202ec\n\n d", 10) == "a b c d"
    assert len(clean("word " * 1_000, MAX_MESSAGE)) <= MAX_MESSAGE
    assert clean("x" * 10_000, MAX_NAME) == "x" * MAX_NAME
    assert clean("\ud800 ok", 10) == "ok"


# -- messages ----------------------------------------------------------------------------------------


async def test_a_message_becomes_a_lead_and_one_event(caller: Caller, store: MemoryStore) -> None:
    await caller.introduce()
    assert (await caller.use("leads.take_message", text="call me back")).ok
    assert (await caller.use("leads.take_message", text="call me back")).ok
    (lead,) = store.tables("salon").leads.values()
    assert (lead.name, lead.phone, lead.note) == ("Noa", "+972523456789", "call me back")
    assert list(store.tables("salon").events) == ["lead.left:call-1"]


async def test_a_number_given_after_the_message_reaches_it(
    caller: Caller, store: MemoryStore
) -> None:
    left = await caller.use("leads.take_message", text="about colours")
    assert left.data == {"ok": True, "has_phone": False}
    assert (await caller.use("leads.note_contact", phone="0523456789")).ok
    (lead,) = store.tables("salon").leads.values()
    assert (lead.phone, lead.note) == ("+972523456789", "about colours")
    assert list(store.tables("salon").events) == ["lead.left:call-1"]


async def test_a_landline_can_be_called_back(store: MemoryStore) -> None:
    caller = Caller(store, FakeClock(), phone="+97236234567")
    assert (await caller.use("leads.take_message", text="hello")).data["has_phone"]
    (lead,) = store.tables("salon").leads.values()
    assert lead.phone == "+97236234567"


# -- the business --------------------------------------------------------------------------------------


async def test_the_overview_has_what_an_agent_needs(caller: Caller) -> None:
    told = (await caller.use("business.overview")).data
    assert told["now_iso"] == "2026-11-23T10:00:00+02:00"
    assert told["timezone"] == "Asia/Jerusalem"
    assert told["hours"]["mon"] == [["09:00", "17:00"]]  # type: ignore[index]
    assert told["hours"]["sat"] == []  # type: ignore[index]
    assert [s["id"] for s in told["services"]] == ["cut", "colour"]  # type: ignore[attr-defined]
    assert [s["id"] for s in told["staff"]] == ["dana", "yossi"]  # type: ignore[attr-defined]
    assert told["topics"] == ["address", "price", "parking"]


async def test_the_end_of_the_day_is_a_time_of_day() -> None:
    caller = Caller(MemoryStore(salon(allow_24_7=True)), FakeClock())
    told = (await caller.use("business.overview")).data
    assert told["hours"]["sat"] == [["00:00", "23:59"]]  # type: ignore[index]


async def test_hours_of_a_day_and_of_the_week() -> None:
    store = MemoryStore(salon(exceptions={TUESDAY: [["10:00", "12:00"], ["13:00", "15:00"]]}))
    caller = Caller(store, FakeClock())
    day = await caller.use("business.hours", date=TUESDAY)
    assert day.data["days"] == [
        {
            "date": TUESDAY,
            "weekday": "tue",
            "windows": [["10:00", "12:00"], ["13:00", "15:00"]],
        }
    ]
    assert day.say is not None
    assert day.say.text == (
        "hours_day: day=Tuesday windows=hours_window: close=12:00 open=10:00"
        " and hours_window: close=15:00 open=13:00"
    )
    week = await caller.use("business.hours")
    assert len(week.data["days"]) == 7  # type: ignore[arg-type]
    closed = await caller.use("business.hours", date="2026-11-28")
    assert closed.say is not None
    assert closed.say.text == "closed_all_day: day=Saturday"
    assert (await caller.use("business.hours", date="tomorrow")).data["error"] == "bad_arguments"


async def test_facts_come_from_the_rows_or_not_at_all(caller: Caller) -> None:
    address = await caller.use("business.facts", topic="address")
    assert address.data["value"] == "1 Main Street"
    assert address.say is not None
    parking = await caller.use("business.facts", topic="parking")
    assert parking.say is not None
    assert parking.say.text == "fact: fact=Behind the house"
    unknown = await caller.use("business.facts", topic="owner_phone")
    assert unknown.data["error"] == "unknown"
    assert unknown.data["topics"] == ["address", "price", "parking"]


async def test_prices(caller: Caller) -> None:
    assert (await caller.use("business.facts", topic="price")).data["error"] == "need_service"
    cut = await caller.use("business.facts", topic="price", service_id="cut")
    assert cut.data["price"] == 90
    assert cut.say is not None
    assert cut.say.text == "price: price=90 shekels service=Haircut"
    colour = await caller.use("business.facts", topic="price", service_id="colour")
    assert colour.data["price"] is None
    assert colour.say is not None
    assert colour.say.text == "price_unknown:"
    other = await caller.use("business.facts", topic="price", service_id="x")
    assert other.data["error"] == "unknown_service"


# -- the call ------------------------------------------------------------------------------------------


async def test_directives(caller: Caller, store: MemoryStore) -> None:
    assert (await caller.use("call.collect_phone")).directive == CollectDigits("phone", 15)
    assert (await caller.use("call.goodbye")).directive == SayGoodbye()
    assert (await caller.use("call.transfer")).directive == TransferTo("+972502345678")
    owner = Caller(store, FakeClock(), phone="+972502345678")
    assert (await owner.use("call.transfer")).data["error"] == "no_person"


async def test_a_transfer_goes_nowhere_else(caller: Caller) -> None:
    refused = await caller.use("call.transfer", number="+972900000000")
    assert refused.data["error"] == "bad_arguments"
    assert refused.directive is None
