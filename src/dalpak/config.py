"""Settings: every knob of the process, with unit, default and reason. The only reader of the environment.

Names in capitals are the operator's own words (SPEC D1 and others); each field is read from the environment
variable of the same name, or from `.env`. What a business may choose for itself is in its policy, not here.
"""

import ipaddress
import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dalpak.errors import ConfigError


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise ValueError("an origin such as https://voice.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc}"


Origin = Annotated[str, AfterValidator(_origin)]


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Frozen after start. `Settings()` reads the environment; tests pass values."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # -- process -----------------------------------------------------------------------------
    host: str = "127.0.0.1"
    """Address to bind. Anything but loopback needs ADMIN_PASSWORD_HASH."""
    port: int = Field(8080, ge=1, le=65535)
    """8080 needs no privilege and is where people look for a development server."""
    debug: bool = False
    """True allows per-call debug logs. Never per frame (SPEC E2)."""
    log_format: str = Field("auto", pattern="^(auto|json|console)$")
    """`json` for machines, `console` for people; `auto` asks whether standard error is a terminal."""
    data_dir: Path = Path("data")
    """Where the embedded database, the prompt cache and call journals live."""
    database_url: str = ""
    """SQLAlchemy async URL; empty means SQLite in DATA_DIR."""
    run_migrations_on_start: bool = True
    """Migrate at startup only, never in a request or a call (SPEC A5)."""
    seed_demo: bool = True
    """Create the demo salon when the database has no business at all."""
    drain_deadline_s: float = Field(900.0, gt=0)
    """How long SIGTERM waits for live calls. A call may last max_call_s; deploys should not cut it."""

    # -- telephony -----------------------------------------------------------------------------
    public_base_url: Origin = "http://127.0.0.1:8080"
    """The origin Twilio calls. Signatures and the TwiML socket URL come from it, never from Host headers."""
    twilio_account_sid: str = ""
    """Calls of another account are refused; empty accepts the account that the signature proves."""
    twilio_auth_token: SecretStr = SecretStr("")
    """Signs webhooks and sockets. Without it the Twilio routes answer 403 to everything (fail closed); where HOST and
    PUBLIC_BASE_URL are both loopback, `dalpak serve` then makes a local one that only `dalpak simulate` can read."""
    twilio_auth_token_next: SecretStr = SecretStr("")
    """Accepted beside the first while the token is being rotated."""
    stream_token_ttl_s: float = Field(60.0, gt=0, le=300)
    """Webhook to socket takes about a second; a minute covers retries."""
    pre_start_timeout_s: float = Field(3.0, gt=0)
    """A socket without a valid `start` is closed after this."""
    max_pending_sockets: int = Field(20, ge=1)
    """Sockets that have not proved themselves yet, in the whole process."""
    max_pending_per_ip: int = Field(5, ge=1)
    """The same from one address; Twilio opens one socket per call and starts it within milliseconds."""
    ws_max_size_bytes: int = Field(65_536, ge=4_096)
    """Twilio's frames are under 1 KiB; a 16 MiB frame would stall every call for 144 ms."""
    dead_socket_s: float = Field(3.0, gt=0)
    """Twilio sends a frame every 20 ms, silence included: none for this long means the socket is dead."""
    max_live_calls: int = Field(50, ge=1)
    """Admission cap: active plus reserved calls of this process."""

    # -- the conversation (SPEC D1) --------------------------------------------------------------
    stt_partial_debounce_ms: int = Field(40, ge=0, le=200)
    """Partials closer together than this are merged; the first of an utterance is never delayed (40-60)."""
    vad_hangover_ms: int = Field(120, ge=20, le=1000)
    """Quiet after which the STT is asked for its final (120-160); shorter cuts words, longer costs every turn."""
    min_utt_sec: float = Field(0.20, ge=0, le=2)
    """A shorter burst without words is noise (0.20-0.25)."""
    stt_timeout_ms: int = Field(240, ge=50, le=5000)
    """Wait for the final after asking; then the last partial counts."""
    commit_pause_ms: int = Field(300, ge=0, le=2000)
    """Quiet after the final before a turn is committed; a speaker who goes on is not cut off."""
    filler_after_ms: int = Field(900, ge=100)
    """Nothing to play this long after the caller's last word: a filler. Later is felt as a dead line."""
    reply_timeout_ms: int = Field(2500, ge=200)
    """First useful output of the agent; after it the built-in agent answers on the same state."""
    tts_timeout_ms: int = Field(1000, ge=100)
    """First audio of a sentence; after it the bank's apology is played instead."""
    idle_prompt_ms: int = Field(6_000, ge=1000)
    """Quiet until the caller is asked again; people need about this long to look at a calendar."""
    idle_goodbye_ms: int = Field(20_000, ge=2000)
    """Quiet until the call is ended kindly."""
    max_call_s: float = Field(900.0, gt=10)
    """A booking takes two minutes; a call of fifteen is stuck or abuse."""
    max_call_warning_s: float = Field(780.0, gt=5)
    """When the caller is told that the call will end."""
    playout_lead_ms: int = Field(200, ge=60, le=500)
    """Audio sent ahead of playback: an event-loop stall shorter than this is inaudible."""
    playout_buffer_s: float = Field(30.0, gt=1)
    """Audio kept for sending; past it the producer waits."""

    # -- voice -----------------------------------------------------------------------------------
    tts_provider: str = "espeak"
    """`espeak` speaks the built-in phrases through the espeak-ng program when it is installed (a demo voice)."""
    espeak_program: str = "espeak-ng"
    """Name or path. A program of its own, never linked in: it is GPL."""
    espeak_voice: str = "he"
    """espeak-ng's voice for Hebrew phonemes."""
    espeak_words_per_minute: int = Field(190, ge=80, le=400)
    """Measured: 165 sounds like dictation, above 220 words run together."""
    prompt_cache_dir: Path | None = None
    """Where rendered prompts are kept; empty means DATA_DIR/prompts. Instances on one machine may share it."""
    stt_provider: str = "none"
    """`none`: a phone caller books by keypad; typed text works everywhere."""
    agent_provider: str = "builtin"
    """`builtin` needs no key and is what every other agent falls back to."""

    # -- admin page --------------------------------------------------------------------------------
    admin_password_hash: SecretStr = SecretStr("")
    """argon2id, made by `dalpak password`. Needed as soon as HOST is not loopback."""
    session_idle_s: float = Field(1800.0, gt=0)
    """An admin who went away is asked again (OWASP: 15-30 minutes)."""
    session_max_s: float = Field(43_200.0, gt=0)
    """A working day."""

    # -- follow-up -----------------------------------------------------------------------------------
    flows_enabled: bool = True
    """False sends nothing and keeps the events; for commands and tests."""
    flows_poll_s: float = Field(0.2, gt=0)
    """How often the flow queue is looked at: the delay of a confirmation against idle CPU (about 1 %)."""
    stale_call_s: float = Field(60.0, gt=0)
    """A call row not touched for this long belongs to a dead process; the reaper closes it."""
    messenger: str = "outbox"
    """`outbox` keeps the text in the database; nothing leaves the machine."""
    summary_to: str = Field("business", pattern="^(business|caller)$")
    """Who reads the summary of a call. The caller should only get what they expect to."""

    @property
    def is_loopback(self) -> bool:
        """True when only this machine can reach the pages."""
        return is_loopback(self.host)

    @property
    def public_is_loopback(self) -> bool:
        """True when the origin that is signed means this machine: no carrier can be behind it."""
        return is_loopback(urlsplit(self.public_base_url).hostname or "")

    @cached_property
    def db_url(self) -> str:
        return (
            self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'dalpak.db').absolute()}"
        )

    @property
    def twilio_auth_tokens(self) -> tuple[str, ...]:
        """Every token a signature may have been made with; empty means Twilio is not set up."""
        tokens = (self.twilio_auth_token, self.twilio_auth_token_next)
        return tuple(t.get_secret_value() for t in tokens if t.get_secret_value())

    @property
    def public_ws_url(self) -> str:
        """The socket URL of the TwiML, exactly as it is signed."""
        return self.public_base_url.replace("http", "ws", 1) + "/ws/twilio"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises ConfigError naming the variable, what stood there is not repeated if secret."""
    try:
        settings = Settings(**overrides)
    except ValidationError as e:
        first = e.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        shown = "***" if "TOKEN" in name or "PASSWORD" in name else first.get("input", "?")
        raise ConfigError(name, shown, first["msg"]) from None
    if not settings.is_loopback and not settings.admin_password_hash.get_secret_value():
        raise ConfigError(
            "ADMIN_PASSWORD_HASH",
            "",
            f"a password hash, because HOST is {settings.host!r} (make one: dalpak password)",
        )
    return settings


def environment_with(**changes: str) -> dict[str, str]:
    """This process's environment with these variables changed: for a process of our own."""
    return {**os.environ, **changes}
