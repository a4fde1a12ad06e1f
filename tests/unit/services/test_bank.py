"""The prompt bank: what is rendered, kept, put together, and what survives without a provider."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from fake_voice import LOUD, FakeVoice
from structlog.testing import capture_logs

from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken, say
from dalpak.language.he import HEBREW
from dalpak.services.tts.bank import CHUNK_BYTES, LIVE_MAX, PromptBank, trimmed

pytestmark = pytest.mark.unit

HELLO = Spoken("hello", "h")
DAY = Spoken("monday", "m")
NAME = Spoken("dana")
PROMPTS = {"hello": HELLO, "day": DAY}
LOCALE = "he-IL"


def bank_of(voice: FakeVoice, folder: Path | None = None) -> PromptBank:
    return PromptBank(voice, folder=folder, clock=SystemClock())


async def all_of(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_warm_prompts_need_no_provider() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    voice.down = True
    assert bank.get(HELLO) == await all_of(bank.synthesize(HELLO, locale=LOCALE)) != b""
    assert voice.asked == ["hello", "monday"]


async def test_progress_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    bank = bank_of(FakeVoice())
    await bank.maybe_warmup(PROMPTS, locale=LOCALE, progress=lambda n, of: seen.append((n, of)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


async def test_second_warmup_renders_only_what_is_new_and_else_pings() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    await bank.maybe_warmup({**PROMPTS, "name": Spoken("new", "n")}, locale=LOCALE)
    assert voice.asked == ["hello", "monday", "new"]
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    assert voice.asked[3:] == ["hello"]


async def test_disk_serves_the_next_process(tmp_path: Path) -> None:
    await bank_of(FakeVoice(), tmp_path).maybe_warmup(PROMPTS, locale=LOCALE)
    voice = FakeVoice()
    bank = bank_of(voice, tmp_path)
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    assert voice.asked == []
    assert bank.get(DAY) is not None
    assert not list(tmp_path.glob("*.part"))


async def test_a_file_belongs_to_one_provider_voice_language_and_wording(tmp_path: Path) -> None:
    """A change in any of them is another sound: it is rendered anew and kept beside."""
    ways = [
        ("fake", "one", LOCALE, HELLO),
        ("other", "one", LOCALE, HELLO),
        ("fake", "two", LOCALE, HELLO),
        ("fake", "one", "en-US", HELLO),
        ("fake", "one", LOCALE, Spoken("hello!", "h")),
        ("fake", "one", LOCALE, Spoken("hello", "H")),
    ]
    for again in (False, True):
        for provider, name, locale, what in ways:
            voice = FakeVoice(name)
            voice.name = provider
            await bank_of(voice, tmp_path).maybe_warmup({"hello": what}, locale=locale)
            assert voice.asked == ([] if again else [what.text])
    assert len(list(tmp_path.iterdir())) == len(ways)


async def test_every_warm_up_tells_how_long_it_took() -> None:
    """SPEC F1, in the operator's own words."""
    bank = bank_of(FakeVoice())
    with capture_logs() as logs:
        first = await bank.maybe_warmup(PROMPTS, locale=LOCALE)
        ping = await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    assert [line["event"] for line in logs] == [
        f"TTS prewarm took {first} ms",
        f"TTS prewarm took {ping} ms",
    ]
    assert (logs[0]["prompts"], logs[0]["failed"], logs[1]["ping"]) == (2, 0, True)


@pytest.mark.parametrize("damage", ["cut", "altered", "emptied"])
async def test_a_damaged_file_is_rendered_again(tmp_path: Path, damage: str) -> None:
    await bank_of(FakeVoice(), tmp_path).maybe_warmup({"hello": HELLO}, locale=LOCALE)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    bad = {"cut": whole[:-5], "altered": whole[:-1] + b"\x00", "emptied": b""}[damage]
    path.write_bytes(bad)
    voice = FakeVoice()
    await bank_of(voice, tmp_path).maybe_warmup({"hello": HELLO}, locale=LOCALE)
    assert voice.asked == ["hello"]
    assert path.read_bytes() == whole


async def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    bank = bank_of(FakeVoice(), blocked / "prompts")
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    assert bank.get(HELLO) is not None


