"""Our own HTTP client for OpenAI-compatible servers: one pool per process, short timeouts, connections that outlive a
pause in a conversation. No prompt, no tool and no retry here: who asks has a caller waiting and decides alone.
"""

import httpx2

from dalpak.clock import Clock
from dalpak.errors import ProviderError

READ_TIMEOUT_S = 8.0
"""Between two pieces of a body; only the last resort: the agent's own deadlines are shorter."""
PING_TIMEOUT_S = 5.0


class OpenAiHttp:
    """The pool and its warmth. `client` is what the vendor's library is given."""

    def __init__(
        self,
        clock: Clock,
        *,
        base_url: str,
        api_key: str,
        connect_s: float,
        keepalive_s: float,
        max_connections: int,
    ) -> None:
        self._clock = clock
        self._models = f"{base_url}/models"
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self.client = httpx2.AsyncClient(
            limits=httpx2.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections,
                keepalive_expiry=keepalive_s,
            ),
            timeout=httpx2.Timeout(READ_TIMEOUT_S, connect=connect_s, pool=connect_s),
        )

    async def ping(self) -> int:
        """Ask for the list of models, so that a connection is open; milliseconds it took.

        Raises ProviderError. A server without that list, or a key that may not see it, is as warm as one with it.
        """
        began = self._clock.monotonic_ms()
        try:
            answer = await self.client.get(
                self._models, headers=self._headers, timeout=PING_TIMEOUT_S
            )
        except httpx2.TimeoutException as late:
            raise ProviderError("timeout", type(late).__name__) from None
        except httpx2.HTTPError as fault:
            raise ProviderError("unreachable", type(fault).__name__) from None
        if answer.status_code == 401:
            raise ProviderError("auth_failed", "401", retryable=False)
        return self._clock.monotonic_ms() - began

    async def aclose(self) -> None:
        await self.client.aclose()
