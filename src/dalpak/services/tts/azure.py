"""Azure's Hebrew voices over the documented REST call: SSML in, raw 8 kHz mu-law back while it is being made.

One HTTP client for the process, its connections kept between sentences. No caching here: the bank does that.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape, quoteattr

import httpx

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.services.resilience import Provider, each_within
from dalpak.services.tts.wav import bare

PATH = "/cognitiveservices/v1"
FORMAT = "raw-8khz-8bit-mono-mulaw"
AGENT = "dalpak"
"""They refuse a request without the name of its program."""
CONNECT_S = 1.0
KEEPALIVE_S = 900.0
"""Beyond the pings, 7.5 minutes apart: a new connection costs a sentence three round trips."""
CONNECTIONS_MAX = 100
TEXT_MAX_CHARS = 2_000
LONGEST_BYTES = 60 * SAMPLE_RATE_HZ
"""No sentence lasts a minute: what does has no end."""
LOCALE_VOICES = {"en-US": "en-US-JennyNeural"}
"""For a language that the configured voice does not speak."""

REASONS = {
    400: ("tts_refused", False),
    401: ("tts_unauthenticated", False),
    403: ("tts_unauthenticated", False),
    415: ("tts_refused", False),
    429: ("tts_quota", True),
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def fault_of(status: int) -> ProviderError:
    code, retryable = REASONS.get(status, ("tts_unavailable", True))
    return ProviderError(code, f"azure {status}", retryable)


def ssml(text: str, *, voice: str, locale: str) -> str:
    """What callers say (names) is in the text: it must not become markup, or break it."""
    words = escape(_CONTROLS.sub(" ", text))
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis"'
        f" xml:lang={quoteattr(locale)}><voice name={quoteattr(voice)}>{words}</voice></speak>"
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """A response whose first sound is here."""

    response: httpx.Response
    first: bytes
    rest: AsyncIterator[bytes]


class AzureTts:
    """`ports.tts.TextToSpeech`."""

    name = "azure"

    def __init__(self, *, url: str, key: str, voice: str, timeout_s: float, clock: Clock) -> None:
        self.voice = voice
        self._timeout_s = timeout_s
        self._provider = Provider("azure", clock)
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={
                "Ocp-Apim-Subscription-Key": key,
                "Content-Type": "application/ssml+xml",
                "X-Microsoft-OutputFormat": FORMAT,
                "User-Agent": AGENT,
            },
            timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
            limits=httpx.Limits(
                max_connections=CONNECTIONS_MAX,
                max_keepalive_connections=CONNECTIONS_MAX,
                keepalive_expiry=KEEPALIVE_S,
            ),
            trust_env=False,
        )

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        """Letters only: they list no phonemes for Hebrew."""
        text = spoken.text[:TEXT_MAX_CHARS]
        if not text.strip():
            return
        body = ssml(text, voice=LOCALE_VOICES.get(locale, self.voice), locale=locale)
        answer = await self._provider.ask(
            partial(self._begin, body), within_s=self._timeout_s, code="tts_timeout"
        )
        given = len(answer.first)
        try:
            yield answer.first
            async with aclosing(self._rest(answer)) as chunks:
                async for chunk in chunks:
                    given += len(chunk)
                    if given > LONGEST_BYTES:
                        raise ProviderError("tts_endless")
                    yield chunk
        finally:
            await answer.response.aclose()

    async def _begin(self, body: str) -> _Answer:
        """Up to the first sound. Raises ProviderError, and leaves nothing open then."""
        request = self._http.build_request("POST", PATH, content=body.encode())
        try:
            response = await self._http.send(request, stream=True)
        except httpx.ReadTimeout:
            raise ProviderError("tts_timeout") from None
        except httpx.HTTPError as e:
            raise ProviderError("tts_unreachable", type(e).__name__) from None
        try:
            if response.status_code != httpx.codes.OK:
                raise fault_of(response.status_code)
            chunks = response.aiter_raw()
            async for chunk in chunks:
                if first := bare(chunk):
                    return _Answer(response, first, chunks)
            raise ProviderError("tts_empty")
        except httpx.HTTPError as e:
            await response.aclose()
            raise ProviderError("tts_cut", type(e).__name__) from None
        except BaseException:
            await response.aclose()
            raise

    async def _rest(self, answer: _Answer) -> AsyncGenerator[bytes, None]:
        waits = each_within(
            answer.rest, first_s=self._timeout_s, next_s=self._timeout_s, code="tts_stalled"
        )
        try:
            async with aclosing(waits) as chunks:
                async for chunk in chunks:
                    if chunk:
                        yield chunk
        except httpx.ReadTimeout:
            raise ProviderError("tts_stalled") from None
        except httpx.HTTPError as e:
            raise ProviderError("tts_cut", type(e).__name__) from None

    async def aclose(self) -> None:
        await self._http.aclose()
