"""Calendars by link: a staff member's private feed, and the file of one appointment. Read-only.

The link is the key: 256 random bits of it, and no session. Whatever is wrong with a link is the same
404, so that nobody learns which businesses, people or appointments there are.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dalpak.domain.calendar_links import (
    APPOINTMENTS,
    ROOT,
    appointment_token,
    is_token,
    staff_subject,
)
from dalpak.domain.records import TenantScope
from dalpak.services.ics import MEDIA_TYPE, appointment_ics, staff_feed

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

PAST = timedelta(days=30)
"""How far back a feed goes."""
ID_MAX = 128
"""Characters of a path's part; ours are shorter."""
HEADERS = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}


def _not_there() -> Response:
    return PlainTextResponse("not found", 404, headers=HEADERS)


def _file(body: bytes, name: str) -> Response:
    headers = {**HEADERS, "content-disposition": f'inline; filename="{name}.ics"'}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


async def feed(request: Request) -> Response:
    """Everything a member of staff has in the diary, from a month ago on."""
    ext: Extensions = request.app.state.extensions
    path = request.path_params
    if any(len(part) > ID_MAX for part in path.values()):
        return _not_there()
    async with ext.store.reading(TenantScope(path["business_id"])) as reading:
        secret = await reading.known_calendar_token(staff_subject(path["resource_id"]))
        if secret is None or not is_token(path["token"], secret):
            return _not_there()
        people = {r.id: r for r in await reading.resources()}
        person = people.get(path["resource_id"])
        if person is None:
            return _not_there()
        now = ext.clock.now()
        rows = await reading.appointments(start=now - PAST, resource_id=person.id)
        body = staff_feed(
            await reading.business(),
            person,
            rows,
            services={s.id: s for s in await reading.services()},
            now=now,
        )
    return _file(body, "diary")


async def appointment(request: Request) -> Response:
    """The file that a confirmation links to; after a change it tells the new time."""
    ext: Extensions = request.app.state.extensions
    path = request.path_params
    if any(len(part) > ID_MAX for part in path.values()):
        return _not_there()
    async with ext.store.reading(TenantScope(path["business_id"])) as reading:
        secret = await reading.known_calendar_token(APPOINTMENTS)
        wanted = path["appointment_id"]
        if secret is None or not is_token(path["token"], appointment_token(secret, wanted)):
            return _not_there()
        row = await reading.appointment(wanted)
        if row is None:
            return _not_there()
        body = appointment_ics(
            await reading.business(),
            row,
            services={s.id: s for s in await reading.services()},
            staff={r.id: r for r in await reading.resources()},
            now=ext.clock.now(),
        )
    return _file(body, "appointment")


ROUTES: list[BaseRoute] = [
    Route(ROOT + "/{business_id}/staff/{resource_id}/{token}.ics", feed),
    Route(ROOT + "/{business_id}/appointment/{appointment_id}/{token}.ics", appointment),
]
