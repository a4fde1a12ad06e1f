"""Whole calls in every registered language, by the built-in agent and the real tools.

A database holds one small business for each language; `dalpak call` runs the lines of a caller.
"""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from language_words import WORDS

from dalpak.cli.call import talk
from dalpak.clock import SystemClock
from dalpak.domain.records import Business, Resource, Service
from dalpak.language.base import Spoken
from dalpak.language.registry import LANGUAGES, language
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Jerusalem")
SUNDAY = datetime(2026, 11, 22, 10, 15, tzinfo=ZONE)
WORKDAYS = ("sun", "mon", "tue", "wed", "thu")
GRID_MIN = 15
FIRST_ANSWER_WORDS = 24
"""SPEC D4."""

every_language = pytest.mark.parametrize("code", sorted(LANGUAGES))


@pytest.fixture(scope="module")
def businesses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one business for each language, spoken in that language."""
    path = tmp_path_factory.mktemp("languages") / "call.db"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        store = SqlStore.open(url, SystemClock(), None)
        try:
            for n, (code, words) in enumerate(WORDS.items()):
                await store.add_business(
                    Business(code, words.business, f"+9723765430{n}", str(ZONE), language=code),
                    policy={
                        "timezone": str(ZONE),
                        "opening_hours_json": {day: [["09:00", "19:00"]] for day in WORKDAYS},
                        "require_phone_before_booking": True,
                        "slot_size_min": GRID_MIN,
                    },
                    services=(Service("cut", words.service, 30, price=90),),
                    resources=(Resource("m", words.staff),),
                )
        finally:
            await store.aclose()

    asyncio.run(fill())
    return path


@pytest.fixture
def call(
    businesses: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., dict[str, Any]]:
    """Runs `dalpak call` over lines and gives what came of it. Its journal goes to DATA_DIR."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(businesses, tmp_path)

    def run(code: str, lines: tuple[str, ...], *, keypad: bool = False) -> dict[str, Any]:
        script = tmp_path / "lines.txt"
        script.write_text("\n".join(lines), encoding="utf-8")
        status = talk(
            script=script,
            now=SUNDAY.isoformat(),
            db=str(tmp_path / businesses.name),
            business=code,
            caller="",
            keypad=keypad,
            as_json=True,
        )
        assert status == 0
        out = capsys.readouterr().out
        result: dict[str, Any] = json.loads(out[out.index("{\n") :])
        result["said"] = [line["text"] for line in result["transcript"] if line["who"] == "agent"]
        assert not any(c.isdigit() for text in result["said"] for c in text)
        return result

    return run


Call = Callable[..., dict[str, Any]]


@every_language
def test_a_whole_booking_by_the_built_in_agent(code: str, call: Call) -> None:
    lang, words = language(code), WORDS[code]
    result = call(code, words.dialogue)
    said = result["said"]
    (booked,) = result["appointments"]
    assert booked["start"] == "2026-11-24T15:30:00+02:00", said
    assert (booked["service_id"], booked["name"], booked["phone"], booked["status"]) == (
        "cut",
        words.name,
        "+972542345678",
        "booked",
    )
    assert len(said[0].split()) <= FIRST_ANSWER_WORDS
    when = lang.speech.moment(datetime.fromisoformat(booked["start"]), SUNDAY)
    assert lang.phrase("booked", service=Spoken(words.service), when=when).text in said
    assert said[-1] == lang.phrase("goodbye_booked").text


@every_language
def test_a_change_of_mind_before_the_yes_books_the_other_hour_once(code: str, call: Call) -> None:
    lang, words = language(code), WORDS[code]
    other = lang.speech.clock(time(17, 0)).text
    *before, yes, goodbye = words.dialogue
    result = call(code, (*before, words.no_but.format(other), yes, goodbye))
    assert [a["start"] for a in result["appointments"]] == ["2026-11-24T17:00:00+02:00"]


@every_language
def test_a_booking_by_keypad_alone(code: str, call: Call) -> None:
    result = call(code, ("> 2", "> 1", "> 0542345678#", "> 1"), keypad=True)
    (booked,) = result["appointments"]
    assert booked["start"].startswith("2026-11-23T09:00")
    menu = result["said"].index(language(code).phrase("keypad_more_days").text)
    assert sum(len(text.split()) for text in result["said"][: menu + 1]) <= FIRST_ANSWER_WORDS
