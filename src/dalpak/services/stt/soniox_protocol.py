"""What is said over Soniox's WebSocket, as plain data: the opening message, tokens to transcripts, error codes.

No socket and no task in here. Tokens are provisional or final; `<fin>` answers our finalize, `<end>` is their own
endpoint: what was final up to there is one utterance.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.errors import ProviderError
from dalpak.ports.stt import Transcript

MARKERS = frozenset({"<fin>", "<end>"})
KEEP_ALIVE = json.dumps({"type": "keepalive"})
HINTS_MAX = 100
HINT_MAX = 60
"""Characters. Their context takes 8,000 tokens in all; few and short terms work best."""

REASONS = {
    400: ("stt_refused", False),
    401: ("stt_unauthenticated", False),
    402: ("stt_quota", False),
    403: ("stt_unauthenticated", False),
    408: ("stt_idle", True),
    429: ("stt_quota", True),
    503: ("stt_restart", True),
}
"""Of their error codes, which are those of HTTP. 503 in a session asks for a new one and blames nobody."""


def fault_of(status: int) -> ProviderError:
    code, retryable = REASONS.get(status, ("stt_unavailable", True))
    return ProviderError(code, f"soniox {status}", retryable)


@dataclass(frozen=True, slots=True)
class SonioxOptions:
    url: str
    """https:// or, to a simulator on this machine, http://"""
    api_key: str = field(repr=False)
    model: str
    open_s: float
    chunk_ms: int
    keepalive_s: float
    """They close after 20 s without audio or a keep-alive."""
    silent_s: float
    """Nothing at all heard this long after a finalize: the service is mute."""
    endpoint_ms: int
    hangover_ms: int
    """Quiet that has already been sent when we ask for the final."""
    roll_s: float

    @property
    def address(self) -> str:
        return self.url.replace("http", "ws", 1) + "/transcribe-websocket"

    def start_message(self, locale: str, hints: Sequence[str]) -> str:
        terms = list(dict.fromkeys(hint[:HINT_MAX] for hint in hints if hint.strip()))[:HINTS_MAX]
        return json.dumps(
            {
                "model": self.model,
                "audio_format": "mulaw",
                "sample_rate": SAMPLE_RATE_HZ,
                "num_channels": 1,
                "language_hints": [locale.split("-")[0]],
                "language_hints_strict": True,
                "enable_endpoint_detection": True,
                "max_endpoint_delay_ms": self.endpoint_ms,
                **({"context": {"terms": terms}} if terms else {}),
            },
            ensure_ascii=False,
        )

    @property
    def finalize_message(self) -> str:
        return json.dumps({"type": "finalize", "trailing_silence_ms": self.hangover_ms})


@dataclass(frozen=True, slots=True)
class Reply:
    tokens: tuple[dict[str, object], ...] = ()
    error_code: int | None = None
    finished: bool = False

    @property
    def marked(self) -> bool:
        """An utterance was ended by them or at our asking."""
        return any(token.get("text") in MARKERS for token in self.tokens)


def reply_of(message: str | bytes) -> Reply | None:
    """None for what is not a reply of theirs."""
    try:
        data = json.loads(message)
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    tokens, code = data.get("tokens", []), data.get("error_code")
    if not isinstance(tokens, list) or not isinstance(code, int | None):
        return None
    kept = tuple(t for t in tokens if isinstance(t, dict) and isinstance(t.get("text"), str))
    if tokens and not kept:
        return None
    return Reply(kept, code, data.get("finished") is True)


class Words:
    """Tokens of one socket to transcripts: text grows by partials and is told once as a final."""

    def __init__(self) -> None:
        self._final: list[str] = []
        self._sure: list[float] = []
        self._shown = ""

    @property
    def pending(self) -> bool:
        """Words were told that no final has taken up yet."""
        return bool(self._shown)

    def take(self, reply: Reply) -> list[Transcript]:
        """A reply without tokens tells of progress only; one with tokens tells all that are provisional."""
        if not reply.tokens:
            return []
        out: list[Transcript] = []
        provisional: list[str] = []
        for token in reply.tokens:
            text, sure = str(token["text"]), token.get("confidence")
            if text in MARKERS:
                out += self._finished()
            elif token.get("is_final"):
                self._final.append(text)
                if isinstance(sure, int | float):
                    self._sure.append(float(sure))
            else:
                provisional.append(text)
        now = "".join((*self._final, *provisional)).strip()
        if now and now != self._shown:
            self._shown = now
            out.append(Transcript(now, final=False))
        return out

    def _finished(self) -> list[Transcript]:
        text = "".join(self._final).strip()
        sure = sum(self._sure) / len(self._sure) if self._sure else None
        self._final, self._sure, self._shown = [], [], ""
        return [Transcript(text, final=True, confidence=sure)] if text else []
