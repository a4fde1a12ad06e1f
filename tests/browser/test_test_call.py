"""The page as a person meets it: a test call by words and by keys, with everything that comes of it."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LISTENING = "#phase[data-phase=listening], #phase[data-phase=waiting_for_dtmf]"


def begin(page: Page, *, keypad: bool = False, sound: bool = False) -> None:
    if page.locator("#sound").is_enabled():
        page.locator("#sound").set_checked(sound)
    page.locator("#keypad-only").set_checked(keypad)
    page.click("#call")
    page.wait_for_selector(".say-line.agent")


def say(page: Page, text: str) -> None:
    """Say it when the agent listens, and wait for the answer to begin."""
    page.wait_for_selector(LISTENING)
    heard = page.locator(".say-line.agent").count()
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator(".say-line.agent").nth(heard)).to_be_visible()


def press(page: Page, keys: str) -> None:
    page.wait_for_selector(LISTENING)
    for key in keys:
        page.click(f'#keypad button[data-key="{key}"]')


def test_a_typed_call_books_and_shows_why(page: Page) -> None:
    begin(page)
    say(page, "אפשר לקבוע תספורת גברים מחר בעשר בבוקר")
    say(page, "דנה כהן")
    say(page, "0502345678")
    say(page, "כן")
    when = page.locator("#booking .when")
    expect(when).to_contain_text("10:00")
    expect(page.locator("#booking")).to_contain_text("דנה כהן")
    expect(page.locator("#messages")).to_contain_text("10:00")
    expect(page.locator("#tools")).to_contain_text("calendar.create_appointment")
    assert page.locator("#waterfall .row").count() >= 4


def test_a_keypad_call_books_and_gets_its_summary(page: Page) -> None:
    begin(page, keypad=True)
    press(page, "2")
    expect(page.locator(".say-line.caller")).to_have_count(1)
    press(page, "3")
    page.wait_for_selector("#phase[data-phase=waiting_for_dtmf]")
    press(page, "0502345678#")
    expect(page.locator(".say-line.caller").last).to_contain_text(re.compile("•78"))
    press(page, "1")
    expect(page.locator("#booking .when")).to_be_visible()
    expect(page.locator("#phase")).to_have_attribute("data-phase", "ended")
    expect(page.locator("#messages .bubble")).to_have_count(2)
    shown = page.locator("main").inner_text()
    assert "0502345678" not in shown.replace("-", "")


def test_the_voice_is_played_and_its_marks_come_back(page: Page) -> None:
    if not page.locator("#sound").is_enabled():
        pytest.skip("no voice here: apt-get install espeak-ng")
    begin(page, sound=True)
    expect(page.locator("#phase")).to_have_attribute("data-phase", "listening")
    first = page.locator('#waterfall .row[data-turn="0"] .ms')
    assert re.fullmatch(r"\d+ ms", first.inner_text())
    expect(page.locator('#waterfall .row[data-turn="0"] line.heard')).to_have_count(1)
    page.click("#call")
    expect(page.locator("#phase")).to_have_attribute("data-phase", "ended")


def test_right_to_left_light_and_dark(page: Page) -> None:
    assert page.locator("html").get_attribute("dir") == "rtl"
    phone, side = page.locator(".phone").bounding_box(), page.locator(".result").bounding_box()
    assert phone is not None
    assert side is not None
    assert phone["x"] > side["x"]
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_it_fits_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    begin(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_can_be_used_by_keyboard_alone(page: Page) -> None:
    page.locator("#call").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".say-line.agent")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("שלום")
    page.keyboard.press("Enter")
    expect(page.locator(".say-line.caller")).to_have_count(1)
