"""Who may see the pages: with a password nobody without it; without one nobody beyond this machine."""

import re
from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from tests.serving import Server, running
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dalpak.config import load_settings
from dalpak.errors import ConfigError
from dalpak.web.console.access import ATTEMPTS_MAX, COOKIE

pytestmark = pytest.mark.integration

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    extra = {"ADMIN_PASSWORD_HASH": cheap.hash(PASSWORD), "TTS_PROVIDER": "silent"}
    with running(tmp_path_factory.mktemp("locked"), extra=extra) as server:
        yield server


@pytest.fixture
def stranger(locked: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=locked.url, headers={"origin": locked.url}) as client:
        yield client


def log_in(client: httpx.Client, password: str) -> httpx.Response:
    return client.post("/login", data={"password": password})


def test_a_stranger_sees_the_way_in_and_nothing_else(stranger: httpx.Client) -> None:
    assert stranger.get("/").headers["location"] == "/login"
    assert stranger.get("/login").status_code == 200
    for page in ("/follow-up", "/texts", "/rules", "/set-up/whatsapp"):
        assert stranger.get(page).headers["location"] == "/login"
    for form in ("/follow-up/change", "/texts", "/rules", "/set-up/whatsapp"):
        assert stranger.post(form, data={"what": "save"}).headers["location"] == "/login"
    for path in ("", "/calls", "/calls/x", "/flows", "/why/x"):
        answer = stranger.get(f"/api/businesses/demo-salon{path}")
        assert (answer.status_code, answer.json()) == (401, {"error": "login_required"})


def test_a_stranger_cannot_open_a_test_call(locked: Server) -> None:
    url = f"ws://127.0.0.1:{locked.port}/console/call"
    with pytest.raises(InvalidStatus) as refused, connect(url, origin=locked.url):  # type: ignore[arg-type]
        pass
    assert refused.value.response.status_code == 403


def test_the_password_opens_and_the_cookie_is_no_scripts_business(stranger: httpx.Client) -> None:
    answer = log_in(stranger, PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert stranger.get("/").status_code == 200
    assert stranger.get("/api/businesses/demo-salon").status_code == 200


def test_leaving_wants_the_pages_own_token(stranger: httpx.Client) -> None:
    log_in(stranger, PASSWORD)
    token = re.search(r'name="csrf" value="([^"]+)"', stranger.get("/").text)
    assert token is not None
    assert stranger.post("/logout", data={"csrf": "guess"}).status_code == 403
    assert stranger.get("/").status_code == 200
    foreign = {"origin": "https://evil.example"}
    assert stranger.post("/logout", data={"csrf": token[1]}, headers=foreign).status_code == 403
    assert stranger.post("/logout", data={"csrf": token[1]}).status_code == 303
    assert stranger.get("/").headers["location"] == "/login"


def test_another_pages_form_is_refused(stranger: httpx.Client) -> None:
    answer = stranger.post(
        "/login", data={"password": PASSWORD}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_a_made_up_session_is_no_session(stranger: httpx.Client) -> None:
    stranger.cookies.set(COOKIE, "x" * 43)
    assert stranger.get("/").headers["location"] == "/login"


def test_guessing_is_slowed_even_for_the_right_password(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    extra = {"ADMIN_PASSWORD_HASH": cheap.hash(PASSWORD), "TTS_PROVIDER": "silent"}
    with (
        running(tmp_path_factory.mktemp("guessed"), extra=extra) as server,
        httpx.Client(base_url=server.url, headers={"origin": server.url}, timeout=60) as client,
    ):
        tried = [log_in(client, f"guess {n}").status_code for n in range(ATTEMPTS_MAX)]
        assert tried == [401] * (ATTEMPTS_MAX - 1) + [429]
        assert log_in(client, PASSWORD).status_code == 429
        assert PASSWORD not in server.text()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "dalpak.example"])
def test_bound_to_the_world_without_a_password_it_does_not_start(host: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(_env_file=None, host=host)
    assert refused.value.field == "ADMIN_PASSWORD_HASH"
    assert host in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_loopback_needs_none(host: str) -> None:
    assert load_settings(_env_file=None, host=host).is_loopback