async def test_sentences_are_put_together_from_leaves_with_pauses() -> None:
    bank = bank_of(FakeVoice())
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    audio = bank.get(say(HELLO, ",", DAY, "."))
    hello, day = bank.get(HELLO), bank.get(DAY)
    assert audio is not None
    assert hello is not None
    assert day is not None
    assert audio.startswith(hello)
    assert day in audio[len(hello) :]
    comma = audio[len(hello) : audio.index(day, len(hello))]
    assert set(comma) == {SILENCE_BYTE}
    assert 0.1 < len(comma) / 8_000 < 0.2


async def test_an_unknown_leaf_means_the_provider_is_asked_for_the_whole() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    sentence = say(HELLO, NAME)
    assert bank.get(sentence) is None
    live = await all_of(bank.synthesize(sentence, locale=LOCALE))
    assert voice.asked[-1] == "hello dana"
    assert bank.get(sentence) == live


async def test_without_the_provider_only_the_name_is_missing() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    await bank.maybe_warmup(PROMPTS, locale=LOCALE)
    voice.down = True
    spoken = await all_of(bank.synthesize(say(HELLO, NAME, DAY), locale=LOCALE))
    assert spoken == bank.get(say(HELLO, DAY))
    with pytest.raises(ProviderError):
        await all_of(bank.synthesize(say(HELLO, Spoken("fact", "f")), locale=LOCALE))


async def test_what_callers_say_never_reaches_the_disk(tmp_path: Path) -> None:
    bank = bank_of(FakeVoice(), tmp_path)
    await bank.maybe_warmup({"hello": HELLO}, locale=LOCALE)
    await all_of(bank.synthesize(say(HELLO, NAME), locale=LOCALE))
    assert len(list(tmp_path.iterdir())) == 1


async def test_memory_of_live_sentences_is_bounded() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    for n in range(LIVE_MAX + 1):
        await all_of(bank.synthesize(Spoken("x" * (n + 1)), locale=LOCALE))
    assert bank.get(Spoken("x")) is None
    assert bank.get(Spoken("x" * (LIVE_MAX + 1))) is not None


async def test_a_provider_that_is_down_does_not_hold_up_the_start() -> None:
    voice = FakeVoice()
    voice.down = True
    bank = bank_of(voice)
    await bank.maybe_warmup(HEBREW.prompts(), locale=LOCALE)
    assert len(voice.asked) < 10
    assert bank.get(HELLO) is None


async def test_audio_comes_in_chunks_of_a_second() -> None:
    bank = bank_of(FakeVoice())
    long = Spoken("y" * 200, "y")
    await bank.maybe_warmup({"long": long}, locale=LOCALE)
    sizes = [len(chunk) async for chunk in bank.synthesize(long, locale=LOCALE)]
    assert sizes == [CHUNK_BYTES] * 4


async def test_a_whole_keypad_booking_is_spoken_without_live_voice() -> None:
    voice = FakeVoice()
    bank = bank_of(voice)
    service = Spoken("תספורת", "tispˈoʁet")
    await bank.maybe_warmup({**HEBREW.prompts(), "service": service}, locale=LOCALE)
    voice.down = True
    now = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
    when = HEBREW.speech.moment(datetime(2026, 12, 1, 15, 30, tzinfo=UTC), now)
    phone = HEBREW.speech.digits("0541234567")
    number = HEBREW.speech.number(1)
    said = [
        HEBREW.phrase("keypad_option", what=HEBREW.speech.day(now.date(), now.date()), key=number),
        HEBREW.phrase("keypad_option_short", what=HEBREW.speech.clock(time(9, 20)), key=number),
        HEBREW.phrase("keypad_more_days"),
        HEBREW.phrase("ask_phone_keypad"),
        HEBREW.phrase("bad_number"),
        HEBREW.phrase("read_back_no_name", service=service, when=when, phone=phone),
        HEBREW.phrase("keypad_confirm_again"),
        HEBREW.phrase("booked", service=service, when=when),
        HEBREW.phrase("goodbye_booked"),
    ]
    assert [s.text for s in said if bank.get(s) is None] == []


def test_trimming_leaves_the_words_and_a_little_air() -> None:
    quiet = bytes([SILENCE_BYTE]) * 4_000
    audio = trimmed(quiet + LOUD * 800 + quiet)
    assert LOUD * 800 in audio
    assert len(audio) < 1_600 + 4 * 320
    assert trimmed(quiet) == quiet


async def test_closing_closes_the_provider() -> None:
    voice = FakeVoice()
    await bank_of(voice).aclose()
    assert voice.closed
