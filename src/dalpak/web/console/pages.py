"""The pages: the test call, and the way in. Templates hold the words; facts come from the API."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dalpak.web.console.access import COOKIE, CSRF_FIELD, access_of, at_this_machine, same_origin
from dalpak.web.console.render import page
from dalpak.web.console.visit import Visit

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

PASSWORD_MAX = 1024
"""Characters; argon2 of a megabyte would be an attack on the core."""


async def index(visit: Visit) -> Response:
    """The test call."""
    limits = visit.ext.calls.kit.limits
    return page(
        "test_call.html",
        businesses=visit.businesses,
        csrf=visit.csrf,
        has_voice=visit.ext.bank.voice != "silent",
        targets={
            "stt_final_ms": 900,
            "ai_latency_ms": 1500,
            "tts_ready_ms": 400,
            "total_ms": limits.reply_timeout_ms,
        },
    )


async def login(request: Request) -> Response:
    ext: Extensions = request.app.state.extensions
    access = access_of(request)
    if access.allows(ext, request):
        return RedirectResponse("/", 303)
    if request.method == "GET":
        return page("login.html", error="")
    if not same_origin(request):
        return page("login.html", 403, error="origin")
    form = await request.form(max_fields=4, max_files=0)
    password = str(form.get("password", ""))[:PASSWORD_MAX]
    secret = await access.log_in(ext, password)
    if secret is None:
        locked = access.locked(ext)
        return page("login.html", 429 if locked else 401, error="locked" if locked else "wrong")
    response = RedirectResponse("/", 303)
    response.set_cookie(
        COOKIE,
        secret,
        httponly=True,
        samesite="lax",
        # Over plain http to this very machine the browser would not send it back.
        secure=ext.settings.public_base_url.startswith("https:") and not at_this_machine(request),
        max_age=round(ext.settings.session_max_s),
    )
    return response


async def logout(request: Request) -> Response:
    ext: Extensions = request.app.state.extensions
    access = access_of(request)
    form = await request.form(max_fields=4, max_files=0)
    if not same_origin(request) or not access.csrf_ok(request, str(form.get(CSRF_FIELD, ""))):
        return Response("forbidden", 403)
    await access.log_out(ext, request)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response
