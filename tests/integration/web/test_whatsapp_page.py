"""The page on which messaging is set up: every state of the linked device, pairing, and what is missing.

The sidecar is the simulated one, on a real port behind the product's own client.
"""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno
from argon2 import PasswordHasher
from edge_harness import EdgeExtensions, build_edge, settings_for
from hypothesis import given
from hypothesis import strategies as st
from tests.serving import running

from dalpak.app_factory import create_app
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services import registry
from dalpak.services.whatsapp.sidecar import Sidecar
from dalpak.simulator.whatsapp_sidecar_server import CODE, NUMBER, TOKEN, WhatsappSidecarServer
from dalpak.web.console.whatsapp import PATH, SEPARATORS, account_number
from dalpak.web.console.whatsapp_link import (
    ENDED,
    QR_MAX,
    QUIET_ZONE,
    LinkState,
    link_of,
    qr_svg,
    read_link,
)
from dalpak.web.console.whatsapp_settings import NEEDS, For, set_ups
from dalpak.web.console.whatsapp_words import ENGLISH, HEBREW, WORDS, Words

pytestmark = pytest.mark.integration

QR = "2@" + "aB3/x+" * 38 + ",k1="
PASSWORD = "correct horse battery staple"
SECRET = "a-secret-that-no-page-shows"
NOBODY = "http://127.0.0.1:9"
ORIGIN = "http://127.0.0.1:8000"
FOREIGN = {"origin": "https://evil.example"}


@dataclass(slots=True)
class Installation(EdgeExtensions):
    """The edge with its sidecar's client, as the composition root gives it."""

    sidecar: Sidecar | None = None


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Installation]:
    async with build_edge(settings) as edge:
        sidecar = registry.sidecar(settings)
        parts = {name: getattr(edge, name) for name in EdgeExtensions.__slots__}
        try:
            yield Installation(**parts, sidecar=sidecar)
        finally:
            if sidecar is not None:
                await sidecar.aclose()


