"""The token with which the simulated Twilio signs when no real one is set up.

`dalpak serve` makes it, `dalpak simulate` on the same machine reads it; it lies in DATA_DIR,
readable by its owner only. It exists only where no carrier can be: no TWILIO_AUTH_TOKEN, HOST and
PUBLIC_BASE_URL both on loopback. Anything doubtful means no token, and then the telephone's routes
answer 403 to everybody, as without it. A tunnel to the port changes nothing: whoever comes through
it does not know the token.
"""

import os
import stat
from pathlib import Path

from pydantic import SecretStr

from dalpak.clock import Clock
from dalpak.config import Settings

NAME = "local-twilio-token"
MAX_BYTES = 256


def with_local_token(settings: Settings, clock: Clock) -> Settings:
    """The settings to serve with: the same ones, or with the local token as the auth token."""
    if not _wanted(settings):
        return settings
    path = settings.data_dir / NAME
    token = _read(path) or _create(path, clock.new_secret())
    if not token:
        return settings
    return settings.model_copy(update={"twilio_auth_token": SecretStr(token)})


def signing_token(settings: Settings) -> str:
    """What a simulated Twilio must sign with to be believed here; empty when nothing would do."""
    if settings.twilio_auth_tokens:
        return settings.twilio_auth_tokens[0]
    return _read(settings.data_dir / NAME) if _wanted(settings) else ""


def _wanted(settings: Settings) -> bool:
    on_this_machine = settings.is_loopback and settings.public_is_loopback
    return on_this_machine and not settings.twilio_auth_tokens


def _read(path: Path) -> str:
    """The token, or nothing when the file is not ours alone: another user may have put it there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            return ""
        return file.read(MAX_BYTES).decode("ascii", "replace").strip()


def _create(path: Path, token: str) -> str:
    """A new file, never through one that is there already; nothing when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return ""
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    return token
