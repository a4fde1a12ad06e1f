"""`dalpak forget`: of a person who asked for it nothing is left, down to the bytes of the files."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flow_desk import join_waitlist
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.domain.follow_up import ConsentAnswer, InboundRecord, OfferStatus, SlotOffer
from dalpak.domain.records import TraceRecord, TurnRecord
from dalpak.store.compact import compact

pytestmark = pytest.mark.integration

NAME, WORDS = "נועה", "קנרית שלא תישאר"
OTHER = "+972541112233"
FORMS = (CALLER, CALLER[1:], "0523456789", "523456789", NAME, WORDS)


def traces_of(folder: Path) -> set[str]:
    """Which forms of the person stand in the bytes of any file, as text or as JSON escapes."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {
        form
        for form in FORMS
        for written in (form.encode(), json.dumps(form)[1:-1].encode())
        if any(written in content for content in files)
    }


async def a_person(office: Office) -> str:
    """A call, a booking and all that follows them, by the real flows; and a stranger's beside it."""
    engine = office.hire(FakeMessenger())
    await engine.start()
    await office.call()
    now = office.clock.now()
    async with office.store.writing(SCOPE) as w:
        await w.add_turn(TurnRecord("call_1", 1, WORDS, f"{NAME}, 0523456789", now))
        trace = TraceRecord("call_1", 1, "leads.note_contact", {"name": NAME}, True, "", 1, now)
        await w.add_trace(trace)
        await w.save_checkpoint("call_1", {"desk": {"gate": {"phone": CALLER, "name": NAME}}})
        await w.confirm_number("call_1", CALLER)
        await w.record_consent(CALLER, ConsentAnswer.GRANTED, source="call", wording=WORDS, now=now)
    booked = await office.book()
    await office.leave_lead()
    await office.end_call()
    entry = await join_waitlist(office, CALLER, "wait_1")
    until = now + timedelta(minutes=30)
    offer = SlotOffer("offer_1", entry.id, entry.lead_id, booked, CALLER, "dana", until,
                      OfferStatus.EXPIRED, until, now)  # fmt: skip
    async with office.store.writing(SCOPE) as w:
        await w.make_offer(offer)
        await w.record_inbound(InboundRecord("in_1", SALON.id, "fake", "p1", CALLER, WORDS, now))
    await office.settled(3)

    async def told() -> bool:
        return any(WORDS in m.text for m in await office.messages() if m.state == "accepted")

    await office.eventually(told)
    await join_waitlist(office, OTHER, "wait_2")
    await engine.stop()
    journal = office.settings.data_dir / "journal"
    journal.mkdir()
    (journal / "call_1.jsonl").write_text(WORDS, "utf-8")
    (journal / "call_2.jsonl").write_text("another's", "utf-8")
    return booked


async def run(office: Office, *args: str) -> tuple[int, str]:
    """The command, on this database, as a program of its own would."""
    environment = {"DATA_DIR": str(office.settings.data_dir), "DATABASE_URL": ""}
    runner = CliRunner()
    result = await asyncio.to_thread(runner.invoke, app, ["forget", *args], env=environment)
    return result.exit_code, result.output


async def test_nothing_is_left_in_the_bytes_of_any_file(office: Office) -> None:
    booked = await a_person(office)
    await office.store.aclose()
    folder = office.settings.data_dir
    assert traces_of(folder) == set(FORMS)

    code, told = await run(office, "052-345-6789", "--yes", "--json")

    assert code == 0, told
    counted = json.loads(told)
    assert counted["erased"]["salon"]["calls"] == counted["journals"] == 1
    assert counted["log_emptied"] is True
    assert traces_of(folder) == set()
    assert (folder / "journal" / "call_2.jsonl").exists()
    # The facts stay: a time was taken, messages were sent; and so does the stranger.
    row = await office.appointment(booked)
    assert (row.name, row.phone, row.status) == (None, None, "booked")
    async with office.store.reading(SCOPE) as r:
        assert [entry.id for entry in await r.waitlist()] == ["wait_2"]
        assert await r.inbounds() == []
        assert await r.consent(CALLER) is None
    assert "nothing is kept" in (await run(office, CALLER, "--yes"))[1]


async def test_a_wish_for_no_messages_outlives_its_number(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        now = office.clock.now()
        await w.record_consent(CALLER, ConsentAnswer.OPTED_OUT, source="message", now=now)
    await office.store.forget(SCOPE, CALLER)
    async with office.store.reading(SCOPE) as r:
        kept, of_another = await r.consent(CALLER), await r.consent(OTHER)
    assert kept is not None
    assert (kept.answer, of_another) == (ConsentAnswer.OPTED_OUT, None)
    assert CALLER[4:] not in kept.phone
    # Who wishes to be written to again is.
    async with office.store.writing(SCOPE) as w:
        await w.record_consent(CALLER, ConsentAnswer.GRANTED, source="message", now=now)
        again = await w.consent(CALLER)
    assert again is not None
    assert again.answer is ConsentAnswer.GRANTED


async def test_it_is_refused_while_somebody_talks(office: Office) -> None:
    await office.call()
    code, told = await run(office, CALLER, "--yes")
    assert code == 1
    assert "1 calls are going on" in told
    async with office.store.reading(SCOPE) as r:
        call = await r.call("call_1")
    assert call is not None
    assert call.caller == CALLER


async def test_the_business_s_own_number_is_no_trace_of_a_person(office: Office) -> None:
    await office.call()
    await office.leave_lead()
    await office.end_call()
    owner = SALON.owner_phone or ""
    async with office.store.writing(SCOPE) as w:
        await w.find_or_create_lead(phone=owner, name=NAME, call_id=None, now=office.clock.now())
    code, told = await run(office, owner, "--yes")
    assert code == 1
    assert "the business salon itself" in told


async def test_without_a_yes_nothing_is_erased(office: Office) -> None:
    await office.call()
    lead_id = await office.leave_lead()
    await office.end_call()
    code, told = await run(office, CALLER)
    assert code == 1
    assert "leads 1" in told
    assert CALLER not in told
    async with office.store.reading(SCOPE) as r:
        lead = await r.lead(lead_id)
    assert lead is not None
    assert lead.phone == CALLER


@pytest.mark.parametrize("args", [("nobody",), (CALLER, "--business", "nowhere")])
async def test_a_wrong_use_is_told(office: Office, args: tuple[str, ...]) -> None:
    code, told = await run(office, *args)
    assert code == 2
    assert "expected" in told


async def test_a_reader_of_the_old_log_is_told(office: Office) -> None:
    await office.call()
    await office.leave_lead()
    await office.end_call()
    await office.store.aclose()
    with closing(sqlite3.connect(office.settings.data_dir / "dalpak.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lead").fetchone()
        code, told = await run(office, CALLER, "--yes")
    assert code == 1
    assert "another process still reads" in told
    code, told = await run(office, CALLER)
    assert (code, traces_of(office.settings.data_dir)) == (0, set()), told


def test_free_space_is_emptied_where_sqlite_does_not_do_so_itself(tmp_path: Path) -> None:
    file = tmp_path / "plain.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE kept (words TEXT)")
        database.execute("INSERT INTO kept VALUES (?), ('facts')", (WORDS * 9,))
        database.execute("DELETE FROM kept WHERE words <> 'facts'")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert traces_of(tmp_path) == {WORDS}
    assert compact(f"sqlite+aiosqlite:///{file}")
    assert traces_of(tmp_path) == set()
