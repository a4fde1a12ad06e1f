"""The token with which the simulated Twilio signs when no real one is set up.

`dalpak serve` makes it, `dalpak simulate` on the same machine reads it; it lies in DATA_DIR,
readable by its owner only. It exists only where no carrier can be: no TWILIO_AUTH_TOKEN, HOST and
PUBLIC_BASE_URL both on loopback. Anything doubtful means no token, and then the telephone's routes
answer 403 to everybody, as without it. A tunnel to the port changes nothing: whoever comes through
it does not know the token.
"""

from pydantic import SecretStr

from dalpak.clock import Clock
from dalpak.config import Settings
from dalpak.services.owner_only import kept_secret, read_secret

NAME = "local-twilio-token"


def with_local_token(settings: Settings, clock: Clock) -> Settings:
    """The settings to serve with: the same ones, or with the local token as the auth token."""
    if not _wanted(settings):
        return settings
    path = settings.data_dir / NAME
    token = kept_secret(path, clock.new_secret())
    if not token:
        return settings
    return settings.model_copy(update={"twilio_auth_token": SecretStr(token)})


def signing_token(settings: Settings) -> str:
    """What a simulated Twilio must sign with to be believed here; empty when nothing would do."""
    if settings.twilio_auth_tokens:
        return settings.twilio_auth_tokens[0]
    return read_secret(settings.data_dir / NAME) if _wanted(settings) else ""


def _wanted(settings: Settings) -> bool:
    on_this_machine = settings.is_loopback and settings.public_is_loopback
    return on_this_machine and not settings.twilio_auth_tokens
