"""Where the sidecar's files are, which token it shares with us, and what it says of itself.

The sidecar itself is a program of its own (sidecars/baileys); how it is started is in
cli/whatsapp.py.
"""

from pathlib import Path
from typing import Any

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.errors import ConfigError, ProviderError
from dalpak.services.owner_only import kept_secret
from dalpak.services.whatsapp.exchange import Lost, ask, http_client, text_of

FOLDER = "whatsapp"
TOKEN_FILE = "sidecar-token"


def sidecar_folder(settings: Settings) -> Path:
    """The account's keys and the sidecar's memory: as secret as the account."""
    return settings.data_dir / FOLDER


def sidecar_token(settings: Settings) -> str:
    """BAILEYS_TOKEN, else the one that whoever asks first makes. It opens the sidecar's door and signs
    what the sidecar tells us. Raises ConfigError when its file is not ours alone."""
    told = settings.baileys_token.get_secret_value()
    if told:
        return told
    path = sidecar_folder(settings) / TOKEN_FILE
    token = kept_secret(path, SystemClock().new_secret())
    if not token:
        raise ConfigError("BAILEYS_TOKEN", "***", f"a token; {path} cannot be used")
    return token


class Sidecar:
    """Its pages for people: how it stands, and pairing. Messages go by `baileys.py`."""

    def __init__(self, url: str, token: str) -> None:
        self._client = http_client(url, headers={"authorization": f"Bearer {token}"})

    async def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Its answer. Raises ProviderError with its own word for what it refuses."""
        request = {} if body is None else {"json": body}
        answer = await ask(self._client, method, path, **request)
        if isinstance(answer, Lost):
            raise ProviderError("unreachable", answer.reason)
        if answer.status != 200 or answer.body is None:
            raise ProviderError(text_of((answer.body or {}).get("error")) or "provider_down")
        return answer.body

    async def aclose(self) -> None:
        await self._client.aclose()
