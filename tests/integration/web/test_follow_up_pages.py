"""What follows calls, on the page and in the API: the list, the reasons, the texts, who may change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from tests.serving import Server, running

pytestmark = pytest.mark.integration

SALON = "demo-salon"
FLOW = "summarise_call:call.ended:call_x"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("pages"), extra={"TTS_PROVIDER": "silent"}) as started:
        yield started


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"origin": server.url}, timeout=60) as client:
        yield client


def appointment(server: Server, *, phone: str | None = "+972523456789") -> str:
    """A booking and its event as another program would write them: no flow follows it."""
    path = next(server.folder.glob("*.db"))
    row_id = f"appt_{phone}"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO appointment (id, business_id, resource_id, service_id, lane, start_at,"
            " end_at, block_start, block_end, status, holder, idem_key, phone, created_at,"
            " updated_at, version) SELECT ?, business_id, (SELECT id FROM resource LIMIT 1),"
            " (SELECT id FROM service LIMIT 1), 0, '2031-01-01 08:00:00.000000',"
            " '2031-01-01 08:30:00.000000', '2031-01-01 08:00:00.000000',"
            " '2031-01-01 08:30:00.000000', 'cancelled', '', ?, ?, '2030-01-01 08:00:00.000000',"
            " '2030-01-01 08:00:00.000000', 1 FROM business LIMIT 1",
            (row_id, row_id, phone),
        )
        db.execute(
            "INSERT INTO event SELECT ?, business_id, 'appointment.created', ?, '{}',"
            " '2030-01-01 08:00:00.000000' FROM business LIMIT 1",
            (f"appointment.created:{row_id}", row_id),
        )
    return row_id


def test_the_page_says_why_nothing_was_sent(server: Server, page: httpx.Client) -> None:
    booked = appointment(server)
    shown = page.get("/follow-up", params={"business": SALON, "subject": booked})
    assert shown.status_code == 200
    assert "המעקב כבוי" in shown.text
    assert "אישור תור" in shown.text
    unknown = page.get("/follow-up", params={"subject": "<script>alert(1)</script>"})
    assert "אין לעסק הזה שיחה או תור" in unknown.text
    assert "<script>alert" not in unknown.text


def test_the_api_tells_the_same(server: Server, page: httpx.Client) -> None:
    booked = appointment(server, phone=None)
    (found,) = page.get(f"/api/businesses/{SALON}/why/{booked}").json()
    assert (found["verdict"], found["reason"]) == ("nothing", "no_flow")
    assert page.get(f"/api/businesses/{SALON}/why/unheard-of").status_code == 404
    assert page.get(f"/api/businesses/nobody/why/{booked}").status_code == 404
    assert page.get(f"/api/businesses/{SALON}/flows").json() == []
    assert page.get(f"/api/businesses/{SALON}/flows?state=nonsense&limit=x").json() == []


def test_a_flow_that_is_not_there_cannot_be_changed(page: httpx.Client) -> None:
    for what in ("retry", "cancel"):
        answer = page.post(f"/api/businesses/{SALON}/flows/{FLOW}/{what}")
        assert (answer.status_code, answer.json()) == (409, {"error": "nothing_to_do"})
        form = {"what": what, "flow_id": FLOW, "business": SALON}
        answer = page.post("/follow-up/change", data=form)
        assert answer.status_code == 303
        assert "told=nothing" in answer.headers["location"]
    assert page.post("/follow-up/change", data={"what": "delete"}).status_code == 400


def test_another_page_may_change_nothing(page: httpx.Client) -> None:
    foreign = {"origin": "https://evil.example"}
    for path in ("/follow-up/change", "/texts", f"/api/businesses/{SALON}/flows/{FLOW}/retry"):
        assert page.post(path, data={"what": "retry"}, headers=foreign).status_code == 403


# -- texts -----------------------------------------------------------------------------------------


def post_text(page: httpx.Client, what: str, text: str, kind: str = "reminder") -> httpx.Response:
    form = {"business": SALON, "language": "he", "kind": kind, "what": what, "text": text}
    return page.post("/texts", data=form)


def test_a_text_is_previewed_saved_and_brought_back(page: httpx.Client) -> None:
    assert page.get("/texts").status_code == 200
    shown = post_text(page, "preview", "נתראה {date} ב-{time}, {name}")
    assert shown.status_code == 200
    assert "נועה" in shown.text
    assert "נתראה" not in page.get("/texts").text, "a preview saves nothing"

    saved = post_text(page, "save", "נתראה {date} ב-{time}")
    assert saved.status_code == 303
    again = page.get(saved.headers["location"]).text
    assert "נתראה {date} ב-{time}" in again
    assert "נוסח של העסק" in again

    assert post_text(page, "reset", "").status_code == 303
    assert "נוסח של העסק" not in page.get("/texts").text


def test_a_bad_text_is_shown_again_with_what_is_wrong(page: httpx.Client) -> None:
    answer = post_text(page, "save", "{date} {time} {tme}<b>")
    assert answer.status_code == 422
    assert "{tme}" in answer.text
    assert "<b>" not in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "נוסח של העסק" not in page.get("/texts").text
    assert post_text(page, "save", "{date} {time}", kind="poem").status_code == 422
    assert post_text(page, "burn", "{date} {time}").status_code == 400


def test_texts_in_english(page: httpx.Client) -> None:
    shown = page.get("/texts", params={"language": "en"}).text
    assert "a reminder of your appointment" in shown
    assert page.get("/texts", params={"language": "xx"}).status_code == 200
