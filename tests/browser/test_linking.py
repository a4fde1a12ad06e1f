"""Linking a device as a person does it: the code renews itself, what is being typed stays, and a page
that was forgotten shows no code."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect
from tests.serving import running

from dalpak.simulator.whatsapp_sidecar_server import CODE, TOKEN, WhatsappSidecarServer

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
PATIENCE_S = 60.0
POLL_MS = 3_100
FORGOTTEN_MS = 11 * 60_000


@contextmanager
def simulated_sidecar() -> Iterator[WhatsappSidecarServer]:
    """On a loop of its own: Playwright has the one of this thread."""
    server, opened = WhatsappSidecarServer(), threading.Event()
    loop, done = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server:
            opened.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert opened.wait(PATIENCE_S)
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(PATIENCE_S)
        loop.close()


def test_a_device_is_linked(browser: Browser, tmp_path: Path) -> None:
    with simulated_sidecar() as sidecar:
        sidecar.ask_to_pair("2@first")
        cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        extra = {
            "ADMIN_PASSWORD_HASH": cheap.hash(PASSWORD),
            "MESSENGER": "baileys",
            "BAILEYS_URL": sidecar.url,
            "BAILEYS_TOKEN": TOKEN,
            "TTS_PROVIDER": "silent",
            "FLOWS_ENABLED": "0",
        }
        with running(tmp_path, extra=extra) as server:
            link(browser, server.url, sidecar)


def log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("סיסמה").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#call")).to_be_visible()


def link(browser: Browser, url: str, sidecar: WhatsappSidecarServer) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    page.clock.install()
    log_in(page, url)
    page.get_by_role("link", name="חיבור וואטסאפ").click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    drawing, phone = page.locator("svg.qr path").last, page.get_by_label("מספר הטלפון של חשבון")
    expect(page.locator("#paused")).to_be_hidden()
    first = drawing.get_attribute("d") or ""

    phone.focus()
    page.keyboard.type("050-12")
    sidecar.ask_to_pair("2@second")
    page.clock.run_for(POLL_MS)
    expect(drawing).not_to_have_attribute("d", first)
    page.keyboard.type("3-4567")
    expect(phone).to_have_value("050-123-4567")

    page.keyboard.press("Enter")
    expect(page.locator(".pairing-code")).to_have_text(CODE)
    assert sidecar.pairs == ["+972501234567"]

    page.clock.fast_forward(FORGOTTEN_MS)
    page.clock.run_for(POLL_MS)
    again = page.locator("#again")
    expect(again).to_be_visible()
    assert "svg" not in page.locator("[data-live=qr]").inner_html()
    assert CODE not in page.locator("main").inner_text()
    again.focus()
    page.keyboard.press("Enter")
    expect(drawing).to_be_visible()

    phone.focus()
    sidecar.connected = True
    page.clock.run_for(POLL_MS)
    expect(page.locator("[data-live=state]")).to_contain_text("מחובר")
    expect(phone).to_have_count(0)
    expect(page.locator("#title")).to_be_focused()
    assert faults == []
    context.close()
