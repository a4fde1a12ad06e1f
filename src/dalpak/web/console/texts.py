"""The page of a business's texts: each with its placeholders, an example, and a new one in its place.

What a text may hold is checked in `domain/templates.py`; a bad one is shown again with what is wrong.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from dalpak.domain.records import TenantScope
from dalpak.errors import PolicyError
from dalpak.language.messages import MESSAGES
from dalpak.tools.messages import preview_of, save_text, texts_of
from dalpak.web.console import words
from dalpak.web.console.render import page
from dalpak.web.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Edited:
    """What somebody wrote and did not save: shown again as it was written."""

    kind: str
    text: str


async def texts(visit: Visit) -> Response:
    """GET: the texts. POST: `what` is preview, save or reset."""
    if not visit.posted:
        return await _show(visit, told=visit.asked("told"))
    edited = Edited(visit.asked("kind"), visit.asked("text").replace("\r\n", "\n"))
    return await _change(visit, visit.asked("what"), edited)


async def _change(visit: Visit, what: str, edited: Edited) -> Response:
    ext, wanted, code = visit.ext, visit.asked("business"), visit.asked("language")
    business = visit.business()
    if business is None or business.id != wanted or code not in MESSAGES:
        return Response("bad request", 400)
    scope, language = TenantScope(business.id), ext.language_of(code)
    try:
        if what == "preview":
            async with ext.store.reading(scope) as r:
                shown = await preview_of(r, language, edited.kind, edited.text, ext.clock.now())
            return await _show(visit, edited=edited, preview=shown)
        if what not in ("save", "reset"):
            return Response("bad request", 400)
        async with ext.store.writing(scope) as w:
            await save_text(w, code, edited.kind, edited.text if what == "save" else None)
    except PolicyError as error:
        return await _show(visit, edited=edited, error=error)
    told = "saved" if what == "save" else "reset"
    query = urlencode({"business": wanted, "language": code, "told": told})
    return RedirectResponse(f"/texts?{query}", 303)


async def _show(
    visit: Visit,
    *,
    told: str = "",
    edited: Edited | None = None,
    preview: str = "",
    error: PolicyError | None = None,
) -> Response:
    ext, business, code = visit.ext, visit.business(), visit.asked("language")
    code = code if code in MESSAGES else (business.language if business else "he")
    found = []
    if business is not None:
        async with ext.store.reading(TenantScope(business.id)) as r:
            found = await texts_of(r, ext.language_of(code), ext.clock.now())
    return page(
        "texts.html",
        422 if error else 200,
        businesses=visit.businesses,
        business=business,
        csrf=visit.csrf,
        texts=found,
        language=code,
        languages=sorted(MESSAGES),
        words=words,
        edited=edited,
        preview=preview,
        error=error,
        told=told,
    )
