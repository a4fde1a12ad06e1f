"""Who we are to Google: the key file, the project in it, and nothing sent where there is neither."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google_stage import settings

from dalpak.errors import ProviderError
from dalpak.services.google_channel import Endpoint, GoogleChannels

pytestmark = pytest.mark.integration

ELSEWHERE = Endpoint.parse("eu-speech.googleapis.com", "GOOGLE_STT_ENDPOINT")


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Google's console gives them, for an account that does not exist."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("keys") / "key.json"
    about = {
        "type": "service_account",
        "project_id": "salon-in-the-file",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "desk@salon.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    path.write_text(json.dumps(about))
    return path


def channels(endpoint: Endpoint = ELSEWHERE, **chosen: Any) -> GoogleChannels[Any]:
    """Whose clients are the bare channels: none of them connects before it is used."""
    return GoogleChannels(settings("", **chosen), endpoint, "google_stt", lambda channel: channel)


async def test_the_project_is_the_one_of_the_key_unless_it_is_set(key_file: Path) -> None:
    plain = channels(google_credentials_file=key_file)
    chosen = channels(google_credentials_file=key_file, google_project="another")

    assert await plain.project() == "salon-in-the-file"
    assert await chosen.project() == "another"
    await plain.aclose()
    await chosen.aclose()


async def test_clients_are_made_once_and_given_out_in_turn(key_file: Path) -> None:
    three = channels(google_credentials_file=key_file, google_channels=3)
    given = [await three.client() for _ in range(6)]
    await three.aclose()

    assert len(set(map(id, given))) == 3
    assert given[:3] == given[3:]


@pytest.mark.parametrize("text", ["", "{}", '{"type": "service_account"}', "not json"])
async def test_a_key_that_is_none_is_told_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    broken = channels(google_credentials_file=path)
    with pytest.raises(ProviderError) as refused:
        await broken.client()

    assert refused.value.code == "google_stt_auth"
    assert not refused.value.retryable
    assert refused.value.detail.isidentifier()
    await broken.aclose()


@pytest.mark.parametrize(
    ("text", "target", "here"),
    [
        ("eu-speech.googleapis.com", "eu-speech.googleapis.com:443", False),
        ("speech.googleapis.com:8443", "speech.googleapis.com:8443", False),
        ("127.0.0.1:50051", "127.0.0.1:50051", True),
        ("localhost:50051", "localhost:50051", True),
        ("[::1]:50051", "[::1]:50051", True),
        ("127.0.0.1.example.com:443", "127.0.0.1.example.com:443", False),
        ("192.168.1.5:50051", "192.168.1.5:50051", False),
    ],
)
def test_only_this_machine_is_reached_in_the_open(text: str, target: str, here: bool) -> None:
    endpoint = Endpoint.parse(text, "GOOGLE_STT_ENDPOINT")

    assert (endpoint.target, endpoint.is_here) == (target, here)