@asynccontextmanager
async def visit(folder: Path, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the page of an installation with these settings."""
    app = create_app(settings_for(folder, **changes), build=build)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"origin": ORIGIN}
        ) as client,
    ):
        yield client


@pytest.fixture
async def sidecar() -> AsyncIterator[WhatsappSidecarServer]:
    async with WhatsappSidecarServer() as server:
        yield server


@pytest.fixture
async def page(tmp_path: Path, sidecar: WhatsappSidecarServer) -> AsyncIterator[httpx.AsyncClient]:
    linked = {"messenger": "baileys", "baileys_url": sidecar.url, "baileys_token": TOKEN}
    async with visit(tmp_path, **linked) as client:
        yield client


def found(pattern: str, text: str) -> str:
    """The one group of the first match."""
    match = re.search(pattern, text, re.DOTALL)
    assert match is not None, pattern
    return match[1]


def pixels(html: str) -> list[list[int]]:
    """The QR code of a page: its dark modules, out of the drawing's own path."""
    (svg,) = re.findall(r'<svg role="img".*?</svg>', html, re.DOTALL)
    side = int(found(r'viewBox="0 0 (\d+) \1"', svg))
    drawn = [[0] * side for _ in range(side)]
    x, y = 0, 0.0
    for verb, numbers in re.findall(r"([Mmh])([-\d. ]+)", found(r'#000" d="(.*?)"', svg)):
        first, *rest = (float(n) for n in numbers.split())
        if verb == "h":
            for column in range(x, x + int(first)):
                drawn[int(y)][column] = 1
            x += int(first)
        elif verb == "M":
            x, y = int(first), rest[0]
        else:
            x, y = x + int(first), y + rest[0]
    return drawn


# -- the states ------------------------------------------------------------------------------------


async def test_a_sidecar_that_does_not_run_is_told_with_its_one_command(tmp_path: Path) -> None:
    linked = {"messenger": "baileys", "baileys_url": NOBODY, "baileys_token": TOKEN}
    async with visit(tmp_path, **linked) as page:
        shown = await page.get(PATH)
        told = await page.post(PATH, data={"what": "pair", "phone": "0501234567"})

    assert shown.status_code == 200
    assert HEBREW.states[LinkState.NOT_RUNNING][1] in shown.text
    assert "<code>dalpak whatsapp sidecar</code>" in shown.text
    assert told.status_code == 503
    assert HEBREW.refusals["unreachable"] in told.text


async def test_connecting_says_since_when_and_when_it_tries_again(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer
) -> None:
    sidecar.link.state, sidecar.link.attempt = "reconnecting", 3
    sidecar.link.last = {"code": 408, "why": "getaddrinfo ENOTFOUND <b>"}
    sidecar.link.retry_at = sidecar.link.since + 4_000
    shown = (await page.get(PATH, params={"language": "en"})).text

    assert ENGLISH.states["reconnecting"][1] in shown
    assert "23.11 14:13:20" in shown, "in the business's own time"
    assert "23.11 14:13:24" in shown
    assert "<dd>3</dd>" in shown
    assert "408 getaddrinfo ENOTFOUND &lt;b&gt;" in shown


async def test_the_qr_code_can_be_scanned_and_is_kept_nowhere(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sidecar.ask_to_pair(QR)
    first = await page.get(PATH)
    drawn = pixels(first.text)
    inner = [row[QUIET_ZONE:-QUIET_ZONE] for row in drawn[QUIET_ZONE:-QUIET_ZONE]]

    assert inner == [list(row) for row in segno.make_qr(QR, error="l").matrix]
    assert sum(map(sum, drawn)) == sum(map(sum, inner)), "nothing is drawn in the quiet zone"
    assert f"<title>{HEBREW.page['qr']}</title>" in first.text
    assert first.headers["cache-control"] == "no-store"
    assert "unsafe" not in first.headers["content-security-policy"]
    assert " style=" not in first.text, "the policy forbids inline style"

    sidecar.ask_to_pair("2@another")
    assert pixels((await page.get(PATH)).text) != drawn, "the next code is the next picture"
    sidecar.link.state = "open"
    assert "<svg" not in (await page.get(PATH)).text
    assert QR not in caplog.text
    assert QR not in first.text
    assert QR not in repr(read_link({"state": "pairing"}, {"qr": QR, "code": CODE}))


async def test_connected_shows_the_number_masked(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer
) -> None:
    sidecar.restricted = {"until": sidecar.link.since, "everybody": False}
    shown = (await page.get(PATH)).text

    assert HEBREW.states["open"][1] in shown
    assert "+9723" in shown
    assert "•44" in shown
    assert NUMBER not in shown
    assert HEBREW.page["restricted"] in shown
    assert 'name="phone"' not in shown


@pytest.mark.parametrize("state", sorted(ENDED))
async def test_what_has_ended_begins_anew_when_a_person_says_so(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer, state: LinkState
) -> None:
    sidecar.link.state, sidecar.link.last = state.value, 401
    shown = (await page.get(PATH)).text
    assert HEBREW.states[state][0] in shown
    assert HEBREW.restart[state] in shown

    answer = await page.post(PATH, data={"what": "restart", "language": "he"})
    assert (answer.status_code, sidecar.link.state) == (303, "starting")
    assert HEBREW.states["starting"][1] in (await page.get(PATH)).text


async def test_a_living_connection_is_never_begun_anew(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer
) -> None:
    answer = await page.post(PATH, data={"what": "restart"})

    assert (answer.status_code, sidecar.link.state) == (409, "open")
    assert HEBREW.refusals["not_ended"] in answer.text
    assert "/v1/restart" not in {asked.path for asked in sidecar.asked}


async def test_another_token_is_named(tmp_path: Path, sidecar: WhatsappSidecarServer) -> None:
    linked = {"messenger": "baileys", "baileys_url": sidecar.url, "baileys_token": SECRET}
    async with visit(tmp_path, **linked) as page:
        shown = (await page.get(PATH)).text

    assert HEBREW.states[LinkState.OTHER_TOKEN][1] in shown
    assert SECRET not in shown


# -- pairing by a code -----------------------------------------------------------------------------


async def test_a_number_gets_a_code(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sidecar.ask_to_pair(QR)
    form = {"what": "pair", "phone": "050-123 4567", "language": "en"}
    answer = await page.post(PATH, data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?language=en")
    assert sidecar.pairs == ["+972501234567"]
    shown = (await page.get(answer.headers["location"])).text
    assert CODE in shown
    assert ENGLISH.page["code_how"] in shown
    assert "0501234567" not in shown
    assert not any(private in caplog.text for private in (CODE, "501234567", "050-123"))


async def test_a_bad_number_is_shown_again_with_what_is_wrong(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer
) -> None:
    sidecar.ask_to_pair(QR)
    answer = await page.post(PATH, data={"what": "pair", "phone": '"><script>1', "language": "xx"})

    assert (answer.status_code, sidecar.pairs) == (422, [])
    assert HEBREW.refusals["bad_number"] in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script>1" not in answer.text


async def test_a_device_that_is_linked_gets_no_code(
    page: httpx.AsyncClient, sidecar: WhatsappSidecarServer
) -> None:
    answer = await page.post(PATH, data={"what": "pair", "phone": NUMBER})

    assert answer.status_code == 409
    assert HEBREW.refusals["already_paired"] in answer.text


NUMBERS = {
    "050-123-4567": "+972501234567",
    "\u2066+972 50 123 4567\u2069": "+972501234567",
    "03-333-4444": "+97233334444",
    "+44 (20) 7946 0000": "+442079460000",
    "0044 20 7946 0000": "+442079460000",
    "12345": None,
    "+0123456789": None,
    "": None,
    "050-123-4567 x": None,
    "0" * 500: None,
}


@pytest.mark.parametrize(("written", "number"), NUMBERS.items())
def test_numbers_as_people_write_them(written: str, number: str | None) -> None:
    assert account_number(written) == number


@given(st.integers(500_000_000, 509_999_999), st.data())
def test_separators_change_no_number(national: int, data: st.DataObject) -> None:
    separator = st.sampled_from(["", *SEPARATORS])
    written = "+972" + "".join(digit + data.draw(separator) for digit in str(national))
    assert account_number(written) == f"+972{national}"


@given(st.text())
def test_whatever_is_asked_for_is_a_number_that_the_sidecar_takes(text: str) -> None:
    number = account_number(text)
    assert number is None or re.fullmatch(r"\+[1-9]\d{6,14}", number, re.ASCII)


# -- what the sidecar says is believed in nothing --------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from(
    "since retry_at attempt last number restricted new_people_today new_people_per_day untold".split()
)


@given(
    st.sampled_from([*LinkState, "unheard-of", None]),
    st.dictionaries(fields, anything),
    st.dictionaries(st.sampled_from(["qr", "code"]), anything),
)
def test_odd_answers_are_a_state_too(
    state: object, health: dict[str, Any], pairing: dict[str, Any]
) -> None:
    link = read_link({**health, "state": state}, pairing)

    assert link.state == state or link.state is LinkState.SILENT
    assert len(link.qr) <= QR_MAX
    assert link.attempt >= 0


async def test_an_answer_that_is_none_is_a_state_too(sidecar: WhatsappSidecarServer) -> None:
    sidecar.link.state = "dancing"
    client = Sidecar(sidecar.url, TOKEN)
    try:
        assert (await link_of(client)).state is LinkState.SILENT
    finally:
        await client.aclose()


def test_the_longest_code_that_is_taken_can_be_drawn() -> None:
    assert qr_svg("x" * QR_MAX, "t").startswith('<svg role="img" ')


# -- who may ---------------------------------------------------------------------------------------


async def test_only_an_admin_and_only_from_this_page(
    tmp_path: Path, sidecar: WhatsappSidecarServer
) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    linked = {"messenger": "baileys", "baileys_url": sidecar.url, "baileys_token": TOKEN}
    sidecar.ask_to_pair(QR)
    async with visit(tmp_path, admin_password_hash=cheap, **linked) as page:
        pair = {"what": "pair", "phone": NUMBER}
        assert (await page.get(PATH)).headers["location"] == "/login"
        assert (await page.post(PATH, data=pair)).headers["location"] == "/login"
        assert sidecar.asked == [], "a stranger's visit asks nothing"

        await page.post("/login", data={"password": PASSWORD})
        shown = await page.get(PATH)
        csrf = found(r'name="csrf" value="([^"]+)"', shown.text)
        assert (await page.post(PATH, data=pair)).status_code == 403
        assert (await page.post(PATH, data={**pair, "csrf": "guess"})).status_code == 403
        signed = {**pair, "csrf": csrf}
        assert (await page.post(PATH, data=signed, headers=FOREIGN)).status_code == 403
        assert sidecar.pairs == []
        assert (await page.post(PATH, data=signed)).status_code == 303
        assert sidecar.pairs == [NUMBER]


async def test_without_a_password_another_name_sees_nothing(page: httpx.AsyncClient) -> None:
    for host in ("dalpak.example", "voice.example.com"):
        assert (await page.get(PATH, headers={"host": host})).status_code == 403


async def test_a_form_that_says_nothing(page: httpx.AsyncClient) -> None:
    assert (await page.post(PATH, data={"what": "burn"})).status_code == 400


async def test_where_no_device_is_linked_there_is_nothing_to_begin(tmp_path: Path) -> None:
    async with visit(tmp_path) as unlinked:
        assert (await unlinked.post(PATH, data={"what": "restart"})).status_code == 400


# -- the other messengers --------------------------------------------------------------------------

CLOUD = {
    "messenger": "whatsapp_cloud",
    "whatsapp_cloud_phone_number_id": "1234567890123",
    "whatsapp_cloud_token": SECRET,
}


async def test_metas_settings_are_named_and_never_shown(tmp_path: Path) -> None:
    async with visit(tmp_path, **CLOUD) as page:
        shown = (await page.get(PATH)).text

    row = r"<code[^>]*>{}</code>.*?data-tone=\"(\w+)\""
    for name, tone in {
        "WHATSAPP_CLOUD_TOKEN": "good",
        "WHATSAPP_CLOUD_APP_SECRET": "bad",
        "PUBLIC_BASE_URL": "good",
    }.items():
        assert found(row.format(name), shown) == tone
    assert "https://voice.example.com/whatsapp/meta" in shown
    assert SECRET not in shown
    assert "1234567890123" not in shown
    assert "<svg" not in shown


async def test_the_outbox_says_that_nothing_leaves(tmp_path: Path) -> None:
    async with visit(tmp_path) as page:
        shown = (await page.get(PATH, params={"language": "en"})).text

    assert ENGLISH.messengers["outbox"] in shown
    assert 'lang="en" dir="ltr"' in shown
    assert "data-watched" not in shown


async def first_missing(settings: Settings) -> str | None:
    """What the registry itself asks for next."""
    try:
        made = registry.messenger(settings)
    except ConfigError as missing:
        return missing.field
    await made.aclose()
    return None


@pytest.mark.parametrize("messenger", registry.MESSENGERS)
async def test_what_a_messenger_needs_is_what_it_really_needs(
    messenger: str, tmp_path: Path
) -> None:
    """Filled in one by one in the registry's own order until it is content."""
    chosen = {"messenger": messenger, "baileys_token": TOKEN, "twilio_auth_token": ""}
    asked: list[str] = []
    while (lacks := await first_missing(settings_for(tmp_path, **chosen))) is not None:
        (mine,) = (each for each in set_ups(settings_for(tmp_path, **chosen)) if each.chosen)
        assert lacks in mine.missing(For.SENDING)
        asked.append(lacks)
        chosen[lacks.lower()] = "a-value"
    (mine,) = (each for each in set_ups(settings_for(tmp_path, **chosen)) if each.chosen)
    assert mine.missing(For.SENDING) == []
    assert sorted(asked) == sorted(
        field.upper() for field, what_for in NEEDS[messenger].items() if what_for is For.SENDING
    )


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", WORDS.values(), ids=lambda words: words.name)
def test_every_language_has_every_word(words: Words) -> None:
    assert set(words.page) == set(HEBREW.page)
    assert set(words.refusals) == set(HEBREW.refusals)
    assert set(words.states) == set(LinkState)
    assert set(words.restart) == set(ENDED)
    assert set(words.messengers) == set(NEEDS) == set(registry.MESSENGERS)
    assert set(words.needs) == set(For)


# -- the product as it is served -------------------------------------------------------------------


async def test_the_server_has_its_sidecar_and_logs_nothing_of_it(
    tmp_path: Path, sidecar: WhatsappSidecarServer
) -> None:
    sidecar.ask_to_pair(QR)
    extra = {
        "MESSENGER": "baileys",
        "BAILEYS_URL": sidecar.url,
        "BAILEYS_TOKEN": TOKEN,
        "TTS_PROVIDER": "silent",
        "DEBUG": "1",
    }
    with running(tmp_path, extra=extra) as server:
        async with httpx.AsyncClient(
            base_url=server.url, headers={"origin": server.url}, timeout=60
        ) as page:
            assert "<svg" in (await page.get(PATH)).text
            answer = await page.post(PATH, data={"what": "pair", "phone": NUMBER})
            assert answer.status_code == 303
            assert CODE in (await page.get(PATH)).text
    assert sidecar.pairs == [NUMBER]
    assert not any(private in server.text() for private in (QR, CODE, NUMBER, TOKEN))
