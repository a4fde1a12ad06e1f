"""The page of a business's texts: each with its placeholders, an example, and a new one in its place.

What a text may hold is checked in `domain/templates.py`; a bad one is shown again with what is wrong.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dalpak.domain.records import TenantScope
from dalpak.errors import PolicyError
from dalpak.language.messages import MESSAGES
from dalpak.tools.messages import preview_of, save_text, texts_of
from dalpak.web.console import words
from dalpak.web.console.access import CSRF_FIELD, access_of, may_change
from dalpak.web.console.follow_up import chosen_business
from dalpak.web.console.render import page

if TYPE_CHECKING:
    from dalpak.extensions import Extensions


@dataclass(frozen=True, slots=True)
class Edited:
    """What somebody wrote and did not save: shown again as it was written."""

    kind: str
    text: str


async def texts(request: Request) -> Response:
    """GET: the texts. POST: `what` is preview, save or reset."""
    ext: Extensions = request.app.state.extensions
    access = access_of(request)
    if not access.allows(ext, request):
        return RedirectResponse("/login", 303)
    if request.method == "GET":
        wanted, code = (
            request.query_params.get("business", ""),
            request.query_params.get("language", ""),
        )
        return await _show(request, wanted, code, told=request.query_params.get("told", ""))
    form = await request.form(max_fields=8, max_files=0)
    if not may_change(ext, request, str(form.get(CSRF_FIELD, ""))):
        return Response("forbidden", 403)
    wanted, code = str(form.get("business", "")), str(form.get("language", ""))
    edited = Edited(str(form.get("kind", "")), str(form.get("text", "")).replace("\r\n", "\n"))
    return await _change(request, wanted, code, str(form.get("what", "")), edited)


async def _change(request: Request, wanted: str, code: str, what: str, edited: Edited) -> Response:
    ext: Extensions = request.app.state.extensions
    business = chosen_business(await ext.store.businesses(), wanted)
    if business is None or business.id != wanted or code not in MESSAGES:
        return Response("bad request", 400)
    scope, language = TenantScope(business.id), ext.language_of(code)
    try:
        if what == "preview":
            async with ext.store.reading(scope) as r:
                shown = await preview_of(r, language, edited.kind, edited.text, ext.clock.now())
            return await _show(request, wanted, code, edited=edited, preview=shown)
        if what not in ("save", "reset"):
            return Response("bad request", 400)
        async with ext.store.writing(scope) as w:
            await save_text(w, code, edited.kind, edited.text if what == "save" else None)
    except PolicyError as error:
        return await _show(request, wanted, code, edited=edited, error=error)
    told = "saved" if what == "save" else "reset"
    query = urlencode({"business": wanted, "language": code, "told": told})
    return RedirectResponse(f"/texts?{query}", 303)


async def _show(
    request: Request,
    wanted: str,
    code: str,
    *,
    told: str = "",
    edited: Edited | None = None,
    preview: str = "",
    error: PolicyError | None = None,
) -> Response:
    ext: Extensions = request.app.state.extensions
    session = access_of(request).session(ext, request)
    businesses = await ext.store.businesses()
    business = chosen_business(businesses, wanted)
    code = code if code in MESSAGES else (business.language if business else "he")
    found = []
    if business is not None:
        async with ext.store.reading(TenantScope(business.id)) as r:
            found = await texts_of(r, ext.language_of(code), ext.clock.now())
    return page(
        "texts.html",
        422 if error else 200,
        businesses=businesses,
        business=business,
        csrf=session.csrf if session else "",
        texts=found,
        language=code,
        languages=sorted(MESSAGES),
        words=words,
        edited=edited,
        preview=preview,
        error=error,
        told=told,
    )
