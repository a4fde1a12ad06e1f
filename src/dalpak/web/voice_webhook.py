"""Twilio's HTTP webhooks: a call comes in, its stream ends, it is over. Each answers with TwiML,
after a signature.

Idempotent by CallSid: Twilio repeats what it got no answer to, and a repeat finds the same call.
Nothing here touches a provider; the socket (media_ws_ai.py) is where a conversation begins.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dalpak.config import Settings
from dalpak.domain.records import CallEnd, CallRecord, TenantScope, TraceRecord
from dalpak.errors import ProviderError
from dalpak.language.registry import LANGUAGES, language
from dalpak.web import twiml
from dalpak.web.arrivals import Arrivals
from dalpak.web.twilio_auth import Form, TwilioAuth, signed_form

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

MAX_ATTACHMENTS = 5
"""How often one call may open a socket or be asked to wait; past it something is broken."""

DEFAULT_LANGUAGE = "he"
"""For a call whose business is not known."""

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")

_FINAL = {
    "completed": CallEnd.CALLER,
    "busy": CallEnd.CARRIER,
    "failed": CallEnd.CARRIER,
    "no-answer": CallEnd.CARRIER,
    "canceled": CallEnd.CALLER,
}
"""Call statuses after which there is no call, and what the log says if nobody noticed its end
before.
"""

Handler = Callable[["Extensions", Form, int], Awaitable[Response]]


def token_digest(token: str) -> str:
    """What is stored of a stream token: the token itself is known to Twilio only."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class VoiceWebhook:
    """The handlers, and what they share with each other and with the media socket. One per app."""

    def __init__(self, settings: Settings, auth: TwilioAuth, arrivals: Arrivals) -> None:
        self._settings = settings
        self._auth = auth
        self._arrivals = arrivals

    def routes(self) -> list[BaseRoute]:
        table: dict[str, Handler] = {
            "/voice/incoming": self.incoming,
            "/voice/after": self.after,
            "/voice/resume": self.after,
            "/voice/after-dial": self.after_dial,
            "/voice/stream-status": self.stream_status,
            "/voice/status": self.status,
        }
        return [Route(path, self._signed(do), methods=["POST"]) for path, do in table.items()]

    def _signed(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """403 to everything that Twilio did not sign, before anything else happens."""

        async def endpoint(request: Request) -> Response:
            extensions: Extensions = request.app.state.extensions
            form = await signed_form(request, self._auth)
            ours = self._settings.twilio_account_sid
            if form is None or (ours and form.get("AccountSid") != ours):
                extensions.log.warning("TWILIO_WEBHOOK_REFUSED", path=request.scope["path"])
                return PlainTextResponse("forbidden", 403)
            if not _SID.fullmatch(form.get("CallSid", "")):
                return PlainTextResponse("no CallSid", 400)
            attempt = _count(request.query_params.get("attempt"))
            try:
                return await handler(extensions, form, attempt)
            except ProviderError as fault:
                path = request.scope["path"]
                extensions.log.error("TWILIO_WEBHOOK_FAILED", path=path, error=str(fault))
                return self._again(path, attempt)

        return endpoint

    async def incoming(self, extensions: "Extensions", form: Form, attempt: int) -> Response:
        """A caller dialled a number of ours. The business is the one that has it; nothing else says
        who it is.
        """
        known = await extensions.store.scope_of_call(external_id=form["CallSid"])
        if known is not None:
            return await self._attach(extensions, known[1], attempt=max(attempt, 1))
        if extensions.drain.draining:
            return self._again("/voice/incoming", attempt)
        business = await extensions.store.business_by_number(form.get("To", ""))
        if business is None:
            extensions.log.warning("CALL_TO_UNKNOWN_NUMBER", called=form.get("To", ""))
            return _say(DEFAULT_LANGUAGE, "twiml_unknown_number")
        now_ms = extensions.clock.monotonic_ms()
        if not self._arrivals.expect(form["CallSid"], extensions.calls, now_ms):
            extensions.log.warning("CALL_REFUSED_BUSY", business_id=business.id)
            return _say(business.language, "twiml_busy")
        now = extensions.clock.now()
        caller = form.get("From", "")
        record = CallRecord(
            id=extensions.clock.new_id("call_"),
            business_id=business.id,
            transport="twilio",
            external_id=form["CallSid"],
            account_id=form.get("AccountSid", ""),
            caller=caller if _E164.fullmatch(caller) else None,
            called=form.get("To"),
            started_at=now,
            last_seen_at=now,
        )
        async with extensions.store.writing(TenantScope(business.id)) as changes:
            call = await changes.open_call(record)
        return await self._attach(extensions, call, attempt=1)

    async def after(self, extensions: "Extensions", form: Form, attempt: int) -> Response:
        """The media socket is closed. The CallLog says whether that was the end, a transfer, or a
        break.
        """
        known = await extensions.store.scope_of_call(external_id=form["CallSid"])
        if known is None:
            return _say(DEFAULT_LANGUAGE, "twiml_goodbye")
        scope, call = known
        if call.end_reason is CallEnd.TRANSFERRED:
            return await self._transfer(extensions, scope)
        if attempt >= MAX_ATTACHMENTS and call.ended_at is None:
            extensions.log.error("CALL_GIVEN_UP", call_id=call.id, attempts=attempt)
            async with extensions.store.writing(scope) as changes:
                now = extensions.clock.now()
                await changes.close_call(call.id, reason=CallEnd.CARRIER, now=now)
            return _say(DEFAULT_LANGUAGE, "twiml_goodbye")
        if extensions.drain.draining and call.ended_at is None:
            return self._again("/voice/resume", attempt)
        return await self._attach(extensions, call, attempt=attempt + 1)

    async def after_dial(self, extensions: "Extensions", form: Form, _attempt: int) -> Response:
        """The transfer is over. Nobody answered: say so and end; the call is closed and its lead is
        written.
        """
        answered = form.get("DialCallStatus") in {"completed", "answered"}
        extensions.log.info("TRANSFER_ENDED", status=form.get("DialCallStatus", ""))
        return _xml(twiml.hang_up()) if answered else _say(DEFAULT_LANGUAGE, "twiml_goodbye")

    async def stream_status(self, extensions: "Extensions", form: Form, _attempt: int) -> Response:
        """The only place where a failed handshake shows. An error is kept with the call, once."""
        if form.get("StreamEvent") != "stream-error":
            return Response(status_code=204)
        reason = form.get("StreamError", "")[:200]
        known = await extensions.store.scope_of_call(external_id=form["CallSid"])
        extensions.log.error(
            "TWILIO_STREAM_ERROR", call_id=known[1].id if known else "", error=reason
        )
        if known is not None:
            scope, call = known
            args: dict[str, object] = {"stream": form.get("StreamSid", "")[:64]}
            trace = TraceRecord(
                call.id, 0, "twilio.stream", args, False, reason, 0, extensions.clock.now()
            )
            async with extensions.store.writing(scope) as changes:
                told = await changes.traces(call.id)
                if not any((t.tool, t.args, t.reason) == (trace.tool, args, reason) for t in told):
                    await changes.add_trace(trace)
        return Response(status_code=204)

    async def status(self, extensions: "Extensions", form: Form, _attempt: int) -> Response:
        """The carrier's last word on a call: closes it, if nobody closed it before."""
        reason = _FINAL.get(form.get("CallStatus", ""))
        known = await extensions.store.scope_of_call(external_id=form["CallSid"])
        if reason is not None and known is not None:
            scope, call = known
            async with extensions.store.writing(scope) as changes:
                await changes.close_call(call.id, reason=reason, now=extensions.clock.now())
        return Response(status_code=204)

    async def _attach(
        self, extensions: "Extensions", call: CallRecord, *, attempt: int
    ) -> Response:
        """A socket for this call, with a token of its own; no socket for a call that is over."""
        if call.ended_at is not None:
            return _xml(twiml.hang_up())
        token = extensions.clock.new_secret()
        lives = timedelta(seconds=self._settings.stream_token_ttl_s)
        await extensions.store.mint_stream_token(
            digest=token_digest(token), call=call, expires_at=extensions.clock.now() + lives
        )
        resumed = call.stream_id is not None
        xml = twiml.connect(self._settings, token=token, attempt=attempt, resumed=resumed)
        return _xml(xml)

    async def _transfer(self, extensions: "Extensions", scope: TenantScope) -> Response:
        """To the business's own number, from its row: no model and no caller ever names one."""
        async with extensions.store.reading(scope) as questions:
            business = await questions.business()
        if business.owner_phone is None:
            return _say(business.language, "twiml_goodbye")
        return _xml(twiml.dial(self._settings, business.owner_phone))

    def _again(self, path: str, attempt: int) -> Response:
        """One sentence and the same question once more: by then another process may answer, or the
        database. Callbacks that nobody listens to are not worth it.
        """
        if path in {"/voice/stream-status", "/voice/status"}:
            return Response(status_code=503)
        if attempt >= MAX_ATTACHMENTS:
            return _say(DEFAULT_LANGUAGE, "twiml_busy")
        url = f"{self._settings.public_base_url}{path}?attempt={attempt + 1}"
        return _xml(twiml.say_and_retry(language(DEFAULT_LANGUAGE), "twiml_moment", url))


def _say(code: str, key: str) -> Response:
    return _xml(
        twiml.say_and_hang_up(language(code if code in LANGUAGES else DEFAULT_LANGUAGE), key)
    )


def _xml(text: str) -> Response:
    return Response(text, media_type="text/xml")


def _count(text: str | None) -> int:
    """The attempt that the URL carries; it is signed with the rest of the URL."""
    usable = text is not None and text.isascii() and text.isdigit() and len(text) < 6
    return int(text) if text is not None and usable else 0
