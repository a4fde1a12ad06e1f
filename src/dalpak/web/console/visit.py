"""Who opens a page, and what every page is given: one guard in front of all of them.

A page that is not behind `for_admins` is open to everybody. What a page shows is decided there.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dalpak.domain.records import Business
from dalpak.web.console.access import CSRF_FIELD, access_of, may_change

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

FIELDS_MAX = 64
"""Of a form; the longest has about forty."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who may see the pages and, if it is a POST, change what is on them."""

    ext: "Extensions"
    request: Request
    csrf: str = field(repr=False)
    """The session's token, for the page's forms; empty where no password is set."""
    businesses: Sequence[Business]
    form: FormData = field(repr=False)
    """Empty for a GET."""

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    def asked(self, name: str) -> str:
        """One value of the form, or of the address; empty where there is none."""
        values = self.form if self.posted else self.request.query_params
        return str(values.get(name, ""))

    def business(self) -> Business | None:
        """The one that was asked for, else the first."""
        first = self.businesses[0] if self.businesses else None
        return next((b for b in self.businesses if b.id == self.asked("business")), first)


Page = Callable[[Visit], Awaitable[Response]]


def for_admins(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """The page behind its guard: others are sent to the login, and a form that no page of ours sent
    is refused."""

    async def answer(request: Request) -> Response:
        ext: Extensions = request.app.state.extensions
        access = access_of(request)
        if not access.allows(ext, request):
            return RedirectResponse("/login", 303)
        form = FormData()
        if request.method == "POST":
            form = await request.form(max_fields=FIELDS_MAX, max_files=0)
            if not may_change(ext, request, str(form.get(CSRF_FIELD, ""))):
                return Response("forbidden", 403)
        session = access.session(request)
        csrf = session.csrf if session else ""
        return await page(Visit(ext, request, csrf, await ext.store.businesses(), form))

    return answer
