"""The page of the rules of writing: what it shows, what it saves, and what it says of a mistake."""

import json
from collections.abc import Iterator

import httpx
import pytest
from tests.serving import Server, running
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.domain.messaging import MessagingRules
from dalpak.web.console.rules_form import fields_of

pytestmark = pytest.mark.integration

SALON = "demo-salon"
USUAL = MessagingRules().to_json()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    extra = {"TTS_PROVIDER": "silent", "FLOWS_ENABLED": "0"}
    with running(tmp_path_factory.mktemp("rules"), extra=extra) as started:
        yield started


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"origin": server.url}, timeout=20) as client:
        yield client
        post(client, what="reset")


def post(page: httpx.Client, *, business: str = SALON, **fields: str) -> httpx.Response:
    form = fields_of(MessagingRules()) | {"business": business, "what": "save", **fields}
    return page.post("/rules", data={name.replace("__", "."): v for name, v in form.items()})


def saved(server: Server) -> dict[str, object]:
    """The rules as the command tells them."""
    (path,) = server.folder.glob("*.db")
    told = CliRunner().invoke(app, ["templates", "rules", SALON, "--db", str(path)])
    rules: dict[str, object] = json.loads(told.stdout)
    return rules


def test_what_is_saved_is_in_force_and_shown(server: Server, page: httpx.Client) -> None:
    answer = post(
        page,
        channels__0="twilio_sms",
        consent_required="1",
        reminders__0__number="2",
        reminders__1__kind="",
        quiet_to="7:00",
        quiet_shabbat="1",
        summary_to="nobody",
        most_per_hour="3",
        keep_days="14",
    )
    assert answer.status_code == 303
    assert saved(server) == USUAL | {
        "channels": ["twilio_sms"],
        "consent_required": True,
        "reminders": [{"days_before": 2, "at": "18:00"}],
        "quiet_hours": ["21:00", "07:00"],
        "quiet_shabbat": True,
        "summary_to": "nobody",
        "most_per_hour": 3,
        "keep_days": 14,
    }
    shown = page.get(answer.headers["location"]).text
    assert "הכללים נשמרו" in shown
    assert 'value="07:00"' in shown
    assert "מסרון SMS (Twilio) (לא מוגדר)" in shown

    assert post(page, what="reset").headers["location"].endswith("told=reset")
    assert saved(server) == USUAL


def test_a_mistake_is_told_with_field_value_and_what_was_expected(
    server: Server, page: httpx.Client
) -> None:
    answer = post(page, keep_days="<b>לנצח", most_per_call="", rest_from="15:00", quiet="1",
                  quiet_to="21:00", summary_to="nobody")  # fmt: skip
    assert answer.status_code == 422
    assert "<b>" not in answer.text
    assert (
        "ימי שמירה: <bdi>״&lt;b&gt;לנצח״</bdi> אינו מתאים. צפוי: מספר שלם בין 1 ל־3650."
        in answer.text
    )
    assert "הודעות בעקבות שיחה אחת: חסר ערך. צפוי: מספר שלם בין 1 ל־50." in answer.text
    assert "שעות השקט: <bdi>״21:00 – 21:00״</bdi> אינו מתאים." in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert '<option value="nobody" selected>' in answer.text, "what was right stays as it was typed"
    assert saved(server) == USUAL


def test_another_page_another_business_and_another_wish_change_nothing(
    server: Server, page: httpx.Client
) -> None:
    foreign = page.post(
        "/rules", data={"what": "reset"}, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert post(page, business="nobody").status_code == 400
    assert post(page, what="delete").status_code == 400
    assert saved(server) == USUAL
