"""The rules of writing as a person changes them, on a wide page and on a telephone's."""

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.serving import Server

pytestmark = pytest.mark.browser


def save(page: Page) -> None:
    page.get_by_role("button", name="שמירה").click()
    page.wait_for_load_state()


def test_rules_are_corrected_and_saved(page: Page) -> None:
    page.get_by_role("link", name="כללי שליחה").click()
    second = page.locator("#reminders-1-number")
    third = page.locator("#reminders-2-number")
    expect(third).to_be_hidden()
    page.get_by_label("תזכורת 3", exact=True).select_option("days_before")
    expect(third).to_be_visible()
    expect(page.locator("#reminders-2-at")).to_be_visible()
    expect(page.locator("#reminders-1-at")).to_be_hidden()
    third.fill("30")
    second.fill("4")
    page.get_by_label("אין לשלוח בשבת").check()
    save(page)

    expect(page.get_by_role("alert")).to_contain_text("תזכורת 3, ימים לפני")
    wrong = page.locator("#error-reminders-2-number")
    expect(wrong).to_have_text("תזכורת 3, ימים לפני: ״30״ אינו מתאים. צפוי: מספר שלם בין 1 ל־7.")
    expect(third).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("אין לשלוח בשבת")).to_be_checked()
    page.get_by_role("alert").get_by_role("link").click()
    third.fill("2")
    page.locator("#reminders-2-at").fill("9:30")
    save(page)

    expect(page.get_by_role("status")).to_have_text("הכללים נשמרו.")
    page.reload()
    expect(third).to_have_value("2")
    expect(page.locator("#reminders-2-at")).to_have_value("09:30")
    expect(second).to_have_value("4")
    expect(page.get_by_label("אין לשלוח בשבת")).to_be_checked()
    page.get_by_role("button", name="חזרה לברירת המחדל").click()
    expect(second).to_have_value("3")
    expect(third).to_be_hidden()


def test_the_page_fits_a_telephone(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/rules")
    expect(page.get_by_role("button", name="שמירה")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
