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


def _endpoint(value: str) -> str:
    """A key is sent there: over TLS, or to this machine only."""
    parts = urlsplit(value)
    local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not parts.netloc or not (parts.scheme == "https" or local):
        raise ValueError("an https address (plain http to this machine only)")
    return value.rstrip("/")


Endpoint = Annotated[str, AfterValidator(_endpoint)]
"""The base URL of a provider's API, with or without a path."""


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
    twilio_api_url: Endpoint = "https://api.twilio.com"
    """Twilio's REST API: another for its other regions (Ireland, Australia) or for a simulator."""
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
    max_loop_lag_ms: int = Field(80, ge=5, le=1000)
    """Event-loop lag (95 % of ten seconds) past which new calls hear that all lines are busy: the live ones come first,
    and their playout lead of 200 ms must not be used up."""

    # -- the conversation (SPEC D1) --------------------------------------------------------------
    stt_partial_debounce_ms: int = Field(40, ge=0, le=200)
    """Partials closer together than this are merged; the first of an utterance is never delayed (40-60)."""
    vad_hangover_ms: int = Field(120, ge=20, le=1000)
    """Quiet after which the STT is asked for its final (120-160); shorter cuts words, longer costs every turn."""
    min_utt_sec: float = Field(0.20, ge=0, le=2)
    """A shorter burst without words is noise (0.20-0.25)."""
    stt_timeout_ms: int = Field(240, ge=50, le=5000)
    """Wait for the final after asking; then the last partial counts."""
    commit_pause_ms: int = Field(500, ge=0, le=2000)
    """Quiet that ends the turn of a caller who speaks without pauses. Less, and we begin inside callers' turns in more
    than 5 of 100 (`make interaction`); a model's reply is drafted meanwhile, so that it costs nothing there."""
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
    stt_second: str = "none"
    """Another recogniser by the same names, for when the first fails; `none`: then the caller is led by keypad."""
    vad_provider: str = "silero"
    """`silero` tells a voice from noise by a model, where set-up could fetch it; `energy` by loudness alone. Neither is
    loaded without STT."""
    agent_provider: str = "builtin"
    """`builtin` needs no key and is what every other falls back to; `openai` is a model behind OPENAI_BASE_URL."""

    # -- the model (AGENT_PROVIDER=openai) ---------------------------------------------------------
    openai_api_key: SecretStr = SecretStr("")
    """Empty with OpenAI's own address: the built-in agent answers. A server of one's own may need none."""
    openai_base_url: Endpoint = "https://api.openai.com/v1"
    """Any server that speaks OpenAI's protocol, with its version path."""
    openai_api: str = Field("responses", pattern="^(responses|chat)$")
    """`responses` for OpenAI; `chat` (Chat Completions) is what most other servers speak."""
    openai_model: str = "gpt-5.6-luna"
    """Published first token with a full prompt: 0.53 s median, 0.72 s p95. Slower models miss the caller's patience."""
    llm_connect_timeout_ms: int = Field(1000, ge=50)
    """TCP and TLS to the model's server; a far one takes 300."""
    llm_first_token_ms: int = Field(1500, ge=50)
    """First useful token; after it the built-in agent answers. Below REPLY_TIMEOUT_MS, or that ends the turn first."""
    llm_stall_ms: int = Field(1000, ge=50)
    """Between two useful tokens; published streams pause for 0.3 s at the most."""
    llm_answer_ms: int = Field(8000, ge=200)
    """A whole answer of the model; a longer one is endless."""
    llm_keepalive_s: float = Field(900.0, gt=0)
    """An idle connection is kept this long: beyond a caller's pause and the pings 7.5 minutes apart."""
    llm_max_connections: int = Field(200, ge=1)
    """Model requests at one time in this process; each live call has one at most."""

    # -- voice: Google -----------------------------------------------------------------------------
    google_credentials_file: Path | None = None
    """A service account's JSON key. Empty: application default credentials, as on Google's own machines."""
    google_project: str = ""
    """The project that is billed; empty takes the one of the credentials. Only the v2 recogniser needs it."""
    google_connect_timeout_s: float = Field(1.0, gt=0, le=10)
    """Reaching the service: Israel to Google's European region is under 0.1 s; a caller notices 1 s."""
    google_keepalive_s: float = Field(20.0, ge=10, le=600)
    """A ping while a stream is open, so that a line that died without a word is noticed. Google refuses under 10."""
    google_channels: int = Field(2, ge=1, le=8)
    """Connections per service, shared by all calls: HTTP/2 carries about 100 streams each, and a call has up to two."""
    google_stt_api: str = Field("v2", pattern="^(v1|v2)$")
    """v2 has `chirp_3`, the only streaming model of it that hears Hebrew; v1 has the older `default` model."""
    google_stt_location: str = Field("eu", pattern="^[a-z0-9-]+$")
    """Of the v2 recogniser. Hebrew streaming is offered in the multi-regions `eu` and `us`."""
    google_stt_endpoint: str = ""
    """host[:port]; empty follows GOOGLE_STT_API and GOOGLE_STT_LOCATION. This machine's own address is reached without
    TLS and without credentials (a simulator); any other never is."""
    google_stt_model: str = ""
    """Empty: `chirp_3` on v2, `default` on v1; no telephony model hears Hebrew."""
    google_stt_sensitivity: str = Field("supershort", pattern="^(standard|short|supershort)$")
    """How soon chirp_3 ends an utterance by itself. Standard took 2.4 s for one word (livekit/agents#4804)."""
    google_stt_stream: str = Field("utterance", pattern="^(utterance|rolling)$")
    """`utterance` closes the stream to get the final at once and opens the next; `rolling` keeps one and asks with
    silence, for when opening streams turns out slow or dear."""
    google_stt_chunk_ms: int = Field(100, ge=20, le=200)
    """Audio per request: 100 ms cost 1.0 ms of CPU per call-second, 20 ms cost 2.5. A final never waits for it."""
    google_stt_boost: float = Field(10.0, ge=0, le=20)
    """Weight of the phrase hints (0-20); much above 10 hints are heard where they were not said."""
    google_stt_roll_s: float = Field(240.0, gt=0, le=290)
    """Age at which a stream is replaced at the next pause. Google ends it at 300 s whatever is being said."""
    google_stt_final_s: float = Field(1.5, gt=0, le=10)
    """Wait for a closed stream: then its last partial is its final, or, without a word of it, the stream is lost."""
    google_stt_pad_ms: int = Field(800, ge=0, le=3000)
    """Silence sent by `rolling` to ask for a final: more than the service's own end of utterance needs."""
    google_tts_endpoint: str = "eu-texttospeech.googleapis.com"
    """host[:port] of either region or `texttospeech.googleapis.com`. As with GOOGLE_STT_ENDPOINT, this machine's own
    address is reached without TLS."""
    google_tts_voice: str = "he-IL-Chirp3-HD-Aoede"
    """TTS_PROVIDER=google: streaming; only Chirp3-HD voices can."""
    google_tts_unary_voice: str = "he-IL-Wavenet-A"
    """TTS_PROVIDER=google_unary: a whole sentence at a time, 0.5-1 s (A and C are female, B and D male)."""
    google_tts_rate: float = Field(1.0, ge=0.25, le=2.0)
    """Speed; 1.0 is the voice's own."""
    google_tts_phonemes: bool = False
    """google_unary: IPA in SSML where we have it. Google does not list Hebrew phonemes: listen before turning it on."""
    google_tts_timeout_s: float = Field(1.5, gt=0, le=10)
    """First sound of a sentence, and between two pieces of it. The call plays its apology earlier (TTS_TIMEOUT_MS)."""

    # -- voice: the second providers, and a local ear ------------------------------------------------
    tts_second: str = "none"
    """Another voice by the same names as TTS_PROVIDER, for what the first fails to say or is slow with."""
    tts_second_after_ms: int = Field(450, ge=50, le=5000)
    """First sound awaited from TTS_PROVIDER before the second is asked too. Once the p95 of its latest sentences is
    known and smaller, that long: so about one sentence in twenty is asked twice. Well below TTS_TIMEOUT_MS."""
    soniox_api_key: SecretStr = SecretStr("")
    """From the Soniox console. STT_PROVIDER or STT_SECOND=soniox needs it."""
    soniox_url: Endpoint = "https://stt-rt.soniox.com"
    """Their address in the United States; other regions have their own. Or a simulator on this machine."""
    soniox_model: str = "stt-rt-v5"
    """Their real-time model; Hebrew is in its list."""
    soniox_open_timeout_s: float = Field(1.5, gt=0, le=10)
    """TCP, TLS and the WebSocket handshake: three round trips."""
    soniox_chunk_ms: int = Field(100, ge=20, le=500)
    """Audio per message; a final never waits for it."""
    soniox_keepalive_s: float = Field(8.0, gt=0, lt=20)
    """A line without audio is kept open by a message; they close it after 20 s."""
    soniox_silent_s: float = Field(1.5, gt=0, le=10)
    """Not a word, not even of progress, after a final was asked for: then the stream is opened again."""
    soniox_endpoint_ms: int = Field(700, ge=500, le=3000)
    """Their own longest wait for the end of an utterance, should we not ask. They allow 500-3000."""
    soniox_roll_s: float = Field(14_400.0, gt=0, lt=18_000)
    """Age at which a socket is replaced at the next pause. They end it at 300 minutes."""
    azure_speech_key: SecretStr = SecretStr("")
    """Key of an Azure Speech resource. TTS_PROVIDER or TTS_SECOND=azure needs it."""
    azure_tts_url: Endpoint = "https://westeurope.tts.speech.microsoft.com"
    """The resource's region, as a host. Or a simulator on this machine."""
    azure_tts_voice: str = "he-IL-HilaNeural"
    """Hila or Avri (`he-IL-AvriNeural`): the two Hebrew voices."""
    azure_tts_timeout_s: float = Field(1.5, gt=0, le=10)
    """First sound of a sentence, a retry included, and the wait between two pieces of it."""
    whisper_model: str = "ivrit-ai/whisper-large-v3-turbo-ct2"
    """STT_PROVIDER or STT_SECOND=whisper: a folder with a CTranslate2 model, or a name on the Hugging Face hub."""
    whisper_device: str = Field("auto", pattern="^(auto|cpu|cuda)$")
    """A large model keeps up with a call only on a GPU."""
    whisper_compute_type: str = "default"
    """`int8` halves memory and time on a CPU; `default` is what the model was saved in."""
    whisper_workers: int = Field(1, ge=1, le=16)
    """Utterances transcribed at a time; each takes WHISPER_THREADS cores."""
    whisper_threads: int = Field(4, ge=1, le=64)
    """CPU threads of one transcription; more than four gain little."""
    whisper_queue: int = Field(4, ge=0, le=100)
    """Utterances that may wait for a worker; one more is not transcribed, and its caller is asked again."""

    # -- admin page --------------------------------------------------------------------------------
    admin_password_hash: SecretStr = SecretStr("")
    """argon2id, made by `dalpak password`. Needed as soon as HOST is not loopback."""
    session_idle_s: float = Field(1800.0, gt=0)
    """An admin who went away is asked again (OWASP: 15-30 minutes)."""
    session_max_s: float = Field(43_200.0, gt=0)
    """A working day."""
    metrics_token: SecretStr = SecretStr("")
    """`Authorization: Bearer` for /metrics from another machine; empty answers this machine only."""

    # -- follow-up -----------------------------------------------------------------------------------
    flows_enabled: bool = True
    """False sends nothing and keeps the events; for commands and tests."""
    flows_here: bool = True
    """False: this server only hands flows over, and a `dalpak worker` beside it runs them."""
    flows_poll_s: float = Field(0.2, gt=0)
    """How often the flow queue is looked at: the delay of a confirmation against idle CPU (about 1 %)."""
    stale_call_s: float = Field(60.0, gt=0)
    """A call row not touched for this long belongs to a dead process; the reaper closes it."""
    messenger: str = "outbox"
    """`outbox` keeps the text in the database; nothing leaves the machine. Others: `whatsapp_cloud` (Meta),
    `twilio_whatsapp`, `twilio_sms`, `baileys`. Each needs its settings below."""
    whatsapp_numbers: dict[str, str] = {}
    """JSON, number to business id: whose a WhatsApp or SMS number is where it is not the number that callers dial.
    With one business in the database every number of ours is its own."""
    whatsapp_cloud_url: Endpoint = "https://graph.facebook.com/v26.0"
    """Meta's Graph API with its version, or a simulator. A version lives about two years."""
    whatsapp_cloud_phone_number_id: str = ""
    """Id of the sending number in Meta's app (not the number itself)."""
    whatsapp_cloud_token: SecretStr = SecretStr("")
    """Token of a system user: one of a person expires with their session."""
    whatsapp_cloud_app_secret: SecretStr = SecretStr("")
    """Signs Meta's webhooks. Without it every one of them is refused."""
    whatsapp_cloud_verify_token: SecretStr = SecretStr("")
    """A word of your own; Meta repeats it once, when the webhook is set up."""
    whatsapp_templates: dict[str, str] = {}
    """JSON, kind to Meta's template: {"confirmation": "appointment_confirmation/he"}. A kind may carry a language
    ("confirmation.en"); one that is not here has a template of its own name."""
    twilio_whatsapp_from: str = ""
    """Sending WhatsApp number, E.164. The account is TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN."""
    twilio_sms_from: str = ""
    """Sending SMS number, E.164, or the id of a messaging service (MG...)."""
    twilio_contents: dict[str, str] = {}
    """JSON, kind to Twilio's content template: {"confirmation": "HX..."}, or "confirmation.en". WhatsApp only."""
    baileys_url: Endpoint = "http://127.0.0.1:3999"
    """The Node sidecar (`dalpak whatsapp sidecar`); it listens on loopback only."""
    baileys_token: SecretStr = SecretStr("")
    """Shared with the sidecar, both ways. Empty: made once, in DATA_DIR/whatsapp, readable by its owner only."""
    baileys_new_contacts_per_day: int = Field(10, ge=0, le=1000)
    """People never written to before, a day. Accounts were restricted after 15 to 20."""
    summary_to: str = Field("business", pattern="^(business|caller|nobody)$")
    """Who reads the summary of a call, where the business has not chosen. The caller should only get what they
    expect to."""

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
    def baileys_port(self) -> int:
        """Where the sidecar listens."""
        return urlsplit(self.baileys_url).port or 3999

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
        secret = any(word in name for word in ("TOKEN", "PASSWORD", "KEY", "SECRET"))
        shown = "***" if secret else first.get("input", "?")
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
